"""The live number of available time slots, what restricts it, and how it spreads over the days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk.models.blocks import ActionsBlock, Block

from blocks import ids
from blocks.elements import (
    BUTTON_LIMIT,
    bold,
    button,
    context,
    cut,
    day,
    escape,
    header,
    minutes,
    paragraph,
    section,
    slots,
    width,
)
from blocks.facts import several
from blocks.views import drawn_once
from bot.domain.report import TOO_FEW, SlotReport

COUNT_BLOCK = "count"
MOST_DAYS = 14
_MOST_NAMES = 3
_MOST_HOURS = 2
_LINES_WIDTH = 900
_BAR_WIDTH = 16
_WHAT_HELPS = (
    "No single change alone would help: choose another time frame, or other people.",
    "This alone would help:",
    "Any one of these alone would help:",
)
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
            return [
                _number(count.count),
                context("\n".join(lines), "count_why"),
                *_ways_out(count),
            ]


@drawn_once
def _number(count: int) -> Block:
    return header(slots(count), COUNT_BLOCK)


def count_title(count: Count, otherwise: str) -> str:
    """The count for the modal's title, which stays in view while the rest scrolls; in other words than the count's
    own, which stand in one place only."""
    match count:
        case Counting():
            return "Counting…"
        case SlotReport():
            return f"{count.count:,} free time{'' if count.count == 1 else 's'}" if count.count else "No free times"
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


def costs_line(report: SlotReport) -> str:
    """ "*Room Atlas* costs 22 · *Priya* costs 9 · notice 3 · working hours of *Ben* 6"; empty where nothing does."""
    parts = [f"{bold(r.name)} costs {r.costs}" for r in report.restrictions[:_MOST_NAMES]]
    if report.notice_costs:
        parts.append(f"notice {report.notice_costs}")
    parts += [f"working hours of {bold(r.name)} {r.costs}" for r in report.hours[:_MOST_HOURS]]
    return " · ".join(_that_fit(parts))


def _ways_out(report: SlotReport) -> list[Block]:
    """The single changes that would bring most, a button each."""
    buttons = [
        button(
            f"{cut(relaxation.text, BUTTON_LIMIT - 10)} (+{relaxation.gain})",
            f"{ids.RELAX}:{number}",
            value=f"{relaxation.change}={relaxation.value}",
        )
        for number, relaxation in enumerate(report.relaxations)
    ]
    return [ActionsBlock(block_id="relaxations", elements=buttons)] if buttons else []


def _explanation(report: SlotReport, now: datetime) -> list[str]:
    lines = []
    if report.unreadable:
        lines.append(unreadable_text(report.unreadable))
    stuck = [f"{bold(pool)}: next is {bold(person)}, who has no available time." for pool, person in report.stuck]
    lines += (shown := _that_fit(stuck[:_MOST_NAMES]))
    if len(shown) < len(stuck):
        lines.append(f"It is the same with {len(stuck) - len(shown)} more of the pools.")
    if not report.count and report.has_too_few:
        lines.append(TOO_FEW)
    costly = costs_line(report)
    if costly:
        lines.append(f"What restricts most: {costly}")
    zone = escape(report.search.frame.time_zone)
    if report.clock_changes:
        lines.append(f"The clocks in {zone} change on {', '.join(day(date) for date in report.clock_changes[:4])}.")
    age = now - report.read_at
    read = f" · calendars read {minutes(age)} ago" if age >= _WORTH_TELLING else ""
    lines.append(f"Times of day are in {zone}{read}")
    if not report.count:
        lines.append(_WHAT_HELPS[min(len(report.relaxations), 2)])
    return lines


def _that_fit(parts: Sequence[str]) -> list[str]:
    """The first ones, at least one, as many as leave room for the other lines, entities included."""
    kept = list(parts)
    while len(kept) > 1 and sum(map(width, kept)) > _LINES_WIDTH:
        kept.pop()
    return kept


def unreadable_text(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f":warning: The calendar of {bold(names[0])} cannot be read, so it counts as busy."
    return f":warning: These calendars cannot be read, so they count as busy: {several(names)}."


def _bar(number: int, most: int) -> str:
    filled = max(1, round(number * _BAR_WIDTH / most))
    return "█" * filled + " " * (_BAR_WIDTH - filled)
