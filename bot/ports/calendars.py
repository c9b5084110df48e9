"""Calendar systems and conferences."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

from bot.domain.calendar import (
    Account,
    CalendarInfo,
    Conference,
    Connection,
    Event,
    ExtraAccess,
    FreeBusy,
    SignIn,
)
from bot.domain.ids import (
    ConnectionId,
)
from bot.domain.intervals import Interval
from bot.domain.meeting import Meeting
from bot.domain.pushes import Subscription
from bot.domain.room_directory import ListedRoom


class Credentials(Protocol):
    """A connection's secrets, kept encrypted; renewing them is single-flight across processes."""

    def current(self, connection: Connection) -> str:
        """As they are stored now. Raises ConnectionBrokenError where the connection is broken or gone."""

    def renewed(self, connection: Connection, stale: str, renew: Callable[[str], str]) -> str:
        """Credentials newer than `stale`: those that somebody else has just stored, or what `renew(stale)` gives.

        The old ones stay until the new ones are stored. Where `renew` raises ConnectionBrokenError (an
        `invalid_grant`), the connection is marked broken, people are told, and the error goes on. Raises
        DeliveryError where somebody else takes too long over it.
        """


class SignInProvider(Protocol):
    """A calendar system that people connect by signing in with the browser (OAuth 2 with PKCE)."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str:
        """As people know it: `Google`, `Microsoft 365`."""

    def begin(self, state: str, redirect_uri: str, login_hint: str, extra: ExtraAccess | None = None) -> SignIn:
        """With `extra`, for all that connecting takes and that. Raises ConnectionRefusedByProviderError."""

    def finish(self, sign_in: SignIn, redirect_uri: str, answer: Mapping[str, str]) -> Account:
        """`answer` are the callback's query parameters. Raises ConnectionRefusedByProviderError, also where the
        sign-in's `extra` was not granted: what the account granted before holds on."""

    def revoke(self, credentials: str) -> None:
        """Best effort, raises nothing: the credentials are erased in any case."""


class PasswordProvider(Protocol):
    """A calendar system that people connect with a server, a user name and an app password (CalDAV)."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    def sign_in(self, server: str, user: str, password: str) -> Account:
        """`server` is a host, a principal's or a collection's URL, or empty: found from the address (RFC 6764).

        Raises ConnectionRefusedByProviderError with a sentence that says what to change; ServerToConfirmError where
        the address's domain names a server elsewhere, before anything is sent there.
        """


class CalendarProvider(Protocol):
    """One calendar system. Every method raises DeliveryError or CalendarUnreadableError, never a vendor's error."""

    @property
    def key(self) -> str:
        """`builtin`, `google`, … as in `Connection.provider`."""

    @property
    def delivers_to_attendees(self) -> bool:
        """Whether the provider itself invites the attendees; else copies are written and our mail carries iTIP."""

    def place(self, connection: Connection, calendar: str = "") -> str:
        """What names the calendar that is written to, the same for everybody who writes there; asks nobody.

        `calendar` as in `write`. Of two that write into the same place one is enough.
        """

    def must_be_invited(self, address: str) -> bool:
        """Whether a Room of that address can be reserved only by inviting it to an event in this very system."""

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        """One answer per connection. Whoever fails or is late is unreadable with the reason; raises nothing."""

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        """What the reader's account may see of others (colleagues without a connection, rooms), by address.

        Every address is a key; what is not shared is unreadable with the reason. Raises nothing.
        """

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        """Those the account sees, its own first. Raises CalendarUnreadableError."""

    def rooms(self, connection: Connection) -> Sequence[ListedRoom]:
        """Those in the directory that the account belongs to, by name: at least one.

        Raises ConsentNeededError where the account has to allow it first, NoRoomDirectoryError where there is no such
        directory or nothing in it, and CalendarUnreadableError.
        """

    def write(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        """Create or update the event, named by its uid: doing it twice is doing it once.

        Into the connection's write calendar, or into `calendar` (a Room's). Raises DeliveryError.
        """

    def cancel(self, connection: Connection, event: Event, *, calendar: str = "") -> None:
        """Mark the event cancelled and release its time; one that is not there is done. Raises DeliveryError."""

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        """The event as the calendar has it, with the attendees' answers and the join link, or None where it is
        not there. Raises CalendarUnreadableError."""


@runtime_checkable
class TitledCalendar(Protocol):
    """A `CalendarProvider` that can also say what events are called, to whom they may be shown.

    Both methods give events that block time, and leave out those without a title and those that are marked as
    private: their owner's screen may have other readers. They raise CalendarUnreadableError.
    """

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> Sequence[tuple[Interval, str]]:
        """Of the account's calendars that count as busy."""

    def titles_of(
        self, reader: Connection, address: str, window: Interval, *, timeout_s: float
    ) -> Sequence[tuple[Interval, str]]:
        """Of somebody else's, as far as they show them to the reader's account; nothing where they do not, or where
        the system lets nobody see more of others than when they are busy."""
        return ()


@runtime_checkable
class ItemisedCalendar(Protocol):
    """A `CalendarProvider` that can tell one event from the others that block the same time, where free/busy merges
    them. Every method raises CalendarUnreadableError: what cannot be told apart stays busy."""

    def known_as(self, connection: Connection, uid: str, *, timeout_s: float, calendar: str = "") -> str:
        """The name under which the attendees' calendars of this system hold the event that lies here: the same,
        unless the system gives names of its own."""
        return uid

    def busy_besides(
        self,
        connection: Connection,
        uids: Collection[str],
        window: Interval,
        *,
        timeout_s: float,
        calendar: str = "",
    ) -> Sequence[Interval]:
        """What blocks within the window besides the event of these names: in all calendars of the account that count,
        or in `calendar` (a Room's)."""


@runtime_checkable
class GuardedCalendar(Protocol):
    """A `CalendarProvider` that writes into a Room's own calendar, and can say beforehand where it may not."""

    def read_only(self, connection: Connection, calendars: Sequence[str], *, timeout_s: float) -> Collection[str]:
        """Those that the account may not write, by the system's own word. Raises nothing: what it does not tell, only
        writing will."""


@runtime_checkable
class PushingCalendar(Protocol):
    """A `CalendarProvider` that tells us when something changes in an account's write calendar, or, where it
    `watches_all`, in any of the account's calendars at once.

    It posts to `address` with `secret` in each push. Every method raises DeliveryError.
    """

    @property
    def watches_all(self) -> bool: ...

    def watch(self, connection: Connection, address: str, secret: str) -> Subscription:
        """A new subscription. The provider may ask `address` at once whether we are there."""

    def renewed(self, connection: Connection, subscription: Subscription, address: str, secret: str) -> Subscription:
        """The same for longer, or another one in its place where it has ended."""

    def unwatch(self, connection: Connection, subscription: Subscription) -> None:
        """One that is not there is done."""


class ConferenceProvider(Protocol):
    """Makes a conference that is not part of the event (Zoom). Every method raises DeliveryError."""

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str:
        """As people know it: `Zoom`."""

    def create(self, meeting: Meeting, topic: str, *, host: str = "") -> Conference:
        """The conference, to be kept by the caller: a second call for the same Meeting finds the first one where
        the vendor lets it be found, at whatever time, and makes another where it does not.

        `host` is the address of the person whose conference it is, if they have an account there; else it is the
        installation's own.
        """

    def find(self, meeting: Meeting, *, host: str = "") -> Conference | None:
        """The one that an earlier `create` has made, where the vendor lets it be found."""

    def move(self, conference: Conference, meeting: Meeting, topic: str) -> Conference | None:
        """The same conference at the Meeting's time; None where somebody has deleted it at the vendor."""

    def delete(self, conference: Conference) -> None:
        """One that is not there is done."""
