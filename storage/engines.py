"""Engines: how each database is connected to, read and written.

Reading and writing are two engines. What is read cannot write by accident, on either database, and a reader
never waits for a writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import MultiFernet
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, NoSuchModuleError

from bot.errors import SettingsError
from storage.patience import Patience
from storage.prepared import CURSOR, WORDS, cursor_of
from storage.types import use_keys

_CONNECTIONS = 40
"""As many threads as serve requests in one process (Starlette's pool); more wait for their turn."""
_WAIT_S = 60
"""How long a thread waits for a connection, and SQLite for another process that writes."""
LONGEST_S = 45
"""How long a transaction may last on PostgreSQL."""
_STATEMENT_S = 30
"""How long a statement may, also one that waits for a lock: then the server says so, and the connection stays good."""
_PATIENCE = "patience"


@dataclass(frozen=True, slots=True)
class Engines:
    reader: Engine
    writer: Engine
    patience: Patience = field(default_factory=lambda: Patience(LONGEST_S))

    def dispose(self) -> None:
        self.patience.stop()
        self.reader.dispose()
        self.writer.dispose()


def open_engines(url: str, keys: MultiFernet, longest_s: float = LONGEST_S) -> Engines:
    """Engines for `sqlite:///path` or `postgresql://…`; connects to nothing yet. Raises SettingsError.

    On PostgreSQL a transaction that is not over after `longest_s` is cut off.

    What a statement was given never shows in an error, and so in no log: it is about people.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise SettingsError("DATABASE_URL is not a database address such as postgresql://user@host/name.") from error
    if address.get_backend_name() == "sqlite":
        engines = _sqlite(address)
    elif address.get_backend_name() == "postgresql":
        engines = _postgresql(address, Patience(longest_s))
    else:
        raise SettingsError("DATABASE_URL begins with sqlite:/// or postgresql://.")
    use_keys(engines.reader.dialect, keys)
    use_keys(engines.writer.dialect, keys)
    return engines


def take_time(connection: Connection) -> None:
    """Let the connection's transaction last as long as it wants."""
    patience: Patience | None = connection.get_execution_options().get(_PATIENCE)
    if patience:
        patience.end(connection.connection.driver_connection)
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _sqlite(address: URL) -> Engines:
    """One connection that writes, and many that read beside it (WAL).

    SQLite lets one writer in at a time and is unfair about whom: a hundred threads would starve each other.
    So the threads of a process queue for its one writing connection, and only processes compete in SQLite.
    """
    if not address.database or address.database == ":memory:":
        raise SettingsError("DATABASE_URL names no file: write sqlite:///inviteonce.db, for example.")
    options: dict[str, Any] = {
        "connect_args": {"timeout": _WAIT_S},
        "pool_timeout": _WAIT_S,
        "max_overflow": 0,
        "hide_parameters": True,
    }
    reader = create_engine(address, pool_size=_CONNECTIONS, execution_options={WORDS: {}}, **options)
    writer = create_engine(address, pool_size=1, execution_options={WORDS: {}}, **options)

    @event.listens_for(reader, "connect")
    def prepare_reader(connection: Any, _: object) -> None:
        _take_over_transactions(connection)
        connection.execute("PRAGMA query_only = ON")

    @event.listens_for(writer, "connect")
    def prepare_writer(connection: Any, _: object) -> None:
        _take_over_transactions(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(reader, "begin")
    def begin_reading(connection: Connection) -> None:
        # Straight to the driver: SQLAlchemy's way takes longer than most of what is read, and this cannot be refused.
        connection.connection.cursor().execute("BEGIN")

    @event.listens_for(writer, "begin")
    def begin_writing(connection: Connection) -> None:
        # Not a plain BEGIN: that would take the lock with the first write, and fail if anybody wrote since our read.
        with cursor_of(connection) as cursor:
            cursor.execute("BEGIN IMMEDIATE")

    @event.listens_for(writer, "checkin")
    def end_transaction(connection: Any, _: object) -> None:
        # A COMMIT that fails (on a foreign key, a full disk) leaves SQLite's transaction open, unlike PostgreSQL's.
        if connection is not None and connection.in_transaction:
            connection.rollback()

    return Engines(reader, writer)


def _take_over_transactions(connection: Any) -> None:
    """Python's sqlite3 would begin transactions by itself, late and not before every statement; now it begins none."""
    connection.isolation_level = None


def _postgresql(address: URL, patience: Patience) -> Engines:
    from storage.libpq import LibpqCursor  # SQLite needs no driver that takes a fifth of a second to import

    session = {
        "timezone": "UTC",
        "statement_timeout": f"{_STATEMENT_S}s",
        # A client that has vanished from the network holds its locks no longer than that.
        "idle_in_transaction_session_timeout": f"{_WAIT_S}s",
    }
    try:
        engine = create_engine(
            address,
            connect_args={
                "connect_timeout": 10,
                "options": " ".join(f"-c {name}={to}" for name, to in session.items()),
            },
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=_WAIT_S,
            hide_parameters=True,
            execution_options={WORDS: {}, CURSOR: LibpqCursor, _PATIENCE: patience},
        )
    except NoSuchModuleError as error:
        raise SettingsError("DATABASE_URL begins with postgresql:// or postgresql+psycopg://.") from error

    @event.listens_for(engine, "do_connect")
    def begin_patience(dialect: Any, _: object, given: Sequence[Any], options: dict[str, Any]) -> Any:
        connection = dialect.connect(*given, **options)
        patience.begin(connection)  # SQLAlchemy asks the first one who the server is
        return connection

    @event.listens_for(engine, "checkin")
    def end_patience(connection: Any, _: object) -> None:
        patience.end(connection)

    @event.listens_for(engine, "checkout")
    def notice_goodbye(connection: Any, *_: object) -> None:
        patience.begin(connection)
        # A question to the server would cost a tenth of a booking, and a server that goes says so unasked.
        try:
            connection.pgconn.consume_input()  # its last words,
            connection.pgconn.consume_input()  # and that nothing follows
        except connection.Error as error:
            raise InvalidatePoolError from error

    reader, writer = engine.execution_options(), engine.execution_options()

    @event.listens_for(reader, "begin")
    def begin_reading(connection: Connection) -> None:
        with cursor_of(connection) as cursor:
            cursor.execute("BEGIN READ ONLY")

    @event.listens_for(writer, "begin")
    def begin_writing(connection: Connection) -> None:
        with cursor_of(connection) as cursor:
            cursor.execute("BEGIN")

    @event.listens_for(engine, "commit")
    def commit(connection: Connection) -> None:
        with cursor_of(connection) as cursor:
            cursor.execute("COMMIT")

    @event.listens_for(engine, "rollback")
    def keep_what_is_prepared(connection: Connection) -> None:
        # psycopg's own ROLLBACK, with which every read ends, forgets all prepared statements, lest tables have changed
        # under them. Ours do not, and to plan them anew takes longer than to run them. After an error it is right:
        # what was to be prepared then may not be.
        if connection.invalidated:
            return  # there is nothing left to roll back
        driver: Any = connection.connection.driver_connection
        if driver.info.transaction_status.name == "INTRANS":
            driver.pgconn.exec_(b"ROLLBACK")
        else:
            LibpqCursor(connection.connection).forget()

    return Engines(reader, writer, patience)
