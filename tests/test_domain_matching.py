"""Matching against every choice there is."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.matching import can_fill, lowest_price, seats_in_want
from tests.searches import proven

PEOPLE = "abcdef"
seatings = st.lists(st.lists(st.sampled_from(PEOPLE), max_size=4), min_size=1, max_size=5)


def fillable(seats: list[list[str]]) -> bool:
    return any(len(set(chosen)) == len(chosen) for chosen in product(*seats))


@proven
@given(seatings)
def test_seats_can_be_filled_iff_some_choice_has_everybody_once(seats: list[list[str]]) -> None:
    assert can_fill(seats) == fillable(seats)


@proven
@given(seatings)
def test_seat_is_in_want_iff_a_newcomer_there_lets_all_be_filled(seats: list[list[str]]) -> None:
    expected = {
        number
        for number in range(len(seats))
        if not fillable(seats)
        and fillable([[*people, "newcomer"] if at == number else people for at, people in enumerate(seats)])
    }
    assert seats_in_want(seats) == expected


@proven
@given(seatings, st.fixed_dictionaries({person: st.integers(0, 2) for person in PEOPLE}))
def test_no_choice_of_people_has_a_lower_price(seats: list[list[str]], prices: dict[str, int]) -> None:
    filled = [chosen for chosen in product(*seats) if len(set(chosen)) == len(chosen)]
    expected = min((sum(prices[person] for person in chosen) for chosen in filled), default=None)
    assert lowest_price(seats, prices) == expected


def test_somebody_moves_over_for_the_one_who_has_no_other_seat() -> None:
    assert can_fill([["ana", "ben"], ["ana"]])
    assert not can_fill([["ana"], ["ana"]])
