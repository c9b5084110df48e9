"""Response URLs, and the message that may answer a command."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.playground.block_kit import JSON
from bot.playground.conversations import Conversations
from bot.playground.refusal import RefusalError
from bot.playground.story import Story

_LIFE = timedelta(minutes=30)
_USES_MOST = 5
_KEYS = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "metadata",
        "mrkdwn",
        "unfurl_links",
        "unfurl_media",
    }
)


@dataclass(slots=True)
class Origin:
    """Where an interaction came from: whose, in which conversation, about which message."""

    user_id: str
    channel_id: str
    message_ts: str | None
    made_at: datetime
    uses: int = 0


class Responses:
    def __init__(self, story: Story, conversations: Conversations, hooks_url: str) -> None:
        self._story = story
        self._conversations = conversations
        self._hooks_url = hooks_url.rstrip("/")
        self._origins: dict[str, Origin] = {}

    def new_url(self, user_id: str, channel_id: str, message_ts: str | None = None) -> str:
        """Good for 30 minutes and 5 messages."""
        now = self._story.now()
        with self._story.lock:
            for old in [token for token, origin in self._origins.items() if now - origin.made_at > _LIFE]:
                del self._origins[old]
            token = secrets.token_urlsafe(24)
            self._origins[token] = Origin(user_id, channel_id, message_ts, now)
            return f"{self._hooks_url}/{token}"

    def use(self, token: str, body: Any) -> None:
        """What a POST to the URL does. Raises RefusalError."""
        with self._story.lock:
            origin = self._origins.get(token)
            if origin is None or self._story.now() - origin.made_at > _LIFE:
                raise RefusalError("expired_url")
            if origin.uses >= _USES_MOST:
                raise RefusalError("used_url")
            self.answer(origin.user_id, origin.channel_id, origin.message_ts, body)
            origin.uses += 1

    def answer(self, user_id: str, channel_id: str, message_ts: str | None, body: Any) -> None:
        """Post, replace or delete, as the body says. Raises RefusalError."""
        if not isinstance(body, dict) or set(body) - _KEYS:
            raise RefusalError("invalid_payload")
        with self._story.lock:
            original = self._story.message(channel_id, message_ts) if message_ts else None
            if body.get("delete_original"):
                if original is None:
                    raise RefusalError("message_not_found")
                self._conversations.remove(original)
            elif body.get("replace_original"):
                if original is None:
                    raise RefusalError("message_not_found")
                self._conversations.rewrite(
                    original,
                    text=body.get("text"),
                    blocks=body.get("blocks", [] if "text" in body else None),
                    metadata=body.get("metadata"),
                )
            else:
                self._post(user_id, channel_id, body)

    def _post(self, user_id: str, channel_id: str, body: JSON) -> None:
        in_channel = body.get("response_type") == "in_channel"
        self._conversations.post(
            channel_id,
            text=body.get("text") or "",
            blocks=body.get("blocks"),
            thread_ts=body.get("thread_ts"),
            metadata=body.get("metadata"),
            seen_by=None if in_channel else user_id,
            by_invitation=True,
        )
