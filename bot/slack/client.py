"""Slack's Web API over connections that are kept.

slack_sdk opens a connection for each call: to Slack that is TCP's and TLS's handshakes, about 100 ms of the three
seconds that a trigger id lives. And a quarter of the work for a changed field was what it does around the bytes: a
request is built in five layers, and the answer parsed twice.
"""

from __future__ import annotations

import json as jsonlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import RemoteDisconnected
from typing import Any, Literal
from urllib.error import URLError
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from slack_sdk.web import SlackResponse

from blocks.views import text_of
from bot.slack.connections import Answer, Connections, Patience, StaleConnectionError, altogether, each_step

log = logging.getLogger(__name__)

VIEW_TIMEOUT_S = 3.0
"""How long Slack may take to show a view: a trigger id is over by then, and whoever waits longer for a hanging Slack
holds a thread that others need."""
PAUSE_S = 0.5
"""Before a call that broke is tried a second time, unless it was for an old connection only."""

_VIEWS = "views."
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json;charset=utf-8"
_BROKEN = (URLError, ConnectionResetError, RemoteDisconnected)
"""What slack_sdk tries once more."""
_SHOWN = 100
"""Characters of an answer that is not Slack's own."""


class KeptClient(WebClient):
    """slack_sdk's client: its methods, arguments and errors; how a call gets to Slack and back is ours.

    Safe between threads. Through a proxy, and with files, it does as slack_sdk does. `before_waiting` is told that the
    thread is about to wait for Slack.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        timeout_s: int = 30,
        view_timeout_s: float = VIEW_TIMEOUT_S,
        pause_s: float = PAUSE_S,
        before_waiting: Callable[[], object] = lambda: None,
    ) -> None:
        retry = ConnectionErrorRetryHandler(max_retry_count=1)
        super().__init__(
            token=token, base_url=base_url, timeout=timeout_s, retry_handlers=[retry], logger=_discreet_log()
        )
        self._before_waiting = before_waiting
        self._timeout_s = timeout_s
        self._view_timeout_s = view_timeout_s
        self._pause_s = pause_s
        headers = {**self.headers, "Authorization": f"Bearer {token}"}
        self._connections = Connections(self.base_url, headers, before_waiting=before_waiting)

    def close(self) -> None:
        self._connections.close()

    def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        files: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        auth: dict[str, Any] | None = None,
    ) -> SlackResponse:
        """Raises SlackApiError for a refusal, and what `Connections.post` raises."""
        if self.proxy or files or data or headers or auth or "token" in (json or params or ()):
            self._before_waiting()
            return super().api_call(
                api_method,
                http_verb=http_verb,
                files=files,
                data=data,
                params=params,
                json=json,
                headers=headers,
                auth=auth,
            )
        body, kind = self._written(params, json)
        answer = self._post(api_method, body.encode(), kind)
        response = SlackResponse(
            client=self,
            http_verb=http_verb,
            api_url=f"{self.base_url}{api_method}",
            req_args={"params": params, "json": json},
            data=_read_of_view(answer.body) if api_method.startswith(_VIEWS) else _read(answer.body),
            headers=dict(answer.headers),
            status_code=answer.status,
        )
        response.validate()  # type: ignore[no-untyped-call]  # slack_sdk has not annotated it
        return response

    def _written(self, params: dict[str, Any] | None, json: dict[str, Any] | None) -> tuple[str, str]:
        """The body and its kind. Which method takes which, slack_sdk knows; not all of them take JSON."""
        if json:
            return text_of(json), _JSON
        given = {name: value for name, value in (params or {}).items() if value is not None}
        fields = {name: int(value) if isinstance(value, bool) else value for name, value in given.items()}
        return (urlencode(fields), _FORM) if fields else ("", _JSON)

    def _post(self, method: str, body: bytes, kind: str) -> Answer:
        for_view = method.startswith(_VIEWS)
        try:
            return self._connections.post(method, body, kind, self._patience(for_view))
        except _BROKEN as error:
            log.warning("A call to Slack broke, and is tried once more.", extra={"error": type(error).__name__})
            if not isinstance(error, StaleConnectionError):
                time.sleep(self._pause_s)
        return self._connections.post(method, body, kind, self._patience(for_view))

    def _patience(self, for_view: bool) -> Patience:
        return altogether(self._view_timeout_s) if for_view else each_step(self._timeout_s)


@dataclass(frozen=True, slots=True)
class _View:
    id: str
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    ok: Literal[True]
    view: _View


_SHOWN_VIEW = TypeAdapter(_Shown)


def _read_of_view(body: bytes) -> dict[str, Any]:
    """Which view Slack shows, and its state. It says the whole view again, which took as long to read as to draw."""
    try:
        shown = _SHOWN_VIEW.validate_json(body)
    except ValidationError:  # a refusal, or none of Slack's answers
        return _read(body)
    return {"ok": True, "view": {"id": shown.view.id, "hash": shown.view.hash}}


def _read(body: bytes) -> dict[str, Any]:
    """Slack's answer. What is none becomes a refusal, as slack_sdk has it."""
    try:
        answer = jsonlib.loads(body)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    page = " ".join(body.decode("utf-8", "replace").split())
    return {"ok": False, "error": f"Received a response in a non-JSON format: {page[:_SHOWN]}"}


def _discreet_log() -> logging.Logger:
    """slack_sdk writes every call down for a log whose own level is not set, views with all that people typed in them,
    whether anybody listens or not."""
    log.setLevel(logging.INFO)
    return log
