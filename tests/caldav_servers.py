"""Radicale and Xandikos, started by the tests on the loopback interface, each with people of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.servers import DEADLINE_S, bare_environ, eventually, free_port

PASSWORD = "open sesame – ünïcode"

_PROPERTIES = """<D:set xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>
<D:displayname>{name}</D:displayname>{zone}</D:prop></D:set>"""


@dataclass(frozen=True)
class CalDavServer:
    """A running server. `url` has no slash at its end; `home` is a user's folder of calendars below it."""

    name: str
    url: str
    home: str

    def home_of(self, user: str) -> str:
        return self.url + self.home.format(user=user)

    def new_calendar(self, user: str, name: str = "", zone: str = "") -> str:
        """An empty calendar's URL; `zone` is the iCalendar text of its time zone."""
        url = f"{self.home_of(user)}{name or uuid4().hex}/"
        told = f"<C:calendar-timezone>{zone}</C:calendar-timezone>" if zone else ""
        body = (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<C:mkcalendar xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"{_PROPERTIES.format(name=name or 'Calendar', zone=told)}</C:mkcalendar>"
        )
        self.ask("MKCALENDAR", url, user, body)
        return url

    def put(self, user: str, calendar: str, text: str, name: str = "") -> None:
        """Store an object as any client would."""
        self.ask("PUT", f"{calendar}{name or uuid4().hex}.ics", user, text, {"Content-Type": "text/calendar"})

    def ask(self, method: str, url: str, user: str, body: str = "", headers: Mapping[str, str] | None = None) -> str:
        """Any request, by urllib: nothing of the code under test is in between. Raises HTTPError."""
        login = b64encode(f"{user}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - our own server
            url,
            body.encode(),
            {"Authorization": f"Basic {login}", "Content-Type": "application/xml", **(headers or {})},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:  # noqa: S310
            text: str = response.read().decode()
            return text


@contextmanager
def radicale(folder: Path, port: int = 0) -> Iterator[CalDavServer]:
    """Every user has the same password and a home of their own. A folder and port once used are the same server."""
    port = port or free_port()
    users = folder / "users"
    users.write_text(
        "".join(f"{user}:{PASSWORD}\n" for user in ("dana@fox.example", "priya@fox.example", "ben@fox.example")),
        encoding="utf-8",
    )
    config = folder / "config"
    config.write_text(
        f"""[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_write
[storage]
filesystem_folder = {folder / "collections"}
[logging]
level = warning
""",
        encoding="utf-8",
    )
    with _running([sys.executable, "-m", "radicale", "--config", str(config)], port, folder / "radicale.log"):
        yield CalDavServer("radicale", f"http://127.0.0.1:{port}", "/{user}/")


@contextmanager
def xandikos(folder: Path, port: int = 0) -> Iterator[CalDavServer]:
    """It knows no passwords without TLS: whoever asks is its one user. Folder and port likewise."""
    port = port or free_port()
    command = [
        *(sys.executable, "-m", "xandikos", "serve", "--no-detect-systemd", "--defaults"),
        *("--directory", str(folder / "data"), "--listen-address", "127.0.0.1", "--port", str(port)),
        *("--current-user-principal", "/dana/"),
    ]
    with _running(command, port, folder / "xandikos.log"):
        yield CalDavServer("xandikos", f"http://127.0.0.1:{port}", "/dana/calendars/")


@contextmanager
def _running(command: list[str], port: int, log_file: Path) -> Iterator[None]:
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=log_file.parent, env=bare_environ(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        eventually(lambda: _listens(port) or process.poll() is not None, f"{command[2]} listens")
        assert process.poll() is None, log_file.read_text(errors="replace")
        yield
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
