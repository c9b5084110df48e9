"""The whole story with calendars on CalDAV servers: a copy for every member and the Room, and one mail that invites."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import icalendar
import pytest

from bot.calendars.caldav.network import guarded_pools
from bot.calendars.caldav.provider import CalDavCalendar
from bot.calendars.caldav.server import Server
from bot.domain import fields as f
from bot.domain.booking import Situation
from bot.domain.event_copies import Trouble
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import Attendance, Meeting
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.errors import CalendarUnreadableError, NotFoundError, SlotTakenError
from bot.services.credentials import StoredCredentials
from storage.database import Database
from tests.caldav_bench import LOOPBACK, an_object, stamp
from tests.caldav_servers import PASSWORD, CalDavServer, radicale, xandikos
from tests.cast import BEN, DANA, PRIYA, ManualClock
from tests.connect_cast import token_of
from tests.world import Stage, patient

FIRST = datetime(2026, 11, 30, 14, 0, tzinfo=UTC)
"""09:00 in New York on the day of the tests."""
SYSTEM = "caldav"
ACCOUNTS = {DANA: "dana@fox.example", PRIYA: "priya@fox.example", BEN: "ben@fox.example"}
"""Nobody's address in Slack."""

Start = Callable[[Path, int], AbstractContextManager[CalDavServer]]


class Houses:
    """The servers of everybody, for all stories: one that all share, or one for each where it has but one user."""

    def __init__(self, start: Start, folder: Path, *, is_shared: bool) -> None:
        self._start = start
        self._folders = {person: folder / ("all" if is_shared else person.user_id) for person in ACCOUNTS}
        self._running: dict[Path, tuple[CalDavServer, ExitStack]] = {}
        self._ports: dict[Path, int] = {}

    def of(self, person: Person) -> CalDavServer:
        return self._running[self._folders[person]][0]

    def open(self, person: Person) -> None:
        folder = self._folders[person]
        if folder in self._running:
            return
        folder.mkdir(exist_ok=True)
        stack = ExitStack()
        server = stack.enter_context(self._start(folder, self._ports.get(folder, 0)))
        self._ports[folder] = urlsplit(server.url).port or 0
        self._running[folder] = server, stack

    def shut(self, person: Person) -> None:
        _, stack = self._running.pop(self._folders[person])
        stack.close()

    def close(self) -> None:
        for _, stack in self._running.values():
            stack.close()


class Story:
    """Dana and Priya have a calendar called work; Ben keeps the Room's, in an account of his own."""

    def __init__(self, stage: Stage, houses: Houses) -> None:
        self.stage = stage
        self.houses = houses
        self.work: dict[Person, str] = {}
        for person in ACCOUNTS:
            houses.open(person)
            name = "atlas" if person is BEN else "work"
            self.work[person] = houses.of(person).new_calendar(ACCOUNTS[person], name)
        for person in ACCOUNTS:
            self.connect(person)
        self.room = self.add_room()

    def close(self) -> None:
        """Leave the servers as they were found."""
        for person, calendar in self.work.items():
            self.houses.open(person)
            self.houses.of(person).ask("DELETE", calendar, ACCOUNTS[person])

    @property
    def everywhere(self) -> tuple[Person, ...]:
        """Whose calendars the Meeting lies in; Ben's is the Room's."""
        return (DANA, PRIYA, BEN)

    def connect(self, person: Person, account: Person | None = None) -> None:
        """Through the pages of the connect link, and then the choice of calendars in Setup. `account` is whose account
        it is, their own unless said."""
        account = account or person
        sign_ins = self.stage.services.sign_ins
        token = token_of(sign_ins.link(person))
        server = self.houses.of(account).url
        token = sign_ins.sign_in(token, sign_ins.look(token).nonce, SYSTEM, server, ACCOUNTS[account], PASSWORD)
        assert sign_ins.look(token).visit.account == ACCOUNTS[account]
        sign_ins.confirm(token, sign_ins.look(token).nonce)
        connections = self.stage.services.connections
        [item] = connections.items(person)
        _, calendars = connections.calendars(person, item.connection.id)
        [key] = [one.key for one in calendars if unquote(one.id) == unquote(self.work[account])]
        connections.choose(person, item.connection.id, [key], key)

    def add_room(self) -> Room:
        added, failures = self.stage.services.rooms.add(BEN, f'"Atlas" <{self.work[BEN]}>')
        assert failures == ()
        [room] = added
        return room

    def invite(self, **fields: Any) -> Invitation:
        members = [DANA.user_id, PRIYA.user_id]
        chosen: dict[str, Any] = {f.MEMBERS: members, f.ROOMS: [self.room.id], f.WORKING_HOURS: False}
        return self.stage.invite(DANA, **(chosen | fields))

    def book(self) -> tuple[Invitation, Meeting]:
        invitation = self.invite()
        self.stage.book(invitation, FIRST)
        self.stage.deliver()
        return invitation, self.meeting(invitation)

    def cancel(self, invitation: Invitation) -> None:
        booking = self.stage.services.booking
        booking.cancel(invitation.token, booking.nonce(invitation.token), "Something came up")
        self.stage.deliver()

    def meeting(self, invitation: Invitation) -> Meeting:
        with self.stage.unit_of_work() as unit:
            meeting = unit.meetings.of_invitation(invitation.id)
        assert meeting is not None
        return meeting

    def starts(self) -> tuple[datetime, ...]:
        """What the next customer may choose from, by calendars read anew."""
        self.stage.clock.advance(timedelta(minutes=6))
        return self.stage.services.booking.look(self.invite(email="carl@elsewhere.example").token).starts

    def events(self, person: Person) -> list[Any]:
        """All that any other calendar program would find there."""
        question = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/>'
            '</D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
        )
        answer = self.houses.of(person).ask("REPORT", self.work[person], ACCOUNTS[person], question, {"Depth": "1"})
        texts = ElementTree.fromstring(answer).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")  # noqa: S314 - ours
        calendars = (icalendar.Calendar.from_ical(text.text or "") for text in texts)
        return [event for calendar in calendars for event in calendar.walk("VEVENT")]

    def the_event(self, person: Person) -> Any:
        [event] = self.events(person)
        return event

    def put_by_hand(self, person: Person, start: datetime, *lines: str) -> None:
        text = an_object(f"DTSTART:{stamp(start)}", f"DTEND:{stamp(start + timedelta(hours=1))}", *lines)
        self.houses.of(person).put(ACCOUNTS[person], self.work[person], text)

    def delete(self, person: Person, meeting: Meeting) -> None:
        """By hand, as in any calendar program."""
        self.houses.of(person).ask("DELETE", f"{self.work[person]}{meeting.uid}.ics", ACCOUNTS[person])

    def invited_by_mail(self, method: str) -> list[str]:
        """Who has got an iTIP message from us."""
        return [
            message["To"].addresses[0].addr_spec
            for message in self.stage.mailer.sent
            if any(part.get_param("method") == method for part in calendar_parts(message))
        ]


def calendar_parts(message: EmailMessage) -> list[Any]:
    return [part for part in message.walk() if part.get_content_type() == "text/calendar"]


def attendees(event: Any) -> dict[str, str]:
    """Each attendee's address with their SCHEDULE-AGENT."""
    found = event.get("ATTENDEE", [])
    listed = found if isinstance(found, list) else [found]
    return {str(one).removeprefix("mailto:"): str(one.params.get("SCHEDULE-AGENT", "")) for one in listed}


@pytest.fixture(scope="module", params=["radicale", "xandikos"])
def houses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Houses]:
    starts: dict[str, Start] = {"radicale": radicale, "xandikos": xandikos}
    folder = tmp_path_factory.mktemp(request.param)
    houses = Houses(starts[request.param], folder, is_shared=request.param == "radicale")
    yield houses
    houses.close()


@pytest.fixture
def story(houses: Houses, sqlite_database: Database) -> Iterator[Story]:
    clock, unit_of_work = ManualClock(), sqlite_database.unit_of_work
    with ThreadPoolExecutor(8) as executor:
        provider = CalDavCalendar(
            Server(guarded_pools(LOOPBACK), clock), StoredCredentials(unit_of_work, clock), executor
        )
        stage = Stage(unit_of_work, clock=clock, systems={SYSTEM: patient(provider)}, password=(provider,))
        story = Story(stage, houses)
        yield story
        story.close()


# ---------------------------------------------------------------- booked


def test_meeting_lies_once_in_every_members_calendar_and_in_the_rooms(story: Story) -> None:
    invitation, meeting = story.book()
    for person in story.everywhere:
        event = story.the_event(person)
        assert str(event["UID"]) == meeting.uid
        assert (event.start, event.end) == (FIRST, FIRST + meeting.duration)
        assert (str(event["STATUS"]), str(event["TRANSP"]), event["SEQUENCE"]) == ("CONFIRMED", "OPAQUE", 0)
        assert attendees(event) == dict.fromkeys((ACCOUNTS[DANA], ACCOUNTS[PRIYA], "anna@acme.com"), "CLIENT")
        assert str(event["ORGANIZER"]) == f"mailto:{ACCOUNTS[DANA]}"
        assert str(event["LOCATION"]) == "Atlas"
    assert story.stage.services.booking.look(invitation.token).situation is Situation.BOOKED


def test_two_members_of_one_account_have_one_copy_together(story: Story) -> None:
    """And the Room whose calendar is a member's own has none beside it: at most one copy a calendar."""
    [item] = story.stage.services.connections.items(PRIYA)
    story.stage.services.connections.disconnect(PRIYA, item.connection.id)
    story.connect(PRIYA, DANA)
    invitation, meeting = story.book()
    event = story.the_event(DANA)
    assert set(attendees(event)) == {ACCOUNTS[DANA], PRIYA.email, "anna@acme.com"}, "each of them, once"
    assert story.events(PRIYA) == []
    with story.stage.unit_of_work() as unit:
        copies = {copy.holder for copy in unit.event_copies.of_meeting(meeting.id)}
    assert copies == {DANA.user_id, story.room.id}
    assert story.invited_by_mail("REQUEST") == ["anna@acme.com"], "Priya has the copy in her calendar"
    story.cancel(invitation)
    assert str(story.the_event(DANA)["STATUS"]) == "CANCELLED"


def test_one_mail_invites_the_customer_and_none_those_who_have_a_copy(story: Story) -> None:
    _, meeting = story.book()
    assert story.invited_by_mail("REQUEST") == ["anna@acme.com"]
    assert {message["To"].addresses[0].addr_spec for message in story.stage.mailer.sent} == {"anna@acme.com"}
    [part] = [part for message in story.stage.mailer.sent for part in calendar_parts(message)]
    [event] = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert str(event["UID"]) == meeting.uid
    assert set(attendees(event).values()) == {"CLIENT"}


def test_room_that_may_not_be_written_is_not_added(story: Story) -> None:
    if story.houses.of(DANA).name == "xandikos":  # whoever asks is its one user
        return
    somebody_elses = story.work[PRIYA]
    added, failures = story.stage.services.rooms.add(DANA, f"{somebody_elses} {story.work[DANA]}")
    assert [room.address for room in added] == [story.work[DANA]]
    [failure] = failures
    assert failure.text == somebody_elses
    assert failure.reason.startswith("Its calendar can be read through dana@fox.example, but not written")


def test_members_have_a_link_of_their_own_and_the_room_none(story: Story) -> None:
    invitation, _ = story.book()
    links = {}
    for person in story.everywhere:
        event = story.the_event(person)
        assert invitation.token not in event.to_ical().decode().replace("\r\n ", "")
        links[person] = str(event.get("URL", "")).rpartition("/m/")[2]
    assert links[DANA]
    assert links[PRIYA]
    assert links[DANA] != links[PRIYA]
    assert links[BEN] == ""
    for token in links.values():
        with pytest.raises(NotFoundError):
            story.stage.services.booking.look(token)


@pytest.mark.parametrize("who", [DANA, PRIYA, BEN], ids=["inviter", "member", "room"])
def test_each_copy_alone_keeps_the_time(story: Story, who: Person) -> None:
    """Claims and the other copies are out of the way."""
    _, meeting = story.book()
    with story.stage.unit_of_work(write=True) as unit:
        unit.claims.release(meeting.id)
        unit.commit()
    for person in story.everywhere:
        if person is not who:
            story.delete(person, meeting)
    assert FIRST not in story.starts()
    story.delete(who, meeting)
    assert FIRST in story.starts()


@pytest.mark.parametrize("who", [DANA, PRIYA, BEN], ids=["inviter", "member", "room"])
def test_what_is_put_by_hand_into_any_of_the_calendars_takes_the_time(story: Story, who: Person) -> None:
    invitation = story.invite()
    booking = story.stage.services.booking
    nonce = booking.nonce(invitation.token)
    story.put_by_hand(who, FIRST)
    with pytest.raises(SlotTakenError):
        booking.confirm(invitation.token, FIRST, nonce, None)
    state = booking.confirm(invitation.token, FIRST + timedelta(hours=1), nonce, None)
    assert state.situation is Situation.BOOKED


# ---------------------------------------------------------------- cancelled


def test_customer_cancels_every_copy_and_gets_one_mail(story: Story) -> None:
    invitation, meeting = story.book()
    story.stage.mailer.sent.clear()
    story.cancel(invitation)
    for person in story.everywhere:
        event = story.the_event(person)
        assert str(event["UID"]) == meeting.uid
        assert (str(event["STATUS"]), str(event["TRANSP"]), event["SEQUENCE"]) == ("CANCELLED", "TRANSPARENT", 1)
    assert story.invited_by_mail("CANCEL") == ["anna@acme.com"]
    assert [message["To"].addresses[0].addr_spec for message in story.stage.mailer.sent] == ["anna@acme.com"]


def test_cancelled_time_is_free_again(story: Story) -> None:
    invitation, _ = story.book()
    assert FIRST not in story.starts()
    story.cancel(invitation)
    assert FIRST in story.starts()


def test_cancelled_time_can_be_booked_again_beside_the_cancelled_copy(story: Story) -> None:
    invitation, first = story.book()
    story.cancel(invitation)
    story.stage.clock.advance(timedelta(minutes=6))
    _, second = story.book()
    for person in story.everywhere:
        stored = {str(event["UID"]): str(event["STATUS"]) for event in story.events(person)}
        assert stored == {first.uid: "CANCELLED", second.uid: "CONFIRMED"}


# ---------------------------------------------------------------- servers that fail


@pytest.mark.parametrize("who", [PRIYA, BEN], ids=["member", "room"])
def test_server_that_cannot_be_read_at_confirm_books_nothing(story: Story, who: Person) -> None:
    invitation = story.invite()
    story.stage.deliver()
    booking = story.stage.services.booking
    nonce = booking.nonce(invitation.token)
    story.houses.shut(who)
    with pytest.raises(CalendarUnreadableError) as refused:
        booking.confirm(invitation.token, FIRST, nonce, None)
    assert ("Atlas" if who is BEN else who.name) in refused.value.names
    assert story.stage.deliver() == []
    with story.stage.unit_of_work() as unit:
        assert unit.meetings.of_invitation(invitation.id) is None
        stored = unit.invitations.get(invitation.id)
        assert stored is not None
        assert stored.status is InvitationStatus.ACTIVE
    story.houses.open(who)
    assert [story.events(person) for person in story.everywhere] == [[], [], []]
    assert booking.confirm(invitation.token, FIRST, nonce, None).situation is Situation.BOOKED


def test_copy_of_a_server_that_is_down_follows_once_it_is_back(story: Story) -> None:
    invitation = story.invite()
    story.stage.book(invitation, FIRST)
    story.houses.shut(PRIYA)
    story.stage.deliver()
    assert story.invited_by_mail("REQUEST") == ["anna@acme.com"]
    story.houses.open(PRIYA)
    story.stage.clock.advance(timedelta(minutes=1))
    story.stage.deliver()
    for person in story.everywhere:
        assert str(story.the_event(person)["UID"]) == story.meeting(invitation).uid
    assert story.invited_by_mail("REQUEST") == ["anna@acme.com"]


@pytest.mark.parametrize("houses", ["radicale"], indirect=True)
def test_withdrawn_password_breaks_the_connection_and_books_nothing(story: Story) -> None:
    """Not with Xandikos: it knows no passwords."""
    invitation = story.invite()
    story.stage.deliver()
    booking = story.stage.services.booking
    [item] = story.stage.services.connections.items(PRIYA)
    with story.stage.unit_of_work(write=True) as unit:
        credentials = item.connection.credentials.replace("open sesame", "withdrawn")
        unit.connections.put(replace(item.connection, credentials=credentials))
        unit.commit()
    with pytest.raises(CalendarUnreadableError) as refused:
        booking.confirm(invitation.token, FIRST, booking.nonce(invitation.token), None)
    assert refused.value.names == (PRIYA.name,)
    story.stage.deliver()
    assert ("connection news", PRIYA.user_id, "broken", ACCOUNTS[PRIYA], "CalDAV") in story.stage.notifier.told
    assert ("news", DANA.user_id, "broken_calendar", "") in story.stage.notifier.told
    assert [story.events(person) for person in story.everywhere] == [[], [], []]


# ---------------------------------------------------------------- afterwards


def test_copy_deleted_by_hand_is_put_to_the_people_and_nothing_is_done(story: Story) -> None:
    invitation, meeting = story.book()
    story.delete(PRIYA, meeting)
    reconcile, activity = story.stage.services.reconcile, story.stage.services.activity
    for is_said in (False, True):
        story.stage.clock.advance(timedelta(minutes=6))
        reconcile.read_due()
        item = activity.meeting_item(meeting, invitation)
        assert [one.finding.trouble for one in item.attention] == ([Trouble.MISSING] if is_said else [])
    assert dict(item.members)[PRIYA] is Attendance.REMOVED
    assert story.meeting(invitation).is_live
    assert story.events(PRIYA) == []
    assert str(story.the_event(DANA)["STATUS"]) == "CONFIRMED"


def test_answer_given_in_a_calendar_program_shows_as_status(story: Story) -> None:
    invitation, meeting = story.book()
    url = f"{story.work[PRIYA]}{meeting.uid}.ics"
    calendar = icalendar.Calendar.from_ical(story.houses.of(PRIYA).ask("GET", url, ACCOUNTS[PRIYA]))
    [event] = calendar.walk("VEVENT")
    invited: Any = event["ATTENDEE"]
    for one in invited:
        if ACCOUNTS[PRIYA] in one:
            one.params["PARTSTAT"] = "TENTATIVE"
    text = calendar.to_ical().decode()
    story.houses.of(PRIYA).ask("PUT", url, ACCOUNTS[PRIYA], text, {"Content-Type": "text/calendar"})
    story.stage.clock.advance(timedelta(minutes=6))
    story.stage.services.reconcile.read_due()
    item = story.stage.services.activity.meeting_item(meeting, invitation)
    assert dict(item.members)[PRIYA] is Attendance.TENTATIVE
