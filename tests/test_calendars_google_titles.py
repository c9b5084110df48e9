"""Titles of one's own events at Google: all that count as busy, none that are private, and none from half an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.calendars.google.events import event_id
from bot.domain.intervals import Interval
from bot.errors import CalendarUnreadableError
from tests.calendar_contract import DAY, HOUR, MEETING, PATIENCE_S, WINDOW, Kind, busy, titles
from tests.google_bench import COLLEAGUE, OWNER, GoogleBench, benched, put_event
from tests.google_server import as_json, utc
from tests.test_calendars_google_faults import FAULTS

SHOWN = {
    "fine": {"items": [], "timeZone": "UTC"},
    "no list": {"items": {}},
    "no times": {"items": [{"summary": "Dentist", "status": "confirmed"}]},
    "no offset": {"items": [{"summary": "Dentist", "start": {"dateTime": "soon"}, "end": {"dateTime": "later"}}]},
    "no object": {"items": [7]},
}


@pytest.fixture
def bench() -> Iterator[GoogleBench]:
    with benched() as bench:
        yield bench


def test_every_calendar_that_counts_is_read_page_by_page(bench: GoogleBench) -> None:
    work = bench.google.calendar(OWNER, "work@group.example")
    for hour in range(5):
        at = Interval(MEETING.start + hour * DAY, MEETING.end + hour * DAY)
        put_event(work, ({"dateTime": utc(at.start)}, {"dateTime": utc(at.end)}), {"summary": f"Work {hour}"})
    bench.put(Kind.BUSY, MEETING, title="Dentist")
    assert [title for _, title in titles(bench)] == ["Dentist", "Work 0", "Work 1", "Work 2", "Work 3", "Work 4"]
    chosen = replace(bench.connection, busy_calendars=(OWNER,))
    assert bench.provider.titles(chosen, WINDOW, timeout_s=PATIENCE_S) == [(MEETING, "Dentist")]


def test_a_calendar_of_somebody_else_that_counts_shows_when_and_not_what(bench: GoogleBench) -> None:
    bench.others.readers.add(OWNER)
    put_event(
        bench.others, ({"dateTime": utc(MEETING.start)}, {"dateTime": utc(MEETING.end)}), {"summary": "Interview"}
    )
    chosen = replace(bench.connection, busy_calendars=(COLLEAGUE,))
    assert bench.provider.titles(chosen, WINDOW, timeout_s=PATIENCE_S) == []
    assert bench.provider.free_busy([chosen], WINDOW, timeout_s=PATIENCE_S)[chosen.id].busy == (MEETING,)


@pytest.mark.parametrize("visibility", ["private", "confidential", "something new"])
def test_what_is_not_for_everybody_is_not_shown(bench: GoogleBench, visibility: str) -> None:
    bench.put(Kind.BUSY, MEETING, title="Dentist")
    (event,) = bench.own.events.values()
    shown = {**event, "visibility": visibility}
    bench.google.go_wrong("GET .*/events null", as_json(200, {"items": [shown], "timeZone": "UTC"}))
    assert titles(bench) == []


def test_an_all_day_event_is_over_the_calendars_own_day(bench: GoogleBench) -> None:
    day = bench.all_day(Kind.ALL_DAY)
    for event in bench.own.events.values():
        event["summary"] = "Conference"
    assert titles(bench) == [(day, "Conference")]


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_no_title_and_no_free_time(bench: GoogleBench, name: str) -> None:
    bench.put(Kind.BUSY, MEETING, title="Dentist")
    bench.google.go_wrong("GET .*/events null", FAULTS[name][0])
    with pytest.raises(CalendarUnreadableError):
        titles(bench)
    bench.credentials.broken.clear()  # a 401 says something about the connection, too
    assert busy(bench) == (MEETING,), "what is busy is another question"


@pytest.mark.parametrize("name", SHOWN)
def test_answer_that_makes_no_sense_is_no_title(bench: GoogleBench, name: str) -> None:
    bench.google.go_wrong("GET .*/events null", as_json(200, SHOWN[name]))
    if name == "fine":
        assert titles(bench) == []
        return
    with pytest.raises(CalendarUnreadableError):
        titles(bench)


def test_pages_without_an_end_are_given_up(bench: GoogleBench) -> None:
    bench.google.go_wrong(
        "GET .*/events null", as_json(200, {"items": [], "timeZone": "UTC", "nextPageToken": "again"})
    )
    with pytest.raises(CalendarUnreadableError):
        titles(bench)


def test_late_answer_is_no_title(bench: GoogleBench) -> None:
    bench.stall()
    with pytest.raises(CalendarUnreadableError):
        bench.provider.titles(bench.connection, Interval(MEETING.start, MEETING.start + HOUR), timeout_s=0.3)


def test_only_the_days_that_are_shown_are_asked_for(bench: GoogleBench) -> None:
    bench.provider.titles(
        bench.connection, Interval(MEETING.start, MEETING.start + timedelta(days=5)), timeout_s=PATIENCE_S
    )
    (asked,) = bench.google.requests("GET .*/events$")
    assert (asked.query["timeMin"], asked.query["timeMax"]) == (["2027-03-01T12:00:00Z"], ["2027-03-06T12:00:00Z"])
    assert asked.query["singleEvents"] == ["true"]


# ---------------------------------------------------------------- rooms

ROOM = "atlas@resource.example"
UID = "meeting-1@inviteonce"


def of_room(bench: GoogleBench, *items: dict[str, object]) -> list[Interval]:
    """What Google says of the room's events, as far as it shows any."""
    bench.google.go_wrong("GET .*/events null", as_json(200, {"items": list(items), "timeZone": "UTC"}))
    found = bench.provider.busy_besides(bench.connection, {UID}, MEETING, timeout_s=PATIENCE_S, calendar=ROOM)
    return list(found)


def item(event: str) -> dict[str, object]:
    times = {"start": {"dateTime": utc(MEETING.start)}, "end": {"dateTime": utc(MEETING.end)}}
    return {"id": event, "status": "confirmed", **times}


@pytest.mark.parametrize(("others", "blocks"), [([], []), (["theirs"], [MEETING])])
def test_a_room_whose_events_are_shown_is_free_but_for_others(
    bench: GoogleBench, others: list[str], blocks: list[Interval]
) -> None:
    assert of_room(bench, item(event_id(UID)), *map(item, others)) == blocks


@pytest.mark.parametrize("shown", [[], ["theirs"]])
def test_a_room_that_does_not_show_our_own_event_says_nothing(bench: GoogleBench, shown: list[str]) -> None:
    with pytest.raises(CalendarUnreadableError):
        of_room(bench, *map(item, shown))
