"""Free/busy questions to Google: how many, about whom, how long, how often, and with which token."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from bot.calendars.google.busy import groups, stretches
from bot.calendars.google.pacing import AT_ONCE
from bot.domain.calendar import Connection, FreeBusy
from bot.domain.intervals import Interval, merge
from bot.errors import CalendarUnreadableError, DeliveryError
from tests.calendar_contract import DAY, HOUR, MEETING, MONDAY, PATIENCE_S, WINDOW, Kind, an_event
from tests.google_bench import COLLEAGUE, OWNER, GoogleBench, Waits, benched
from tests.google_server import Reply, error
from tests.servers import DEADLINE_S, ROOT

YEAR = Interval(MONDAY, MONDAY + 366 * DAY)


@pytest.fixture
def bench() -> Iterator[GoogleBench]:
    with benched() as bench:
        yield bench


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def patient(waits: Waits) -> Iterator[GoogleBench]:
    """The same on a clock of seconds that only sleeping moves."""
    with benched(waits.timing()) as bench:
        yield bench


def ask(bench: GoogleBench, connection: Connection | None = None, window: Interval = WINDOW) -> FreeBusy:
    connection = connection or bench.connection
    return bench.provider.free_busy([connection], window, timeout_s=PATIENCE_S)[connection.id]


def asked_ids(bench: GoogleBench) -> list[list[str]]:
    return [[item["id"] for item in request.body["items"]] for request in bench.google.requests("freeBusy")]


# ---------------------------------------------------------------- which calendars


def test_all_that_the_account_owns_counts_page_by_page(bench: GoogleBench) -> None:
    for number in range(5):
        bench.google.calendar(OWNER, f"own{number}@group.example").busy.append((MEETING.start, MEETING.end))
    shared = bench.google.calendar(COLLEAGUE, "shared@group.example")
    shared.readers.add(OWNER)
    assert ask(bench).busy == (MEETING,)
    assert sorted(asked_ids(bench)[0]) == sorted([OWNER, *(f"own{number}@group.example" for number in range(5))])
    assert len(bench.google.requests("calendarList")) == 4


def test_chosen_calendars_count_and_no_other(bench: GoogleBench) -> None:
    bench.put(Kind.BUSY, MEETING)
    bench.google.calendar(OWNER, "work@group.example")
    assert ask(bench, replace(bench.connection, busy_calendars=("work@group.example",))).busy == ()
    assert bench.google.requests("calendarList") == []


def test_one_unreadable_calendar_makes_the_person_unreadable(bench: GoogleBench) -> None:
    chosen = replace(bench.connection, busy_calendars=(OWNER, "gone@group.example"))
    assert ask(bench, chosen) == FreeBusy(unreadable="this calendar is not shared, or is gone")


def test_more_than_fifty_calendars_take_more_than_one_question(bench: GoogleBench) -> None:
    names = [f"colleague{number}@fox.example" for number in range(120)]
    for name in names:
        bench.google.account(name).readers.add(OWNER)
    bench.google.calendars[-1].busy.append((MEETING.start, MEETING.end))
    answers = bench.provider.free_busy_of(bench.connection, names, WINDOW, timeout_s=PATIENCE_S)
    assert sorted(map(len, asked_ids(bench))) == [20, 50, 50]
    assert list(answers) == names
    assert [name for name, answer in answers.items() if answer.busy] == [names[-1]]


def test_failed_question_makes_its_own_calendars_unreadable_and_no_other(bench: GoogleBench) -> None:
    names = [f"colleague{number}@fox.example" for number in range(60)]
    for name in names:
        bench.google.account(name).readers.add(OWNER)
    bench.google.go_wrong(f"freeBusy.*{names[-1]}", error(400, "invalid"))
    answers = bench.provider.free_busy_of(bench.connection, names, WINDOW, timeout_s=PATIENCE_S)
    assert [name for name, answer in answers.items() if not answer.readable] == names[50:]


def test_address_in_other_letters_is_the_same_calendar(bench: GoogleBench) -> None:
    bench.others.readers.add(OWNER)
    bench.others.busy.append((MEETING.start, MEETING.end))
    asked = ["Ben@Fox.example", "BEN@FOX.EXAMPLE", COLLEAGUE, COLLEAGUE]
    answers = bench.provider.free_busy_of(bench.connection, asked, WINDOW, timeout_s=PATIENCE_S)
    assert list(answers) == asked[:3]
    assert {answer.busy for answer in answers.values()} == {(MEETING,)}


def test_free_busy_only_sharing_is_enough(bench: GoogleBench) -> None:
    room = bench.google.calendar("room-admin@fox.example", "atlas@resource.example")
    room.readers.add(OWNER)
    room.busy.append((MEETING.start, MEETING.end))
    answers = bench.provider.free_busy_of(bench.connection, [room.id, COLLEAGUE], WINDOW, timeout_s=PATIENCE_S)
    assert answers == {
        room.id: FreeBusy(busy=(MEETING,)),
        COLLEAGUE: FreeBusy(unreadable="this calendar is not shared, or is gone"),
    }


# ---------------------------------------------------------------- which window


def test_year_is_asked_in_pieces_and_joined(bench: GoogleBench) -> None:
    edge = MONDAY + 60 * DAY
    meetings = [Interval(MONDAY + n * DAY + HOUR, MONDAY + n * DAY + 2 * HOUR) for n in range(0, 360, 7)]
    over_the_edge = Interval(edge - HOUR, edge + HOUR)
    bench.own.busy = [(one.start, one.end) for one in (*meetings, over_the_edge)]
    assert ask(bench, window=YEAR).busy == merge([*meetings, over_the_edge])
    assert len(asked_ids(bench)) == 7


def test_one_failed_piece_makes_the_whole_year_unreadable(bench: GoogleBench) -> None:
    bench.put(Kind.BUSY, MEETING)
    bench.google.go_wrong("freeBusy.*2027-06-", error(400, "invalid"))
    answer = ask(bench, window=YEAR)
    assert not answer.readable
    assert answer.busy == ()


@pytest.mark.parametrize("days", [0.01, 1, 59.99, 60, 60.01, 120, 366])
def test_pieces_are_the_window(days: float) -> None:
    window = Interval(MONDAY, MONDAY + timedelta(days=days))
    pieces = stretches(window)
    assert merge(pieces) == (window,)
    assert all(piece.duration <= timedelta(days=60) for piece in pieces)
    assert all(first.end == second.start for first, second in pairwise(pieces))


def test_groups_are_the_calendars_each_once() -> None:
    names = [f"{number % 70}@fox.example" for number in range(200)]
    assert [name for group in groups(names) for name in group] == names[:70]
    assert [len(group) for group in groups(names)] == [50, 20]
    assert groups([]) == []


# ---------------------------------------------------------------- how long


def test_ten_people_take_no_longer_than_one(bench: GoogleBench) -> None:
    """Google takes as long as it takes until all ten are asking at once: one after another would wait for ever."""
    people = [bench.connect(f"google-{number}", OWNER) for number in range(10)]
    together = threading.Barrier(10)
    bench.google.before_answer = lambda asked: together.wait(DEADLINE_S)
    answers = bench.provider.free_busy(people, WINDOW, timeout_s=PATIENCE_S)
    assert all(answer.readable for answer in answers.values())


def test_vendors_library_is_imported_when_it_is_first_needed() -> None:
    program = "import sys, bot.systems, bot.app; print(sorted(set(sys.modules) & {'googleapiclient', 'httplib2'}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- tokens


def expired(bench: GoogleBench) -> None:
    """The access token has run out at Google, before its time."""
    bench.google.access.clear()


def test_token_that_runs_out_is_renewed_before_it_is_used(bench: GoogleBench) -> None:
    bench.clock.advance(timedelta(minutes=59, seconds=30))
    assert ask(bench).readable
    assert bench.credentials.renewals == [bench.connection.id]
    assert bench.google.asked[0].path == "/oauth2/token"


def test_refused_token_is_renewed_once_for_all_questions(bench: GoogleBench) -> None:
    expired(bench)
    bench.put(Kind.BUSY, MEETING)
    chosen = replace(bench.connection, busy_calendars=(OWNER,))
    assert ask(bench, chosen, YEAR).busy == (MEETING,)
    assert bench.credentials.renewals == [bench.connection.id]


def test_refresh_token_outlives_a_renewal(bench: GoogleBench) -> None:
    before = json.loads(bench.credentials.held[bench.connection.id])
    expired(bench)
    ask(bench)
    after = json.loads(bench.credentials.held[bench.connection.id])
    assert after["refresh_token"] == before["refresh_token"]
    assert after["access_token"] != before["access_token"]
    assert after["expiry"] == (bench.clock() + timedelta(seconds=3599)).isoformat()


def test_withdrawn_grant_breaks_the_connection(bench: GoogleBench) -> None:
    expired(bench)
    bench.google.refresh.clear()
    assert ask(bench) == FreeBusy(unreadable="the connection is broken")
    assert bench.credentials.broken == {bench.connection.id}
    with pytest.raises(CalendarUnreadableError, match="Connect the calendar again"):
        bench.provider.calendars(bench.connection)
    with pytest.raises(CalendarUnreadableError):
        bench.provider.read(bench.connection, "meeting-1@inviteonce")
    with pytest.raises(DeliveryError):
        bench.provider.write(bench.connection, an_event())


def test_trouble_at_the_token_endpoint_breaks_nothing(bench: GoogleBench) -> None:
    expired(bench)
    bench.google.go_wrong("/token", error(500, "backendError"))
    assert not ask(bench).readable
    assert bench.credentials.broken == set()


def test_new_token_that_is_refused_too_breaks_the_connection(bench: GoogleBench) -> None:
    """Else nobody would be told to connect again."""
    bench.google.go_wrong("calendarList", error(401, "authError"))
    assert ask(bench) == FreeBusy(unreadable="the connection is broken")
    assert bench.credentials.broken == {bench.connection.id}
    assert len(bench.google.requests("POST /oauth2/token")) == 1


def test_token_that_is_refused_once_breaks_nothing(bench: GoogleBench) -> None:
    bench.google.go_wrong("calendarList", error(401, "authError"), times=1)
    assert ask(bench).readable
    assert bench.credentials.broken == set()


def test_refusal_by_somebody_other_than_google_breaks_nothing(bench: GoogleBench) -> None:
    bench.google.go_wrong("calendarList", Reply(401, b"<!doctype html>", {"content-type": "text/html"}))
    assert not ask(bench).readable
    assert bench.credentials.broken == set()


@pytest.mark.parametrize(
    "credentials", ["", "{}", "null", "[]", '{"access_token": "a", "refresh_token": "", "expiry": "2027-01-01"}']
)
def test_credentials_that_are_none_are_a_broken_connection(bench: GoogleBench, credentials: str) -> None:
    bench.credentials.held[bench.connection.id] = credentials
    assert ask(bench) == FreeBusy(unreadable="the connection is broken")


# ---------------------------------------------------------------- rate limits


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded"])
def test_burst_that_was_refused_is_tried_again_later_and_later(patient: GoogleBench, waits: Waits, reason: str) -> None:
    patient.google.go_wrong("freeBusy", error(403, reason), times=3)
    assert ask(patient).readable
    assert waits.slept == [0.25, 0.5, 1.0]


def test_retry_after_is_respected(patient: GoogleBench, waits: Waits) -> None:
    patient.google.go_wrong("freeBusy", replace(error(403, "rateLimitExceeded"), headers={"retry-after": "3"}), times=1)
    assert ask(patient).readable
    assert waits.slept == [pytest.approx(3.125)]


def test_nobody_waits_beyond_the_deadline(patient: GoogleBench, waits: Waits) -> None:
    patient.google.go_wrong(
        "freeBusy", replace(error(429, "rateLimitExceeded"), headers={"retry-after": f"{PATIENCE_S + 1:.0f}"})
    )
    assert ask(patient) == FreeBusy(unreadable="Google asks for a pause")
    assert waits.slept == []


@pytest.mark.parametrize("status", [403, 429, 503])
def test_google_is_left_alone_as_long_as_it_said(patient: GoogleBench, waits: Waits, status: int) -> None:
    patient.google.go_wrong(
        "freeBusy", replace(error(status, "userRateLimitExceeded"), headers={"retry-after": "120"}), times=1
    )
    assert not ask(patient).readable
    before = len(patient.google.asked)
    assert not ask(patient).readable
    assert len(patient.google.asked) == before
    waits.now_s += 121
    assert ask(patient).readable


def test_whole_mailbox_waits_and_others_do_not(patient: GoogleBench, waits: Waits) -> None:
    patient.google.go_wrong(
        "freeBusy", replace(error(403, "rateLimitExceeded"), headers={"retry-after": "120"}), times=1
    )
    assert not ask(patient).readable
    before = len(patient.google.asked)
    assert ask(patient) == FreeBusy(unreadable="Google asks for a pause")
    assert len(patient.google.asked) == before
    assert ask(patient, patient.other).readable
    waits.now_s += 121
    assert ask(patient).readable


def test_mailbox_gets_a_few_calls_at_once(bench: GoogleBench) -> None:
    at_once, most, lock = 0, 0, threading.Lock()
    gate = threading.Barrier(AT_ONCE)

    def count(_asked: object) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        gate.wait(DEADLINE_S)  # only goes on when so many are here together
        with lock:
            at_once -= 1

    bench.google.before_answer = count
    chosen = replace(bench.connection, busy_calendars=(OWNER,))
    window = replace(YEAR, end=YEAR.start + 60 * DAY * AT_ONCE * 3)
    assert ask(bench, chosen, window).readable
    assert most == AT_ONCE
