"""What restricts: how many slots each person or room costs, and the notice, and working hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from operator import and_

from bot.domain.board import Board, boards
from bot.domain.ids import ResourceId
from bot.domain.search import Calendar, Slots, SlotSearch
from bot.domain.slots import count_slots


def costs(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> dict[ResourceId, int]:
    """For each resource that a requirement names: the slots gained if it alone were always free.

    Always free is: readable, never busy, inside its working hours. Sorted by resource.
    Raises ValueError where a candidate has no calendar in `calendars`.
    """
    return explained_slots(search, calendars, now)[1]


def explained_slots(
    search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime
) -> tuple[Slots, dict[ResourceId, int]]:
    """`available_slots` and `costs` in one go, for which the calendars are looked at only once."""
    starts: list[datetime] = []
    gained = dict.fromkeys(sorted(search.resources), 0)
    for board in boards(search, calendars, now):
        starts.extend(board.instants(_add_gains(board, gained)))
    return Slots(tuple(starts), search.unreadable(calendars)), gained


def _add_gains(board: Board, gained: dict[ResourceId, int]) -> int:
    """Adds to what each resource gains; the bookable starts.

    A resource can only save the starts at which its own group of requirements fails, and no other does.
    """
    filled = [board.filled(group, board.offered) for group in board.groups]
    for number, group in enumerate(board.groups):
        failing = reduce(and_, filled[:number] + filled[number + 1 :], board.offered) & ~filled[number]
        for resource, slots in board.gains(group, failing):
            gained[resource] += slots
    return reduce(and_, filled)


def notice_costs(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime, *, present: int) -> int:
    """The slots gained if no notice were asked for. `present` is how many there are."""
    return count_slots(replace(search, notice=timedelta()), calendars, now) - present if search.notice else 0


def hours_costs(
    search: SlotSearch,
    calendars: Mapping[ResourceId, Calendar],
    now: datetime,
    among: Iterable[ResourceId],
    *,
    present: int,
) -> dict[ResourceId, int]:
    """For each of some resources: the slots gained if its working hours alone did not count.

    Those that `costs` nothing cost nothing here either, and need not be among them. `present` is how many there are.
    """
    gained = {}
    for resource in among:
        calendar = calendars[resource]
        if calendar.working_hours is not None and calendar.readable:
            tireless = {**calendars, resource: replace(calendar, working_hours=None)}
            gained[resource] = count_slots(search, tireless, now) - present
    return gained
