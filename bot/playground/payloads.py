"""The payloads of Slack's requests to the app, in Slack's own shapes."""

from __future__ import annotations

from dataclasses import dataclass

from bot.playground.app_link import VERIFICATION_TOKEN
from bot.playground.block_kit import JSON
from bot.playground.cast import ACTORS, APP_ID, CHANNELS, TEAM_DOMAIN, TEAM_ID
from bot.playground.conversations import message_json
from bot.playground.escaping import escaped
from bot.playground.inputs import Values
from bot.playground.installation import Command, Shortcut
from bot.playground.story import Message, View
from bot.playground.views import view_json

DM_NAME = "directmessage"


@dataclass(slots=True)
class Surface:
    """A view or a message with something to click: its blocks, and what this person has entered."""

    user_id: str
    blocks: list[JSON]
    values: Values
    offered: dict[str, list[JSON]]
    view: View | None = None
    message: Message | None = None


def channel_name(channel_id: str) -> str:
    return CHANNELS[channel_id].name if channel_id in CHANNELS else DM_NAME


def command(command: Command, text: str, user_id: str, channel_id: str, trigger_id: str, url: str) -> dict[str, str]:
    """The form fields of a slash command."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel_id,
        "channel_name": channel_name(channel_id),
        "user_id": user_id,
        "user_name": ACTORS[user_id].name,
        "command": command.name,
        "text": escaped(text) if command.should_escape else text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger_id,
    }


def _common(kind: str, user_id: str) -> JSON:
    name = ACTORS[user_id].name
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "user": {"id": user_id, "username": name, "name": name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _place(surface: Surface) -> JSON:
    """Where an action happened."""
    if surface.view is not None:
        return {"container": {"type": "view", "view_id": surface.view.id}, "view": view_json(surface.view)}
    message = surface.message
    if message is None:
        raise ValueError("a surface is a view or a message")
    place: JSON = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel_id,
            "is_ephemeral": message.seen_by is not None,
        },
        "channel": {"id": message.channel_id, "name": channel_name(message.channel_id)},
        "state": {"values": surface.values},
    }
    if message.thread_ts:
        place["container"]["thread_ts"] = message.thread_ts
    if message.seen_by is None:  # Slack keeps no copy of an ephemeral message
        place["message"] = message_json(message)
    return place


def block_actions(surface: Surface, action: JSON, trigger_id: str, response_url: str | None) -> JSON:
    payload = {
        **_common("block_actions", surface.user_id),
        **_place(surface),
        "trigger_id": trigger_id,
        "actions": [action],
    }
    if response_url is not None:
        payload["response_url"] = response_url
    return payload


def block_suggestion(surface: Surface, block_id: str, action_id: str, query: str) -> JSON:
    place = _place(surface)
    place.pop("state", None)
    named = {"block_id": block_id, "action_id": action_id, "value": query}
    return {**_common("block_suggestion", surface.user_id), **place, **named}


def view_submission(view: View, trigger_id: str) -> JSON:
    return {
        **_common("view_submission", view.user_id),
        "trigger_id": trigger_id,
        "view": view_json(view),
        "response_urls": [],
    }


def view_closed(view: View, *, is_cleared: bool) -> JSON:
    return {**_common("view_closed", view.user_id), "view": view_json(view), "is_cleared": is_cleared}


def shortcut(shortcut: Shortcut, user_id: str, trigger_id: str, action_ts: str) -> JSON:
    return {
        **_common("shortcut", user_id),
        "callback_id": shortcut.callback_id,
        "trigger_id": trigger_id,
        "action_ts": action_ts,
    }


def message_action(
    shortcut: Shortcut, user_id: str, message: Message, trigger_id: str, action_ts: str, response_url: str
) -> JSON:
    return {
        **_common("message_action", user_id),
        "callback_id": shortcut.callback_id,
        "trigger_id": trigger_id,
        "action_ts": action_ts,
        "message_ts": message.ts,
        "channel": {"id": message.channel_id, "name": channel_name(message.channel_id)},
        "message": message_json(message),
        "response_url": response_url,
    }
