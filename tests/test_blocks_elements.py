"""Text that fits and is harmless."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import elements as e

FAMILY = "👩\u200d👩\u200d👧"


@given(st.text(max_size=300), st.integers(1, 100))
def test_cut_text_fits_by_every_way_of_counting(text: str, limit: int) -> None:
    shown = e.cut(text, limit)
    assert len(shown) <= limit
    assert len(shown.encode("utf-16-le", "surrogatepass")) // 2 <= limit
    assert shown == text or shown.endswith("…")


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Anna", 4, "Anna"),
        ("Annabel", 4, "Ann…"),
        ("Anna Ruiz", 6, "Anna…"),
        (FAMILY * 2, e.width(FAMILY) + 1, f"{FAMILY}…"),
        (FAMILY * 2, e.width(FAMILY), "…"),
        ("👍🏽👍🏽", 5, "👍🏽…"),
        ("👍🏽👍🏽", 4, "…"),
        ("🇩🇪🇫🇷", 7, "🇩🇪…"),
        ("🇩🇪🇫🇷🇮🇹", 10, "🇩🇪🇫🇷…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("❤\ufe0f❤\ufe0f", 3, "❤\ufe0f…"),
    ],
)
def test_no_visible_character_is_cut_in_two(text: str, limit: int, shown: str) -> None:
    assert e.cut(text, limit) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("R&D", "R&amp;D"),
        ("*bold*", "∗bold∗"),
        ("_it_", "ˍitˍ"),
        ("snake_case_name", "snake_case_name"),
        ("~no~ `code`", "∼no∼ ˋcodeˋ"),
        ("a\u202eb", "ab"),
        ("a\x00b\x1bc", "abc"),
        ("two\nlines", "two\nlines"),
    ],
)
def test_user_text_reads_the_same_and_does_nothing(text: str, shown: str) -> None:
    assert e.escape(text) == shown


@given(st.text())
def test_escaped_text_holds_no_markup(text: str) -> None:
    shown = e.escape(text)
    assert not set("<>*~`") & set(shown)
    assert "&" not in shown.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")


@given(st.text(max_size=200))
def test_a_name_is_one_line_that_fits(text: str) -> None:
    shown = e.name(text)
    assert "\n" not in shown
    assert e.width(shown.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")) <= e.NAME_LIMIT


@given(st.text("&<>a `\n", max_size=4000), st.integers(50, 3000))
def test_paragraphs_fit_with_their_entities(text: str, limit: int) -> None:
    assert e.width(e.paragraph(text, limit)) <= limit


def test_the_count_is_said_in_three_ways() -> None:
    assert [e.slots(n) for n in (0, 1, 2, 34)] == [
        "No times are available",
        "1 available time slot",
        "2 available time slots",
        "34 available time slots",
    ]


@pytest.mark.parametrize(
    ("length_min", "words"),
    [(0, "none"), (1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (480, "8 hours")],
)
def test_lengths_are_said_in_words(length_min: int, words: str) -> None:
    assert e.minutes(timedelta(minutes=length_min)) == words


def test_days_are_short_and_times_name_their_zone() -> None:
    instant = datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert e.day(date(2026, 12, 1)) == "Tue 1 Dec"
    assert e.time_in_zone(instant, "Europe/Berlin") == "Tue 1 Dec 2026, 15:00 (Europe/Berlin)"
    assert e.local_time(instant, "Europe/Berlin") == (
        "<!date^1796133600^{date_long_pretty}, {time}|Tue 1 Dec 2026, 15:00 (Europe/Berlin)>"
    )


def test_a_long_note_becomes_a_paragraph() -> None:
    assert e.alert("short").to_dict()["type"] == "alert"
    assert e.alert("x" * 201).to_dict()["type"] == "section"


def test_what_is_empty_is_still_shown_as_something() -> None:
    assert e.plain(" \n", 10).text == "–"
    assert e.bold("  ") == ""


def test_each_zone_has_its_own_day_of_the_same_instant() -> None:
    instant = datetime(2026, 11, 23, 2, 42, tzinfo=UTC)
    assert e.time_in_zone(instant, "America/New_York") == "Sun 22 Nov 2026, 21:42 (America/New_York)"
    assert e.time_in_zone(instant, "Europe/Berlin") == "Mon 23 Nov 2026, 03:42 (Europe/Berlin)"
