"""Messages: posting, changing and deleting them under Slack's rules."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from bot.playground.block_kit import JSON, faults_of_message
from bot.playground.cast import ACTORS, APP, APP_ID, BOT_ID, BOT_USER_ID, CHANNELS, TEAM_ID
from bot.playground.escaping import escaped
from bot.playground.refusal import RefusalError
from bot.playground.story import Message, Story
from bot.playground.views import blocks_with_ids

TEXT_MOST = 40_000
_KEPT_PER_CONVERSATION = 500


class Conversations:
    """What `chat.*` and response URLs do. Every method is atomic."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def find(self, channel: str) -> str:
        """The conversation's id for what the app called it: an id, or a user's id for the DM with them."""
        with self._story.lock:
            if channel in ACTORS:
                actor = ACTORS[channel]
                if actor.is_bot:
                    raise RefusalError("cannot_dm_bot")
                if actor.is_deleted:
                    raise RefusalError("user_disabled")
                return self._story.dm_of(channel)
            if channel in CHANNELS or self._story.dm_owner(channel) is not None:
                return channel
            raise RefusalError("channel_not_found")

    def find_to_post(self, channel: str) -> str:
        channel_id = self.find(channel)
        if channel_id in CHANNELS and channel_id not in self._story.joined:
            raise RefusalError("channel_not_found" if CHANNELS[channel_id].is_private else "not_in_channel")
        return channel_id

    def post(
        self,
        channel: str,
        *,
        text: str,
        blocks: Any = None,
        thread_ts: str | None = None,
        metadata: Any = None,
        seen_by: str | None = None,
        by_invitation: bool = False,
    ) -> Message:
        """The app says something. `seen_by` makes it ephemeral; `by_invitation`: by a response URL, which needs
        no membership."""
        with self._story.lock:
            channel_id = self.find(channel) if by_invitation else self.find_to_post(channel)
            if seen_by is not None and seen_by not in self._story.readers_of(channel_id):
                raise RefusalError("user_not_in_channel")
            if thread_ts and self._story.message(channel_id, thread_ts) is None:
                raise RefusalError("cannot_reply_to_message")
            _check(text, blocks)
            message = Message(
                channel_id,
                self._story.new_ts(),
                BOT_USER_ID,
                text,
                blocks_with_ids(blocks or []),
                thread_ts or None,
                seen_by=seen_by,
                metadata=_checked_metadata(metadata),
            )
            return self._keep(message)

    def say(self, user_id: str, channel_id: str, text: str, thread_ts: str | None = None) -> Message:
        """A person says something, and has seen the conversation up to there."""
        with self._story.lock:
            message = self._keep(Message(channel_id, self._story.new_ts(), user_id, escaped(text), thread_ts=thread_ts))
            self._story.read_up_to[f"{user_id} {channel_id}"] = message.ts
            return message

    def tell(self, user_id: str, channel_id: str, text: str) -> Message:
        """Slack itself tells one person something, where they are."""
        with self._story.lock:
            return self._keep(Message(channel_id, self._story.new_ts(), "USLACKBOT", text, seen_by=user_id))

    def update(self, channel: str, ts: str, *, text: str | None, blocks: Any = None, metadata: Any = None) -> Message:
        """Text, blocks or metadata that are None stay as they are."""
        with self._story.lock:
            message = self._own(channel, ts, "cant_update_message")
            return self.rewrite(message, text=text, blocks=blocks, metadata=metadata)

    def rewrite(self, message: Message, *, text: str | None, blocks: Any = None, metadata: Any = None) -> Message:
        with self._story.lock:
            if text is None and blocks is None:
                raise RefusalError("no_text")
            new_text = message.text if text is None else text
            new_blocks = message.blocks if blocks is None else blocks
            _check(new_text, new_blocks)
            changed = replace(
                message,
                text=new_text,
                blocks=blocks_with_ids(new_blocks),
                edited_at=self._story.new_ts(),
                metadata=message.metadata if metadata is None else _checked_metadata(metadata),
            )
            conversation = self._story.messages[message.channel_id]
            conversation[conversation.index(message)] = changed
            self._story.touch(*self._story.readers_of(message.channel_id))
            return changed

    def delete(self, channel: str, ts: str) -> None:
        with self._story.lock:
            self.remove(self._own(channel, ts, "cant_delete_message"))

    def remove(self, message: Message) -> None:
        with self._story.lock:
            self._story.messages[message.channel_id].remove(message)
            self._story.touch(*self._story.readers_of(message.channel_id))

    # ---- inside

    def _own(self, channel: str, ts: str, otherwise: str) -> Message:
        message = self._story.message(self.find(channel), ts)
        if message is None or message.seen_by is not None:
            raise RefusalError("message_not_found")
        if message.author_id != BOT_USER_ID:
            raise RefusalError(otherwise)
        return message

    def _keep(self, message: Message) -> Message:
        conversation = self._story.messages[message.channel_id]
        conversation.append(message)
        del conversation[:-_KEPT_PER_CONVERSATION]
        self._story.touch(*self._story.readers_of(message.channel_id))
        return message


def _check(text: str, blocks: Any) -> None:
    if not text and not blocks:
        raise RefusalError("no_text")
    if len(text) > TEXT_MOST:
        raise RefusalError("msg_too_long")
    faults = faults_of_message(blocks or [])
    if faults:
        raise RefusalError("invalid_blocks", faults)


def _checked_metadata(metadata: Any) -> JSON | None:
    """`{event_type, event_payload}`, or nothing."""
    if not metadata:
        return None
    well_formed = (
        isinstance(metadata, dict)
        and set(metadata) == {"event_type", "event_payload"}
        and isinstance(metadata["event_type"], str)
        and re.fullmatch(r"[A-Za-z0-9_.]{1,255}", metadata["event_type"]) is not None
        and isinstance(metadata["event_payload"], dict)
    )
    if not well_formed:
        raise RefusalError("invalid_metadata_format")
    return dict(metadata)


def message_json(message: Message) -> JSON:
    """The message as Slack gives it to apps."""
    described: JSON = {"type": "message", "ts": message.ts, "text": message.text, "team": TEAM_ID}
    if message.author_id == BOT_USER_ID:
        described |= {
            "user": BOT_USER_ID,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "bot_profile": {"id": BOT_ID, "app_id": APP_ID, "name": APP.real_name, "team_id": TEAM_ID},
        }
    else:
        described["user"] = message.author_id
    if message.blocks:
        described["blocks"] = message.blocks
    if message.thread_ts:
        described["thread_ts"] = message.thread_ts
    if message.edited_at:
        described["edited"] = {"user": message.author_id, "ts": message.edited_at}
    if message.metadata:
        described["metadata"] = message.metadata
    return described
