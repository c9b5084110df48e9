"""Costs against leaving one out, one after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from bot.domain.explain import explained_slots
from bot.domain.ids import ResourceId
from bot.domain.slots import Calendar
from tests import oracle
from tests.searches import MONDAY_NINE, SUNDAY, Case, cases, office_search, proven


@proven
@given(cases())
def test_costs_are_the_slots_gained_if_one_alone_were_always_free(case: Case) -> None:
    expected = oracle.costs(case.search, case.calendars, case.now)

    assert explained_slots(case.search, case.calendars, case.now).costs == expected
    assert explained_slots(case.search, case.prepared, case.now).costs == expected


@proven
@given(cases())
def test_what_the_notice_costs_and_how_many_starts_there_are(case: Case) -> None:
    present = len(oracle.slots(case.search, case.calendars, case.now))
    at_once = len(oracle.slots(replace(case.search, notice=timedelta()), case.calendars, case.now))
    nobody_busy = {resource: Calendar() for resource in case.calendars}
    enough = replace(case.search, requirements=((next(iter(case.calendars)),),))
    found = explained_slots(case.search, case.calendars, case.now)

    assert found.notice_costs == at_once - present
    assert found.offered == len(oracle.slots(enough, nobody_busy, case.now))


def test_costs_name_whom_a_requirement_names_in_order() -> None:
    calendars = {ResourceId(name): Calendar() for name in ("ana", "ben", "cleo")}
    found = explained_slots(office_search(("cleo", "ana"), ("cleo",)), calendars, MONDAY_NINE)
    assert list(found.costs) == ["ana", "cleo"]


def test_nobody_costs_what_two_block_alike() -> None:
    away = Calendar(readable=False)
    calendars = {ResourceId("ana"): away, ResourceId("ben"): away}
    assert explained_slots(office_search(("ana",), ("ben",)), calendars, SUNDAY).costs == {"ana": 0, "ben": 0}
    assert explained_slots(office_search(("ana", "ben")), calendars, SUNDAY).costs == {"ana": 16, "ben": 16}


def test_newcomer_counts_where_somebody_else_can_move_over_for_them() -> None:
    calendars = {ResourceId("ana"): Calendar(), ResourceId("ben"): Calendar(readable=False)}
    assert explained_slots(office_search(("ana", "ben"), ("ana",)), calendars, SUNDAY).costs == {"ana": 0, "ben": 16}
