"""Bolt with the product's listeners over a pretend Web API, and what people press and fill in, as Slack sends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot import listeners
from bot.domain.people import Person
from tests.cast import DANA, WORKSPACE
from tests.servers import DEADLINE_S
from tests.slack_modal import initial_values, patient
from tests.slack_web_api import WebApi
from tests.world import Stage

TRIGGER = "trigger.1"


class Watched(ThreadPoolExecutor):
    """A pool whose work can be waited for."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._begun: list[Future[Any]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        self._begun.append(future)
        return future

    def finish(self) -> None:
        wait(self._begun, timeout=DEADLINE_S)


def bolt(api: WebApi, pool: Watched) -> App:
    """Without a listener. Its work is done in `pool`."""

    def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=WORKSPACE, bot_token="xoxb-1", bot_user_id="U0APP")

    return App(
        signing_secret="secret",
        client=WebClient(base_url=f"{api.url}/api/"),
        authorize=authorize,
        token_verification_enabled=False,
        listener_executor=pool,
    )


def listening(api: WebApi, stage: Stage, pool: Watched, counting: Executor, patience_s: float = DEADLINE_S) -> App:
    """With every listener, over the real services of `stage`."""
    app = bolt(api, pool)
    listeners.register(app, stage.services, stage.clock, counting, counting, patience_s, command=stage.command)
    return patient(app)


def send(app: App, body: Mapping[str, Any]) -> BoltResponse:
    """What Slack is answered; comes back when the listeners have done all their work."""
    answer = app.dispatch(BoltRequest(body=json.dumps(body), mode="socket_mode"))
    executor = app.listener_runner.listener_executor
    assert isinstance(executor, Watched)
    executor.finish()
    return answer


def pressed(action_id: str, value: str | None = None, person: Person = DANA, **where: Any) -> dict[str, Any]:
    """A button in App Home, unless `where` says otherwise."""
    return {
        "type": "block_actions",
        "team": {"id": WORKSPACE},
        "user": {"id": person.user_id, "team_id": WORKSPACE},
        "trigger_id": TRIGGER,
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
        **(where or {"view": {"id": "V0HOME", "type": "home"}}),
    }


def in_message(api: WebApi) -> dict[str, Any]:
    return {
        "channel": {"id": "D0CARDS"},
        "message": {"ts": "1.0"},
        "response_url": f"{api.url}/api/response_url",
    }


def latest(api: WebApi, method: str) -> dict[str, Any]:
    view = api.asked(method)[-1]["view"]
    drawn: dict[str, Any] = view if isinstance(view, dict) else json.loads(view)
    return drawn


def opened(app: App, api: WebApi, action_id: str, value: str | None = None, *, person: Any = DANA) -> dict[str, Any]:
    """The modal that a button of Home opens."""
    send(app, pressed(action_id, value, person=person))
    return latest(api, "views.open")


def submitted(app: App, view: dict[str, Any], typed: dict[str, Any], person: Any = DANA, **more: Any) -> dict[str, Any]:
    """Fill in and submit; what Slack is answered. `typed` are states by field."""
    values = initial_values(view)
    for block in values.values():
        for name, state in block.items():
            state |= typed.get(name, {})
    body = {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": person.user_id, "team_id": WORKSPACE},
        "trigger_id": TRIGGER,
        "view": {**view, "id": "V2", "state": {"values": values}, **more},
    }
    answer = send(app, body)
    return json.loads(answer.body) if answer.body else {}


def in_modal(app: App, view: dict[str, Any], action_id: str, value: str, person: Any = DANA) -> None:
    send(
        app,
        pressed(action_id, value, person=person, view={**view, "id": "V1", "state": {"values": initial_values(view)}}),
    )
