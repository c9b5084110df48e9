"""bot.mail.wrapping: lines that mail programs show whole, with nothing lost."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.mail.wrapping import indented, paragraphs, wrapped

ADDRESS = f"https://meet.example/i/{'x' * 100}-y"


@given(st.text(alphabet="ab é-\n", max_size=400))
def test_words_stay_in_their_order_and_lines_are_short(text: str) -> None:
    assert wrapped(text).split() == text.split() == indented(text).split()
    long_words = [word for word in text.split() if len(word) > 66]
    for line in (*wrapped(text).split("\n"), *indented(text).split("\n")):
        assert len(line) <= 76 or any(word in line for word in long_words)


def test_own_line_breaks_are_kept_and_addresses_stay_in_one_piece() -> None:
    assert wrapped(f"Hello,\nsee {ADDRESS}") == f"Hello,\nsee\n{ADDRESS}"
    assert ADDRESS in indented(f"see {ADDRESS} for it").split("\n")[1]


def test_further_lines_of_a_fact_stand_under_its_first() -> None:
    first, *others = indented("word " * 40).split("\n")
    assert first.startswith("word")
    assert others and all(re.match(" {10}word", line) for line in others)


def test_paragraphs_are_what_empty_lines_part() -> None:
    assert list(paragraphs("one\ntwo\n\n\nthree\n\n \n\n")) == ["one\ntwo", "three"]
