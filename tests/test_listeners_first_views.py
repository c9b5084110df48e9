"""bot.listeners.first_views: first views go first, and what fails is in the log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.listeners.first_views import FirstViews
from tests.servers import eventually

FOR_EVER_S = 60.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def test_work_waits_until_the_last_first_view_is_open(threads: ThreadPoolExecutor) -> None:
    first_views, begun = FirstViews(threads, FOR_EVER_S), threading.Event()
    with first_views.opening():
        with first_views.opening():
            first_views.afterwards(begun.set)
        assert not begun.wait(0.05)
    assert begun.wait(FOR_EVER_S)


def test_a_first_view_that_could_not_be_opened_holds_nothing_up(threads: ThreadPoolExecutor) -> None:
    first_views, begun = FirstViews(threads, FOR_EVER_S), threading.Event()
    with pytest.raises(ValueError, match="no"), first_views.opening():
        raise ValueError("no")
    first_views.afterwards(begun.set)
    assert begun.wait(FOR_EVER_S)


def test_where_people_come_all_the_time_its_turn_comes_as_well(threads: ThreadPoolExecutor) -> None:
    first_views, begun = FirstViews(threads, 0.01), threading.Event()
    with first_views.opening():
        first_views.afterwards(begun.set)
        assert begun.wait(FOR_EVER_S)


def test_a_failure_is_logged_with_a_reference_and_without_its_words(
    threads: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    words = "anna@acme.com"

    def broken() -> None:
        raise ValueError(words)

    FirstViews(threads).afterwards(broken)
    eventually(lambda: bool(caplog.records), "the failure is logged")
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "ValueError" in record.getMessage() and "in broken" in record.getMessage()
    assert words not in record.getMessage()
    assert len(record.reference) == 8  # type: ignore[attr-defined]  # an extra of ours


def test_a_slack_that_hangs_is_no_defect_of_ours(threads: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture) -> None:
    def hang() -> None:
        raise TimeoutError

    FirstViews(threads).afterwards(hang)
    eventually(lambda: bool(caplog.records), "it is logged")
    [record] = caplog.records
    assert record.levelno == logging.WARNING


def test_what_was_not_begun_when_the_app_stops_is_left(caplog: pytest.LogCaptureFixture) -> None:
    threads, may_end = ThreadPoolExecutor(1), threading.Event()
    begun: list[str] = []
    first_views = FirstViews(threads)
    first_views.afterwards(lambda: may_end.wait(FOR_EVER_S))
    first_views.afterwards(lambda: begun.append("second"))
    threads.shutdown(wait=False, cancel_futures=True)
    may_end.set()
    threads.shutdown(wait=True)
    assert begun == [] and caplog.records == []
