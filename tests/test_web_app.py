"""What stands around every answer: headers, errors, limits, health."""

from __future__ import annotations

import logging

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.domain.booking import BookingState
from bot.errors import DeliveryError
from bot.web.app import web_app
from bot.web.forms import FORM_BYTES, SLACK_BYTES
from tests import customer_cast as cast
from tests.customer_pages import FakeBooking, app, quiet_slack

PAGE = f"/i/{cast.TOKEN}"


class BrokenBooking(FakeBooking):
    """Fails in a way that nobody expected, with a secret in its text."""

    def look(self, token: str) -> BookingState:
        raise RuntimeError("the database is on fire")


class UnreachableSlack(FakeBooking):
    def look(self, token: str) -> BookingState:
        raise DeliveryError("Slack did not answer.")


def client(booking: FakeBooking | None = None, **options: object) -> TestClient:
    return TestClient(app(booking or FakeBooking(), now=cast.NOW, **options), follow_redirects=False)


@pytest.mark.parametrize("path", [PAGE, "/i/unknown", "/", "/healthz"])
def test_every_answer_is_locked_down(path: str) -> None:
    headers = client().get(path).headers
    policy = headers["content-security-policy"]
    for directive in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert directive in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["cache-control"] == "no-store"


def test_https_is_insisted_on_only_where_it_is_spoken() -> None:
    assert "strict-transport-security" not in client(public_url="http://127.0.0.1:3000").get("/").headers
    assert "max-age" in client(public_url="https://meet.example.com").get("/").headers["strict-transport-security"]


def test_route_may_set_headers_of_its_own() -> None:
    def own(_request: Request) -> Response:
        return PlainTextResponse("x", headers={"Content-Security-Policy": "default-src 'self'"})

    answer = client(extra_routes=[Route("/own", own)]).get("/own")
    assert answer.headers["content-security-policy"] == "default-src 'self'"


def test_no_cookies_are_set() -> None:
    assert "set-cookie" not in client().get(PAGE).headers


def test_unexpected_error_shows_a_reference_that_the_log_has(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client(BrokenBooking()).get(PAGE)
    assert answer.status_code == 500
    (record,) = caplog.records
    assert record.__dict__["reference"] in answer.text
    assert "on fire" not in answer.text
    assert cast.TOKEN not in caplog.text
    assert "content-security-policy" in answer.headers


def test_slack_being_down_is_try_again() -> None:
    answer = client(UnreachableSlack()).get(PAGE)
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(
    ("path", "limit"), [(f"{PAGE}/book", FORM_BYTES), (f"{PAGE}/cancel", FORM_BYTES), ("/slack/events", SLACK_BYTES)]
)
def test_oversized_request_is_refused(path: str, limit: int) -> None:
    booking = FakeBooking()
    assert client(booking).post(path, content=b"a" * (limit + 1)).status_code == 413

    def chunks() -> object:
        for _ in range(limit // 1024 + 1):
            yield b"a" * 1024

    assert client(booking).post(path, content=chunks()).status_code == 413  # type: ignore[arg-type]  # an iterator
    assert booking.calls == []


def test_body_of_the_limit_s_size_is_taken() -> None:
    assert client().post("/slack/events", content=b"a" * SLACK_BYTES).status_code == 200


def test_form_with_a_thousand_fields_is_refused() -> None:
    answer = client().post(f"{PAGE}/book", content="&".join(f"f{n}=1" for n in range(1000)))
    assert answer.status_code == 400


def test_first_of_two_fields_of_a_name_counts_and_bad_bytes_are_harmless() -> None:
    booking = FakeBooking()
    browser = client(booking)
    browser.get(f"{PAGE}/20261201T150000Z")
    content = b"start=20261201T150000Z&start=20261202T150000Z&nonce=nonce-1&tz=%ff%fe\xff&reason=%00"
    assert browser.post(f"{PAGE}/book", content=content).status_code == 200
    assert booking.state.meeting is not None
    assert booking.state.meeting.start == cast.START


def test_slack_is_answered_as_its_endpoint_says() -> None:
    async def slack(request: Request) -> Response:
        return PlainTextResponse(await request.body(), status_code=201)

    browser = TestClient(web_app(booking=FakeBooking(), slack_endpoint=slack, readiness=list, clock=lambda: cast.NOW))
    answer = browser.post("/slack/events", content=b"payload=%7B%7D\xff")
    assert (answer.status_code, answer.content) == (201, b"payload=%7B%7D\xff")
    assert browser.get("/slack/events").status_code == 405


def test_health_and_readiness() -> None:
    browser = client()
    assert browser.get("/healthz").status_code == 200
    assert browser.get("/readyz").status_code == 200
    not_ready = TestClient(
        web_app(
            booking=FakeBooking(),
            slack_endpoint=quiet_slack,
            readiness=lambda: ["The database schema is older than the program: run migrate."],
            clock=lambda: cast.NOW,
        )
    ).get("/readyz")
    assert not_ready.status_code == 503
    assert "run migrate" in not_ready.text


def test_metrics_count_by_route_and_name_no_link() -> None:
    browser = client()
    browser.get(PAGE)
    browser.get("/i/unknown")
    browser.get("/nowhere-at-all")
    text = browser.get("/metrics").text
    assert 'inviteonce_http_requests_total{method="GET",route="/i/{token}",status="200"} 1.0' in text
    assert 'inviteonce_http_requests_total{method="GET",route="/i/{token}",status="404"} 1.0' in text
    assert 'route="other",status="404"' in text
    assert cast.TOKEN not in text
    assert "nowhere" not in text
    assert "inviteonce_http_request_duration_seconds_bucket" in text


def test_two_apps_count_apart() -> None:
    one, other = client(), client()
    one.get(PAGE)
    assert "/i/{token}" not in other.get("/metrics").text


def test_front_door_leads_to_the_playground_only_where_it_is() -> None:
    assert client().get("/").status_code == 200
    with_playground = client(extra_routes=[Route("/playground", lambda _request: PlainTextResponse("play"))])
    answer = with_playground.get("/")
    assert answer.status_code in (302, 307)
    assert answer.headers["location"] == "/playground"


def test_static_files_may_be_kept_and_have_the_right_type() -> None:
    browser = client()
    for name, kind in (("customer.css", "text/css"), ("customer.js", "javascript"), ("icons.svg", "image/svg+xml")):
        answer = browser.get(f"/static/{name}")
        assert answer.status_code == 200
        assert kind in answer.headers["content-type"]
        assert "immutable" in answer.headers["cache-control"]
    missing = browser.get("/static/../app.py")
    assert missing.status_code == 404
    assert "immutable" not in missing.headers["cache-control"]


def test_pages_hold_no_inline_script_or_style() -> None:
    html = client().get(PAGE).text
    assert "style=" not in html
    assert "<style" not in html
    assert "onclick" not in html
    assert html.count("<script") == html.count("<script src=") == 1


def test_wrong_method_is_405() -> None:
    assert client().put(PAGE).status_code == 405
    assert client().delete(f"{PAGE}/book").status_code == 405
