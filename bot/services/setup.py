"""Setup: what App Home and its modals show of a person's settings and of what the workspace shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.domain.ids import PoolId, ResourceId, UserId, WorkspaceId, is_room
from bot.domain.languages import language_of
from bot.domain.ledger import Ledger
from bot.domain.people import Person
from bot.domain.pools import Pool
from bot.domain.setup import MemberPage, PoolItem, SetupPage, TemplateItem
from bot.domain.templates import Template
from bot.errors import DeliveryError, NotFoundError
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.availability import working_hours_of
from bot.services.connections import Connections
from bot.services.turns import ledger_of, ledgers_of

POOLS_AT_ONCE = 8
MEMBERS_AT_ONCE = 20
_COMING = 3
"""How many turns ahead are named."""


class Setup:
    """Reads only; what changes anything is a service of its own."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        connections: Connections,
        clock: Clock,
        command: str,
    ) -> None:
        """`command` is the slash command that people are told."""
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._connections = connections
        self._clock = clock
        self.command = command

    def page(self, person: Person) -> SetupPage:
        """All that the *Setup* tab shows; the pools are the first few."""
        workspace_id = person.workspace_id
        with self._unit_of_work() as unit:
            preferences = unit.preferences.get(workspace_id, person.user_id)
            rooms = tuple(unit.rooms.of_workspace(workspace_id))
            pools = unit.pools.of_workspace(workspace_id)
            ledgers = list(ledgers_of(unit, pools[:POOLS_AT_ONCE], self._clock()).values())
        return SetupPage(
            now=self._clock(),
            connections=self._connections.items(person),
            is_one_click=self._connections.is_one_click,
            preferences=preferences,
            hours=working_hours_of(person, preferences),
            time_zone=preferences.time_zone or person.time_zone,
            language=preferences.language or language_of(person.locale),
            rooms=rooms,
            pools=self._items(workspace_id, ledgers),
            pool_count=len(pools),
            templates=self.templates(person),
            command=self.command,
        )

    def pools(self, person: Person, page: int) -> tuple[tuple[PoolItem, ...], int, int]:
        """One page of the pools by name, its number (from 0) and the last one's."""
        with self._unit_of_work() as unit:
            pools = unit.pools.of_workspace(person.workspace_id)
            number, last = _within(page, len(pools), POOLS_AT_ONCE)
            shown = pools[number * POOLS_AT_ONCE : (number + 1) * POOLS_AT_ONCE]
            ledgers = list(ledgers_of(unit, shown, self._clock()).values())
        return self._items(person.workspace_id, ledgers), number, last

    def members(self, person: Person, pool_id: str, page: int) -> MemberPage:
        """One page of a pool's ledger. Raises NotFoundError."""
        with self._unit_of_work() as unit:
            pool = unit.pools.get(PoolId(pool_id))
            if pool is None or pool.workspace_id != person.workspace_id:
                raise NotFoundError("This pool is not there any more.")
            ledger = ledger_of(unit, pool, self._clock())
        everybody = (*(standing.resource_id for standing in ledger.line()), *_resting(pool))
        number, last = _within(page, len(everybody), MEMBERS_AT_ONCE)
        shown = everybody[number * MEMBERS_AT_ONCE : (number + 1) * MEMBERS_AT_ONCE]
        names = self._names(person.workspace_id, [*shown, *_coming(ledger)])
        return MemberPage(PoolItem(ledger, names), shown, number, last + 1, may_change=person.is_admin)

    def templates(self, person: Person) -> tuple[TemplateItem, ...]:
        """Favourites first, then by name."""
        with self._unit_of_work() as unit:
            found = unit.templates.visible_to(person.workspace_id, person.user_id)
            favourites, default = unit.templates.marks(person.workspace_id, person.user_id)
        owners = self._names(person.workspace_id, {ResourceId(one.owner_id) for one in found})

        def item(template: Template) -> TemplateItem:
            is_own = template.owner_id == person.user_id
            return TemplateItem(
                template=template,
                owner=owners.get(ResourceId(template.owner_id), "somebody who is gone"),
                is_own=is_own,
                may_change=is_own or person.is_admin,
                is_favourite=template.id in favourites,
                is_default=template.id == default,
            )

        return tuple(sorted(map(item, found), key=lambda one: not one.is_favourite))

    def _items(self, workspace_id: WorkspaceId, ledgers: Sequence[Ledger]) -> tuple[PoolItem, ...]:
        named = {resource for ledger in ledgers for resource in _coming(ledger)}
        names = self._names(workspace_id, named)
        return tuple(PoolItem(ledger, names) for ledger in ledgers)

    def _names(self, workspace_id: WorkspaceId, resources: Iterable[ResourceId]) -> Mapping[ResourceId, str]:
        """Those that can be named: people may have left the workspace, and Slack may not answer."""
        asked = list(dict.fromkeys(resources))
        with self._unit_of_work() as unit:
            rooms = unit.rooms.by_ids([resource for resource in asked if is_room(resource)])
        names = {room.id: room.name for room in rooms.values()}
        for person in self._people(workspace_id, [UserId(one) for one in asked if not is_room(one)]):
            names[person.resource_id] = person.name
        return names

    def _people(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> list[Person]:
        try:
            return list(self._directory.people(workspace_id, user_ids))
        except NotFoundError:
            found = []
            for user_id in user_ids:
                try:
                    found.append(self._directory.person(workspace_id, user_id))
                except NotFoundError:
                    continue
            return found
        except DeliveryError:
            return []


def _coming(ledger: Ledger) -> tuple[ResourceId, ...]:
    """Whom the lines about who is next name."""
    return (*(standing.resource_id for standing in ledger.line()[:1]), *ledger.forecast(_COMING))


def _resting(pool: Pool) -> tuple[ResourceId, ...]:
    return tuple(member.resource_id for member in pool.members if not member.active)


def _within(page: int, count: int, size: int) -> tuple[int, int]:
    """The page, no further than the last one, and that."""
    last = max(0, (count - 1) // size)
    return min(max(page, 0), last), last
