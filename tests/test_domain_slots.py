"""The slot engine against the rules by brute force, and what must hold whatever the calendars say."""

from __future__ import annotations

from hypothesis import given

from bot.domain.slots import available_slots, count_slots
from tests import oracle
from tests.searches import Case, cases, proven


@proven
@given(cases())
def test_engine_agrees_with_the_rules_by_brute_force(case: Case) -> None:
    expected = oracle.slots(case.search, case.calendars, case.now)

    assert list(available_slots(case.search, case.calendars, case.now).starts) == expected
    assert list(available_slots(case.search, case.prepared, case.now).starts) == expected
    assert count_slots(case.search, case.prepared, case.now) == len(expected)
