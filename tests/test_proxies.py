"""bot.proxies, over a tiny proxy that really tunnels: what the environment names is used, and nothing else."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
import trustme

from bot.app import Threads
from bot.proxies import WaysOut, proxy_for
from bot.rest import Rest, RestError
from tests.cast import ManualClock
from tests.servers import DEADLINE_S
from tests.vendor_server import Request, Response, VendorServer, vendor_server

VENDOR = "api.vendor.example"
"""A name that leads nowhere but through the proxy."""


class ConnectProxy:
    """Tunnels (RFC 9110 section 9.3.6) to one server, whatever is asked for; or answers with a refusal."""

    def __init__(self, listener: socket.socket, server: VendorServer, refusal: bytes = b"") -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.heads: list[bytes] = []
        self._listener = listener
        self._target = urlsplit(server.url)
        self._refusal = refusal

    def accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                if not (byte := client.recv(1)):
                    return
                head += byte
            self.heads.append(head)
            if self._refusal:
                client.sendall(self._refusal)
                return
            with socket.create_connection((self._target.hostname, self._target.port), DEADLINE_S) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pour, args=(server, client), daemon=True)
                back.start()
                _pour(client, server)
                back.join(DEADLINE_S)


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


@contextmanager
def proxy_to(server: VendorServer, refusal: bytes = b"") -> Iterator[ConnectProxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = ConnectProxy(listener, server, refusal)
        thread = threading.Thread(target=proxy.accept, daemon=True)
        thread.start()
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(DEADLINE_S)


@pytest.fixture(scope="module")
def vendor() -> Iterator[tuple[VendorServer, ssl.SSLContext]]:
    """Over HTTPS, under its own name."""
    ca, server_side, client_side = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    ca.issue_cert(VENDOR).configure_cert(server_side)
    ca.configure_trust(client_side)
    with vendor_server(_fine, server_side) as server:
        yield server, client_side


def _fine(_: Request) -> Response:
    return Response(200, {"ok": True})


def ask(rest: Rest, host: str = VENDOR) -> bytes:
    return rest.ask("GET", f"https://{host}/it", rest.deadline(DEADLINE_S)).body


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_services_are_asked_through_the_proxy_that_the_environment_names(
    vendor: tuple[VendorServer, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    server, trust = vendor
    with proxy_to(server) as proxy:
        monkeypatch.setenv(name, proxy.url.replace("//", "//dana:p%40ss@"))
        rest = Rest("Acme", tls=trust, clock=ManualClock())
        assert ask(rest) == ask(rest) == b'{"ok": true}'
        assert len(proxy.heads) == 1, "the tunnel is kept"
        [head] = proxy.heads
        assert head.startswith(f"CONNECT {VENDOR}:443 HTTP/1".encode())
        assert b"authorization: Basic ZGFuYTpwQHNz" in head.replace(b"Authorization", b"authorization")


def test_whoever_is_named_in_no_proxy_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", f"localhost,{VENDOR}")
    ways_out = WaysOut(None)
    assert ways_out.to(f"https://{VENDOR}/it").proxy is None
    assert ways_out.to("https://another.example/it").proxy is not None


def test_the_certificate_is_the_services_not_the_proxys(vendor: tuple[VendorServer, ssl.SSLContext]) -> None:
    server, trust = vendor
    with proxy_to(server) as proxy:
        rest = Rest("Acme", tls=trust, clock=ManualClock(), proxies={"https": proxy.url})
        with pytest.raises(RestError, match="secure connection"):
            ask(rest, "somebody.else.example")


def test_a_proxy_that_refuses_is_named_as_such(vendor: tuple[VendorServer, ssl.SSLContext]) -> None:
    server, trust = vendor
    with proxy_to(server, b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        rest = Rest("Acme", tls=trust, clock=ManualClock(), proxies={"https": proxy.url})
        with pytest.raises(RestError, match="Acme could not be reached through the proxy"):
            ask(rest)


def test_a_proxy_that_is_not_there_is_named_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    rest = Rest("Acme", clock=ManualClock(), proxies={"https": closed})
    with pytest.raises(RestError, match="Acme could not be reached through the proxy"):
        ask(rest)


PROXIES = {"https": "proxy.example:3128", "http": "http://plain.example:80", "no": "internal.example,10.0.0.5"}


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.zoom.us/v2", "http://proxy.example:3128"),
        ("http://api.zoom.us/v2", "http://plain.example:80"),
        ("https://notinternal.example/", "http://proxy.example:3128"),
        ("https://internal.example/", ""),
        ("https://deep.internal.example:8443/", ""),
        ("https://10.0.0.5/", ""),
        ("https://127.0.0.1:9000/", ""),
        ("https://[::1]:9000/", ""),
        ("https://localhost/", ""),
    ],
)
def test_the_way_to_a_service(url: str, proxy: str) -> None:
    assert proxy_for(url, PROXIES) == proxy


def test_one_proxy_for_everything_and_none_at_all() -> None:
    assert proxy_for("https://api.zoom.us/", {"all": "http://all.example:1"}) == "http://all.example:1"
    assert proxy_for("https://api.zoom.us/", {}) == ""
    assert proxy_for("https://api.zoom.us/", {"https": "http://p:1", "no": "*"}) == ""


def test_a_connection_is_kept_for_each_thread_that_asks_calendar_systems() -> None:
    """One more than are kept is a handshake more each time, and a warning in the log."""
    with closing(Threads.of_our_sizes()) as threads:
        kept = WaysOut(None, {}).to("https://www.googleapis.com").connection_pool_kw["maxsize"]
        assert kept >= threads.requests.most
