"""The CalDAV adapter of `bot.ports.CalendarProvider` and `bot.ports.PasswordProvider`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Uids
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from bot.calendars.caldav import copies, directory, parallel
from bot.calendars.caldav.access import Access
from bot.calendars.caldav.busy import besides, busy, titles
from bot.calendars.caldav.errors import CalDavError, RejectedLoginError
from bot.calendars.caldav.listing import Collection, collection, collections, is_same, normal
from bot.calendars.caldav.records import FindServices, no_services
from bot.calendars.caldav.server import Server
from bot.calendars.caldav.session import Session
from bot.calendars.caldav.sign_in import sign_in
from bot.domain.calendar import Account, CalendarInfo, Connection, Event, FreeBusy
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.domain.room_directory import ListedRoom
from bot.errors import CalendarUnreadableError, ConnectionBrokenError, DeliveryError, InviteOnceError
from bot.ports import Credentials, GuardedCalendar, ItemisedCalendar, TitledCalendar

_PATIENCE_S = 20.0
"""For everything that nobody waits for in front of a screen."""
_T = TypeVar("_T")
_A = TypeVar("_A")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A connection with its secrets at hand."""

    access: Access
    session: Session


class CalDavCalendar(TitledCalendar, ItemisedCalendar, GuardedCalendar):
    """Any CalDAV server. It invites nobody itself: `SCHEDULE-AGENT=CLIENT` keeps those from it that would."""

    key = "caldav"
    name = "CalDAV"
    delivers_to_attendees = False

    def __init__(
        self, server: Server, credentials: Credentials, executor: Executor, find: FindServices = no_services
    ) -> None:
        """`executor` asks the calendars; whoever calls `free_busy` must not be one of its threads. `find` knows the
        servers that a domain names."""
        self._server = server
        self._find = find
        self._credentials = credentials
        self._executor = executor

    def sign_in(self, server: str, user: str, password: str) -> Account:
        access, address = sign_in(self._server, self._find, server, user, password, _deadline(_PATIENCE_S))
        return Account(address, access.to_json())

    def place(self, connection: Connection, calendar: str = "") -> str:
        """The collection's URL, however it is written; whoever has chosen none writes into the account's own."""
        try:
            url = _url(Access.from_json(connection.credentials), connection, calendar)
        except CalDavError:
            return f"{connection.account} {calendar or connection.write_calendar}"
        return repr(normal(url))

    def must_be_invited(self, address: str) -> bool:
        return False

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        """Each connection's calendars are listed, then all of them read."""
        deadline = _deadline(timeout_s)

        def find(connection: Connection) -> Sequence[parallel.Read]:
            return self._open(
                connection, deadline, lambda opened: _reads(opened, _that_count(opened, connection), window)
            )

        asked = {connection.id: _bound(find, connection) for connection in connections}
        return parallel.free_busy(self._executor, asked, deadline)

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        """An address is a calendar's URL on the reader's server: that is all that CalDAV lets others see."""
        deadline = _deadline(timeout_s)

        def find(address: str) -> Sequence[parallel.Read]:
            if not address.lower().startswith(("https://", "http://")):
                raise CalDavError("other people's calendars are known here by their CalDAV address (https://…) only")
            return self._open(
                reader,
                deadline,
                lambda opened: _reads(opened, [collection(opened.session, address, "")], window, is_own=False),
            )

        return parallel.free_busy(self._executor, {address: _bound(find, address) for address in addresses}, deadline)

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        found, default = self._reading(
            connection,
            lambda opened: (
                collections(opened.session, opened.access.homes, opened.access.principal),
                opened.access.default_calendar,
            ),
        )
        return tuple(
            CalendarInfo(one.url, one.name, is_same(one.url, default), one.is_owned, one.can_write) for one in found
        )

    def read_only(self, connection: Connection, calendars: Sequence[str], *, timeout_s: float) -> Sequence[str]:
        deadline = _deadline(timeout_s)

        def may_write(url: str) -> bool:
            try:
                return self._open(connection, deadline, lambda opened: collection(opened.session, url, "").can_write)
            except InviteOnceError:
                return True

        answers = self._executor.map(may_write, calendars)
        return [url for url, is_open in zip(calendars, answers, strict=True) if not is_open]

    def rooms(self, connection: Connection) -> Sequence[ListedRoom]:
        return self._reading(
            connection, lambda opened: directory.rooms(opened.session, opened.access.principal, self._executor)
        )

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        stored = self._reading(
            connection, lambda opened: copies.read(opened.session, _target(opened, connection, calendar), uid)
        )
        return stored.event if stored is not None else None

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        self._writing(
            connection, lambda opened: copies.write(opened.session, _target(opened, connection, calendar), event)
        )

    def cancel(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        self._writing(
            connection, lambda opened: copies.cancel(opened.session, _target(opened, connection, calendar), event)
        )

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> Sequence[tuple[Interval, str]]:
        def ask(opened: _Opened) -> Sequence[tuple[Interval, str]]:
            addresses = frozenset(opened.access.addresses)
            found = self._executor.map(
                lambda one: titles(opened.session, one, window, addresses), _that_count(opened, connection)
            )
            return [titled for of_calendar in found for titled in of_calendar]

        return self._reading(connection, ask, timeout_s)

    def busy_besides(
        self,
        connection: Connection,
        uids: Uids[str],
        window: Interval,
        *,
        timeout_s: float,
        calendar: str = "",
    ) -> Sequence[Interval]:
        def ask(opened: _Opened) -> Sequence[Interval]:
            addresses = frozenset(() if calendar else opened.access.addresses)
            asked = [collection(opened.session, calendar, "")] if calendar else _that_count(opened, connection)
            return [found for one in asked for found in besides(opened.session, one, uids, window, addresses)]

        return self._reading(connection, ask, timeout_s)

    def _reading(self, connection: Connection, ask: Callable[[_Opened], _T], patience_s: float = _PATIENCE_S) -> _T:
        try:
            return self._open(connection, _deadline(patience_s), ask)
        except (CalDavError, ConnectionBrokenError) as error:
            raise CalendarUnreadableError(_sentence(error), [connection.account]) from error

    def _writing(self, connection: Connection, tell: Callable[[_Opened], None]) -> None:
        try:
            self._open(connection, _deadline(_PATIENCE_S), tell)
        except CalDavError as error:
            raise DeliveryError(_sentence(error), permanent=error.permanent, retry_at=error.retry_at) from error
        except ConnectionBrokenError as error:
            raise DeliveryError(str(error)) from error

    def _open(self, connection: Connection, deadline: float, use: Callable[[_Opened], _T]) -> _T:
        """What `use` makes of the connection, signed in anew where its password has just been replaced.

        Raises CalDavError, and ConnectionBrokenError where the password is no longer good.
        """
        stored = self._credentials.current(connection)
        try:
            return use(self._opened(stored, deadline))
        except RejectedLoginError:
            newer = self._credentials.renewed(connection, stored, self._confirm_rejection)
            return use(self._opened(newer, deadline))

    def _opened(self, stored: str, deadline: float) -> _Opened:
        access = Access.from_json(stored)
        return _Opened(access, Session(self._server, access.login, deadline))

    def _confirm_rejection(self, stale: str) -> str:
        """Nothing can be renewed here, but one 401 may be a server's hiccup: only a second one breaks a connection."""
        opened = self._opened(stale, _deadline(_PATIENCE_S))
        try:
            collections(opened.session, opened.access.homes, opened.access.principal)
        except RejectedLoginError as error:
            raise ConnectionBrokenError(_sentence(error)) from error
        return stale


def _reads(
    opened: _Opened, found: Sequence[Collection], window: Interval, *, is_own: bool = True
) -> Sequence[parallel.Read]:
    """What is left to do for each of the calendars. A guest in a calendar has no part in its owner's answers."""
    addresses = frozenset(opened.access.addresses) if is_own else frozenset()
    return [_bound(lambda one: busy(opened.session, one, window, addresses), one) for one in found]


def _that_count(opened: _Opened, connection: Connection) -> Sequence[Collection]:
    """The connection's busy calendars, or all that the account owns. Raises CalDavError where one is gone."""
    home = collections(opened.session, opened.access.homes, opened.access.principal)
    if not connection.busy_calendars:
        owned = [one for one in home if one.is_owned]
        if not owned:
            raise CalDavError("the account has no calendar of its own")
        return owned
    return [
        next((one for one in home if is_same(one.url, url)), None)
        or collection(opened.session, url, opened.access.principal)
        for url in connection.busy_calendars
    ]


def _target(opened: _Opened, connection: Connection, calendar: str) -> Collection:
    """The calendar that an event is written to."""
    return collection(opened.session, _url(opened.access, connection, calendar), opened.access.principal)


def _url(access: Access, connection: Connection, calendar: str) -> str:
    return calendar or connection.write_calendar or access.default_calendar


def _bound(function: Callable[[_A], _T], argument: _A) -> Callable[[], _T]:
    return lambda: function(argument)


def _deadline(seconds: float) -> float:
    return time.monotonic() + seconds


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
