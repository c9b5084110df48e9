"""What restricts: how many slots each person or room costs, and the notice, and working hours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_

from bot.domain.board import Board, boards
from bot.domain.ids import ResourceId
from bot.domain.search import Calendar, Slots, SlotSearch
from bot.domain.slots import count_slots


@dataclass(frozen=True, slots=True)
class Explained:
    """`slots` are as of `available_slots`. `costs` are, sorted, for each resource that a requirement names the slots
    gained if it alone were always free (readable, never busy, inside its working hours), `notice_costs` those gained
    if no notice were asked for. `offered` is how many starts there are far enough in the future, free or not."""

    slots: Slots
    costs: Mapping[ResourceId, int]
    notice_costs: int
    offered: int


def explained_slots(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> Explained:
    """All of it in one go, for which the calendars are looked at only once.

    Raises ValueError where a candidate has no calendar in `calendars`.
    """
    starts: list[datetime] = []
    gained = dict.fromkeys(sorted(search.resources), 0)
    notice = offered = 0
    for board in boards(search, calendars, now):
        starts.extend(board.instants(_add_gains(board, gained)))
        notice += board.bookable(board.too_soon(now)).bit_count()
        offered += board.offered.bit_count()
    return Explained(Slots(tuple(starts), search.unreadable(calendars)), gained, notice, offered)


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
