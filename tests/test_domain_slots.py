"""The slot engine against the rules by brute force, and what must hold whatever the calendars say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assignment import choose
from bot.domain.cells import BusyIndex
from bot.domain.explain import explained_slots
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.slots import Calendar, Slots, available_slots, count_slots, is_free, last_start
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday, grid
from tests import oracle
from tests.searches import MONDAY_NINE, SUNDAY, Case, busy_times, cases, office_search, proven

ANA, BEN, CLEO = map(ResourceId, ("ana", "ben", "cleo"))
ALL_DAY = TimeRange(time(), time())


@proven
@given(cases())
def test_engine_agrees_with_the_rules_by_brute_force(case: Case) -> None:
    expected = oracle.slots(case.search, case.calendars, case.now)

    assert list(available_slots(case.search, case.calendars, case.now).starts) == expected
    assert list(available_slots(case.search, case.prepared, case.now).starts) == expected
    assert count_slots(case.search, case.prepared, case.now) == len(expected)


@proven
@given(cases(), st.data())
def test_more_busy_time_never_adds_a_slot(case: Case, data: st.DataObject) -> None:
    who = data.draw(st.sampled_from(sorted(case.calendars)))
    calendar = case.calendars[who]
    busier = replace(calendar, busy=(*calendar.busy, *data.draw(busy_times(case.search.frame))))

    before = available_slots(case.search, case.calendars, case.now)
    after = available_slots(case.search, {**case.calendars, who: busier}, case.now)
    assert set(after.starts) <= set(before.starts)


@proven
@given(cases(), st.data())
def test_one_more_requirement_never_adds_a_slot_and_one_more_candidate_never_takes_one(
    case: Case, data: st.DataObject
) -> None:
    search = case.search
    starts = set(available_slots(search, case.calendars, case.now).starts)
    who = data.draw(st.sampled_from(sorted(case.calendars)))

    harder = replace(search, requirements=(*search.requirements, (who,)))
    easier = replace(search, requirements=((*search.requirements[0], who), *search.requirements[1:]))
    assert set(available_slots(harder, case.calendars, case.now).starts) <= starts
    assert set(available_slots(easier, case.calendars, case.now).starts) >= starts


@proven
@given(cases())
def test_last_start_is_that_of_the_grid_whoever_is_busy(case: Case) -> None:
    assert last_start(case.search) == max(oracle.offered(case.search), default=None)


@proven
@given(cases())
def test_one_start_is_free_for_one_resource_as_the_rules_say(case: Case) -> None:
    for start in oracle.offered(case.search)[:4]:
        for calendar in case.calendars.values():
            assert is_free(calendar, case.search, start) == oracle.is_free(calendar, case.search, start)


def test_pool_is_not_the_union_of_free_time() -> None:
    early = Calendar(busy=(Interval(MONDAY_NINE + timedelta(minutes=15), MONDAY_NINE + timedelta(hours=8)),))
    late = Calendar(busy=(Interval(MONDAY_NINE, MONDAY_NINE + timedelta(minutes=15)),))
    slots = available_slots(office_search(("ana", "ben")), {ANA: early, BEN: late}, SUNDAY)
    assert MONDAY_NINE not in slots.starts


def test_nobody_fills_two_seats() -> None:
    search = office_search(("ana",), ("ana", "ben"))
    free = Calendar()
    assert count_slots(search, {ANA: free, BEN: free}, SUNDAY) == 16
    assert count_slots(search, {ANA: free, BEN: Calendar(readable=False)}, SUNDAY) == 0


def test_unreadable_calendars_are_named_once_and_never_free() -> None:
    away = Calendar(readable=False)
    slots = available_slots(office_search(("ben", "ana"), ("ana",)), {ANA: away, BEN: away, CLEO: away}, SUNDAY)
    assert slots.starts == ()
    assert slots.unreadable == ("ana", "ben")


def test_whoever_has_no_calendar_here_is_an_error_and_not_free() -> None:
    with pytest.raises(ValueError, match=r"^requirements: .*ben"):
        available_slots(office_search(("ana",), ("ben",)), {ANA: Calendar()}, SUNDAY)


def test_start_is_offered_from_the_notice_on_but_never_now() -> None:
    search, calendars = office_search(("ana",)), {ANA: Calendar()}
    assert MONDAY_NINE not in available_slots(search, calendars, MONDAY_NINE).starts
    assert MONDAY_NINE in available_slots(search, calendars, MONDAY_NINE - timedelta(microseconds=1)).starts
    patient = replace(search, notice=timedelta(hours=1))
    assert MONDAY_NINE in available_slots(patient, calendars, MONDAY_NINE - timedelta(hours=1)).starts
    late = MONDAY_NINE - timedelta(hours=1) + timedelta(microseconds=1)
    assert MONDAY_NINE not in available_slots(patient, calendars, late).starts


@pytest.mark.parametrize("length", ["duration", "spacing", "buffer_before", "buffer_after"])
@pytest.mark.parametrize("minutes", [5, 15, 20, 35])
def test_length_that_is_no_quarter_hour_is_counted_to_5_minutes(length: str, minutes: int) -> None:
    search = replace(office_search(("ana",)), **{length: timedelta(minutes=minutes)})
    eleven = MONDAY_NINE + timedelta(hours=2)
    # To the quarter hour these would be 11:00-11:30, 11:45-12:00 and 13:00-13:15.
    busy = [
        Interval(eleven + timedelta(minutes=10), eleven + timedelta(minutes=20)),
        Interval(eleven + timedelta(minutes=55), eleven + timedelta(minutes=60)),
        Interval(eleven + timedelta(minutes=120), eleven + timedelta(minutes=125)),
    ]
    expected = oracle.slots(search, {ANA: Calendar(tuple(busy))}, SUNDAY)
    assert list(available_slots(search, {ANA: Calendar(index=BusyIndex.of(busy))}, SUNDAY).starts) == expected


def test_busy_time_is_compared_to_the_second_where_offsets_were_odd() -> None:
    # Monrovia was 44 minutes 30 seconds behind UTC: 09:00 there was 09:44:30Z.
    day = date(1972, 1, 5)
    frame = TimeFrame(day, day, frozenset(Weekday), (TimeRange(time(9), time(11)),), "Africa/Monrovia")
    search = replace(office_search(("ana",)), frame=frame)
    first = datetime(1972, 1, 5, 9, 44, 30, tzinfo=UTC)
    busy = Interval(first + timedelta(minutes=30), first + timedelta(minutes=59, seconds=59))
    calendars = {ANA: Calendar((busy,))}

    expected = [first, first + timedelta(hours=1), first + timedelta(hours=1, minutes=30)]
    assert list(available_slots(search, calendars, first - timedelta(days=1)).starts) == expected
    assert oracle.slots(search, calendars, first - timedelta(days=1), timedelta(seconds=30)) == expected


def test_busy_times_far_away_cost_nothing() -> None:
    ages = Interval(datetime(1000, 1, 1, tzinfo=UTC), datetime(1000, 1, 2, tzinfo=UTC))
    future = Interval(datetime(9000, 1, 1, tzinfo=UTC), datetime(9000, 1, 2, tzinfo=UTC))
    assert count_slots(office_search(("ana",)), {ANA: Calendar((future, ages))}, SUNDAY) == 16
    whole = Calendar((Interval(ages.start, future.end),))
    assert count_slots(office_search(("ana",)), {ANA: whole}, SUNDAY) == 0


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("duration", {"duration": timedelta()}),
        ("duration", {"duration": timedelta(minutes=7)}),
        ("duration", {"duration": timedelta(days=367)}),
        ("spacing", {"spacing": timedelta(minutes=-5)}),
        ("spacing", {"spacing": timedelta(seconds=301)}),
        ("buffer_before", {"buffer_before": timedelta(minutes=-5)}),
        ("buffer_after", {"buffer_after": timedelta(minutes=1)}),
        ("notice", {"notice": timedelta(seconds=-1)}),
        ("notice", {"notice": timedelta.max}),
        ("requirements", {"requirements": ()}),
    ],
)
def test_search_that_makes_no_sense_cannot_be_built(field: str, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        replace(office_search(("ana",)), **change)


@pytest.mark.parametrize("requirements", [((),), (("ana",), ()), ((), ("ana", "ben"), ("ben",))])
def test_requirement_that_names_nobody_leaves_no_slot(requirements: tuple[tuple[str, ...], ...]) -> None:
    search, free = office_search(*requirements), {ANA: Calendar(), BEN: Calendar()}
    explained = explained_slots(search, free, SUNDAY)
    assert available_slots(search, free, SUNDAY) == explained.slots == Slots(())
    assert count_slots(search, free, SUNDAY) == 0
    assert not any(explained.costs.values()), "nobody who is named would help"
    assert choose(search, free, MONDAY_NINE) is None


@pytest.mark.parametrize("spacing", [5, 35, 1445])
def test_every_start_of_days_on_end_without_a_night_is_told(spacing: int) -> None:
    # One window of ten days, a clock change in it: more starts, or wider apart, than a day has room for.
    frame = TimeFrame(date(2027, 3, 10), date(2027, 3, 19), frozenset(Weekday), (ALL_DAY,), "America/New_York")
    search = replace(office_search(("ana",)), frame=frame, spacing=timedelta(minutes=spacing))
    slots = available_slots(search, {ANA: Calendar()}, SUNDAY)
    assert slots.starts == grid(frame, search.duration, search.spacing)
    assert slots.starts[0] == datetime(2027, 3, 10, 5, tzinfo=UTC)


def test_busy_times_long_after_the_frame_take_nothing() -> None:
    year = Interval(MONDAY_NINE + timedelta(days=1), MONDAY_NINE + timedelta(days=366))
    later = Calendar(index=BusyIndex.of([year]))
    crowd = dict.fromkeys((ANA, BEN, CLEO), later)
    assert count_slots(office_search(("ana", "ben"), ("ben", "cleo")), crowd, SUNDAY) == 16
