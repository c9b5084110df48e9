"""The event lies where it belongs, and everybody is invited once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot.domain.calendar import Connection, ConnectionState, Event, EventStatus
from bot.domain.delivery import LEASE, DeliveryKind
from bot.domain.event_copies import Finding, Trouble
from bot.domain.ids import POOL_PREFIX, ConnectionId, ResourceId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.errors import DeliveryError
from bot.ports import UnitOfWorkFactory
from bot.services.attention import AttentionDesk
from tests.cast import BEN, CHARLIE, DANA, PRIYA, WORKSPACE
from tests.fakes import FakeMailer
from tests.pool_cast import SALES, a_pool
from tests.town import Town, ids
from tests.world import Stage

DOWN = DeliveryError("The calendar does not answer.")


def to(message: EmailMessage) -> str:
    return str(message["To"].addresses[0].addr_spec)


def invites(message: EmailMessage, method: str = "REQUEST") -> bool:
    """Whether the mail is an iTIP message."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return any(part.get_param("method") == method for part in parts)


def emails(event: Event) -> list[str]:
    return [attendee.email for attendee in event.attendees]


# ---------------------------------------------------------------- who holds it


def test_calendar_that_delivers_holds_one_event_with_everybody_in_it(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="google")
    invitation = town.book(members=ids(DANA, PRIYA), optional_members=ids(BEN))
    [(place, event)] = [(place, event) for (place, _), event in town.google.events.items()]
    assert place == DANA.email
    assert emails(event) == [DANA.email, PRIYA.email, BEN.email, "anna@acme.com"]
    assert [attendee.email for attendee in event.attendees if attendee.optional] == [BEN.email]
    assert [(to(mail), invites(mail)) for mail in town.stage.mailer.sent] == [("anna@acme.com", False)]
    assert town.stage.services.booking.look(invitation.token).is_invited_by_calendar


def test_calendar_that_does_not_deliver_gets_a_copy_for_each_and_our_mail_invites(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, provider="caldav")
    invitation = town.book(members=ids(DANA, PRIYA))
    assert {place for place, _ in town.caldav.events} == {DANA.email, PRIYA.email}
    assert {uid for _, uid in town.caldav.events} == {town.meeting(invitation).uid}
    assert [(to(mail), invites(mail)) for mail in town.stage.mailer.sent] == [("anna@acme.com", True)]
    assert not town.stage.services.booking.look(invitation.token).is_invited_by_calendar


def test_inviter_who_is_no_member_is_told_and_not_invited(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="google")
    town.book(members=ids(PRIYA, BEN))
    [((place, _), event)] = town.google.events.items()
    assert place == PRIYA.email
    assert event.organizer.email == PRIYA.email
    assert DANA.email not in emails(event)
    assert ("news", DANA.user_id, "booked", "") in town.stage.notifier.told


def test_member_at_another_system_gets_a_copy_with_nobody_else_in_it(town: Town) -> None:
    """Else Google would invite everybody once more."""
    town.stage.connect(DANA, provider="caldav")
    town.stage.connect(PRIYA, provider="google")
    town.book(members=ids(DANA, PRIYA))
    [copy] = town.google.events.values()
    assert copy.attendees == ()
    assert "With Anna Ruiz, Dana Fox and Priya Raman" in copy.description
    [copy] = town.caldav.events.values()
    assert emails(copy) == [DANA.email, PRIYA.email, "anna@acme.com"]


def test_member_without_a_calendar_is_invited_by_our_mail_once(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    town.caldav.shared.add(BEN.email)
    invitation = town.book(members=ids(DANA, BEN))
    assert {place for place, _ in town.caldav.events} == {DANA.email}
    mails = [(to(mail), invites(mail)) for mail in town.stage.mailer.sent if invites(mail)]
    assert sorted(mails) == [("anna@acme.com", True), (BEN.email, True)]
    town.stage.mailer.sent.clear()
    town.cancel(invitation)
    mails = [(to(mail), invites(mail, "CANCEL")) for mail in town.stage.mailer.sent]
    assert sorted(mails) == [("anna@acme.com", True), (BEN.email, True)]


class ClosedMailbox(FakeMailer):
    """Ben's is full, while it `is_closed`."""

    is_closed = True

    def send(self, message: EmailMessage) -> None:
        if self.is_closed and to(message) == BEN.email:
            raise DeliveryError("The mailbox is full.", permanent=True)
        super().send(message)


def test_member_whom_the_mail_does_not_reach_is_put_to_the_inviter(unit_of_work: UnitOfWorkFactory) -> None:
    town, mailer = Town(unit_of_work), ClosedMailbox()
    stage = town.stage = Stage(unit_of_work, mailer=mailer, systems=town.stage.systems)
    stage.connect(DANA, provider="caldav")
    town.caldav.shared.add(BEN.email)
    invitation = town.book(members=ids(DANA, BEN))
    assert town.attention(invitation) == [Finding(Trouble.GIVEN_UP, "The mailbox is full.")]
    assert town.news("needs_attention") == [(DANA.user_id, "")]
    mailer.is_closed = False
    stage.services.attention.write_again(DANA, town.meeting(invitation).id)
    stage.deliver()
    assert [to(mail) for mail in mailer.sent].count(BEN.email) == 1
    assert town.attention(invitation) == []
    mailer.is_closed = True
    town.cancel(invitation)
    assert town.attention(invitation) == [Finding(Trouble.NOT_REMOVED, "The mailbox is full.")]


def test_guest_without_an_address_is_put_to_the_inviter_and_breaks_no_event(town: Town) -> None:
    stranger = replace(CHARLIE, email="", is_external=True)
    town.stage.directory.known[WORKSPACE, stranger.user_id] = stranger
    town.stage.connect(DANA, provider="caldav")
    invitation = town.book(members=ids(DANA), optional_members=ids(stranger))
    [event] = town.caldav.events.values()
    assert emails(event) == [DANA.email, "anna@acme.com"]
    missing = f"There is no email address to write to {stranger.name}."
    assert town.attention(invitation) == [Finding(Trouble.GIVEN_UP, missing)]
    assert [to(mail) for mail in town.stage.mailer.sent] == ["anna@acme.com"]
    town.cancel(invitation)
    assert town.attention(invitation) == []


def test_guest_who_has_left_slack_keeps_no_meeting_from_anybody(town: Town) -> None:
    stage = town.stage
    stage.connect(DANA, PRIYA, provider="caldav")
    invitation = stage.invite(members=ids(DANA), optional_members=ids(BEN, PRIYA))
    stage.deliver()
    del stage.directory.known[WORKSPACE, BEN.user_id]
    stage.book(invitation)
    stage.deliver()
    assert {place for place, _ in town.caldav.events} == {DANA.email, PRIYA.email}
    assert [to(mail) for mail in stage.mailer.sent] == ["anna@acme.com"] * 2
    assert ("news", DANA.user_id, "booked", "") in stage.notifier.told
    assert [finding.trouble for finding in town.attention(invitation)] == [Trouble.GIVEN_UP]


def test_row_that_is_carried_twice_mails_once(town: Town) -> None:
    """Its worker has died between handing it to the mails and marking it done."""
    stage = town.stage
    stage.connect(DANA, provider="caldav")
    town.caldav.shared.add(BEN.email)
    stage.book(stage.invite(members=ids(DANA, BEN)))
    for worker in ("dead", "other"):
        for delivery in stage.services.deliveries.claim(worker, {DeliveryKind.EVENT_WRITE}):
            stage.services.deliveries.carry_out(delivery, "nobody")
        stage.clock.advance(LEASE)
    stage.deliver()
    assert [to(mail) for mail in stage.mailer.sent].count(BEN.email) == 1


def test_attendees_go_by_the_address_of_their_calendar(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    with town.stage.unit_of_work(write=True) as unit:
        unit.connections.put(
            Connection(ConnectionId("g-priya"), WORKSPACE, PRIYA.user_id, "google", "priya@private.example")
        )
        unit.commit()
    town.book(members=ids(DANA, PRIYA))
    [event] = town.google.events.values()
    assert emails(event) == [DANA.email, "priya@private.example", "anna@acme.com"]


def test_customer_can_be_left_out_of_the_event(town: Town) -> None:
    for provider in ("google", "caldav"):
        town.stage.mailer.sent.clear()
        town.stage.connect(DANA, provider=provider)
        invitation = town.book(include_customer=False, email=f"{provider}@acme.com")
        assert not any(invites(mail) for mail in town.stage.mailer.sent)
        assert not town.stage.services.booking.look(invitation.token).is_invited_by_calendar
        town.disconnect(DANA, provider)
    assert all("@acme.com" not in " ".join(emails(event)) for event in town.google.events.values())
    assert all("@acme.com" not in " ".join(emails(event)) for event in town.caldav.events.values())


def test_room_of_the_same_system_is_an_attendee_and_any_other_gets_a_copy(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    town.stage.connect(BEN, provider="caldav")
    rooms = {"atlas": ("google-U0DANA", "atlas@northwind.example"), "lab": ("caldav-U0BEN", "https://dav.example/lab/")}
    with town.stage.unit_of_work(write=True) as unit:
        for name, (connection, address) in rooms.items():
            unit.rooms.put(Room(ResourceId(f"room:{name}"), WORKSPACE, name.title(), address, ConnectionId(connection)))
        unit.commit()
    town.google.shared.add("atlas@northwind.example")
    town.caldav.shared.add("https://dav.example/lab/")
    invitation = town.book(members=ids(DANA), rooms=["room:atlas", "room:lab"])
    [event] = town.google.events.values()
    assert [attendee.email for attendee in event.attendees if attendee.is_room] == ["atlas@northwind.example"]
    assert event.location == "Atlas, Lab"
    [((place, _), copy)] = town.caldav.events.items()
    assert place == "https://dav.example/lab/"
    assert "/m/" not in copy.description + copy.url
    town.cancel(invitation)
    assert [event.status for event in (*town.google.events.values(), *town.caldav.events.values())] == ["cancelled"] * 2


def test_event_is_cancelled_where_it_was_written_whatever_was_chosen_since(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    invitation = town.book()
    with town.stage.unit_of_work(write=True) as unit:
        connection = unit.connections.get(ConnectionId("google-U0DANA"))
        assert connection is not None
        unit.connections.put(replace(connection, write_calendar="another"))
        unit.commit()
    town.stage.connect(DANA, provider="caldav")
    town.cancel(invitation)
    assert [(place, event.status) for (place, _), event in town.google.events.items()] == [(DANA.email, "cancelled")]
    assert town.caldav.events == {}


def test_customers_own_link_is_in_no_event_but_theirs(town: Town) -> None:
    for provider in ("google", "caldav"):
        town.stage.connect(DANA, PRIYA, provider=provider)
        invitation = town.book(members=ids(DANA, PRIYA))
        for system in (town.google, town.caldav):
            for event in system.events.values():
                assert invitation.token not in event.description + event.url + event.location
        town.disconnect(DANA, provider)
        town.disconnect(PRIYA, provider)


def test_members_link_is_in_no_event_that_the_customer_reads(town: Town) -> None:
    """Whoever has it can cancel in the team's name."""
    for provider, system in (("google", town.google), ("microsoft", town.microsoft)):
        town.stage.connect(DANA, PRIYA, provider=provider)
        town.book(members=ids(DANA, PRIYA))
        [event] = system.events.values()
        assert "anna@acme.com" in emails(event)
        assert "/m/" not in event.description + event.url + event.location
        assert "The team can reschedule or cancel this meeting in Slack." in event.description
        town.disconnect(DANA, provider)
        town.disconnect(PRIYA, provider)
    assert all("/m/" not in part.as_string() for mail in town.stage.mailer.sent for part in mail.walk())


def test_members_link_is_in_every_event_that_the_customer_does_not_read(town: Town) -> None:
    for provider, customer in (("google", False), ("microsoft", False), ("caldav", True)):
        town.stage.connect(DANA, PRIYA, provider=provider)
        town.book(members=ids(DANA, PRIYA), include_customer=customer)
        town.disconnect(DANA, provider)
        town.disconnect(PRIYA, provider)
    for system in (town.google, town.microsoft, town.caldav):
        assert system.events
        for event in system.events.values():
            assert event.url.startswith("https://meet.example/m/")
            assert event.url in event.description


@pytest.mark.parametrize("provider", ["google", "caldav"])
def test_optional_member_whom_a_pool_assigns_is_in_the_event_once_and_required(town: Town, provider: str) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider=provider)
    with town.stage.unit_of_work(write=True) as unit:
        unit.pools.put(a_pool(PRIYA, workspace_id=WORKSPACE))
        unit.commit()
    invitation = town.book(members=[DANA.user_id, f"{POOL_PREFIX}{SALES}"], optional_members=ids(PRIYA, BEN))
    for event in (*town.google.events.values(), *town.caldav.events.values()):
        assert sorted(emails(event)) == sorted([DANA.email, PRIYA.email, BEN.email, "anna@acme.com"])
        assert [attendee.email for attendee in event.attendees if attendee.optional] == [BEN.email]
    item = town.stage.services.activity.meeting_item(town.meeting(invitation), invitation)
    assert item.optional == (BEN,)


def test_every_copy_has_a_link_of_its_own_and_the_database_its_hash(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, provider="caldav")
    invitation = town.book(members=ids(DANA, PRIYA))
    with town.stage.unit_of_work() as unit:
        copies = unit.event_copies.of_meeting(town.meeting(invitation).id)
        assert len({copy.token for copy in copies}) == 2
        assert [unit.event_copies.by_token(copy.token) for copy in copies] == list(copies)
        assert unit.event_copies.by_token(invitation.token) is None


# ---------------------------------------------------------------- failures


def test_event_that_cannot_be_written_is_shown_soon_and_tried_on(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    invitation = town.stage.invite()
    town.stage.book(invitation)
    town.google.failures = [DOWN] * 4
    for _ in range(4):
        town.stage.deliver()
        town.stage.clock.advance(timedelta(minutes=10))
    needs = [line for line in town.stage.notifier.told if line[:3] == ("news", DANA.user_id, "needs_attention")]
    assert len(needs) == 1
    item = town.stage.services.meetings.item(DANA, town.meeting(invitation).id)
    assert [one.finding.trouble for one in item.attention] == [Trouble.NOT_WRITTEN]
    town.stage.deliver()
    assert len(town.google.events) == 1
    assert town.stage.services.meetings.item(DANA, item.meeting.id).attention == ()


@pytest.mark.parametrize("is_kept", [False, True])
def test_event_that_is_given_up_is_said_to_be_unless_somebody_has_said_to_keep_it_so(town: Town, is_kept: bool) -> None:
    town.stage.connect(DANA, provider="google")
    invitation = town.stage.invite()
    town.stage.book(invitation)
    town.google.failures = [DOWN] * 100
    for hour in range(31):
        town.stage.deliver()
        town.stage.clock.advance(timedelta(minutes=10 if hour < 3 else 60))
        if hour == 3 and is_kept:
            town.stage.services.attention.keep(DANA, town.meeting(invitation).id)
    said = [] if is_kept else [Trouble.GIVEN_UP]
    assert [finding.trouble for finding in town.attention(invitation)] == said
    needs = [line for line in town.stage.notifier.told if line[:3] == ("news", DANA.user_id, "needs_attention")]
    assert len(needs) == (1 if is_kept else 2)


def test_calendar_that_was_disconnected_before_the_event_came_is_replaced_when_asked(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    invitation = town.stage.invite()
    town.stage.book(invitation)
    town.disconnect(DANA, "google")
    for _ in range(4):
        town.stage.deliver()
        town.stage.clock.advance(timedelta(minutes=10))
    town.stage.connect(DANA, provider="caldav")
    town.stage.services.attention.write_again(DANA, town.meeting(invitation).id)
    town.stage.mailer.sent.clear()
    town.stage.deliver()
    assert [place for place, _ in town.caldav.events] == [DANA.email]
    assert [(to(mail), invites(mail)) for mail in town.stage.mailer.sent] == [("anna@acme.com", True)]
    assert town.google.events == {}


def test_event_that_is_planned_anew_is_for_those_who_are_in_the_meeting_by_then(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    town.stage.connect(BEN, CHARLIE, provider="caldav")
    invitation = town.stage.invite(members=[DANA.user_id, BEN.user_id])
    town.stage.book(invitation)
    town.disconnect(DANA, "google")
    for _ in range(4):
        town.stage.deliver()
        town.stage.clock.advance(timedelta(minutes=10))
    town.stage.connect(DANA, provider="caldav")
    meetings, meeting = town.stage.services.meetings, town.meeting(invitation)

    class Stale:
        def find(self, viewer: Person, meeting_id: str) -> tuple[Meeting, Invitation]:
            found = meetings.find(viewer, meeting_id)
            town.stage.services.reassigning.reassign(DANA, meeting.id, BEN.user_id, CHARLIE.user_id)
            return found

    stage = town.stage
    events = stage.services.attention._events
    desk = AttentionDesk(stage.unit_of_work, Stale(), events, stage.clock)  # type: ignore[arg-type]  # one method
    desk.write_again(DANA, meeting.id)
    stage.deliver()
    places = {place for (place, _), event in town.caldav.events.items() if event.status is EventStatus.CONFIRMED}
    assert places == {DANA.email, CHARLIE.email}


def test_broken_connection_keeps_the_event_waiting(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    invitation = town.stage.invite()
    town.stage.book(invitation)
    with town.stage.unit_of_work(write=True) as unit:
        connection = unit.connections.get(ConnectionId("google-U0DANA"))
        assert connection is not None
        unit.connections.put(replace(connection, state=ConnectionState.BROKEN))
        unit.commit()
    town.stage.deliver()
    assert town.google.events == {}
    with town.stage.unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        kinds = [delivery.kind for delivery in unit.outbox.pending(town.meeting(invitation).id)]
        unit.commit()
    assert kinds == [DeliveryKind.EVENT_WRITE]
    town.stage.clock.advance(timedelta(minutes=1))
    town.stage.deliver()
    assert len(town.google.events) == 1
