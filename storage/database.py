"""The way in: open a database, migrate it, work with it in transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bot.errors import DatabaseError, SettingsError
from storage.engines import LONGEST_S, Engines, open_engines
from storage.keys import rotate
from storage.repositories.assignments import Assignments
from storage.repositories.builtin_events import BuiltinEvents
from storage.repositories.busy_cache import BusyCache
from storage.repositories.claims import Claims
from storage.repositories.connections import Connections
from storage.repositories.drafts import Drafts
from storage.repositories.event_copies import EventCopies
from storage.repositories.homes import Homes
from storage.repositories.invitations import Invitations
from storage.repositories.meetings import Meetings
from storage.repositories.nonces import Nonces
from storage.repositories.one_time import OneTime
from storage.repositories.outbox import Outbox
from storage.repositories.pools import Pools
from storage.repositories.preferences import PreferencesOfUsers
from storage.repositories.pushes import Pushes
from storage.repositories.rooms import Rooms
from storage.repositories.templates import Templates
from storage.repositories.versions import Versions
from storage.schema import Schema


class SqlUnitOfWork:
    """`bot.ports.UnitOfWork`: one transaction, opened on entering and over with `commit()` or on leaving.

    After `commit()` the connection is back in its pool, and the repositories refuse to work.
    Do not open a second writing one inside: it would wait for the first.
    """

    drafts: Drafts
    invitations: Invitations
    meetings: Meetings
    event_copies: EventCopies
    claims: Claims
    outbox: Outbox
    connections: Connections
    busy_cache: BusyCache
    nonces: Nonces
    homes: Homes
    builtin_events: BuiltinEvents
    one_time: OneTime
    pushes: Pushes
    pools: Pools
    rooms: Rooms
    templates: Templates
    preferences: PreferencesOfUsers
    versions: Versions

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        connection = self._engine.connect()
        try:
            self._transaction = connection.begin()
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self.drafts = Drafts(connection)
        self.invitations = Invitations(connection)
        self._assignments = Assignments(connection)
        self.meetings = Meetings(connection, self._assignments)
        self.event_copies = EventCopies(connection)
        self.claims = Claims(connection)
        self.outbox = Outbox(connection)
        self.connections = Connections(connection)
        self.busy_cache = BusyCache(connection)
        self.nonces = Nonces(connection)
        self.homes = Homes(connection)
        self.builtin_events = BuiltinEvents(connection)
        self.one_time = OneTime(connection)
        self.pushes = Pushes(connection)
        self.pools = Pools(connection)
        self.rooms = Rooms(connection)
        self.templates = Templates(connection)
        self.preferences = PreferencesOfUsers(connection)
        self.versions = Versions(connection)
        return self

    def commit(self) -> None:
        self._assignments.write()
        self._transaction.commit()
        self._connection.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()  # rolls back what is not committed


class Database:
    """One open database. Safe to share between threads; processes open their own."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._schema = Schema()

    def unit_of_work(self, *, write: bool = False) -> SqlUnitOfWork:
        """`bot.ports.UnitOfWorkFactory`. Without `write` the database refuses every change."""
        return SqlUnitOfWork(self._engines.writer if write else self._engines.reader)

    def migrate(self) -> None:
        """Bring the schema up to date. Several processes may try at once: one does it, the others wait.

        Raises DatabaseError where the database cannot be reached, or is a newer version's.
        """
        with _named_refusals("Is it running, and is this its address?"):
            self._schema.migrate(self._engines.writer)

    def is_current(self) -> bool:
        """Whether the database answers and has the newest schema. Raises nothing."""
        return self._schema.is_current(self._engines.reader)

    def rotate_keys(self) -> int:
        """Encrypt every stored secret again with the newest key; returns how many there were. Raises DatabaseError."""
        with _named_refusals("Is it running, and up to date (python -m bot migrate)?"):
            return rotate(self._engines.writer)

    def hurry(self) -> None:
        """The process is to stop: give no transaction more than some seconds. Fit for a signal handler."""
        self._engines.patience.hurry()

    def close(self) -> None:
        self._engines.dispose()


@contextmanager
def _named_refusals(advice: str) -> Iterator[None]:
    """What the database's driver raises as one line for whoever operates the product."""
    try:
        yield
    except DBAPIError as error:
        reason = next(iter(str(error.orig).splitlines()), type(error.orig).__name__)
        raise DatabaseError(f"DATABASE_URL: the database says “{reason.strip()}”. {advice}") from error


def open_database(url: str, keys: Sequence[str], longest_s: float = LONGEST_S) -> Database:
    """A database whose secrets are encrypted with these Fernet keys, newest first. Connects to nothing yet.

    `longest_s` is how long PostgreSQL may take over a transaction.

    Raises SettingsError where the address or a key is not one.
    """
    try:
        fernets = [Fernet(key) for key in keys]
    except ValueError as error:
        raise SettingsError(
            "ENCRYPTION_KEYS: each key is 32 bytes in URL-safe base64, as Fernet makes them."
        ) from error
    if not fernets:
        raise SettingsError("ENCRYPTION_KEYS is empty: give at least one Fernet key.")
    return Database(open_engines(url, MultiFernet(fernets), longest_s))
