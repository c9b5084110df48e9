"""From the wizard's choices of people and Rooms to seats, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain import fields as f
from bot.domain.ids import POOL_PREFIX, PoolId, ResourceId
from bot.domain.invitation import Seat, SeatKind

MOST_SEATS = 20
"""Of Team members, and of Rooms."""


def seats(fields: Mapping[str, Any], errors: dict[str, str]) -> tuple[Seat, ...]:
    """A seat for each Team member, then for each Room, in order. A pool's seat has no candidates yet.

    Sentences about what cannot be go to `errors`, by field.
    """
    members, rooms = chosen(fields, f.MEMBERS), chosen(fields, f.ROOMS)
    if not members:
        errors[f.MEMBERS] = "Choose at least one person who will be in the meeting."
    for field, values in ((f.MEMBERS, members), (f.ROOMS, rooms)):
        if len(values) > MOST_SEATS:
            errors[field] = f"Choose up to {MOST_SEATS}. Everybody who may come along fits under the optional ones."
    people = [*members, *(other for member in members for other in alternatives(fields, member))]
    if _repeated(people):
        errors[f.MEMBERS] = "Somebody is there twice, as an alternative. Choose each person once."
    elif set(people) & set(fields.get(f.OPTIONAL_MEMBERS) or ()):
        errors[f.OPTIONAL_MEMBERS] = "Somebody is a Team member already. Choose each person once."
    return (
        *(_seat(value, fields, SeatKind.PERSON, SeatKind.PEOPLE_POOL) for value in members),
        *(_seat(value, fields, SeatKind.ROOM, SeatKind.ROOM_POOL) for value in rooms),
    )


def chosen(fields: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """What a field of people or Rooms holds: ids of resources and pools, each once."""
    return tuple(dict.fromkeys(fields.get(field) or ()))


def alternatives(fields: Mapping[str, Any], value: str) -> tuple[str, ...]:
    """Who or what may take the place of a Team member or Room, in order."""
    found = (fields.get(f.ALTERNATIVES) or {}).get(value) or ()
    return tuple(dict.fromkeys(other for other in found if other != value))


def pool_of(value: str) -> PoolId | None:
    """The pool that the value names; None where it names a person or a Room."""
    return PoolId(value.removeprefix(POOL_PREFIX)) if value.startswith(POOL_PREFIX) else None


def _seat(value: str, fields: Mapping[str, Any], single: SeatKind, of_pool: SeatKind) -> Seat:
    pool_id = pool_of(value)
    if pool_id:
        return Seat(of_pool, (), pool_id)
    return Seat(single, tuple(ResourceId(each) for each in (value, *alternatives(fields, value))))


def _repeated(values: Iterable[str]) -> bool:
    return any(times > 1 for times in Counter(values).values())
