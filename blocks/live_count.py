"""The live number of available time slots, what restricts it, and how it spreads over the days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk.models.blocks import Block

from blocks.elements import (
    NAME_LIMIT,
    TITLE_LIMIT,
    bold,
    context,
    cut,
    day,
    escape,
    header,
    minutes,
    name,
    paragraph,
    section,
    slots,
    width,
)
from bot.domain.report import SlotReport

COUNT_BLOCK = "count"
MOST_DAYS = 14
_MOST_NAMES = 3
_BAR_WIDTH = 16
_WORTH_TELLING = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counting:
    """Not known yet: no number is shown."""


@dataclass(frozen=True, slots=True)
class Uncountable:
    """Why there is nothing to count, as a sentence for the person."""

    sentence: str


Count = SlotReport | Counting | Uncountable


def count_blocks(count: Count, now: datetime) -> list[Block]:
    """The number, in view before all else, and what explains it."""
    match count:
        case Counting():
            return [header("Counting the available times…", COUNT_BLOCK)]
        case Uncountable(sentence):
            return [section(f":warning: {paragraph(sentence, 1000)}", COUNT_BLOCK)]
        case SlotReport():
            lines = _explanation(count, now)
            return [header(slots(count.count), COUNT_BLOCK), context("\n".join(lines), "count_why")]


def count_title(count: Count, otherwise: str) -> str:
    """The count once more for the modal's title, which stays in view while the rest scrolls."""
    match count:
        case Counting():
            return "Counting…"
        case SlotReport() if width(slots(count.count)) <= TITLE_LIMIT:
            return slots(count.count)
        case _:
            return otherwise


def spread_blocks(count: Count) -> list[Block]:
    """A line a day, a bar and a number each; nothing where nothing is available."""
    if not isinstance(count, SlotReport) or not count.starts:
        return []
    days = count.by_day()
    shown = [(day(date), len(starts)) for date, starts in days[:MOST_DAYS]]
    most = max(number for _, number in shown)
    lines = [f"{label:<10} {_bar(number, most)} {number:>2}" for label, number in shown]
    rest = len(days) - len(shown)
    if rest:
        lines.append(f"and {rest} more {'day' if rest == 1 else 'days'}")
    return [section("*By day*\n```\n" + "\n".join(lines) + "\n```", "count_by_day")]


def _explanation(report: SlotReport, now: datetime) -> list[str]:
    lines = []
    if report.unreadable:
        lines.append(_unreadable(report.unreadable))
    costly = [f"{bold(r.name)} costs {r.costs}" for r in report.restrictions[:_MOST_NAMES]]
    if costly:
        lines.append("What restricts most: " + " · ".join(costly))
    zone = escape(report.search.frame.time_zone)
    if report.clock_changes:
        lines.append(f"The clocks in {zone} change on {', '.join(day(date) for date in report.clock_changes[:4])}.")
    age = now - report.read_at
    read = f" · calendars read {minutes(age)} ago" if age >= _WORTH_TELLING else ""
    lines.append(f"Times of day are in {zone}{read}")
    return lines


def _unreadable(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f":warning: The calendar of {bold(names[0])} cannot be read, so it counts as busy."
    shown = ", ".join(name(each) for each in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f":warning: These calendars cannot be read, so they count as busy: {cut(shown, NAME_LIMIT * 3)}{more}."


def _bar(number: int, most: int) -> str:
    filled = max(1, round(number * _BAR_WIDTH / most))
    return "█" * filled + " " * (_BAR_WIDTH - filled)
