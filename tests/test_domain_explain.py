"""Costs against leaving one out, one after the other."""

from __future__ import annotations

from hypothesis import given

from bot.domain.explain import costs
from bot.domain.ids import ResourceId
from bot.domain.slots import Calendar
from tests import oracle
from tests.searches import MONDAY_NINE, SUNDAY, Case, cases, office_search, proven


@proven
@given(cases())
def test_costs_are_the_slots_gained_if_one_alone_were_always_free(case: Case) -> None:
    expected = oracle.costs(case.search, case.calendars, case.now)

    assert costs(case.search, case.calendars, case.now) == expected
    assert costs(case.search, case.prepared, case.now) == expected


def test_costs_name_whom_a_requirement_names_in_order() -> None:
    calendars = {ResourceId(name): Calendar() for name in ("ana", "ben", "cleo")}
    assert list(costs(office_search(("cleo", "ana"), ("cleo",)), calendars, MONDAY_NINE)) == ["ana", "cleo"]


def test_nobody_costs_what_two_block_alike() -> None:
    away = Calendar(readable=False)
    calendars = {ResourceId("ana"): away, ResourceId("ben"): away}
    assert costs(office_search(("ana",), ("ben",)), calendars, SUNDAY) == {"ana": 0, "ben": 0}
    assert costs(office_search(("ana", "ben")), calendars, SUNDAY) == {"ana": 16, "ben": 16}


def test_newcomer_counts_where_somebody_else_can_move_over_for_them() -> None:
    calendars = {ResourceId("ana"): Calendar(), ResourceId("ben"): Calendar(readable=False)}
    assert costs(office_search(("ana", "ben"), ("ana",)), calendars, SUNDAY) == {"ana": 0, "ben": 16}
