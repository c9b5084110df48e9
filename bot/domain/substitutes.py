"""Who, or which Room, may take a place in a Meeting."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import ResourceId


@dataclass(frozen=True, slots=True)
class Substitute:
    """Somebody, or a Room, who may take a place. `note` says where the idea comes from: `next in Sales`.

    `obstacle` is why they cannot, after the name: `is busy then`; empty where they are free.
    """

    resource_id: ResourceId
    name: str
    note: str = ""
    obstacle: str = ""

    @property
    def is_free(self) -> bool:
        return not self.obstacle


@dataclass(frozen=True, slots=True)
class RoomOffer:
    """A Room that has declined, and the free one proposed in its place; None where no other one is free."""

    out: ResourceId
    name: str
    instead: Substitute | None = None
