"""The Customer's pages in a real browser: with and without script, on a phone, by keyboard, in other zones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.domain.booking import Situation
from tests import customer_cast as cast
from tests.browser import chromium
from tests.customer_pages import FakeBooking, app, booked, ended
from tests.servers import serving

UNKNOWN_ZONE = cast.invitation(participant=replace(cast.ANNA, time_zone=None))
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Visit:
    """Opens pages as somebody; collects what the browser complains about."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self._browser = browser
        self._stack = stack
        self.complaints: list[str] = []

    def open(
        self,
        booking: FakeBooking,
        path: str = "",
        *,
        zone: str = "Europe/Berlin",
        locale: str = "en-GB",
        script: bool = True,
        viewport: dict[str, int] | None = None,
    ) -> Page:
        link = f"{self._stack.enter_context(serving(app(booking)))}/i/{cast.TOKEN}"
        context: BrowserContext = self._browser.new_context(
            timezone_id=zone,
            locale=locale,
            java_script_enabled=script,
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]  # Playwright's own TypedDict is private
        )
        self._stack.callback(context.close)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        # The script may send the page on to the browser's zone before it has loaded.
        page.goto(link + path, wait_until="commit")
        page.wait_for_load_state()
        return page


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    with ExitStack() as stack:
        yield Visit(browser, stack)


def shown_times(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".slot:visible time").all_inner_texts()]


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_customer_books_and_cancels(visit: Visit, script: bool, viewport: dict[str, int]) -> None:
    booking = FakeBooking()
    page = visit.open(booking, script=script, viewport=viewport)
    page.get_by_role("link", name="16:00, Tuesday, 1 December").click()
    expect(page.get_by_role("heading", name="Confirm your time")).to_be_visible()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your meeting is booked")).to_be_visible()
    assert booking.state.meeting is not None
    assert booking.state.meeting.start == cast.START
    page.get_by_role("button", name="Cancel").click()
    page.get_by_label("Reason").fill("I am ill")
    page.get_by_role("button", name="Cancel meeting").click()
    expect(page.get_by_role("heading", name="You cancelled this meeting")).to_be_visible()
    assert booking.reason == "I am ill"
    assert visit.complaints == []


def test_keyboard_alone_books(visit: Visit) -> None:
    booking = FakeBooking()
    page = visit.open(booking)

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
            )
            if focused.strip().startswith(name):
                return
        pytest.fail(f"no way to {name} by keyboard")

    tab_to("Wednesday, 2 December, 6 times")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.innerText").startswith("Wednesday, 2 December")
    tab_to("16:00")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Confirm your time")).to_be_visible()
    tab_to("Confirm")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your meeting is booked")).to_be_visible()
    assert booking.state.meeting is not None
    assert booking.state.meeting.start == datetime(2026, 12, 2, 15, tzinfo=UTC)


def test_with_a_script_days_come_first_then_their_times(visit: Visit) -> None:
    page = visit.open(FakeBooking())
    expect(page.locator(".day:visible")).to_have_count(1)
    page.get_by_role("button", name="Monday, 7 December, 6 times").click()
    expect(page.locator(".day:visible h2")).to_have_text("Monday, 7 December")
    assert shown_times(page) == ["15:00", "15:30", "16:00", "17:30", "18:00", "19:30"]


def test_without_a_script_all_days_and_times_are_there(visit: Visit) -> None:
    page = visit.open(FakeBooking(), script=False)
    assert len(shown_times(page)) == 24
    assert page.locator(".months").is_hidden()
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Go").click()
    page.wait_for_url("**tz=Asia%2FTokyo")
    assert shown_times(page)[0] == "23:00"


def test_browser_s_zone_is_used_where_nobody_said_one(visit: Visit) -> None:
    page = visit.open(FakeBooking(UNKNOWN_ZONE), zone="Asia/Tokyo")
    page.wait_for_url("**tz=Asia*Tokyo")
    assert shown_times(page)[0] == "23:00"
    assert page.evaluate("getComputedStyle(document.body).visibility") == "visible"
    page.locator(".slot:visible").first.click()
    expect(page.get_by_text("Asia/Tokyo (UTC+09:00)").first).to_be_visible()


def test_browser_s_zone_is_kept_by_the_booking(visit: Visit) -> None:
    booking = FakeBooking(UNKNOWN_ZONE)
    page = visit.open(booking, "/20261201T150000Z", zone="Asia/Tokyo")
    page.wait_for_url("**tz=Asia*Tokyo")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Wednesday, 2 December 2026")).to_be_visible()
    assert booking.zone == "Asia/Tokyo"


def test_known_zone_stays_and_the_device_s_is_offered(visit: Visit) -> None:
    page = visit.open(FakeBooking(), zone="Asia/Tokyo")
    assert shown_times(page)[0] == "15:00"
    page.get_by_role("link", name="Show times there").click()
    page.wait_for_url("**tz=Asia*Tokyo")
    assert shown_times(page)[0] == "23:00"
    assert page.get_by_role("link", name="Show times there").count() == 0


@pytest.mark.parametrize(
    ("known", "device"), [("Asia/Kolkata", "Asia/Calcutta"), ("America/Argentina/Buenos_Aires", "America/Buenos_Aires")]
)
def test_a_zone_under_its_former_name_is_no_other_zone(visit: Visit, known: str, device: str) -> None:
    booking = FakeBooking(cast.invitation(participant=replace(cast.ANNA, time_zone=known)))
    page = visit.open(booking, zone=device)
    expect(page.get_by_role("button", name="Tuesday, 1 December")).to_be_visible()
    expect(page.get_by_text("This device is in")).to_have_count(0)


def test_a_device_s_zone_is_offered_and_shown_by_its_present_name(visit: Visit) -> None:
    page = visit.open(FakeBooking(), zone="Asia/Calcutta")
    expect(page.get_by_text("This device is in Asia/Kolkata.")).to_be_visible()
    page.get_by_role("link", name="Show times there").click()
    page.wait_for_url("**tz=Asia*")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Kolkata")
    expect(page.get_by_text("This device is in")).to_have_count(0)


def test_american_english_reads_the_12_hour_clock(visit: Visit) -> None:
    page = visit.open(FakeBooking(), locale="en-US")
    assert shown_times(page)[0] == "3:00 PM"


def test_opened_is_told_once_and_only_after_a_touch(visit: Visit) -> None:
    booking = FakeBooking()
    page = visit.open(booking)
    page.wait_for_load_state("networkidle")
    page.mouse.move(200, 200)
    page.evaluate("document.body.click()")
    page.wait_for_load_state("networkidle")
    assert booking.calls == []
    with page.expect_response(lambda response: response.url.endswith("/opened")) as told:
        page.mouse.click(5, 5)
    assert told.value.status == 204
    page.keyboard.press("Tab")
    page.wait_for_load_state("networkidle")
    assert booking.calls == ["opened"]


def test_reload_after_confirming_sends_nothing_again(visit: Visit) -> None:
    booking = FakeBooking()
    page = visit.open(booking, "/20261201T150000Z")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your meeting is booked")).to_be_visible()
    assert page.url.endswith(cast.TOKEN)
    page.reload()
    expect(page.get_by_role("heading", name="Your meeting has already been scheduled")).to_be_visible()
    assert booking.calls.count("confirm") == 1


def test_back_button_after_confirming_ends_at_the_meeting(visit: Visit) -> None:
    booking = FakeBooking()
    page = visit.open(booking, "/20261201T150000Z")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your meeting is booked")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Your meeting has already been scheduled")).to_be_visible()
    assert booking.calls.count("confirm") == 1


def test_two_tabs_make_one_meeting(visit: Visit) -> None:
    booking = FakeBooking()
    one = visit.open(booking, "/20261201T150000Z")
    other = one.context.new_page()
    other.goto(one.url.replace("20261201", "20261202"))
    one.get_by_role("button", name="Confirm").click()
    expect(one.get_by_role("heading", name="Your meeting is booked")).to_be_visible()
    other.get_by_role("button", name="Confirm").click()
    expect(other.get_by_role("heading", name="Your meeting has already been scheduled")).to_be_visible()
    expect(other.get_by_text("Tuesday, 1 December 2026")).to_be_visible()


HOSTILE = "<b>W</b>" + "w" * 140 + " مريم 😀"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_no_page_is_wider_than_the_screen(visit: Visit, viewport: dict[str, int]) -> None:
    details = replace(cast.DETAILS, subject=HOSTILE, description=HOSTILE, location=HOSTILE)
    hostile = FakeBooking(
        cast.invitation(participant=cast.named(HOSTILE), details=details, letter=replace(cast.LETTER, message=HOSTILE))
    )
    hostile.state = replace(hostile.state, inviter=replace(cast.DANA, name=HOSTILE))
    pages = [(FakeBooking(), ""), (hostile, ""), (hostile, "/20261201T150000Z"), (booked(), ""), (booked(), "/cancel")]
    pages += [(ended(situation), "") for situation in (Situation.EXPIRED, Situation.UNREADABLE, Situation.WITHDRAWN)]
    for booking, path in pages:
        page = visit.open(booking, path, viewport=viewport)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_targets_are_big_enough_for_a_thumb(visit: Visit) -> None:
    page = visit.open(FakeBooking(), viewport=PHONE)
    for target in page.locator(".slot:visible, .month:visible td button, select:visible").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 40
