"""Storage of what teams set up: pools and their turns, rooms, templates, preferences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.ids import InvitationId, PoolId, ResourceId, TemplateId, UserId, WorkspaceId
from bot.domain.ledger import Tally
from bot.domain.pools import Pool, Turn
from bot.domain.preferences import Preferences
from bot.domain.rooms import Room
from bot.domain.templates import Template


class PoolRepository(Protocol):
    def put(self, pool: Pool) -> None:
        """Add it, or replace all of it with its members.

        Raises NameTakenError where another pool of the workspace has that name (case-insensitive); the transaction
        is then only good for rollback.
        """

    def get(self, pool_id: PoolId, *, lock: bool = False) -> Pool | None:
        """With `lock`, nobody else gets it with `lock` before this transaction is over (PostgreSQL: FOR UPDATE)."""

    def by_ids(self, pool_ids: Sequence[PoolId], *, keep: bool = False) -> Mapping[PoolId, Pool]:
        """Those that exist. With `keep`, nobody deletes them before this transaction is over (PostgreSQL: FOR KEY
        SHARE), and turns of them can be added."""

    def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Pool]:
        """By name."""

    def delete(self, pool_id: PoolId) -> None:
        """With its turns."""

    def turns(self, pool_id: PoolId, *, received_after: datetime | None = None) -> Sequence[Turn]:
        """In the order received."""

    def tallies(
        self, pool_ids: Sequence[PoolId], *, since: datetime | None
    ) -> Mapping[PoolId, Mapping[ResourceId, Tally]]:
        """For each pool whoever ever received a turn of it; counted from `since` on (None: always)."""

    def add_turn(self, turn: Turn) -> None: ...

    def remove_turns(self, invitation_id: InvitationId, at: datetime, *, resource_id: ResourceId | None = None) -> int:
        """Mark the turns of this Invitation (only one resource's, where given) as removed; keeps an earlier mark."""

    def restore_turns(self, invitation_id: InvitationId, removed_at: datetime) -> int:
        """Take back the mark of those turns of this Invitation that were removed at that instant."""

    def last_assigned(
        self, workspace_id: WorkspaceId, resources: Sequence[ResourceId]
    ) -> Mapping[ResourceId, datetime]:
        """When each was last assigned a Meeting (its creation); those who never were are no keys."""


class RoomRepository(Protocol):
    def put(self, room: Room) -> None:
        """Add it, or replace all of it.

        Raises NameTakenError where another Room of the workspace has that address; the transaction is then only
        good for rollback.
        """

    def get(self, room_id: ResourceId, *, lock: bool = False) -> Room | None:
        """With `lock`, no other transaction changes it before this one ends. Rooms are locked before pools."""

    def by_ids(self, room_ids: Sequence[ResourceId], *, lock: bool = False) -> Mapping[ResourceId, Room]:
        """Those that exist, the removed ones among them. `lock` as for `get`."""

    def of_workspace(self, workspace_id: WorkspaceId) -> Sequence[Room]:
        """By name, without the removed ones."""

    def at_address(self, workspace_id: WorkspaceId, address: str, *, lock: bool = False) -> Room | None:
        """Removed or not. `lock` as for `get`."""


class TemplateRepository(Protocol):
    def put(self, template: Template) -> None:
        """Add it, or replace all of it.

        Raises NameTakenError where its owner has another one of that name (case-insensitive); the transaction is then
        only good for rollback.
        """

    def get(self, template_id: TemplateId, *, lock: bool = False) -> Template | None:
        """With `lock`, no other transaction changes it before this one ends."""

    def visible_to(self, workspace_id: WorkspaceId, user_id: UserId) -> Sequence[Template]:
        """The user's own and the shared ones, by name."""

    def delete(self, template_id: TemplateId) -> None: ...

    def marks(
        self, workspace_id: WorkspaceId, user_id: UserId, *, lock: bool = False
    ) -> tuple[frozenset[TemplateId], TemplateId | None]:
        """The user's favourites, and the user's default: those that exist, and that the user may see.

        With `lock`, no other transaction gets them with `lock` before this one ends.
        """

    def set_marks(
        self,
        workspace_id: WorkspaceId,
        user_id: UserId,
        favourites: frozenset[TemplateId],
        default: TemplateId | None,
    ) -> None: ...


class PreferencesRepository(Protocol):
    def get(self, workspace_id: WorkspaceId, user_id: UserId, *, lock: bool = False) -> Preferences:
        """All None where nothing was set. With `lock`, no other transaction gets them with `lock` before this one
        ends."""

    def of_users(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Preferences]:
        """Every asked user is a key."""

    def put(self, workspace_id: WorkspaceId, user_id: UserId, preferences: Preferences) -> None: ...
