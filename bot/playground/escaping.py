"""What people type, as Slack writes it down."""

from __future__ import annotations

import html
import re

from bot.playground.cast import ACTORS, CHANNELS

_LINK = re.compile(
    r"(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?()])"
    r"|(?P<address>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@])@(?P<person>[\w.-]*\w)"
    r"|(?<![\w#])#(?P<channel>[\w-]+)"
)
_PEOPLE = {actor.name: actor.id for actor in ACTORS.values()}
_CHANNELS = {channel.name: channel.id for channel in CHANNELS.values()}


def escaped(text: str) -> str:
    """`&<>` as entities; addresses, pages, people and channels as Slack's links in angle brackets."""
    return _LINK.sub(_linked, html.escape(text, quote=False))


def _linked(match: re.Match[str]) -> str:
    found = match.group()
    if match["url"]:
        return f"<{found}>"
    if match["address"]:
        return f"<mailto:{found}|{found}>"
    if match["person"] in _PEOPLE:
        return f"<@{_PEOPLE[match['person']]}|{match['person']}>"
    if match["channel"] in _CHANNELS:
        return f"<#{_CHANNELS[match['channel']]}|{match['channel']}>"
    return found
