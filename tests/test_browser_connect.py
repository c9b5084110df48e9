"""The whole story with a real calendar: a CalDAV server, `python -m bot web` and `worker`, and a browser for each
step that a person takes: connect in Slack, invite, book as the customer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.caldav_servers import PASSWORD, CalDavServer, radicale
from tests.installation import surroundings
from tests.servers import eventually, running
from tests.smtp_server import SmtpServer

ACCOUNT = "dana@fox.example"
"""Not Dana's address in Slack."""


@dataclass(frozen=True)
class Installation:
    """A running product in a workspace of its own, with no calendar connected."""

    slack: str
    caldav: CalDavServer
    calendar: str
    mail: SmtpServer
    folder: Path


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with surroundings() as around, radicale(tmp_path) as caldav:
        calendar = caldav.new_calendar(ACCOUNT, "work")
        environ = {**around.environ, "CALDAV_ALLOWED_NETWORKS": "127.0.0.0/8"}
        with running("migrate", folder=tmp_path, environ=environ) as migrated:
            assert migrated.process.wait(200) == 0, migrated.log
        with (
            running("web", folder=tmp_path, environ=environ, ready_url=f"{around.url}/readyz"),
            running("worker", folder=tmp_path, environ=environ),
        ):
            yield Installation(around.slack, caldav, calendar, around.mail, tmp_path)


def test_calendar_is_connected_in_the_browser_read_and_written(
    installation: Installation, visitor: BrowserContext
) -> None:
    slack = visitor.new_page()
    slack.goto(f"{installation.slack}/playground")
    box = slack.get_by_role("textbox", name="Message #sales")
    expect(box).to_have_value("/invite Anna Ruiz anna@acme.com")
    box.press("Enter")

    press(slack, "Connect calendar")
    with visitor.expect_page() as opened:
        press(slack, "Open the page")
    connect(opened.value, installation.caldav.url)
    press(slack, "I have connected it")
    expect(slack.get_by_label("Participant name", exact=True)).to_have_value("Anna Ruiz")

    invite(slack)
    book(visitor, installation.mail)
    eventually(lambda: "Roadmap review" in stored_events(installation), "the meeting is in Dana's calendar")

    place(slack, "InviteOnce")
    expect(slack.get_by_role("article").filter(has_text=f"{ACCOUNT} connected")).to_be_visible()
    expect(slack.get_by_role("article").filter(has_text="Anna Ruiz booked Roadmap review")).to_be_visible()
    expect(slack.get_by_text("Slack would refuse")).to_have_count(0)
    for log in ("web.log", "worker.log"):
        assert PASSWORD not in (installation.folder / log).read_text()


def connect(page: Page, server: str) -> None:
    """A wrong password first; then the right one, and the account's address is not the one in Slack."""
    expect(page.get_by_text("Dana Fox", exact=True)).to_be_visible()
    expect(page.get_by_text("Northwind", exact=True)).to_be_visible()
    for password in ("not this one", PASSWORD):
        page.get_by_label("Email address or user name").fill(ACCOUNT)
        page.get_by_label("App password").fill(password)
        page.get_by_label(re.compile("^Server")).fill(server)
        page.get_by_role("button", name="Connect", exact=True).click()
        if password != PASSWORD:
            expect(page.get_by_role("alert")).to_contain_text("does not accept this user name and password")
            expect(page.get_by_label("App password")).to_have_value("")
            page.reload()
            expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("heading", name="Is this the right calendar?")).to_be_visible()
    page.get_by_role("button", name=f"Connect {ACCOUNT}").click()
    expect(page.get_by_role("heading", name="Connected: you can go back to Slack")).to_be_visible()
    page.close()


def invite(slack: Page) -> None:
    press(slack, "Continue")
    slack.get_by_label("Subject", exact=True).fill("Roadmap review")
    press(slack, "Next")
    count = slack.get_by_role("dialog").get_by_text(re.compile(r"^\d+ available time slots?$"))
    expect(count.first).to_be_visible()
    press(slack, "Next")
    press(slack, "Invite")
    expect(slack.get_by_label("Email subject", exact=True)).to_have_count(0)
    slack.keyboard.press("Escape")
    expect(slack.get_by_role("dialog")).to_have_count(0)


def book(visitor: BrowserContext, mail: SmtpServer) -> None:
    """Be Anna: follow the first time of the mail, and confirm it."""
    [envelope] = mail.wait_for(1)[:1]
    text = envelope.message.get_body(("plain",))
    assert text
    link = re.search(r"https?://\S+/i/\S+/\d{8}T\d{6}Z", text.get_content())
    assert link, text.get_content()
    customer = visitor.new_page()
    customer.goto(link[0])
    customer.get_by_role("button", name="Confirm").click()
    expect(customer.get_by_role("heading", name="Your meeting is booked")).to_be_visible()
    customer.close()


def stored_events(installation: Installation) -> str:
    """What any other calendar program would see."""
    report = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
        '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
    )
    return installation.caldav.ask("REPORT", installation.calendar, ACCOUNT, report, {"Depth": "1"})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def place(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Places").get_by_role("link", name=name).click()
