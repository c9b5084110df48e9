"""A CalDAV server on the loopback interface with one calendar, which fails as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from bot.calendars.caldav.access import Access
from tests.caldav_servers import PASSWORD

USER = "dana@fox.example"
CALENDAR = "/calendars/work/"

MULTISTATUS = '<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{}</multistatus>'
PROPERTIES = "<response><href>{}</href><propstat><prop>{}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
_FOLDER = (
    "<resourcetype><collection/></resourcetype><current-user-principal><href>/me/</href></current-user-principal>"
    "<C:calendar-home-set><href>/calendars/</href></C:calendar-home-set>"
)
_WORK = (
    "<resourcetype><collection/><C:calendar/></resourcetype><displayname>Work</displayname>"
    "<owner><href>/me/</href></owner>"
)
LISTED = PROPERTIES.format(CALENDAR, _WORK)
"""The one calendar, as the list of its home has it."""

Fault = Callable[["Exchange"], None]


class FaultyCalDav(ThreadingHTTPServer):
    """`faults` take the place of its answers, by method, and `pages` by method and path; `asked` has every request
    line with its headers."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.faults: dict[str, Fault] = {}
        self.asked: list[tuple[str, str, Mapping[str, str]]] = []
        self.objects: list[str] = []
        self.properties = ""
        self.properties_of_folders = ""
        self.pages: dict[tuple[str, str], Fault] = {}
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def calendar(self) -> str:
        return self.url + CALENDAR

    @property
    def access(self) -> Access:
        return Access(
            host="127.0.0.1",
            user=USER,
            password=PASSWORD,
            principal=f"{self.url}/me/",
            homes=(f"{self.url}/calendars/",),
            default_calendar=self.calendar,
            addresses=(USER,),
        )

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up on us meant to."""


class Exchange(BaseHTTPRequestHandler):
    """One request, answered by the server's fault for its method, or as a good server would."""

    server: FaultyCalDav
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        page = self.server.pages.get((self.command, self.path), Exchange.well)
        self.server.faults.get(self.command, page)(self)

    do_PROPFIND = do_REPORT = do_GET = do_PUT = answer  # noqa: N815 - http.server's names

    def well(self) -> None:
        if self.command == "PROPFIND" and self.path == CALENDAR:
            self.multistatus(PROPERTIES.format(CALENDAR, _WORK + self.server.properties))
        elif self.command == "PROPFIND" and self.headers["Depth"] == "0":
            self.multistatus(PROPERTIES.format(self.path, _FOLDER + self.server.properties_of_folders))
        elif self.command == "PROPFIND":
            self.multistatus(
                PROPERTIES.format(self.path, _FOLDER) + PROPERTIES.format(CALENDAR, _WORK + self.server.properties)
            )
        elif self.command == "REPORT":
            self.listed(self.server.objects)
        else:
            self.reply(404)

    def listed(self, objects: Sequence[str]) -> None:
        self.multistatus(
            "".join(
                PROPERTIES.format(
                    f"{CALENDAR}{number}.ics",
                    f"<getetag>1</getetag><C:calendar-data>{escape(text)}</C:calendar-data>",
                )
                for number, text in enumerate(objects)
                if f"BEGIN:{self.kind}" in text or "BEGIN:V" not in text
            )
        )

    @property
    def kind(self) -> str:
        """Of the objects that a calendar-query is about."""
        return "VFREEBUSY" if b'name="VFREEBUSY"' in self.body else "VEVENT"

    def multistatus(self, inner: str) -> None:
        self.reply(207, MULTISTATUS.format(inner), {"Content-Type": "application/xml; charset=utf-8"})

    def reply(self, status: int, body: str = "", headers: Mapping[str, str] | None = None) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: `asked` has it all."""


@contextmanager
def faulty_caldav() -> Iterator[FaultyCalDav]:
    server = FaultyCalDav()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


# ---------------------------------------------------------------- faults


def status(code: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda exchange: exchange.reply(code, "<p>Sorry</p>", {"Content-Type": "text/html", **named})


def body(text: str, media_type: str = "application/xml", code: int = 207) -> Fault:
    return lambda exchange: exchange.reply(code, text, {"Content-Type": media_type})


def with_objects(*texts: str) -> Fault:
    return lambda exchange: exchange.listed(texts)


def stall(exchange: Exchange) -> None:
    """No answer until the end of the test."""
    exchange.server.released.wait()
    exchange.close_connection = True


def drip_headers(exchange: Exchange) -> None:
    """A byte now and then, so that no single wait is ever long."""
    exchange.close_connection = True
    exchange.wfile.write(b"HTTP/1.1 207 Multi-Status\r\nX-Patience: ")  # one line: more than a hundred are refused
    while not exchange.server.released.wait(0.02):
        exchange.wfile.write(b"1")


def drip_body(exchange: Exchange) -> None:
    exchange.close_connection = True
    exchange.send_response(207)
    exchange.send_header("Content-Type", "application/xml")
    exchange.end_headers()
    while not exchange.server.released.wait(0.02):
        exchange.wfile.write(b" ")


def drip_chunk(exchange: Exchange) -> None:
    """The length of a piece of the body, which never ends either."""
    exchange.close_connection = True
    exchange.protocol_version = "HTTP/1.1"
    exchange.send_response(207)
    exchange.send_header("Content-Type", "application/xml")
    exchange.send_header("Transfer-Encoding", "chunked")
    exchange.end_headers()
    while not exchange.server.released.wait(0.02):
        exchange.wfile.write(b"0")


def half(exchange: Exchange) -> None:
    """Less than the Content-Length, then the end."""
    exchange.close_connection = True
    exchange.send_response(207)
    exchange.send_header("Content-Type", "application/xml")
    exchange.send_header("Content-Length", "5000")
    exchange.end_headers()
    exchange.wfile.write(MULTISTATUS.format("")[:60].encode())


def half_without_length(exchange: Exchange) -> None:
    exchange.close_connection = True
    exchange.send_response(207)
    exchange.send_header("Content-Type", "application/xml")
    exchange.end_headers()
    exchange.wfile.write(MULTISTATUS.format("")[:60].encode())


def hang_up(exchange: Exchange) -> None:
    exchange.close_connection = True


def not_http(exchange: Exchange) -> None:
    exchange.close_connection = True
    exchange.wfile.write(b"220 mail.example.com ESMTP\r\n")


def endless(exchange: Exchange) -> None:
    """More than anybody can take."""
    exchange.close_connection = True
    exchange.send_response(207)
    exchange.send_header("Content-Type", "application/xml")
    exchange.end_headers()
    while True:
        exchange.wfile.write(b" " * 65536)


def redirect(url: str, code: int = 307) -> Fault:
    return lambda exchange: exchange.reply(code, "", {"Location": url})
