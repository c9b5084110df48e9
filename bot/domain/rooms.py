"""Rooms: resource calendars, a room or equipment."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import ConnectionId, ResourceId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Room:
    """`address` is its mail address, or for CalDAV its collection's URL; it is read and reserved through the
    connection of whoever added it. `id` is a `ResourceId`, `room:…`."""

    id: ResourceId
    workspace_id: WorkspaceId
    name: str
    address: str
    connection_id: ConnectionId
    capacity: int | None = None
    equipment: str = ""
