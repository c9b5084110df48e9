"""Rooms of a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func
from sqlalchemy.exc import IntegrityError

from bot.domain.ids import ResourceId, WorkspaceId
from bot.domain.rooms import Room
from bot.errors import NameTakenError
from storage.among import among
from storage.prepared import Prepared
from storage.records import Records, insert_or_update, new_version
from storage.team_tables import RoomRow

_ROOMS = Records(Room, RoomRow)
_ROW = _ROOMS.table.c
_WITH_IDS = _ROOMS.select().where(among(_ROW.id, "rooms"))
# SQLite knows no row locks, and needs none: there a writing transaction is the only one.
_BY_IDS, _LOCKED = Prepared(_WITH_IDS), Prepared(_WITH_IDS.order_by(_ROW.id).with_for_update())


class Rooms:
    """`bot.ports.RoomRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, room: Room) -> None:
        try:
            insert_or_update(self._connection, _ROOMS.table, [_ROOMS.parameters(room) | {"version": new_version()}])
        except IntegrityError as error:
            raise NameTakenError("This room is in the list already.") from error

    def get(self, room_id: ResourceId, *, lock: bool = False) -> Room | None:
        return self.by_ids([room_id], lock=lock).get(room_id)

    def by_ids(self, room_ids: Sequence[ResourceId], *, lock: bool = False) -> Mapping[ResourceId, Room]:
        if not room_ids:
            return {}
        found = _ROOMS.all(self._connection, _LOCKED if lock else _BY_IDS, rooms=room_ids)
        return {room.id: room for room in found}

    def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Room]:
        statement = _ROOMS.select().where(_ROW.workspace_id == workspace_id, _ROW.is_removed.is_(False))
        return _ROOMS.all(self._connection, statement.order_by(func.lower(_ROW.name), _ROW.id))

    def at_address(self, workspace_id: WorkspaceId, address: str, *, lock: bool = False) -> Room | None:
        there = _ROOMS.select().where(_ROW.workspace_id == workspace_id, _ROW.address == address)
        return _ROOMS.one(self._connection, there.with_for_update() if lock else there)
