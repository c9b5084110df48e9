"""bot.web.slack: what of a request reaches Bolt, and what is refused before anything else."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.slack.bolt import SameThread
from bot.slack.turns import AT_ONCE, Turns
from bot.web.slack import SlackRequest, slack_endpoint
from tests.servers import eventually

SECRET = b"s3cret"
PATIENCE_S = 30
BODY = b"command=%2Finvite&text=Anna+anna%40acme.com"


@pytest.fixture
def heard() -> list[str]:
    return []


class Stage:
    """A Bolt app behind the endpoint. Its command acknowledges, and then waits until it `may_go_on`."""

    def __init__(self, heard: list[str], threads: ThreadPoolExecutor) -> None:
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.refusal: Exception | None = None
        self.app = App(
            signing_secret=SECRET.decode(),
            authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1"),
            listener_executor=SameThread(),
        )

        @self.app.command("/invite")
        def invite(ack: Ack, body: dict[str, Any]) -> None:
            heard.append(body["text"])
            if self.refusal:
                raise self.refusal
            ack("Here you are")
            self.may_go_on.wait(PATIENCE_S)
            heard.append("done")

        @self.app.view_closed("wizard")
        def closed(ack: Ack, view: dict[str, Any]) -> None:
            ack()
            heard.append(view["private_metadata"])

        @self.app.event("app_home_opened")
        def opened() -> None:
            self.may_go_on.wait(PATIENCE_S)
            heard.append("opened")

        @self.app.error
        def shrug(error: Exception) -> None:
            heard.append(f"error: {error!r}")

        route = Route("/slack/events", slack_endpoint(self.app, Turns(threads)), methods=["POST"])
        self.client = TestClient(Starlette(routes=[route]))

    def post(self, body: bytes, headers: Mapping[str, str]) -> Response:
        latin = [(name, value.encode("latin-1")) for name, value in headers.items()]
        return self.client.post("/slack/events", content=body, headers=latin)


@pytest.fixture
def stage(heard: list[str]) -> Iterator[Stage]:
    with ThreadPoolExecutor(4) as threads:
        ready = Stage(heard, threads)
        yield ready
        ready.may_go_on.set()


def signed(sent_at: str, body: bytes = BODY) -> Mapping[str, str]:
    signature = hmac.new(SECRET, b":".join((b"v0", sent_at.encode(), body)), hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": sent_at, "x-slack-signature": f"v0={signature}"}


def now() -> str:
    return str(int(time.time()))


FORGED = {
    "unsigned": {},
    "without a time": {"x-slack-signature": signed("0")["x-slack-signature"]},
    "with a time that is a word": signed("yesterday"),
    "with a time that is a fraction": signed("1.5"),
    "with a time beyond all integers": signed("9" * 5000),
    "with a time before all time": signed("-5"),
    "of the year 2001": signed("1000000000"),
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED.keys())
def test_request_without_a_sound_signature_is_refused(
    stage: Stage, heard: list[str], headers: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert stage.post(BODY, headers).status_code == 401
    assert heard == []
    assert "SLACK_SIGNING_SECRET" in caplog.text


@pytest.mark.parametrize("signature", ["v0=é", "", "v1=" + "0" * 64, "v0=" + "0" * 64, "v0=" + "0" * 63])
def test_signature_that_is_none_is_refused(stage: Stage, heard: list[str], signature: str) -> None:
    headers = {"x-slack-request-timestamp": now(), "x-slack-signature": signature}
    assert stage.post(BODY, headers).status_code == 401
    assert heard == []


def test_request_older_than_five_minutes_is_refused(stage: Stage, heard: list[str]) -> None:
    assert stage.post(BODY, signed(str(int(time.time()) - 301))).status_code == 401
    assert heard == []


def test_body_that_is_no_text_is_refused(stage: Stage, heard: list[str]) -> None:
    assert stage.post(b"\xff" + BODY, signed(now(), b"\xff" + BODY)).status_code == 401
    assert heard == []


NOT_SLACKS = [b"{", b'{"authorizations": 5}', b"payload=%7B%22view%22", b'{"view":' + b"[" * 100_000]


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("body", NOT_SLACKS, ids=lambda body: body[:20].decode())
def test_body_that_is_no_object_is_a_bad_request_whoever_signed_it(
    stage: Stage, heard: list[str], body: bytes, is_signed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    answer = stage.post(body, signed(now(), body) if is_signed else {})
    assert answer.status_code == 400
    assert heard == []
    assert caplog.records == []


def test_the_answer_comes_with_the_acknowledgement_while_the_listener_goes_on(stage: Stage, heard: list[str]) -> None:
    stage.may_go_on.clear()
    answer = stage.post(BODY, signed(now()))
    assert (answer.status_code, answer.text) == (200, "Here you are")
    assert heard == ["Anna anna@acme.com"]
    stage.may_go_on.set()
    eventually(lambda: heard == ["Anna anna@acme.com", "done"], "the listener has gone on")


def test_whoever_keeps_a_turn_for_long_does_not_keep_others_from_their_answers(stage: Stage, heard: list[str]) -> None:
    stage.may_go_on.clear()
    for _ in range(AT_ONCE + 1):
        assert stage.post(BODY, signed(now())).text == "Here you are"
    assert heard == ["Anna anna@acme.com"] * (AT_ONCE + 1)


def test_an_event_is_acknowledged_before_its_listener_runs(stage: Stage, heard: list[str]) -> None:
    stage.may_go_on.clear()
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_home_opened", "user": "U1"}}
    body = json.dumps(event).encode()
    answer = stage.post(body, {**signed(now(), body), "content-type": "application/json"})
    assert (answer.status_code, heard) == (200, [])
    stage.may_go_on.set()
    eventually(lambda: heard == ["opened"], "the listener has run")


def test_a_listener_that_fails_before_it_has_acknowledged_is_answered_for(stage: Stage, heard: list[str]) -> None:
    stage.refusal = ValueError("no")
    assert stage.post(BODY, signed(now())).status_code == 500
    assert heard[1:] == ["error: ValueError('no')"]


def test_what_nobody_listens_to_is_answered(stage: Stage) -> None:
    body = b"command=%2Fother&text="
    assert stage.post(body, signed(now(), body)).status_code == 404


def test_a_failure_of_the_framework_reaches_the_page_for_errors(stage: Stage) -> None:
    stage.app.dispatch = lambda _: 1 / 0  # type: ignore[method-assign, assignment]  # it breaks
    with pytest.raises(ZeroDivisionError):
        stage.post(BODY, signed(now()))


@pytest.mark.parametrize("words", ["plain", "é 100 % = 1 + 1 & _ ; 😀", "%41 =3D =\n =", "a" * 5000, ""])
def test_a_payload_arrives_as_it_was_sent(stage: Stage, heard: list[str], words: str) -> None:
    view = {"type": "modal", "callback_id": "wizard", "private_metadata": words}
    payload = {"type": "view_closed", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": view}
    body = urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()
    assert stage.post(body, signed(now(), body)).status_code == 200
    eventually(lambda: heard == [words], "the view's closing was heard")


def test_a_request_holds_the_headers_that_slack_sends_and_no_others() -> None:
    sent = {**signed("1"), "x-slack-retry-num": "2", "X-Slack-Bolt-Lazy-Only": "1", "cookie": "a=b"}
    request = SlackRequest(BODY, sent, lambda _: None)
    assert request.headers == {
        name: [value] for name, value in sent.items() if name in (*signed("1"), "x-slack-retry-num")
    }
    assert request.raw_body == BODY.decode()
