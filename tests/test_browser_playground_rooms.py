"""Rooms found in the playground's directory, as somebody does it who has just started it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect


def test_room_is_found_in_the_directory_and_added(playground: str, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(playground)
    page.get_by_role("navigation", name="Places").get_by_role("link", name="InviteOnce").click()
    page.get_by_role("tab", name="Home").click()
    page.get_by_role("button", name="Setup", exact=True).click()
    page.get_by_role("button", name="Add rooms", exact=True).click()
    dialog = page.get_by_role("dialog")
    addresses = dialog.get_by_label("Addresses", exact=True)
    addresses.fill("nobody@elsewhere.example")
    dialog.get_by_role("button", name="Find rooms in your directory", exact=True).click()

    search = dialog.get_by_label("Rooms in your directory", exact=True)
    search.click()
    expect(dialog.get_by_text("Elder · Annex, ground floor · 20 seats · Screen, camera, stage")).to_be_visible()
    expect(dialog.get_by_text("Atlas", exact=False)).to_have_count(0)
    search.fill("dah")
    dialog.get_by_text("Dahlia · Annex, 1st floor · 6 seats · Screen").click()
    expect(addresses).to_have_value("nobody@elsewhere.example")
    dialog.get_by_role("button", name="Add rooms", exact=True).click()

    expect(dialog.get_by_text("1 room added")).to_be_visible()
    expect(dialog.get_by_text("1 address was not added")).to_be_visible()
    dialog.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("main").get_by_text("Dahlia", exact=False)).to_be_visible()
    expect(page.get_by_text("Slack would refuse")).to_have_count(0)
