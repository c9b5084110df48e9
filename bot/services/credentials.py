"""Credentials of connections: renewed by one thread of one process at a time, and never lost on the way."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ConnectionId
from bot.errors import ConnectionBrokenError, DeliveryError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services.broken import mark_broken

LEASE = timedelta(seconds=30)
"""Longer than any renewal takes: who was killed in the middle of one holds up the others no longer than this."""
PATIENCE_S = 35.0
"""How long the others wait for it: one lease, and a little."""
_POLL_S = 0.1

_BROKEN = "The calendar does not accept its sign-in any more. Connect the calendar again."
_GONE = "This calendar has been disconnected."
_BUSY = "The calendar’s sign-in is being renewed. Try again in a minute."


class StoredCredentials:
    """`bot.ports.Credentials` over the database. No transaction is open while a provider is asked."""

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, clock: Clock, wait: Callable[[float], object] = time.sleep
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._wait = wait

    def current(self, connection: Connection) -> str:
        with self._unit_of_work() as unit:
            return _usable(unit.connections.get(connection.id)).credentials

    def renewed(self, connection: Connection, stale: str, renew: Callable[[str], str]) -> str:
        """As the port says; raises DeliveryError too, where somebody else takes too long over it."""
        holder = secrets.token_hex(8)
        for _ in range(round(PATIENCE_S / _POLL_S)):
            with self._unit_of_work(write=True) as unit:
                known = _usable(unit.connections.get(connection.id, lock=True))
                if known.credentials != stale:
                    return known.credentials
                now = self._clock()
                is_ours = unit.connections.lease(connection.id, holder, now, now + LEASE)
                unit.commit()
            if is_ours:
                return self._renew(connection.id, stale, renew, holder)
            self._wait(_POLL_S)
        raise DeliveryError(_BUSY)

    def _renew(self, connection_id: ConnectionId, stale: str, renew: Callable[[str], str], holder: str) -> str:
        try:
            fresh = renew(stale)
        except ConnectionBrokenError:
            with self._unit_of_work(write=True) as unit:
                known = unit.connections.get(connection_id, lock=True)
                if known is not None and known.credentials == stale:  # not connected again in the meantime
                    mark_broken(unit, known, self._clock())
                    unit.commit()
            raise
        else:
            with self._unit_of_work(write=True) as unit:
                known = _usable(unit.connections.get(connection_id, lock=True))
                if known.credentials != stale:
                    return known.credentials
                unit.connections.put(replace(known, credentials=fresh))
                unit.commit()
            return fresh
        finally:
            with self._unit_of_work(write=True) as unit:
                unit.connections.release(connection_id, holder)
                unit.commit()


def _usable(connection: Connection | None) -> Connection:
    if connection is None:
        raise ConnectionBrokenError(_GONE)
    if connection.state is ConnectionState.BROKEN:
        raise ConnectionBrokenError(_BROKEN)
    return connection
