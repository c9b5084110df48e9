"""Slack's Web API over HTTP: arguments, the token, and answers. The methods are in `methods`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from bot.playground.block_kit import JSON
from bot.playground.grammar import fault
from bot.playground.refusal import RefusalError


class Arguments:
    """One call's arguments, from a form or a JSON body alike."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """A required one. Raises RefusalError."""
        value = self.maybe(name)
        if not value:
            raise RefusalError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def maybe(self, name: str) -> str | None:
        """Text, or None where it was not given."""
        value = self._given.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return str(value)
        raise RefusalError("invalid_arguments", [fault("must provide a string", f"/{name}")])

    def flag(self, name: str) -> bool:
        return (self.maybe(name) or "").lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        value = self.maybe(name)
        if value is None:
            return default
        if not value.isdigit():
            raise RefusalError("invalid_arguments", [fault("must provide a number", f"/{name}")])
        return int(value)

    def json(self, name: str) -> Any:
        """A structure, None where it was not given. Raises RefusalError."""
        value = self._given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as error:
            raise RefusalError("invalid_arguments", [fault("invalid JSON", f"/{name}")]) from error


Method = Callable[[Arguments], JSON]


class WebApi:
    """Lets whoever has the token call the methods."""

    def __init__(self, bot_token: str, methods: Mapping[str, Method]) -> None:
        self._bot_token = bot_token
        self._methods = methods

    def call(self, method: str, authorization: str | None, content_type: str, body: bytes) -> JSON:
        """The answer to one call: `ok` true, or false with Slack's error."""
        try:
            given = _parsed(content_type, body)
            if method not in self._methods:
                raise RefusalError("unknown_method", req_method=method)
            if method != "api.test":
                self._authorize(authorization, given)
            return {"ok": True, **self._methods[method](Arguments(given))}
        except RefusalError as refusal:
            answer: JSON = {"ok": False, "error": refusal.code, **refusal.details}
            if refusal.messages:
                answer["response_metadata"] = {"messages": list(refusal.messages)}
                if refusal.code == "invalid_blocks":
                    answer["errors"] = list(refusal.messages)
            return answer

    def _authorize(self, authorization: str | None, given: Mapping[str, Any]) -> None:
        scheme, _, token = (authorization or "").partition(" ")
        offered = token.strip() if scheme.lower() == "bearer" else given.get("token")
        if not offered:
            raise RefusalError("not_authed")
        if offered != self._bot_token:
            raise RefusalError("invalid_auth")


def _parsed(content_type: str, body: bytes) -> Mapping[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode()
        if kind == "application/json":
            value = json.loads(text or "{}")
            if not isinstance(value, dict):
                raise RefusalError("json_not_object")
            return value
    except ValueError as error:
        raise RefusalError("invalid_json" if kind == "application/json" else "invalid_charset") from error
    if kind in {"application/x-www-form-urlencoded", ""}:
        return dict(parse_qsl(text, keep_blank_values=True))
    raise RefusalError("invalid_post_type")
