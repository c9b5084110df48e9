"""Titles at Microsoft 365: of one's own events, and of colleagues' who share more than when they are busy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.intervals import Interval
from bot.errors import CalendarUnreadableError
from tests.calendar_contract import DAY, HOUR, MEETING, NOON, PATIENCE_S, WINDOW, Kind, busy, titles
from tests.microsoft_bench import OTHERS_ADDRESS, MicrosoftBench, microsoft_bench, midnight
from tests.test_calendars_microsoft_busy import FAULTS
from tests.vendor_server import STALL, Response


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


def theirs(bench: MicrosoftBench, address: str = OTHERS_ADDRESS, window: Interval = WINDOW) -> list[object]:
    return list(bench.provider.titles_of(bench.connection, address, window, timeout_s=PATIENCE_S))


def test_every_calendar_that_counts_is_read(bench: MicrosoftBench) -> None:
    projects = bench.mailbox.add_calendar("Projects")
    bench.mailbox.add(NOON, NOON + HOUR, subject="Kick-off", calendar=projects)
    bench.put(Kind.BUSY, MEETING, title="Dentist")
    bench.graph.page_size = 1
    assert [title for _, title in titles(bench)] == ["Dentist", "Kick-off"]
    chosen = bench.choose(projects)
    assert bench.provider.titles(chosen, WINDOW, timeout_s=PATIENCE_S) == [(MEETING, "Kick-off")]


def test_a_personal_account_has_titles_too(bench: MicrosoftBench) -> None:
    bench.graph.mailbox("dana@outlook.example").add(NOON, NOON + HOUR, subject="Choir")
    personal = bench.connect("dana@outlook.example", personal=True)
    assert bench.provider.titles(personal, WINDOW, timeout_s=PATIENCE_S) == [(MEETING, "Choir")]
    assert list(bench.provider.titles_of(personal, OTHERS_ADDRESS, WINDOW, timeout_s=PATIENCE_S)) == []


@pytest.mark.parametrize("sensitivity", ["personal", "private", "confidential", "something new"])
def test_what_is_not_for_everybody_is_not_shown(bench: MicrosoftBench, sensitivity: str) -> None:
    bench.mailbox.add(NOON, NOON + HOUR, subject="Dentist", sensitivity=sensitivity)
    assert titles(bench) == []
    assert busy(bench) == (MEETING,)


def test_an_all_day_event_is_over_its_owners_day(bench: MicrosoftBench) -> None:
    item = bench.mailbox.add_day(midnight(2027, 3, 1), subject="Conference")
    assert titles(bench) == [(Interval(*item.instants()), "Conference")]


def test_colleague_who_shares_details_is_shown_and_no_other(bench: MicrosoftBench) -> None:
    oli = bench.graph.mailbox(OTHERS_ADDRESS)
    oli.add(NOON, NOON + HOUR, subject="Interview")
    oli.add(NOON + DAY, NOON + DAY + HOUR, subject="Dentist", sensitivity="private")
    oli.add(NOON + 2 * DAY, NOON + 2 * DAY + HOUR, subject="Lunch", show_as="free")
    assert theirs(bench) == []
    oli.shares_details = True
    assert theirs(bench) == [(MEETING, "Interview")]
    oli.shares = False
    assert theirs(bench) == []
    assert theirs(bench, "stranger@elsewhere.example") == theirs(bench, "no address") == []


def test_a_long_window_is_asked_in_pieces(bench: MicrosoftBench) -> None:
    oli = bench.graph.mailbox(OTHERS_ADDRESS, shares_details=True)
    oli.shares_details = True
    for week in range(12):
        oli.add(NOON + 7 * week * DAY, NOON + 7 * week * DAY + HOUR, subject=f"Week {week}")
    assert len(theirs(bench, window=Interval(NOON - DAY, NOON + 90 * DAY))) == 12


@pytest.mark.parametrize("path", ["/me/calendars", "/calendarView"])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_no_title(bench: MicrosoftBench, path: str, fault: str) -> None:
    bench.put(Kind.BUSY, MEETING, title="Dentist")
    bench.graph.http.will_answer("", path, FAULTS[fault][0])
    with pytest.raises(CalendarUnreadableError):
        titles(bench)


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_no_title_of_a_colleagues(bench: MicrosoftBench, fault: str) -> None:
    bench.graph.http.will_answer("", "/getSchedule", FAULTS[fault][0])
    with pytest.raises(CalendarUnreadableError):
        theirs(bench)


@pytest.mark.parametrize("wrong", [{"value": []}, {"value": [7]}, {"value": [{"scheduleItems": [{}]}]}, {}])
def test_answer_that_makes_no_sense_is_no_title(bench: MicrosoftBench, wrong: object) -> None:
    bench.graph.http.will_answer("", "/getSchedule", Response(200, wrong))
    with pytest.raises(CalendarUnreadableError):
        theirs(bench)


@pytest.mark.parametrize("wrong", [None, 7, {"subject": "Dentist"}, {"showAs": "busy", "sensitivity": "normal"}])
def test_event_that_makes_no_sense_is_no_title(bench: MicrosoftBench, wrong: object) -> None:
    bench.graph.http.will_answer("GET", "/calendarView", Response(200, {"value": [wrong]}))
    with pytest.raises(CalendarUnreadableError):
        titles(bench)


def test_late_answer_is_no_title(bench: MicrosoftBench) -> None:
    bench.graph.http.will_answer("GET", "/calendarView", STALL)
    with pytest.raises(CalendarUnreadableError):
        bench.provider.titles(bench.connection, WINDOW, timeout_s=0.5)
