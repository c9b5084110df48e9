"""Everything that can go wrong with Google: not available, with a reason fit for a person, and never free."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.calendar import FreeBusy
from bot.errors import CalendarUnreadableError, DeliveryError
from tests.calendar_contract import MEETING, PATIENCE_S, WINDOW, Kind, an_event
from tests.google_bench import COLLEAGUE, GoogleBench, benched, benched_until
from tests.google_server import Reply, as_json, error

HTML = Reply(200, b"<!doctype html><title>Sign in</title>", {"content-type": "text/html"})
GOOD = as_json(200, {"kind": "calendar#freeBusy", "calendars": {}, "items": [], "filler": "x" * 500})

FAULTS: dict[str, tuple[Reply, str]] = {
    "400": (error(400, "invalid"), "did not accept the form"),
    "401": (error(401, "authError"), "connection"),
    "401 from a proxy": (replace(HTML, status=401), "makes no sense"),
    "403": (error(403, "forbidden"), "may not do that"),
    "403 for a reason of the future": (error(403, "somethingNew"), "does not allow that"),
    "403 without its scope": (error(403, "insufficientPermissions"), "lacks a permission"),
    "403 as the API is off": (error(403, "accessNotConfigured"), "switched off"),
    "403 without a calendar": (error(403, "notACalendarUser"), "has no calendar"),
    "403 rate limit": (error(403, "rateLimitExceeded"), "asks for a pause"),
    "403 rate limit of the user": (error(403, "userRateLimitExceeded"), "asks for a pause"),
    "403 quota": (error(403, "quotaExceeded"), "reached Google’s limit"),
    "403 from a proxy": (replace(HTML, status=403), "makes no sense"),
    "404": (error(404, "notFound"), "does not know this calendar"),
    "404 from a proxy": (replace(HTML, status=404), "makes no sense"),
    "409": (error(409, "duplicate"), "already has"),
    "410": (error(410, "deleted"), "does not know this calendar"),
    "412": (error(412, "conditionNotMet"), "somebody else is changing"),
    "418": (as_json(418, {}), "refused"),
    "429": (error(429, "rateLimitExceeded"), "asks for a pause"),
    "429 from a proxy": (replace(HTML, status=429), "asks for a pause"),
    "500": (error(500, "backendError"), "has a problem"),
    "502 from a proxy": (replace(HTML, status=502), "has a problem"),
    "503": (error(503, "backendError"), "has a problem"),
    "redirect": (Reply(302, headers={"location": "http://127.0.0.1:1/"}), "could not be understood"),
    "half an answer": (replace(GOOD, cut=True), "broke off"),
    "half an error": (replace(error(500, "backendError", "x" * 500), cut=True), "broke off"),
    "half a JSON object": (Reply(200, GOOD.body[:-9], GOOD.headers), "could not be understood"),
    "HTML": (HTML, "could not be understood"),
    "nothing": (Reply(200), "could not be understood"),
    "204": (Reply(204), "could not be understood"),
    "a list": (as_json(200, []), "could not be understood"),
    "null": (as_json(200, None), "could not be understood"),
    "an empty object": (as_json(200, {}), "could not be understood"),
    "bytes": (Reply(200, b"\xff\xfe\x00", GOOD.headers), "could not be understood"),
    "very deep": (Reply(200, b"[" * 100_000, GOOD.headers), "could not be understood"),
    "wrongly compressed": (Reply(200, b"{}", {"content-encoding": "gzip"}), ""),
    "an error that is none": (as_json(403, {"error": "forbidden"}), "does not allow that"),
    "an error of other errors": (as_json(403, {"error": {"errors": [7, {"reason": {}}], "details": 3}}), "not allow"),
}


@pytest.fixture
def bench() -> Iterator[GoogleBench]:
    with benched() as bench:
        bench.put(Kind.BUSY, MEETING)
        yield bench


def free_busy(bench: GoogleBench) -> FreeBusy:
    return bench.provider.free_busy([bench.connection], WINDOW, timeout_s=PATIENCE_S)[bench.connection.id]


def is_fit_for_a_person(reason: str) -> bool:
    return 10 < len(reason) < 150 and not re.search(r"[{}<>@]|http|Error|Exception|None", reason)


@pytest.mark.parametrize("where", ["freeBusy", "calendarList"])
@pytest.mark.parametrize("name", FAULTS)
def test_fault_makes_the_connection_unreadable(bench: GoogleBench, name: str, where: str) -> None:
    reply, said = FAULTS[name]
    bench.google.go_wrong(where, reply)
    answer = free_busy(bench)
    assert answer.busy == ()
    assert answer.unreadable is not None
    assert said in answer.unreadable
    assert is_fit_for_a_person(answer.unreadable)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_makes_colleagues_unreadable(bench: GoogleBench, name: str) -> None:
    reply, said = FAULTS[name]
    bench.others.readers.add(bench.own.owner)
    bench.google.go_wrong("freeBusy", reply)
    asked = [COLLEAGUE, "atlas@resource.example"]
    answers = bench.provider.free_busy_of(bench.connection, asked, WINDOW, timeout_s=PATIENCE_S)
    assert list(answers) == asked
    for answer in answers.values():
        assert answer.busy == ()
        assert said in (answer.unreadable or "")


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_no_empty_list_of_calendars(bench: GoogleBench, name: str) -> None:
    reply, said = FAULTS[name]
    bench.google.go_wrong("calendarList", reply)
    with pytest.raises(CalendarUnreadableError, match=f"(?i){said}"):
        bench.provider.calendars(bench.connection)


NOT_THERE = {"404", "410"}
"""Of an event these say something; of a list of calendars they do not."""


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in NOT_THERE])
def test_fault_is_no_missing_event(bench: GoogleBench, name: str) -> None:
    """Else a person would be told that somebody deleted it."""
    bench.provider.write(bench.connection, an_event())
    bench.google.go_wrong("GET .*/events/", FAULTS[name][0])
    with pytest.raises(CalendarUnreadableError):
        bench.provider.read(bench.connection, an_event().uid)


@pytest.mark.parametrize("where", ["GET .*/events/", "POST .*/events"])
@pytest.mark.parametrize("name", [name for name in FAULTS if name not in NOT_THERE])
def test_fault_is_no_written_event(bench: GoogleBench, name: str, where: str) -> None:
    bench.google.go_wrong(where, FAULTS[name][0])
    with pytest.raises(DeliveryError) as caught:
        bench.provider.write(bench.connection, an_event())
    assert is_fit_for_a_person(str(caught.value).replace(". ", " "))


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in NOT_THERE | {"204", "an empty object"}])
def test_fault_is_no_cancelled_event(bench: GoogleBench, name: str) -> None:
    bench.provider.write(bench.connection, an_event())
    bench.google.go_wrong("DELETE", FAULTS[name][0])
    with pytest.raises(DeliveryError):
        bench.provider.cancel(bench.connection, an_event())


def test_server_that_is_not_there(bench: GoogleBench) -> None:
    bench.google.url = "http://127.0.0.1:1"
    gone = GoogleBench(bench.google, bench.executor)
    answer = gone.provider.free_busy([gone.connection], WINDOW, timeout_s=PATIENCE_S)[gone.connection.id]
    assert answer.unreadable == "Google could not be reached"


def test_late_ones_are_named_and_the_others_are_read() -> None:
    with benched_until(3) as bench:
        bench.google.go_wrong(f"freeBusy.*{bench.own.owner}", Reply(0, late=True))
        answers = bench.provider.free_busy([bench.connection, bench.other], WINDOW, timeout_s=0.05)
    assert answers[bench.connection.id].unreadable == "the calendar did not answer in time"
    assert answers[bench.other.id].readable


def test_more_people_than_threads_are_read_or_named() -> None:
    with benched_until(2 * 48) as bench:
        bench.put(Kind.BUSY, MEETING)
        bench.google.go_wrong("calendarList", Reply(0, late=True), times=16)
        people = [bench.connect(f"google-{number}", bench.own.owner) for number in range(64)]
        answers = bench.provider.free_busy(people, WINDOW, timeout_s=0.05)
    assert answers.keys() == {person.id for person in people}
    late = [answer for answer in answers.values() if not answer.readable]
    assert len(late) == 16
    assert all(answer.busy == (MEETING,) for answer in answers.values() if answer.readable)


# ---------------------------------------------------------------- inside a 200


def calendars(**entries: Any) -> Reply:
    return as_json(200, {"kind": "calendar#freeBusy", "calendars": {"dana@fox.example": entries}})


BUSY = {"start": "2027-03-01T12:00:00Z", "end": "2027-03-01T13:00:00Z"}
INSIDE: dict[str, Reply] = {
    "errors beside no busy times": calendars(busy=[], errors=[{"domain": "global", "reason": "notFound"}]),
    "errors beside busy times": calendars(busy=[BUSY], errors=[{"domain": "global", "reason": "internalError"}]),
    "an error of the future": calendars(busy=[], errors=[{"reason": "eclipse"}]),
    "errors that are none": calendars(busy=[], errors="yes"),
    "errors without a reason": calendars(busy=[], errors=[{}]),
    "the calendar left out": as_json(200, {"calendars": {"someone@else.example": {"busy": []}}}),
    "no calendars": as_json(200, {"calendars": {}}),
    "no busy times": calendars(),
    "busy times that are null": calendars(busy=None),
    "busy times that are none": calendars(busy={"start": BUSY["start"]}),
    "one that is none": calendars(busy=[BUSY, None]),
    "one without an end": calendars(busy=[{"start": BUSY["start"]}]),
    "one without an offset": calendars(busy=[{**BUSY, "start": "2027-03-01T12:00:00"}]),
    "one of dates": calendars(busy=[{"start": "2027-03-01", "end": "2027-03-02"}]),
    "one of numbers": calendars(busy=[{"start": 1, "end": 2}]),
    "one that ends before it starts": calendars(busy=[{"start": BUSY["end"], "end": BUSY["start"]}]),
    "one before all time": calendars(busy=[{**BUSY, "start": "0001-01-01T00:00:00+14:00"}]),
    "a calendar that is null": as_json(200, {"calendars": {"dana@fox.example": None}}),
    "a calendar that is a list": as_json(200, {"calendars": {"dana@fox.example": [BUSY]}}),
    "another window": as_json(
        200, {"timeMin": "2027-03-01T00:00:00Z", "calendars": {"dana@fox.example": {"busy": [BUSY]}}}
    ),
    "an earlier end": as_json(
        200, {"timeMax": "2027-03-02T00:00:00Z", "calendars": {"dana@fox.example": {"busy": [BUSY]}}}
    ),
    "a window that is none": as_json(200, {"timeMax": 7, "calendars": {"dana@fox.example": {"busy": [BUSY]}}}),
}


@pytest.mark.parametrize("name", INSIDE)
def test_what_is_wrong_inside_a_200_is_unreadable(bench: GoogleBench, name: str) -> None:
    bench.google.go_wrong("freeBusy", INSIDE[name])
    answer = free_busy(bench)
    assert answer.busy == ()
    assert answer.unreadable is not None
    assert is_fit_for_a_person(answer.unreadable)


@pytest.mark.parametrize(
    "items",
    [
        [],
        [None],
        [{"summary": "without an id"}],
        [{"id": ""}],
        [{"id": 7}],
        {"id": "dana@fox.example"},
        [{"id": "team@group.example", "accessRole": "reader"}],
    ],
)
def test_list_without_a_calendar_of_ones_own_is_unreadable(bench: GoogleBench, items: object) -> None:
    bench.google.go_wrong("calendarList", as_json(200, {"items": items}))
    assert not free_busy(bench).readable


def test_list_without_end_is_unreadable(bench: GoogleBench) -> None:
    page = {"items": [{"id": "dana@fox.example", "accessRole": "owner"}], "nextPageToken": "again"}
    bench.google.go_wrong("calendarList", as_json(200, page))
    assert free_busy(bench).unreadable == "Google’s answer was not complete"
