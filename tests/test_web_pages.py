"""Zones, clocks and days on the Customer's pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from bot.domain.wording import ClockStyle
from bot.web.pages import days_of, months_of
from bot.web.reading import is_zone, preferred_language, zone_options
from tests import customer_cast as cast
from tests.customer_pages import FakeBooking, app, booked

PAGE = f"/i/{cast.TOKEN}"
UNKNOWN_ZONE = cast.invitation(participant=replace(cast.ANNA, time_zone=None))


def page(booking: FakeBooking, query: str = "", language: str = "en-GB") -> str:
    return TestClient(app(booking), headers={"accept-language": language}).get(PAGE + query).text


def starts(*instants: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(instant) for instant in instants)


@pytest.mark.parametrize(
    ("booking", "query", "zone"),
    [
        (FakeBooking(), "", "Europe/Berlin"),
        (FakeBooking(UNKNOWN_ZONE), "", "America/New_York"),
        (FakeBooking(), "?tz=Asia/Tokyo", "Asia/Tokyo"),
        (FakeBooking(), "?tz=Nowhere/Else", "Europe/Berlin"),
        (FakeBooking(), "?tz=", "Europe/Berlin"),
        (FakeBooking(), "?tz=Asia/Calcutta", "Asia/Kolkata"),
        (FakeBooking(), "?tz=Etc/GMT%2B5", "Etc/GMT+5"),
        (booked(zone="Asia/Tokyo"), "", "Asia/Tokyo"),
        (booked(zone="Asia/Tokyo"), "?tz=Asia/Seoul", "Asia/Seoul"),
    ],
)
def test_zone_is_the_chosen_the_booked_the_known_or_the_frame_s(booking: FakeBooking, query: str, zone: str) -> None:
    assert f'data-zone="{zone}"' in page(booking, query)


def test_browser_is_asked_only_while_nobody_has_said_the_zone() -> None:
    assert "data-ask-browser" in page(FakeBooking(UNKNOWN_ZONE))
    assert "data-ask-browser" not in page(FakeBooking())
    assert "data-ask-browser" not in page(FakeBooking(UNKNOWN_ZONE), "?tz=Asia/Tokyo")
    # Else a browser with a zone that we do not know would be sent round for ever.
    assert "data-ask-browser" not in page(FakeBooking(UNKNOWN_ZONE), "?tz=Mars/Olympus")


def test_chosen_zone_goes_along_with_every_slot() -> None:
    html = page(FakeBooking(), "?tz=Etc/GMT%2B5")
    assert f'href="{PAGE}/20261201T150000Z?tz=Etc%2FGMT%2B5"' in html


def test_zone_is_named_beside_the_times_and_the_inviter_s_too() -> None:
    html = page(FakeBooking())
    assert html.count('Europe/Berlin <span class="keep">(UTC+01:00)') == 4
    assert 'Dana</bdi> is in <span class="keep">America/New_York (UTC-05:00)' in html


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en-US,en;q=0.9", "3:00 PM"), ("en-GB", "15:00"), ("de", "15:00"), ("fr;q=0.5,en-US", "3:00 PM")],
)
def test_clock_follows_the_language(language: str, expected: str) -> None:
    assert f">{expected}</time>" in page(FakeBooking(), language=language)


@pytest.mark.parametrize(("asked", "expected"), [("", "3:00 PM"), ("*", "3:00 PM"), ("en-GB", "15:00")])
def test_clock_is_that_of_the_email_where_the_browser_names_no_language(asked: str, expected: str) -> None:
    american = cast.invitation(letter=replace(cast.LETTER, language="en-US"))
    assert f">{expected}</time>" in page(FakeBooking(american), language=asked)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", ""),
        ("en-US", "en-US"),
        ("de;q=0.8, en-US;q=0.9", "en-US"),
        ("de, en-US;q=0.9", "de"),
        ("de;q=x, en-GB;q=0.1", "en-GB"),
        (";;;,,,", ""),
    ],
)
def test_preferred_language_is_the_best_ranked(header: str, language: str) -> None:
    request = Request({"type": "http", "headers": [(b"accept-language", header.encode())]})
    assert preferred_language(request) == language


def test_every_zone_of_the_world_can_be_chosen() -> None:
    options = str(zone_options())
    for zone in ("Europe/Berlin", "America/Argentina/Buenos_Aires", "Pacific/Apia", "Asia/Kathmandu"):
        assert f'value="{zone}"' in options
    assert all(is_zone(zone) for zone in re.findall(r'value="([^"]+)"', options))
    assert not is_zone("localtime")
    assert not is_zone("")


def test_clock_change_gives_each_day_its_own_offset() -> None:
    days = days_of(starts("2027-03-12T14:00Z", "2027-03-15T14:00Z"), "America/New_York", ClockStyle.TWENTY_FOUR)
    assert [(day.offset, day.slots[0].label) for day in days] == [("UTC-05:00", "09:00"), ("UTC-04:00", "10:00")]
    html = page(FakeBooking(UNKNOWN_ZONE, starts("2027-03-12T14:00Z", "2027-03-15T14:00Z")))
    assert "The clocks change" in html
    assert "The clocks change" not in page(FakeBooking())


def test_hour_that_comes_twice_is_told_apart_by_offset() -> None:
    (day,) = days_of(starts("2026-11-01T05:30Z", "2026-11-01T06:30Z"), "America/New_York", ClockStyle.TWENTY_FOUR)
    assert [(slot.label, slot.offset) for slot in day.slots] == [("01:30", "UTC-04:00"), ("01:30", "UTC-05:00")]


def test_days_are_the_reader_s_days() -> None:
    instants = starts("2026-12-01T09:30Z", "2026-12-01T10:30Z")
    assert len(days_of(instants, "UTC", ClockStyle.TWENTY_FOUR)) == 1
    assert [str(day.date) for day in days_of(instants, "Pacific/Kiritimati", ClockStyle.TWENTY_FOUR)] == [
        "2026-12-01",
        "2026-12-02",
    ]


def test_picker_covers_the_months_and_begins_the_week_as_the_language_does() -> None:
    days = days_of(starts("2026-12-01T12:00Z", "2027-02-28T12:00Z"), "UTC", ClockStyle.TWENTY_FOUR)
    months = months_of(days, ClockStyle.TWENTY_FOUR)
    assert [month.title for month in months] == ["December 2026", "January 2027", "February 2027"]
    assert [len(week) for month in months for week in month.weeks] == [7] * sum(len(m.weeks) for m in months)
    assert months[0].weekdays[0] == "Mon"
    assert months[0].weeks[0].index(days[0].date) == 1
    american = months_of(days, ClockStyle.TWELVE)
    assert american[0].weekdays[0] == "Sun"
    assert american[0].weeks[0].index(days[0].date) == 2
    assert months_of((), ClockStyle.TWELVE) == ()


def test_a_long_frame_is_still_one_page() -> None:
    many = tuple(datetime(2026, 12, 1, 9, tzinfo=UTC) + timedelta(minutes=15 * n) for n in range(3000))
    html = page(FakeBooking(starts=many))
    assert html.count('class="slot"') == 3000
