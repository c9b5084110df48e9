"""A worker process that stops breathing after one delivery has gone out and before it is marked done.

`work` runs the real worker over the real database. The other side of each delivery is a line in a file; after the
line that `hold` names, the process waits to be killed.
"""

from __future__ import annotations

import json
import os
import threading
from email.message import EmailMessage
from multiprocessing.synchronize import Event as Signal
from pathlib import Path

from bot.app import utc_now
from bot.calendars.builtin import BuiltinCalendar
from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page
from bot.domain.calendar import Conference, Connection, Event
from bot.domain.delivery import ConnectionNews, News
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.invitation import Draft, MessageRef
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.outages import Outages
from bot.ports import UnitOfWorkFactory
from bot.worker import Worker
from storage.database import open_database
from tests.cast import ManualClock
from tests.databases import KEYS
from tests.fakes import FakeConferences, FakeDirectory
from tests.world import Stage


class Record:
    """What reached the other side, one JSON line each, on disk before anybody goes on."""

    def __init__(self, path: Path, hold: str = "", is_held: Signal | None = None) -> None:
        """After a line that says `hold` nobody goes on, and `is_held` is set."""
        self._path = path
        self._hold = hold
        self._is_held = is_held
        self._lock = threading.Lock()

    def note(self, what: str, identity: str) -> None:
        with self._lock, self._path.open("a") as file:
            file.write(json.dumps([what, identity]) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if what == self._hold:
            if self._is_held:
                self._is_held.set()
            threading.Event().wait()

    def lines(self) -> list[tuple[str, str]]:
        return [(what, identity) for what, identity in map(json.loads, self._path.read_text().splitlines())]


class RecordedMailer:
    def __init__(self, record: Record) -> None:
        self._record = record

    def send(self, message: EmailMessage) -> None:
        self._record.note("mail", message["Message-ID"])


class RecordedNotifier:
    def __init__(self, record: Record) -> None:
        self._record = record

    def _note(self, what: str, identity: str) -> MessageRef:
        self._record.note(what, identity)
        return MessageRef(ChannelId("D0CARDS"), identity)

    def draft_card(self, draft: Draft, count: int | None) -> MessageRef:
        return self._note("draft card", draft.id)

    def discard_card(self, workspace_id: WorkspaceId, card: MessageRef) -> None:
        self._record.note("discard", card.ts)

    def invitation_card(self, item: InvitationItem, delivery_id: str) -> MessageRef:
        return self._note("card", delivery_id)

    def invitation_details(self, item: InvitationItem, card: MessageRef, delivery_id: str) -> None:
        self._record.note("details", delivery_id)

    def news(
        self, to: UserId, news: News, item: InvitationItem | MeetingItem, delivery_id: str, text: str = ""
    ) -> MessageRef:
        return self._note("news", delivery_id)

    def channel_note(self, channel_id: ChannelId, news: News, item: MeetingItem, delivery_id: str) -> None:
        self._record.note("channel", delivery_id)

    def connection_news(
        self, to: UserId, news: ConnectionNews, connection: Connection, system: str, delivery_id: str
    ) -> MessageRef:
        return self._note("connection news", delivery_id)

    def home(self, to: Person, state: HomeState, page: Page) -> None:
        self._record.note("home", to.user_id)


class RecordedCalendar(BuiltinCalendar):
    """The real one; a line is written after the event is in it."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, record: Record) -> None:
        super().__init__(unit_of_work)
        self._record = record

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        super().write(connection, event, calendar=calendar)
        self._record.note("event", f"{connection.account} {event.uid}")

    def cancel(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        super().cancel(connection, event, calendar=calendar)
        self._record.note("event cancelled", f"{connection.account} {event.uid}")


class RecordedConferences(FakeConferences):
    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record

    def create(self, meeting: Meeting, topic: str, *, host: str = "") -> Conference:
        made = super().create(meeting, topic, host=host)
        self._record.note("conference", made.id)
        return made

    def move(self, conference: Conference, meeting: Meeting, topic: str) -> Conference:
        """Also where another process has made it."""
        moved = self._put(conference.id, meeting)
        self._record.note("conference moved", moved.id)
        return moved

    def delete(self, conference: Conference) -> None:
        super().delete(conference)
        self._record.note("conference deleted", conference.id)


def recorded_stage(unit_of_work: UnitOfWorkFactory, record: Record, clock: ManualClock) -> Stage:
    """The services, with the record as the rest of the world."""
    return Stage(
        unit_of_work,
        clock=clock,
        directory=FakeDirectory(),
        notifier=RecordedNotifier(record),
        mailer=RecordedMailer(record),
        calendar=RecordedCalendar(unit_of_work, record),
        conferences=RecordedConferences(record),
    )


def work(url: str, path: Path, hold: str, is_held: Signal) -> None:
    """Until somebody kills this process."""
    database = open_database(url, KEYS)
    stage = recorded_stage(database.unit_of_work, Record(path, hold, is_held), ManualClock())
    Worker(stage.services, Outages(database.is_current, utc_now)).start()
    threading.Event().wait()
