"""How long a connection is waited for: no longer than its time-out in all.

http.client's own begins anew with every byte that comes, and with every address that a host has.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Sequence
from typing import Any

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError


class _Reader(io.RawIOBase):
    """What comes out of a socket until a moment on the monotonic clock; then a TimeoutError does."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, ends_at: float) -> None:
        self._sock = sock
        self._raw = raw
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer is not whole yet")
        self._sock.settimeout(left_s)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """One that has come, headers and body, by the socket's time-out."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        patience_s = sock.gettimeout()
        if patience_s is not None:
            self.fp = io.BufferedReader(_Reader(sock, self.fp.detach(), time.monotonic() + patience_s))


class Impatient(HTTPConnection):
    """A connection of urllib3's whose time-outs are for all of connecting, with TLS, and for all of an answer."""

    response_class = _Answer

    def _new_conn(self) -> socket.socket:
        return first_to_answer(self, addresses(self))


def addresses(connection: HTTPConnection) -> Sequence[Any]:
    """What the connection's host may be reached at, as `socket.getaddrinfo` has it. Raises NameResolutionError."""
    try:
        return socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameResolutionError(connection.host, connection, socket.gaierror(str(error))) from error


def first_to_answer(connection: HTTPConnection, found: Sequence[Any]) -> socket.socket:
    """A socket to the first of the addresses that takes one; each gets its share of the time that is left.

    Its time-out is then what is left for TLS. Raises NewConnectionError or ConnectTimeoutError.
    """
    patience_s = connection.timeout
    assert isinstance(patience_s, int | float), "nobody connects without a time-out"
    ends_at = time.monotonic() + patience_s
    refused: OSError | None = None
    for tried, (family, kind, protocol, _, target) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            for option in connection.socket_options or ():
                sock.setsockopt(*option)
            sock.settimeout(_left_s(ends_at) / (len(found) - tried))
            sock.connect(target)
            sock.settimeout(_left_s(ends_at))
        except OSError as error:
            sock.close()
            refused = error
        else:
            return sock
    if isinstance(refused, TimeoutError):
        raise ConnectTimeoutError(connection, "no connection in time") from refused
    raise NewConnectionError(connection, "no connection") from refused


def _left_s(ends_at: float) -> float:
    left_s = ends_at - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("no connection in time")
    return left_s


def make_impatient(pools: PoolManager) -> None:
    """Have all connections of these pools be so."""
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _EncryptedPool}


class _EncryptedConnection(Impatient, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = Impatient


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _EncryptedConnection
