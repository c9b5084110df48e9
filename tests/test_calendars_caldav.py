"""The CalDAV adapter against real servers, Radicale and Xandikos."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from tests.caldav_bench import CalDavBench
from tests.caldav_servers import CalDavServer, radicale, xandikos
from tests.calendar_contract import Bench, CalendarContract
from tests.faulty_caldav import FaultyCalDav, faulty_caldav

SERVERS = {"radicale": radicale, "xandikos": xandikos}


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


@pytest.fixture
def faulty() -> Iterator[FaultyCalDav]:
    with faulty_caldav() as server:
        yield server


@pytest.fixture
def caldav(server: CalDavServer, executor: Executor, faulty: FaultyCalDav) -> CalDavBench:
    return CalDavBench(server, faulty, executor)


class TestContract(CalendarContract):
    @pytest.fixture
    def bench(self, caldav: CalDavBench) -> Bench:
        return caldav
