"""Who is next in a pool, why, and who would come then."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.ids import ResourceId
from bot.domain.ledger import Ledger, Tally, cycle_start, elapsed_text, ledger
from bot.domain.people import Person
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from tests.pool_cast import ANA, DAY, DEV, EVE, FOUNDED, HOUR, RAJ, TEAM, a_pool, ids, members

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def tallied(pool: Pool, tallies: Mapping[Person, Tally], now: datetime = NOW) -> Ledger:
    return ledger(pool, {person.resource_id: tally for person, tally in tallies.items()}, now)


def line(of: Ledger, besides: tuple[Person, ...] = ()) -> list[ResourceId]:
    return [standing.resource_id for standing in of.line(ids(besides))]


def test_least_received_is_next() -> None:
    sales = tallied(a_pool(), {ANA: Tally(2), RAJ: Tally(1), DEV: Tally(3)})
    assert line(sales) == ids([RAJ, ANA, DEV])
    assert sales.reason() == "1 received, the fewest"


def test_removed_meetings_count_as_not_received_where_the_pool_compensates() -> None:
    tallies = {ANA: Tally(3, 3), RAJ: Tally(1), DEV: Tally(2)}
    assert line(tallied(a_pool(), tallies)) == ids([ANA, RAJ, DEV])
    assert line(tallied(a_pool(compensates=False), tallies)) == ids([RAJ, DEV, ANA])


def test_ties_go_to_whoever_waits_longest_then_to_whoever_joined_first() -> None:
    newer, older = FOUNDED + 2 * DAY, FOUNDED + DAY
    sales = tallied(a_pool(), {ANA: Tally(1, 0, newer, newer), RAJ: Tally(1, 0, older, older), DEV: Tally(1)})
    assert line(sales) == ids([DEV, RAJ, ANA])
    assert sales.reason() == "1 received, as others have; and none before"
    assert sales.reason(ids([DEV])) == "1 received, as others have; longest since the last"
    assert line(tallied(a_pool(), {})) == ids(TEAM)
    assert tallied(a_pool(), {}).reason() == "0 received, as others have; joined first"
    at_once = a_pool(members=tuple(dataclasses.replace(one, joined_at=FOUNDED) for one in members(DEV, ANA)))
    assert line(tallied(at_once, {})) == ids([DEV, ANA])
    assert tallied(at_once, {}).reason() == "0 received, as others have; first in the list"


def test_turn_given_back_is_as_if_it_had_never_been() -> None:
    tallies = {ANA: Tally(1, 1, FOUNDED + DAY, None), RAJ: Tally(), DEV: Tally()}
    assert line(tallied(a_pool(), tallies))[0] == ANA.resource_id


def test_inactive_and_seated_people_are_passed_over() -> None:
    resting = a_pool(
        members=tuple(dataclasses.replace(one, active=one.resource_id != ANA.user_id) for one in members(*TEAM))
    )
    sales = tallied(resting, {})
    assert line(sales) == ids([RAJ, DEV])
    assert line(sales, (RAJ,)) == ids([DEV])
    assert sales.reason(ids([RAJ])) == "0 received, the only one in line"
    assert line(sales, (RAJ, DEV)) == []
    assert [standing.resource_id for standing in sales.standings] == ids(TEAM)


def test_newcomer_begins_at_the_average() -> None:
    sales = tallied(a_pool(), {ANA: Tally(3), RAJ: Tally(2), DEV: Tally(2)})
    grown = sales.with_member(EVE.resource_id)
    after = tallied(grown, {ANA: Tally(3), RAJ: Tally(2), DEV: Tally(2)})
    assert after.standings[-1].counted == pytest.approx(7 / 3)
    assert after.average == pytest.approx(7 / 3)
    assert line(after) == ids([RAJ, DEV, EVE, ANA])


def test_whoever_comes_back_begins_at_the_average_from_above_as_from_below() -> None:
    tallies = {ANA: Tally(0), RAJ: Tally(2), DEV: Tally(9)}
    for person in (ANA, DEV):
        sales = tallied(a_pool(), tallies)
        resting = sales.with_activity(person.resource_id, False)
        average = tallied(resting, tallies).average
        back = tallied(resting, tallies).with_activity(person.resource_id, True)
        (counted,) = (one.counted for one in tallied(back, tallies).standings if one.resource_id == person.resource_id)
        assert counted == average
        assert average == (5.5 if person is ANA else 1)


def test_being_set_active_twice_changes_nothing() -> None:
    sales = tallied(a_pool(), {ANA: Tally(5)})
    assert sales.with_activity(ANA.resource_id, True) == sales.pool
    assert sales.with_activity(EVE.resource_id, True) == sales.pool


def test_head_start_is_over_with_the_cycle_it_was_given_in() -> None:
    pool = tallied(a_pool(), {ANA: Tally(4), RAJ: Tally(4), DEV: Tally(4)}).with_member(EVE.resource_id)
    assert tallied(pool, {}).standings[-1].counted == 4
    assert tallied(pool, {}, datetime(2026, 12, 1, tzinfo=UTC)).standings[-1].counted == 0
    endless = dataclasses.replace(pool, cycle=Cycle.CONTINUOUS)
    assert tallied(endless, {}, datetime(2036, 12, 1, tzinfo=UTC)).standings[-1].counted == 4


def test_counts_that_differ_by_rounding_alone_are_equal() -> None:
    sales = tallied(a_pool(ANA, RAJ, DEV), {ANA: Tally(1), RAJ: Tally(1)})
    both = dataclasses.replace(sales, pool=sales.with_member(EVE.resource_id)).with_member(ResourceId("U0FAY"))
    standings = tallied(both, {}).standings
    assert standings[-1].counted == standings[-2].counted


def test_forecast_gives_the_turns_out_one_after_the_other() -> None:
    sales = tallied(a_pool(), {ANA: Tally(2), RAJ: Tally(1), DEV: Tally(1, 0, FOUNDED, FOUNDED)})
    assert list(sales.forecast(6)) == ids([RAJ, DEV, ANA, RAJ, DEV, ANA])
    assert sales.forecast(0) == ()
    nobody = a_pool(members=())
    assert tallied(nobody, {}).forecast(3) == ()
    assert tallied(nobody, {}).average == 0


def test_pooled_availability_goes_by_meetings_not_by_counts() -> None:
    pooled = a_pool(method=PoolMethod.POOLED)
    assigned = {ANA.resource_id: NOW - 3 * DAY, DEV.resource_id: NOW - 12 * DAY}
    sales = ledger(pooled, {RAJ.resource_id: Tally(9)}, NOW, assigned)
    assert line(sales) == ids([RAJ, DEV, ANA])
    assert sales.reason() == "no meeting yet"
    assert sales.reason(ids([RAJ])) == "longest without a meeting, 12 days"
    assert list(sales.forecast(4)) == ids([RAJ, DEV, ANA, RAJ])


def test_rooms_stay_as_they_are_listed() -> None:
    rooms = a_pool(kind=PoolKind.ROOMS, method=PoolMethod.POOLED)
    found = ledger(rooms, {}, NOW, {ANA.resource_id: NOW})
    assert line(found) == ids(TEAM)
    assert found.forecast(3) == ()


@pytest.mark.parametrize(
    ("cycle", "now", "start"),
    [
        (Cycle.MONTHLY, "2026-12-31T23:59:59.999999+00:00", "2026-12-01"),
        (Cycle.MONTHLY, "2027-01-01T00:00:00+00:00", "2027-01-01"),
        (Cycle.QUARTERLY, "2026-12-31T23:59:59+00:00", "2026-10-01"),
        (Cycle.QUARTERLY, "2027-02-28T12:00:00+00:00", "2027-01-01"),
        (Cycle.QUARTERLY, "2027-04-01T00:00:00+00:00", "2027-04-01"),
        (Cycle.QUARTERLY, "2027-09-30T00:00:00+00:00", "2027-07-01"),
    ],
)
def test_cycles_begin_at_midnight_utc(cycle: Cycle, now: str, start: str) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=UTC)
    instant = datetime.fromisoformat(now)
    assert cycle_start(cycle, instant) == begins
    assert cycle_start(cycle, instant.astimezone(ZoneInfo("Pacific/Auckland"))) == begins


def test_continuous_cycle_has_no_beginning() -> None:
    assert cycle_start(Cycle.CONTINUOUS, NOW) is None


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(), "1 minute"),
        (timedelta(minutes=59, seconds=59), "59 minutes"),
        (HOUR, "1 hour"),
        (23 * HOUR, "23 hours"),
        (DAY, "1 day"),
        (12 * DAY + 5 * HOUR, "12 days"),
        (-HOUR, "1 minute"),
    ],
)
def test_idle_time_is_told_in_the_largest_unit(elapsed: timedelta, text: str) -> None:
    assert elapsed_text(elapsed) == text
