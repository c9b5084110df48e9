"""429: whoever asks far more than people do waits; an office behind one address, and everything else, does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.web.app import web_app
from bot.web.limits import FORMS, FORMS_OF_LINK, PAGES, UNKNOWN_COSTS, Budgets, Rate, RateLimited, Rates, link_of
from bot.web.rendering import Templates
from tests import customer_cast as cast
from tests.cast import ManualClock
from tests.customer_pages import FakeBooking, quiet_slack

PAGE = f"/i/{cast.TOKEN}"
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


SMALL = Rates(pages=Rate(40, 1), forms=Rate(6, 1), forms_of_link=Rate(3, 1))
"""What a test can use up by asking."""


def served(clock: ManualClock, rates: Rates = SMALL) -> Starlette:
    return web_app(booking=FakeBooking(), slack_endpoint=quiet_slack, readiness=list, clock=clock, rates=rates)


def browser(app: Starlette, address: str = "203.0.113.7") -> TestClient:
    return TestClient(app, client=(address, 50_000), follow_redirects=False)


def test_budget_is_a_burst_and_then_so_many_a_second(clock: ManualClock) -> None:
    budgets = Budgets(Rate(3, 2))
    for _ in range(3):
        assert budgets.wait_s("dana", clock()) == 0
        budgets.charge("dana", clock())
    assert budgets.wait_s("dana", clock()) == pytest.approx(0.5)
    assert budgets.wait_s("ben", clock()) == 0
    clock.advance(SECOND / 2)
    assert budgets.wait_s("dana", clock()) == pytest.approx(0)
    clock.advance(timedelta(hours=1))
    for _ in range(3):
        assert budgets.wait_s("dana", clock()) == 0
        budgets.charge("dana", clock())
    assert budgets.wait_s("dana", clock()) > 0, "what is not used for an hour is not saved up"


def test_clock_that_is_put_back_locks_nobody_out_for_longer_than_a_full_budget_takes(clock: ManualClock) -> None:
    budgets = Budgets(Rate(10, 1))
    budgets.charge("dana", clock())
    clock.advance(timedelta(days=-1))
    budgets.charge("dana", clock())
    assert budgets.wait_s("dana", clock()) <= 10
    clock.advance(10 * SECOND)
    assert budgets.wait_s("dana", clock()) == 0


def test_only_the_latest_are_remembered(clock: ManualClock) -> None:
    budgets = Budgets(Rate(1, 1), most=2)
    for name in ("ana", "ben", "ana", "eve"):
        budgets.charge(name, clock())
    assert [name for name in ("ana", "ben", "eve") if budgets.wait_s(name, clock()) > 0] == ["ana", "eve"]


def test_who_asks_too_often_gets_a_friendly_page_and_the_time_to_wait(clock: ManualClock) -> None:
    customer = browser(served(clock))
    assert {customer.get(PAGE).status_code for _ in range(40)} == {200}
    refused = customer.get(PAGE)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert "Please wait a minute" in refused.text
    assert refused.headers["content-security-policy"], "as on every other page"
    clock.advance(SECOND)
    assert customer.get(PAGE).status_code == 200
    assert customer.head(PAGE).status_code == 429, "a HEAD is as much work"


def test_other_addresses_go_on_with_other_links_and_one_link_has_a_budget_of_its_own(clock: ManualClock) -> None:
    app = served(clock)
    first, second = browser(app), browser(app, "203.0.113.8")
    for _ in range(40):
        first.get(PAGE)
    assert first.get(PAGE).status_code == 429
    assert second.get(PAGE).status_code == 429, "the link itself has been asked for too often"
    assert second.get("/i/other").status_code == 404


def test_forms_have_their_own_budgets(clock: ManualClock) -> None:
    app = served(clock)
    customer = browser(app)
    form = {"start": "20261201T150000Z", "nonce": "unknown"}
    assert [customer.post(f"{PAGE}/book", data=form).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert customer.post(f"{PAGE}/cancel", data=form).status_code == 429
    assert customer.get(PAGE).status_code == 200
    assert browser(app, "203.0.113.8").post(f"{PAGE}/book", data=form).status_code == 429, "it is one link"
    assert customer.post("/i/other/book", data=form).status_code == 404, "the address has some left"


def test_guessing_links_costs_more_and_forms_do_not_help_with_it(clock: ManualClock) -> None:
    customer = browser(served(clock))
    guesses = [customer.get(f"/i/guess-{number}").status_code for number in range(4)]
    assert guesses == [404, 404, 429, 429]
    assert customer.post("/i/guess/book", data={}).status_code == 429
    clock.advance(timedelta(seconds=UNKNOWN_COSTS))
    assert customer.get("/i/guess").status_code == 404


def test_health_slack_and_static_files_are_never_refused(clock: ManualClock) -> None:
    customer = browser(served(clock))
    for _ in range(41):
        customer.get(PAGE)
    assert customer.get(PAGE).status_code == 429
    for path in ("/healthz", "/readyz", "/metrics", "/static/customer.css"):
        assert {customer.get(path).status_code for _ in range(45)} == {200}
    assert {customer.post("/slack/events", content=b"{}").status_code for _ in range(45)} == {200}


def test_everybody_of_one_ipv6_network_is_one(clock: ManualClock) -> None:
    app = served(clock)
    for number in range(3):
        browser(app, f"2001:db8:1:2::{number}").get(f"/i/guess-{number}")
    assert browser(app, "2001:db8:1:2:3:4:5:6").get("/i/guess").status_code == 429
    assert browser(app, "2001:db8:1:3::1").get("/i/guess").status_code == 404


def test_header_that_the_server_does_not_trust_changes_nothing(clock: ManualClock) -> None:
    """Which proxies to trust is the server's own setting: what it trusts is the client that it tells."""
    customer = browser(served(clock))
    answers = [customer.get(f"/i/{n}", headers={"x-forwarded-for": f"198.51.100.{n}"}).status_code for n in range(3)]
    assert answers == [404, 404, 429]


def test_request_without_an_address_is_counted_by_its_link_alone(clock: ManualClock) -> None:
    async def answer(scope: object, receive: object, send: object) -> None:
        answered.append(scope)

    answered: list[object] = []
    limited = RateLimited(answer, templates=Templates(), clock=clock, rates=SMALL)
    for client in (None, ("testclient", 1)):
        asyncio.run(limited({"type": "http", "path": PAGE, "method": "GET", "client": client}, _nothing, _nothing))
    assert len(answered) == 2


async def _nothing(*_: object) -> dict[str, object]:
    return {}


def test_an_office_of_a_thousand_people_is_not_refused(clock: ManualClock) -> None:
    office, budgets = "203.0.113.7", {PAGES: 6, FORMS: 2}
    for rate, each in budgets.items():
        budget = Budgets(rate)
        for _ in range(1_000 * each):
            assert budget.wait_s(office, clock()) == 0
            budget.charge(office, clock())
    assert FORMS_OF_LINK.burst > 100, "a hundred colleagues may press the same button at once"


def test_what_is_remembered_of_links_is_short_however_long_an_address_is() -> None:
    ours = link_of(f"{PAGE}/book")
    assert ours == PAGE
    assert link_of(f"/i/{'x' * 60_000}/book") == link_of(f"/i/{'x' * 50_000}")
    assert len(link_of(f"/m/{'x' * 60_000}")) < 100
