"""Google's channels: opened for the write calendar, replaced before they end, stopped; never longer than they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.pushes import Subscription
from bot.errors import DeliveryError
from bot.ports import PushingCalendar
from tests.cast import NOW
from tests.google_bench import OWNER, GoogleBench, benched
from tests.google_server import Reply, as_json, error

ADDRESS, SECRET = "https://meet.example/hooks/google", "a secret of 256 bits"
WEEK = timedelta(days=7)
GOOD = as_json(200, {"kind": "api#channel"}).body


@pytest.fixture
def bench() -> Iterator[GoogleBench]:
    with benched() as bench:
        yield bench


def watch(bench: GoogleBench) -> Subscription:
    return bench.provider.watch(bench.connection, ADDRESS, SECRET)


def test_google_pushes(bench: GoogleBench) -> None:
    assert isinstance(bench.provider, PushingCalendar)


def test_channel_is_for_the_calendar_written_to(bench: GoogleBench) -> None:
    made = watch(bench)
    assert made == Subscription(made.id, NOW + WEEK, f"resource-of-{OWNER}")
    wish = bench.google.channels.open[made.id].wish
    assert (wish["address"], wish["token"], wish["type"]) == (ADDRESS, SECRET, "web_hook")
    projects = bench.google.calendar(OWNER, "projects@group.calendar.google.com")
    other = bench.provider.watch(replace(bench.connection, write_calendar=projects.id), ADDRESS, SECRET)
    assert other.resource == f"resource-of-{projects.id}"


def test_renewed_is_another_channel_and_the_former_is_stopped(bench: GoogleBench) -> None:
    former = watch(bench)
    bench.clock.advance(WEEK / 2)
    fresh = bench.provider.renewed(bench.connection, former, ADDRESS, SECRET)
    assert fresh.id != former.id
    assert fresh.expires_at == bench.clock() + WEEK
    assert (list(bench.google.channels.open), bench.google.channels.stopped) == ([fresh.id], [former.id])


def test_renewing_works_where_stopping_does_not(bench: GoogleBench) -> None:
    former = watch(bench)
    bench.google.go_wrong("channels/stop", error(403, "forbidden"))
    fresh = bench.provider.renewed(bench.connection, former, ADDRESS, SECRET)
    assert set(bench.google.channels.open) == {former.id, fresh.id}


def test_stopping_twice_is_stopping_once(bench: GoogleBench) -> None:
    made = watch(bench)
    for _ in range(2):
        bench.provider.unwatch(bench.connection, made)
    assert bench.google.channels.stopped == [made.id]


@pytest.mark.parametrize("said", ["", "soon", "-1", "0", "9" * 30, "²"])
def test_senseless_end_is_near(bench: GoogleBench, said: str) -> None:
    bench.google.channels.expiration = said
    assert watch(bench).expires_at == NOW + timedelta(minutes=5)


def test_end_is_never_later_than_google_lets_it_be(bench: GoogleBench) -> None:
    bench.google.channels.expiration = str(int((NOW + 100 * WEEK).timestamp() * 1000))
    assert watch(bench).expires_at == NOW + WEEK
    bench.google.channels.expiration = str(int((NOW + WEEK / 7).timestamp() * 1000))
    assert watch(bench).expires_at == NOW + WEEK / 7


@pytest.mark.parametrize(
    "reply",
    [
        error(400, "push.webhookUrlUnauthorized"),
        error(401, "push.webhookUrlUnauthorized"),
        error(403, "forbidden"),
        error(404, "notFound"),
        error(429, "rateLimitExceeded"),
        error(503, "backendError"),
        Reply(200, b"<!doctype html>", {"content-type": "text/html"}),
        as_json(200, {"kind": "api#channel"}),
        as_json(200, {"id": "another", "resourceId": "resource"}),
        Reply(200, b'{"id": "1", "resourceId": "resource"}', cut=True),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:50]!r}",
)
def test_what_goes_wrong_is_told_as_such(bench: GoogleBench, reply: Reply) -> None:
    bench.google.go_wrong("/watch", reply)
    with pytest.raises(DeliveryError):
        watch(bench)


def test_address_that_google_does_not_push_to_is_not_the_connections_fault(bench: GoogleBench) -> None:
    """As long as nobody has shown that the domain is theirs: connecting again would not help."""
    bench.google.go_wrong("/watch", error(401, "push.webhookUrlUnauthorized"))
    with pytest.raises(DeliveryError, match="domain"):
        watch(bench)
    assert (bench.credentials.renewals, bench.credentials.broken) == ([], set())


@pytest.mark.parametrize("lost", [1, 2, 10])
def test_channel_whose_answer_never_came_is_stopped(bench: GoogleBench, lost: int) -> None:
    """`lost` once it is asked for again at once, later by the next attempt, with the same secret."""
    bench.google.go_wrong_after("/watch", Reply(200, GOOD, cut=True), times=lost)
    made = watched_in_the_end(bench, lambda: watch(bench))
    assert list(bench.google.channels.open) == [made.id]
    assert len(bench.google.channels.stopped) >= 1


def test_renewed_channel_whose_answer_never_came_is_stopped(bench: GoogleBench) -> None:
    former = watch(bench)
    bench.google.go_wrong_after("/watch", Reply(200, GOOD, cut=True), times=10)
    fresh = watched_in_the_end(bench, lambda: bench.provider.renewed(bench.connection, former, ADDRESS, SECRET))
    assert list(bench.google.channels.open) == [fresh.id]
    assert former.id in bench.google.channels.stopped


def test_channel_that_cannot_be_stopped_keeps_nobody_from_the_next(bench: GoogleBench) -> None:
    bench.google.go_wrong_after("/watch", Reply(200, GOOD, cut=True), times=1)
    bench.google.go_wrong("channels/stop", error(403, "forbidden"))
    made = watch(bench)
    assert made.id in bench.google.channels.open
    assert len(bench.google.channels.open) == 2


def test_ids_that_are_all_taken_end_at_some_time(bench: GoogleBench) -> None:
    bench.google.go_wrong("/watch", error(400, "channelIdNotUnique"))
    with pytest.raises(DeliveryError):
        watch(bench)


def watched_in_the_end(bench: GoogleBench, attempt: Callable[[], Subscription]) -> Subscription:
    """As the worker does: what fails is tried again, as if nothing had been."""
    for _ in range(20):
        try:
            return attempt()
        except DeliveryError:
            bench.clock.advance(timedelta(minutes=10))
    raise AssertionError("Google has been itself again for long")


def test_withdrawn_connection_is_told_as_such(bench: GoogleBench) -> None:
    made = watch(bench)
    bench.credentials.broken.add(bench.connection.id)
    for ask in (
        lambda: watch(bench),
        lambda: bench.provider.renewed(bench.connection, made, ADDRESS, SECRET),
        lambda: bench.provider.unwatch(bench.connection, made),
    ):
        with pytest.raises(DeliveryError):
            ask()
