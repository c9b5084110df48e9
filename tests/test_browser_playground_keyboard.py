"""From the command to the booked meeting without a mouse: where the focus is, is seen, and returns to."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, expect

_MOST_STOPS = 90
_IS_FOCUSED = "element => element === document.activeElement"
_SEEN = """() => {
  const here = document.activeElement;
  if (here === document.body) return true; // beyond the last stop lies the browser's own
  const rings = [here, here.closest(".combobox, .composer")].filter(Boolean).map(getComputedStyle);
  return rings.some(({ outlineStyle, boxShadow }) => outlineStyle !== "none" || boxShadow !== "none");
}"""


def reach(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press the key until the focus is there; it is seen wherever it stops."""
    expect(wanted).to_have_count(1)
    for _ in range(_MOST_STOPS):
        if wanted.evaluate(_IS_FOCUSED):
            return
        page.keyboard.press(key)
        assert page.evaluate(_SEEN), page.evaluate("document.activeElement.outerHTML")
    raise AssertionError(f"{wanted} is not reached")


def button(place: Page | Locator | FrameLocator, name: str | re.Pattern[str]) -> Locator:
    return place.get_by_role("button", name=name, exact=isinstance(name, str))


def press(page: Page, wanted: Locator, key: str = "Tab") -> None:
    reach(page, wanted, key)
    page.keyboard.press("Enter")


def test_whole_story_by_keyboard(playground: str, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(playground)
    box = page.get_by_role("textbox", name="Message #sales")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")

    dialog = page.get_by_role("dialog")
    expect(page.get_by_label("Participant name", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    subject = page.get_by_label("Subject", exact=True)
    reach(page, subject)
    page.keyboard.type("Roadmap review")
    members = page.get_by_label("Team members", exact=True)
    reach(page, members)
    page.keyboard.type("Priya")
    expect(page.get_by_role("option", name="Priya Raman", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(button(dialog, "Remove Priya Raman")).to_be_visible()
    expect(members).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    press(page, button(dialog, "Next"))
    count = dialog.get_by_text(re.compile(r"^\d+ available time slots$"))
    expect(count).to_be_visible()
    press(page, button(dialog, "Next week"))
    expect(button(dialog, "Next week")).to_be_focused()
    press(page, button(dialog, "Next"))
    expect(page.get_by_label("Email subject", exact=True)).to_be_visible()
    press(page, button(dialog, "Invite"))
    expect(dialog.get_by_text("Invitation sent to Anna Ruiz")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(box).to_be_focused()

    press(page, page.get_by_role("navigation", name="Places").get_by_role("link", name="Mail"), "Shift+Tab")
    press(page, page.get_by_role("link", name=re.compile("Roadmap review")))
    letter = page.frame_locator("iframe")
    first = letter.get_by_role("link").first
    with visitor.expect_page() as opened:
        for _ in range(_MOST_STOPS):
            page.keyboard.press("Tab")
            if first.evaluate(_IS_FOCUSED):
                break
        page.keyboard.press("Enter")
    customer = opened.value
    press(customer, button(customer, "Confirm"))
    expect(customer.get_by_role("heading", name="Your meeting is booked")).to_be_visible()


def test_focus_returns_to_what_opened_a_menu_a_question_or_a_view(playground: str, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(playground)
    main, dialog = page.get_by_role("main"), page.get_by_role("dialog")
    expect(page.get_by_role("textbox", name="Message #sales")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("/invite settings")
    page.keyboard.press("Enter")
    press(page, main.get_by_role("link", name="App Home"), "Shift+Tab")
    press(page, button(main, "Meetings"))
    press(page, button(main, "Setup"))
    expect(main.get_by_role("heading", name="Resource pools", level=2)).to_be_visible()
    expect(main.get_by_role("heading", level=3)).to_have_count(0)

    def leaves(place: Locator, wanted: Locator) -> None:
        expect(place).to_be_visible()
        page.keyboard.press("Escape")
        expect(place).to_have_count(0)
        expect(wanted).to_be_focused()

    press(page, button(main, "Disconnect"))
    leaves(page.get_by_role("alertdialog"), button(main, "Disconnect"))
    press(page, button(main, "Add rooms"))
    leaves(dialog, button(main, "Add rooms"))
    menu = button(main, "More options").last
    press(page, menu)
    leaves(page.get_by_role("menu"), menu)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Rename or share")).to_be_focused()
    page.keyboard.press("Enter")
    leaves(dialog, menu)
    press(page, button(main, "Open").first, "Shift+Tab")
    press(page, button(dialog, "Change"))
    expect(dialog.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(button(dialog, "Change")).to_be_focused()
    leaves(dialog, button(main, "Open").first)
