"""The page's one POST: what the person at the screen does, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.playground.block_kit import JSON
from bot.playground.cast import ACTORS
from bot.playground.interactions import Interactions, element_in
from bot.playground.refusal import HintError
from bot.playground.story import Story
from bot.playground.submissions import Submissions
from bot.playground.suggestions import Suggestions


class Acts:
    """`perform` answers `{"ok": true, …}`, or `{"ok": false, "error", "errors"}` with texts for the person."""

    def __init__(
        self, story: Story, interactions: Interactions, submissions: Submissions, suggestions: Suggestions
    ) -> None:
        self._story = story
        self._interactions = interactions
        self._submissions = submissions
        self._suggestions = suggestions
        self._by_name: Mapping[str, Callable[[str, _Request], JSON | None]] = {
            "command": self._command,
            "say": self._say,
            "shortcut": self._shortcut,
            "message_shortcut": self._message_shortcut,
            "open_home": self._open_home,
            "add_app": self._add_app,
            "block_action": self._block_action,
            "input": self._input,
            "submit": self._submit,
            "close": self._close,
            "suggest": self._suggest,
            "read": self._read,
            "read_mail": self._read_mail,
        }

    def perform(self, request: Mapping[str, Any]) -> JSON:
        try:
            asked = _Request(request)
            user = ACTORS.get(asked.text("user"))
            if user is None or not user.can_be_played:
                raise HintError("There is nobody of that name to play.")
            act = self._by_name.get(asked.text("do"))
            if act is None:
                raise HintError("Nobody can do that here.")
            return {"ok": True, **(act(user.id, asked) or {})}
        except HintError as hint:
            return {"ok": False, "error": str(hint), "errors": hint.fields}

    def _command(self, user_id: str, asked: _Request) -> None:
        self._interactions.command(user_id, asked.text("channel"), asked.text("text"))

    def _say(self, user_id: str, asked: _Request) -> JSON:
        thread_ts = asked.maybe_text("thread_ts")
        return {"ts": self._interactions.say(user_id, asked.text("channel"), asked.text("text"), thread_ts)}

    def _shortcut(self, user_id: str, asked: _Request) -> None:
        self._interactions.shortcut(user_id, asked.text("callback_id"))

    def _message_shortcut(self, user_id: str, asked: _Request) -> None:
        self._interactions.message_shortcut(user_id, asked.text("callback_id"), asked.text("channel"), asked.text("ts"))

    def _open_home(self, user_id: str, asked: _Request) -> None:
        self._interactions.open_home(user_id, asked.maybe_text("tab") or "home")

    def _add_app(self, user_id: str, asked: _Request) -> None:
        self._interactions.add_app(user_id, asked.text("channel"))

    def _block_action(self, user_id: str, asked: _Request) -> None:
        where, value = asked.where(), asked.part("value")
        self._interactions.act(user_id, where, asked.text("block_id"), asked.text("action_id"), value)

    def _input(self, user_id: str, asked: _Request) -> None:
        where, value = asked.where(), asked.part("value")
        self._interactions.enter(user_id, where, asked.text("block_id"), asked.text("action_id"), value)

    def _submit(self, user_id: str, asked: _Request) -> None:
        self._submissions.submit(user_id, asked.text("view_id"))

    def _close(self, user_id: str, asked: _Request) -> None:
        self._submissions.close(user_id, asked.text("view_id"), clear=asked.flag("clear"))

    def _suggest(self, user_id: str, asked: _Request) -> JSON:
        surface = self._interactions.surface(user_id, asked.where())
        block_id = asked.text("block_id")
        _, element = element_in(surface.blocks, block_id, asked.text("action_id"))
        return self._suggestions.ask(surface, block_id, element, asked.maybe_text("query") or "")

    def _read(self, user_id: str, asked: _Request) -> None:
        channel_id = asked.text("channel")
        with self._story.lock:
            conversation = self._story.messages.get(channel_id)
            if conversation:
                key, newest = f"{user_id} {channel_id}", conversation[-1].ts
                if self._story.read_up_to.get(key) != newest:
                    self._story.read_up_to[key] = newest
                    self._story.touch(user_id)

    def _read_mail(self, _: str, asked: _Request) -> None:
        with self._story.lock:
            if asked.text("id") not in self._story.mail_read:
                self._story.mail_read.add(asked.text("id"))
                self._story.touch_all()


class _Request:
    """The JSON of one act. Raises HintError for what is missing or of another type."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    def text(self, key: str) -> str:
        value = self._given.get(key)
        if not isinstance(value, str) or not value:
            raise HintError(f"`{key}` is missing.")
        return value

    def maybe_text(self, key: str) -> str | None:
        return self.text(key) if self._given.get(key) not in (None, "") else None

    def flag(self, key: str) -> bool:
        return self._given.get(key) is True

    def part(self, key: str) -> JSON:
        value = self._given.get(key) or {}
        if not isinstance(value, dict):
            raise HintError(f"`{key}` is an object.")
        return value

    def where(self) -> JSON:
        """`where`, or the `view_id` beside it."""
        view_id = self._given.get("view_id")
        return {"view_id": view_id} if view_id else self.part("where")
