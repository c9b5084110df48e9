"""A tiny Slack app over real HTTP, and a playground in which it is installed."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.domain.calendar import Event
from bot.domain.intervals import Interval
from bot.playground.cast import DANA
from bot.playground.playground import Playground
from tests.servers import DEADLINE_S, eventually, serving

JSON = dict[str, Any]
SECRET = "a-signing-secret"
TOKEN = "xoxb-playground"

MANIFEST: JSON = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/invite", "should_escape": False}],
        "shortcuts": [
            {"name": "Invite to self-schedule", "type": "global", "callback_id": "invite"},
            {"name": "Invite to a meeting", "type": "message", "callback_id": "invite_from_message"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "chat:write",
                "commands",
                "channels:read",
                "groups:read",
                "im:read",
                "im:write",
                "users:read",
                "users:read.email",
            ]
        }
    },
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened", "message.im", "message.channels"]}},
}


class FakeClock:
    """Stands still until it is told to move."""

    def __init__(self, now: datetime = datetime(2026, 12, 1, 9, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Got:
    """One request from the playground. `payload` is the command's fields, the interaction or the event envelope."""

    payload: JSON
    headers: dict[str, str]
    is_signed: bool

    @property
    def kind(self) -> str:
        if "command" in self.payload:
            return "command"
        return str(self.payload["event"]["type"] if "event" in self.payload else self.payload["type"])


Answering = Callable[[Got], Any]


@dataclass
class PretendApp:
    """Keeps what it got. `answers` by kind: a JSON body, a Response, or a function of the request."""

    got: list[Got] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    def asgi(self) -> Starlette:
        return Starlette(routes=[Route("/slack/events", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        body = (await request.body()).decode()
        headers = dict(request.headers)
        if headers["content-type"] == "application/json":
            payload = json.loads(body)
        else:
            fields = dict(parse_qsl(body, keep_blank_values=True))
            payload = json.loads(fields["payload"]) if "payload" in fields else fields
        got = Got(payload, headers, SignatureVerifier(SECRET).is_valid_request(body, headers))
        return await run_in_threadpool(self._answer, got)

    def _answer(self, got: Got) -> Response:
        self.got.append(got)
        answer = self.answers.get(got.kind)
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(got)
        if isinstance(answer, Response):
            return answer
        return PlainTextResponse("") if answer is None else JSONResponse(answer)

    def of_kind(self, kind: str) -> list[JSON]:
        return [got.payload for got in self.got if got.kind == kind]

    def wait_for(self, kind: str, times: int = 1) -> list[JSON]:
        eventually(lambda: len(self.of_kind(kind)) >= times, f"{times} × {kind} at the app")
        return self.of_kind(kind)


@dataclass
class Workplace:
    """A running playground with its app; `url` is the playground's."""

    app: PretendApp
    playground: Playground
    clock: FakeClock
    url: str

    @property
    def slack(self) -> WebClient:
        return WebClient(TOKEN, base_url=self.playground.api_url, timeout=DEADLINE_S)

    def fetch(
        self, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and body; a POST where there is a body."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(self.url + path, data, given)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as response:  # noqa: S310
                return response.status, dict(response.headers), response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read().decode()

    def lose_patience(self) -> None:
        """From now on the app is given up almost at once."""
        self.playground.app.answer_within_s = 0.05

    def act(self, do: str, *, user: str = DANA.id, **details: Any) -> JSON:
        status, _, body = self.fetch("/playground/act", {"user": user, "do": do, **details})
        assert status == 200, body
        answer: JSON = json.loads(body)
        return answer

    def state(self, user: str = DANA.id) -> JSON:
        state: JSON = json.loads(self.fetch(f"/playground/state?user={user}")[2])
        return state

    def trigger(self, user: str = DANA.id) -> str:
        """A fresh trigger_id, by the global shortcut."""
        before = len(self.app.of_kind("shortcut"))
        assert self.act("shortcut", user=user, callback_id="invite")["ok"]
        return str(self.app.of_kind("shortcut")[before]["trigger_id"])

    def open(self, view: JSON, user: str = DANA.id) -> JSON:
        """The view as `views.open` gave it back."""
        opened = self.slack.views_open(trigger_id=self.trigger(user), view=view)["view"]
        assert isinstance(opened, dict)
        return opened


@dataclass
class Door:
    """An ASGI app behind which another can be put at any time: a playground must know its address when it is built."""

    behind: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert self.behind is not None, "nobody has moved in yet"
            await self.behind(scope, receive, send)


@dataclass(frozen=True)
class Doors:
    """Two running servers, for the app and for the playground, to be used by one workplace at a time."""

    app: Door
    app_url: str
    playground: Door
    playground_url: str


@contextmanager
def open_doors() -> Iterator[Doors]:
    app, playground = Door(), Door()
    with serving(app) as app_url, serving(playground) as playground_url:
        yield Doors(app, app_url, playground, playground_url)


@contextmanager
def workplace(
    doors: Doors,
    *,
    manifest: JSON | None = None,
    save_to: Path | None = None,
    answer_within_s: float = DEADLINE_S,
    retry_pauses_s: Sequence[float] = (0.0, 0.0, 0.0),
    events: Sequence[Event] = (),
    clock: FakeClock | None = None,
    on_one_server: bool = False,
) -> Iterator[Workplace]:
    """A new playground and a new app behind the doors, or both behind the playground's."""

    def events_of(account: str, window: Interval) -> Sequence[Event]:
        return [e for e in events if e.organizer.email == account and window.overlaps(Interval(e.start, e.end))]

    app, time = PretendApp(), clock or FakeClock()
    playground = Playground(
        app_url=doors.playground_url if on_one_server else doors.app_url,
        own_url=doors.playground_url,
        signing_secret=SECRET,
        bot_token=TOKEN,
        manifest=manifest or MANIFEST,
        clock=time,
        events_of=events_of,
        save_to=save_to,
        answer_within_s=answer_within_s,
        retry_pauses_s=retry_pauses_s,
    )
    doors.app.behind = app.asgi()
    doors.playground.behind = Starlette(routes=[*app.asgi().routes, *playground.routes])
    yield Workplace(app, playground, time, doors.playground_url)
    eventually(lambda: not _is_telling(), "the app knows all that has happened")  # or the next one would hear of it
    playground.close()


def _is_telling() -> bool:
    return any(isinstance(thread, Timer) and not thread.interval for thread in threading.enumerate())


# ---------------------------------------------------------------- views to play with


def plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}


def option(value: str, text: str | None = None) -> JSON:
    return {"text": plain(text or value), "value": value}


def field_of(element: JSON, block_id: str = "b", **more: Any) -> JSON:
    return {"type": "input", "block_id": block_id, "label": plain("Label"), "element": element, **more}


def typing(action_id: str = "a", kind: str = "plain_text_input", **more: Any) -> JSON:
    return {"type": kind, "action_id": action_id, **more}


def modal(*blocks: JSON, **more: Any) -> JSON:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Next"), "blocks": list(blocks), **more}


def home(*blocks: JSON) -> JSON:
    return {"type": "home", "blocks": list(blocks)}


def section(text: str = "Hello", block_id: str = "s", **more: Any) -> JSON:
    return {"type": "section", "block_id": block_id, "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "press", **more: Any) -> JSON:
    return {"type": "button", "action_id": action_id, "text": plain("Press"), **more}


def actions(*elements: JSON, block_id: str = "x") -> JSON:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}
