"""The pages on which calendars are connected, over HTTP: who may send what, where it leads, what is never shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from bot.domain.calendar import ExtraAccess
from bot.domain.people import Person
from bot.services.sign_ins import LIFETIME, TRIES
from bot.web.app import web_app
from bot.web.connect import COOKIE
from storage.database import Database
from tests.cast import DANA, PRIYA
from tests.connect_cast import (
    AUTHORITY,
    PASSWORD,
    REFRESH_TOKEN,
    VERIFIER,
    FakePassword,
    FakeSignIn,
    connect_stage,
    state_in,
    token_of,
)
from tests.customer_pages import FakeBooking, quiet_slack
from tests.world import PUBLIC_URL, Stage


class Browser:
    """A person's browser in front of the connect pages."""

    def __init__(self, stage: Stage, public_url: str = PUBLIC_URL) -> None:
        app = web_app(
            booking=FakeBooking(),
            slack_endpoint=quiet_slack,
            readiness=list,
            clock=stage.clock,
            sign_ins=stage.services.sign_ins,
            public_url=public_url,
        )
        self.http = TestClient(app, base_url=public_url, follow_redirects=False)
        self.status = 0
        self.html = ""
        self.at = ""
        self.headers: dict[str, str] = {}

    def go(self, url: str, method: str = "GET") -> None:
        """Like a browser: on to where a redirect leads, as long as that is here."""
        self._show(self.http.request(method, url, headers={"sec-fetch-site": "none"}))

    def press(self, button: str, *, site: str | None = "same-origin", **typed: str) -> None:
        """Send the form that the button is in."""
        form = next(form for form in re.findall(r"<form.*?</form>", self.html, re.S) if f">{button}</button>" in form)
        fields = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
        pressed = re.search(r'name="([^"]+)" value="([^"]+)">' + re.escape(button), form)
        fields |= {pressed[1]: pressed[2]} if pressed else {}
        headers = {"sec-fetch-site": site} if site else {}
        self._show(self.http.post(self.at, data={**fields, **typed}, headers=headers))

    def _show(self, answer: object) -> None:
        from httpx2 import Response

        assert isinstance(answer, Response)
        self.status, self.html, self.headers = answer.status_code, answer.text, dict(answer.headers)
        self.at = urlsplit(str(answer.url)).path
        if answer.status_code == 303:
            to = answer.headers["location"]
            if to.startswith("/"):
                self.go(to)
            else:
                self.at = to


@pytest.fixture
def connecting(sqlite_database: Database) -> tuple[Stage, FakeSignIn, FakePassword]:
    return connect_stage(sqlite_database.unit_of_work)


@pytest.fixture
def stage(connecting: tuple[Stage, FakeSignIn, FakePassword]) -> Stage:
    return connecting[0]


@pytest.fixture
def google(connecting: tuple[Stage, FakeSignIn, FakePassword]) -> FakeSignIn:
    return connecting[1]


@pytest.fixture
def caldav(connecting: tuple[Stage, FakeSignIn, FakePassword]) -> FakePassword:
    return connecting[2]


@pytest.fixture
def browser(stage: Stage) -> Iterator[Browser]:
    browser = Browser(stage)
    with browser.http:
        yield browser


def link(stage: Stage, person: Person = DANA) -> str:
    return f"/connect/{token_of(stage.services.sign_ins.link(person))}"


def callback(url: str, **answer: str) -> str:
    """Where Google sends the browser back to."""
    given = "&".join(f"{name}={value}" for name, value in {"state": state_in(url), **answer}.items())
    return f"/connect/callback/google?{given}"


def is_connected(stage: Stage, person: Person = DANA) -> bool:
    return stage.services.connections.is_connected(person.workspace_id, person.user_id)


# ---------------------------------------------------------------- the story


def test_google_from_the_link_to_the_last_page(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    assert browser.status == 200
    for words in ("Dana Fox", DANA.email, "Northwind", ">Google</button>", "CalDAV", "app-specific password"):
        assert words in browser.html
    browser.press("Google")
    assert browser.at.startswith(AUTHORITY)
    browser.go(callback(browser.at, code="abc"))
    assert "Connected: you can go back to Slack" in browser.html
    assert "slack://open?team=T0NORTH" in browser.html
    assert is_connected(stage)
    browser.go(browser.at)
    assert "Connected: you can go back to Slack" in browser.html, "reloading the last page shows it again"


def test_password_from_the_link_to_the_last_page(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    browser.press("Connect", user="dana", password=PASSWORD, server="cal.example")
    assert "Connected: you can go back to Slack" in browser.html
    assert is_connected(stage)


def test_another_address_is_asked_about(stage: Stage, google: FakeSignIn, browser: Browser) -> None:
    google.address = "dana@private.example"
    browser.go(link(stage))
    browser.press("Google")
    browser.go(callback(browser.at, code="abc"))
    assert "Is this the right calendar?" in browser.html
    assert not is_connected(stage)
    browser.press("Connect dana@private.example")
    assert "Connected: you can go back to Slack" in browser.html
    assert is_connected(stage)


def test_another_account_can_be_taken_instead(stage: Stage, google: FakeSignIn, browser: Browser) -> None:
    google.address = "dana@private.example"
    browser.go(link(stage))
    browser.press("Google")
    browser.go(callback(browser.at, code="abc"))
    browser.press("Use another account")
    assert ">Google</button>" in browser.html
    assert google.revoked == [REFRESH_TOKEN]
    assert not is_connected(stage)


def test_wrong_password_is_said_at_the_form_and_never_shown(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    browser.press("Connect", user="dana", password="hunter2-wrong", server="cal.example")
    assert browser.status == 200
    assert "does not accept this password" in browser.html.partition(">CalDAV</h2>")[2], "it stands at the form"
    assert 'value="dana"' in browser.html
    assert 'value="cal.example"' in browser.html
    assert "hunter2" not in browser.html + browser.at
    browser.press("Connect", password=PASSWORD)
    assert is_connected(stage)


def test_tried_too_often_has_to_come_from_slack_again(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    for _ in range(TRIES):
        browser.press("Connect", user="dana", password="wrong")
    assert (browser.status, "Start again from Slack" in browser.html) == (410, True)


def test_refusal_at_the_provider_leads_back_to_a_page_that_works(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    browser.press("Google")
    browser.go(callback(browser.at, error="access_denied"))
    assert "not allowed to share" in browser.html.partition(">Google</button>")[0], "it stands at the top"
    browser.go(browser.at)
    browser.press("Google")
    browser.go(callback(browser.at, code="abc"))
    assert is_connected(stage)


# ---------------------------------------------------------------- what changes nothing


def test_consent_for_the_directory_says_what_is_read_and_that_the_calendar_stays(
    stage: Stage, browser: Browser
) -> None:
    browser.go(link(stage))
    browser.press("Google")
    browser.go(callback(browser.at, code="a-code"))
    with stage.unit_of_work() as unit:
        [connection] = unit.connections.of_user(DANA.workspace_id, DANA.user_id)
    url = stage.services.sign_ins.link(DANA, connection.id, ExtraAccess.ROOM_DIRECTORY)
    browser.go(f"/connect/{token_of(url)}")
    assert "the list of rooms of your organisation" in browser.html
    assert "your calendar stays connected" in browser.html
    browser.press("Continue to Google")
    browser.go(callback(browser.at, error="access_denied"))
    assert 'role="alert"' in browser.html
    browser.press("Continue to Google")
    browser.go(callback(browser.at, code="a-code"))
    assert "Allowed: you can go back to Slack" in browser.html
    assert is_connected(stage)


def test_server_that_the_domain_names_elsewhere_is_filled_in_and_the_password_is_not(
    stage: Stage, caldav: FakePassword, browser: Browser
) -> None:
    caldav.elsewhere = "https://dav.hoster.example/dav/"
    browser.go(link(stage))
    browser.press("Connect", user=DANA.email, password=PASSWORD, server="")
    assert 'value="https://dav.hoster.example/dav/"' in browser.html
    assert "Its calendars are at" in browser.html
    assert PASSWORD not in browser.html
    browser.press("Connect", password=PASSWORD)
    assert "Connected: you can go back to Slack" in browser.html


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_scanners_use_up_nothing(stage: Stage, browser: Browser, method: str) -> None:
    url = link(stage)
    for _ in range(5):
        browser.go(url, method)
        assert browser.status == 200
    browser.go(url)
    browser.press("Google")
    assert browser.at.startswith(AUTHORITY)
    for _ in range(3):
        browser.http.head(callback(browser.at, code="abc"))
    assert not is_connected(stage)
    browser.go(callback(browser.at, code="abc"))
    assert is_connected(stage)


def test_used_old_and_unknown_links_say_how_to_start_again(stage: Stage, browser: Browser) -> None:
    used, old = link(stage), link(stage, PRIYA)
    browser.go(used)
    browser.press("Google")
    stage.clock.advance(LIFETIME)
    pages = set()
    for url in (used, old, "/connect/unknown"):
        browser.go(url)
        assert browser.status == 410
        pages.add(browser.html)
    assert len(pages) == 1
    assert "press Connect calendar again" in pages.pop()


def test_link_is_good_for_one_press(stage: Stage, browser: Browser) -> None:
    browser.go(url := link(stage))
    page = browser.html
    browser.press("Google")
    browser.html, browser.at = page, url  # back, and again
    browser.press("Google")
    assert (browser.status, "Start again from Slack" in browser.html) == (410, True)


def test_replayed_callback_connects_nothing_more(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    browser.press("Google")
    url = callback(browser.at, code="abc")
    browser.go(url)
    stage.services.connections.disconnect(DANA, stage.services.connections.items(DANA)[0].connection.id)
    browser.go(url)
    assert browser.status == 410
    assert not is_connected(stage)


@pytest.mark.parametrize("query", ["", "?state=", "?state=made-up&code=abc", "?code=abc&error=x"])
def test_made_up_callback_is_refused(browser: Browser, query: str) -> None:
    for provider in ("google", "microsoft", "..%2f.."):
        browser.go(f"/connect/callback/{provider}{query}")
        assert browser.status in (404, 410)


def test_person_sent_to_the_provider_by_somebody_else_is_asked_whose_slack_it_is(
    stage: Stage, google: FakeSignIn, browser: Browser
) -> None:
    attacker = Browser(stage)
    attacker.go(link(stage, PRIYA))
    attacker.press("Google")
    google.address = PRIYA.email  # even where the attacker's address is that of the account
    browser.go(callback(attacker.at, code="of the victim"))
    assert "Is this the right calendar?" in browser.html
    assert PRIYA.name in browser.html
    assert not is_connected(stage, PRIYA)


# ---------------------------------------------------------------- where forms come from


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_form_of_another_site_does_nothing(stage: Stage, browser: Browser, site: str) -> None:
    browser.go(url := link(stage))
    browser.press("Connect", site=site, user="dana", password=PASSWORD)
    assert browser.status == 403
    assert not is_connected(stage)
    browser.go(url)
    assert browser.status == 200, "and the link is as good as before"


@pytest.mark.parametrize(
    ("origin", "status"),
    [(PUBLIC_URL, 303), ("https://evil.example", 403), ("null", 403), (PUBLIC_URL.replace("https", "http"), 303)],
)
def test_browsers_without_fetch_metadata_are_judged_by_the_origin(
    stage: Stage, browser: Browser, origin: str, status: int
) -> None:
    browser.go(link(stage))
    nonce = re.search(r'name="nonce" value="([^"]+)"', browser.html)
    assert nonce
    fields = {"step": "sign-in", "provider": "google", "nonce": nonce[1]}
    assert browser.http.post(browser.at, data=fields, headers={"origin": origin}).status_code == status


@pytest.mark.parametrize("fields", [{}, {"step": "confirm"}, {"step": "sign-in", "provider": "google", "nonce": "x.y"}])
def test_form_without_a_good_nonce_is_shown_again(stage: Stage, browser: Browser, fields: dict[str, str]) -> None:
    browser.go(url := link(stage))
    answer = browser.http.post(url, data=fields, headers={"sec-fetch-site": "same-origin"})
    assert (answer.status_code, "once more" in answer.text) == (400, True)
    browser.go(url)
    assert browser.status == 200


def test_form_that_is_too_large_is_refused(stage: Stage, browser: Browser) -> None:
    answer = browser.http.post(link(stage), data={"password": "x" * 20_000})
    assert answer.status_code == 413


# ---------------------------------------------------------------- headers, texts, secrets


def test_headers_let_the_form_lead_to_the_provider_and_nothing_else(stage: Stage, browser: Browser) -> None:
    browser.go(link(stage))
    policy = browser.headers["content-security-policy"]
    assert "form-action 'self' https:;" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert browser.headers["referrer-policy"] == "same-origin"
    assert browser.headers["cache-control"] == "no-store"
    assert "<script" not in browser.html


@pytest.mark.parametrize(("public_url", "is_secure"), [(PUBLIC_URL, True), ("http://127.0.0.1:3000", False)])
def test_cookie_is_for_the_callback_alone(stage: Stage, public_url: str, is_secure: bool) -> None:
    browser = Browser(stage, public_url)
    browser.go(link(stage))
    browser.press("Google")
    cookie = browser.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "Path=/connect/callback", "SameSite=lax", "Max-Age=600"):
        assert part in cookie
    assert ("Secure" in cookie) is is_secure


def test_names_are_text_and_not_html(stage: Stage, browser: Browser) -> None:
    nasty = replace(DANA, name="<script>alert(1)</script>")
    stage.directory.known[DANA.workspace_id, DANA.user_id] = nasty
    browser.go(link(stage))
    assert "<script" not in browser.html


def test_secrets_are_neither_in_the_log_nor_in_the_database_file(
    stage: Stage, browser: Browser, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    first, second = link(stage), link(stage)
    browser.go(first)
    browser.press("Google")
    state = state_in(browser.at)
    browser.go(callback(browser.at, code="the-code"))
    browser.go(second)
    browser.press("Connect", user="dana", password="wrong-password")
    browser.press("Connect", password=PASSWORD)
    assert is_connected(stage)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert DANA.user_id.encode() in written, "these are the files"
    tokens = [url.rpartition("/")[2] for url in (first, second)]
    for secret in (*tokens, state, PASSWORD, "wrong-password", REFRESH_TOKEN, VERIFIER, "the-code"):
        assert secret.encode() not in written
        assert secret not in "\n".join(record.getMessage() for record in caplog.records if record.name != "httpx2")
