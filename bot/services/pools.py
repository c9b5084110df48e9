"""Resource pools: what Administrators set up, and the seat that a pool takes in an Invitation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from bot.domain.ids import ChannelId, PoolId, ResourceId, UserId, WorkspaceId, new_id
from bot.domain.invitation import Seat
from bot.domain.ledger import Ledger
from bot.domain.people import Person
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMember, PoolMethod
from bot.domain.typed import line
from bot.errors import DeliveryError, FormError, NameTakenError, NotAllowedError, NotFoundError
from bot.ports import Clock, Directory, UnitOfWork, UnitOfWorkFactory, reading_in
from bot.services.followers import follow
from bot.services.offers import POOL_GONE, Offers
from bot.services.turns import ledger_of, ledgers_of

NAME, METHOD, MEMBERS, CHANNEL = "name", "method", "members", "channel"
"""Fields that a FormError of this service names."""
MAX_NAME = 80


class Pools:
    """Everybody may look; what changes a pool takes the person who does it, and raises NotAllowedError where that is
    no Administrator, NotFoundError where the pool is gone."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, directory: Directory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock

    def list(self, workspace_id: WorkspaceId) -> tuple[Pool, ...]:
        """By name."""
        with self._unit_of_work() as unit:
            return tuple(unit.pools.of_workspace(workspace_id))

    def get(self, workspace_id: WorkspaceId, pool_id: str) -> Pool:
        """Raises NotFoundError."""
        with self._unit_of_work() as unit:
            return _find(unit, workspace_id, pool_id)

    def ledger(self, workspace_id: WorkspaceId, pool_id: str) -> Ledger:
        """What every member has received, who is next and why, and who would come then. Raises NotFoundError."""
        with self._unit_of_work() as unit:
            return ledger_of(unit, _find(unit, workspace_id, pool_id), self._clock())

    def offers(self, workspace_id: WorkspaceId, pool_ids: Sequence[str], within: UnitOfWork | None = None) -> Offers:
        """Some pools as they stand now, to give out seats one after the other; read `within` a transaction, if any,
        in which nobody is asked: giving out raises NotAtHandError where that is needed."""
        pools, ledgers = {}, {}
        if pool_ids:
            with reading_in(within, self._unit_of_work) as unit:
                found = unit.pools.by_ids([PoolId(pool_id) for pool_id in pool_ids])
                pools = {pool_id: pool for pool_id, pool in found.items() if pool.workspace_id == workspace_id}
                ledgers = ledgers_of(unit, [pool for pool in pools.values() if pool.is_round_robin], self._clock())
        asks = within is None
        return Offers(self._unit_of_work, self._directory, self._clock, workspace_id, pools, ledgers, asks=asks)

    def seat(
        self,
        workspace_id: WorkspaceId,
        pool_id: str,
        *,
        seated: Collection[ResourceId] = (),
        chosen: ResourceId | None = None,
    ) -> Seat:
        """What `Offers.seat` gives, for one pool alone."""
        return self.offers(workspace_id, [pool_id]).seat(pool_id, seated=seated, chosen=chosen)

    def create(
        self,
        person: Person,
        *,
        name: str,
        kind: PoolKind,
        method: PoolMethod,
        cycle: Cycle,
        members: Sequence[ResourceId] = (),
        compensates: bool = True,
        channel_id: ChannelId | None = None,
    ) -> Pool:
        """Raises FormError, also where the app cannot post in the channel."""
        _require_administrator(person)
        name = _name(name)
        if kind is PoolKind.ROOMS and method is not PoolMethod.POOLED:
            raise FormError({METHOD: "A pool of rooms gives whichever room is free: choose pooled availability."})
        members = tuple(dict.fromkeys(members))
        self._check(person.workspace_id, kind, members)
        self._directory.check_channel(person.workspace_id, channel_id)
        now = self._clock()
        pool = Pool(
            id=PoolId(new_id()),
            workspace_id=person.workspace_id,
            name=name,
            kind=kind,
            method=method,
            cycle=cycle,
            members=tuple(PoolMember(member, now) for member in members),
            created_at=now,
            compensates=compensates,
            channel_id=channel_id,
        )
        with self._unit_of_work(write=True) as unit:
            if kind is PoolKind.ROOMS:
                _rooms(unit, person.workspace_id, members, lock=True)
            _put(unit, pool)
            unit.commit()
        return pool

    def rename(self, person: Person, pool_id: str, name: str) -> Pool:
        """Raises FormError."""
        name = _name(name)
        return self._change(person, pool_id, lambda ledger: replace(ledger.pool, name=name))

    def set_rules(self, person: Person, pool_id: str, *, cycle: Cycle, compensates: bool) -> Pool:
        """The measurement cycle, and whether removed meetings are compensated for."""
        return self._change(person, pool_id, lambda ledger: replace(ledger.pool, cycle=cycle, compensates=compensates))

    def set_channel(self, person: Person, pool_id: str, channel_id: ChannelId | None) -> Pool:
        """None: no channel is told. Raises FormError where the app cannot post in it."""
        _require_administrator(person)
        self._directory.check_channel(person.workspace_id, channel_id)
        return self._change(person, pool_id, lambda ledger: replace(ledger.pool, channel_id=channel_id))

    def add_members(self, person: Person, pool_id: str, members: Sequence[ResourceId]) -> Pool:
        """New ones begin at the pool's average. Raises FormError, also for whoever is in it already."""
        _require_administrator(person)
        pool = self.get(person.workspace_id, pool_id)
        names = self._check(person.workspace_id, pool.kind, members)

        def added(ledger: Ledger) -> Pool:
            known = {member.resource_id for member in ledger.pool.members}
            if twice := [names[member] for member in dict.fromkeys(members) if member in known]:
                raise FormError({MEMBERS: f"{_and(twice)} {_are(twice)} in this pool already."})
            new = tuple(ledger.with_member(member).members[-1] for member in dict.fromkeys(members))
            return replace(ledger.pool, members=(*ledger.pool.members, *new))

        return self._change(person, pool_id, added, rooms=members if pool.kind is PoolKind.ROOMS else ())

    def remove_member(self, person: Person, pool_id: str, member: ResourceId) -> Pool:
        """What they have received stays in the books. Removing twice is removing once."""

        def without(ledger: Ledger) -> Pool:
            rest = tuple(one for one in ledger.pool.members if one.resource_id != member)
            return replace(ledger.pool, members=rest)

        return self._change(person, pool_id, without)

    def set_active(self, person: Person, pool_id: str, member: ResourceId, active: bool) -> Pool:
        """Whoever comes back begins at the pool's average."""
        return self._change(person, pool_id, lambda ledger: ledger.with_activity(member, active))

    def delete(self, person: Person, pool_id: str) -> None:
        """Invitations that were sent keep the people they have. Deleting twice is deleting once."""
        _require_administrator(person)
        with self._unit_of_work(write=True) as unit:
            pool = unit.pools.get(PoolId(pool_id))
            if pool is not None and pool.workspace_id == person.workspace_id:
                unit.pools.delete(pool.id)
                unit.commit()

    def _change(
        self, person: Person, pool_id: str, change: Callable[[Ledger], Pool], *, rooms: Sequence[ResourceId] = ()
    ) -> Pool:
        """The pool after a change, made while nobody else changes it or takes a turn, nor removes these `rooms`."""
        _require_administrator(person)
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            _rooms(unit, person.workspace_id, rooms, lock=True)
            before = _find(unit, person.workspace_id, pool_id, lock=True)
            pool = change(ledger_of(unit, before, now))
            follow(unit, before, pool, now)
            _put(unit, pool)
            unit.commit()
        return pool

    def _check(
        self, workspace_id: WorkspaceId, kind: PoolKind, members: Sequence[ResourceId]
    ) -> Mapping[ResourceId, str]:
        """Their names. Raises FormError where somebody cannot be a member, or is nobody."""
        if kind is PoolKind.ROOMS:
            with self._unit_of_work() as unit:
                return _rooms(unit, workspace_id, members)
        try:
            people = self._directory.people(workspace_id, [UserId(member) for member in members])
        except NotFoundError as error:
            raise FormError({MEMBERS: "Somebody is not in this workspace. Choose from the list."}) from error
        except DeliveryError as error:
            raise FormError({MEMBERS: str(error)}) from error
        if wrong := [person.name for person in people if not person.may_be_member]:
            raise FormError(
                {MEMBERS: f"{_and(wrong)} cannot be in a pool: bots and deactivated people cannot be in meetings."}
            )
        return {person.resource_id: person.name for person in people}


def _rooms(
    unit: UnitOfWork, workspace_id: WorkspaceId, members: Sequence[ResourceId], *, lock: bool = False
) -> Mapping[ResourceId, str]:
    """Their names; with `lock`, none of them is removed before the transaction is over. Raises FormError."""
    rooms = unit.rooms.by_ids(members, lock=lock)
    known = {room.id for room in rooms.values() if room.workspace_id == workspace_id and not room.is_removed}
    if not known.issuperset(members):
        raise FormError({MEMBERS: "One of these rooms is not there any more. Choose from the list."})
    return {member: rooms[member].name for member in members}


def _find(unit: UnitOfWork, workspace_id: WorkspaceId, pool_id: str, *, lock: bool = False) -> Pool:
    pool = unit.pools.get(PoolId(pool_id), lock=lock)
    if pool is None or pool.workspace_id != workspace_id:
        raise NotFoundError(POOL_GONE)
    return pool


def _put(unit: UnitOfWork, pool: Pool) -> None:
    try:
        unit.pools.put(pool)
    except NameTakenError as error:
        raise FormError({NAME: f"{error} Choose another name."}) from error


def _name(typed: str) -> str:
    name = line(typed)
    if not name:
        raise FormError({NAME: "Give the pool a name, for example Sales."})
    if len(name) > MAX_NAME:
        raise FormError({NAME: f"Names can have up to {MAX_NAME} characters."})
    return name


def _require_administrator(person: Person) -> None:
    if not person.is_admin:
        raise NotAllowedError("Pools are set up by administrators of this workspace. Ask one of them to change it.")


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
