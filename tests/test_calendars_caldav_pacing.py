"""CalDAV servers are not asked too much at once, nor while they have asked to be left alone."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.calendars.caldav.errors import CalDavError
from bot.calendars.caldav.pacing import AT_ONCE, Lane, Pacing
from tests.cast import NOW, ManualClock
from tests.servers import DEADLINE_S

HOST, USER = "dav.example", "dana"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def soon(seconds: float = 30.0) -> float:
    return time.monotonic() + seconds


def refuse(pacing: Pacing, retry_after: str) -> timedelta:
    """Until when, from the beginning of the test."""
    with pacing.entered(HOST, USER, soon()) as lane:
        return pacing.refused(lane, retry_after) - NOW


def test_one_account_has_four_requests_at_once_and_another_its_own(clock: ManualClock) -> None:
    pacing = Pacing(clock)
    all_in, leave = threading.Barrier(AT_ONCE + 1), threading.Event()

    def stay() -> None:
        with pacing.entered(HOST, USER, soon()):
            all_in.wait(DEADLINE_S)
            leave.wait(DEADLINE_S)

    with ThreadPoolExecutor(AT_ONCE) as executor:
        inside = [executor.submit(stay) for _ in range(AT_ONCE)]
        all_in.wait(DEADLINE_S)
        with pytest.raises(CalDavError, match="in time"), pacing.entered(HOST, USER, soon(0.05)):
            pytest.fail("that is one too many")
        for host, user in ((HOST, "priya"), ("other.example", USER)):
            with pacing.entered(host, user, soon()):
                pass
        leave.set()
        for future in inside:
            future.result()
    with pacing.entered(HOST, USER, soon()):
        pass


def test_request_that_fails_gives_its_place_back(clock: ManualClock) -> None:
    pacing = Pacing(clock)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(CalDavError, match="gone"), pacing.entered(HOST, USER, soon()):
            raise CalDavError("gone")


def test_nothing_is_asked_until_the_time_that_the_server_said(clock: ManualClock) -> None:
    pacing = Pacing(clock, lambda: 0.0)
    assert refuse(pacing, "7") == timedelta(seconds=7)
    for host, user, is_open in ((HOST, USER, False), (HOST, "priya", True), ("other.example", USER, True)):
        if is_open:
            with pacing.entered(host, user, soon()):
                continue
        with pytest.raises(CalDavError, match="asks to wait") as refused, pacing.entered(host, user, soon()):
            pytest.fail("it asked to wait")
        assert refused.value.retry_at == NOW + timedelta(seconds=7)
    clock.advance(timedelta(seconds=7))
    with pacing.entered(HOST, USER, soon()):
        pass


def test_whoever_was_in_the_queue_when_the_pause_began_is_kept_too(clock: ManualClock) -> None:
    pacing = Pacing(clock)
    all_in, leave = threading.Barrier(AT_ONCE + 1), threading.Event()

    def stay() -> None:
        with pacing.entered(HOST, USER, soon()) as lane:
            all_in.wait(DEADLINE_S)
            leave.wait(DEADLINE_S)
            pacing.refused(lane, "60")

    def queue() -> None:
        with pytest.raises(CalDavError, match="asks to wait"), pacing.entered(HOST, USER, soon()):
            pytest.fail("it asked to wait")

    with ThreadPoolExecutor(AT_ONCE + 1) as executor:
        inside = [executor.submit(stay) for _ in range(AT_ONCE)]
        all_in.wait(DEADLINE_S)
        queued = executor.submit(queue)
        leave.set()
        for future in (*inside, queued):
            future.result()


def test_answer_that_was_under_way_does_not_end_the_pause(clock: ManualClock) -> None:
    pacing = Pacing(clock, lambda: 0.0)
    with pacing.entered(HOST, USER, soon()) as lane:
        refuse(pacing, "60")
        pacing.answered(lane)
    with pytest.raises(CalDavError, match="asks to wait"), pacing.entered(HOST, USER, soon()):
        pytest.fail("it asked to wait")


def test_wish_may_be_a_date_and_is_bounded(clock: ManualClock) -> None:
    for wish, seconds in (
        ("Mon, 30 Nov 2026 08:02:00 GMT", 120),
        ("Mon, 30 Nov 2026 07:00:00 GMT", 1),
        ("0", 1),
        ("-5", 30),
        ("99999999", 3600),
        ("9" * 30, 3600),
        ("soon", 30),
        ("", 30),
    ):
        assert refuse(Pacing(clock, lambda: 0.0), wish) == timedelta(seconds=seconds), wish


def test_pauses_that_are_not_said_grow_until_there_is_an_answer(clock: ManualClock) -> None:
    pacing = Pacing(clock, lambda: 0.0)
    waits = []
    for _ in range(9):
        before = clock()
        waits.append(int((refuse(pacing, "") - (before - NOW)).total_seconds()))
        clock.advance(timedelta(seconds=waits[-1]))
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    with pacing.entered(HOST, USER, soon()) as lane:
        pacing.answered(lane)
    before = clock()
    assert refuse(pacing, "") - (before - NOW) == timedelta(seconds=30)


def test_those_who_were_refused_together_do_not_come_back_together(clock: ManualClock) -> None:
    chances = iter((0.0, 0.5, 1.0))
    pacing = Pacing(clock, lambda: next(chances))
    assert [pacing.refused(Lane(), "100") - NOW for _ in range(3)] == [
        timedelta(seconds=100),
        timedelta(seconds=112.5),
        timedelta(seconds=125),
    ]


def test_shorter_wish_does_not_shorten_a_longer_one(clock: ManualClock) -> None:
    pacing, lane = Pacing(clock, lambda: 0.0), Lane()
    assert pacing.refused(lane, "100") == pacing.refused(lane, "5") == NOW + timedelta(seconds=100)
