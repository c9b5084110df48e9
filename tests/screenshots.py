"""The pictures of the README, taken in the playground as a stranger would see it: `make screenshots`.

A fresh product is started in an empty folder, so that the pictures show this version and nobody's data.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import chromium
from tests.servers import ROOT, free_port, running

IMAGES = ROOT / "docs" / "images"
_PATIENCE_MS = 30_000


def main() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory() as folder,
        running("run", folder=Path(folder), environ={"PORT": str(port)}, ready_url=f"{url}/readyz"),
        chromium() as browser,
        browser.new_context(
            viewport={"width": 1200, "height": 840}, locale="en-GB", timezone_id="Europe/Madrid"
        ) as visitor,
    ):
        visitor.set_default_timeout(_PATIENCE_MS)
        IMAGES.mkdir(parents=True, exist_ok=True)
        take(visitor, url)


def take(visitor: BrowserContext, url: str) -> None:
    page = visitor.new_page()
    page.goto(url)
    page.get_by_role("textbox", name="Message #sales").press("Enter")
    press(page, "Continue")
    page.get_by_label("Subject", exact=True).fill("Roadmap review")
    page.get_by_label("Team members", exact=True).fill("Priya")
    page.get_by_role("option", name="Priya Raman", exact=True).click()
    press(page, "Next")
    expect(page.get_by_label("Start date", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("available time slots").last).to_be_visible()
    keep(page, "wizard-step-2.png")

    press(page, "Next")
    expect(page.get_by_label("Email subject", exact=True)).to_be_visible()
    press(page, "Invite")
    press(page, "Done")
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Mail").click()
    page.get_by_text("Roadmap review: pick a time").first.click()
    more_times = page.frame_locator("iframe").get_by_role("link", name="More times")
    expect(more_times).to_be_attached()
    keep(page, "email.png")

    with visitor.expect_page() as opened:
        more_times.click()
    customer = opened.value
    expect(customer.get_by_role("heading", name="Pick a time")).to_be_visible()
    keep(customer, "customer-page.png")


def press(page: Page, name: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


def keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / name, animations="disabled")


if __name__ == "__main__":
    main()
