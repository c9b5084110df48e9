"""A modal view that is open on somebody's screen, and may be drawn again."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

_PAUSES_S = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
_CLOSED = frozenset({"not_found", "view_not_found", "view_closed"})


class Screen:
    """`view` is Slack's view object: its hash names the state that we know."""

    def __init__(self, client: WebClient, view: Mapping[str, Any]) -> None:
        self._client = client
        self._view_id: str = view["id"]
        self._hash: str | None = view.get("hash")

    def draw(self, view: View) -> bool:
        """False where the view on the screen is not the one that we know. A closed one needs no drawing: True."""
        try:
            self._update(view, self._hash)
        except SlackApiError as error:
            if error.response["error"] != "hash_conflict":
                raise
            return False
        return True

    def draw_over(self, view: View) -> None:
        """Draw it whatever is there now."""
        self._update(view, None)

    def until_acknowledged(self) -> Iterator[None]:
        """Occasions to draw after an acknowledgement that draws too, with growing pauses between them.

        Slack may receive our update before it has applied the acknowledgement, which would then hide it. We know the
        hash of the view from before: while `draw` is still accepted, the acknowledgement is still to come.
        """
        for pause_s in _PAUSES_S:
            time.sleep(pause_s)
            yield

    def _update(self, view: View, known_hash: str | None) -> None:
        try:
            answer = self._client.views_update(view_id=self._view_id, hash=known_hash, view=view)
        except SlackApiError as error:
            if error.response["error"] not in _CLOSED:
                raise
        else:
            drawn: Mapping[str, Any] = answer.get("view") or {}
            self._hash = drawn.get("hash")
