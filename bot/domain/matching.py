"""Seating people: at most one seat each, as many seats taken as can be (a bipartite matching).

Kuhn's algorithm: seats are filled one after the other; where everybody who could sit down is seated already,
people move over along an alternating path. Quick enough here, since only a handful of seats share candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def can_fill(seats: Sequence[Sequence[T]]) -> bool:
    """Whether every seat can get somebody of its own. `seats` lists for each seat who could take it."""
    holders: dict[T, int] = {}
    return all(_seat(number, seats, holders, set()) for number in range(len(seats)))


def seats_in_want(seats: Sequence[Sequence[T]]) -> frozenset[int]:
    """The seats at any of which one more person would let every seat be filled.

    Empty where all can be filled already, and where more than one person is missing.
    """
    holders: dict[T, int] = {}
    empty = [number for number in range(len(seats)) if not _seat(number, seats, holders, set())]
    if len(empty) != 1:
        return frozenset()
    # Whoever can be moved over towards the empty seat leaves a seat to which the newcomer is as welcome.
    asked: set[T] = set()
    _seat(empty[0], seats, holders, asked)
    return frozenset({empty[0], *(holders[person] for person in asked)})


def lowest_price(seats: Sequence[Sequence[T]], prices: Mapping[T, int]) -> int | None:
    """The lowest sum of people's prices for which every seat gets somebody of its own; None where none can.

    Sets of people who can all be seated are a matroid, so that taking the cheapest first is as cheap as can be.
    """
    places: dict[T, list[int]] = {}
    for seat, candidates in enumerate(seats):
        for person in candidates:
            places.setdefault(person, []).append(seat)
    people = sorted(places, key=prices.__getitem__)
    wanted = [places[person] for person in people]
    holders: dict[int, int] = {}
    total = 0
    for number, person in enumerate(people):
        if len(holders) == len(seats):
            break
        if _seat(number, wanted, holders, set()):
            total += prices[person]
    return total if len(holders) == len(seats) else None


def _seat(number: int, seats: Sequence[Sequence[T]], holders: dict[T, int], asked: set[T]) -> bool:
    """Fill one more seat, keeping all others filled; False, with nothing changed, where that cannot be.

    `holders` maps people to their seats; `asked` collects everybody who was asked to sit or move.
    """
    for person in seats[number]:
        if person in asked:
            continue
        asked.add(person)
        if person not in holders or _seat(holders[person], seats, holders, asked):
            holders[person] = number
            return True
    return False
