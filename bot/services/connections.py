"""Connections: whose calendar is connected, and to what."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.calendar import Connection
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.domain.people import Person
from bot.errors import NotConnectedError
from bot.ports import CalendarProvider, Clock, UnitOfWorkFactory

BUILTIN = "builtin"
_NAMES = {BUILTIN: "Playground calendar"}


class Connections:
    """`systems` names the calendar systems that can be connected here; empty: none is set up."""

    missing_text = (
        "No calendar system is set up for this workspace yet, so nobody's time can be checked. "
        "This version comes with the playground's built-in calendar only; Google, Microsoft 365 and CalDAV "
        "(settings GOOGLE_CLIENT_ID, MICROSOFT_CLIENT_ID and CALDAV_ALLOWED_NETWORKS) come with a later one."
    )

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        providers: Mapping[str, CalendarProvider],
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._providers = providers
        self._clock = clock
        self.systems = tuple(_NAMES.get(key, key) for key in providers)

    def is_connected(self, workspace_id: WorkspaceId, user_id: UserId) -> bool:
        with self._unit_of_work() as unit:
            return bool(unit.connections.of_user(workspace_id, user_id))

    def connect_builtin(self, person: Person) -> None:
        """Connect the playground's calendar; twice is once. Raises NotConnectedError outside the playground."""
        if BUILTIN not in self._providers:
            raise NotConnectedError(self.missing_text)
        connection = Connection(
            id=ConnectionId(f"{BUILTIN}-{person.workspace_id}-{person.user_id}"),
            workspace_id=person.workspace_id,
            user_id=person.user_id,
            provider=BUILTIN,
            account=person.email,
            connected_at=self._clock(),
        )
        with self._unit_of_work(write=True) as unit:
            unit.connections.put(connection)
            unit.busy_cache.forget(person.workspace_id, [person.resource_id])
            unit.commit()
