"""The small parts all views and messages are made of: text that is safe and fits, dates, options.

User text reaches Slack through this module only. Lengths are counted in UTF-16 code units, as a
browser counts them, so whatever fits here fits by any other count too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import (
    AlertBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    SectionBlock,
)

from bot.domain import typed

ALERT_LIMIT = 200
BUTTON_LIMIT = 75
HEADER_LIMIT = 150
NAME_LIMIT = 80
"""How much of a name, address or subject is shown within a line."""
OPTION_LIMIT = 75
OPTIONS_LIMIT = 100
PLAIN_TEXT_INPUT_LIMIT = 3000
SECTION_LIMIT = 3000
TITLE_LIMIT = 24

ELLIPSIS = "…"
_JOINER = "\u200d"

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_UNDERLINE_AT_WORD_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")


# ---------------------------------------------------------------- text


def width(text: str) -> int:
    """The length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def cut(text: str, limit: int) -> str:
    """At most `limit` long, ending in "…" where something is left out; never cuts a visible character in two."""
    if 2 * len(text) <= limit or width(text) <= limit:
        return text
    kept = 0
    room = limit - width(ELLIPSIS)
    for index, character in enumerate(text):
        room -= width(character)
        if room < 0:
            break
        if not _continues(text, index + 1):
            kept = index + 1
    return text[:kept].rstrip() + ELLIPSIS


def _continues(text: str, index: int) -> bool:
    """Whether the character at `index` belongs to the visible character before it (an approximation of UAX #29)."""
    if index >= len(text):
        return False
    before, character = text[index - 1], text[index]
    if character == _JOINER or before == _JOINER or unicodedata.combining(character):
        return True
    is_modifier = (
        "\ufe00" <= character <= "\ufe0f" or "\U0001f3fb" <= character <= "\U0001f3ff" or character == "\u20e3"
    )
    return is_modifier or _is_second_of_flag(text, index)


def _is_second_of_flag(text: str, index: int) -> bool:
    """Two regional indicators make one flag: whether an odd number of them stands right before this one."""
    run = 0
    while index >= run and "\U0001f1e6" <= text[index - run] <= "\U0001f1ff":
        run += 1
    return run > 0 and run % 2 == 0


def escape(text: str, limit: int | None = None) -> str:
    """User text for mrkdwn: reads the same, but mentions nobody, links nothing and styles nothing.

    Marks that would style become look-alikes; underlines within words stay. `limit` counts what is read,
    before the entities.
    """
    clean = typed.plain(text)
    if limit is not None:
        clean = cut(clean, limit)
    return _UNDERLINE_AT_WORD_EDGE.sub("ˍ", clean.translate(_LOOKALIKES)).translate(_ENTITIES)


def name(text: str) -> str:
    """A name, address or subject within a line of mrkdwn: one line, cut, escaped."""
    return escape(typed.one_line(text), NAME_LIMIT)


def bold(text: str) -> str:
    """A name in bold mrkdwn; nothing where there is none."""
    shown = name(text)
    return f"*{shown}*" if shown else ""


def paragraph(text: str, limit: int = SECTION_LIMIT) -> str:
    """User text of several lines for mrkdwn, at most `limit` long with its entities."""
    return escape(_cut_to_fit(text, limit))


def _cut_to_fit(text: str, limit: int) -> str:
    """Cut so that it is at most `limit` long once its entities are written out."""
    shown = cut(text, limit)
    while (excess := width(shown.translate(_ENTITIES)) - limit) > 0:
        shown = cut(shown, width(shown) - max(1, excess // 5))
    return shown


def plain(text: str, limit: int) -> PlainTextObject:
    """A plain_text object that fits; emoji codes stay as typed."""
    return PlainTextObject(text=cut(typed.one_line(text), limit) or "–", emoji=False)


def mrkdwn(text: str) -> MarkdownTextObject:
    """A mrkdwn object of ours: user text in it has been escaped. Nothing is linked that was not meant to be."""
    return MarkdownTextObject(text=text, verbatim=True)


# ---------------------------------------------------------------- blocks


def header(text: str, block_id: str | None = None) -> HeaderBlock:
    return HeaderBlock(text=plain(text, HEADER_LIMIT), block_id=block_id)


def section(text: str, block_id: str | None = None, accessory: ButtonElement | None = None) -> SectionBlock:
    """A paragraph of mrkdwn, at most 3,000 characters."""
    return SectionBlock(text=mrkdwn(text), block_id=block_id, accessory=accessory)


def context(text: str, block_id: str | None = None) -> ContextBlock:
    """A line of small print."""
    return ContextBlock(elements=[mrkdwn(text)], block_id=block_id)


def alert(text: str, level: str = "warning") -> Block:
    """A coloured note in a modal: `info`, `warning`, `error` or `success`. Not for messages or Home.

    Slack's reference names no limit, and some implementations hold 200: a longer text becomes a paragraph.
    """
    if width(text) > ALERT_LIMIT:
        return section(f":{'white_check_mark' if level == 'success' else 'warning'}: {text}")
    return AlertBlock(text=mrkdwn(text), level=level)


def button(
    text: str,
    action_id: str,
    *,
    value: str | None = None,
    style: str | None = None,
    confirm: ConfirmObject | None = None,
    url: str | None = None,
) -> ButtonElement:
    """`style`: `primary`, `danger`, or None."""
    return ButtonElement(
        text=plain(text, BUTTON_LIMIT), action_id=action_id, value=value, style=style, confirm=confirm, url=url
    )


class _WrittenOption(Option):
    """An option that is checked and written out as JSON once.

    Step 2 draws the same fifty at every change of a field, and checking them is half of the work.
    """

    def __init__(self, text: PlainTextObject, value: str) -> None:
        super().__init__(text=text, value=value)
        self._json = super().to_dict()

    def to_dict(self, option_type: str = "block") -> dict[str, Any]:
        return self._json


@lru_cache(maxsize=4096)
def option(text: str, value: str) -> Option:
    """An option of a menu, to be shared and not to be changed."""
    return _WrittenOption(plain(text, OPTION_LIMIT), value)


def chosen(options: Sequence[Option], value: str | None) -> Option | None:
    """The option with this value."""
    return next((candidate for candidate in options if candidate.value == value), None)


def confirmation(title: str, text: str, confirm: str, *, deny: str = "Keep it") -> ConfirmObject:
    """What is asked before something that cannot be taken back."""
    return ConfirmObject(
        title=plain(title, 100),
        text=plain(text, 300),
        confirm=plain(confirm, 30),
        deny=plain(deny, 30),
        style="danger",
    )


# ---------------------------------------------------------------- counts, durations, dates


def slots(count: int) -> str:
    """The number of available slots, in the words that people and checks find it by."""
    if count == 0:
        return "No times are available"
    return "1 available time slot" if count == 1 else f"{count} available time slots"


def minutes(duration: timedelta) -> str:
    """ "45 minutes", "1 hour", "1 hour 30 minutes"; "none" for nothing."""
    hours, rest = divmod(int(duration.total_seconds()) // 60, 60)
    parts = [_plural(hours, "hour")] if hours else []
    if rest:
        parts.append(_plural(rest, "minute"))
    return " ".join(parts) or "none"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def day(value: date) -> str:
    """ "Tue 1 Dec"."""
    return _day(value.toordinal())


@lru_cache(maxsize=1024)
def _day(ordinal: int) -> str:
    """Kept: every count names the same days again. Not by the datetime, which is the same for each zone's day."""
    value = date.fromordinal(ordinal)
    return f"{value:%a} {value.day} {value:%b}"


def time_in_zone(instant: datetime, zone: str) -> str:
    """ "Tue 1 Dec 2026, 15:00 (Europe/Berlin)": the instant on that zone's clock."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{day(local)} {local.year}, {local:%H:%M} ({zone})"


def local_time(instant: datetime, zone: str, tokens: str = "{date_long_pretty}, {time}") -> str:
    """The instant in each reader's own zone; where Slack cannot show that, in `zone`, named.

    Tokens: docs.slack.dev/messaging/formatting-message-text#date-formatting.
    """
    return f"<!date^{int(instant.timestamp())}^{tokens}|{time_in_zone(instant, zone)}>"
