"""PostgreSQL asked through libpq, and waited for there.

psycopg's own cursor lets go of the interpreter several times on the way to one answer, and wakes another thread each
time, which then finds it taken again: eight threads at once spent more of a processor on that than on what they asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from threading import get_ident, main_thread
from typing import Any

from psycopg import Error, OperationalError
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait
from sqlalchemy import PoolProxiedConnection

_NUMBERS = count()
"""Of prepared statements: no name is used twice, for one that was forgotten may still be there."""
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class LibpqCursor:
    """What `storage.prepared` needs of a driver's cursor, for statements that count their values: $1, $2, …

    Each is prepared when a connection is first asked it, and stays so. Raises psycopg's errors.
    """

    rowcount = -1

    def __init__(self, connection: PoolProxiedConnection) -> None:
        driver: Any = connection.driver_connection
        self._driver, self._transformer = driver, Transformer(driver)
        self._pgconn: PGconn = driver.pgconn
        self._names: dict[str, bytes] = connection.info.setdefault(LibpqCursor, {})
        self._results: list[PGresult] = []

    def execute(self, sql: str, values: Sequence[Any] | None = None) -> None:
        """Without values it is a command, such as BEGIN."""
        pgconn = self._pgconn
        if values is None:
            self._keep(self._answer(pgconn.exec_, pgconn.send_query, sql.encode()))
        else:
            name, texts = self._name(sql), self._texts(values)
            self._keep(self._answer(pgconn.exec_prepared, pgconn.send_query_prepared, name, texts))

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """All sent in one go."""
        name, pgconn = self._name(sql), self._pgconn
        given = [self._texts(values) for values in rows]
        pgconn.enter_pipeline_mode()
        for texts in given:
            pgconn.send_query_prepared(name, texts)
        pgconn.pipeline_sync()
        results = []
        while (result := self._next_result()) is None or result.status != ExecStatus.PIPELINE_SYNC:
            if result is not None:
                results.append(result)
        pgconn.exit_pipeline_mode()
        self._keep(*results)

    def fetchall(self) -> list[tuple[Any, ...]]:
        [result] = self._results
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def close(self) -> None:
        self._results = []

    def forget(self) -> None:
        """What the connection has been prepared for: psycopg may have thrown it away."""
        self._names.clear()

    def _answer(self, ask: Callable[..., PGresult], send: Callable[..., None], *given: Any) -> PGresult:
        if get_ident() != main_thread().ident:
            return ask(*given)
        # Ctrl-C is heard by the main thread, and only while it does not wait within libpq.
        send(*given)
        results = []
        while (result := self._next_result()) is not None:
            results.append(result)
        return results[-1]

    def _next_result(self) -> PGresult | None:
        """None between the answers to two statements."""
        self._driver.wait(_exchange(self._pgconn))
        return self._pgconn.get_result()

    def _texts(self, values: Sequence[Any]) -> Sequence[Any]:
        """As text, whose type the server finds by the statement: so the same one serves, whatever the values."""
        return self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _name(self, sql: str) -> bytes:
        name = self._names.get(sql)
        if name is None:
            name = b"inviteonce_%d" % next(_NUMBERS)
            self._keep(self._answer(self._pgconn.prepare, self._pgconn.send_prepare, name, sql.encode()))
            self._names[sql] = name
        return name

    def _keep(self, *results: PGresult) -> None:
        for result in results:
            if result.status not in _DONE:
                raise _error(result)
        self._results = list(results)
        self.rowcount = sum(result.command_tuples or 0 for result in results)


def _exchange(pgconn: PGconn) -> PQGen[None]:
    """Until all is sent, and the next result has come."""
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()
    while pgconn.is_busy():
        yield Wait.R
        pgconn.consume_input()


def _error(result: PGresult) -> Error:
    error = error_from_result(result)
    # Where nobody has answered there is no SQLSTATE, by which psycopg tells errors apart.
    return error if error.sqlstate else OperationalError(str(error))
