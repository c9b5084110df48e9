"""What restricts: how many slots each person or room costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.board import Board, boards
from bot.domain.ids import ResourceId
from bot.domain.search import Calendar, SlotSearch


def costs(search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> dict[ResourceId, int]:
    """For each resource that a requirement names: the slots gained if it alone were always free.

    Always free is: readable, never busy, inside its working hours. Sorted by resource.
    Raises ValueError where a candidate has no calendar in `calendars`.
    """
    gained = dict.fromkeys(sorted(search.resources), 0)
    for board in boards(search, calendars, now):
        _add_gains(board, gained)
    return gained


def _add_gains(board: Board, gained: dict[ResourceId, int]) -> None:
    """A resource can only save the starts at which its own group of requirements fails, and no other does."""
    filled = [board.filled(group, board.offered) for group in board.groups]
    for number, group in enumerate(board.groups):
        failing = board.offered & ~filled[number]
        for other in filled[:number] + filled[number + 1 :]:
            failing &= other
        for resource, slots in board.gains(group, failing):
            gained[resource] += slots
