"""Google Calendar behind `bot.ports.CalendarProvider`."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import cached_property, partial

from bot.calendars.google import resources
from bot.calendars.google.calls import Calls, Send, calendar_list, is_owned
from bot.calendars.google.client import EXTRA_SCOPES, GoogleClient
from bot.calendars.google.faults import GoogleError
from bot.calendars.google.pacing import Lanes, Timing, google_rest
from bot.calendars.google.reading import BusyReader
from bot.calendars.google.titles import besides, titles
from bot.calendars.google.tokens import TokenEndpoint, tokens_from
from bot.calendars.google.watching import Watching
from bot.calendars.google.writing import PRIMARY, EventPlace, place_of
from bot.domain.calendar import CalendarInfo, Connection, Event, ExtraAccess, FreeBusy
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.domain.pushes import Subscription
from bot.domain.room_directory import ListedRoom
from bot.errors import CalendarUnreadableError, ConnectionBrokenError, ConsentNeededError, DeliveryError
from bot.ports import Clock, Credentials, ItemisedCalendar, TitledCalendar
from bot.rest import Rest

log = logging.getLogger(__name__)

READ_S = 10.0
WRITE_S = 20.0
_MADE_BY_SOMEBODY = "@group.calendar.google.com"


class GoogleCalendar(TitledCalendar, ItemisedCalendar):
    """Google invites the attendees, asks the rooms, and makes the Meet conference with the event."""

    key = "google"
    delivers_to_attendees = True
    watches_all = False

    def __init__(
        self,
        client: GoogleClient,
        credentials: Credentials,
        clock: Clock,
        executor: Executor,
        timing: Timing | None = None,
    ) -> None:
        """`executor` carries the questions; nobody who waits for this provider may run in it."""
        self._client = client
        self._credentials = credentials
        self._clock = clock
        self._executor = executor
        self._timing = timing or Timing()
        self._lanes = Lanes(self._timing)

    def place(self, connection: Connection, calendar: str = "") -> str:
        """The calendar's id; of a primary calendar that is the account's address."""
        target = calendar or connection.write_calendar or PRIMARY
        return (connection.account if target == PRIMARY else target).casefold()

    def must_be_invited(self, address: str) -> bool:
        """All but calendars that somebody has made for the purpose: those can be written by their owner."""
        return not address.casefold().endswith(_MADE_BY_SOMEBODY)

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        """Of the calendars chosen in Setup, else of all that the account owns."""
        return self._reader.of_connections(connections, window, self._timing.deadline(timeout_s))

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        return self._reader.of_addresses(reader, addresses, window, self._timing.deadline(timeout_s))

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        """Only owned ones can be written to: there is no permission asked for any other."""
        deadline = self._timing.deadline(READ_S)
        with _unreadable():
            listed = calendar_list(partial(self._calls.make, connection, deadline=deadline))
        infos = [
            CalendarInfo(
                id=entry["id"],
                name=str(entry.get("summaryOverride") or entry.get("summary") or entry["id"]),
                is_primary=entry.get("primary") is True,
                is_owned=is_owned(entry),
                can_write=is_owned(entry),
            )
            for entry in listed
        ]
        return sorted(infos, key=lambda info: (not info.is_owned, not info.is_primary, info.name.casefold()))

    def rooms(self, connection: Connection) -> Sequence[ListedRoom]:
        deadline = self._timing.deadline(READ_S)
        with _unreadable():
            granted = tokens_from(self._credentials.current(connection)).scopes
            if EXTRA_SCOPES[ExtraAccess.ROOM_DIRECTORY] not in granted:
                raise ConsentNeededError(resources.NEEDS_CONSENT)
            return resources.rooms(partial(self._directory.make, connection, deadline=deadline))

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        with _undelivered():
            self._place(connection, calendar, event.uid, WRITE_S).write(event)

    def cancel(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        with _undelivered():
            self._place(connection, calendar, event.uid, WRITE_S).cancel(event.sequence)

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        with _unreadable():
            return self._place(connection, calendar, uid, READ_S).read()

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> Sequence[tuple[Interval, str]]:
        deadline = self._timing.deadline(timeout_s)
        with _unreadable():
            ask = partial(self._calls.make, connection, deadline=deadline)
            calendars = self._reader.that_count(connection, deadline)
            found = self._executor.map(lambda calendar: titles(ask, calendar, window), calendars)
            return [one for of_calendar in found for one in of_calendar]

    def busy_besides(
        self,
        connection: Connection,
        uids: Collection[str],
        window: Interval,
        *,
        timeout_s: float,
        calendar: str = "",
    ) -> Sequence[Interval]:
        """Of owned calendars; of a room's where Google shows its events to the account, ours among them."""
        deadline = self._timing.deadline(timeout_s)
        with _unreadable():
            ask = partial(self._calls.make, connection, deadline=deadline)
            calendars = [calendar] if calendar else self._reader.that_count(connection, deadline)
            is_owned = not calendar
            return [one for each in calendars for one in besides(ask, each, window, uids, is_owned=is_owned)]

    def watch(self, connection: Connection, address: str, secret: str) -> Subscription:
        with _undelivered():
            return self._watching(connection).begin(address, secret, self._clock())

    def renewed(self, connection: Connection, subscription: Subscription, address: str, secret: str) -> Subscription:
        """Another one: Google lengthens none. For a moment both push, with the same secret."""
        with _undelivered():
            fresh = self._watching(connection).begin(address, secret, self._clock(), former=subscription.id)
        try:
            self.unwatch(connection, subscription)
        except DeliveryError as error:
            log.info("a channel of Google's could not be stopped, and ends by itself: %s", error)
        return fresh

    def unwatch(self, connection: Connection, subscription: Subscription) -> None:
        with _undelivered():
            self._watching(connection).end(subscription)

    def _watching(self, connection: Connection) -> Watching:
        ask = partial(self._calls.make, connection, deadline=self._timing.deadline(READ_S))
        return Watching(ask, connection.write_calendar or PRIMARY)

    def _place(self, connection: Connection, calendar: str, uid: str, patience_s: float) -> EventPlace:
        return place_of(self._calls, connection, calendar, uid, self._timing.deadline(patience_s))

    @property
    def _reader(self) -> BusyReader:
        return BusyReader(self._calls, self._executor)

    @cached_property
    def _calls(self) -> Calls:
        from bot.calendars.google.api import calendar_api  # takes a sixth of a second: when first needed

        return self._calls_of(calendar_api(self._client.calendar_url, self._rest).send)

    @cached_property
    def _directory(self) -> Calls:
        from bot.calendars.google.api import directory_api

        return self._calls_of(directory_api(self._client.directory_url, self._rest).send)

    @cached_property
    def _rest(self) -> Rest:
        return google_rest(self._clock, self._timing)

    def _calls_of(self, send: Send) -> Calls:
        endpoint = TokenEndpoint(self._client, self._rest)
        return Calls(send, endpoint, self._credentials, self._lanes, self._timing, self._clock)


@contextmanager
def _undelivered() -> Iterator[None]:
    """Whatever went wrong with Google, as the outbox reads it."""
    try:
        yield
    except GoogleError as error:
        raise error.undelivered() from error
    except ConnectionBrokenError as error:
        raise DeliveryError(str(error)) from error


@contextmanager
def _unreadable() -> Iterator[None]:
    """Whatever went wrong with Google, as those who read calendars know it."""
    try:
        yield
    except GoogleError as error:
        raise error.unreadable() from error
    except (ConnectionBrokenError, DeliveryError) as error:
        raise CalendarUnreadableError(str(error)) from error
