"""Where calendar systems push to: what is theirs is taken, everything else finds nothing there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from bot.domain.pushes import Notice
from bot.services.pushes import Knock
from bot.web.hooks import HOOK_BYTES
from tests import customer_cast as cast
from tests.customer_pages import FakeBooking, app
from tests.google_channels import Channel
from tests.graph_subscriptions import PROOF, Subscriptions

SECRET = "the secret"
CHANNEL = Channel("dana@fox.example", "resource", {"id": "channel", "token": SECRET})


class FakePushes:
    """Knows one secret."""

    systems = ("google", "microsoft")

    def __init__(self) -> None:
        self.taken: list[tuple[str, Knock]] = []

    def received(self, system: str, knocks: Sequence[Knock]) -> bool:
        real = [(system, knock) for knock in knocks if knock.secret == SECRET]
        self.taken.extend(real)
        return bool(real)


@pytest.fixture
def pushes() -> FakePushes:
    return FakePushes()


@pytest.fixture
def client(pushes: FakePushes) -> TestClient:
    return TestClient(app(FakeBooking(), now=cast.NOW, pushes=pushes), follow_redirects=False)


def graphs_body(secret: str = SECRET, lifecycle: str = "") -> tuple[str, dict[str, Any]]:
    """A subscription's id, and a push about it."""
    subscriptions = Subscriptions()
    expires = (cast.NOW + timedelta(days=2)).isoformat()
    made = subscriptions.begin("dana", {"clientState": secret, "expirationDateTime": expires, "resource": "/me/events"})
    return made["id"], subscriptions.push(made["id"], lifecycle=lifecycle)


# ---------------------------------------------------------------- Google


@pytest.mark.parametrize(
    ("state", "notice"),
    [("sync", Notice.BEGUN), ("exists", Notice.CHANGED), ("not_exists", Notice.CHANGED)],
)
def test_google_says_it_in_headers(client: TestClient, pushes: FakePushes, state: str, notice: Notice) -> None:
    assert client.post("/hooks/google", headers=CHANNEL.push(state)).status_code == 202
    assert pushes.taken == [("google", Knock(SECRET, notice, "channel"))]


@pytest.mark.parametrize(
    "changes",
    [
        {"X-Goog-Channel-Token": "guessed"},
        {"X-Goog-Channel-Token": ""},
        {"X-Goog-Channel-ID": ""},
        {"X-Goog-Resource-State": "update"},
        {"X-Goog-Resource-State": ""},
    ],
    ids=str,
)
def test_what_is_not_googles_finds_nothing(client: TestClient, pushes: FakePushes, changes: dict[str, str]) -> None:
    answer = client.post("/hooks/google", headers=CHANNEL.push() | changes)
    assert (answer.status_code, pushes.taken) == (404, [])
    assert SECRET not in answer.text


# ---------------------------------------------------------------- Microsoft


def test_graph_is_told_what_it_says(client: TestClient, pushes: FakePushes) -> None:
    answer = client.post(f"/hooks/microsoft?validationToken={quote(PROOF, safe='')}", content=b"")
    assert (answer.status_code, answer.text) == (200, PROOF)
    assert answer.headers["content-type"].startswith("text/plain")
    assert pushes.taken == []


def test_what_it_says_is_text_to_every_browser(client: TestClient) -> None:
    answer = client.post("/hooks/microsoft?validationToken=%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.post(f"/hooks/microsoft?validationToken={'x' * 2000}").status_code == 404


@pytest.mark.parametrize(
    ("lifecycle", "notice"),
    [
        ("", Notice.CHANGED),
        ("missed", Notice.CHANGED),
        ("reauthorizationRequired", Notice.RENEW),
        ("subscriptionRemoved", Notice.ENDED),
    ],
)
def test_graphs_notifications_are_understood(
    client: TestClient, pushes: FakePushes, lifecycle: str, notice: Notice
) -> None:
    subscription_id, body = graphs_body(lifecycle=lifecycle)
    assert client.post("/hooks/microsoft", json=body).status_code == 202
    assert pushes.taken == [("microsoft", Knock(SECRET, notice, subscription_id))]


def test_notifications_of_several_accounts_come_in_one(client: TestClient, pushes: FakePushes) -> None:
    (_, foreign), (subscription_id, own) = graphs_body("somebody else's"), graphs_body()
    both = {"value": [*foreign["value"], 1, None, *own["value"]]}
    assert client.post("/hooks/microsoft", json=both).status_code == 202
    assert [knock.subscription_id for _, knock in pushes.taken] == [subscription_id]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b"1",
        b"{}",
        b'{"value": 1}',
        b'{"value": []}',
        b'{"value": [[]]}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"value": [{"clientState": SECRET}]}).encode(),
        json.dumps({"value": [{"clientState": [SECRET], "subscriptionId": "1"}]}).encode(),
        json.dumps({"value": [{"clientState": SECRET, "subscriptionId": "1", "lifecycleEvent": "new"}]}).encode(),
        json.dumps({"value": [{"clientState": SECRET, "subscriptionId": "1", "lifecycleEvent": {}}]}).encode(),
        json.dumps(graphs_body("guessed")[1]).encode(),
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
def test_what_is_not_graphs_finds_nothing(client: TestClient, pushes: FakePushes, body: bytes) -> None:
    assert (client.post("/hooks/microsoft", content=body).status_code, pushes.taken) == (404, [])


# ---------------------------------------------------------------- both


@pytest.mark.parametrize("system", FakePushes.systems)
def test_more_than_a_push_has_is_not_read(client: TestClient, pushes: FakePushes, system: str) -> None:
    answer = client.post(f"/hooks/{system}", content=b" " * (HOOK_BYTES + 1), headers=CHANNEL.push())
    assert (answer.status_code, pushes.taken) == (413, [])


@pytest.mark.parametrize("path", ["/hooks", "/hooks/", "/hooks/caldav", "/hooks/google/x", "/hooks/builtin"])
def test_nobody_else_pushes(client: TestClient, path: str) -> None:
    assert client.post(path, headers=CHANNEL.push()).status_code == 404


@pytest.mark.parametrize("system", FakePushes.systems)
def test_looking_changes_nothing(client: TestClient, pushes: FakePushes, system: str) -> None:
    for method in ("GET", "HEAD", "PUT"):
        assert client.request(method, f"/hooks/{system}", headers=CHANNEL.push()).status_code == 405
    assert pushes.taken == []


def test_there_are_no_hooks_where_nobody_may_push() -> None:
    pushes = FakePushes()
    pushes.systems = ()  # type: ignore[assignment]  # none
    for own in (pushes, None):
        nobody = TestClient(app(FakeBooking(), now=cast.NOW, pushes=own))
        assert nobody.post("/hooks/google", headers=CHANNEL.push()).status_code == 404
        assert nobody.post("/hooks/microsoft?validationToken=x").status_code == 404
