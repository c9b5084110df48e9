"""Templates, and which of them each person likes best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select

from bot.domain.ids import TemplateId, UserId, WorkspaceId
from bot.domain.templates import Template
from storage.prepared import Prepared
from storage.records import Records, insert_if_absent, insert_or_update, put_named, table_of
from storage.team_tables import TemplateMarksRow, TemplateRow

_TEMPLATES = Records(Template, TemplateRow)
_ROW = _TEMPLATES.table.c
_MARKS = table_of(TemplateMarksRow)
_IS_VISIBLE = and_(
    _ROW.workspace_id == bindparam("workspace"), or_(_ROW.is_shared, _ROW.owner_id == bindparam("reader"))
)
"""The reader's own and the shared ones."""
_VISIBLE = Prepared(_TEMPLATES.select().where(_IS_VISIBLE).order_by(func.lower(_ROW.name), _ROW.id))
_VISIBLE_IDS = Prepared(select(_ROW.id).where(_IS_VISIBLE))
_OF_READER = select(_MARKS.c.favourites, _MARKS.c.default_id).where(
    _MARKS.c.workspace_id == bindparam("workspace"), _MARKS.c.user_id == bindparam("reader")
)
# SQLite knows no row locks, and needs none: there a writing transaction is the only one.
_MARKS_OF, _LOCKED_MARKS_OF = Prepared(_OF_READER), Prepared(_OF_READER.with_for_update())


class Templates:
    """`bot.ports.TemplateRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, template: Template) -> None:
        put_named(self._connection, _TEMPLATES.table, _TEMPLATES.parameters(template), "template")

    def get(self, template_id: TemplateId, *, lock: bool = False) -> Template | None:
        statement = _TEMPLATES.select().where(_ROW.id == template_id)
        return _TEMPLATES.one(self._connection, statement.with_for_update() if lock else statement)

    def visible_to(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Template]:
        return _TEMPLATES.all(self._connection, _VISIBLE, workspace=workspace_id, reader=user_id)

    def delete(self, template_id: TemplateId) -> None:
        self._connection.execute(delete(_TEMPLATES.table).where(_ROW.id == template_id))

    def marks(
        self, workspace_id: WorkspaceId, user_id: UserId, *, lock: bool = False
    ) -> tuple[frozenset[TemplateId], TemplateId | None]:
        if lock:  # whoever has marked nothing has no row yet, and nothing else can be locked
            insert_if_absent(self._connection, _MARKS, _marks(workspace_id, user_id, frozenset(), None))
        given = {"workspace": workspace_id, "reader": user_id}
        rows = (_LOCKED_MARKS_OF if lock else _MARKS_OF).rows(self._connection, **given)
        if not rows:
            return frozenset(), None
        [(favourites, default_id)] = rows
        seen = {template_id for (template_id,) in _VISIBLE_IDS.rows(self._connection, **given)}
        return frozenset(favourites) & seen, default_id if default_id in seen else None

    def set_marks(
        self,
        workspace_id: WorkspaceId,
        user_id: UserId,
        favourites: frozenset[TemplateId],
        default: TemplateId | None,
    ) -> None:
        insert_or_update(self._connection, _MARKS, [_marks(workspace_id, user_id, favourites, default)])


def _marks(
    workspace_id: WorkspaceId, user_id: UserId, favourites: frozenset[TemplateId], default: TemplateId | None
) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "user_id": user_id,
        "favourites": tuple(sorted(favourites)),
        "default_id": default,
    }
