"""Google Calendar behind its port, over HTTP against a Google of our own that knows Google's description by heart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calendar_contract import Bench, CalendarContract
from tests.google_bench import benched


class TestContract(CalendarContract):
    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        with benched() as bench:
            yield bench
