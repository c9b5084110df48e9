"""The Slack workspace that is served, and the slash command that its people are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.errors import SettingsError
from bot.variables import absolute_url, one_word

SLACK_API_URL = "https://slack.com/api/"
_OAUTH_CLIENT = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """One workspace over HTTP. `api_url` ends with a slash."""

    signing_secret: SecretStr
    bot_token: SecretStr
    api_url: str = SLACK_API_URL


def slack_settings(values: Mapping[str, str]) -> SlackSettings | None:
    """One workspace's settings, or None where nothing was said about Slack but the command's name."""
    secret, token = values.get("SLACK_SIGNING_SECRET"), values.get("SLACK_BOT_TOKEN")
    if secret and token:
        client = {name for name in _OAUTH_CLIENT if name in values}
        if len(client) == 1:
            (given,), (missing,) = client, set(_OAUTH_CLIENT) - client
            raise SettingsError(f"{missing} is missing, and {given} is set: give both, or neither.")
        if "SLACK_APP_TOKEN" in values:
            raise SettingsError("SLACK_APP_TOKEN: Socket Mode is not available yet; leave it out to serve over HTTP.")
        api_url = absolute_url("SLACK_API_URL", values.get("SLACK_API_URL", SLACK_API_URL)) + "/"
        if api_url == SLACK_API_URL and not token.startswith("xoxb-"):
            raise SettingsError("SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-.")
        return SlackSettings(
            SecretStr(one_word("SLACK_SIGNING_SECRET", secret)), SecretStr(one_word("SLACK_BOT_TOKEN", token)), api_url
        )

    pair = "set SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN to serve one workspace"
    for name in _OAUTH_CLIENT:
        if name in values:
            raise SettingsError(f"{name}: installing into many workspaces is not available yet; {pair}.")
    if "SLACK_APP_TOKEN" in values:
        raise SettingsError(f"SLACK_APP_TOKEN: Socket Mode is not available yet; {pair}.")
    half_given = {"SLACK_SIGNING_SECRET": secret, "SLACK_BOT_TOKEN": token}
    for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_API_URL"):
        if name in values:
            missing = next(other for other, value in half_given.items() if not value)
            raise SettingsError(f"{missing} is missing, and {name} is set: give both, or neither for the playground.")
    return None


def slack_command(values: Mapping[str, str]) -> str:
    command = values.get("SLACK_COMMAND", "/invite")
    if not re.fullmatch(r"/[a-z0-9_-]{1,31}", command):
        raise SettingsError("SLACK_COMMAND must be a slash and up to 31 small letters, digits, - or _, as /inviteonce.")
    return command
