"""Seating: who and what the wizard's fields name, whom pools offer, and who can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.ids import POOL_PREFIX, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Details, Seat, SeatKind
from bot.domain.lineup import seated_before
from bot.domain.people import Person
from bot.domain.pools import Pool, PoolKind, PoolMethod
from bot.domain.seating import Candidate, Roster, alternatives, chosen, pool_of, twice
from bot.domain.seating import seats as seats_of
from bot.errors import DeliveryError, FormError, NotFoundError
from bot.ports import Directory, UnitOfWork, UnitOfWorkFactory
from bot.services.pools import Pools


class Seating:
    def __init__(self, unit_of_work: UnitOfWorkFactory, directory: Directory, pools: Pools) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._pools = pools

    # ------------------------------------------------------------ seats

    def details(
        self, workspace_id: WorkspaceId, fields: Mapping[str, Any], within: UnitOfWork | None = None
    ) -> Details:
        """Step 1, every seat with its candidates; round robins as they stood when their turns were shown last.

        Pools are read `within` a transaction, if any: then NotAtHandError is raised where Slack would have to be asked.
        Raises FormError, also at the field of a pool that has nobody to offer.
        """
        return self._details(workspace_id, fields, fields.get(f.TURNS) or {}, within=within)

    def details_now(self, workspace_id: WorkspaceId, fields: Mapping[str, Any]) -> Details:
        """The same with whose turn it is at this moment, and without whoever has left Slack. Raises FormError."""
        return self._details(workspace_id, fields, {}, settles=True)

    def _details(
        self,
        workspace_id: WorkspaceId,
        fields: Mapping[str, Any],
        turns: Mapping[str, str],
        *,
        within: UnitOfWork | None = None,
        settles: bool = False,
    ) -> Details:
        try:
            details = wizard.details(fields)
        except FormError as error:
            raise FormError({**error.fields, **self._twice(workspace_id, fields)}) from error
        seats, chosen_by_hand = list(details.seats), fields.get(f.CHOSEN) or {}
        known = {pool_id: who for pool_id, who in turns.items() if not chosen_by_hand.get(pool_id)}
        asked = [seat.pool_id for seat in seats if seat.pool_id and seat.pool_id not in known]
        offers = self._pools.offers(workspace_id, asked, within)
        if settles:
            offers.settle()
        for number, seat in enumerate(seats):
            if seat.pool_id is None:
                continue
            if seat.pool_id in known:
                seats[number] = replace(seat, candidates=(ResourceId(known[seat.pool_id]),))
                continue
            by_hand = chosen_by_hand.get(seat.pool_id)
            try:
                seats[number] = offers.seat(seat.pool_id, seated=seated_before(seats, number), chosen=by_hand)
            except NotFoundError as error:
                raise FormError({f.ROOMS if seat.kind is SeatKind.ROOM_POOL else f.MEMBERS: str(error)}) from error
        return replace(details, seats=tuple(seats))

    def _twice(self, workspace_id: WorkspaceId, fields: Mapping[str, Any]) -> dict[str, str]:
        """Who is chosen more than once, by name."""

        def name(value: str) -> str:
            return self._names(workspace_id, [value]).get(value, "Somebody")

        return twice(fields, name)

    def check_alternatives(self, workspace_id: WorkspaceId, values: Sequence[str]) -> None:
        """Raises FormError where one of these people cannot be a Team member."""
        check_members({f.MEMBERS: values}, partial(self._directory.person, workspace_id))

    def check_rooms(self, workspace_id: WorkspaceId, fields: Mapping[str, Any]) -> None:
        """Raises FormError where one of the Rooms is not among the workspace's any more."""
        values = [*chosen(fields, f.ROOMS)]
        values += [other for value in values for other in alternatives(fields, value)]
        asked = [ResourceId(value) for value in values if pool_of(value) is None]
        with self._unit_of_work() as unit:
            rooms = unit.rooms.by_ids(asked)
        for room_id in asked:
            room = rooms.get(room_id)
            if room is None or room.is_removed or room.workspace_id != workspace_id:
                name = room.name if room else "A room"
                raise FormError({f.ROOMS: f"{name} is not among the rooms any more. Choose another one."})

    # ------------------------------------------------------------ words

    def roster(self, workspace_id: WorkspaceId, fields: Mapping[str, Any]) -> Roster:
        """What people read in place of ids. Whoever Slack cannot name is left out."""
        values = [*chosen(fields, f.MEMBERS), *chosen(fields, f.ROOMS)]
        values += [other for value in values for other in alternatives(fields, value)]
        pools = {f"{POOL_PREFIX}{pool.id}": pool for pool in self._pools.list(workspace_id)}
        names = {value: pools[value].name for value in values if value in pools}
        with self._unit_of_work() as unit:
            names |= {room.id: room.name for room in unit.rooms.by_ids([ResourceId(v) for v in values]).values()}
        people = [value for value in values if value not in names and pool_of(value) is None]
        notes, changeable = self._notes(workspace_id, pools, fields)
        return Roster(names | self._names(workspace_id, people), notes, changeable)

    def names_of_turns(self, workspace_id: WorkspaceId, turns: Mapping[str, str]) -> dict[str, str]:
        """By the pool's name that of whose turn it is there; `turns` are by the pool's id."""
        pools = {str(pool.id): pool.name for pool in self._pools.list(workspace_id)}
        people = self._names(workspace_id, [*turns.values()])
        return {pools.get(pool_id, "the pool"): people.get(who, "somebody else") for pool_id, who in turns.items()}

    def _notes(
        self, workspace_id: WorkspaceId, pools: Mapping[str, Pool], fields: Mapping[str, Any]
    ) -> tuple[dict[str, str], frozenset[str]]:
        """Whom each pool offers, one after the other as for `details`: "next in line: Ana Costa"; and the pools in
        which somebody else may be chosen by hand."""
        notes, changeable, line = {}, set(), list(seats_of(fields, {}))
        offers = self._pools.offers(workspace_id, [seat.pool_id for seat in line if seat.pool_id])
        for number, seat in enumerate(line):
            value = f"{POOL_PREFIX}{seat.pool_id}"
            if value not in pools:
                continue
            pool, seated = pools[value], seated_before(line, number)
            by_hand = (fields.get(f.CHOSEN) or {}).get(pool.id)
            try:
                line[number] = offers.seat(pool.id, seated=seated, chosen=by_hand)
                notes[value] = self._note(workspace_id, pool, line[number])
                is_left = bool(set(pool.active) - seated - set(line[number].candidates))
            except NotFoundError as error:
                notes[value], is_left = str(error), bool(by_hand)  # a choice that does not hold can be taken back
            if is_left and pool.method is PoolMethod.FLEXIBLE:
                changeable.add(value)
        return notes, frozenset(changeable)

    def _note(self, workspace_id: WorkspaceId, pool: Pool, seat: Seat) -> str:
        if pool.method is PoolMethod.POOLED:
            word = "whichever" if pool.kind is PoolKind.ROOMS else "whoever"
            return f"{word} is free, of {len(seat.candidates)}"
        name = self._names(workspace_id, seat.candidates).get(seat.candidates[0], "somebody unknown")
        return f"chosen by hand: {name}" if seat.by_hand else f"next in line: {name}"

    def _names(self, workspace_id: WorkspaceId, values: Sequence[str]) -> dict[str, str]:
        names = {}
        for value in values:
            try:
                names[value] = self._directory.person(workspace_id, UserId(value)).name
            except (NotFoundError, DeliveryError):
                continue
        return names

    # ------------------------------------------------------------ search

    def members(self, workspace_id: WorkspaceId, query: str) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        """People and pools of them whose names hold every word of the query. Raises DeliveryError."""
        pools = self._pools_of(workspace_id, PoolKind.PEOPLE)
        return self.people(workspace_id, query), _matching(pools, query)

    def people(self, workspace_id: WorkspaceId, query: str) -> tuple[Candidate, ...]:
        """Those who cannot be Team members come last, and only where they are asked for by name: whoever looks for
        one learns at the field why it cannot be."""
        everybody = self._directory.everybody(workspace_id)
        able = [person for person in everybody if person.may_be_member]
        unable = [person for person in everybody if not person.may_be_member] if query.strip() else []
        return _matching([Candidate(person.user_id, person.name) for person in (*able, *unable)], query)

    def rooms(self, workspace_id: WorkspaceId, query: str) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        """Rooms and pools of them, likewise."""
        with self._unit_of_work() as unit:
            rooms = [Candidate(room.id, room.name) for room in unit.rooms.of_workspace(workspace_id)]
        return _matching(rooms, query), _matching(self._pools_of(workspace_id, PoolKind.ROOMS), query)

    def pool_members(self, workspace_id: WorkspaceId, pool_value: str, query: str) -> tuple[Candidate, ...]:
        """The active members of a pool. Raises NotFoundError, DeliveryError."""
        pool = self._pools.get(workspace_id, pool_of(pool_value) or "")
        active = set(pool.active)
        return tuple(each for each in self.people(workspace_id, query) if each.value in active)

    def _pools_of(self, workspace_id: WorkspaceId, kind: PoolKind) -> list[Candidate]:
        pools = (pool for pool in self._pools.list(workspace_id) if pool.kind is kind)
        return [Candidate(f"{POOL_PREFIX}{pool.id}", pool.name) for pool in pools]


def turns_of(seats: Sequence[Seat]) -> dict[str, str]:
    """Whose turn it is in each round robin: what is to be the same when the Invitation is sent."""
    return {seat.pool_id: seat.candidates[0] for seat in seats if seat.pool_id and seat.reason and not seat.by_hand}


def check_members(fields: Mapping[str, Any], person_of: Callable[[UserId], Person]) -> None:
    """Raises FormError at the field of whoever is a bot, deactivated, or not in the workspace."""
    people = {
        f.MEMBERS: [
            person
            for value in chosen(fields, f.MEMBERS)
            if pool_of(value) is None
            for person in (value, *alternatives(fields, value))
        ],
        f.OPTIONAL_MEMBERS: chosen(fields, f.OPTIONAL_MEMBERS),
    }
    errors = {}
    for field, values in people.items():
        wrong = []
        for value in values:
            try:
                person = person_of(UserId(value))
            except NotFoundError:
                wrong.append("Somebody who is not in this workspace")
                continue
            except DeliveryError as error:
                raise FormError({field: str(error)}) from error
            if not person.may_be_member:
                wrong.append(person.name)
        if wrong:
            errors[field] = f"{' and '.join(wrong)} cannot be in a meeting: bots and deactivated people cannot."
    if errors:
        raise FormError(errors)


def _matching(candidates: Sequence[Candidate], query: str) -> tuple[Candidate, ...]:
    words = query.casefold().split()
    return tuple(each for each in candidates if all(word in each.name.casefold() for word in words))
