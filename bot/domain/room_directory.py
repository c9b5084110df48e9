"""Rooms as an organisation's directory lists them, before anybody has added them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.domain.rooms import MAX_CAPACITY, MAX_EQUIPMENT, MAX_NAME, kept_address
from bot.domain.typed import line

_MAX_PLACE = 120


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """`address` is as a Room's; `place` says where it is, for people to find it by: "Building 1, 2nd floor"."""

    address: str
    name: str
    capacity: int | None = None
    equipment: str = ""
    place: str = ""

    @property
    def key(self) -> str:
        """What stands for the room in a menu: a URL may be longer than a menu's values may be."""
        return hashlib.sha256(self.address.encode()).hexdigest()[:32]

    @property
    def details(self) -> str:
        """ "Building 1, 2nd floor · 8 seats · Screen"."""
        seats = "" if self.capacity is None else ("1 seat" if self.capacity == 1 else f"{self.capacity} seats")
        return " · ".join(filter(None, (self.place, seats, self.equipment)))


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An account without a list of rooms, and why. `connection_id` is given where its owner can allow it."""

    account: str
    reason: str
    connection_id: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """`token` leads to the rooms that can be chosen, `new` of the `known` ones; it is empty where there are none."""

    token: str
    known: int
    new: int
    unlisted: tuple[Unlisted, ...]


def listed_room(
    address: str, name: object, capacity: object, equipment: Iterable[object] = (), place: Iterable[object] = ()
) -> ListedRoom | None:
    """What a directory says of a room, made fit to be kept; None without an address, for it cannot be reserved."""
    kept = kept_address(address)
    if kept is None:
        return None
    return ListedRoom(
        address=kept,
        name=line(name)[:MAX_NAME].rstrip() or kept[:MAX_NAME],
        capacity=_seats(capacity),
        equipment=_joined(equipment)[:MAX_EQUIPMENT].rstrip(" ,"),
        place=_joined(place)[:_MAX_PLACE].rstrip(" ,"),
    )


def in_order(rooms: Iterable[ListedRoom]) -> tuple[ListedRoom, ...]:
    """Each address once, by name."""
    each = {room.address: room for room in rooms}
    return tuple(sorted(each.values(), key=lambda room: (room.name.casefold(), room.address)))


def matching(rooms: Sequence[ListedRoom], text: str) -> list[ListedRoom]:
    """Those that hold every word somewhere in what is known of them."""
    words = text.casefold().split()
    return [room for room in rooms if _holds(room, words)]


def dumped(rooms: Sequence[ListedRoom]) -> list[dict[str, Any]]:
    """As `json` takes it."""
    return [asdict(room) for room in rooms]


def loaded(values: Iterable[Mapping[str, Any]]) -> tuple[ListedRoom, ...]:
    """What `dumped` gave."""
    return tuple(ListedRoom(**value) for value in values)


def _holds(room: ListedRoom, words: Sequence[str]) -> bool:
    known = f"{room.name} {room.details} {room.address}".casefold()
    return all(word in known for word in words)


def _seats(capacity: object) -> int | None:
    if isinstance(capacity, bool) or not isinstance(capacity, int):
        return None
    return capacity if 1 <= capacity <= MAX_CAPACITY else None


def _joined(parts: Iterable[object]) -> str:
    """The strings among them, each once."""
    return ", ".join(dict.fromkeys(filter(None, (line(part) for part in parts if isinstance(part, str)))))
