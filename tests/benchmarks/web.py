"""One web process from outside: how many it serves, how fast, how soon after its start, in how much memory.

    acknowledged     signed requests of Slack, 100 at once
    customer's page  workload M (5 persons, 1 room, 60 days), busy times at hand, 8 at once
    confirm          the POST that books, 8 at once; the 6 calendars of 300 busy times have their answers at hand, so
                     what the calendar system itself takes is not in it, and all that we make of its answers is
    start            `python -m bot web` → its first answer

Beside it, where there is such a thing, what the bare framework needs. Run: `python -m tests.benchmarks.web`.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from cryptography.fernet import Fernet

from bot.domain.wording import slot_of_stamp
from tests.benchmarks.product import SIGNING_SECRET, TEAM_ID, token
from tests.benchmarks.senders import deliver
from tests.benchmarks.slack import Person, Server, Slack, percentile, process
from tests.benchmarks.table import Line, print_table
from tests.servers import ROOT, answers, bare_environ, eventually, free_port, serving

SENDERS, REQUESTS = 100, 20
READERS, PAGES = 8, 40
INVITATIONS = 41
STARTS = 3
_PEOPLE = 5
_HALF_AN_HOUR = timedelta(minutes=30)
_STAMP = re.compile(r'class="slot" href="[^"]*/(\d{8}T\d{6}Z)')
_NONCE = re.compile(r'name="nonce" value="([^"]+)"')


class Customer:
    """A browser with a connection of its own."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def look(self, number: int = 0) -> float:
        """The page of an invitation; milliseconds until all of it is there."""
        sent = time.perf_counter()
        self.get(f"/i/{token(number)}")
        return (time.perf_counter() - sent) * 1000

    def confirm(self, number: int, stamp: str) -> float:
        """Book that slot; milliseconds from the press on the button to the page that says so."""
        [nonce] = _NONCE.findall(self.get(f"/i/{token(number)}/{stamp}"))
        form = urlencode({"start": stamp, "nonce": nonce})
        sent = time.perf_counter()
        self._ask("POST", f"/i/{token(number)}/book", form)
        return (time.perf_counter() - sent) * 1000

    def _ask(self, method: str, path: str, form: str | None = None) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        self._connection.request(method, path, form, headers)
        response = self._connection.getresponse()
        answer = response.read().decode()
        assert response.status < 400, (path, response.status, answer)
        return answer


def rows() -> Iterator[Line]:
    """Measured one after the other; only the start needs processes of its own."""
    slack = Slack()
    with (
        serving(slack.app) as slack_url,
        process("tests.benchmarks.product", slack_url, "0", str(INVITATIONS)) as ours,
        process("tests.benchmarks.bare_app", slack_url, "0") as bare,
    ):
        yield from _acknowledged(slack, ours, bare)
        yield from _pages(ours)
        yield _confirmed(ours)
        yield Line("memory after all of this", _memory_mb(ours), 150, "MB", _memory_mb(bare), "Bolt")
    took = sorted(_start_ms() for _ in range(STARTS))
    yield Line("start of a web process → first answer", took[STARTS // 2], 1500, "ms")


def _acknowledged(slack: Slack, ours: Server, bare: Server) -> Iterator[Line]:
    took: dict[int, tuple[float, Sequence[float]]] = {}
    for server in (bare, ours, bare, ours):  # the first round of each warms it up
        people = [Person(number % _PEOPLE, slack, server.port) for number in range(SENDERS)]
        requests = [[person.close_nothing() for _ in range(REQUESTS)] for person in people]
        began = time.perf_counter()
        times = deliver(server.port, requests)
        took[server.port] = time.perf_counter() - began, times
    (seconds, times), (bare_seconds, bare_times) = took[ours.port], took[bare.port]
    many = SENDERS * REQUESTS
    yield Line("signed requests acknowledged", many / seconds, 1000, "/s", many / bare_seconds, "Bolt", True)
    yield Line(
        "signed requests, 100 at once, p99", percentile(times, 99), 500, "ms", percentile(bare_times, 99), "Bolt"
    )


def _pages(ours: Server) -> Iterator[Line]:
    readers = [Customer(ours.port) for _ in range(READERS)]
    _at_once([reader.look for reader in readers], 3)
    seconds, times = _at_once([reader.look for reader in readers], PAGES)
    yield Line("customer's page, 8 at once", READERS * PAGES / seconds, 300, "/s", more_is_better=True)
    yield Line("customer's page, 8 at once, p95", percentile(times, 95), 50, "ms")


def _confirmed(ours: Server) -> Line:
    slots = _apart(_STAMP.findall(Customer(ours.port).get(f"/i/{token(0)}")))
    each = min(len(slots), INVITATIONS - 1) // READERS
    assert each, "fewer slots than customers"
    jobs = iter(enumerate(slots, start=1))
    taking = threading.Lock()

    def next_one(customer: Customer) -> float:
        with taking:
            number, stamp = next(jobs)
        return customer.confirm(number, stamp)

    customers = [Customer(ours.port) for _ in range(READERS)]
    confirms = [lambda customer=customer: next_one(customer) for customer in customers]
    _, times = _at_once(confirms, each)
    return Line("confirm, 8 at once, p95", percentile(times, 95), 150, "ms")


def _apart(stamps: Sequence[str]) -> list[str]:
    """Those of the slots that do not overlap."""
    chosen: list[str] = []
    for stamp in stamps:
        start, last = slot_of_stamp(stamp), slot_of_stamp(chosen[-1]) if chosen else None
        if start and (last is None or start - last >= _HALF_AN_HOUR):
            chosen.append(stamp)
    return chosen


def _at_once(acts: Sequence[Callable[[], float]], times: int) -> tuple[float, list[float]]:
    """Every act so many times in a row, all acts at once: the seconds it took, and what each returned."""
    with ThreadPoolExecutor(len(acts)) as hands:
        began = time.perf_counter()
        running = [hands.submit(lambda act=act: [act() for _ in range(times)]) for act in acts]  # type: ignore[misc]
        results = [each for run in running for each in run.result()]
        return time.perf_counter() - began, results


def _start_ms() -> float:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environ = bare_environ() | {
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": f"xoxb-{TEAM_ID}",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "MAIL_FROM": "bench@northwind.example",
            "PYTHONPATH": str(ROOT),
        }
        bot = [sys.executable, "-m", "bot"]
        subprocess.run([*bot, "migrate"], env=environ, cwd=folder, check=True, capture_output=True)
        began = time.perf_counter()
        with subprocess.Popen([*bot, "web"], env=environ, cwd=folder, stderr=subprocess.DEVNULL) as server:
            try:
                eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"), "the web process answers", 60)
                return (time.perf_counter() - began) * 1000
            finally:
                server.terminate()


def _memory_mb(server: Server) -> float:
    status = Path(f"/proc/{server.pid}/status").read_text()
    [kilobytes] = re.findall(r"VmRSS:\s+(\d+) kB", status)
    return int(kilobytes) / 1024


if __name__ == "__main__":
    print_table(rows())
