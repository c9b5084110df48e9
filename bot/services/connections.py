"""Connections: whose calendar is connected, and to what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.domain.calendar import Account, CalendarInfo, Connection, ConnectionState
from bot.domain.connecting import CalendarSystem, ConnectionItem
from bot.domain.delivery import ConnectionNews
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.domain.people import Person
from bot.errors import FormError, NotConnectedError, NotFoundError
from bot.ports import CalendarProvider, Clock, PasswordProvider, SignInProvider, UnitOfWorkFactory
from bot.services.broken import forget_readings, note_removal, refreshed, told, waiting_invitations

BUILTIN = "builtin"
_BUILTIN_NAME = "Playground calendar"
_GONE = "This calendar is not connected any more."


class Connections:
    """`offers` are the calendar systems that can be connected here; empty: none is set up."""

    missing_text = (
        "No calendar system is set up for this workspace yet, so nobody’s time can be checked. "
        "Whoever runs InviteOnce sets GOOGLE_CLIENT_ID or MICROSOFT_CLIENT_ID with its secret; "
        "python -m bot doctor says what is missing."
    )

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        providers: Mapping[str, CalendarProvider],
        clock: Clock,
        sign_in: Sequence[SignInProvider] = (),
        password: Sequence[PasswordProvider] = (),
        end_pushes: Callable[[Connection], None] = lambda connection: None,
    ) -> None:
        """`end_pushes` is called for a connection that is about to be removed; it raises nothing."""
        self._unit_of_work = unit_of_work
        self._providers = providers
        self._clock = clock
        self._end_pushes = end_pushes
        self._sign_in = {provider.key: provider for provider in sign_in}
        self.offers = (
            *(CalendarSystem(provider.key, provider.name) for provider in sign_in),
            *(CalendarSystem(provider.key, provider.name, needs_password=True) for provider in password),
        )
        self.is_one_click = BUILTIN in providers
        """Whether *Connect calendar* connects at once, as in the playground."""
        names = {system.key: system.name for system in self.offers}
        self._names = {BUILTIN: _BUILTIN_NAME, **names} if self.is_one_click else names
        self.systems = tuple(self._names.values())

    # ------------------------------------------------------------ what there is

    def is_connected(self, workspace_id: WorkspaceId, user_id: UserId) -> bool:
        with self._unit_of_work() as unit:
            return unit.connections.has_any(workspace_id, user_id)

    def items(self, person: Person) -> tuple[ConnectionItem, ...]:
        """The person's connections with what their owner wants to know; asks no provider."""
        resource = person.resource_id
        with self._unit_of_work() as unit:
            found = unit.connections.of_user(person.workspace_id, person.user_id)
            reading = unit.busy_cache.get(person.workspace_id, [resource]).get(resource)
        read_at, unreadable = (reading.read_at, reading.unreadable) if reading else (None, None)
        return tuple(ConnectionItem(one, self.name_of(one), read_at, unreadable) for one in found)

    def broken(self, person: Person) -> tuple[Connection, ...]:
        """Those that have to be connected again."""
        with self._unit_of_work() as unit:
            found = unit.connections.of_user(person.workspace_id, person.user_id)
        return tuple(one for one in found if one.state is ConnectionState.BROKEN)

    def find(self, person: Person, connection_id: str) -> Connection:
        """Raises NotFoundError, for somebody else's too."""
        with self._unit_of_work() as unit:
            return _own(unit.connections.get(ConnectionId(connection_id)), person)

    def name_of(self, connection: Connection) -> str:
        """The calendar system's name, also of one that is not set up any more."""
        return self._names.get(connection.provider, connection.provider)

    # ------------------------------------------------------------ connect

    def connect_builtin(self, person: Person) -> None:
        """Connect the playground's calendar; twice is once. Raises NotConnectedError outside the playground."""
        if not self.is_one_click:
            raise NotConnectedError(self.missing_text)
        connection = Connection(
            id=ConnectionId(f"{BUILTIN}-{person.workspace_id}-{person.user_id}"),
            workspace_id=person.workspace_id,
            user_id=person.user_id,
            provider=BUILTIN,
            account=person.email,
            connected_at=self._clock(),
        )
        with self._unit_of_work(write=True) as unit:
            unit.connections.put(connection)
            unit.busy_cache.forget(person.workspace_id, [person.resource_id])
            unit.commit()

    def store(self, person: Person, provider: str, account: Account, *, is_consent: bool = False) -> Connection:
        """Connect an account that has just signed in, or, where it was connected already, connect it again:
        with its new credentials, and the choice of calendars it had. The owner is told, but not of a consent to
        something more: that connection has been there before."""
        now = self._clock()
        connection_id = _id_of(person, provider, account.address)
        with self._unit_of_work(write=True) as unit:
            known = unit.connections.get(connection_id, lock=True) or Connection(
                connection_id, person.workspace_id, person.user_id, provider, account.address, connected_at=now
            )
            is_old_news = is_consent and known.state is ConnectionState.OK and bool(known.credentials)
            connection = replace(known, credentials=account.credentials, state=ConnectionState.OK, remind_at=None)
            unit.connections.put(connection)
            waiting = waiting_invitations(unit, connection)
            forget_readings(unit, connection, waiting)
            news = [] if is_old_news else [told(connection, ConnectionNews.CONNECTED, now)]
            unit.outbox.add(*news, *refreshed(connection, waiting, now))
            unit.commit()
        return connection

    def is_known(self, person: Person, provider: str, address: str) -> bool:
        """Whether the person has connected this very account before."""
        with self._unit_of_work() as unit:
            return unit.connections.get(_id_of(person, provider, address)) is not None

    # ------------------------------------------------------------ change

    def calendars(self, person: Person, connection_id: str) -> tuple[Connection, Sequence[CalendarInfo]]:
        """What the account can see, its own first. Asks the provider; raises CalendarUnreadableError."""
        connection = self.find(person, connection_id)
        provider = self._providers.get(connection.provider)
        if provider is None:
            raise NotConnectedError(f"{self.name_of(connection)} is not set up here any more. Disconnect it.")
        return connection, provider.calendars(connection)

    def choose(self, person: Person, connection_id: str, busy: Sequence[str], write: str) -> None:
        """Which calendars count as busy (none: all that the account owns), and which one is written to (empty: the
        account's own), by their keys. Raises FormError where one is not there, or cannot be written to."""
        _, calendars = self.calendars(person, connection_id)
        readable = {one.key: one.id for one in calendars}
        writable = {one.key: one.id for one in calendars if one.can_write}
        if not readable.keys() >= set(busy):
            raise FormError({"busy_calendars": "One of these calendars is not there any more. Choose again."})
        if write and write not in writable:
            raise FormError({"write_calendar": "This calendar cannot be written to. Choose another one."})
        with self._unit_of_work(write=True) as unit:
            connection = _own(unit.connections.get(ConnectionId(connection_id), lock=True), person)
            counted, written = tuple(readable[key] for key in busy), writable[write] if write else ""
            unit.connections.put(replace(connection, busy_calendars=counted, write_calendar=written))
            unit.busy_cache.forget(person.workspace_id, [person.resource_id])
            unit.outbox.add(*refreshed(connection, waiting_invitations(unit, connection), self._clock()))
            unit.commit()

    def disconnect(self, person: Person, connection_id: str) -> Connection:
        """Erase the connection with its credentials, and have them revoked where the provider can. Inviters who wait
        for it are told."""
        self._end_pushes(self.find(person, connection_id))  # it takes the credentials
        with self._unit_of_work(write=True) as unit:
            connection = _own(unit.connections.get(ConnectionId(connection_id), lock=True), person)
            unit.connections.delete(connection.id)
            note_removal(unit, connection, self._clock())
            unit.commit()
        self.revoke(connection.provider, Account(connection.account, connection.credentials))
        return connection

    def revoke(self, provider: str, account: Account) -> None:
        """Best effort. Not while the account is connected somewhere: a provider withdraws all that the account has
        ever granted us, and that connection would break."""
        with self._unit_of_work() as unit:
            is_used = unit.connections.uses_account(provider, account.address)
        if account.credentials and provider in self._sign_in and not is_used:
            self._sign_in[provider].revoke(account.credentials)


def _id_of(person: Person, provider: str, address: str) -> ConnectionId:
    """The same account of the same person is the same connection, however often and at once it is connected."""
    parts = (person.workspace_id, person.user_id, provider, address.casefold())
    return ConnectionId(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32])


def _own(connection: Connection | None, person: Person) -> Connection:
    if connection is None or (connection.workspace_id, connection.user_id) != (person.workspace_id, person.user_id):
        raise NotFoundError(_GONE)
    return connection
