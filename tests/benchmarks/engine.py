"""The slot engine beside a naive loop, measured in turn: `python -m tests.benchmarks.engine [S M …]`."""

from __future__ import annotations

import gc
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from bot.domain.cells import BusyIndex
from bot.domain.explain import explained_slots
from bot.domain.grid import at_work, grids
from bot.domain.ids import ResourceId
from bot.domain.invitation import Details, Seat, SeatKind, SlotRules
from bot.domain.relaxations import relaxations, tireless
from bot.domain.slots import Calendar, SlotSearch, available_slots, count_slots
from tests.benchmarks.workloads import L_DENSE, XL, XL_DENSE, L, M, S, Size, Workload, workload

SIZES = (S, M, L, L_DENSE, XL, XL_DENSE)
TARGETS_MS: Mapping[str, Mapping[str, float]] = {
    "raw": {"S": 0.2, "M": 1.5, "L": 20, "L dense": 20, "XL": 400, "XL dense": 550},
    "index": {"S": 0.1, "M": 0.3, "L": 1, "L dense": 1, "XL": 5, "XL dense": 5},
    "stored index": {"S": 0.2, "M": 0.5, "L": 2, "L dense": 2, "XL": 15, "XL dense": 15},
    "live count": {"S": 0.05, "M": 0.1, "L": 0.5, "L dense": 1, "XL": 1, "XL dense": 2},
    "explain": {"S": 1, "M": 3, "L": 40, "L dense": 40},
}
NAIVE_MS: Mapping[str, float] = {"S": 0.27, "M": 15, "L": 127, "XL": 14_800}
"""What the naive loop took where the targets were set: the ratio to it binds, whatever the machine."""
BUDGET_S = 1.5
"""How long one way of one size is measured at most, once it has had its least number of rounds."""
LONGEST_S = 6.0
"""How long at most, however few rounds that is."""
LEAST_ROUNDS, MOST_ROUNDS = 5, 200

RawBusy = Mapping[str, Sequence[tuple[int, int]]]


@dataclass(frozen=True)
class Row:
    """One way to answer one workload: medians of interleaved rounds, in milliseconds."""

    workload: str
    way: str
    ours_ms: float
    naive_ms: float
    target_ms: float | None

    @property
    def ratio(self) -> float:
        return self.naive_ms / self.ours_ms

    @property
    def target_ratio(self) -> float | None:
        """None where there is no target, or none was measured beside the naive loop."""
        return NAIVE_MS[self.workload] / self.target_ms if self.target_ms and self.workload in NAIVE_MS else None

    @property
    def is_met(self) -> bool:
        if self.target_ratio is not None:
            return self.ratio >= self.target_ratio
        return self.target_ms is None or self.ours_ms <= self.target_ms


def rows(sizes: Sequence[Size] = SIZES) -> Iterator[Row]:
    """Measures size after size; every way must find as many slots as the naive loop."""
    for size in sizes:
        asked = workload(size)
        with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(Path(folder) / "bench.db")) as database:
            database.execute("CREATE TABLE busy (resource TEXT PRIMARY KEY, cells BLOB NOT NULL)")
            database.executemany("INSERT INTO busy VALUES (?, ?)", asked.stored.items())
            database.commit()
            took, found = _interleaved(_ways(asked, database))
        if len(set(found.values())) != 1:
            raise AssertionError(f"{size.name}: {found} slots")
        for way, targets in TARGETS_MS.items():
            if way in took:
                yield Row(size.name, way, took[way], took["naive"], targets.get(size.name))


def _ways(asked: Workload, database: sqlite3.Connection) -> dict[str, Callable[[], int]]:
    """Every way to count the workload's slots, the naive one first. The database holds its stored indexes."""
    search, now = asked.search, asked.now
    zero = int(now.timestamp())
    seconds: RawBusy = {
        resource: [(int(busy.start.timestamp()) - zero, int(busy.end.timestamp()) - zero) for busy in calendar.busy]
        for resource, calendar in asked.raw.items()
    }

    details, rules = _wizard_steps(search)

    def fresh() -> None:
        grids.cache_clear()
        at_work.cache_clear()

    def raw() -> int:
        fresh()
        return len(available_slots(search, asked.raw, now).starts)

    def index() -> int:
        fresh()
        return len(available_slots(search, asked.indexed, now).starts)

    def stored_index() -> int:
        fresh()
        kept = database.execute("SELECT resource, cells FROM busy")
        calendars = {ResourceId(who): Calendar(index=BusyIndex.from_bytes(cells)) for who, cells in kept}
        return len(available_slots(search, calendars, now).starts)

    def explain() -> int:
        fresh()
        calendars = {who: Calendar(index=BusyIndex.of(calendar.busy)) for who, calendar in asked.raw.items()}
        found = explained_slots(search, calendars, now)
        present = len(found.slots.starts)
        relaxations(
            details,
            rules,
            calendars,
            now,
            {},
            without_hours=tireless(calendars),
            present=present,
            offered=found.offered,
            notice_costs=found.notice_costs,
        )
        return present

    return {
        "naive": lambda: len(naive(search, seconds, now)),
        "raw": raw,
        "index": index,
        "stored index": stored_index,
        "live count": lambda: count_slots(search, asked.indexed, now),
        **({"explain": explain} if asked.name in TARGETS_MS["explain"] else {}),
    }


def _wizard_steps(search: SlotSearch) -> tuple[Details, SlotRules]:
    """Steps 1 and 2 as a person would have filled them in to ask the same."""
    kinds = (SeatKind.PEOPLE_POOL if len(candidates) > 1 else SeatKind.PERSON for candidates in search.requirements)
    seats = tuple(map(Seat, kinds, search.requirements))
    rules = SlotRules(search.frame, search.spacing, search.notice, respect_working_hours=False)
    return Details("Roadmap review", search.duration, seats), rules


def naive(search: SlotSearch, busy: RawBusy, now: datetime) -> list[int]:
    """Looks at every start, candidate and busy time. Busy times are seconds since `now`, its best case."""
    duration, spacing = int(search.duration.total_seconds()), int(search.spacing.total_seconds())
    tz = ZoneInfo(search.frame.time_zone)
    found = []
    day = search.frame.start_date
    while day <= search.frame.end_date:
        if day.weekday() in search.frame.weekdays:
            for wanted in search.frame.time_ranges:
                start = int((datetime.combine(day, wanted.start, tz).astimezone(UTC) - now).total_seconds())
                last = int((datetime.combine(day, wanted.end, tz).astimezone(UTC) - now).total_seconds()) - duration
                while start <= last:
                    if all(_anybody_free(candidates, busy, start, duration) for candidates in search.requirements):
                        found.append(start)
                    start += spacing
        day += timedelta(days=1)
    return found


def _anybody_free(candidates: Sequence[str], busy: RawBusy, start: int, duration: int) -> bool:
    end = start + duration
    for candidate in candidates:
        for busy_start, busy_end in busy[candidate]:
            if busy_start < end and start < busy_end:
                break
        else:
            return True
    return False


def _interleaved(ways: Mapping[str, Callable[[], int]]) -> tuple[dict[str, float], dict[str, int]]:
    """The median time of each way in milliseconds, measured in turn; what each found."""
    took: dict[str, list[float]] = {way: [] for way in ways}
    found: dict[str, int] = {}
    gc.collect()
    gc.freeze()  # a million busy times need not be looked at after every turn
    gc.disable()
    for turn in range(MOST_ROUNDS):
        for way, run in ways.items():
            spent_s = sum(took[way]) / 1000
            if spent_s > BUDGET_S and (turn >= LEAST_ROUNDS or spent_s > LONGEST_S):
                continue
            began = perf_counter()
            found[way] = run()
            took[way].append((perf_counter() - began) * 1000)
        gc.collect()
    gc.enable()
    gc.unfreeze()
    return {way: median(times) for way, times in took.items()}, found


def main() -> int:
    """Prints the table; the sizes named on the command line, or all."""
    wanted = set(sys.argv[1:])
    titles = ("ours ms", "target", "naive ms", "ratio", "target")
    print(f"{'workload':9} {'way':13}" + "".join(f"{title:>10}" for title in titles))
    for row in rows([size for size in SIZES if not wanted or size.name in wanted]):
        figures = (row.ours_ms, row.target_ms, row.naive_ms, row.ratio, row.target_ratio)
        shown = "".join(f"{'–':>10}" if figure is None else f"{figure:10.4g}" for figure in figures)
        print(f"{row.workload:9} {row.way:13}{shown} {'ok' if row.is_met else 'SLOWER'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
