"""CalDAV accounts on the tests' servers, behind the bench of the calendar contract."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import icalendar

from bot.calendars.caldav.network import Guard, guarded_pools
from bot.calendars.caldav.provider import CalDavCalendar
from bot.calendars.caldav.server import Server
from bot.domain.calendar import Connection, PartStat
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.errors import ConnectionBrokenError
from tests.caldav_directory import RoomPrincipal, searchable
from tests.caldav_servers import PASSWORD, CalDavServer
from tests.calendar_contract import Kind
from tests.faulty_caldav import FaultyCalDav, stall, status

USER = "dana@fox.example"
LOOPBACK = Guard([ipaddress.ip_network("127.0.0.0/8")])
ZONE = ZoneInfo("America/New_York")
SHORT_DAY = date(2027, 3, 14)
"""The day of the clock change in New York: 23 hours."""


@cache
def definition(zone: str) -> str:
    """The zone's VTIMEZONE, unfolded: within XML Xandikos loses the spaces that begin folded lines."""
    text: bytes = icalendar.Timezone.from_tzid(zone, first_date=date(2026, 1, 1)).to_ical()
    return text.decode().replace("\r\n ", "")


def zone_of_calendar(zone: str) -> str:
    """What a server is told about a calendar's zone."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{definition(zone)}END:VCALENDAR\r\n"


class KeptCredentials:
    """A `Credentials` in memory: what is stored by connection, and which connections have been marked broken."""

    def __init__(self) -> None:
        self.stored: dict[ConnectionId, str] = {}
        self.broken: list[ConnectionId] = []

    def current(self, connection: Connection) -> str:
        if connection.id in self.broken:
            raise ConnectionBrokenError("Connect the calendar again.")
        return self.stored.get(connection.id, connection.credentials)

    def renewed(self, connection: Connection, stale: str, renew: Callable[[str], str]) -> str:
        newest = self.current(connection)
        if newest != stale:
            return newest
        try:
            self.stored[connection.id] = renew(stale)
        except ConnectionBrokenError:
            self.broken.append(connection.id)
            raise
        return self.stored[connection.id]


def now() -> datetime:
    return datetime(2027, 3, 1, 8, tzinfo=UTC)


def a_provider(
    executor: Executor, credentials: KeptCredentials | None = None, guard: Guard = LOOPBACK
) -> CalDavCalendar:
    return CalDavCalendar(Server(guarded_pools(guard), now), credentials or KeptCredentials(), executor)


def a_connection(credentials: str, calendar: str = "", name: str = "caldav-dana") -> Connection:
    """A connection for which that calendar alone counts and is written to; without one, all of the account's."""
    return Connection(
        id=ConnectionId(name),
        workspace_id=WorkspaceId("T0NORTHWIND"),
        user_id=UserId("U0DANA"),
        provider="caldav",
        account=USER,
        credentials=credentials,
        busy_calendars=(calendar,) if calendar else (),
        write_calendar=calendar,
    )


def an_object(*lines: str, uid: str = "by-hand@example") -> str:
    """A calendar object with one event, as a client would store it, with the definitions of its zones."""
    event = ("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20270101T000000Z", *lines, "END:VEVENT", "")
    zones = sorted(set(re.findall(r";TZID=([A-Za-z/_]+):", "\n".join(lines))))
    inner = "".join(map(definition, zones)) + "\r\n".join(event)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\n{inner}END:VCALENDAR\r\n"


def stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


_OF_KIND = {
    Kind.TENTATIVE: ("STATUS:TENTATIVE",),
    Kind.WEEKLY: ("RRULE:FREQ=WEEKLY;COUNT=3",),
    Kind.TRANSPARENT: ("TRANSP:TRANSPARENT",),
    Kind.ALL_DAY_FREE: ("TRANSP:TRANSPARENT",),
    Kind.CANCELLED: ("STATUS:CANCELLED",),
    Kind.DECLINED: ("ORGANIZER:mailto:ben@fox.example", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{USER}"),
}


class CalDavBench:
    """Two calendars of one account, each the whole of a connection. Objects are put and changed by plain requests."""

    def __init__(self, server: CalDavServer, faulty: FaultyCalDav, executor: Executor) -> None:
        self.provider = a_provider(executor)
        self._server = server
        self._faulty = faulty
        self.calendar = server.new_calendar(USER, zone=zone_of_calendar(ZONE.key))
        self.connection = self._connected(self.calendar)
        self.other = self._connected(server.new_calendar(USER, zone=zone_of_calendar(ZONE.key)))
        self._rooms: list[RoomPrincipal] = []

    def put(self, kind: Kind, interval: Interval, *, title: str = "", is_private: bool = False) -> bool:
        text: str = icalendar.vText(title).to_ical().decode()
        named = (f"SUMMARY:{text}",) if title else ()
        secret = ("CLASS:PRIVATE",) if is_private else ()
        when = (f"DTSTART:{stamp(interval.start)}", f"DTEND:{stamp(interval.end)}")
        lines = (*when, *_OF_KIND.get(kind, ()), *named, *secret)
        self._server.put(USER, self.calendar, an_object(*lines))
        return True

    def all_day(self, kind: Kind) -> Interval | None:
        lines = (f"DTSTART;VALUE=DATE:{SHORT_DAY:%Y%m%d}", *_OF_KIND.get(kind, ()))
        self._server.put(USER, self.calendar, an_object(*lines))
        start, end = datetime(2027, 3, 14, tzinfo=ZONE), datetime(2027, 3, 15, tzinfo=ZONE)
        return Interval(start.astimezone(UTC), end.astimezone(UTC))

    def answer(self, uid: str, email: str, answer: PartStat) -> bool:
        url = f"{self.calendar}{uid}.ics"
        text = self._server.ask("GET", url, USER).replace("\r\n ", "")
        lines = [
            line.replace("PARTSTAT=NEEDS-ACTION", f"PARTSTAT={answer.upper()}") if email in line else line
            for line in text.split("\r\n")
        ]
        self._server.ask("PUT", url, USER, "\r\n".join(lines), {"Content-Type": "text/calendar"})
        return True

    def delete(self, uid: str) -> bool:
        self._server.ask("DELETE", f"{self.calendar}{uid}.ics", USER)
        return True

    def furnish(self, name: str, address: str, capacity: int) -> bool:
        """The directory is the faulty server's. CalDAV has no seats."""
        self._rooms.append(RoomPrincipal(address.partition("@")[0], name))
        searchable(self._faulty, *self._rooms)
        self._move_to_the_faulty_one()
        return True

    def break_down(self) -> bool:
        self._faulty.faults = dict.fromkeys(("PROPFIND", "REPORT", "GET", "PUT"), status(500))
        self._move_to_the_faulty_one()
        return True

    def stall(self) -> bool:
        self._faulty.faults["PROPFIND"] = stall
        self._move_to_the_faulty_one()
        return True

    def _connected(self, calendar: str) -> Connection:
        account = self.provider.sign_in(calendar, USER, PASSWORD)
        assert account.address == USER
        return a_connection(account.credentials, calendar, calendar)

    def _move_to_the_faulty_one(self) -> None:
        access = self._faulty.access.to_json()
        self.connection = replace(a_connection(access), id=self.connection.id)
        self.other = replace(a_connection(access), id=self.other.id)
