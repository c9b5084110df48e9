"""The event goes into the calendar that the inviter chose, or, where that is gone, where the default rule says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.calendar import CalendarInfo, Connection, ConnectionState, Event
from bot.domain.calendar_choice import DEFAULT, CalendarChoice
from bot.domain.ids import ConnectionId
from bot.domain.invitation import Draft
from bot.domain.people import Person
from bot.errors import CalendarUnreadableError, FormError
from bot.ports import UnitOfWorkFactory
from bot.services.event_calendars import EventCalendars
from bot.services.event_needs import EventNeeds
from bot.services.events import Events
from tests.cast import BEN, DANA, PRIYA, WORKSPACE, ManualClock
from tests.fakes import FakeCalendar, FakeDirectory
from tests.servers import DEADLINE_S
from tests.town import Town, ids
from tests.world import PUBLIC_URL, Stage, threads

TEAM = CalendarInfo("https://calendars.example/" + "team/" * 60, "Team events")
HOLIDAYS = CalendarInfo("holidays", "Holidays", can_write=False)


class SeveralCalendars(FakeCalendar):
    """Every account has its own calendar, *Team events*, and one that it may only read."""

    def __init__(self, key: str, *, delivers: bool) -> None:
        super().__init__(key, delivers=delivers)
        self.listed = 0
        self.more: tuple[CalendarInfo, ...] = (TEAM, HOLIDAYS)
        self.is_down = False
        self.answering = Signal()
        self.answering.set()

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        self.listed += 1
        self.answering.wait(DEADLINE_S)
        if self.is_down:
            raise CalendarUnreadableError("The calendar does not answer.")
        return (*super().calendars(connection), *self.more)


@pytest.fixture
def google() -> SeveralCalendars:
    return SeveralCalendars("google", delivers=True)


@pytest.fixture
def town(unit_of_work: UnitOfWorkFactory, google: SeveralCalendars) -> Town:
    town = Town(unit_of_work)
    town.google = google
    systems = {system.key: system for system in (google, town.microsoft, town.caldav)}
    town.stage = Stage(unit_of_work, systems=systems)
    return town


def choice(town: Town, inviter: Person = DANA, **fields: Any) -> CalendarChoice:
    draft = town.stage.draft(inviter, **fields)
    details = town.stage.services.seating.details(draft.workspace_id, draft.fields)
    return town.stage.services.event_calendars.choice(inviter, draft.fields, details)


def now_offered(town: Town) -> CalendarChoice:
    """To Dana, whatever she has typed."""
    return town.stage.services.event_calendars.choice(DANA, {}, None)


def value(town: Town, name: str, inviter: Person = DANA) -> str:
    """What the field holds once the calendar of this name is chosen."""
    [found] = [one.value for one in choice(town, inviter).offers if one.name == name]
    return found


def places(system: FakeCalendar) -> list[str]:
    return sorted(place for place, _ in system.events)


def only(system: FakeCalendar) -> Event:
    [event] = system.events.values()
    return event


def emails(event: Event) -> list[str]:
    return [attendee.email for attendee in event.attendees]


def another_account(town: Town, **changes: Any) -> Connection:
    """Dana's second account at Google."""
    second = Connection(ConnectionId("second"), WORKSPACE, DANA.user_id, "google", "dana@private.example")
    second = replace(second, **changes)
    with town.stage.unit_of_work(write=True) as unit:
        unit.connections.put(second)
        unit.commit()
    return second


def refusal(town: Town, draft: Draft, **fields: Any) -> str:
    with pytest.raises(FormError) as refused:
        town.stage.services.invitations.send(DANA, draft, fields)
    assert list(refused.value.fields) == [f.CALENDAR]
    with town.stage.unit_of_work() as unit:
        assert unit.drafts.get(draft.id), "nothing was sent, and nothing is lost"
    return str(refused.value)


# ---------------------------------------------------------------- what is offered


def test_own_calendars_that_can_be_written_are_offered_after_the_default(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    offered = choice(town)
    assert [(one.name, one.account) for one in offered.offers] == [
        (DANA.email, DANA.email),
        ("Team events", DANA.email),
    ]
    assert all(len(one.value) <= 75 for one in offered.offers), "a menu's values may not be longer"


@pytest.mark.parametrize(
    ("members", "holder"),
    [
        ((DANA, PRIYA), "your own"),
        ((PRIYA, DANA), "your own"),
        ((PRIYA,), "Priya Raman’s"),
        ((PRIYA, BEN), "Priya Raman’s"),
    ],
)
def test_default_says_whose_it_will_be(town: Town, members: tuple[Person, ...], holder: str) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="google")
    assert choice(town, members=ids(*members)).default_holder == holder


def test_default_names_nobody_while_it_depends_on_who_is_assigned(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="google")
    either = choice(town, members=ids(PRIYA), alternatives={PRIYA.user_id: [BEN.user_id]})
    assert either.default_holder == "the first Team member’s"


def test_account_that_cannot_be_listed_is_named_and_only_the_default_is_left(
    town: Town, google: SeveralCalendars
) -> None:
    town.stage.connect(DANA, provider="google")
    google.is_down = True
    offered = choice(town)
    assert (offered.offers, offered.unread) == ((), (DANA.email,))


def test_choice_stays_on_offer_while_its_calendars_cannot_be_listed(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, provider="google")
    chosen = value(town, "Team events")
    town.stage.clock.advance(timedelta(minutes=11))
    google.is_down = True
    assert [one.value for one in choice(town, calendar=chosen).offers] == [chosen]


def test_broken_connection_offers_nothing(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    another_account(town, state=ConnectionState.BROKEN)
    assert [one.account for one in now_offered(town).offers] == [DANA.email]


# ---------------------------------------------------------------- never slow


def test_lists_are_asked_for_once_in_ten_minutes(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, provider="google")
    for _ in range(3):
        now_offered(town)
    assert google.listed == 1
    town.stage.clock.advance(timedelta(minutes=11))
    now_offered(town)
    assert google.listed == 2


def test_failure_is_asked_again_after_ten_seconds(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, provider="google")
    google.is_down = True
    assert now_offered(town).unread
    google.is_down = False
    assert now_offered(town).unread
    town.stage.clock.advance(timedelta(seconds=11))
    assert not now_offered(town).unread


@pytest.fixture
def patient(town: Town, google: SeveralCalendars) -> Iterator[EventCalendars]:
    """The service over real threads, with next to no patience."""
    with threads(4) as pool:
        unit_of_work, directory = town.stage.unit_of_work, FakeDirectory()
        needs = EventNeeds(unit_of_work, directory, Events(unit_of_work, directory, {"google": google}, PUBLIC_URL))
        yield EventCalendars(unit_of_work, directory, {"google": google}, ManualClock(), pool, needs, patience_s=0.01)
        google.answering.set()


def test_slow_account_holds_nobody_up_and_is_asked_once(
    town: Town, google: SeveralCalendars, patient: EventCalendars
) -> None:
    town.stage.connect(DANA, provider="google")
    google.answering.clear()
    patient.warm(DANA)
    assert patient.choice(DANA, {}, None) == CalendarChoice("the first Team member’s", (), (DANA.email,))
    patient.choice(DANA, {}, None)
    assert google.listed == 1


def test_list_that_came_late_is_there_the_next_time(
    town: Town, google: SeveralCalendars, patient: EventCalendars
) -> None:
    town.stage.connect(DANA, provider="google")
    google.answering.clear()
    assert patient.choice(DANA, {}, None).offers == ()
    google.answering.set()
    details = town.stage.services.seating.details(WORKSPACE, town.stage.draft().fields)
    named = {f.CALENDAR: f"google-{DANA.user_id}/{TEAM.key}"}
    chosen = patient.chosen(DANA, named, details)
    assert chosen is not None
    assert chosen.calendar == TEAM.id
    assert [one.name for one in patient.choice(DANA, {}, None).offers] == [DANA.email, "Team events"]


# ---------------------------------------------------------------- where the event lies


def test_event_is_created_in_the_chosen_calendar_and_cancelled_there(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    invitation = town.book(members=ids(DANA, PRIYA), calendar=value(town, "Team events"))
    assert places(google) == [TEAM.id]
    assert emails(only(google)) == [DANA.email, PRIYA.email, "anna@acme.com"]
    town.cancel(invitation)
    assert (places(google), only(google).status) == ([TEAM.id], "cancelled")


def test_default_stays_the_default(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    town.book(members=ids(PRIYA), calendar=DEFAULT)
    assert places(google) == [PRIYA.email]


def test_inviter_who_takes_no_part_may_keep_the_event(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="google")
    invitation = town.book(members=ids(PRIYA, BEN), calendar=value(town, "Team events"))
    assert places(google) == [TEAM.id]
    event = only(google)
    assert event.organizer.email == DANA.email
    assert DANA.email not in emails(event), "told, not invited"
    assert event.summary == "Roadmap review (Anna Ruiz and Priya Raman)"
    assert town.attention(invitation) == []


def test_second_account_is_the_one_that_the_event_knows_the_inviter_by(town: Town, google: SeveralCalendars) -> None:
    """Else Google would invite the inviter's first account to a meeting of their second one."""
    town.stage.connect(DANA, PRIYA, provider="google")
    another_account(town)
    town.book(members=ids(DANA, PRIYA), calendar=value(town, "dana@private.example"))
    event = only(google)
    assert (places(google), event.organizer.email) == (["dana@private.example"], "dana@private.example")
    assert emails(event) == ["dana@private.example", PRIYA.email, "anna@acme.com"]


def test_chosen_calendar_that_does_not_deliver_gets_its_copy_beside_the_members(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, provider="caldav")
    invitation = town.book(members=ids(PRIYA), calendar=value(town, DANA.email))
    assert places(town.caldav) == [DANA.email, PRIYA.email]
    assert {uid for _, uid in town.caldav.events} == {town.meeting(invitation).uid}
    assert [mail["To"].addresses[0].addr_spec for mail in town.stage.mailer.sent] == ["anna@acme.com"]
    town.cancel(invitation)
    assert {event.status for event in town.caldav.events.values()} == {"cancelled"}


def test_event_is_created_where_it_was_chosen_on_behalf_too(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    stage, on_behalf = town.stage, town.stage.services.on_behalf
    draft = stage.services.drafts.begin(
        DANA,
        {
            f.PARTICIPANT_NAME: "Anna Ruiz",
            f.EMAIL: "anna@acme.com",
            f.SUBJECT: "Call",
            f.MODE: "on_behalf",
            f.CALENDAR: f"google-{DANA.user_id}/{TEAM.key}",
        },
    )
    [(_, [first, *_]), *_] = on_behalf.page(DANA, draft).days
    slot = first.start.strftime("%Y-%m-%dT%H:%M:%SZ")
    draft = stage.services.drafts.save(draft, on_behalf.pick(draft, slot, over=False))
    on_behalf.schedule(DANA, draft, {})
    stage.deliver()
    assert places(google) == [TEAM.id]


# ---------------------------------------------------------------- what is gone


@pytest.mark.parametrize("is_broken", [False, True])
def test_calendar_that_is_gone_when_booked_gives_way_to_the_default_and_the_inviter_is_told(
    town: Town, google: SeveralCalendars, is_broken: bool
) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    another_account(town)
    invitation = town.stage.invite(members=ids(PRIYA), calendar=value(town, "dana@private.example"))
    if is_broken:
        another_account(town, state=ConnectionState.BROKEN)
    else:
        with town.stage.unit_of_work(write=True) as unit:
            unit.connections.delete(ConnectionId("second"))
            unit.commit()
    town.stage.book(invitation)
    town.stage.deliver()
    assert places(google) == [PRIYA.email]
    [(_, remark)] = [told for told in town.news("booked") if told[0] == DANA.user_id]
    assert "does not work any more" in str(remark)
    assert (PRIYA.user_id, "") in town.news("booked"), "the others have nothing to do with it"


def test_calendar_that_is_gone_when_sent_is_refused_at_its_field(town: Town, google: SeveralCalendars) -> None:
    town.stage.connect(DANA, provider="google")
    draft = town.stage.draft(calendar=value(town, "Team events"))
    google.more = (HOLIDAYS,)
    town.stage.clock.advance(timedelta(minutes=11))
    assert "not there any more" in refusal(town, draft)
    assert "not there any more" in refusal(town, draft, calendar=f"google-{DANA.user_id}/{HOLIDAYS.key}")
    assert town.stage.services.invitations.send(DANA, draft, {f.CALENDAR: DEFAULT}).letter.calendar is None


def test_calendar_that_cannot_be_listed_when_sent_is_refused_and_never_taken_for_another(
    town: Town, google: SeveralCalendars
) -> None:
    town.stage.connect(DANA, provider="google")
    draft = town.stage.draft(calendar=value(town, "Team events"))
    google.is_down = True
    town.stage.clock.advance(timedelta(minutes=11))
    assert "cannot be read just now" in refusal(town, draft)


@pytest.mark.parametrize("foreign", ["google-U0PRIYA/{key}", "nobody/{key}", "{key}/", "/{key}", "a/b/c"])
def test_calendar_of_somebody_else_cannot_be_chosen(town: Town, foreign: str) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    draft = town.stage.draft()
    chosen = foreign.format(key=TEAM.key)
    if chosen.startswith("/"):
        assert town.stage.services.invitations.send(DANA, draft, {f.CALENDAR: chosen}).letter.calendar is None
    else:
        assert "not connected any more" in refusal(town, draft, calendar=chosen)


def test_meet_needs_a_google_calendar(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    with town.stage.unit_of_work(write=True) as unit:
        unit.connections.put(Connection(ConnectionId("x-dav"), WORKSPACE, DANA.user_id, "caldav", "dana@dav.example"))
        unit.commit()
    draft = town.stage.draft(conferencing="meet")
    chosen = value(town, "dana@dav.example")
    assert "Google Meet needs a Google calendar" in refusal(town, draft, calendar=chosen)


# ---------------------------------------------------------------- templates


def test_template_keeps_the_calendar_for_its_owner_while_it_is_connected(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    chosen = value(town, "Team events")
    templates = town.stage.services.templates
    template = templates.save(DANA, "Demo", town.stage.draft(calendar=chosen).fields, is_shared=True)
    today = town.stage.clock().date()
    assert templates.apply(template, DANA, today)[f.CALENDAR] == chosen
    assert templates.apply(template, PRIYA, today)[f.CALENDAR] == DEFAULT
    town.disconnect(DANA, "google")
    assert templates.apply(template, DANA, today)[f.CALENDAR] == DEFAULT
