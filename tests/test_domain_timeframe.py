"""Wall-clock time turned into instants: a table worked out by hand, and the rules by brute force."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH

import pytest
from hypothesis import given

from bot.domain.intervals import Interval
from bot.domain.timeframe import (
    WORKDAYS,
    TimeFrame,
    TimeRange,
    Weekday,
    clock_changes,
    grid,
    windows,
    zone,
    zone_names,
)
from tests import oracle
from tests.searches import frames, proven

EVERY_DAY = frozenset(Weekday)


def clock(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


def ranges(*texts: str) -> tuple[TimeRange, ...]:
    """Time ranges like `09:00-17:00`."""
    return tuple(TimeRange(*(clock(part) for part in text.split("-"))) for text in texts)


def frame(tz: str, first: str, last: str, *texts: str) -> TimeFrame:
    return TimeFrame(date.fromisoformat(first), date.fromisoformat(last), EVERY_DAY, ranges(*texts), tz)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def one_day(tz: str, day: str, *texts: str) -> list[str]:
    """The windows of one local date as `start/end` in UTC."""
    found = windows(frame(tz, day, day, *texts))
    return [f"{window.start:%Y-%m-%dT%H:%M:%S}/{window.end:%Y-%m-%dT%H:%M:%S}" for window in found]


NO_WINDOW = ""


@pytest.mark.parametrize(
    ("tz", "day", "text", "start", "end"),
    [
        # New York: at 02:00 EST it becomes 03:00 EDT (07:00Z), at 02:00 EDT it becomes 01:00 EST (06:00Z).
        ("America/New_York", "2027-03-14", "09:00-17:00", "2027-03-14T13:00:00", "2027-03-14T21:00:00"),
        ("America/New_York", "2027-03-12", "09:00-17:00", "2027-03-12T14:00:00", "2027-03-12T22:00:00"),
        ("America/New_York", "2027-03-14", "02:30-04:00", "2027-03-14T07:00:00", "2027-03-14T08:00:00"),
        ("America/New_York", "2027-03-14", "01:00-02:30", "2027-03-14T06:00:00", "2027-03-14T07:00:00"),
        ("America/New_York", "2027-03-14", "02:00-03:00", NO_WINDOW, NO_WINDOW),
        ("America/New_York", "2027-03-14", "02:15-02:45", NO_WINDOW, NO_WINDOW),
        ("America/New_York", "2027-03-13", "22:00-02:30", "2027-03-14T03:00:00", "2027-03-14T07:00:00"),
        ("America/New_York", "2027-03-14", "00:00-24:00", "2027-03-14T05:00:00", "2027-03-15T04:00:00"),
        ("America/New_York", "2026-11-01", "01:00-02:00", "2026-11-01T05:00:00", "2026-11-01T07:00:00"),
        ("America/New_York", "2026-11-01", "00:00-01:00", "2026-11-01T04:00:00", "2026-11-01T06:00:00"),
        ("America/New_York", "2026-11-01", "00:00-01:30", "2026-11-01T04:00:00", "2026-11-01T06:30:00"),
        ("America/New_York", "2026-11-01", "01:30-03:00", "2026-11-01T05:30:00", "2026-11-01T08:00:00"),
        ("America/New_York", "2026-11-01", "00:00-00:00", "2026-11-01T04:00:00", "2026-11-02T05:00:00"),
        ("America/New_York", "2026-10-31", "23:00-01:15", "2026-11-01T03:00:00", "2026-11-01T06:15:00"),
        # Berlin: both changes at 01:00Z.
        ("Europe/Berlin", "2026-03-29", "02:30-03:30", "2026-03-29T01:00:00", "2026-03-29T01:30:00"),
        ("Europe/Berlin", "2026-03-29", "01:00-04:00", "2026-03-29T00:00:00", "2026-03-29T02:00:00"),
        ("Europe/Berlin", "2026-10-25", "02:00-03:00", "2026-10-25T00:00:00", "2026-10-25T02:00:00"),
        ("Europe/Berlin", "2026-10-25", "02:30-02:45", "2026-10-25T00:30:00", "2026-10-25T01:45:00"),
        # Lord Howe moves by half an hour: 02:00 +11 becomes 01:30 +10:30, 02:00 +10:30 becomes 02:30 +11.
        ("Australia/Lord_Howe", "2026-04-05", "01:30-02:00", "2026-04-04T14:30:00", "2026-04-04T15:30:00"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45-01:50", "2026-04-04T14:45:00", "2026-04-04T15:20:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15-03:00", "2026-10-03T15:30:00", "2026-10-03T16:00:00"),
        ("Australia/Lord_Howe", "2026-10-04", "02:05-02:25", NO_WINDOW, NO_WINDOW),
        # Casablanca is on +01 but during Ramadan, whose change back to it is a gap like any other.
        ("Africa/Casablanca", "2026-02-15", "02:30-03:30", "2026-02-15T01:30:00", "2026-02-15T03:30:00"),
        ("Africa/Casablanca", "2026-03-22", "02:30-03:30", "2026-03-22T02:00:00", "2026-03-22T02:30:00"),
        ("Africa/Casablanca", "2026-03-02", "09:00-10:00", "2026-03-02T09:00:00", "2026-03-02T10:00:00"),
        # Kathmandu is on +05:45 all year.
        ("Asia/Kathmandu", "2026-12-07", "09:00-10:00", "2026-12-07T03:15:00", "2026-12-07T04:15:00"),
        # St John's is on -03:30 and -02:30; until 2011 its clocks changed at one minute past midnight.
        ("America/St_Johns", "2026-03-08", "02:30-03:30", "2026-03-08T05:30:00", "2026-03-08T06:00:00"),
        ("America/St_Johns", "2026-11-01", "01:00-02:00", "2026-11-01T03:30:00", "2026-11-01T05:30:00"),
        ("America/St_Johns", "2006-04-02", "00:00-00:30", "2006-04-02T03:30:00", "2006-04-02T03:31:00"),
        ("America/St_Johns", "2006-04-02", "00:05-02:00", "2006-04-02T03:31:00", "2006-04-02T04:30:00"),
        # Apia had no 30 December 2011: after the 29th, on -10, came the 31st, on +14 (10:00Z on the 30th).
        ("Pacific/Apia", "2011-12-30", "09:00-17:00", NO_WINDOW, NO_WINDOW),
        ("Pacific/Apia", "2011-12-30", "00:00-24:00", NO_WINDOW, NO_WINDOW),
        ("Pacific/Apia", "2011-12-29", "22:00-02:00", "2011-12-30T08:00:00", "2011-12-30T10:00:00"),
        ("Pacific/Apia", "2011-12-31", "09:00-10:00", "2011-12-30T19:00:00", "2011-12-30T20:00:00"),
        # Beirut and Havana change at midnight: days that begin late, end late or have two beginnings.
        ("Asia/Beirut", "2026-03-29", "00:00-09:00", "2026-03-28T22:00:00", "2026-03-29T06:00:00"),
        ("Asia/Beirut", "2026-10-24", "22:00-23:30", "2026-10-24T19:00:00", "2026-10-24T21:30:00"),
        ("Asia/Beirut", "2026-10-24", "22:00-24:00", "2026-10-24T19:00:00", "2026-10-24T22:00:00"),
        ("America/Havana", "2026-11-01", "00:00-01:00", "2026-11-01T04:00:00", "2026-11-01T06:00:00"),
        ("America/Havana", "2026-10-31", "20:00-24:00", "2026-11-01T00:00:00", "2026-11-01T05:00:00"),
        # Offsets of the past that are no multiple of 5 minutes.
        ("Africa/Monrovia", "1972-01-05", "09:00-10:00", "1972-01-05T09:44:30", "1972-01-05T10:44:30"),
        ("Europe/Berlin", "1890-06-02", "09:00-10:00", "1890-06-02T08:06:32", "1890-06-02T09:06:32"),
    ],
)
def test_range_on_a_date_becomes_these_instants(tz: str, day: str, text: str, start: str, end: str) -> None:
    assert one_day(tz, day, text) == ([] if start == NO_WINDOW else [f"{start}/{end}"])


@proven
@given(frames())
def test_windows_hold_exactly_the_minutes_of_the_rules(asked: TimeFrame) -> None:
    minutes = {
        window.start + number * oracle.MINUTE
        for window in windows(asked)
        for number in range(window.duration // oracle.MINUTE)
    }
    assert minutes == oracle.frame_steps(asked)


@proven
@given(frames())
def test_windows_are_sorted_and_apart(asked: TimeFrame) -> None:
    found = windows(asked)
    assert all(earlier.end < later.start for earlier, later in pairwise(found))


def test_ranges_that_overlap_or_touch_become_one_window() -> None:
    assert one_day("UTC", "2026-12-07", "13:00-15:00", "09:00-12:00", "12:00-13:00", "14:00-16:00") == [
        "2026-12-07T09:00:00/2026-12-07T16:00:00"
    ]


def test_whole_days_touch_across_the_day_that_apia_skipped() -> None:
    assert windows(frame("Pacific/Apia", "2011-12-29", "2011-12-31", "00:00-00:00")) == (
        Interval(instant("2011-12-29T10:00"), instant("2011-12-31T10:00")),
    )


def test_range_past_midnight_belongs_to_the_day_it_starts_on() -> None:
    friday = TimeFrame(date(2026, 12, 7), date(2026, 12, 13), frozenset({Weekday.FRI}), ranges("22:00-02:00"), "UTC")
    assert windows(friday) == (Interval(instant("2026-12-11T22:00"), instant("2026-12-12T02:00")),)


def test_grid_begins_anew_in_each_window_and_ends_where_the_meeting_no_longer_fits() -> None:
    day = frame("UTC", "2026-12-07", "2026-12-07", "09:10-10:00", "11:00-11:30")
    assert [f"{start:%H:%M}" for start in grid(day, timedelta(minutes=30), timedelta(minutes=20))] == [
        "09:10",
        "09:30",
        "11:00",
    ]


def test_grid_steps_in_elapsed_time_through_a_clock_change() -> None:
    night = frame("America/New_York", "2027-03-14", "2027-03-14", "01:00-04:00")
    starts = grid(night, timedelta(hours=1), timedelta(hours=1))
    assert [f"{start.astimezone(zone('America/New_York')):%H:%M}" for start in starts] == ["01:00", "03:00"]


@pytest.mark.parametrize(
    ("tz", "first", "last", "dates"),
    [
        ("America/New_York", "2027-03-01", "2027-11-30", [date(2027, 3, 14), date(2027, 11, 7)]),
        ("America/New_York", "2027-03-14", "2027-03-14", [date(2027, 3, 14)]),
        ("America/New_York", "2027-03-15", "2027-11-06", []),
        ("Asia/Kathmandu", "2026-01-01", "2026-12-31", []),
        ("Australia/Lord_Howe", "2026-04-01", "2026-04-30", [date(2026, 4, 5)]),
        ("Asia/Beirut", "2026-03-29", "2026-03-29", [date(2026, 3, 29)]),
        ("Asia/Beirut", "2026-10-24", "2026-10-24", [date(2026, 10, 24)]),
        ("Pacific/Apia", "2011-12-30", "2011-12-31", [date(2011, 12, 31)]),
    ],
)
def test_clock_changes_are_the_dates_on_which_the_offset_changes(
    tz: str, first: str, last: str, dates: list[date]
) -> None:
    assert list(clock_changes(frame(tz, first, last, "09:00-17:00"))) == dates


@proven
@given(frames())
def test_clock_changes_agree_with_looking_at_every_minute(asked: TimeFrame) -> None:
    assert list(clock_changes(asked)) == oracle.clock_changes(asked)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("start_date", {"start_date": date(1, 1, 1)}),
        ("end_date", {"end_date": date(2026, 12, 6)}),
        ("end_date", {"end_date": date.max}),
        ("weekdays", {"weekdays": frozenset()}),
        ("time_ranges", {"time_ranges": ()}),
        ("time_zone", {"time_zone": "Mars/Olympus"}),
        ("time_zone", {"time_zone": "localtime"}),
        ("time_zone", {"time_zone": "right/Europe/Berlin"}),
        ("time_zone", {"time_zone": "America"}),
        ("time_zone", {"time_zone": ""}),
        ("time_zone", {"time_zone": "../etc/passwd"}),
        ("time_zone", {"time_zone": "UTC\0"}),
        ("time_zone", {"time_zone": "x" * 5000}),
        ("time_zone", {"time_zone": "\ud800"}),
    ],
)
def test_frame_that_makes_no_sense_cannot_be_built(field: str, change: dict[str, object]) -> None:
    good: dict[str, object] = {
        "start_date": date(2026, 12, 7),
        "end_date": date(2026, 12, 8),
        "weekdays": WORKDAYS,
        "time_ranges": ranges("09:00-17:00"),
        "time_zone": "UTC",
    }
    with pytest.raises(ValueError, match=rf"^{field}: "):
        TimeFrame(**{**good, **change})  # type: ignore[arg-type]  # wrong values are the point


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [(time(9, 1), time(10), "start"), (time(9), time(10, 0, 1), "end"), (time(9, tzinfo=UTC), time(10), "start")],
)
def test_range_boundary_off_the_raster_cannot_be_built(start: time, end: time, field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: "):
        TimeRange(start, end)


def test_no_zone_ever_changed_its_offset_twice_within_two_days() -> None:
    """The engine looks at clocks when dates begin, and would miss a change that is taken back before the next one."""
    for name in zone_names():
        changes = list(offset_changes(name))
        assert all(later - earlier > 2 * 86_400 for earlier, later in pairwise(changes)), name


def offset_changes(name: str) -> Iterator[int]:
    """When a zone's offset from UTC has changed, in seconds since 1970, by its compiled file (RFC 9636)."""
    data = compiled(name)
    first = struct.unpack(">6l", data[20:44])
    at = 44 + first[3] * 5 + first[4] * 6 + first[5] + first[2] * 8 + first[1] + first[0]  # after the 32-bit block
    _, _, _, times, types, _ = struct.unpack(">6l", data[at + 20 : at + 44])
    at += 44
    moments = struct.unpack(f">{times}q", data[at : at + times * 8])
    kinds = data[at + times * 8 : at + times * 9]
    at += times * 9
    offsets = [struct.unpack(">l", data[at + number * 6 : at + number * 6 + 4])[0] for number in range(types)]
    present = offsets[0]
    for moment, kind in zip(moments, kinds, strict=True):
        if offsets[kind] != present:
            present = offsets[kind]
            yield moment


def compiled(name: str) -> bytes:
    for folder in TZPATH:
        if (path := Path(folder, name)).is_file():
            return path.read_bytes()
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
