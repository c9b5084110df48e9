"""External selects: the app is asked for options while somebody types."""

from __future__ import annotations

from bot.playground import payloads
from bot.playground.app_link import AppLink, NoAnswerError
from bot.playground.block_kit import JSON, options_of
from bot.playground.elements import OPTION_GROUPS, OPTIONS
from bot.playground.payloads import Surface
from bot.playground.refusal import HintError
from bot.playground.story import Story

_QUERY_LEAST = 3
"""Slack's default for `min_query_length`."""
_FAILED = "Couldn’t load the options. Try again?"


class Suggestions:
    def __init__(self, story: Story, app: AppLink) -> None:
        self._story = story
        self._app = app

    def ask(self, surface: Surface, block_id: str, element: JSON, query: str) -> JSON:
        """`options` and `option_groups` for what was typed; both empty where it is too short to ask."""
        if not element["type"].endswith("external_select"):
            raise HintError("This list is fixed.")
        if len(query) < element.get("min_query_length", _QUERY_LEAST):
            return {"options": [], "option_groups": []}
        payload = payloads.block_suggestion(surface, block_id, element["action_id"], query)
        try:
            answer = self._app.interaction(payload)
            body = answer.json() if answer.is_ok else {}
        except (NoAnswerError, ValueError) as error:
            raise HintError(_FAILED) from error
        faults = [
            *OPTIONS(body.get("options", []), "/options"),
            *(OPTION_GROUPS(body["option_groups"], "/option_groups") if "option_groups" in body else ()),
        ]
        if faults or not set(body) <= {"options", "option_groups"} or not body:
            self._story.report(f"The options for {element['action_id']} were refused: {' '.join(faults) or body}")
            raise HintError(_FAILED)
        with self._story.lock:
            key = f"{block_id} {element['action_id']}"
            known = {option["value"]: option for option in [*surface.offered.get(key, ()), *options_of(body)]}
            surface.offered[key] = list(known.values())
        return {"options": body.get("options", []), "option_groups": body.get("option_groups", [])}
