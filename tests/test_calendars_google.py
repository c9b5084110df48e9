"""Google Calendar behind its port, over HTTP against a Google of our own that knows Google's description by heart."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from tests.calendar_contract import Bench, CalendarContract
from tests.google_bench import GoogleBench
from tests.google_server import PretendGoogle, pretending


@pytest.fixture
def google() -> Iterator[PretendGoogle]:
    with pretending() as google:
        yield google


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(16) as executor:
        yield executor


@pytest.fixture
def dana(google: PretendGoogle, executor: Executor) -> GoogleBench:
    return GoogleBench(google, executor)


class TestContract(CalendarContract):
    @pytest.fixture
    def bench(self, dana: GoogleBench) -> Bench:
        return dana
