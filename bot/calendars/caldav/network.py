"""Which machines a CalDAV server may be: a guard against requests that reach into our own network (SSRF).

People type the server's address, and servers answer with further addresses. So the guard sits where the connection
is made: the name is resolved once, every address it has is judged, and it is one of those that is connected to. A
name that changes its mind in between (DNS rebinding) or a redirect gets nowhere else.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterable

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from bot.patience import Impatient, addresses, first_to_answer

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOSTS_KEPT = 64
_CONNECTIONS_PER_HOST = 8


class ForbiddenAddressError(NewConnectionError):
    """The server's name leads to an address that no CalDAV server may have here. It is never retried."""


class Guard:
    """Judges addresses: public ones may be reached by https; those in `allowed` by http as well."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def admits(self, address: Address, *, encrypted: bool) -> bool:
        plain = _unwrapped(address)
        if any(plain.version == network.version and plain in network for network in self._allowed):
            return True
        return encrypted and plain.is_global and not plain.is_multicast

    def connect(self, connection: HTTPConnection, *, encrypted: bool) -> socket.socket:
        """A socket to the connection's host. Raises ForbiddenAddressError unless all its addresses are admitted."""
        found = addresses(connection)
        for *_, target in found:
            if not self.admits(ipaddress.ip_address(str(target[0]).partition("%")[0]), encrypted=encrypted):
                raise ForbiddenAddressError(connection, "an address outside the allowed networks")
        return first_to_answer(connection, found)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def guarded_pools(guard: Guard, tls: ssl.SSLContext | None = None) -> PoolManager:
    """urllib3's connection pools, whose connections all go through the guard. No proxy of the environment is used."""

    class PlainConnection(Impatient):
        def _new_conn(self) -> socket.socket:
            return guard.connect(self, encrypted=False)

    class EncryptedConnection(Impatient, HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return guard.connect(self, encrypted=True)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = EncryptedConnection

    pools = PoolManager(num_pools=_HOSTS_KEPT, maxsize=_CONNECTIONS_PER_HOST, ssl_context=tls)
    pools.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}
    return pools
