"""Fakes of the ports: they keep what they were told, and fail when they are told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage

from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page
from bot.domain.calendar import CalendarInfo, Conference, Connection, Event, FreeBusy, PartStat
from bot.domain.delivery import ConnectionNews, News
from bot.domain.ids import ChannelId, ConnectionId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft, MessageRef
from bot.domain.meeting import Meeting
from bot.domain.people import Person, departed
from bot.domain.room_directory import ListedRoom
from bot.errors import (
    CalendarUnreadableError,
    DeliveryError,
    FormError,
    InviteOnceError,
    NoRoomDirectoryError,
    NotFoundError,
)
from tests.cast import EVERYBODY


class FakeDirectory:
    """Knows the cast. `failure` is raised instead of an answer; the app is in `channels`.

    Those in `not_at_hand` would have to be asked for; `asked` is who was.
    """

    def __init__(self, people: Sequence[Person] = EVERYBODY) -> None:
        self.known = {(person.workspace_id, person.user_id): person for person in people}
        self.channels = {ChannelId("C0SALES")}
        self.failure: DeliveryError | None = None
        self.not_at_hand: set[UserId] = set()
        self.asked: list[UserId] = []

    def person(self, workspace_id: WorkspaceId, user_id: UserId) -> Person:
        self.asked.append(user_id)
        if self.failure:
            raise self.failure
        try:
            return self.known[workspace_id, user_id]
        except KeyError:
            raise NotFoundError("Nobody by that id.") from None

    def people(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        return tuple(self.person(workspace_id, user_id) for user_id in user_ids)

    def named(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        if self.failure:
            raise self.failure
        return tuple(self.known.get((workspace_id, user)) or departed(workspace_id, user) for user in user_ids)

    def at_hand(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Person]:
        if self.failure:
            return {}
        asked = [user_id for user_id in user_ids if user_id not in self.not_at_hand]
        known = {user_id: self.known.get((workspace_id, user_id)) for user_id in asked}
        return {user_id: person for user_id, person in known.items() if person}

    def workspace_name(self, workspace_id: WorkspaceId) -> str:
        if self.failure:
            raise self.failure
        return "Northwind"

    def everybody(self, workspace_id: WorkspaceId) -> tuple[Person, ...]:
        if self.failure:
            raise self.failure
        return tuple(sorted(self.known.values(), key=lambda person: person.name.casefold()))

    def warm(self, workspace_id: WorkspaceId) -> None:
        """There is nothing to wait for here."""

    def check_channel(self, workspace_id: WorkspaceId, channel_id: ChannelId | None) -> None:
        if channel_id is not None and channel_id not in self.channels:
            raise FormError({"channel": "Add the app to that channel first."})


class FakeMailer:
    """An outbox tray. `failures` are raised first, one a send."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.failures: list[DeliveryError] = []

    def send(self, message: EmailMessage) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)


class FakeNotifier:
    """Slack, seen from the services: every call is a line in `told`; `items` are what news were about."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.items: list[InvitationItem | MeetingItem] = []
        self.failures: list[DeliveryError] = []
        self._count = 0
        self._lock = threading.Lock()

    def _tell(self, *what: object) -> MessageRef:
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
            self.told.append(what)
            self._count += 1
            return MessageRef(ChannelId("D0CARDS"), f"{self._count}.000")

    def draft_card(self, draft: Draft, count: int | None) -> MessageRef:
        posted = self._tell("draft card", draft.id, count)
        return draft.card or posted

    def discard_card(self, workspace_id: WorkspaceId, card: MessageRef) -> None:
        self._tell("discarded", card)

    def invitation_card(self, item: InvitationItem, delivery_id: str) -> MessageRef:
        posted = self._tell("card", item.invitation.status, item.slots_left, item.meeting and item.meeting.status)
        return item.invitation.card or posted

    def invitation_details(self, item: InvitationItem, card: MessageRef, delivery_id: str) -> None:
        self._tell("details", item.invitation.id, card)

    def news(
        self, to: UserId, news: News, item: InvitationItem | MeetingItem, delivery_id: str, text: str = ""
    ) -> MessageRef:
        self.items.append(item)
        return self._tell("news", to, news, text)

    def channel_note(self, channel_id: ChannelId, news: News, item: MeetingItem, delivery_id: str) -> None:
        self._tell("channel", channel_id, news)

    def connection_news(
        self, to: UserId, news: ConnectionNews, connection: Connection, system: str, delivery_id: str
    ) -> MessageRef:
        return self._tell("connection news", to, news, connection.account, system)

    def home(self, to: Person, state: HomeState, page: Page) -> None:
        self._tell("home", to.user_id, state.tab, page.total)


class FakeCalendar:
    """A `CalendarProvider` whose answers are set by account: busy times, or a reason not to be readable.

    `events` lie by account, or by calendar where one is named. One that `delivers` makes the conference too.
    `failures` are raised first, one a write; `refusal` is why there are no `listed_rooms`. Colleagues see each other
    where their address is `shared`.
    """

    def __init__(self, key: str = "builtin", *, delivers: bool = False) -> None:
        self.key = key
        self.delivers_to_attendees = delivers
        self.failures: list[DeliveryError] = []
        self.writes: list[str] = []
        self.link = f"https://{key}.example/join"
        self.busy: dict[str, tuple[Interval, ...]] = {}
        self.unreadable: dict[str, str] = {}
        self.shared: set[str] = set()
        self.listed_rooms: tuple[ListedRoom, ...] = ()
        self.refusal: InviteOnceError | None = NoRoomDirectoryError("There is no directory of rooms here.")
        self.events: dict[tuple[str, str], Event] = {}
        self.reads = 0
        self.before_answer: Callable[[], object] = lambda: None

    def place(self, connection: Connection, calendar: str = "") -> str:
        return calendar or connection.write_calendar or connection.account

    def must_be_invited(self, address: str) -> bool:
        return self.delivers_to_attendees and not address.startswith("own-")

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        self.reads += 1
        self.before_answer()
        return {
            connection.id: FreeBusy(unreadable=self.unreadable[connection.account])
            if connection.account in self.unreadable
            else FreeBusy(busy=self.busy.get(connection.account, ()))
            for connection in connections
        }

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        return {
            address: FreeBusy() if address in self.shared else FreeBusy(unreadable="not shared")
            for address in addresses
        }

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        return (CalendarInfo(connection.account, connection.account, is_primary=True),)

    def rooms(self, connection: Connection) -> Sequence[ListedRoom]:
        if self.refusal:
            raise self.refusal
        return self.listed_rooms

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        if self.failures:
            raise self.failures.pop(0)
        place = calendar or connection.write_calendar or connection.account
        self.writes.append(place)
        known = self.events.get((place, event.uid))
        if event.conference and self.link:
            event = replace(event, join_url=self.link)
        if known is None or event.sequence >= known.sequence:
            self.events[place, event.uid] = event

    cancel = write

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        place = calendar or connection.write_calendar or connection.account
        if place in self.unreadable:
            raise CalendarUnreadableError(self.unreadable[place])
        return self.events.get((place, uid))

    def answer(self, place: str, uid: str, email: str, answer: PartStat) -> None:
        """An attendee answers."""
        event = self.events[place, uid]
        attendees = tuple(replace(one, answer=answer) if one.email == email else one for one in event.attendees)
        self.events[place, uid] = replace(event, attendees=attendees)


class FakeConferences:
    """A `ConferenceProvider`: `made` holds the conferences by their id. `failures` are raised first, one a call; with
    `loses_answers` what is made is made, and nobody hears of it."""

    key = "zoom"
    name = "Zoom"

    def __init__(self) -> None:
        self.made: dict[str, datetime] = {}
        self.failures: list[DeliveryError] = []
        self.loses_answers = False

    def create(self, meeting: Meeting, topic: str, *, host: str = "") -> Conference:
        return self._put(self._id(meeting, host), meeting)

    def find(self, meeting: Meeting, *, host: str = "") -> Conference | None:
        self._fail()
        found = self._id(meeting, host)
        return Conference(found, f"https://zoom.example/j/{found}") if found in self.made else None

    def move(self, conference: Conference, meeting: Meeting, topic: str) -> Conference | None:
        return self._put(conference.id, meeting) if conference.id in self.made else None

    def _id(self, meeting: Meeting, host: str) -> str:
        return f"zoom-{meeting.id}"

    def _put(self, conference_id: str, meeting: Meeting) -> Conference:
        self._fail()
        self.made[conference_id] = meeting.start
        if self.loses_answers:
            raise DeliveryError("The answer was lost.")
        return Conference(conference_id, f"https://zoom.example/j/{conference_id}")

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def delete(self, conference: Conference) -> None:
        self._fail()
        self.made.pop(conference.id, None)
