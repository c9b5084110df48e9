"""The npm package `@emulators/google`, started by the tests: Google as somebody else understands it.

It has no `events.get`, `events.patch` or calendar of somebody else, and gives events ids of its own; what hangs on
those is proven against `tests.google_server` alone.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.calendars.google.client import GoogleClient
from tests.missing import not_installed
from tests.servers import DEADLINE_S, ROOT, answers, eventually, free_port

SOURCE = ROOT / "tests" / "google_emulator"
INSTALLED = ROOT / "build" / "google_emulator"
CLIENT_ID, CLIENT_SECRET = "1-inviteonce.apps.googleusercontent.com", "GOCSPX-secret"
REDIRECT_URI = "https://meet.example/connect/callback/google"
DANA = "dana@fox.example"
KICKOFF_ID = "0123456789abcdef0123456789abcdef"
SEED: Mapping[str, Any] = {
    "users": [{"email": DANA, "name": "Dana Fox"}],
    "oauth_clients": [{"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [REDIRECT_URI]}],
    "calendars": [
        {"id": DANA, "user_email": DANA, "summary": "Dana", "primary": True, "time_zone": "America/New_York"},
        {"id": "work@group.example", "user_email": DANA, "summary": "Work"},
        {"id": "team@group.example", "user_email": DANA, "summary": "A team’s", "access_role": "reader"},
    ],
    "calendar_events": [
        {
            "id": KICKOFF_ID,
            "user_email": DANA,
            "calendar_id": DANA,
            "summary": "Kick-off",
            "start_date_time": "2027-03-02T09:00:00Z",
            "end_date_time": "2027-03-02T09:30:00Z",
        }
    ],
}


@dataclass(frozen=True)
class EmulatedGoogle:
    url: str

    @property
    def client(self) -> GoogleClient:
        auth_url, token_url = f"{self.url}/o/oauth2/v2/auth", f"{self.url}/oauth2/token"
        return GoogleClient(CLIENT_ID, CLIENT_SECRET, self.url, auth_url, token_url)

    def consent(self, url: str, email: str = DANA) -> dict[str, str]:
        """Do as a person does: open the page, choose the account; the query of the redirect that follows."""
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - our own server
            page = response.read().decode()
        form = next(form for form in page.split("<form")[1:] if f'value="{email}"' in form)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        body = urlencode({name: html.unescape(value) for name, value in fields.items()}).encode()
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(f"{self.url}/o/oauth2/v2/auth/callback", body, timeout=10) as response:
            location = response.headers["location"]
        assert location.startswith(REDIRECT_URI)
        return dict(parse_qsl(urlsplit(location).query))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


def installed() -> Path:
    """The folder with the emulator, installed once per lock file."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        not_installed("Node.js with npm", "apt-get install nodejs npm")
    lock = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    stamp = INSTALLED / "installed.json"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != lock:
        shutil.copytree(SOURCE, INSTALLED, dirs_exist_ok=True)
        command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
        done = subprocess.run(command, cwd=INSTALLED, capture_output=True, text=True, timeout=200, check=False)
        if done.returncode:
            not_installed("the package @emulators/google", f"npm ci (it said: {done.stderr.strip()})")
        stamp.write_text(lock, encoding="utf-8")
    shutil.copy(SOURCE / "start.mjs", INSTALLED)
    return INSTALLED


@contextmanager
def emulating() -> Iterator[EmulatedGoogle]:
    folder, port = installed(), free_port()
    command = [shutil.which("node") or "node", "start.mjs", str(port), json.dumps(SEED)]
    with (folder / f"{port}.log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        url = f"http://127.0.0.1:{port}"
        try:
            ready = f"{url}/.well-known/openid-configuration"
            eventually(lambda: answers(ready) or process.poll() is not None, "the emulator answers")
            log.seek(0)
            assert process.poll() is None, log.read().decode()
            yield EmulatedGoogle(url)
        finally:
            process.terminate()
            process.wait(DEADLINE_S)
    (folder / f"{port}.log").unlink()
