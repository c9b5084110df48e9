"""Microsoft 365 keeps the contract of calendars."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calendar_contract import CalendarContract
from tests.microsoft_bench import MicrosoftBench, microsoft_bench


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


class TestMicrosoft(CalendarContract):
    @pytest.fixture
    def bench(self) -> Iterator[MicrosoftBench]:
        with microsoft_bench() as bench:
            yield bench
