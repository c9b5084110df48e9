"""The Slack manifest: what the app asks of a workspace, and why.

Reference: docs.slack.dev/reference/app-manifest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blocks import ids
from bot.errors import SettingsError

PLACEHOLDER_URL = "https://inviteonce.example.com"
"""Stands in the committed manifest.yaml; `--url` puts an installation's own address there."""

SCOPES: Mapping[str, str] = {
    "channels:read": "to see that the app can post in the public channel chosen for notes",
    "chat:write": "to send cards and news to people, and notes to channels the app was added to",
    "commands": "for the slash command and the shortcut",
    "groups:read": "to see that the app can post in the private channel chosen for notes",
    "users:read": "to know names, time zones, and who is a guest, a bot or deactivated",
    "users:read.email": "to put the address of each Team member into the calendar event",
}
"""Each scope with its reason. There is none to read messages."""

EVENTS: Mapping[str, str] = {"app_home_opened": "to show App Home when somebody opens it"}

_HEAD = """\
# Made by `python -m bot manifest`, which takes --command and --url.
# To create the app: api.slack.com/apps, "Create New App", "From a manifest"."""
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")


def render(command: str = ids.COMMANDS[0], url: str = PLACEHOLDER_URL) -> str:
    """The manifest as YAML, with a comment for each permission. Raises SettingsError."""
    return "\n".join((_HEAD, *_yaml(manifest(command, url)), ""))


def manifest(command: str = ids.COMMANDS[0], url: str = PLACEHOLDER_URL) -> dict[str, Any]:
    """The manifest as a value. `url` is where Slack reaches the app. Raises SettingsError."""
    if not _COMMAND.fullmatch(command):
        raise SettingsError("SLACK_COMMAND (--command) is a slash and up to 31 lower-case letters, like /inviteonce.")
    if not re.fullmatch(r"https://[^\s/?#]+", url.rstrip("/")):
        raise SettingsError("PUBLIC_URL (--url) is an https address without a path, like https://invite.example.com.")
    endpoint = f"{url.rstrip('/')}/slack/events"
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "InviteOnce",
            "description": "Invite a customer once. They pick a time with one click; it lands in every calendar.",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                # Writable, so that the slash command can be typed there too; what else is typed, the app cannot read.
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "InviteOnce", "always_online": True},
            "shortcuts": [
                {
                    "name": "Invite to self-schedule",
                    "type": "global",
                    "callback_id": ids.INVITE_SHORTCUT,
                    "description": "Let a customer pick a time that suits everybody",
                },
                {
                    "name": "Invite to a meeting",
                    "type": "message",
                    "callback_id": ids.MESSAGE_SHORTCUT,
                    "description": "Invite whoever this message is about",
                },
            ],
            "slash_commands": [
                {
                    "command": command,
                    "url": endpoint,
                    "description": "Invite a customer to pick a meeting time",
                    "usage_hint": "Anna Ruiz anna@acme.com Roadmap review 45m",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"request_url": endpoint, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, "request_url": endpoint, "message_menu_options_url": endpoint},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _yaml(value: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """A mapping as lines of YAML; every text is quoted as in JSON, which YAML 1.2 contains."""
    for key, content in value.items():
        if isinstance(content, Mapping):
            yield f"{indent}{key}:"
            yield from _yaml(content, f"{indent}  ")
        elif isinstance(content, list):
            yield f"{indent}{key}:"
            yield from _yaml_list(content, f"{indent}  ")
        else:
            yield f"{indent}{key}: {json.dumps(content)}"


def _yaml_list(items: Sequence[Any], indent: str) -> Iterator[str]:
    reasons = {**SCOPES, **EVENTS}
    for item in items:
        if isinstance(item, Mapping):
            first, *rest = _yaml(item, f"{indent}  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            reason = f"  # {reasons[item]}" if item in reasons else ""
            yield f"{indent}- {json.dumps(item)}{reason}"
