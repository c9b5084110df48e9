"""bot.patience, by `Rest` over real sockets: whatever drips, and wherever it drips, the deadline holds."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trustme
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError

from bot.patience import Impatient, first_to_answer
from bot.proxies import WaysOut
from bot.rest import Rest, RestError
from tests.cast import ManualClock
from tests.servers import DEADLINE_S
from tests.vendor_server import Response, vendor_server

LATE = "Acme did not answer in time"
BEGUN = b"HTTP/1.1 200 OK\r\n"
CHUNKED = BEGUN + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = BEGUN + b"Content-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n"


@contextmanager
def dripping(head: bytes, drop: bytes, tls: ssl.SSLContext | None = None, *, asked: bool = True) -> Iterator[str]:
    """A server that sends the head and then a drop every twentieth of a second, for ever; its address.

    `asked`: it waits for the request first, within TLS where that is given.
    """
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            try:
                client, _ = listener.accept()
                with tls.wrap_socket(client, server_side=True) if tls else client as client:
                    if asked:
                        client.recv(65536)
                    client.sendall(head)
                    while not stop.wait(0.05):
                        client.sendall(drop)
            except OSError:
                return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop.set()
            listener.close()
            thread.join(DEADLINE_S)


def is_late(rest: Rest, url: str) -> None:
    """It has given up, in far less time than the drops would last."""
    began = time.monotonic()
    with pytest.raises(RestError, match=f"^{LATE}$"):
        rest.ask("GET", url, rest.deadline(0.5))
    assert time.monotonic() - began < DEADLINE_S


@pytest.fixture(scope="module")
def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    ca, server_side, client_side = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert("127.0.0.1").configure_cert(server_side)
    ca.configure_trust(client_side)
    return server_side, client_side


DRIPS = {
    "a status": (b"", b"H"),
    "the name of a header": (BEGUN, b"x"),
    "headers": (BEGUN, b"X-Drop: 1\r\n"),
    "one promise after the other": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "the length of a piece": (CHUNKED, b"0"),
    "empty pieces' remarks": (CHUNKED + b"1;", b"x"),
    "trailers": (CHUNKED + b"0\r\n", b"X: 1\r\n"),
    "a body": (BEGUN + b"Content-Length: 1000000\r\n\r\n", b"x"),
    "a compressed file's name": (PACKED + b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03", b"x"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_nobody_is_kept_by_drops(what: str) -> None:
    with dripping(*DRIPS[what]) as address:
        is_late(Rest("Acme", clock=ManualClock()), f"http://{address}/")


def test_nobody_is_kept_by_drops_within_tls(certificates: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server_side, trust = certificates
    with dripping(BEGUN, b"x", server_side) as address:
        is_late(Rest("Acme", tls=trust, clock=ManualClock()), f"https://{address}/")


@pytest.mark.parametrize("drop", [b"", b"\x00"])
def test_nobody_is_kept_by_a_handshake(certificates: tuple[ssl.SSLContext, ssl.SSLContext], drop: bytes) -> None:
    """The beginning of a record that is said to be long."""
    with dripping(b"\x16\x03\x03\x40\x00", drop) as address:
        is_late(Rest("Acme", tls=certificates[1], clock=ManualClock()), f"https://{address}/")


def test_nobody_is_kept_by_a_proxy() -> None:
    with dripping(b"HTTP/1.1 200 Connection established\r\n", b"x") as proxy:
        rest = Rest("Acme", clock=ManualClock(), proxies={"https": f"http://{proxy}"})
        began = time.monotonic()
        with pytest.raises(RestError, match=r"did not answer in time|through the proxy"):
            rest.ask("GET", "https://api.vendor.example/", rest.deadline(0.5))
        assert time.monotonic() - began < DEADLINE_S


@contextmanager
def deaf() -> Iterator[tuple[str, int]]:
    """An address at which nobody takes a connection, and nobody refuses one: its queue is full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()
        finally:
            for one in waiting:
                one.close()


def found(*addresses: tuple[str, int]) -> list[object]:
    """As `socket.getaddrinfo` has them."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]


def test_all_addresses_of_a_host_share_one_time_out() -> None:
    began = time.monotonic()
    with deaf() as address, pytest.raises(ConnectTimeoutError):
        first_to_answer(Impatient("api.vendor.example", timeout=1), found(*[address] * 40))
    assert time.monotonic() - began < 30, "forty addresses, each for a second"


def test_a_deaf_address_leaves_time_for_the_others() -> None:
    """As where a host has an address of IPv6 that does not lead anywhere."""
    with deaf() as address, socket.create_server(("127.0.0.1", 0)) as listener:
        others = [listener.getsockname()] * 99
        connection = Impatient("api.vendor.example", timeout=DEADLINE_S)
        with first_to_answer(connection, found(address, *others)) as sock:
            assert sock.getpeername() == listener.getsockname()
            assert 0 < (sock.gettimeout() or 0) < DEADLINE_S, "what is left for TLS"


def test_a_connection_is_kept_however_little_time_its_last_answer_had(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server_side, trust = certificates
    with vendor_server(lambda _: Response(200, b"x" * 300_000), server_side) as server:
        pools = WaysOut(trust, {}).to(server.url)
        for seconds in (DEADLINE_S / 2, DEADLINE_S):
            assert len(pools.request("GET", server.url, timeout=Timeout(total=seconds)).data) == 300_000
        assert pools.connection_from_url(server.url).num_connections == 1
