"""The count that explains itself: what restricts, what would help, and the same in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.explain import hours_costs
from bot.domain.ids import ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Details, SeatKind, SlotRules, slot_search
from bot.domain.ledger import Ledger
from bot.domain.lineup import seated_before
from bot.domain.pools import PoolMethod
from bot.domain.relaxations import LONGEST_EXTENSION, Relaxation, RoomsOfSize, relaxations
from bot.domain.report import TOO_FEW, Restriction, SlotReport
from bot.domain.rooms import Room
from bot.domain.search import SlotSearch
from bot.domain.slots import count_slots
from bot.domain.wording import joined
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory, reading_in
from bot.services.availability import Availability, Reading, reported
from bot.services.turns import ledgers_of

_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Findings:
    """What a count is asked with, and all that its explanation needs to know of calendars."""

    details: Details
    rules: SlotRules
    rooms_of_size: RoomsOfSize
    reading: Reading


class Explanations:
    def __init__(self, unit_of_work: UnitOfWorkFactory, availability: Availability, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._availability = availability
        self._clock = clock

    def report(
        self,
        workspace_id: WorkspaceId,
        inviter_id: UserId,
        details: Details,
        rules: SlotRules,
        *,
        max_age: timedelta,
    ) -> SlotReport:
        """The slots with all that explains them. Calendars that cannot be read are named, never free."""
        return self.explained(self.findings(workspace_id, inviter_id, details, rules, max_age=max_age))

    def findings(
        self,
        workspace_id: WorkspaceId,
        inviter_id: UserId,
        details: Details,
        rules: SlotRules,
        *,
        max_age: timedelta,
        within: UnitOfWork | None = None,
    ) -> Findings:
        """What `explained` needs. `within` is as for `Availability.read`."""
        of_size = self.rooms_of_size(workspace_id, details, within)
        wide_details, wide_rules = _widest(details, rules, of_size)
        wide = slot_search(wide_details, wide_rules)
        reading = self._availability.read(workspace_id, inviter_id, wide, wide_rules, max_age=max_age, within=within)
        return Findings(details, rules, of_size, reading)

    def explained(self, findings: Findings) -> SlotReport:
        """What `report` says, of calendars that have been read."""
        details, rules, reading = findings.details, findings.rules, findings.reading
        search, now = slot_search(details, rules), self._clock()
        report = reported(search, reading, now)
        calendars = reading.calendars
        dear = [restriction.resource_id for restriction in report.restrictions if restriction.resource_id]
        hours = hours_costs(search, calendars, now, dear, present=report.count)
        helpful = relaxations(
            details,
            rules,
            calendars,
            now,
            findings.rooms_of_size,
            without_hours=reading.without_hours,
            present=report.count,
            offered=report.offered,
            notice_costs=report.notice_costs,
            needed=self._needed_by_pools(details, now),
        )
        return replace(
            report,
            hours=tuple(
                Restriction(reading.name(who), price, who)
                for who, price in sorted(hours.items(), key=_dearest)
                if price
            ),
            relaxations=tuple(_named(relaxation, reading) for relaxation in helpful),
            stuck=() if report.count else self._stuck(details, search, reading, now),
            deserted=self._deserted(details),
        )

    def _deserted(self, details: Details) -> tuple[str, ...]:
        """The pools of an Invitation that is out which nobody is left of."""
        empty = [seat.pool_id for seat in details.seats if seat.pool_id and not seat.candidates]
        if not empty:
            return ()
        with self._unit_of_work() as unit:
            return tuple(pool.name for pool in unit.pools.by_ids(empty).values())

    def _stuck(
        self, details: Details, search: SlotSearch, reading: Reading, now: datetime
    ) -> tuple[tuple[str, str], ...]:
        """Pools whose next in line can be read and has no slot, whoever else takes part."""
        without = [
            (seat.pool_id, who)
            for seat in details.seats
            if seat.pool_id and seat.kind is SeatKind.PEOPLE_POOL and not seat.by_hand and len(seat.candidates) == 1
            for who in seat.candidates
            if reading.calendars[who].readable
            and not count_slots(replace(search, requirements=((who,),)), reading.calendars, now)
        ]
        if not without:
            return ()
        with self._unit_of_work() as unit:
            pools = [(unit.pools.get(pool_id), who) for pool_id, who in without]
        return tuple(
            (pool.name, reading.name(who)) for pool, who in pools if pool and pool.method is not PoolMethod.POOLED
        )

    def _needed_by_pools(self, details: Details, now: datetime) -> frozenset[ResourceId]:
        """The people named in seats of their own whom a round robin passes over, and would give if they were optional:
        what would be free of them in one seat would depend on them in the other."""
        in_turn = [
            (number, seat.pool_id)
            for number, seat in enumerate(details.seats)
            if seat.kind is SeatKind.PEOPLE_POOL and seat.pool_id and len(seat.candidates) == 1 and not seat.by_hand
        ]
        named = {seat.candidates[0] for seat in details.seats if seat.kind is SeatKind.PERSON}
        if not in_turn or not named:
            return frozenset()
        with self._unit_of_work() as unit:
            pools = unit.pools.by_ids([pool_id for _, pool_id in in_turn])
            ledgers = ledgers_of(unit, [pool for pool in pools.values() if pool.is_round_robin], now)
        return frozenset(
            who
            for number, pool_id in in_turn
            if pool_id in ledgers
            for who in named
            if _is_next(ledgers[pool_id], who, besides=seated_before(details.seats, number))
        )

    def warm(self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details, rules: SlotRules) -> None:
        """Read in the background all that `report` will want to know."""
        of_size = self.rooms_of_size(workspace_id, details)
        self._availability.warm(workspace_id, inviter_id, *_widest(details, rules, of_size))

    def rooms_of_size(
        self, workspace_id: WorkspaceId, details: Details, within: UnitOfWork | None = None
    ) -> RoomsOfSize:
        """For each Room that a seat asks for first: the others that hold at least as many people, smallest first."""
        asked = [seat.candidates[0] for seat in details.seats if seat.kind is SeatKind.ROOM and seat.candidates]
        if not asked:
            return {}
        with reading_in(within, self._unit_of_work) as unit:
            rooms = unit.rooms.of_workspace(workspace_id)
        known = {room.id: room for room in rooms}
        return {wanted: _as_large(known[wanted], rooms) for wanted in asked if wanted in known}


def _is_next(ledger: Ledger, who: ResourceId, *, besides: Collection[ResourceId]) -> bool:
    line = ledger.line([other for other in besides if other != who])
    return bool(line) and line[0].resource_id == who


def _as_large(wanted: Room, rooms: Sequence[Room]) -> tuple[ResourceId, ...]:
    """Of a Room whose size nobody has told, every other one is taken to be as good."""
    others = [
        room
        for room in rooms
        if room.id != wanted.id and (wanted.capacity is None or (room.capacity or 0) >= wanted.capacity)
    ]
    return tuple(room.id for room in sorted(others, key=lambda room: (room.capacity or 0, room.name)))


def _widest(details: Details, rules: SlotRules, of_size: RoomsOfSize) -> tuple[Details, SlotRules]:
    """What has to be read so that every relaxation can be counted."""
    seats = tuple(
        replace(seat, candidates=tuple(dict.fromkeys((*seat.candidates, *of_size.get(seat.candidates[0], ())))))
        if seat.kind is SeatKind.ROOM
        else seat
        for seat in details.seats
    )
    frame = rules.frame
    longer = replace(frame, end_date=frame.end_date + timedelta(days=LONGEST_EXTENSION))
    return replace(details, seats=seats), replace(rules, frame=longer)


def _dearest(price: tuple[ResourceId, int]) -> tuple[int, ResourceId]:
    return -price[1], price[0]


def _named(relaxation: Relaxation, reading: Reading) -> Relaxation:
    return relaxation if relaxation.name else replace(relaxation, name=reading.name(ResourceId(relaxation.value)))


def no_times_text(report: SlotReport) -> str:
    """Why there is no slot, and what to do about it, in a sentence or two."""
    helpful = " or ".join(f"{each.text} (+{each.gain})" for each in report.relaxations)
    one_of = "Any one of these" if len(report.relaxations) > 1 else "This"
    advice = f"{one_of} alone would help: {helpful}."
    if report.unreadable:
        which = "it" if len(report.unreadable) == 1 else "them"
        advice = advice if helpful else f"Try again in a minute, connect {which}, or choose other people."
        return f"No times are available. {_unreadable(report.unreadable)} {advice}"
    if report.stuck:
        turns = " ".join(f"{pool}: next is {person}, who has no available time." for pool, person in report.stuck)
        advice = advice if helpful else "Make the time frame longer, or choose other people."
        return f"No times are available. {turns} {advice}"
    if report.has_too_few:
        return f"No times are available. {TOO_FEW} {advice if helpful else 'Choose other people, or fewer.'}"
    if helpful:
        return f"No times are available. {advice}"
    if report.restrictions:
        worst = report.restrictions[0]
        return (
            f"No times are available. Without {worst.name} there would be {worst.costs}: "
            "make the time frame longer, or choose other people."
        )
    return "No times are available, and no single change would help. Choose another time frame, or other people."


def _unreadable(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"The calendar of {names[0]} cannot be read, so it counts as busy."
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return f"The calendars of {joined([*names[:_MOST_NAMES], *more])} cannot be read, so they count as busy."
