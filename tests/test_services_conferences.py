"""Conferences: made with the event or beside it, told to everybody, and never a reason to lose a booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from bot.domain.calendar import Conference, EventStatus
from bot.domain.delivery import DeliveryKind
from bot.domain.event_copies import Trouble
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.errors import DeliveryError, FormError
from bot.ports import UnitOfWorkFactory
from bot.services.conferences import note_link
from tests.cast import BEN, CHARLIE, DANA, PRIYA, WORKSPACE
from tests.fakes import FakeConferences, FakeMailer
from tests.town import Town, ids
from tests.world import Stage

DOWN = DeliveryError("Zoom does not answer.")
LINKS = {"meet": "https://google.example/join", "teams": "https://microsoft.example/join"}


def bodies(town: Town) -> list[str]:
    return [mail.get_body(("plain",)).get_content() for mail in town.stage.mailer.sent]  # type: ignore[union-attr]


def wait(town: Town, seconds: int) -> None:
    town.stage.clock.advance(timedelta(seconds=seconds))
    town.stage.deliver()


def booked_while_zoom_is_down(town: Town, failures: int) -> Invitation:
    town.stage.connect(DANA, provider="caldav")
    invitation = town.stage.invite(conferencing="zoom")
    town.stage.book(invitation)
    town.stage.conferences.failures = [DOWN] * failures
    town.stage.deliver()
    return invitation


def test_zoom_meeting_is_there_before_the_event_and_the_mail(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    invitation = town.book(conferencing="zoom")
    meeting = town.meeting(invitation)
    assert meeting.join_url == f"https://zoom.example/j/zoom-{meeting.id}"
    [event] = town.caldav.events.values()
    assert event.sequence == 0
    assert meeting.join_url in event.description
    assert event.location == meeting.join_url
    [body] = bodies(town)
    assert meeting.join_url in body
    look = town.stage.services.booking.look(invitation.token)
    assert look.meeting is not None
    assert look.meeting.join_url == meeting.join_url


def test_zoom_meeting_goes_with_the_meeting(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    invitation = town.book(conferencing="zoom")
    assert list(town.stage.conferences.made.values()) == [town.meeting(invitation).start]
    town.cancel(invitation)
    assert town.stage.conferences.made == {}


def test_late_link_reaches_event_and_confirmation_which_waited(town: Town) -> None:
    invitation = booked_while_zoom_is_down(town, 1)
    [event] = town.caldav.events.values()
    assert "zoom.example" not in event.description
    assert bodies(town) == []
    wait(town, 20)
    [body] = bodies(town)
    assert town.meeting(invitation).join_url in body
    [event] = town.caldav.events.values()
    assert town.meeting(invitation).join_url in event.description
    assert event.sequence == 1, "it was told without the link before"


def test_confirmation_does_not_wait_longer_than_two_minutes_and_the_link_follows(town: Town) -> None:
    invitation = booked_while_zoom_is_down(town, 3)
    wait(town, 20)
    wait(town, 60)
    wait(town, 41)
    [body] = bodies(town)
    assert "The link to join follows in an email of its own." in body
    wait(town, 180)
    [_, follow_up] = bodies(town)
    assert town.meeting(invitation).join_url in follow_up
    assert town.stage.mailer.sent[1]["Subject"].startswith("Link to join: Roadmap review")
    wait(town, 3600)
    assert len(bodies(town)) == 2


class SlowMailServer(FakeMailer):
    """Something happens while a letter is on its way, once."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = meanwhile

    def send(self, message: EmailMessage) -> None:
        super().send(message)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()


def test_link_found_while_the_confirmation_is_on_its_way_follows_once(unit_of_work: UnitOfWorkFactory) -> None:
    def zoom_answers() -> None:
        stage.services.attention.write_again(DANA, town.meeting(invitation).id)
        for delivery in stage.services.deliveries.claim("another worker"):
            stage.services.deliveries.carry_out(delivery, "another worker")

    town = Town(unit_of_work)
    stage = town.stage = Stage(unit_of_work, mailer=SlowMailServer(zoom_answers), systems=town.stage.systems)
    invitation = booked_while_zoom_is_down(town, 3)
    wait(town, 20)
    wait(town, 60)
    wait(town, 41)
    wait(town, 3600)
    first, follow_up = bodies(town)
    link = town.meeting(invitation).join_url
    assert link
    assert link not in first
    assert link in follow_up
    wait(town, 7200)
    assert len(bodies(town)) == 2


def test_customer_who_gets_no_confirmation_gets_no_link_by_mail_either(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    invitation = town.stage.invite(conferencing="zoom")
    town.stage.book(invitation)
    with town.stage.unit_of_work(write=True) as unit:
        meeting = town.meeting(invitation)
        note_link(unit, meeting, invitation, Conference("z", "https://zoom.example/j/z"), town.stage.clock())
        kinds = [delivery.kind for delivery in unit.outbox.pending(meeting.id)]
    assert DeliveryKind.MAIL_JOIN_LINK not in kinds, "nobody has been told anything without it"


def test_conference_that_cannot_be_made_is_shown_soon_and_tried_on(town: Town) -> None:
    invitation = booked_while_zoom_is_down(town, 4)
    for pause in (20, 60, 180):
        wait(town, pause)
    assert town.news("needs_attention") == [(DANA.user_id, "")]
    [finding] = town.attention(invitation)
    assert (finding.trouble, finding.detail) == (Trouble.NO_CONFERENCE, "Zoom does not answer.")
    wait(town, 600)
    assert town.attention(invitation) == []
    assert town.meeting(invitation).join_url


def test_conference_can_be_tried_again_by_hand_and_is_made_once(town: Town) -> None:
    invitation = booked_while_zoom_is_down(town, 3)
    for pause in (20, 60):
        wait(town, pause)
    town.stage.services.attention.write_again(DANA, town.meeting(invitation).id)
    town.stage.deliver()
    assert list(town.stage.conferences.made) == [f"zoom-{town.meeting(invitation).id}"]
    wait(town, 7200)
    assert len(town.stage.conferences.made) == 1
    assert town.attention(invitation) == []


def test_conference_of_a_meeting_cancelled_before_it_was_made_is_never_made(town: Town) -> None:
    invitation = booked_while_zoom_is_down(town, 1)
    town.cancel(invitation)
    wait(town, 7200)
    assert town.stage.conferences.made == {}


def test_conference_that_was_made_unheard_of_is_deleted_with_the_meeting(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    town.stage.conferences.loses_answers = True
    invitation = town.book(conferencing="zoom")
    assert town.meeting(invitation).conference_id == ""
    assert len(town.stage.conferences.made) == 1
    town.cancel(invitation)
    assert town.stage.conferences.made == {}


@pytest.mark.parametrize(("kind", "provider"), [("meet", "google"), ("teams", "microsoft")])
def test_calendar_makes_its_own_conference_and_the_link_is_everywhere(town: Town, kind: str, provider: str) -> None:
    town.stage.connect(DANA, PRIYA, provider=provider)
    invitation = town.book(members=ids(DANA, PRIYA), conferencing=kind)
    [event] = town.google.events.values() or town.microsoft.events.values()
    assert event.conference == kind
    assert town.meeting(invitation).join_url == LINKS[kind]
    [body] = bodies(town)
    assert LINKS[kind] in body
    assert town.attention(invitation) == []


def test_calendar_that_is_slow_with_the_link_is_read_again(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    town.google.link = ""
    invitation = town.book(conferencing="meet")
    assert town.meeting(invitation).join_url == ""
    town.google.link = LINKS["meet"]
    [uid] = {uid for _, uid in town.google.events}
    town.google.events[DANA.email, uid] = replace(town.google.events[DANA.email, uid], join_url=LINKS["meet"])
    town.stage.clock.advance(timedelta(seconds=60))
    town.stage.services.reconcile.read_due()
    town.stage.deliver()
    assert town.meeting(invitation).join_url == LINKS["meet"]
    assert LINKS["meet"] in bodies(town)[0]
    assert town.attention(invitation) == []


def test_event_without_its_link_needs_attention(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    town.google.link = ""
    invitation = town.book(conferencing="meet")
    for _ in range(3):
        town.stage.clock.advance(timedelta(seconds=61))
        town.stage.services.reconcile.read_due()
        town.stage.deliver()
    assert [finding.trouble for finding in town.attention(invitation)] == [Trouble.NO_LINK]


def test_meet_in_another_calendar_is_said_at_once_and_the_booking_stands(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    town.stage.connect(PRIYA, provider="caldav")
    invitation = town.stage.invite(members=ids(DANA), conferencing="meet")
    town.disconnect(DANA, "google")
    town.stage.connect(DANA, provider="caldav")
    town.stage.book(invitation)
    town.stage.deliver()
    [finding] = town.attention(invitation)
    assert finding.trouble is Trouble.NO_CONFERENCE
    assert len(bodies(town)) == 1, "the confirmation waits for nothing"


def test_only_what_is_connected_is_offered(town: Town) -> None:
    def offered(person: Person) -> tuple[ConferencingKind, ...]:
        return town.stage.services.conferences.offered(person, {})

    assert ConferencingKind.MEET not in offered(DANA)
    town.stage.connect(DANA, provider="google")
    town.stage.connect(BEN, provider="microsoft")
    assert ConferencingKind.MEET in offered(DANA)
    assert ConferencingKind.TEAMS not in offered(DANA)
    assert ConferencingKind.TEAMS in offered(BEN)
    assert ConferencingKind.ZOOM in offered(PRIYA)


@pytest.mark.parametrize(
    ("members", "is_refused"),
    [((DANA,), True), ((BEN, DANA), True), ((PRIYA,), False), ((PRIYA, DANA), True), ((BEN,), True)],
)
def test_meet_is_refused_where_the_event_would_lie_in_another_calendar(
    town: Town, members: tuple[Person, ...], is_refused: bool
) -> None:
    """Dana invites: the event lies with her where she takes part, else with the first member."""
    town.stage.connect(DANA, BEN, provider="caldav")
    town.stage.connect(PRIYA, provider="google")
    if not is_refused:
        assert town.stage.draft(members=ids(*members), conferencing="meet")
        return
    with pytest.raises(FormError) as refused:
        town.stage.draft(members=ids(*members), conferencing="meet")
    assert list(refused.value.fields) == ["conferencing"]
    assert "Google Meet needs a Google calendar" in str(refused.value)


# ---------------------------------------------------------------- another host


class HostedConferences(FakeConferences):
    """A conference is its host's; whoever has none of it cannot begin it."""

    def _id(self, meeting: Meeting, host: str) -> str:
        return f"{host}-{meeting.tracking_id}"


def booked_with_ben_and_priya(unit_of_work: UnitOfWorkFactory) -> tuple[Town, HostedConferences, Invitation]:
    town = Town(unit_of_work)
    zoom = HostedConferences()
    town.stage = Stage(unit_of_work, systems=town.stage.systems, conferences=zoom)
    town.stage.connect(DANA, PRIYA, BEN, CHARLIE, provider="caldav")
    return town, zoom, town.book(members=ids(BEN, PRIYA), conferencing="zoom")


def reassign(town: Town, invitation: Invitation, out: Person, came: Person) -> None:
    town.stage.services.reassigning.reassign(DANA, town.meeting(invitation).id, out.user_id, came.user_id)
    town.stage.deliver()


def test_conference_of_a_host_who_is_replaced_is_made_anew_and_told(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, invitation = booked_with_ben_and_priya(unit_of_work)
    old = town.meeting(invitation)
    assert old.conference_id.startswith(BEN.email)
    town.stage.mailer.sent.clear()
    reassign(town, invitation, BEN, CHARLIE)
    new = town.meeting(invitation)
    assert list(zoom.made) == [new.conference_id]
    assert new.conference_id.startswith(CHARLIE.email)
    assert {event.location for event in town.caldav.events.values() if event.status is EventStatus.CONFIRMED} == {
        new.join_url
    }
    *_, last = bodies(town)
    assert new.join_url in last
    assert old.join_url not in last


def test_conference_stays_with_a_host_who_stays(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, invitation = booked_with_ben_and_priya(unit_of_work)
    link = town.meeting(invitation).join_url
    reassign(town, invitation, PRIYA, CHARLIE)
    assert town.meeting(invitation).join_url == link
    assert len(zoom.made) == 1


def test_old_link_works_until_the_new_one_is_there(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, invitation = booked_with_ben_and_priya(unit_of_work)
    link = town.meeting(invitation).join_url
    zoom.failures = [DOWN]
    reassign(town, invitation, BEN, CHARLIE)
    assert town.meeting(invitation).join_url == link
    assert len(zoom.made) == 1
    wait(town, 20)
    assert town.meeting(invitation).join_url != link
    assert list(zoom.made) == [town.meeting(invitation).conference_id]


def test_host_who_is_replaced_and_comes_back_has_one_conference(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, invitation = booked_with_ben_and_priya(unit_of_work)
    link = town.meeting(invitation).join_url
    town.stage.services.reassigning.reassign(DANA, town.meeting(invitation).id, BEN.user_id, CHARLIE.user_id)
    reassign(town, invitation, CHARLIE, BEN)
    assert town.meeting(invitation).join_url == link
    assert len(zoom.made) == 1


def test_host_who_is_replaced_while_the_conference_is_being_made_has_none(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, _ = booked_with_ben_and_priya(unit_of_work)
    other = town.stage.invite(members=ids(BEN, PRIYA), conferencing="zoom", email="bob@acme.com")
    town.stage.book(other)
    create, meeting = zoom.create, town.meeting(other)

    def meanwhile(*args: Any, **named: Any) -> Conference:
        zoom.create = create  # type: ignore[method-assign]  # once
        made = create(*args, **named)
        town.stage.services.reassigning.reassign(DANA, meeting.id, BEN.user_id, CHARLIE.user_id)
        return made

    zoom.create = meanwhile  # type: ignore[method-assign]  # once
    town.stage.deliver()
    assert town.meeting(other).conference_id.startswith(CHARLIE.email)
    assert len(zoom.made) == 2, "one a meeting"


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_former_host_keeps_no_conference_that_nobody_heard_of(
    unit_of_work: UnitOfWorkFactory, is_cancelled: bool
) -> None:
    town, zoom, _ = booked_with_ben_and_priya(unit_of_work)
    zoom.made.clear()
    zoom.loses_answers = True
    other = town.book(members=ids(BEN, PRIYA), conferencing="zoom", email="bob@acme.com")
    assert list(zoom.made) == [f"{BEN.email}-{other.tracking_id}"]
    reassign(town, other, BEN, CHARLIE)
    reassign(town, other, CHARLIE, BEN)
    reassign(town, other, BEN, CHARLIE)
    zoom.loses_answers = False
    if is_cancelled:
        town.cancel(other)
    wait(town, 7200)
    assert list(zoom.made) == ([] if is_cancelled else [f"{CHARLIE.email}-{other.tracking_id}"])


def test_conference_that_was_deleted_at_the_vendor_is_made_anew_for_its_host(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, invitation = booked_with_ben_and_priya(unit_of_work)
    meeting = town.meeting(invitation)
    zoom.made.clear()
    start = meeting.start + timedelta(hours=1)
    town.stage.services.moves.move(DANA, meeting.id, start, meeting.start, "")
    town.stage.deliver()
    assert zoom.made == {f"{BEN.email}-{meeting.tracking_id}": start}
    assert town.meeting(invitation).conference_id in zoom.made


def test_conference_of_a_host_who_has_left_slack_is_the_installations_own(unit_of_work: UnitOfWorkFactory) -> None:
    town, zoom, _ = booked_with_ben_and_priya(unit_of_work)
    other = town.stage.invite(members=ids(BEN, PRIYA), conferencing="zoom", email="bob@acme.com")
    town.stage.book(other)
    del town.stage.directory.known[WORKSPACE, BEN.user_id]
    town.stage.deliver()
    assert town.meeting(other).conference_id == f"-{other.tracking_id}"
    assert town.meeting(other).conference_id in zoom.made
