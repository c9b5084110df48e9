"""Rescheduling: which times a Meeting may move to. Those assigned stay, and its own time does not stand in its way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.cells import FINE, BusyIndex
from bot.domain.intervals import EPOCH, Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.search import Calendar, SlotSearch
from bot.domain.slots import available_slots

SPAN = timedelta(days=14)
"""How far a Meeting may be moved where the Invitation's own time frame is over."""


@dataclass(frozen=True, slots=True)
class MoveOffer:
    """The starts (UTC, in order) that a Meeting may move to. `unreadable` names whose calendar could not be read: then
    there are none."""

    starts: tuple[datetime, ...] = ()
    unreadable: tuple[str, ...] = ()


def may_be_moved(meeting: Meeting, now: datetime) -> bool:
    """Until its start, while somebody is in it."""
    return meeting.is_live and now < meeting.start and bool(meeting.assigned)


def move_search(invitation: Invitation, meeting: Meeting, now: datetime) -> SlotSearch:
    """The engine's question: everybody assigned in the seat that they have, within the Invitation's time frame, or,
    where nothing else is left of that, within the next 14 days."""
    requirements = tuple((resource,) for resource in meeting.assigned)
    search = replace(invitation.search, requirements=requirements)
    # Whether others are busy does not close a frame, as it expires no Invitation.
    always_free = dict.fromkeys(meeting.assigned, Calendar())
    if any(start != meeting.start for start in available_slots(search, always_free, now).starts):
        return search
    today = now.astimezone(ZoneInfo(search.frame.time_zone)).date()
    return replace(search, frame=replace(search.frame, start_date=today, end_date=today + SPAN))


def replaced(index: BusyIndex, within: Interval, others: Iterable[Interval]) -> BusyIndex:
    """The busy times with what is known event by event in place of what was said about `within`, which begins and ends
    on cells' boundaries. `others` are what blocks there."""
    gone, known = BusyIndex.of((within,)), BusyIndex.of(others)
    block = min(one.block for one in (index, gone, known) if one.coarse)

    def bits(one: BusyIndex) -> int:
        return one.fine << (one.block - block) * FINE.block if one.coarse else 0

    return BusyIndex.of_cells(block, bits(index) & ~bits(gone) | bits(known))


def on_cells(interval: Interval) -> Interval:
    """Rounded outward to boundaries of cells."""
    first, end = FINE.floor(interval.start - EPOCH), -FINE.floor(EPOCH - interval.end)
    return Interval(EPOCH + first * FINE.length, EPOCH + end * FINE.length)
