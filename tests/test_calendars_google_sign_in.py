"""Connecting a Google account: what the browser is sent to, what comes back, and what is kept of it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.calendars.google.client import SCOPES, GoogleClient
from bot.calendars.google.pacing import Timing
from bot.calendars.google.sign_in import GoogleSignIn
from bot.domain.calendar import Account, SignIn
from bot.errors import ConnectionRefusedByProviderError
from bot.ports import SignInProvider
from tests.cast import ManualClock
from tests.google_bench import OWNER
from tests.google_discovery import document
from tests.google_server import Asked, PretendGoogle, Reply, as_json, error, pretending

CLOCK = ManualClock()
REDIRECT_URI = "https://meet.example/connect/callback/google"
TOKENS = {"access_token": "ya29.x", "refresh_token": "1//x", "expires_in": 3599, "token_type": "Bearer"}


@pytest.fixture
def google() -> Iterator[PretendGoogle]:
    with pretending() as google:
        google.account(OWNER)
        yield google


@pytest.fixture
def sign_in(google: PretendGoogle) -> GoogleSignIn:
    return GoogleSignIn(google.client, CLOCK, Timing(sleep=lambda seconds: None))


def query_of(begun: SignIn) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(begun.url).query))


def consented(google: PretendGoogle, begun: SignIn) -> dict[str, str]:
    """What the person's browser brings back."""
    parts = urlsplit(begun.url)
    query = {name: [value] for name, value in parse_qsl(parts.query)}
    reply = google.answer(Asked("GET", parts.path, query, None), "")
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def connected(google: PretendGoogle, sign_in: GoogleSignIn) -> Account:
    begun = sign_in.begin("state-1", REDIRECT_URI, OWNER)
    return sign_in.finish(begun, REDIRECT_URI, consented(google, begun))


def refusal(google: PretendGoogle, sign_in: GoogleSignIn) -> str:
    with pytest.raises(ConnectionRefusedByProviderError) as caught:
        connected(google, sign_in)
    return str(caught.value)


# ---------------------------------------------------------------- the way there


def test_port_is_kept(sign_in: GoogleSignIn) -> None:
    provider: SignInProvider = sign_in
    assert (provider.key, provider.name) == ("google", "Google")


def test_browser_is_sent_to_google_with_everything_it_wants() -> None:
    begun = GoogleSignIn(GoogleClient("our-client", "our-secret"), CLOCK).begin("state-1", REDIRECT_URI, OWNER)
    assert begun.url.startswith("https://accounts.google.com/o/oauth2/v2/auth?")
    query = query_of(begun)
    assert len(query.pop("code_challenge")) == 43
    assert query == {
        "client_id": "our-client",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "include_granted_scopes": "true",
        "state": "state-1",
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": OWNER,
    }


def test_verifier_and_client_secret_stay_here(sign_in: GoogleSignIn) -> None:
    begun = sign_in.begin("state-1", REDIRECT_URI, OWNER)
    assert 43 <= len(begun.secret) <= 128
    assert begun.secret not in begun.url
    assert "GOCSPX" not in begun.url + repr(begun)
    assert begun.secret not in repr(begun)
    assert begun.secret != sign_in.begin("state-1", REDIRECT_URI, OWNER).secret


def test_without_a_hint_google_asks_who_it_is(sign_in: GoogleSignIn) -> None:
    assert "login_hint" not in query_of(sign_in.begin("state-1", REDIRECT_URI, ""))


def test_permissions_are_the_three_narrowest_that_google_knows() -> None:
    known = document()["auth"]["oauth2"]["scopes"]
    assert set(SCOPES) <= set(known)
    assert [scope.rpartition("/")[2] for scope in SCOPES] == [
        "calendar.events.freebusy",
        "calendar.events.owned",
        "calendar.calendarlist.readonly",
    ]


# ---------------------------------------------------------------- the way back


def test_account_and_lasting_credentials(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    account = connected(google, sign_in)
    assert account.address == OWNER
    kept = json.loads(account.credentials)
    assert google.access[kept["access_token"]] == google.refresh[kept["refresh_token"]] == OWNER
    assert kept["expiry"] == (CLOCK() + timedelta(seconds=3599)).isoformat()
    assert kept["refresh_token"] not in repr(account)


def test_primary_calendar_may_be_on_a_later_page(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    google.calendars[:0] = [google.calendar(OWNER, f"own{number}@group.example") for number in range(5)]
    del google.calendars[-5:]
    assert connected(google, sign_in).address == OWNER


def test_code_is_worth_nothing_without_its_verifier(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    begun = sign_in.begin("state-1", REDIRECT_URI, OWNER)
    stolen = replace(begun, secret="x" * 43)
    with pytest.raises(ConnectionRefusedByProviderError, match="expired or was used before"):
        sign_in.finish(stolen, REDIRECT_URI, consented(google, begun))


def test_callback_may_be_taken_by_another_process(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    begun = sign_in.begin("state-1", REDIRECT_URI, OWNER)
    elsewhere = GoogleSignIn(google.client, CLOCK)
    stored = SignIn(begun.url, begun.secret)
    assert elsewhere.finish(stored, REDIRECT_URI, consented(google, begun)).address == OWNER


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"error": "access_denied"}, "You did not let InviteOnce"),
        ({"error": "admin_policy_enforced"}, "Ask its Google administrator"),
        ({"error": "<script>"}, "could not sign you in"),
        ({"error": "", "code": "4/x"}, "could not sign you in"),
        ({}, "could not sign you in"),
        ({"code": ""}, "could not sign you in"),
    ],
)
def test_refusal_in_the_browser_says_what_to_do(sign_in: GoogleSignIn, answer: Mapping[str, str], said: str) -> None:
    with pytest.raises(ConnectionRefusedByProviderError, match=said) as caught:
        sign_in.finish(SignIn("", "verifier"), REDIRECT_URI, answer)
    assert "<" not in str(caught.value)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_permission_is_needed(google: PretendGoogle, sign_in: GoogleSignIn, scope: str) -> None:
    google.granted = " ".join(one for one in SCOPES if one != scope)
    assert "leave every box ticked" in refusal(google, sign_in)


def test_more_permissions_than_asked_for_are_fine(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    google.granted += " openid https://www.googleapis.com/auth/userinfo.email"
    assert connected(google, sign_in).address == OWNER


def test_access_for_an_hour_only_is_refused(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    google.go_wrong("/token", as_json(200, {**TOKENS, "refresh_token": None}))
    assert "for an hour only" in refusal(google, sign_in)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (as_json(401, {"error": "invalid_client"}), "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"),
        (as_json(400, {"error": "unauthorized_client"}), "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"),
        (as_json(400, {"error": "access_denied"}), "organisation does not allow it"),
        (as_json(400, {"error": "redirect_uri_mismatch"}), "refused to sign in"),
        (as_json(400, {"error": {"is": "an object"}}), "refused to sign in"),
        (as_json(400, {"error": "temporarily_unavailable"}), "has a problem"),
        (error(500, "backendError"), "has a problem"),
        (error(429, "rateLimitExceeded"), "asks for a pause"),
        (Reply(200, b"<html>"), "could not be understood"),
        (Reply(400, b"<html>"), "could not be understood"),
        (as_json(200, []), "could not be understood"),
        (as_json(200, {}), "could not be understood"),
        (as_json(200, {**TOKENS, "token_type": "mac"}), "could not be understood"),
        (as_json(200, {**TOKENS, "access_token": "two words"}), "could not be understood"),
        (as_json(200, {**TOKENS, "access_token": "a\r\nx: y"}), "could not be understood"),
        (as_json(200, {**TOKENS, "access_token": ""}), "could not be understood"),
        (as_json(200, {**TOKENS, "access_token": 7}), "could not be understood"),
        (as_json(200, {**TOKENS, "refresh_token": 7}), "could not be understood"),
        (replace(as_json(200, {**TOKENS, "filler": "x" * 99}), cut=True), "broke off"),
    ],
)
def test_fault_of_the_token_endpoint_is_a_refusal(
    google: PretendGoogle, sign_in: GoogleSignIn, reply: Reply, said: str
) -> None:
    google.go_wrong("/token", reply)
    assert said in refusal(google, sign_in)


@pytest.mark.parametrize(
    "reply",
    [
        error(401, "authError"),
        error(403, "notACalendarUser"),
        error(500, "backendError"),
        as_json(200, {"items": []}),
        as_json(200, {"items": [{"id": "work@group.example", "accessRole": "owner"}]}),
        as_json(200, {"items": [{"id": "main", "summary": "Main", "primary": True}]}),
    ],
)
def test_account_of_nobody_is_refused(google: PretendGoogle, sign_in: GoogleSignIn, reply: Reply) -> None:
    google.go_wrong("calendarList", reply)
    assert len(refusal(google, sign_in)) > 20


@pytest.mark.parametrize(
    ("said", "lasts_s"),
    [
        (3599, 3599),
        (3599.5, 3599.5),
        (10**8, 86400),
        (10**12, 300),
        (float("inf"), 300),
        (0, 300),
        (-5, 300),
        (True, 300),
        ("3599", 300),
        (None, 300),
    ],
)
def test_lifetime_is_believed_within_reason(
    google: PretendGoogle, sign_in: GoogleSignIn, said: Any, lasts_s: float
) -> None:
    google.go_wrong("/token", as_json(200, {**TOKENS, "expires_in": said}))
    google.access["ya29.x"] = OWNER
    kept = json.loads(connected(google, sign_in).credentials)
    assert kept["expiry"] == (CLOCK() + timedelta(seconds=lasts_s)).isoformat()


# ---------------------------------------------------------------- giving it back


def test_revoked_grant_is_gone_at_google(google: PretendGoogle, sign_in: GoogleSignIn) -> None:
    sign_in.revoke(connected(google, sign_in).credentials)
    assert google.access == google.refresh == {}


@pytest.mark.parametrize(
    "reply", [error(500, "backendError"), as_json(400, {"error": "invalid_token"}), Reply(200, b"{}" * 9, cut=True)]
)
def test_revoking_raises_nothing_and_tells_the_log_no_secret(
    google: PretendGoogle, sign_in: GoogleSignIn, caplog: pytest.LogCaptureFixture, reply: Reply
) -> None:
    credentials = google.signed_in(OWNER, CLOCK())
    google.go_wrong("revoke", reply)
    with caplog.at_level(logging.DEBUG, "bot"):
        sign_in.revoke(credentials)
    assert len(caplog.records) == 1
    assert all(token not in caplog.text for token in google.refresh)


@pytest.mark.parametrize("credentials", ["", "{}", "not json"])
def test_revoking_what_is_no_sign_in_raises_nothing(
    google: PretendGoogle, sign_in: GoogleSignIn, credentials: str
) -> None:
    sign_in.revoke(credentials)
    assert google.requests("revoke") == []
