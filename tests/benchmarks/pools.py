"""A changed field of an invitation with two pools of 50 people: kept, counted and explained, by the services alone.

What Slack's views and HTTP add is measured in `tests.benchmarks.slack`. A real SQLite database, 300 busy times a
calendar and all of them at hand; 20 people at once, each with a draft of their own, and one alone beside them.
Run: `python -m tests.benchmarks.pools`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter

from bot.domain import fields as f
from bot.domain.ids import POOL_PREFIX, UserId
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft
from bot.domain.people import Person
from bot.domain.pools import Cycle, PoolKind, PoolMethod
from storage.database import open_database
from tests.cast import DANA, EVERYBODY, NOW
from tests.databases import KEYS
from tests.fakes import FakeDirectory
from tests.world import Stage

POOL_SIZE = 50
AT_ONCE = 20
ROUNDS = 12
BUSY_TIMES = 300
TARGET_MS = 100
"""For the whole way of a changed field, Slack's part included (95th percentile)."""
SPACINGS = ("15", "30")


@dataclass(frozen=True)
class Row:
    name: str
    took_ms: tuple[float, ...]

    @property
    def p95_ms(self) -> float:
        return quantiles(self.took_ms, n=20)[-1]


def rows() -> Iterator[Row]:
    """The rows of the table. Raises AssertionError where a count is none: then nothing was measured."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'bench.db'}", KEYS)
        database.migrate()
        people = [_colleague(number) for number in range(2 * POOL_SIZE)]
        stage = Stage(database.unit_of_work, directory=FakeDirectory([*EVERYBODY, *people]))
        stage.connect(DANA, *people)
        dice = Random(POOL_SIZE)
        stage.calendar.busy = {person.email: tuple(_busy(dice) for _ in range(BUSY_TIMES)) for person in people}
        drafts = [_draft(stage, people) for _ in range(AT_ONCE)]
        yield Row("one alone", tuple(_changed(stage, drafts[0], number)() for number in range(AT_ONCE)))
        took: list[float] = []
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            for number in range(AT_ONCE, AT_ONCE + ROUNDS):
                asked = [crowd.submit(_changed(stage, draft, number)) for draft in drafts]
                took.extend(each.result() for each in asked)
        yield Row(f"{AT_ONCE} at once", tuple(took))
        database.close()


def _draft(stage: Stage, people: list[Person]) -> Draft:
    """At step 2, with somebody wanted of each pool, calendars read."""
    chosen = []
    for name, members in (("Sales", people[:POOL_SIZE]), ("Advice", people[POOL_SIZE:])):
        with stage.unit_of_work() as unit:
            known = {pool.name: pool for pool in unit.pools.of_workspace(DANA.workspace_id)}
        pool = known.get(name) or stage.services.pools.create(
            DANA,
            name=name,
            kind=PoolKind.PEOPLE,
            method=PoolMethod.POOLED,
            cycle=Cycle.CONTINUOUS,
            members=[person.resource_id for person in members],
        )
        chosen.append(f"{POOL_PREFIX}{pool.id}")
    return stage.draft(DANA, **{f.MEMBERS: chosen})


def _changed(stage: Stage, draft: Draft, number: int) -> Callable[[], float]:
    """A change of the slot spacing; how many milliseconds until its count is there."""

    def run() -> float:
        began = perf_counter()
        newest = stage.services.drafts.latest(draft.workspace_id, draft.owner_id, draft.id)
        followed = stage.services.drafts.follow(newest, {f.SPACING: SPACINGS[number % 2]}, acted_at=number + 1.0)
        report = stage.services.steps.count(followed)
        took_ms = (perf_counter() - began) * 1000
        if not report.count or report.unreadable:
            raise AssertionError(f"{report.count} slots, {len(report.unreadable)} unreadable calendars")
        return took_ms

    return run


def _colleague(number: int) -> Person:
    return replace(
        DANA, user_id=UserId(f"U0POOL{number:02}"), name=f"Pool {number}", email=f"pool-{number}@northwind.example"
    )


def _busy(dice: Random) -> Interval:
    day: datetime = NOW.replace(hour=13) + timedelta(days=dice.randrange(30))
    start = day + dice.randrange(40) * timedelta(minutes=15)
    return Interval(start, start + dice.randint(1, 4) * timedelta(minutes=15))


def main() -> int:
    """Prints the table."""
    print(f"{'changed field, 2 × 50 people':30} {'median ms':>9} {'p95 ms':>9} {'target ms':>9}")
    for row in rows():
        met = "ok" if row.p95_ms <= TARGET_MS else "SLOWER"
        print(f"{row.name:30} {median(row.took_ms):9.1f} {row.p95_ms:9.1f} {TARGET_MS:9} {met}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
