"""The npm package `@emulators/google`, started by the tests: Google as somebody else understands it.

It has no `events.get`, `events.patch` or calendar of somebody else, and gives events ids of its own; what hangs on
those is proven against `tests.google_server` alone.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.calendars.google.client import GoogleClient
from tests.npm import installed
from tests.servers import DEADLINE_S, ROOT, answers, eventually, free_port

SOURCE = ROOT / "tests" / "google_emulator"
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
        with urllib.request.urlopen(url, timeout=DEADLINE_S) as response:  # noqa: S310 - our own server
            page = response.read().decode()
        form = next(form for form in page.split("<form")[1:] if f'value="{email}"' in form)
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        body = urlencode({name: html.unescape(value) for name, value in fields.items()}).encode()
        opener = urllib.request.build_opener(_NoRedirect)
        with opener.open(f"{self.url}/o/oauth2/v2/auth/callback", body, timeout=DEADLINE_S) as response:
            location = response.headers["location"]
        assert location.startswith(REDIRECT_URI)
        return dict(parse_qsl(urlsplit(location).query))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        return fp


@contextmanager
def emulating() -> Iterator[EmulatedGoogle]:
    folder, port = installed(SOURCE), free_port()
    command = ["node", "start.mjs", str(port), json.dumps(SEED)]
    with tempfile.TemporaryFile() as log:
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
