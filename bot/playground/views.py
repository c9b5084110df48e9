"""Modals and Home: the stack, triggers, hashes, and what people have filled in."""

from __future__ import annotations

import json
import secrets
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.playground.block_kit import JSON, VIEW_BYTES_MOST, elements_of, faults_of_view, size_of
from bot.playground.cast import ACTORS, APP_ID, BOT_ID, TEAM_ID
from bot.playground.inputs import initial_values
from bot.playground.refusal import RefusalError
from bot.playground.story import Story, View

TRIGGER_LIFE = timedelta(seconds=3)
STACK_MOST = 3
_FORGET_TRIGGERS_AFTER = timedelta(minutes=10)


@dataclass(slots=True)
class Trigger:
    user_id: str
    made_at: datetime
    from_modal: bool
    conversation_id: str | None
    used: bool = False


class Views:
    """What `views.*` and `response_action` do. Every method is atomic."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._triggers: dict[str, Trigger] = {}

    def new_trigger(self, user_id: str, *, from_modal: bool = False, conversation_id: str | None = None) -> str:
        """A trigger_id: for one use within 3 seconds."""
        now = self._story.now()
        with self._story.lock:
            for old in [t for t, made in self._triggers.items() if now - made.made_at > _FORGET_TRIGGERS_AFTER]:
                del self._triggers[old]
            trigger_id = f"{int(now.timestamp())}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
            self._triggers[trigger_id] = Trigger(user_id, now, from_modal, conversation_id)
            return trigger_id

    def open(self, trigger_id: str, body: Any) -> View:
        """A new stack for the person who triggered it; one that was open is gone."""
        with self._story.lock:
            trigger = self._take(trigger_id, body)
            self._drop(self._story.stacks[trigger.user_id])
            return self._put_on_top(trigger.user_id, body, trigger.conversation_id)

    def push(self, trigger_id: str, body: Any) -> View:
        with self._story.lock:
            trigger = self._take(trigger_id, body, pushing=True)
            return self._put_on_top(trigger.user_id, body, trigger.conversation_id)

    def push_for(self, user_id: str, body: Any) -> View:
        """`response_action: push`."""
        with self._story.lock:
            self._check(body, "modal")
            if len(self._story.stacks[user_id]) >= STACK_MOST:
                raise RefusalError("push_limit_reached")
            return self._put_on_top(user_id, body, None)

    def update(
        self, body: Any, *, view_id: str | None = None, external_id: str | None = None, known_hash: str | None = None
    ) -> View:
        """The same view with other content; what was entered stays where block_id and action_id stay."""
        with self._story.lock:
            view = self._story.views.get(view_id) if view_id else self._by_external_id(external_id)
            if view is None:
                raise RefusalError("not_found")
            if known_hash is not None and known_hash != view.hash:
                raise RefusalError("hash_conflict")
            self._check(body, view.body["type"], besides=view)
            return self._redraw(view, body)

    def publish(self, user_id: str, body: Any, known_hash: str | None = None) -> View:
        """Home."""
        actor = ACTORS.get(user_id)
        if actor is None or actor.is_deleted:
            raise RefusalError("invalid_arguments", ["[ERROR] invalid `user_id` [json-pointer:/user_id]"])
        with self._story.lock:
            present = self._story.views.get(self._story.homes.get(user_id, ""))
            if known_hash is not None and (present is None or known_hash != present.hash):
                raise RefusalError("hash_conflict")
            self._check(body, "home", besides=present)
            if present is not None:
                return self._redraw(present, body)
            view = self._new(user_id, body, None)
            self._story.homes[user_id] = view.id
            self._story.touch(user_id)
            return view

    def close(self, view_id: str, *, clear: bool = False) -> list[View]:
        """Take the view (with `clear`, its whole stack) away; the ones taken, top first. Empty: was not open."""
        with self._story.lock:
            view = self._story.views.get(view_id)
            stack = self._story.stacks[view.user_id] if view is not None else []
            if view is None or view_id not in stack:
                return []
            going = list(reversed(stack if clear else stack[stack.index(view_id) :]))
            closed = [self._story.views[one] for one in going]
            self._drop(going)
            self._story.stacks[view.user_id] = [one for one in stack if one not in going]
            self._story.touch(view.user_id)
            return closed

    def is_on_top(self, view: View) -> bool:
        return self._story.stacks[view.user_id][-1:] == [view.id]

    # ---- inside

    def _take(self, trigger_id: str, body: Any, *, pushing: bool = False) -> Trigger:
        """Use a trigger up; a refused view leaves it usable, as in Slack."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise RefusalError("invalid_trigger_id")
        if trigger.used:
            raise RefusalError("exchanged_trigger_id")
        if self._story.now() - trigger.made_at > TRIGGER_LIFE:
            raise RefusalError("expired_trigger_id")
        self._check(body, "modal")
        if pushing:
            stack = self._story.stacks[trigger.user_id]
            if not trigger.from_modal or not stack:
                raise RefusalError("invalid_trigger_id", ["[ERROR] views.push needs a trigger from an open modal"])
            if len(stack) >= STACK_MOST:
                raise RefusalError("push_limit_reached")
        trigger.used = True
        return trigger

    def _check(self, body: Any, kind: str, besides: View | None = None) -> None:
        if isinstance(body, dict) and size_of(body) > VIEW_BYTES_MOST:
            raise RefusalError("view_too_large")
        faults = faults_of_view(body, kind)
        if faults:
            raise RefusalError("invalid_arguments", faults)
        same = self._by_external_id(body.get("external_id"))
        if same is not None and same is not besides:
            raise RefusalError("duplicate_external_id")

    def _by_external_id(self, external_id: str | None) -> View | None:
        if not external_id:
            return None
        return next((v for v in self._story.views.values() if v.body.get("external_id") == external_id), None)

    def _new(self, user_id: str, body: JSON, conversation_id: str | None) -> View:
        named = with_ids(body)
        view_id = self._story.new_id("V")
        values = initial_values(named["blocks"], conversation_id=conversation_id)
        view = View(view_id, user_id, named, self._story.new_hash(), values, root_id=view_id)
        self._story.views[view_id] = view
        return view

    def _put_on_top(self, user_id: str, body: JSON, conversation_id: str | None) -> View:
        view = self._new(user_id, body, conversation_id)
        stack = self._story.stacks[user_id]
        stack[:] = [one for one in stack if one in self._story.views]
        if stack:
            view.root_id, view.previous_id = stack[0], stack[-1]
        stack.append(view.id)
        self._story.touch(user_id)
        return view

    def _redraw(self, view: View, body: JSON) -> View:
        view.body = with_ids(body)
        view.values = initial_values(view.body["blocks"], kept=view.values)
        view.hash = self._story.new_hash()
        self._story.touch(view.user_id)
        return view

    def _drop(self, view_ids: list[str]) -> None:
        for view_id in view_ids:
            self._story.views.pop(view_id, None)


def with_ids(body: JSON) -> JSON:
    """A copy in which every block has a block_id and every element an action_id, made up where missing."""
    named: JSON = deepcopy(body)
    named["blocks"] = blocks_with_ids(named["blocks"])
    return named


def blocks_with_ids(blocks: list[JSON]) -> list[JSON]:
    named = deepcopy(blocks)
    for block in named:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element, _ in elements_of(block):
            if element["type"] != "image":
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return named


def view_json(view: View) -> JSON:
    """The view as Slack gives it to apps."""
    body = json.loads(json.dumps(view.body))
    described: JSON = {
        "id": view.id,
        "team_id": TEAM_ID,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
        **body,
        "state": {"values": deepcopy(view.values)},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": APP_ID,
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }
    return described
