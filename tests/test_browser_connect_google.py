"""The whole story with a Google account: connect by signing in, invite, book as the customer, and
everything is in Dana's Google calendar. `python -m bot run`, a browser, and a Google of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.calendars.google.client import EXTRA_SCOPES, SCOPES
from tests.google_server import CLIENT_ID, CLIENT_SECRET, PretendGoogle, pretending
from tests.installation import surroundings
from tests.servers import eventually, running
from tests.smtp_server import SmtpServer
from tests.test_browser_connect import book, invite, press

DANA = "dana.fox@northwind.example"


@dataclass(frozen=True)
class Installation:
    slack: str
    google: PretendGoogle
    mail: SmtpServer
    folder: Path

    @property
    def events(self) -> list[dict[str, Any]]:
        """What is in Dana's calendar."""
        return list(self.google.calendars[0].events.values())


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with surroundings() as around, pretending() as google:
        google.account(DANA)
        environ = {
            **around.environ,
            "GOOGLE_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "GOOGLE_API_URL": google.url,
            "GOOGLE_AUTH_URL": google.client.auth_url,
            "GOOGLE_TOKEN_URL": google.client.token_url,
        }
        with running("run", folder=tmp_path, environ=environ, ready_url=f"{around.url}/readyz"):
            yield Installation(around.slack, google, around.mail, tmp_path)


def test_google_calendar_is_connected_read_and_written(installation: Installation, visitor: BrowserContext) -> None:
    slack = visitor.new_page()
    slack.goto(f"{installation.slack}/playground")
    box = slack.get_by_role("textbox", name="Message #sales")
    expect(box).to_have_value("/invite Anna Ruiz anna@acme.com")
    box.press("Enter")

    press(slack, "Connect calendar")
    with visitor.expect_page() as opened:
        press(slack, "Open the page")
    connect(opened.value)
    press(slack, "I have connected it")
    expect(slack.get_by_label("Participant name", exact=True)).to_have_value("Anna Ruiz")

    invite(slack)
    book(visitor, installation.mail)
    eventually(lambda: len(installation.events) == 1, "the meeting is in Dana's calendar")

    (event,) = installation.events
    assert {guest["email"]: guest["responseStatus"] for guest in event["attendees"]} == {
        DANA: "accepted",
        "anna@acme.com": "needsAction",
    }
    assert installation.google.told == ["POST all"]  # one invitation, and it is Google's
    for envelope in installation.mail.wait_for(2):
        assert "text/calendar" not in {part.get_content_type() for part in envelope.message.walk()}
    written = "".join(log.read_text() for log in installation.folder.glob("*.log"))
    for token in (*installation.google.access, *installation.google.refresh, CLIENT_SECRET):
        assert token not in written


def connect(page: Page) -> None:
    expect(page.get_by_text("Dana Fox", exact=True)).to_be_visible()
    page.get_by_role("button", name=re.compile("Google")).click()
    expect(page.get_by_role("heading", name="Connected: you can go back to Slack")).to_be_visible()
    page.close()


def test_rooms_are_found_in_googles_directory_once_it_is_allowed(
    installation: Installation, visitor: BrowserContext
) -> None:
    google = installation.google
    google.resource("Atlas", "atlas@resource.calendar.google.com", capacity=8, buildingId="NYC", floorName="2")
    google.calendar("atlas@resource.calendar.google.com", "atlas@resource.calendar.google.com").readers.add(DANA)
    google.resource("Secret", "secret@resource.calendar.google.com")
    slack = visitor.new_page()
    slack.goto(f"{installation.slack}/playground")
    slack.get_by_role("navigation", name="Places").get_by_role("link", name="InviteOnce").click()
    slack.get_by_role("tab", name="Home").click()
    press(slack, "Setup")
    slack.get_by_role("button", name="Connect calendar", exact=True).last.click()
    with visitor.expect_page() as opened:
        press(slack, "Open the page")
    connect(opened.value)
    press(slack, "Close")

    press(slack, "Add rooms")
    dialog = slack.get_by_role("dialog")
    press(slack, "Find rooms in your directory")
    expect(dialog.get_by_text("only to who has been allowed")).to_be_visible()
    google.granted = " ".join((*SCOPES, *EXTRA_SCOPES.values()))
    press(slack, "Allow access")
    with visitor.expect_page() as opened:
        press(slack, "Open the page")
    page = opened.value
    expect(page.get_by_role("heading", name="Find rooms in your directory")).to_be_visible()
    page.get_by_role("button", name="Continue to Google", exact=True).click()
    expect(page.get_by_role("heading", name="Allowed: you can go back to Slack")).to_be_visible()
    page.close()
    press(slack, "Back")

    press(slack, "Find rooms in your directory")
    dialog.get_by_label("Rooms in your directory", exact=True).click()
    dialog.get_by_text("Atlas · NYC, 2 · 8 seats").click()
    dialog.get_by_text("Secret", exact=True).click()
    dialog.get_by_role("button", name="Add rooms", exact=True).click()
    expect(dialog.get_by_text("1 room added")).to_be_visible()
    expect(
        dialog.get_by_text("Secret (secret@resource.calendar.google.com): Its calendar cannot be read")
    ).to_be_visible()
    expect(slack.get_by_text("Slack would refuse")).to_have_count(0)
