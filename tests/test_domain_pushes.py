"""When a push is renewed or tried again, and where one can arrive at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.pushes import Subscription, can_be_reached, renewal_at, retry_at
from tests.cast import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("url", ["https://meet.example", "https://meet.example:8443", "https://8.8.8.8"])
def test_public_https_can_be_pushed_to(url: str) -> None:
    assert can_be_reached(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://meet.example",
        "https://127.0.0.1:3000",
        "https://[::1]",
        "https://localhost",
        "https://app.localhost",
        "https://printer.local",
        "https://intranet",
        "https://10.0.0.7",
        "https://192.168.1.2",
        "",
    ],
)
def test_what_nobody_out_there_reaches_is_not_offered(url: str) -> None:
    assert not can_be_reached(url)


def test_renewal_comes_well_before_the_end() -> None:
    assert renewal_at(Subscription("1", NOW + 48 * HOUR), NOW) == NOW + 24 * HOUR


def test_renewal_of_what_has_ended_is_not_in_the_past() -> None:
    assert renewal_at(Subscription("1", NOW - HOUR), NOW) > NOW


def test_pauses_grow_and_have_an_end() -> None:
    pauses = [retry_at(failures, NOW) - NOW for failures in range(20)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (HOUR / 12, HOUR / 6, 12 * HOUR)
    assert retry_at(10**6, NOW) == NOW + 12 * HOUR
