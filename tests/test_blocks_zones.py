"""Finding a time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import available_timezones

import pytest

from blocks.elements import width
from blocks.zones import search_zones, zone_option

WINTER = datetime(2026, 12, 1, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, tzinfo=UTC)


def found(query: str, now: datetime = WINTER) -> list[str]:
    return [option.value for option in search_zones(query, now)]


@pytest.mark.parametrize(
    ("query", "zone"),
    [
        ("new york", "America/New_York"),
        ("New_York", "America/New_York"),
        ("york", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("eastern", "America/New_York"),
        ("Pacific Time", "America/Los_Angeles"),
        ("EST", "America/New_York"),
        ("germany", "Europe/Berlin"),
        ("munich", "Europe/Berlin"),
        ("india", "Asia/Kolkata"),
        ("mumbai", "Asia/Kolkata"),
        ("+5:30", "Asia/Kolkata"),
        ("UTC+05:30", "Asia/Kolkata"),
        ("utc−3:30", "America/St_Johns"),
        ("gmt+5:45", "Asia/Kathmandu"),
        ("lord howe", "Australia/Lord_Howe"),
        ("calcutta", "Asia/Calcutta"),
        ("us/eastern", "US/Eastern"),
        ("utc", "UTC"),
    ],
)
def test_a_zone_is_found_as_people_call_it(query: str, zone: str) -> None:
    assert found(query)[0] == zone


def test_every_iana_zone_can_be_found_by_its_name() -> None:
    zones = available_timezones() - {"Factory", "localtime", "posixrules"}
    assert [zone for zone in sorted(zones) if zone not in found(zone)] == []


def test_offsets_are_those_of_the_day() -> None:
    assert zone_option("America/New_York", WINTER).text == "New York · UTC−05:00 · America/New_York"
    assert zone_option("America/New_York", SUMMER).text == "New York · UTC−04:00 · America/New_York"
    assert "America/New_York" in found("utc-4", SUMMER)
    assert "America/New_York" not in found("utc-4", WINTER)


def test_before_typing_the_persons_own_zone_comes_first() -> None:
    options = search_zones("", WINTER, first=["Europe/Zurich", "No/Such"])
    assert [option.value for option in options][:2] == ["Europe/Zurich", "Pacific/Honolulu"]


def test_every_answer_fits_into_a_menu() -> None:
    for query in ("", "a", "e", "utc", "america", "+1"):
        options = search_zones(query, WINTER)
        assert 0 < len(options) <= 100
        assert all(width(option.text or "") <= 75 for option in options)


def test_nonsense_finds_nothing() -> None:
    assert found("xyzzy") == []
    assert found("+") == []
