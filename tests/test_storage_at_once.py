"""Transactions that touch the same rows end, whichever comes first: one order of locks, and tidying up waits for
nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.ids import DraftId, ResourceId
from bot.domain.intervals import Interval
from bot.ports import BusyReading, UnitOfWork, UnitOfWorkFactory
from tests.at_once import meanwhile
from tests.storage_cast import DANA, DAY, HOUR, NOON, NORTHWIND, a_draft, a_meeting, an_invitation

ANA, ZOE = ResourceId("U0ANA"), ResourceId("U0ZOE")
LATER = NOON + 30 * DAY


def reading(resource_id: ResourceId) -> BusyReading:
    return BusyReading(resource_id, Interval(NOON, NOON + DAY), NOON)


def test_readings_are_kept_and_forgotten_in_one_order(unit_of_work: UnitOfWorkFactory, database_url: str) -> None:
    with unit_of_work(write=True) as unit:
        unit.busy_cache.put(NORTHWIND, [reading(ZOE)])
        unit.busy_cache.put(NORTHWIND, [reading(ANA)])
        unit.commit()

    def forget() -> None:
        with unit_of_work(write=True) as unit:
            unit.busy_cache.forget(NORTHWIND, [ZOE, ANA])
            unit.commit()

    with unit_of_work(write=True) as unit:
        unit.busy_cache.put(NORTHWIND, [reading(ANA)])
        with meanwhile(forget, database_url) as forgotten:
            unit.busy_cache.put(NORTHWIND, [reading(ZOE)])
            unit.commit()
            forgotten.result()
    with unit_of_work() as unit:
        assert unit.busy_cache.get(NORTHWIND, [ANA, ZOE]) == {}


TIDIED: dict[str, tuple[Callable[[UnitOfWork], object], Callable[[UnitOfWork], object]]] = {
    "claims": (
        lambda unit: unit.claims.release(MEETING.id),
        lambda unit: unit.claims.delete_older(LATER),
    ),
    "readings": (
        lambda unit: unit.busy_cache.put(NORTHWIND, [reading(ANA)]),
        lambda unit: unit.busy_cache.delete_older(LATER),
    ),
    "drafts": (
        lambda unit: unit.drafts.delete(DraftId("one")),
        lambda unit: unit.drafts.delete_older(LATER),
    ),
    "secrets": (
        lambda unit: unit.one_time.take("one", "test", NOON),
        lambda unit: unit.one_time.delete_older(LATER),
    ),
}
INVITATION = an_invitation()
MEETING = a_meeting(INVITATION)


@pytest.mark.parametrize("what", TIDIED)
def test_tidying_up_waits_for_nobody_and_takes_the_rest_the_next_time(
    unit_of_work: UnitOfWorkFactory, database_url: str, what: str
) -> None:
    """Whoever marks a no-show releases what is tidied up just then: each could wait for what the other holds."""
    use, tidy = TIDIED[what]
    with unit_of_work(write=True) as unit:
        unit.invitations.add(INVITATION)
        unit.meetings.add(MEETING)
        unit.claims.add(MEETING, MEETING.footprint(INVITATION.rules))
        unit.busy_cache.put(NORTHWIND, [reading(ANA)])
        unit.drafts.add(a_draft(id=DraftId("one"), owner_id=DANA))
        unit.one_time.add("one", "test", "payload", NOON + HOUR)
        unit.commit()

    def tidy_up() -> object:
        with unit_of_work(write=True) as unit:
            tidied = tidy(unit)
            unit.commit()
        return tidied

    with unit_of_work(write=True) as unit:
        use(unit)
        with meanwhile(tidy_up, database_url) as tidied:
            waits = not tidied.done()
            unit.commit()
            assert waits is database_url.startswith("sqlite")
            assert not tidied.result() or what == "readings"
    tidy_up()
    assert not tidy_up()
