"""bot.web.slack: what of a request reaches Bolt, and what is refused before anything else."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult

from bot.web.slack import slack_endpoint

SECRET = b"s3cret"
BODY = b"command=%2Finvite&text=Anna+anna%40acme.com"


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def bolt(heard: list[str]) -> App:
    app = App(signing_secret=SECRET.decode(), authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1"))

    @app.command("/invite")
    def hear(ack: object) -> None:
        heard.append("command")

    @app.error
    def shrug(error: Exception) -> None:
        heard.append(f"error: {error!r}")

    return app


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
    bolt: App, heard: list[str], headers: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    assert slack_endpoint(bolt)(BODY, "", headers).status_code == 401
    assert heard == []
    assert "SLACK_SIGNING_SECRET" in caplog.text


@pytest.mark.parametrize("signature", ["v0=é", "", "v1=" + "0" * 64, "v0=" + "0" * 64, "v0=" + "0" * 63])
def test_signature_that_is_none_is_refused(bolt: App, heard: list[str], signature: str) -> None:
    headers = {"x-slack-request-timestamp": now(), "x-slack-signature": signature}
    assert slack_endpoint(bolt)(BODY, "", headers).status_code == 401
    assert heard == []


def test_request_older_than_five_minutes_is_refused(bolt: App, heard: list[str]) -> None:
    assert slack_endpoint(bolt)(BODY, "", signed(str(int(time.time()) - 301))).status_code == 401
    assert heard == []


def test_body_that_is_no_text_is_refused(bolt: App, heard: list[str]) -> None:
    assert slack_endpoint(bolt)(b"\xff" + BODY, "", signed(now(), b"\xff" + BODY)).status_code == 401
    assert heard == []
