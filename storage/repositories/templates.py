"""Templates, and which of them each person likes best."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select

from bot.domain.ids import TemplateId, UserId, WorkspaceId
from bot.domain.templates import Template
from storage.prepared import Prepared
from storage.records import Records, insert_or_update, table_of
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
_MARKS_OF = Prepared(
    select(_MARKS.c.favourites, _MARKS.c.default_id).where(
        _MARKS.c.workspace_id == bindparam("workspace"), _MARKS.c.user_id == bindparam("reader")
    )
)


class Templates:
    """`bot.ports.TemplateRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, template: Template) -> None:
        insert_or_update(self._connection, _TEMPLATES.table, [_TEMPLATES.parameters(template)])

    def get(self, template_id: TemplateId) -> Template | None:
        return _TEMPLATES.one(self._connection, _TEMPLATES.select().where(_ROW.id == template_id))

    def visible_to(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Template]:
        return _TEMPLATES.all(self._connection, _VISIBLE, workspace=workspace_id, reader=user_id)

    def delete(self, template_id: TemplateId) -> None:
        self._connection.execute(delete(_TEMPLATES.table).where(_ROW.id == template_id))

    def marks(self, workspace_id: WorkspaceId, user_id: UserId) -> tuple[frozenset[TemplateId], TemplateId | None]:
        given = {"workspace": workspace_id, "reader": user_id}
        rows = _MARKS_OF.rows(self._connection, **given)
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
        row = {
            "workspace_id": workspace_id,
            "user_id": user_id,
            "favourites": tuple(sorted(favourites)),
            "default_id": default,
        }
        insert_or_update(self._connection, _MARKS, [row])
