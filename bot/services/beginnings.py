"""What a wizard begins with: all that its Draft is filled from and its first view shows, read in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain import fields as f
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.invitation import Draft
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.templates import Template
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.services.templates import Listed, listed

KEPT = timedelta(days=7)
"""How long a Draft can be resumed."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """`templates` come with the person's default first; `drafts` are unfinished, newest first."""

    preferences: Preferences
    templates: tuple[Listed, ...]
    is_connected: bool
    drafts: tuple[Draft, ...] = ()

    @property
    def template(self) -> Template | None:
        """What the person's wizard is filled from; None: the product's own defaults."""
        return next((one.template for one in self.templates if one.is_default), None)


class Beginnings:
    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def read(self, person: Person, *, with_drafts: bool = True) -> Beginning:
        workspace_id, user_id = person.workspace_id, person.user_id
        with self._unit_of_work() as unit:
            return Beginning(
                preferences=unit.preferences.get(workspace_id, user_id),
                templates=listed(unit, person),
                is_connected=unit.connections.has_any(workspace_id, user_id),
                drafts=resumable(unit, workspace_id, user_id, self._clock()) if with_drafts else (),
            )


def resumable(unit: UnitOfWork, workspace_id: WorkspaceId, user_id: UserId, now: datetime) -> tuple[Draft, ...]:
    """The person's Drafts of the last 7 days that hold at least a name or an address, newest first."""
    found = unit.drafts.open_drafts(workspace_id, user_id, updated_after=now - KEPT)
    return tuple(draft for draft in found if says_who(draft.fields))


def says_who(fields: Mapping[str, Any]) -> bool:
    """Whether it is worth resuming: it holds at least a name or an address."""
    return bool(fields.get(f.PARTICIPANT_NAME) or fields.get(f.EMAIL))
