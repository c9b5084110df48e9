"""From the wizard's choices of people and Rooms to seats, and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain import fields as f
from bot.domain.ids import POOL_PREFIX, PoolId, ResourceId, is_room
from bot.domain.invitation import Seat, SeatKind
from bot.domain.wording import joined

MOST_SEATS = 20
"""Of Team members, and of Rooms."""


@dataclass(frozen=True, slots=True)
class Roster:
    """What people read in place of the ids that the wizard's fields hold.

    `notes` say of a pool whom it offers now; `changeable` are pools whose next in line may be changed by hand.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    changeable: frozenset[str] = frozenset()

    def name(self, value: str) -> str:
        if value in self.names:
            return self.names[value]
        if pool_of(value):
            return "A pool that is gone"
        return "A room that is gone" if is_room(ResourceId(value)) else "Somebody unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody or something to choose: `value` is what the fields hold."""

    value: str
    name: str


def seats(fields: Mapping[str, Any], errors: dict[str, str]) -> tuple[Seat, ...]:
    """A seat for each Team member, then for each Room, in order. A pool's seat has no candidates yet.

    Sentences about what cannot be go to `errors`, by field.
    """
    members, rooms = chosen(fields, f.MEMBERS), chosen(fields, f.ROOMS)
    if not members:
        errors[f.MEMBERS] = "Choose at least one person who will be in the meeting."
    for name, values in ((f.MEMBERS, members), (f.ROOMS, rooms)):
        if len(values) > MOST_SEATS:
            errors[name] = f"Choose up to {MOST_SEATS}. Everybody who may come along fits under the optional ones."
    errors |= twice(fields)
    return (
        *(_seat(value, fields, SeatKind.PERSON, SeatKind.PEOPLE_POOL) for value in members),
        *(_seat(value, fields, SeatKind.ROOM, SeatKind.ROOM_POOL) for value in rooms),
    )


def twice(fields: Mapping[str, Any], name_of: Callable[[str], str] = lambda value: "Somebody") -> dict[str, str]:
    """Sentences, by field, about people who are chosen more than once."""
    members = chosen(fields, f.MEMBERS)
    people = [*members, *(other for member in members for other in alternatives(fields, member))]
    repeated = [value for value, times in Counter(people).items() if times > 1]
    both = [value for value in chosen(fields, f.OPTIONAL_MEMBERS) if value in people]
    if repeated:
        who = joined([name_of(value) for value in repeated])
        return {f.MEMBERS: f"{who} {_is(repeated)} there twice, as an alternative too. Choose each person once."}
    if both:
        who = joined([name_of(value) for value in both])
        return {f.OPTIONAL_MEMBERS: f"{who} {_is(both)} chosen above already. Choose each person once."}
    return {}


def chosen(fields: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """What a field of people or Rooms holds: ids of resources and pools, each once."""
    return tuple(dict.fromkeys(fields.get(field) or ()))


def alternatives(fields: Mapping[str, Any], value: str) -> tuple[str, ...]:
    """Who or what may take the place of a Team member or Room, in order."""
    found = (fields.get(f.ALTERNATIVES) or {}).get(value) or ()
    return tuple(dict.fromkeys(other for other in found if other != value))


def without(fields: Mapping[str, Any], value: str) -> dict[str, Any]:
    """The fields once this Team member or Room is chosen no longer; their alternatives go with them."""
    others = {who: those for who, those in (fields.get(f.ALTERNATIVES) or {}).items() if who != value}
    gone = {name: [each for each in chosen(fields, name) if each != value] for name in (f.MEMBERS, f.ROOMS)}
    return {**gone, f.ALTERNATIVES: others}


def as_optional(fields: Mapping[str, Any], value: str) -> dict[str, Any]:
    """The fields once this Team member may come along, but restricts nothing."""
    optional = dict.fromkeys([*chosen(fields, f.OPTIONAL_MEMBERS), value])
    return {**without(fields, value), f.OPTIONAL_MEMBERS: list(optional)}


def with_alternatives(fields: Mapping[str, Any], value: str, others: Sequence[str]) -> dict[str, Any]:
    """The fields once these may take the place of a Team member or Room."""
    return {f.ALTERNATIVES: {**(fields.get(f.ALTERNATIVES) or {}), value: list(dict.fromkeys(others))}}


def elsewhere(fields: Mapping[str, Any], value: str) -> frozenset[str]:
    """Who and what is chosen, but as an alternative to `value`."""
    named = [*chosen(fields, f.MEMBERS), *chosen(fields, f.OPTIONAL_MEMBERS), *chosen(fields, f.ROOMS)]
    others = (other for who in named if who != value for other in alternatives(fields, who))
    return frozenset((*named, *others))


def pool_of(value: str) -> PoolId | None:
    """The pool that the value names; None where it names a person or a Room."""
    return PoolId(value.removeprefix(POOL_PREFIX)) if value.startswith(POOL_PREFIX) else None


def _seat(value: str, fields: Mapping[str, Any], single: SeatKind, of_pool: SeatKind) -> Seat:
    pool_id = pool_of(value)
    if pool_id:
        return Seat(of_pool, (), pool_id)
    return Seat(single, tuple(ResourceId(each) for each in (value, *alternatives(fields, value))))


def _is(values: Sequence[str]) -> str:
    return "is" if len(values) == 1 else "are"
