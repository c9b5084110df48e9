"""Versions differ as soon as anything differs that a count reads, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.domain.cells import BusyIndex
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.intervals import Interval
from bot.domain.preferences import Preferences
from bot.domain.rooms import Room
from bot.ports import BusyReading, UnitOfWork, UnitOfWorkFactory
from tests.storage_cast import ATLAS, BEN, DAY, GLOBEX, HOUR, NOON, NORTHWIND, PRIYA, a_meeting, an_invitation

WINDOW = Interval(NOON - DAY, NOON + DAY)
NOW = Interval(NOON, NOON + HOUR)
ROOM = Room(ATLAS, NORTHWIND, "Atlas", "atlas@rooms.example", ConnectionId("danas"))


def book(unit: UnitOfWork, footprint: Interval, *resources: str) -> None:
    invitation = an_invitation(*resources)
    meeting = a_meeting(invitation, footprint.start)
    unit.invitations.add(invitation)
    unit.meetings.add(meeting)
    unit.claims.add(meeting, footprint)


def keep(unit: UnitOfWork, resource: str, busy: Interval = NOW) -> None:
    unit.busy_cache.put(NORTHWIND, [BusyReading(ResourceId(resource), WINDOW, NOON, BusyIndex.of([busy]))])


TELLING: dict[str, Callable[[UnitOfWork], object]] = {
    "a reading": lambda unit: keep(unit, PRIYA),
    "one of the same instant": lambda unit: keep(unit, BEN, Interval(NOON + HOUR, NOON + 2 * HOUR)),
    "one that is forgotten": lambda unit: unit.busy_cache.forget(NORTHWIND, [ResourceId(BEN)]),
    "a claim": lambda unit: book(unit, NOW, PRIYA),
    "preferences": lambda unit: unit.preferences.put(NORTHWIND, PRIYA, Preferences(time_zone="Asia/Tokyo")),
    "a room": lambda unit: unit.rooms.put(replace(ROOM, name="Titan")),
}
SILENT: dict[str, Callable[[UnitOfWork], object]] = {
    "nothing": lambda unit: None,
    "somebody else's reading": lambda unit: keep(unit, "U0OTHER"),
    "another workspace's reading": lambda unit: unit.busy_cache.put(
        GLOBEX, [BusyReading(ResourceId(PRIYA), WINDOW, NOON)]
    ),
    "an older reading": lambda unit: unit.busy_cache.put(
        NORTHWIND, [BusyReading(ResourceId(BEN), WINDOW, NOON - HOUR)]
    ),
    "a claim outside the window": lambda unit: book(unit, Interval(WINDOW.end, WINDOW.end + HOUR), PRIYA),
    "somebody else's claim": lambda unit: book(unit, NOW, "U0OTHER"),
    "somebody else's preferences": lambda unit: unit.preferences.put(GLOBEX, PRIYA, Preferences()),
}


@pytest.mark.parametrize("what", TELLING)
def test_change_of_what_counts_is_told(unit_of_work: UnitOfWorkFactory, what: str) -> None:
    with filled(unit_of_work) as unit:
        before = versions(unit)
        TELLING[what](unit)
        assert versions(unit) != before


@pytest.mark.parametrize("what", SILENT)
def test_nothing_else_is(unit_of_work: UnitOfWorkFactory, what: str) -> None:
    with filled(unit_of_work) as unit:
        before = versions(unit)
        SILENT[what](unit)
        assert versions(unit) == before


def test_two_who_change_places_are_told(unit_of_work: UnitOfWorkFactory) -> None:
    with filled(unit_of_work) as unit:
        keep(unit, PRIYA, Interval(NOON + HOUR, NOON + 2 * HOUR))
        before = versions(unit)
        keep(unit, BEN, Interval(NOON + HOUR, NOON + 2 * HOUR))
        keep(unit, PRIYA, NOW)
        assert versions(unit) != before


def versions(unit: UnitOfWork) -> tuple[int, ...]:
    return unit.versions.of(NORTHWIND, [ResourceId(PRIYA), ResourceId(BEN), ATLAS], WINDOW)


@contextmanager
def filled(unit_of_work: UnitOfWorkFactory) -> Iterator[UnitOfWork]:
    with unit_of_work(write=True) as unit:
        keep(unit, BEN)
        unit.rooms.put(ROOM)
        yield unit
