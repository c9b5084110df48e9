"""The one place where what went wrong in a listener reaches the person: `@app.error`.

Errors raised on purpose carry their text. Everything else is a defect: the person gets a reference, the log gets
the same reference with where it happened, and neither gets personal data.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from typing import Any

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse, Respond
from slack_bolt.middleware import Middleware
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from blocks.elements import paragraph
from blocks.wizard import NOTE_LIMIT, notice_view
from bot.errors import FormError, InviteOnceError
from bot.listeners import forms
from bot.slack.acknowledgement import KeptAck
from bot.slack.errors import error_code, is_passing

_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"})
_FULL = "push_limit_reached"
"""Somebody pressed again, and again, in a view that lies below others."""
_BUSY = "Slack is busy, or cannot be reached just now. Nothing was lost; try again in a minute."
_NOTE = "Please note"
_NO_ANSWER = (SlackApiError, OSError, HTTPException)
"""Slack refuses, hangs, or its answer breaks off."""

log = logging.getLogger(__name__)


class KeepAcknowledgement(Middleware):
    """An acknowledgement stays given where its listener fails afterwards."""

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:
        if not isinstance(req.context.ack, KeptAck):
            req.context["ack"] = KeptAck()
        return next()


def register(app: App) -> None:
    app.use(KeepAcknowledgement())
    app.error(show)


def show(
    error: Exception, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond
) -> BoltResponse | None:
    """Tell the person in the place where they are. Nothing that was typed is lost."""
    sentence = _sentence(error)
    if context.ack.response is None:
        return BoltResponse(status=200, body=_answer(error, sentence, body))
    trigger_id = body.get("trigger_id")
    if "command" not in body and trigger_id and _open_notice(client, trigger_id, body, sentence):
        return None
    if context.response_url:
        respond(paragraph(sentence, NOTE_LIMIT), replace_original=False)
    elif trigger_id and context.user_id:
        _write_to(client, context.user_id, paragraph(sentence, NOTE_LIMIT))
    return None


def _sentence(error: Exception) -> str:
    if isinstance(error, InviteOnceError):
        return str(error)
    if isinstance(error, SlackApiError) and error.response["error"] in _TOO_LATE:
        return "That took too long for Slack. Please try again."
    if isinstance(error, SlackApiError) and error.response["error"] == _FULL:
        return "Slack shows three windows on top of each other, and no more. Close one and try again."
    if is_passing(error):
        said = error_code(error) if isinstance(error, SlackApiError) else type(error).__name__
        log.warning("Slack did not take a call: %s", said)
        return _BUSY
    reference = secrets.token_hex(4)
    log.error(
        "a listener failed: %s\n%s",
        f"Slack says {error_code(error)}" if isinstance(error, SlackApiError) else type(error).__name__,
        "".join(traceback.format_tb(error.__traceback__)),
        extra={"reference": reference},
    )
    return f"Something went wrong on our side. Nothing was lost; try again. (Reference {reference})"


def _answer(error: Exception, sentence: str, body: Mapping[str, Any]) -> dict[str, Any] | str:
    """What Slack is waiting for, where nothing has been acknowledged yet."""
    match body.get("type"):
        case "view_submission":
            if isinstance(error, FormError) and (errors := forms.error_blocks(body["view"], error.fields)):
                return {"response_action": "errors", "errors": errors}
            action = "update" if _is_third(body["view"]) else "push"
            return {"response_action": action, "view": notice_view(_NOTE, sentence).to_dict()}
        case "block_suggestion":
            return {"options": []}
        case _:
            return paragraph(sentence, NOTE_LIMIT) if "command" in body else ""


def _is_third(view: Mapping[str, Any]) -> bool:
    """Whether Slack takes no other view on top of this one."""
    below = view.get("previous_view_id")
    return bool(below) and below != view.get("root_view_id")


def _open_notice(client: WebClient, trigger_id: str, body: Mapping[str, Any], sentence: str) -> bool:
    """In front of the modal, where there is one, so that it stays as it is. False: Slack did not open it, or hangs."""
    in_modal = (body.get("view") or {}).get("type") == "modal"
    open_view = client.views_push if in_modal else client.views_open
    try:
        open_view(trigger_id=trigger_id, view=notice_view(_NOTE, sentence))
    except _NO_ANSWER:
        return False
    return True


def _write_to(client: WebClient, user_id: str, text: str) -> None:
    """In the conversation with the app: the last way to somebody who pressed where Slack takes no answer."""
    with suppress(*_NO_ANSWER):
        client.chat_postMessage(channel=user_id, text=text, unfurl_links=False, unfurl_media=False)
