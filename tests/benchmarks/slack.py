"""From what a person does in Slack to what Slack is told to show, 20 people at once, over real HTTP.

    /invite          signed request sent → `views.open` received
    changed field    signed block action sent → `views.update` received, busy times at hand (300 a calendar)
    2 × 50 people    the same where somebody is wanted of each of two pools
    10 × 300 ms      a later end, for which ten calendars have to be asked anew that take 300 ms each; other ten for
                     each person

The product's web process, SQLite at `synchronous=FULL`, runs beside a Bolt app that does nothing but open an empty
view: what the framework alone needs on this machine, in turn with ours; a round begins once ours is at rest. The people
and the pretend Slack share one process, and so Python's lock: requests are written and signed before the clock starts,
and an arrival wakes nobody but whoever waits for it. Run: `python -m tests.benchmarks.slack`.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from blocks.ids import PARTICIPANT_VIEW
from bot.domain.ids import POOL_PREFIX
from tests.benchmarks.product import POOLS, TEAM_ID, team, user_id
from tests.benchmarks.senders import signed, whole
from tests.servers import answers, eventually, free_port, serving
from tests.slack_modal import initial_values

PEOPLE = 20
ROUNDS = 12
TARGET_MS = 100
_PATIENCE_S = 30
_REST_S = 0.15


Act = Callable[[], float]
"""Something that a person does, ready to be done; how many milliseconds it took."""


@dataclass(frozen=True)
class Row:
    """One line of the table, in milliseconds."""

    name: str
    ours_ms: Sequence[float]
    bare_ms: Sequence[float]
    target_ms: int = TARGET_MS


@dataclass(frozen=True)
class Server:
    port: int
    pid: int


class Slack:
    """Slack's Web API: knows everybody, and when which view was told to be shown."""

    def __init__(self) -> None:
        self._shown: dict[str, SimpleQueue[tuple[float, dict[str, Any]]]] = defaultdict(SimpleQueue)
        self.app = Starlette(routes=[Route("/{method:path}", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> JSONResponse:
        at = time.perf_counter()
        method = request.path_params["method"]
        is_json = "json" in request.headers.get("content-type", "")
        body = await request.body()
        asked = json.loads(body or b"{}") if is_json else _form(body)
        if method == "users.info":
            return JSONResponse({"ok": True, "user": _user(asked["user"])})
        if method == "users.list":
            return JSONResponse({"ok": True, "members": [_user(user_id(number)) for number in range(PEOPLE)]})
        if method not in ("views.open", "views.update"):
            return JSONResponse({"ok": True, "user_id": "U0APP", "bot_id": "B0APP", "team_id": TEAM_ID})
        view = asked["view"] if isinstance(asked["view"], dict) else json.loads(asked["view"])
        key = asked.get("trigger_id") or asked["view_id"]
        view_id = asked.get("view_id") or f"V{key}"
        self._shown[key].put((at, view))
        return JSONResponse({"ok": True, "view": {**view, "id": view_id, "hash": f"{at}"}})

    def wait_for(self, key: str, after: float) -> tuple[float, dict[str, Any]]:
        """When the view was told to be shown, and the view; later than `after`."""
        while True:
            at, view = self._shown[key].get(timeout=_PATIENCE_S)
            if at > after:
                return at, view


class Person:
    """Somebody in front of Slack, with a connection of their own to the app."""

    def __init__(self, number: int, slack: Slack, port: int) -> None:
        self.user = user_id(number)
        self._slack = slack
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
        self._count = 0
        self.view: dict[str, Any] = {}
        self.view_id = ""

    def invite(self) -> Act:
        """`/invite …`, ready to be sent; milliseconds until the view is told to be opened."""
        self._count += 1
        trigger = f"{self.user}.{self._count}.{time.perf_counter_ns()}"
        fields = {
            "command": "/invite",
            "text": "Anna Ruiz anna@acme.com Roadmap review",
            "team_id": TEAM_ID,
            "user_id": self.user,
            "channel_id": "C0BENCH",
            "trigger_id": trigger,
            "response_url": "http://127.0.0.1:9/",
        }
        send = self._signed(fields)

        def run() -> float:
            sent = time.perf_counter()
            send()
            at, self.view = self._slack.wait_for(trigger, sent)
            self.view_id = f"V{trigger}"
            return (at - sent) * 1000

        return run

    def go_to_step_2(self, *members: str) -> None:
        """With these Team members, or with oneself."""
        self._submit({})
        chosen = [{"text": {"type": "plain_text", "text": member}, "value": member} for member in members]
        self._submit({"Team members": {"selected_options": chosen}} if chosen else {})

    def _submit(self, typed: Mapping[str, Mapping[str, Any]]) -> None:
        payload = {"type": "view_submission", "view": self._state(typed), "trigger_id": "t", "response_urls": []}
        answer = json.loads(self._interaction(payload)())
        assert answer["response_action"] == "update", answer
        self.view = answer["view"]

    def change(self, to: str) -> Act:
        """Another *To*."""
        return self.choose("To", {"selected_time": to})

    def choose(self, label: str, chosen: Mapping[str, str]) -> Act:
        """Another value of a field, ready to be sent; milliseconds until the new count is told to be shown."""
        block = self._field(label)
        action = {
            "type": block["element"]["type"],
            "block_id": block["block_id"],
            "action_id": block["element"]["action_id"],
            "action_ts": f"{time.time():.6f}",
            **chosen,
        }
        payload: dict[str, Any] = {"type": "block_actions", "trigger_id": "t", "actions": [action]}
        payload["view"] = self._state({label: chosen})
        payload["container"] = {"type": "view", "view_id": self.view_id}
        send = self._interaction(payload)

        def run() -> float:
            sent = time.perf_counter()
            send()
            at, view = self._slack.wait_for(self.view_id, sent)
            while "ounting" in view["title"]["text"]:
                at, view = self._slack.wait_for(self.view_id, at)
            assert view["title"]["text"].endswith("free times"), view["title"]
            return (at - sent) * 1000

        return run

    def close_nothing(self) -> bytes:
        """Being told of a closed view whose draft is gone, written down."""
        view = {"type": "modal", "id": "V0", "callback_id": PARTICIPANT_VIEW, "private_metadata": "gone", "blocks": []}
        return whole(self._identified({"type": "view_closed", "view": view, "is_cleared": False}))

    def _field(self, label: str) -> dict[str, Any]:
        found = [b for b in self.view["blocks"] if b["type"] == "input" and b["label"]["text"] == label]
        return dict(found[0])

    def _state(self, typed: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The view with what was typed, by the fields' labels."""
        values = initial_values(self.view)
        for label, value in typed.items():
            (state,) = values[self._field(label)["block_id"]].values()
            state |= value
        seen = {"id": self.view_id, "hash": "h", "state": {"values": values}, "root_view_id": self.view_id}
        return {**self.view, **seen, "team_id": TEAM_ID, "app_id": "A0", "bot_id": "B0"}

    def _interaction(self, payload: dict[str, Any]) -> Callable[[], bytes]:
        return self._signed(self._identified(payload))

    def _identified(self, payload: dict[str, Any]) -> dict[str, str]:
        identity = {"team": {"id": TEAM_ID}, "user": {"id": self.user, "team_id": TEAM_ID}, "api_app_id": "A0"}
        return {"payload": json.dumps(identity | payload)}

    def _signed(self, fields: Mapping[str, str]) -> Callable[[], bytes]:
        """A request with all that it needs; sends it and returns the answer."""
        body, headers = signed(fields)

        def send() -> bytes:
            self._connection.request("POST", "/slack/events", body, headers)
            response = self._connection.getresponse()
            answer = response.read()
            assert response.status == 200, (response.status, answer)
            return answer

        return send


def rows() -> Iterator[Row]:
    """Each row measured in rounds, ours and the bare app in turn."""
    slack = Slack()
    with (
        serving(slack.app) as slack_url,
        process("tests.benchmarks.product", slack_url, str(PEOPLE)) as ours,
        process("tests.benchmarks.bare_app", slack_url, "0") as bare,
        ThreadPoolExecutor(PEOPLE) as hands,
    ):
        people = [Person(number, slack, ours.port) for number in range(PEOPLE)]
        strangers = [Person(number, slack, bare.port) for number in range(PEOPLE)]

        def all_at_once(prepare: Callable[[Person], Act], who: Sequence[Person]) -> list[float]:
            ready = [prepare(person) for person in who]
            return list(hands.map(lambda act: act(), ready))

        for group in (people, strangers):
            all_at_once(Person.invite, group)  # connections, imports and caches are warm from here on
        invited: list[float] = []
        opened: list[float] = []
        for _ in range(ROUNDS):
            come_to_rest(ours)  # what *Use my defaults* would give is counted
            invited += all_at_once(Person.invite, people)
            opened += all_at_once(Person.invite, strangers)
        yield Row("/invite → views.open", invited, opened)

        def all_change(label: str, values: Iterable[Mapping[str, str]]) -> tuple[list[float], list[float]]:
            changed: list[float] = []
            opened: list[float] = []
            for _, value in zip(range(ROUNDS), values, strict=False):
                come_to_rest(ours)  # the busy times are at hand
                changed += all_at_once(partial(Person.choose, label=label, chosen=value), people)
                opened += all_at_once(Person.invite, strangers)
            return changed, opened

        times = [{"selected_time": "12:00"}, {"selected_time": "17:00"}] * ROUNDS
        list(hands.map(Person.go_to_step_2, people))
        yield Row("changed field → views.update", *all_change("To", times))

        all_at_once(Person.invite, people)
        pools = [f"{POOL_PREFIX}{pool}" for pool in POOLS]
        people[0].go_to_step_2(*pools)
        come_to_rest(ours)  # a hundred calendars are read once
        list(hands.map(lambda person: person.go_to_step_2(*pools), people[1:]))
        yield Row("the same, 2 × 50 people", *all_change("To", times))

        all_at_once(Person.invite, people)
        list(hands.map(lambda number: people[number].go_to_step_2(*team(number)), range(PEOPLE)))
        first = datetime.now(UTC).date() + timedelta(days=90)  # farther than is read ahead
        later = ({"selected_date": (first + timedelta(days=days)).isoformat()} for days in count(step=3))
        yield Row("the same, 10 × 300 ms", *all_change("End date", later), target_ms=1_000)


@contextmanager
def process(module: str, slack_url: str, *arguments: str) -> Iterator[Server]:
    """A server process of ours on a port of its own, ready."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", module, str(port), f"{slack_url}/", folder, *arguments]
        with subprocess.Popen(command) as server:
            try:
                eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz"), f"{module} answers", 60)
                yield Server(port, server.pid)
            finally:
                server.terminate()


def come_to_rest(server: Server) -> None:
    """Wait until the process has used no CPU time for a while: 20 at once are not 20 after 20."""
    still_since, used = time.perf_counter(), -1
    while time.perf_counter() - still_since < _REST_S:
        before, used = used, _cpu_ticks(server)
        if used != before:
            still_since = time.perf_counter()
        time.sleep(_REST_S / 5)


def _cpu_ticks(server: Server) -> int:
    """Of user and system time, as proc_pid_stat(5) counts them."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _form(body: bytes) -> dict[str, Any]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _user(user: str) -> dict[str, Any]:
    profile = {"real_name": f"Person {user}", "email": f"{user}@bench.example".lower()}
    return {
        "id": user,
        "team_id": TEAM_ID,
        "tz": "America/New_York",
        "profile": profile,
        "real_name": profile["real_name"],
    }


def main() -> None:
    print(f"{PEOPLE} people at once, {ROUNDS} rounds; milliseconds")
    print(f"{'':32}{'ours p50':>10}{'p95':>8}{'target p95':>12}{'bare Bolt p95':>15}{'ours / bare':>13}")
    for row in rows():
        ours, bare = percentile(row.ours_ms, 95), percentile(row.bare_ms, 95)
        median = statistics.median(row.ours_ms)
        print(f"{row.name:32}{median:10.1f}{ours:8.1f}{row.target_ms:12}{bare:15.1f}{ours / bare:13.2f}")


if __name__ == "__main__":
    main()
