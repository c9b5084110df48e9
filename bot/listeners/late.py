"""Submissions that take longer than Slack waits: a view for the meantime, and what has become of them afterwards."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from slack_bolt import Ack
from slack_sdk.models.views import View

from bot.errors import InviteOnceError
from bot.listeners.screen import Screen


def answer_late(ack: Ack, screen: Screen, pending: Future[Any], meanwhile: View, outcome: Callable[[], View]) -> None:
    """Acknowledge with `meanwhile`, and draw the `outcome` once `pending` is done. `outcome` knows a view for every
    error; a defect is raised again when that is drawn, for the log."""
    ack(response_action="update", view=meanwhile)
    error = pending.exception()
    settle(screen, outcome())
    if error and not isinstance(error, InviteOnceError):
        raise error


def settle(screen: Screen, view: View) -> None:
    """Draw the outcome after the acknowledgement, whichever of the two Slack applies first."""
    for _ in screen.until_acknowledged():
        if not screen.draw(view):
            screen.draw_over(view)
            return


def reason(error: BaseException, defect: str) -> str:
    """What a person is told: what we raised on purpose says it itself."""
    return str(error) if isinstance(error, InviteOnceError) else defect
