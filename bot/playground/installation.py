"""What the app's manifest says: which commands, shortcuts, events, tabs and scopes it has in the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.playground.refusal import RefusalError


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    should_escape: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`kind` is `global` or `message`."""

    callback_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Installation:
    commands: Mapping[str, Command]
    shortcuts: Mapping[str, Shortcut]
    events: frozenset[str]
    scopes: frozenset[str]
    has_home: bool
    has_messages_tab: bool

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Installation:
        """Read Slack's manifest format. `/invite` and `/inviteonce` both reach the app, whichever it names."""
        features = manifest.get("features", {})
        home = features.get("app_home", {})
        commands = [
            Command(c["command"], bool(c.get("should_escape")), c.get("usage_hint", ""))
            for c in features.get("slash_commands", ())
        ]
        if commands:
            first = commands[0]
            named = {command.name for command in commands}
            commands += [
                Command(name, first.should_escape, first.hint)
                for name in ("/invite", "/inviteonce")
                if name not in named
            ]
        subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
        return cls(
            commands={command.name: command for command in commands},
            shortcuts={
                s["callback_id"]: Shortcut(s["callback_id"], s["name"], s["type"])
                for s in features.get("shortcuts", ())
            },
            events=frozenset(subscriptions.get("bot_events", ())),
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            has_home=bool(home.get("home_tab_enabled")),
            has_messages_tab=bool(home.get("messages_tab_enabled")),
        )

    def require(self, *any_of: str) -> None:
        """Refuse with `missing_scope` unless one of the scopes was granted."""
        if not self.scopes.intersection(any_of):
            raise RefusalError("missing_scope", needed=",".join(any_of), provided=",".join(sorted(self.scopes)))
