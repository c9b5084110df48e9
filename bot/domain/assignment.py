"""Who takes part: one free candidate for each requirement, nobody twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.ids import ResourceId
from bot.domain.matching import can_fill
from bot.domain.search import Calendar, SlotSearch
from bot.domain.slots import is_free


def choose(
    search: SlotSearch, calendars: Mapping[ResourceId, Calendar], start: datetime
) -> tuple[ResourceId, ...] | None:
    """One distinct free resource for each requirement, in the requirements' order; None where there are not enough.

    Candidates listed earlier are preferred, in earlier requirements first. Whether the start lies on the grid,
    and in the future, is not asked. Raises ValueError where a candidate has no calendar in `calendars`.
    """
    search.require(calendars)
    free = {resource for resource in search.resources if is_free(calendars[resource], search, start)}
    seats = [[resource for resource in requirement if resource in free] for requirement in search.requirements]
    if not can_fill(seats):
        return None
    for number, candidates in enumerate(seats):
        # The first candidate who leaves the later seats fillable; there is one, for all can be filled so far.
        for candidate in candidates:
            seats[number] = [candidate]
            if can_fill(seats):
                break
    return tuple(seat[0] for seat in seats)
