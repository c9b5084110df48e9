"""Our provider in front of the pretended Google: connections, credentials, and a hand that reaches into calendars."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.calendars.google.client import EXTRA_SCOPES, SCOPES
from bot.calendars.google.events import event_id
from bot.calendars.google.pacing import Timing
from bot.calendars.google.provider import GoogleCalendar
from bot.domain.calendar import Connection, PartStat
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.errors import ConnectionBrokenError
from tests.calendar_contract import DAY, Kind
from tests.cast import BEN, DANA, ManualClock
from tests.google_server import CREATED, PretendCalendar, PretendGoogle, Reply, error, pretending, utc

OWNER, COLLEAGUE = "dana@fox.example", "ben@fox.example"


@dataclass
class HeldCredentials:
    """`bot.ports.Credentials` in memory. `broken` are the connections that were found to be so."""

    held: dict[str, str] = field(default_factory=dict)
    renewals: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self, connection: Connection) -> str:
        if connection.id in self.broken:
            raise ConnectionBrokenError("Connect the calendar again.")
        return self.held[connection.id]

    def renewed(self, connection: Connection, stale: str, renew: Callable[[str], str]) -> str:
        with self._lock:
            if self.current(connection) != stale:
                return self.held[connection.id]
            self.renewals.append(connection.id)
            try:
                self.held[connection.id] = renew(stale)
            except ConnectionBrokenError:
                self.broken.add(connection.id)
                raise
            return self.held[connection.id]


@dataclass
class Waits:
    """Seconds that pass when somebody sleeps, and as they do otherwise not at all."""

    now_s: float = 1000.0
    slept: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now_s += seconds

    def timing(self) -> Timing:
        return Timing(lambda: self.now_s, self.sleep, lambda: 0.5)


class EndsAfter(ThreadPoolExecutor):
    """Time stands still until so many jobs are done. Then an hour passes for whoever waits; those who ask feel none."""

    def __init__(self, jobs: int) -> None:
        super().__init__(32, thread_name_prefix="asking")
        self._left = jobs
        self._counting = threading.Lock()

    def submit(self, *args: Any, **named: Any) -> Future[Any]:
        future = super().submit(*args, **named)
        future.add_done_callback(self._count)
        return future

    def timing(self) -> Timing:
        return Timing(self._now, lambda seconds: None)

    def _now(self) -> float:
        if threading.current_thread().name.startswith("asking"):
            return -60.0  # they have a minute left, however short the deadline
        return 3600.0 if self._left <= 0 else 0.0

    def _count(self, _done: Future[Any]) -> None:
        with self._counting:
            self._left -= 1


class GoogleBench:
    """Dana and Ben have a Google account each. See `tests.calendar_contract.Bench`."""

    def __init__(self, google: PretendGoogle, executor: Executor, timing: Timing | None = None) -> None:
        self.google = google
        self.clock = ManualClock()
        self.executor = executor
        self.credentials = HeldCredentials()
        patient = Timing(sleep=lambda seconds: None)
        self.provider = GoogleCalendar(google.client, self.credentials, self.clock, executor, timing or patient)
        self.own, self.others = google.account(OWNER), google.account(COLLEAGUE, "Europe/London")
        self.connection = self.connect("google-dana", OWNER)
        self.other = self.connect("google-ben", COLLEAGUE)

    def connect(self, connection_id: str, account: str, **more: Any) -> Connection:
        self.credentials.held[connection_id] = self.google.signed_in(account, self.clock())
        person = BEN if account == COLLEAGUE else DANA
        return Connection(ConnectionId(connection_id), person.workspace_id, person.user_id, "google", account, **more)

    def put(self, kind: Kind, interval: Interval, *, title: str = "", is_private: bool = False) -> bool:
        edges = ({"dateTime": utc(interval.start)}, {"dateTime": utc(interval.end)})
        if kind is Kind.WEEKLY:
            self.own.busy += [(interval.start + n * 7 * DAY, interval.end + n * 7 * DAY) for n in range(3)]
            return True
        more: Mapping[Kind, dict[str, Any]] = {
            Kind.BUSY: {},
            Kind.TENTATIVE: {"status": "tentative"},
            Kind.TRANSPARENT: {"transparency": "transparent"},
            Kind.CANCELLED: {"status": "cancelled"},
            Kind.DECLINED: {"attendees": [{"email": OWNER, "self": True, "responseStatus": "declined"}]},
        }
        shown = {"summary": title, **({"visibility": "private"} if is_private else {})}
        put_event(self.own, edges, {**more[kind], **shown})
        return True

    def all_day(self, kind: Kind) -> Interval | None:
        edges = ({"date": "2027-03-14"}, {"date": "2027-03-15"})
        put_event(self.own, edges, {"transparency": "transparent"} if kind is Kind.ALL_DAY_FREE else {})
        first = datetime(2027, 3, 14, tzinfo=ZoneInfo(self.own.zone))
        return Interval(first.astimezone(UTC), (first + timedelta(days=1)).astimezone(UTC))

    def answer(self, uid: str, email: str, answer: PartStat) -> bool:
        (guest,) = [guest for guest in self.event(uid)["attendees"] if guest["email"] == email]
        guest["responseStatus"] = str(answer)
        return True

    def delete(self, uid: str) -> bool:
        self.event(uid)["status"] = "cancelled"
        return True

    def furnish(self, name: str, address: str, capacity: int) -> bool:
        self.google.resource(name, address, capacity=capacity)
        self.google.calendar(address, address).readers.add(OWNER)
        self.google.granted = " ".join((*SCOPES, *EXTRA_SCOPES.values()))
        self.credentials.held[self.connection.id] = self.google.signed_in(OWNER, self.clock())
        return True

    def break_down(self) -> bool:
        self.google.go_wrong("", error(503, "backendError"))
        return True

    def stall(self) -> bool:
        self.google.go_wrong("", Reply(0, late=True))
        return True

    def event(self, uid: str) -> dict[str, Any]:
        """As Google has it."""
        return self.own.events[event_id(uid)]


@contextmanager
def benched(timing: Timing | None = None) -> Iterator[GoogleBench]:
    with pretending() as google, ThreadPoolExecutor(32) as executor:
        try:
            yield GoogleBench(google, executor, timing)
        finally:
            google.let_go.set()


@contextmanager
def benched_until(jobs: int) -> Iterator[GoogleBench]:
    """The deadline passes when that many questions have been answered, however long they take, and not before."""
    with pretending() as google, EndsAfter(jobs) as executor:
        try:
            yield GoogleBench(google, executor, executor.timing())
        finally:
            google.let_go.set()


def put_event(
    calendar: PretendCalendar, edges: tuple[Mapping[str, str], Mapping[str, str]], more: Mapping[str, Any]
) -> None:
    made = {"id": f"byhand{len(calendar.events)}", "created": CREATED, "status": "confirmed", "sequence": 0}
    start, end = edges
    calendar.events[f"byhand{len(calendar.events)}"] = {**made, "start": start, "end": end, "attendees": [], **more}
