"""All that has happened in the pretend workspace: messages, views, mail marks; versioned, and kept in a file."""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from bot.playground.block_kit import JSON
from bot.playground.cast import CAST, CHANNELS
from bot.playground.inputs import Values
from bot.ports import Clock

_PROBLEMS_KEPT = 20


@dataclass(slots=True)
class Message:
    """`ts` names a message within its conversation. `seen_by` is the only reader of an ephemeral one."""

    channel_id: str
    ts: str
    author_id: str
    text: str
    blocks: list[JSON] = field(default_factory=list)
    thread_ts: str | None = None
    edited_at: str | None = None
    seen_by: str | None = None
    metadata: JSON | None = None

    def is_visible_to(self, user_id: str) -> bool:
        return self.seen_by in (None, user_id)


@dataclass(slots=True)
class View:
    """A modal in somebody's stack, or their Home. `body` is what the app sent, ids filled in.

    `offered` holds the options that the app suggested, by `block_id action_id`.
    """

    id: str
    user_id: str
    body: JSON
    hash: str
    values: Values
    root_id: str
    previous_id: str | None = None
    offered: dict[str, list[JSON]] = field(default_factory=dict)


class Story:
    """The one state of the playground. Whoever reads or writes it holds `lock`; `touch` tells the watchers."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.messages: dict[str, list[Message]] = defaultdict(list)
        self.dms: dict[str, str] = {}
        """The app's DM, by user."""
        self.joined: set[str] = {channel.id for channel in CHANNELS.values() if channel.app_is_member}
        """Channels that the app is a member of."""
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = defaultdict(list)
        """Open modals by user, bottom to top."""
        self.homes: dict[str, str] = {}
        self.read_up_to: dict[str, str] = {}
        """The last `ts` seen, by `user channel`."""
        self.mail_read: set[str] = set()
        self.problems: list[JSON] = []
        """What the app did wrong, for whoever develops it."""
        self._last_ts = Decimal(0)
        self._versions: dict[str, int] = defaultdict(int)
        self._version = 0
        self._watchers: list[Callable[[str], None]] = []
        self.on_change: Callable[[], None] = lambda: None
        self.is_over = False
        """Nobody watches any more: the server is going down."""

    # ---- names

    def now(self) -> datetime:
        return self.clock()

    def new_ts(self) -> str:
        """The present as `seconds.micros`, later than any before."""
        with self.lock:
            now = Decimal(int(self.now().timestamp() * 1_000_000)) / 1_000_000
            self._last_ts = max(now, self._last_ts + Decimal("0.000001"))
            return f"{self._last_ts:.6f}"

    def new_hash(self) -> str:
        return f"{int(self.now().timestamp())}.{secrets.token_hex(4)}"

    @staticmethod
    def new_id(letter: str) -> str:
        return letter + "0" + secrets.token_hex(5).upper()[:9]

    # ---- conversations

    def dm_of(self, user_id: str) -> str:
        """The app's conversation with this person, opened where there was none."""
        with self.lock:
            if user_id not in self.dms:
                self.dms[user_id] = self.new_id("D")
            return self.dms[user_id]

    def dm_owner(self, channel_id: str) -> str | None:
        return next((user for user, channel in self.dms.items() if channel == channel_id), None)

    def readers_of(self, channel_id: str) -> tuple[str, ...]:
        """Whose screens a change in this conversation changes."""
        owner = self.dm_owner(channel_id)
        return (owner,) if owner else tuple(actor.id for actor in CAST if actor.can_be_played)

    def message(self, channel_id: str, ts: str) -> Message | None:
        return next((m for m in self.messages.get(channel_id, ()) if m.ts == ts), None)

    # ---- watching

    def version_of(self, user_id: str) -> int:
        return self._versions[user_id]

    def touch(self, *user_ids: str) -> None:
        """Their screens have changed."""
        with self.lock:
            self._version += 1
            for user_id in user_ids:
                self._versions[user_id] = self._version
            watchers = list(self._watchers)
        self.on_change()
        for watcher in watchers:
            for user_id in user_ids:
                watcher(user_id)

    def touch_all(self) -> None:
        self.touch(*(actor.id for actor in CAST if actor.can_be_played))

    def end(self) -> None:
        """Send the watchers home. Fit for a signal handler."""
        self.is_over = True
        for watcher in list(self._watchers):
            for actor in CAST:
                watcher(actor.id)

    def report(self, text: str) -> None:
        """Show a defect of the app to whoever looks at the page."""
        with self.lock:
            self.problems = [*self.problems, {"at": self.now().isoformat(), "text": text}][-_PROBLEMS_KEPT:]
        self.touch_all()

    @contextmanager
    def watched(self, watcher: Callable[[str], None]) -> Iterator[Self]:
        """`watcher` is called with each user whose screen changes, on the thread that changed it."""
        with self.lock:
            self._watchers.append(watcher)
        try:
            yield self
        finally:
            with self.lock:
                self._watchers.remove(watcher)

    # ---- keeping

    def to_json(self) -> JSON:
        with self.lock:
            return {
                "messages": [asdict(m) for conversation in self.messages.values() for m in conversation],
                "dms": dict(self.dms),
                "joined": sorted(self.joined),
                "views": [asdict(view) for view in self.views.values()],
                "stacks": {user: list(stack) for user, stack in self.stacks.items()},
                "homes": dict(self.homes),
                "read_up_to": dict(self.read_up_to),
                "mail_read": sorted(self.mail_read),
                "last_ts": str(self._last_ts),
                "version": self._version,
            }

    def restore(self, kept: Any) -> None:
        """Go on where `to_json` left off. Raises KeyError, TypeError, ValueError or ArithmeticError,
        and changes nothing, where it is something else."""
        messages: dict[str, list[Message]] = defaultdict(list)
        for one in kept["messages"]:
            messages[one["channel_id"]].append(Message(**one))
        views = {one["id"]: View(**one) for one in kept["views"]}
        stacks: dict[str, list[str]] = defaultdict(list, kept["stacks"])
        dms, homes, read_up_to = dict(kept["dms"]), dict(kept["homes"]), dict(kept["read_up_to"])
        joined, mail_read = set(kept["joined"]), set(kept["mail_read"])
        last_ts, version = Decimal(str(kept["last_ts"])), int(kept["version"]) + 1
        with self.lock:
            self.messages, self.views, self.stacks = messages, views, stacks
            self.dms, self.homes, self.read_up_to = dms, homes, read_up_to
            self.joined, self.mail_read = joined, mail_read
            self._last_ts, self._version = last_ts, version
            self._versions = defaultdict(lambda: version)
