"""The story in the vendors' own words: booked, watched, pushed to our door, read again."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.testclient import TestClient

from bot.domain import fields as f
from bot.domain.calendar import Connection
from bot.domain.event_copies import CONFIRMED_AFTER
from bot.domain.ids import ConnectionId
from storage.database import Database
from tests import customer_cast as cast
from tests.cast import DANA
from tests.customer_pages import FakeBooking, app
from tests.google_bench import OWNER, GoogleBench, benched
from tests.microsoft_bench import DANAS_ADDRESS, MicrosoftBench, microsoft_bench
from tests.world import PUBLIC_URL, Stage, patient


def watched(
    database: Database, bench: GoogleBench | MicrosoftBench, provider: str, account: str
) -> tuple[Stage, TestClient]:
    """Dana has a meeting in her calendar, read twice, and our door is open."""
    stage = Stage(database.unit_of_work, clock=bench.clock, systems={provider: patient(bench.provider)})
    held = ConnectionId(bench.connection.id)
    with stage.unit_of_work(write=True) as unit:
        unit.connections.put(Connection(held, DANA.workspace_id, DANA.user_id, provider, account))
        unit.commit()
    stage.book(stage.invite(DANA, **{f.MEMBERS: [DANA.user_id]}))
    stage.deliver()
    stage.clock.advance(CONFIRMED_AFTER)
    stage.services.reconcile.read_due()
    return stage, TestClient(app(FakeBooking(), now=cast.NOW, pushes=stage.services.pushes))


def test_push_from_google_is_heeded_and_noise_is_not(sqlite_database: Database) -> None:
    with benched() as bench:
        stage, door = watched(sqlite_database, bench, "google", OWNER)
        assert stage.services.pushes.keep_up() == 1
        [channel] = bench.google.channels.open.values()
        path = urlsplit(channel.wish["address"]).path
        assert channel.wish["address"] == f"{PUBLIC_URL}{path}"
        assert door.post(path, headers=channel.push("sync")).status_code == 202
        assert stage.services.reconcile.read_due() == 0
        assert door.post(path, headers={**channel.push(), "X-Goog-Channel-Token": "guessed"}).status_code == 404
        assert stage.services.reconcile.read_due() == 0
        assert door.post(path, headers=channel.push()).status_code == 202
        assert stage.services.reconcile.read_due() == 1


def test_graph_finds_us_and_its_pushes_are_heeded(sqlite_database: Database) -> None:
    with microsoft_bench() as bench:
        stage, door = watched(sqlite_database, bench, "microsoft", DANAS_ADDRESS)

        def knock(url: str) -> tuple[int, str, str]:
            assert url.startswith(f"{PUBLIC_URL}/hooks/microsoft?")
            answer = door.post(url.removeprefix(PUBLIC_URL))
            return answer.status_code, answer.headers["content-type"], answer.text

        subscriptions = bench.graph.subscriptions
        subscriptions.knock = knock
        assert stage.services.pushes.keep_up() == 1
        [made] = subscriptions.kept
        assert door.post("/hooks/microsoft", json=subscriptions.push(made)).status_code == 202
        assert stage.services.reconcile.read_due() == 1
        lifecycle = subscriptions.push(made, lifecycle="subscriptionRemoved")
        del subscriptions.kept[made]
        assert door.post("/hooks/microsoft", json=lifecycle).status_code == 202
        assert stage.services.pushes.keep_up() == 1
        assert list(subscriptions.kept) not in ([], [made])
