"""Times, names and places as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.invitation import Conferencing, ConferencingKind
from bot.domain.typed import one_line, plain
from bot.domain.wording import (
    ClockStyle,
    duration_text,
    first_name,
    join_link,
    joined,
    moment,
    place,
    slot_of_stamp,
    slot_stamp,
)
from tests import customer_cast as cast

HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("language", "style"),
    [
        ("en-US", ClockStyle.TWELVE),
        ("en_us", ClockStyle.TWELVE),
        ("en-GB", "24"),
        ("en", "24"),
        ("de-DE", "24"),
        ("", "24"),
    ],
)
def test_only_american_english_has_the_12_hour_clock(language: str, style: ClockStyle) -> None:
    assert ClockStyle.of(language) == style


@pytest.mark.parametrize(
    ("instant", "zone", "expected"),
    [
        ("2026-12-01T15:00Z", "Europe/Berlin", "Tuesday, 1 December 2026, 16:00–16:30, Europe/Berlin (UTC+01:00)"),
        ("2026-12-01T15:00Z", "Asia/Kathmandu", "Tuesday, 1 December 2026, 20:45–21:15, Asia/Kathmandu (UTC+05:45)"),
        (
            "2026-12-01T15:00Z",
            "America/St_Johns",
            "Tuesday, 1 December 2026, 11:30–12:00, America/St_Johns (UTC-03:30)",
        ),
        ("2026-12-01T15:00Z", "UTC", "Tuesday, 1 December 2026, 15:00–15:30, UTC"),
        ("2026-12-01T15:00Z", "Europe/London", "Tuesday, 1 December 2026, 15:00–15:30, Europe/London (UTC+00:00)"),
        # The clocks go back between start and end, and forward.
        (
            "2026-11-01T05:45Z",
            "America/New_York",
            "Sunday, 1 November 2026, 01:45–01:15 (UTC-05:00), America/New_York (UTC-04:00)",
        ),
        (
            "2027-03-14T06:45Z",
            "America/New_York",
            "Sunday, 14 March 2027, 01:45–03:15 (UTC-04:00), America/New_York (UTC-05:00)",
        ),
    ],
)
def test_moment_names_day_time_zone_and_offset(instant: str, zone: str, expected: str) -> None:
    assert str(moment(datetime.fromisoformat(instant), HALF_HOUR, zone, ClockStyle.TWENTY_FOUR)) == expected


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, "12:00 AM"), (1, "1:00 AM"), (11, "11:00 AM"), (12, "12:00 PM"), (13, "1:00 PM")]
)
def test_12_hour_clock_knows_midnight_and_noon(hour: int, expected: str) -> None:
    start = datetime(2026, 12, 1, hour, tzinfo=UTC)
    assert moment(start, HALF_HOUR, "UTC", ClockStyle.TWELVE).clock == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(5, "5 minutes"), (45, "45 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (480, "8 hours")],
)
def test_duration_is_told_in_hours_and_minutes(minutes: int, expected: str) -> None:
    assert duration_text(timedelta(minutes=minutes)) == expected


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Anna Ruiz", "Anna"),
        ("Jean-Luc Picard", "Jean-Luc"),
        ("Ana María López", "Ana"),
        ("Anna", "Anna"),
        ("Dr. Anna Ruiz", "Dr. Anna Ruiz"),
        ("J. Doe", "J. Doe"),
        ("IBM Support", "IBM Support"),
        ("山田 太郎", "山田 太郎"),
        ("Juan Carlos de la Vega", "Juan Carlos de la Vega"),
        ("Anna Ruiz 😀", "Anna Ruiz 😀"),
        ("<b>Anna</b> Ruiz", "<b>Anna</b> Ruiz"),
        ("", ""),
    ],
)
def test_first_name_only_where_it_is_certain(name: str, called: str) -> None:
    assert first_name(name) == called


def test_names_are_joined_as_in_a_sentence() -> None:
    assert joined([]) == ""
    assert joined(["Dana"]) == "Dana"
    assert joined(["Dana", "Priya"]) == "Dana and Priya"
    assert joined(["Dana", "Priya", "Sam"]) == "Dana, Priya and Sam"


@pytest.mark.parametrize("start", [cast.START, datetime(2027, 1, 1, tzinfo=UTC)])
def test_stamp_of_a_slot_leads_back_to_it(start: datetime) -> None:
    assert slot_of_stamp(slot_stamp(start)) == start


@pytest.mark.parametrize(
    "stamp",
    [
        "",
        "book",
        "20261201T150000",
        "20261301T150000Z",
        "2026120T150000Z",
        "20261201t150000z",
        "20261201T15000Z",
        "２０261201T150000Z",
    ],
)
def test_anything_else_is_no_stamp(stamp: str) -> None:
    assert slot_of_stamp(stamp) is None


def test_one_line_has_no_breaks_and_turns_no_text_around() -> None:
    assert one_line("a\r\nb\tc\u2028d\u202ee\x00f  g") == "a b c def g"
    assert one_line("مرحبا") == "مرحبا"


def test_plain_keeps_paragraphs() -> None:
    assert plain("a\r\n\r\nb\rc\td") == "a\n\nb\nc\td"
    assert plain("\ud800x") == "x"


def test_link_is_only_told_to_those_who_have_booked() -> None:
    assert "video.example.com" not in place(cast.DETAILS, booked=False)
    assert place(cast.DETAILS, booked=True) == "Video call"
    with_room = replace(cast.DETAILS, conferencing=Conferencing(ConferencingKind.IN_PERSON), location="Room Atlas")
    assert place(with_room, booked=False) == "In person, Room Atlas"


@pytest.mark.parametrize("detail", ["javascript:alert(1)", "data:text/html,x", "meet.example.com/x", ""])
def test_only_web_addresses_are_opened(detail: str) -> None:
    assert join_link(replace(cast.DETAILS, conferencing=Conferencing(ConferencingKind.LINK, detail))) == ""
