"""A vendor's service over real HTTP for tests: answered by a function, and broken on demand in every way there is."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.servers import DEADLINE_S


@dataclass(frozen=True)
class Request:
    """`path` is decoded and without the query; header names are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Response:
    """`body`: text and bytes go out as they are, None is no content, everything else becomes JSON.

    `missing` bytes are announced and never sent; with `stalls` nothing is sent until the server stops.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    stalls: bool = False

    def content(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


HTML = Response(
    200, "<!doctype html><title>Sign in</title><p>Please sign in to this network.", {"Content-Type": "text/html"}
)
HALF = Response(200, b'{"value": [{"id": "1", ', missing=300)
HALF_JSON = Response(200, b'{"value": [{"id": "1", ')
STALL = Response(stalls=True)


@dataclass
class Exchange:
    request: Request
    response: Response


class VendorServer:
    """Answers with `app`, unless something has been scripted for the request."""

    def __init__(self, app: Callable[[Request], Response]) -> None:
        self.url = ""
        self.exchanges: list[Exchange] = []
        self.peak = 0
        """The most requests that were under way at a time."""
        self.app = app
        self._scripted: list[tuple[str, str, Response, int]] = []
        self._under_way = 0
        self._lock = threading.Lock()
        self.stopped = threading.Event()

    def will_answer(self, method: str, path: str, response: Response, times: int = 1_000_000) -> None:
        """Requests with this method (empty: any) whose path holds `path` get this, so many times."""
        self._scripted.append((method, path, response, times))

    def recover(self) -> None:
        """Nothing is scripted any more."""
        with self._lock:
            self._scripted.clear()

    def asked(self, method: str, path: str) -> list[Request]:
        """What was asked, oldest first."""
        return [
            one.request for one in self.exchanges if one.request.method == method and one.request.path.endswith(path)
        ]

    def answer(self, request: Request) -> Response:
        with self._lock:
            self._under_way += 1
            self.peak = max(self.peak, self._under_way)
        try:
            response = self._scripted_for(request) or self.app(request)
        finally:
            with self._lock:
                self._under_way -= 1
        with self._lock:
            self.exchanges.append(Exchange(request, response))
        return response

    def _scripted_for(self, request: Request) -> Response | None:
        with self._lock:
            for index, (method, path, response, times) in enumerate(self._scripted):
                if method in ("", request.method) and path in request.path and times:
                    self._scripted[index] = (method, path, response, times - 1)
                    return response
        return None


@contextmanager
def vendor_server(app: Callable[[Request], Response], tls: ssl.SSLContext | None = None) -> Iterator[VendorServer]:
    """On a loopback port of its own until the block is left; over HTTPS with `tls`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = DEADLINE_S

        def answer(self) -> None:
            parts = urlsplit(self.path)
            response = server.answer(
                Request(
                    self.command,
                    unquote(parts.path),
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                )
            )
            if response.stalls:
                server.stopped.wait(DEADLINE_S)
                self.close_connection = True
                return
            content = response.content()
            self.send_response(response.status)
            for name, value in {"Content-Type": "application/json", **response.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) + response.missing))
            self.end_headers()
            self.wfile.write(content)
            if response.missing:
                self.close_connection = True

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Quiet: the test's own assertions say what went wrong."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hung up, or does not trust us: its own test says what was expected."""

    listener = Listener(("127.0.0.1", 0), Handler)
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True)
    server = VendorServer(app)
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
