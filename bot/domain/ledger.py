"""Whose turn it is in a pool: what each member has received within the measurement cycle, and who is next.

A member's count is what they received in the cycle, less what was removed again where the pool compensates, plus
their head start. A removed turn counts in the cycle in which it was received.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import fmean

from bot.domain.ids import ResourceId
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMember, PoolMethod

_NEVER = datetime.min.replace(tzinfo=UTC)
_DIGITS = 6
"""Averages are fractions: counts that differ by less are equal."""


def cycle_start(cycle: Cycle, now: datetime) -> datetime | None:
    """The first instant of the present cycle; None where there is but one, without end.

    Months and quarters begin at midnight UTC: a pool is the workspace's, and its people live in many zones.
    """
    today = now.astimezone(UTC)
    match cycle:
        case Cycle.MONTHLY:
            return datetime(today.year, today.month, 1, tzinfo=UTC)
        case Cycle.QUARTERLY:
            return datetime(today.year, (today.month - 1) // 3 * 3 + 1, 1, tzinfo=UTC)
        case Cycle.CONTINUOUS:
            return None


@dataclass(frozen=True, slots=True)
class Tally:
    """One member's turns: `received` and `removed` in the cycle; when the last one was received, in any cycle
    (`last_kept_at`: of those not removed)."""

    received: int = 0
    removed: int = 0
    last_received_at: datetime | None = None
    last_kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of the ledger. `last_at` is when they were last assigned: in round robin by a turn that counts (one
    that was given back is as if it had never been), with pooled availability by a Meeting."""

    member: PoolMember
    received: int
    removed: int
    head_start: float
    counted: float
    last_at: datetime | None

    @property
    def resource_id(self) -> ResourceId:
        return self.member.resource_id


@dataclass(frozen=True, slots=True)
class Ledger:
    """A pool at one instant; `standings` in the order of the pool's members, inactive ones among them."""

    pool: Pool
    at: datetime
    standings: tuple[Standing, ...]
    tallies: Mapping[ResourceId, Tally]

    @property
    def average(self) -> float:
        """Of what the active members are counted to have received; 0 where there are none."""
        return fmean(counts) if (counts := [one.counted for one in self.standings if one.member.active]) else 0.0

    def line(self, besides: Collection[ResourceId] = ()) -> tuple[Standing, ...]:
        """The active members but those, next in line first.

        Round robin: the least counted, then the longest since the last one, then the first to join. Pooled: the
        longest idle, then the first to join. Rooms: as they are listed.
        """
        waiting = [one for one in self.standings if one.member.active and one.resource_id not in besides]
        if self.pool.kind is PoolKind.ROOMS:
            return tuple(waiting)
        counts = self.pool.method is not PoolMethod.POOLED
        waiting.sort(key=lambda one: (one.counted if counts else 0, one.last_at or _NEVER, one.member.joined_at))
        return tuple(waiting)

    def reason(self, besides: Collection[ResourceId] = ()) -> str:
        """Why the first in that line is the first, after their name and a colon: `2 received, the fewest`."""
        first, *others = self.line(besides) or (None,)
        if first is None:
            return "nobody is active"
        if self.pool.kind is PoolKind.ROOMS:
            return "first in the list"
        if self.pool.method is PoolMethod.POOLED:
            return idle_text(first.last_at, self.at)
        count = f"{count_text(first.counted)} received"
        if not others:
            return f"{count}, the only one in line"
        second = others[0]
        if first.counted < second.counted:
            return f"{count}, the fewest"
        if first.last_at is None and second.last_at is not None:
            return f"{count}, as others have; and none before"
        if first.last_at != second.last_at:
            return f"{count}, as others have; longest since the last"
        if first.member.joined_at < second.member.joined_at:
            return f"{count}, as others have; joined first"
        return f"{count}, as others have; first in the list"

    def forecast(self, turns: int) -> tuple[ResourceId, ...]:
        """Who would get the coming turns if they were given out now, one after the other; nothing for Rooms."""
        if self.pool.kind is PoolKind.ROOMS:
            return ()
        given: list[ResourceId] = []
        ledger = self
        for number in range(turns):
            line = ledger.line()
            if not line:
                break
            given.append(line[0].resource_id)
            ledger = ledger._after(line[0], self.at + timedelta(microseconds=number))
        return tuple(given)

    def with_member(self, resource_id: ResourceId) -> Pool:
        """The pool with somebody new in it, who begins at its average."""
        member = PoolMember(resource_id, self.at, head_start=self._head_start(resource_id), since=self.at)
        return replace(self.pool, members=(*self.pool.members, member))

    def with_activity(self, resource_id: ResourceId, active: bool, *, has_left: bool = False) -> Pool:
        """The pool with a member resting, or back: whoever comes back begins at its average."""

        def changed(member: PoolMember) -> PoolMember:
            if member.resource_id != resource_id or member.active is active:
                return member
            if not active:
                return replace(member, active=False, has_left=has_left)
            head_start = self._head_start(resource_id)
            return replace(member, active=True, head_start=head_start, since=self.at, has_left=False)

        return replace(self.pool, members=tuple(map(changed, self.pool.members)))

    def _head_start(self, resource_id: ResourceId) -> float:
        """What lifts them to the average; below 0 where they have received more than that in this cycle."""
        return self.average - _kept(self.pool, self.tallies.get(resource_id, Tally()))

    def _after(self, given: Standing, at: datetime) -> Ledger:
        """As if this one had just received a turn."""
        standings = tuple(
            replace(one, received=one.received + 1, counted=one.counted + 1, last_at=at) if one is given else one
            for one in self.standings
        )
        return replace(self, standings=standings)


def ledger(
    pool: Pool,
    tallies: Mapping[ResourceId, Tally],
    now: datetime,
    last_assigned: Mapping[ResourceId, datetime] | None = None,
) -> Ledger:
    """The pool's ledger from its turns; `last_assigned` (Meetings) is what pooled availability goes by."""
    since = cycle_start(pool.cycle, now)
    meetings = last_assigned or {}

    def standing(member: PoolMember) -> Standing:
        tally = tallies.get(member.resource_id, Tally())
        is_current = member.since is not None and (since is None or member.since >= since)
        head_start = member.head_start if is_current else 0.0
        last_at = tally.last_kept_at if pool.compensates else tally.last_received_at
        return Standing(
            member=member,
            received=tally.received,
            removed=tally.removed,
            head_start=head_start,
            counted=round(_kept(pool, tally) + head_start, _DIGITS),
            last_at=meetings.get(member.resource_id) if pool.method is PoolMethod.POOLED else last_at,
        )

    return Ledger(pool, now, tuple(map(standing, pool.members)), tallies)


def count_text(counted: float) -> str:
    """`2`, `2.3`."""
    return f"{round(counted, 1) + 0.0:g}"


def idle_text(last_at: datetime | None, now: datetime, among: str = "") -> str:
    """`longest without a meeting, 12 days`; `among` says of whom, where others have waited longer."""
    if last_at is None:
        return "no meeting yet"
    return f"longest without a meeting{among}, {elapsed_text(now - last_at)}"


def elapsed_text(elapsed: timedelta) -> str:
    """In the largest unit that fits: `12 days`, `1 day`, `5 hours`, `20 minutes`."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if elapsed >= length:
            return f"{(number := elapsed // length)} {unit}{'s' * (number != 1)}"
    minutes = max(elapsed // timedelta(minutes=1), 1)
    return f"{minutes} minute{'s' * (minutes != 1)}"


def _kept(pool: Pool, tally: Tally) -> int:
    return tally.received - tally.removed if pool.compensates else tally.received
