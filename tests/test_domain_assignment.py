"""Who is chosen, against every choice there is."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.domain.assignment import choose
from bot.domain.ids import ResourceId
from bot.domain.slots import Calendar, available_slots
from tests import oracle
from tests.searches import MONDAY_NINE, Case, cases, office_search, proven


@proven
@given(cases())
def test_first_choice_in_order_of_preference_is_made(case: Case) -> None:
    for start in oracle.offered(case.search)[:6]:
        expected = next(iter(oracle.choices(case.search, case.calendars, start)), None)
        assert choose(case.search, case.calendars, start) == expected
        assert choose(case.search, case.prepared, start) == expected


@proven
@given(cases())
def test_every_available_slot_has_an_assignment(case: Case) -> None:
    for start in available_slots(case.search, case.calendars, case.now).starts[:20]:
        assert choose(case.search, case.calendars, start) is not None


def test_whoever_has_no_calendar_here_is_an_error_and_not_free() -> None:
    with pytest.raises(ValueError, match="stranger"):
        choose(office_search(("ana",), ("stranger",)), {ResourceId("ana"): Calendar()}, MONDAY_NINE)


def test_earlier_requirement_has_the_first_pick_as_long_as_all_can_be_filled() -> None:
    free = {ResourceId(name): Calendar() for name in ("ana", "ben", "cleo")}
    assert choose(office_search(("ana", "ben"), ("ana", "cleo")), free, MONDAY_NINE) == ("ana", "cleo")
    assert choose(office_search(("ana", "ben"), ("ana",)), free, MONDAY_NINE) == ("ben", "ana")
    assert choose(office_search(("ana",), ("ana",)), free, MONDAY_NINE) is None
