"""Microsoft 365 for tests: a pretend Graph and authority, people with mailboxes, and a hand that reaches into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.calendars.microsoft.provider import MicrosoftCalendar
from bot.calendars.microsoft.sign_in import EXTRA_SCOPES, SCOPES, MicrosoftSignIn
from bot.calendars.microsoft.tokens import Tokens
from bot.domain.calendar import Connection, ExtraAccess, PartStat
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.errors import ConnectionBrokenError
from bot.rest import Rest
from tests.calendar_contract import MONDAY, Kind
from tests.cast import DANA, WORKSPACE, ManualClock
from tests.graph_server import GraphServer, graph_server
from tests.microsoft_authority import CLIENT_ID, CLIENT_SECRET, PERSONAL_TENANT, Authority, authority_server
from tests.vendor_server import STALL, Response

DANAS_ADDRESS = "dana@fox.example"
OTHERS_ADDRESS = "oli@fox.example"
BERLIN = "W. Europe Standard Time"


class KeptCredentials:
    """A `Credentials` in memory; `renewals` counts how often somebody had to renew."""

    def __init__(self) -> None:
        self.kept: dict[ConnectionId, str] = {}
        self.broken: set[ConnectionId] = set()
        self.renewals = 0

    def current(self, connection: Connection) -> str:
        if connection.id in self.broken:
            raise ConnectionBrokenError("The calendar does not accept its sign-in any more.")
        return self.kept[connection.id]

    def renewed(self, connection: Connection, stale: str, renew: Callable[[str], str]) -> str:
        if self.kept[connection.id] == stale:
            self.renewals += 1
            try:
                self.kept[connection.id] = renew(stale)
            except ConnectionBrokenError:
                self.broken.add(connection.id)
                raise
        return self.kept[connection.id]


class MicrosoftBench:
    """A `tests.calendar_contract.Bench`. No pause of the product's is really made; `pauses` are their lengths."""

    def __init__(self, graph: GraphServer, authority: Authority) -> None:
        self.graph = graph
        self.authority = authority
        self.clock = ManualClock()
        self.credentials = KeptCredentials()
        self.pauses: list[float] = []
        self.rest = Rest(
            "Microsoft 365", tls=authority.client_ca, clock=self.clock, pause=self.pauses.append, jitter=lambda: 0.5
        )
        self.sign_in = MicrosoftSignIn(
            CLIENT_ID, CLIENT_SECRET, self.clock, self.rest, authority=authority.url, graph_url=graph.url
        )
        self.provider = MicrosoftCalendar(self.sign_in, self.credentials, self.clock, self.rest, graph_url=graph.url)
        self.mailbox = graph.mailbox(DANAS_ADDRESS, name="Dana Fox", zone=BERLIN)
        graph.mailbox(OTHERS_ADDRESS, name="Oli Fox")
        self.connection = self.connect(DANAS_ADDRESS)
        self.other = self.connect(OTHERS_ADDRESS)

    def connect(self, address: str, *extras: ExtraAccess, personal: bool = False) -> Connection:
        """A connection of somebody who has just signed in."""
        if personal:
            self.authority.tenants[address] = PERSONAL_TENANT
        scopes = (*SCOPES, *(EXTRA_SCOPES[extra] for extra in extras))
        answer = self.authority.grant(address, scope=" ".join(scopes))
        expires_at = self.clock() + timedelta(hours=1)
        tokens = Tokens(answer["access_token"], answer["refresh_token"], expires_at, personal, frozenset(extras))
        connection = Connection(ConnectionId(address), WORKSPACE, DANA.user_id, "microsoft", address)
        self.credentials.kept[connection.id] = tokens.dump()
        return connection

    def tokens(self, connection: Connection | None = None) -> Tokens:
        return Tokens.load(self.credentials.kept[(connection or self.connection).id])

    def choose(self, *calendars: str) -> Connection:
        """Dana's connection with these calendars counting as busy."""
        return replace(self.connection, busy_calendars=calendars)

    # ------------------------------------------------------------ the contract's hand

    def put(self, kind: Kind, interval: Interval, *, title: str = "", is_private: bool = False) -> bool:
        """Exchange shows a cancelled or a declined meeting as free."""
        show_as = {Kind.BUSY: "busy", Kind.TENTATIVE: "tentative", Kind.WEEKLY: "busy"}.get(kind, "free")
        for week in range(3 if kind is Kind.WEEKLY else 1):
            later = timedelta(weeks=week)
            self.mailbox.add(
                interval.start + later,
                interval.end + later,
                show_as=show_as,
                cancelled=kind is Kind.CANCELLED,
                subject=title,
                sensitivity="private" if is_private else "normal",
            )
        return True

    def all_day(self, kind: Kind) -> Interval | None:
        day = datetime(MONDAY.year, MONDAY.month, MONDAY.day)  # noqa: DTZ001 - a date, as Graph writes it
        item = self.mailbox.add_day(day, show_as="free" if kind is Kind.ALL_DAY_FREE else "oof")
        return Interval(*item.instants())

    def answer(self, uid: str, email: str, answer: PartStat) -> bool:
        words = {
            PartStat.ACCEPTED: "accepted",
            PartStat.TENTATIVE: "tentativelyAccepted",
            PartStat.DECLINED: "declined",
        }
        for attendee in self.mailbox.of_uid(uid).attendees:
            if attendee["emailAddress"]["address"] == email:
                attendee["status"] = {"response": words[answer], "time": "2026-11-30T08:00:00Z"}
        return True

    def delete(self, uid: str) -> bool:
        self.mailbox.items.remove(self.mailbox.of_uid(uid))
        return True

    def furnish(self, name: str, address: str, capacity: int) -> bool:
        self.graph.mailbox(address, name=name, is_room=True)
        self.graph.place(name, address, capacity=capacity)
        self.connection = self.connect(DANAS_ADDRESS, ExtraAccess.ROOM_DIRECTORY)
        return True

    def break_down(self) -> bool:
        self.graph.http.will_answer(
            "", "/v1.0/", Response(500, {"error": {"code": "generalException", "message": "…"}})
        )
        return True

    def stall(self) -> bool:
        self.graph.http.will_answer("", "/v1.0/", STALL)
        return True


@contextmanager
def microsoft_bench() -> Iterator[MicrosoftBench]:
    with graph_server() as graph, authority_server(graph.tokens, graph.scopes) as authority:
        yield MicrosoftBench(graph, authority)


def midnight(year: int, month: int, day: int) -> datetime:
    """A date, as Graph writes those of all-day events."""
    return datetime(year, month, day)  # noqa: DTZ001 - it has no zone until somebody asks where


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
