"""People and conversations as Slack's Web API describes them, and its pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from bot.playground.block_kit import JSON
from bot.playground.cast import APP_ID, BOT_ID, BOT_USER_ID, TEAM_ID, Actor, Channel
from bot.playground.web_api import Arguments

_T = TypeVar("_T")


def user_json(actor: Actor, now: datetime, *, with_locale: bool, with_email: bool) -> JSON:
    """A user as `users.info` gives it."""
    profile: JSON = {
        "title": actor.title,
        "phone": "",
        "real_name": actor.real_name,
        "real_name_normalized": actor.real_name,
        "display_name": actor.name,
        "display_name_normalized": actor.name,
        "team": TEAM_ID,
    }
    if actor.is_bot:
        profile |= {"bot_id": BOT_ID, "api_app_id": APP_ID} if actor.id == BOT_USER_ID else {"bot_id": "B0STANDUP1"}
    elif with_email:
        profile["email"] = actor.email
    described: JSON = {
        "id": actor.id,
        "team_id": TEAM_ID,
        "name": actor.name,
        "deleted": actor.is_deleted,
        "color": actor.color,
        "real_name": actor.real_name,
        "tz": actor.time_zone,
        "tz_label": actor.time_zone,
        "tz_offset": actor.utc_offset_s(now),
        "profile": profile,
        "is_admin": actor.is_admin,
        "is_owner": actor.is_owner,
        "is_primary_owner": actor.is_owner,
        "is_restricted": actor.is_guest,
        "is_ultra_restricted": False,
        "is_bot": actor.is_bot,
        "is_app_user": False,
        "is_email_confirmed": not actor.is_bot,
        "updated": 0,
    }
    return described | ({"locale": "en-US"} if with_locale else {})


def channel_json(channel: Channel, *, is_member: bool) -> JSON:
    """A channel as `conversations.info` gives it; `is_member` is about the app."""
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": False,
        "is_general": channel.name == "general",
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": is_member,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "context_team_id": TEAM_ID,
    }


def dm_json(channel_id: str, owner_id: str | None) -> JSON:
    return {"id": channel_id, "is_im": True, "user": owner_id, "is_user_deleted": False, "is_open": True}


def page_of(items: Sequence[_T], given: Arguments) -> tuple[Sequence[_T], str]:
    """A page by Slack's cursor, and the next cursor (empty: the last page)."""
    limit = given.number("limit", 100) or 100
    start = given.number("cursor", 0) if given.maybe("cursor") else 0
    more = start + limit < len(items)
    return items[start : start + limit], str(start + limit) if more else ""
