"""Everybody of the inviter's side whom an event names, and how their calendars know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.addresses import is_address
from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.people import Person
from bot.domain.rooms import Room


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody of the workspace in an event: `address` is how their calendar knows them, `known` every address."""

    person: Person
    address: str
    known: frozenset[str]
    """In lower case."""


@dataclass(frozen=True, slots=True)
class Guests:
    """Everybody of the inviter's side whom the event names."""

    inviter: Guest
    members: tuple[Guest, ...]
    optional: tuple[Guest, ...]
    rooms: tuple[tuple[Room, str], ...]
    """With the provider of the connection that each is reserved through; empty where that is gone."""

    def of(self, holder: ResourceId) -> Guest | None:
        return next((guest for guest in self.everybody if guest.person.resource_id == holder), None)

    @property
    def everybody(self) -> tuple[Guest, ...]:
        return (*self.members, *self.optional, self.inviter)


def guest_of(person: Person, connections: Sequence[Connection], holds: ConnectionId | None) -> Guest:
    """Known by the address of the account that the event was put into, if it was into one of theirs."""
    ordered = sorted(connections, key=lambda one: (one.id != holds, one.state is not ConnectionState.OK))
    addresses = [one.account for one in ordered if is_address(one.account)]
    address = addresses[0] if addresses else person.email
    return Guest(person, address, frozenset(known.lower() for known in (*addresses, person.email) if known))
