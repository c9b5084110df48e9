"""What one person sees: the whole of it as JSON for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.playground.block_kit import JSON
from bot.playground.cast import ACTORS, CAST, CHANNELS, TEAM_NAME, Actor
from bot.playground.installation import Installation
from bot.playground.mailbox import Mailbox, summary
from bot.playground.story import Message, Story
from bot.playground.views import view_json

COMMAND_HINT = "Anna Ruiz anna@acme.com"
_SHOWN_PER_CONVERSATION = 300


class Screen:
    def __init__(self, story: Story, mailbox: Mailbox, installation: Installation) -> None:
        self._story = story
        self._mailbox = mailbox
        self._installation = installation

    def of(self, user_id: str) -> JSON:
        story = self._story
        with story.lock:
            dm_id = story.dm_of(user_id)
            messages = {channel_id: self._conversation(user_id, channel_id) for channel_id in (*CHANNELS, dm_id)}
            unread = {channel_id: self._unread(user_id, channel_id) for channel_id in messages}
            home = story.views.get(story.homes.get(user_id, ""))
            return {
                "version": story.version_of(user_id),
                "workspace": {"name": TEAM_NAME},
                "me": user_id,
                "users": [self._person(actor) for actor in CAST],
                "channels": [
                    {
                        "id": channel.id,
                        "name": channel.name,
                        "topic": channel.topic,
                        "is_private": channel.is_private,
                        "app_is_member": channel.id in story.joined,
                    }
                    for channel in CHANNELS.values()
                ],
                "dm": {"id": dm_id, "unread": unread[dm_id]},
                "unread": unread,
                "messages": messages,
                "home": self._view(home.id) if home else None,
                "modals": [self._view(view_id) for view_id in story.stacks[user_id] if view_id in story.views],
                "mail": [summary(mail, read=mail.id in story.mail_read) for mail in reversed(self._mailbox.mails)],
                "command_hint": f"{next(iter(self._installation.commands), '/invite')} {COMMAND_HINT}",
                "commands": list(self._installation.commands),
                "shortcuts": [
                    {"callback_id": s.callback_id, "name": s.name, "type": s.kind}
                    for s in self._installation.shortcuts.values()
                ],
                "tabs": {"home": self._installation.has_home, "messages": self._installation.has_messages_tab},
                "problems": story.problems,
            }

    def _view(self, view_id: str) -> JSON:
        view = self._story.views[view_id]
        return {**view_json(view), "values": view.values}

    def _person(self, actor: Actor) -> JSON:
        return {
            "id": actor.id,
            "name": actor.name,
            "real_name": actor.real_name,
            "title": actor.title,
            "time_zone": actor.time_zone,
            "tz_offset": actor.utc_offset_s(self._story.now()),
            "email": actor.email,
            "is_admin": actor.is_admin,
            "is_bot": actor.is_bot,
            "is_guest": actor.is_guest,
            "deleted": actor.is_deleted,
            "color": actor.color,
            "can_be_played": actor.can_be_played,
        }

    def _conversation(self, user_id: str, channel_id: str) -> Sequence[JSON]:
        visible = [m for m in self._story.messages.get(channel_id, ()) if m.is_visible_to(user_id)]
        replies = Counter(m.thread_ts for m in visible if m.thread_ts)
        return [_message(m, replies[m.ts]) for m in visible[-_SHOWN_PER_CONVERSATION:]]

    def _unread(self, user_id: str, channel_id: str) -> int:
        seen = self._story.read_up_to.get(f"{user_id} {channel_id}", "")
        conversation = self._story.messages.get(channel_id, ())
        return sum(m.ts > seen and m.author_id != user_id and m.is_visible_to(user_id) for m in conversation)


def _message(message: Message, reply_count: int) -> JSON:
    author = ACTORS.get(message.author_id)
    return {
        "ts": message.ts,
        "bot" if author is None or author.is_bot else "user": message.author_id,
        "name": author.real_name if author else "Slackbot",
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "reply_count": reply_count,
        "edited": message.edited_at is not None,
        "ephemeral": message.seen_by is not None,
        "metadata": message.metadata,
    }
