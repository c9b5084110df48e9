"""Graph's subscriptions: made after it has found us, lengthened, made again where they are gone, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.domain.pushes import Subscription
from bot.errors import DeliveryError
from bot.ports import PushingCalendar
from tests.cast import NOW
from tests.graph_subscriptions import MOST
from tests.microsoft_bench import MicrosoftBench, microsoft_bench
from tests.vendor_server import HALF, HTML, Response

ADDRESS, SECRET = "https://meet.example/hooks/microsoft", "a secret of 256 bits"
DAY = timedelta(days=1)


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


def watch(bench: MicrosoftBench) -> Subscription:
    return bench.provider.watch(bench.connection, ADDRESS, SECRET)


def test_microsoft_pushes(bench: MicrosoftBench) -> None:
    assert isinstance(bench.provider, PushingCalendar)


def test_subscription_is_about_the_accounts_events(bench: MicrosoftBench) -> None:
    made = watch(bench)
    kept = bench.graph.subscriptions.kept[made.id]
    assert (kept["resource"], kept["changeType"], kept["clientState"]) == ("/me/events", "updated,deleted", SECRET)
    assert kept["notificationUrl"] == kept["lifecycleNotificationUrl"] == ADDRESS
    assert made.expires_at == datetime.fromisoformat(kept["expirationDateTime"]) == NOW + 2 * DAY
    assert made.expires_at - NOW < MOST


def test_renewed_is_the_same_for_longer(bench: MicrosoftBench) -> None:
    made = watch(bench)
    bench.clock.advance(DAY)
    longer = bench.provider.renewed(bench.connection, made, ADDRESS, SECRET)
    assert longer == Subscription(made.id, bench.clock() + 2 * DAY)
    assert list(bench.graph.subscriptions.kept) == [made.id]


def test_renewed_is_another_one_where_it_is_gone(bench: MicrosoftBench) -> None:
    made = watch(bench)
    bench.graph.subscriptions.kept.clear()
    again = bench.provider.renewed(bench.connection, made, ADDRESS, SECRET)
    assert list(bench.graph.subscriptions.kept) == [again.id] != [made.id]


def test_failed_renewal_makes_no_second_one(bench: MicrosoftBench) -> None:
    made = watch(bench)
    bench.graph.http.will_answer("PATCH", "/subscriptions/", Response(403, {"error": {"code": "Forbidden"}}))
    with pytest.raises(DeliveryError):
        bench.provider.renewed(bench.connection, made, ADDRESS, SECRET)
    assert list(bench.graph.subscriptions.kept) == [made.id]


def test_deleting_twice_is_deleting_once(bench: MicrosoftBench) -> None:
    made = watch(bench)
    for _ in range(2):
        bench.provider.unwatch(bench.connection, made)
    assert bench.graph.subscriptions.kept == {}


def test_nobody_there_is_told_as_such(bench: MicrosoftBench) -> None:
    bench.graph.subscriptions.knock = lambda url: (404, "text/html", "Page not found")
    with pytest.raises(DeliveryError):
        watch(bench)


@pytest.mark.parametrize(
    "reply",
    [
        HTML,
        HALF,
        Response(429, {"error": {"code": "TooManyRequests"}}),
        Response(500, {"error": {"code": "generalException"}}),
        Response(201, {"id": "1"}),
        Response(201, {"id": "1", "expirationDateTime": "soon"}),
        Response(201, {"id": "1", "expirationDateTime": 5}),
        Response(201, {"id": 1, "expirationDateTime": "2026-12-02T08:00:00.0000000Z"}),
        Response(201, {"expirationDateTime": "2026-12-02T08:00:00.0000000Z"}),
        Response(204),
    ],
    ids=lambda reply: f"{reply.status} {reply.content()[:60]!r}",
)
def test_what_goes_wrong_is_told_as_such(bench: MicrosoftBench, reply: Response) -> None:
    bench.graph.http.will_answer("POST", "/subscriptions", reply)
    with pytest.raises(DeliveryError):
        watch(bench)


@pytest.mark.parametrize(
    ("said", "days"), [("2026-12-01T08:00:00.1234567Z", 1), ("2026-12-01T08:00:00", 1), ("2099-01-01T00:00:00Z", 2)]
)
def test_end_is_read_within_bounds(bench: MicrosoftBench, said: str, days: int) -> None:
    bench.graph.http.will_answer("POST", "/subscriptions", Response(201, {"id": "1", "expirationDateTime": said}))
    assert abs(watch(bench).expires_at - (NOW + days * DAY)) < timedelta(seconds=1)


def test_end_that_is_over_is_near(bench: MicrosoftBench) -> None:
    reply = Response(201, {"id": "1", "expirationDateTime": "2020-01-01T00:00:00Z"})
    bench.graph.http.will_answer("POST", "/subscriptions", reply)
    assert watch(bench).expires_at == NOW + timedelta(minutes=5)
