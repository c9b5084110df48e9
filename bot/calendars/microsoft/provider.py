"""Microsoft 365 as a `CalendarProvider`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from bot.calendars.microsoft import busy, places, titles
from bot.calendars.microsoft.errors import ROOMS_ARE_INVITED
from bot.calendars.microsoft.graph import Graph, Session
from bot.calendars.microsoft.mailbox import Mailbox
from bot.calendars.microsoft.parallel import answered
from bot.calendars.microsoft.sign_in import GRAPH_URL, KEY, MicrosoftSignIn
from bot.calendars.microsoft.subscriptions import Subscriptions
from bot.domain.calendar import CalendarInfo, Connection, Event, EventStatus, FreeBusy
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.domain.pushes import Subscription
from bot.domain.room_directory import ListedRoom
from bot.errors import CalendarUnreadableError
from bot.ports import Clock, Credentials
from bot.rest import Rest, RestError, delivering

_STEP_S = 20.0
"""For all requests of one event or list; the worker's lease on a delivery is much longer."""


class MicrosoftCalendar:
    """Microsoft invites the attendees itself, and makes the Teams meeting of an event that asks for one."""

    key = KEY
    delivers_to_attendees = True
    watches_all = True

    def __init__(
        self,
        sign_in: MicrosoftSignIn,
        credentials: Credentials,
        clock: Clock,
        rest: Rest,
        *,
        graph_url: str = GRAPH_URL,
    ) -> None:
        self._graph = Graph(graph_url, rest, credentials, sign_in.renew, clock)
        self._rest = rest
        self._clock = clock

    def place(self, connection: Connection, calendar: str = "") -> str:
        """The mailbox: an event of ours is found in whichever of its calendars it is."""
        return connection.account.casefold()

    def must_be_invited(self, address: str) -> bool:
        return True

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        deadline = self._rest.deadline(timeout_s)
        calls = {
            connection.id: partial(busy.of_account, self._graph.session(connection, deadline), window)
            for connection in connections
        }
        return {key: busy.readable(answer) for key, answer in answered(calls, deadline).items()}

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        """By getSchedule: sharing free/busy is enough, as colleagues and rooms of an organisation do by default."""
        try:
            return busy.of_addresses(self._graph.session(reader, self._rest.deadline(timeout_s)), addresses, window)
        except RestError as error:
            return dict.fromkeys(addresses, busy.readable(error))

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        """Those that the account owns: the app asks for no right to look into other people's."""
        with _reading(connection):
            return Mailbox(self._session(connection)).calendars()

    def rooms(self, connection: Connection) -> Sequence[ListedRoom]:
        with _reading(connection):
            return places.rooms(self._session(connection))

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        with delivering():
            mailbox = self._mailbox(connection, calendar)
            if event.status is EventStatus.CANCELLED:
                mailbox.cancel(event.uid)
            else:
                mailbox.write(event)

    def cancel(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        with delivering():
            self._mailbox(connection, calendar).cancel(event.uid)

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        with _reading(connection):
            return self._mailbox(connection, calendar).read(uid)

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> Sequence[tuple[Interval, str]]:
        with _reading(connection):
            return titles.of_account(self._graph.session(connection, self._rest.deadline(timeout_s)), window)

    def titles_of(
        self, reader: Connection, address: str, window: Interval, *, timeout_s: float
    ) -> Sequence[tuple[Interval, str]]:
        """By getSchedule, which gives subjects where the calendar is shared with more than its free/busy."""
        with _reading(reader):
            return titles.of_address(self._graph.session(reader, self._rest.deadline(timeout_s)), address, window)

    def known_as(self, connection: Connection, uid: str, *, timeout_s: float, calendar: str = "") -> str:
        with _reading(connection):
            session = self._graph.session(connection, self._rest.deadline(timeout_s))
            return Mailbox(session, calendar or connection.write_calendar).known_as(uid)

    def busy_besides(
        self,
        connection: Connection,
        uids: Collection[str],
        window: Interval,
        *,
        timeout_s: float,
        calendar: str = "",
    ) -> Sequence[Interval]:
        """Of a room's calendar nothing but its free/busy is to be seen."""
        if calendar:
            raise CalendarUnreadableError("The events of this calendar are not shown.", [connection.account])
        with _reading(connection):
            return titles.besides(self._graph.session(connection, self._rest.deadline(timeout_s)), window, uids)

    def watch(self, connection: Connection, address: str, secret: str) -> Subscription:
        with delivering():
            return self._subscriptions(connection).begin(address, secret)

    def renewed(self, connection: Connection, subscription: Subscription, address: str, secret: str) -> Subscription:
        with delivering():
            subscriptions = self._subscriptions(connection)
            return subscriptions.lengthened(subscription) or subscriptions.begin(address, secret)

    def unwatch(self, connection: Connection, subscription: Subscription) -> None:
        with delivering():
            self._subscriptions(connection).end(subscription)

    def _subscriptions(self, connection: Connection) -> Subscriptions:
        return Subscriptions(self._session(connection), self._clock())

    def _session(self, connection: Connection) -> Session:
        return self._graph.session(connection, self._rest.deadline(_STEP_S))

    def _mailbox(self, connection: Connection, calendar: str) -> Mailbox:
        """Raises RestError for a room's address: nobody writes into a room, it is invited."""
        if "@" in calendar:
            raise RestError(ROOMS_ARE_INVITED, status=405)
        return Mailbox(self._session(connection), calendar or connection.write_calendar)


@contextmanager
def _reading(connection: Connection) -> Iterator[None]:
    try:
        yield
    except RestError as error:
        raise CalendarUnreadableError(error.sentence, [connection.account]) from error
