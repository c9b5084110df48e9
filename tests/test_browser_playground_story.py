"""The whole story, as a stranger plays it: `python -m bot run`, a browser, nothing else."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Page, expect


def place(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Places").get_by_role("link", name=name).click()


def test_from_invite_to_a_booked_meeting(playground: str, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(playground)
    box = page.get_by_role("textbox", name="Message #sales")
    expect(box).to_have_value("/invite Anna Ruiz anna@acme.com")
    box.press("Enter")

    invite(page)
    expect(page.get_by_role("dialog").get_by_text("Anna Ruiz")).to_be_visible()
    page.keyboard.press("Escape")

    book(visitor, page)

    place(page, "InviteOnce")
    news = page.get_by_role("article").filter(has_text="Anna Ruiz booked Roadmap review")
    expect(news).to_be_visible()

    reschedule_as_anna(visitor, page)
    place(page, "InviteOnce")
    expect(page.get_by_role("article").filter(has_text="Anna Ruiz moved Roadmap review")).to_be_visible()
    page.get_by_role("tab", name="Home").click()
    page.get_by_role("button", name="Meetings", exact=True).click()
    expect(page.get_by_role("main").get_by_text("Moved to a new time by Anna Ruiz")).to_be_visible()
    reschedule_in_slack(page)
    expect(page.get_by_role("main").get_by_text("Moved to a new time by you")).to_be_visible()

    place(page, "Mail")
    expect(page.get_by_role("link", name=re.compile("Moved: Roadmap review"))).to_have_count(2)
    place(page, "sales")
    expect(page.get_by_role("log").get_by_text("Anna Ruiz booked")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("Anna Ruiz moved")).to_be_visible()
    expect(page.get_by_text("Slack would refuse")).to_have_count(0)


def invite(page: Page) -> None:
    """The participant and the three steps."""

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    expect(page.get_by_label("Participant name", exact=True)).to_have_value("Anna Ruiz")
    press("Continue")
    page.get_by_label("Subject", exact=True).fill("Roadmap review")
    page.get_by_label("Team members", exact=True).fill("Priya")
    page.get_by_role("option", name="Priya Raman", exact=True).click()
    press("Next")
    count = page.get_by_role("dialog").get_by_text(re.compile(r"^(\d+ available time slots?|No times are available)$"))
    expect(count).to_be_visible()
    before = count.inner_text()
    page.get_by_label("To", exact=True).fill("11:00")
    expect(count).not_to_have_text(before)
    page.get_by_label("To", exact=True).fill("17:00")
    expect(count).to_have_text(before)
    press("Next")
    page.get_by_label("Notification channel", exact=True).click()
    page.get_by_role("option", name="#sales", exact=True).click()
    press("Invite")
    expect(page.get_by_label("Email subject", exact=True)).to_have_count(0)


def reschedule_as_anna(visitor: BrowserContext, page: Page) -> None:
    """By the link in the confirmation: another time, old and new, confirmed."""
    place(page, "Mail")
    page.get_by_role("link", name=re.compile("Booked: Roadmap review")).click()
    with visitor.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Reschedule the meeting").click()
    customer = opened.value
    expect(customer.get_by_role("heading", name="Pick a new time")).to_be_visible()
    customer.locator(".slot:visible").last.click()
    expect(customer.get_by_role("heading", name="Confirm your new time")).to_be_visible()
    customer.get_by_label("Message").fill("My train is late.")
    customer.get_by_role("button", name="Confirm").click()
    expect(customer.get_by_role("heading", name="Your meeting has moved")).to_be_visible()
    customer.close()


def reschedule_in_slack(page: Page) -> None:
    """On the card: the slots by day, a note, done."""
    page.get_by_role("button", name="Reschedule", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    dialog.get_by_label("Note").fill("The room is being painted.")
    dialog.get_by_role("button", name="Reschedule", exact=True).click()
    expect(dialog.get_by_text("moved", exact=False).first).to_be_visible()
    dialog.get_by_role("button", name="Done", exact=True).click()


def book(visitor: BrowserContext, page: Page) -> None:
    """Be Anna: open the mail, follow the first time, confirm it."""
    place(page, "Mail")
    page.get_by_role("link", name=re.compile("Roadmap review")).click()
    with visitor.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link").first.click()
    customer = opened.value
    customer.get_by_role("button", name="Confirm").click()
    expect(customer.get_by_role("button", name="Confirm")).to_have_count(0)
    customer.close()
