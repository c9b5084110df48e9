"""Unfinished wizards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, update

from bot.domain.ids import DraftId, UserId, WorkspaceId
from bot.domain.invitation import Draft, MessageRef
from storage.prepared import Prepared, PreparedWrite
from storage.records import Records, unless_locked
from storage.tables import DraftRow

_DRAFTS = Records(Draft, DraftRow)
_ROW = _DRAFTS.table.c
_BY_ID = Prepared(_DRAFTS.select().where(_ROW.id == bindparam("draft_id")))
_REVISION = Prepared(select(_ROW.revision).where(_ROW.id == bindparam("draft_id")))
_ADD = PreparedWrite(insert(_DRAFTS.table))
_UPDATE = PreparedWrite(
    update(_DRAFTS.table).where(_ROW.id == bindparam("draft_id"), _ROW.revision == bindparam("expected"))
)


class Drafts:
    """`bot.ports.DraftRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, draft: Draft) -> None:
        _ADD.run(self._connection, _DRAFTS.parameters(draft))

    def get(self, draft_id: DraftId) -> Draft | None:
        return _DRAFTS.one(self._connection, _BY_ID, draft_id=draft_id)

    def revision(self, draft_id: DraftId) -> int | None:
        return next((revision for (revision,) in _REVISION.rows(self._connection, draft_id=draft_id)), None)

    def replace(self, draft: Draft, *, expected_revision: int) -> bool:
        # The card is posted by the worker while the person goes on typing: a save must not undo `set_card`.
        content = {name: value for name, value in _DRAFTS.parameters(draft).items() if name not in ("id", "card")}
        given = content | {"draft_id": draft.id, "expected": expected_revision}
        return _UPDATE.run(self._connection, given) == 1

    def set_card(self, draft_id: DraftId, card: MessageRef | None) -> None:
        self._connection.execute(update(_DRAFTS.table).where(_ROW.id == draft_id).values(card=card))

    def open_drafts(self, workspace_id: WorkspaceId, owner_id: UserId, *, updated_after: datetime) -> Sequence[Draft]:
        return _DRAFTS.all(self._connection, _newest_first(workspace_id, owner_id, updated_after))

    def delete(self, draft_id: DraftId) -> Draft | None:
        # In one statement: the worker may be posting the card, and whoever looks before has not seen it.
        gone = delete(_DRAFTS.table).where(_ROW.id == draft_id).returning(*_DRAFTS.columns)
        row = self._connection.execute(gone).one_or_none()
        return None if row is None else _DRAFTS.value(row)

    def delete_older(self, updated_before: datetime) -> Sequence[Draft]:
        older = unless_locked(_DRAFTS.table, _ROW.updated_at < updated_before).returning(*_DRAFTS.columns)
        return [_DRAFTS.value(row) for row in self._connection.execute(older)]


def _newest_first(workspace_id: WorkspaceId, owner_id: UserId, updated_after: datetime) -> Select[Any]:
    return (
        _DRAFTS.select()
        .where(_ROW.workspace_id == workspace_id, _ROW.owner_id == owner_id, _ROW.updated_at > updated_after)
        .order_by(_ROW.updated_at.desc(), _ROW.created_at.desc(), _ROW.id)
    )
