"""The playground's page in a real browser, against the real playground and an app that uses everything it draws."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from slack_sdk import WebClient

from bot.domain.calendar import Attendee, Event, EventStatus
from bot.playground.cast import DANA, PRIYA, SALES
from tests.browser import chromium
from tests.playground_showcase import Showcase, card, form, letter, showcase
from tests.servers import DEADLINE_S, eventually

LABELS = (
    "Participant name",
    "Email address",
    "Company",
    "Duration",
    "Team members",
    "Start date",
    "From",
    "Days",
    "Respect working hours",
    "Delivery",
    "Time zone",
    "Times to promote",
    "Notification channel",
    "Subject",
    "Personal message",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def shown() -> Iterator[Showcase]:
    with showcase() as shown:
        yield shown


@pytest.fixture
def page(browser: Browser, shown: Showcase) -> Iterator[Page]:
    """A fresh visitor at the playground; a script error on the page fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{shown.url}/playground")
    expect(box(page)).to_be_visible()
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="module")
def bare_page(browser: Browser) -> Iterator[Page]:
    """A page for what needs no story of its own."""
    with showcase() as shown, browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(f"{shown.url}/playground")
        yield page


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message #sales")


def open_form(page: Page) -> Locator:
    box(page).press("Enter")
    dialog = page.get_by_role("dialog", name="Invite to self-schedule")
    expect(dialog).to_be_visible()
    return dialog


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def place(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name="Places").get_by_role("link", name=name)


def view_id(dialog: Locator) -> str:
    return str(dialog.get_attribute("aria-labelledby")).removesuffix("-title")


def kept(page: Page, shown: Showcase, block_id: str) -> str:
    """What the playground's server holds for that block, as JSON text."""
    state = page.request.get(f"{shown.url}/playground/state").json()
    return json.dumps(state["modals"][-1]["values"][block_id])


def web_api(shown: Showcase) -> WebClient:
    return WebClient(token="xoxb-showcase", base_url=shown.playground.api_url)


# ---- message box


def test_the_first_command_is_typed_already_and_enter_sends_it(page: Page, shown: Showcase) -> None:
    expect(box(page)).to_have_value("/invite Anna Ruiz anna@acme.com")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(box(page)).to_have_value("")


def test_a_shortcut_is_a_click_away(page: Page) -> None:
    button(page, "Shortcuts").click()
    page.get_by_role("menuitem", name="Invite to self-schedule").click()
    expect(page.get_by_role("dialog").get_by_text("From a shortcut")).to_be_visible()


def test_what_only_i_can_see_says_so(page: Page) -> None:
    box(page).fill("/invite help")
    button(page, "Send").click()
    log = page.get_by_role("log")
    expect(log.get_by_text("Only visible to you")).to_be_visible()
    expect(log.locator("strong", has_text="Help")).to_be_visible()


def test_a_reply_stands_in_the_thread_and_is_counted(page: Page) -> None:
    box(page).fill("Shall we?")
    box(page).press("Enter")
    message = page.get_by_role("article").filter(has_text="Shall we?").first
    message.hover()
    message.get_by_role("link", name="Reply in thread").click()
    reply = page.get_by_role("textbox", name="Reply in the thread")
    reply.fill("We shall.")
    reply.press("Enter")
    expect(page.get_by_role("complementary", name="Thread").get_by_text("We shall.")).to_be_visible()
    expect(page.get_by_role("log", name="Messages in #sales").get_by_text("We shall.")).to_have_count(0)
    expect(message.get_by_role("link", name="1 reply")).to_be_visible()


# ---- the form


def test_every_label_names_exactly_one_control(page: Page) -> None:
    open_form(page)
    for label in LABELS:
        expect(field(page, label), label).to_have_count(1)


def test_what_was_filled_in_reaches_the_app(page: Page, shown: Showcase) -> None:
    open_form(page)
    field(page, "Participant name").fill("Anna Ruiz")
    field(page, "Email address").fill("anna@acme.com")
    field(page, "Duration").select_option("45 minutes")
    field(page, "Team members").fill("pri")
    page.get_by_role("option", name="Priya Raman", exact=True).click()
    field(page, "Start date").fill("2031-12-01")
    field(page, "From").fill("10:30")
    field(page, "Wed").check()
    field(page, "Mon").uncheck()
    field(page, "Respect working hours").uncheck()
    field(page, "Give me the link").check()
    field(page, "Time zone").fill("berl")
    page.get_by_role("option", name="Europe/Berlin").click()
    field(page, "Notification channel").click()
    page.get_by_role("option", name="#sales").click()
    field(page, "Subject").fill("Roadmap <review> & more")
    field(page, "Personal message").fill("Hello\n*you*")
    button(page, "Next").click()
    expect(page.get_by_text("Invited Anna Ruiz")).to_be_visible()

    [values] = shown.submissions()
    assert values["name"]["name"]["value"] == "Anna Ruiz"
    assert values["email"]["email"]["value"] == "anna@acme.com"
    assert values["company"]["company"]["value"] is None
    assert values["duration"]["duration"]["selected_option"]["value"] == "45 minutes"
    assert values["members"]["members"]["selected_users"] == [DANA.id, PRIYA.id]
    assert values["date"]["date"]["selected_date"] == "2031-12-01"
    assert values["from"]["from"]["selected_time"] == "10:30"
    assert [option["value"] for option in values["days"]["days"]["selected_options"]] == ["Tue", "Wed"]
    assert values["hours"]["hours"]["selected_options"] == []
    assert values["delivery"]["delivery"]["selected_option"]["value"] == "Give me the link"
    assert values["time_zone"]["time_zone"]["selected_option"]["value"] == "Europe/Berlin"
    assert values["channel"]["channel"]["selected_conversation"] == SALES.id
    assert values["subject"]["subject"]["value"] == "Roadmap <review> & more"
    assert values["message"]["message"]["value"] == "Hello\n*you*"


def test_text_that_is_being_typed_survives_an_update_with_its_caret(page: Page, shown: Showcase) -> None:
    dialog = open_form(page)
    name = field(page, "Participant name")
    name.fill("Anna Ruiz")
    name.evaluate("input => input.setSelectionRange(4, 4)")
    web_api(shown).views_update(view_id=view_id(dialog), view=form("99 available time slots"))
    expect(dialog.get_by_text("99 available time slots")).to_be_visible()
    expect(name).to_have_value("Anna Ruiz")
    expect(name).to_be_focused()
    assert name.evaluate("input => input.selectionStart") == 4
    page.keyboard.type("!")
    expect(name).to_have_value("Anna! Ruiz")


def test_what_was_typed_is_still_there_after_a_reload(page: Page, shown: Showcase) -> None:
    open_form(page)
    field(page, "Participant name").fill("Anna Ruiz")
    field(page, "Personal message").fill("Hello")
    field(page, "Wed").check()
    eventually(lambda: "Wed" in kept(page, shown, "days"), "the last change is kept")
    page.reload()
    expect(field(page, "Participant name")).to_have_value("Anna Ruiz")
    expect(field(page, "Personal message")).to_have_value("Hello")
    expect(field(page, "Wed")).to_be_checked()


def test_a_changed_date_is_told_to_the_app_once_and_the_count_follows(page: Page, shown: Showcase) -> None:
    dialog = open_form(page)
    field(page, "Start date").fill("2031-12-01")
    expect(dialog.get_by_text(re.compile(r"\d+ available time slots"))).to_be_visible()
    assert [action["selected_date"] for action in shown.actions("date")] == ["2031-12-01"]


def test_typing_is_told_to_the_app_after_a_pause_and_not_letter_by_letter(page: Page, shown: Showcase) -> None:
    def told() -> list[str]:
        return [action["value"] for action in shown.actions("subject")]

    open_form(page)
    field(page, "Subject").press_sequentially("Roadmap", delay=10)
    eventually(lambda: "Roadmap" in told(), "the whole word is told")
    assert len(told()) < len("Roadmap")


def test_a_button_tells_the_app_what_was_typed_before_it(page: Page, shown: Showcase) -> None:
    open_form(page)
    field(page, "Personal message").fill("Before the button")
    with page.expect_response(lambda response: "block_action" in (response.request.post_data or "")):
        button(page, "Back").click()
    [pressed] = [body for body in shown.told if body["type"] == "block_actions"]
    assert pressed["view"]["state"]["values"]["message"]["message"]["value"] == "Before the button"


def test_missing_fields_are_named_and_the_app_is_not_asked(page: Page, shown: Showcase) -> None:
    open_form(page)
    button(page, "Next").click()
    name = field(page, "Participant name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(name).to_have_accessible_description("Please complete this required field.")
    expect(name).to_be_focused()
    assert shown.submissions() == []
    name.fill("A")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    expect(field(page, "Email address")).to_have_attribute("aria-invalid", "true")


def test_the_apps_own_errors_stand_at_their_fields(page: Page) -> None:
    open_form(page)
    field(page, "Participant name").fill("Nobody")
    field(page, "Email address").fill("nobody@acme.com")
    field(page, "Email address").press("Enter")
    expect(field(page, "Participant name")).to_have_accessible_description("Nobody cannot be invited.")
    expect(field(page, "Email address")).to_have_accessible_description("Nor mailed.")
    expect(field(page, "Participant name")).to_have_value("Nobody")


def test_optional_is_beside_the_label_and_in_the_description(page: Page) -> None:
    open_form(page)
    expect(field(page, "Company")).to_have_accessible_name("Company")
    expect(field(page, "Company")).to_have_accessible_description("(optional) Never guessed.")


def test_a_slow_app_leaves_the_form_with_slacks_own_words(page: Page, shown: Showcase) -> None:
    shown.slow.clear()
    open_form(page)
    field(page, "Participant name").fill("Anna Ruiz")
    field(page, "Email address").fill("anna@acme.com")
    shown.playground.app.answer_within_s = 0.2
    button(page, "Next").click()
    trouble = page.get_by_role("alert").filter(has_text="We had some trouble connecting. Try again?")
    expect(trouble).to_be_visible(timeout=10_000)
    shown.playground.app.answer_within_s = DEADLINE_S
    expect(button(page, "Next")).to_be_enabled()
    button(page, "Next").click()
    expect(button(page, "Next")).to_be_disabled()
    shown.slow.set()
    expect(page.get_by_text("Invited Anna Ruiz")).to_be_visible()


def test_links_in_what_is_said_are_underlined_and_not_told_by_their_colour_alone(page: Page) -> None:
    box(page).fill("See https://example.com/ please")
    box(page).press("Enter")
    link = page.get_by_role("log").get_by_role("link", name="https://example.com/")
    expect(link).to_have_css("text-decoration-line", "underline")


# ---- choices


def test_a_person_is_added_and_removed_with_the_keyboard(page: Page) -> None:
    open_form(page)
    members = field(page, "Team members")
    members.press_sequentially("mat")
    members.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="Mateo Silva")).to_be_visible()
    button(page, "Remove Dana Fox").click()
    expect(button(page, "Remove Dana Fox")).to_have_count(0)
    expect(members).to_be_focused()
    members.press("Backspace")
    expect(button(page, "Remove Mateo Silva")).to_have_count(0)


def test_deactivated_people_are_not_offered_and_the_limit_is_kept(page: Page, shown: Showcase) -> None:
    open_form(page)
    members = field(page, "Team members")
    members.click()
    expect(page.get_by_role("option", name="Greta Holm")).to_be_visible()
    expect(page.get_by_role("option", name="Oliver Banks")).to_have_count(0)
    for name in ("Priya Raman", "Mateo Silva", "Greta Holm"):
        page.get_by_role("option", name=name).click()
    expect(page.get_by_role("list", name="Team members: chosen").get_by_role("listitem")).to_have_count(3)
    expect(page.locator(".choices-note", has_text="You can choose 3 at most")).to_be_visible()


def test_preset_choices_of_the_app_can_be_removed_and_others_added(page: Page, shown: Showcase) -> None:
    open_form(page)
    button(page, "Remove Mon 10:00").click()
    field(page, "Times to promote").click()
    page.get_by_role("option", name="Thu 10:00").click()
    expect(button(page, "Remove Thu 10:00")).to_be_visible()
    eventually(lambda: "Thu 10:00" in kept(page, shown, "times"), "the added choice is kept")
    assert "Tue 10:00" in kept(page, shown, "times")
    assert "Mon 10:00" not in kept(page, shown, "times")


def test_enter_waits_for_the_choices_that_are_still_on_their_way(page: Page) -> None:
    open_form(page)
    zone = field(page, "Time zone")
    zone.fill("kath")
    zone.press("Enter")
    expect(zone).to_have_value("Asia/Kathmandu")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_escape_closes_an_open_list_before_it_closes_the_modal(page: Page) -> None:
    dialog = open_form(page)
    field(page, "Team members").click()
    choices = page.get_by_role("listbox", name="Team members: choices")
    expect(choices).to_be_visible()
    page.keyboard.press("Escape")
    expect(choices).to_be_hidden()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_words_that_are_no_choice_do_not_stay_in_the_box(page: Page) -> None:
    open_form(page)
    zone = field(page, "Time zone")
    zone.fill("Atlantis")
    expect(page.locator(".choices-note", has_text="No matches")).to_be_visible()
    zone.press("Tab")
    expect(zone).to_have_value("")


# ---- dialogs


def test_escape_closes_the_modal_tells_the_app_and_gives_the_focus_back(page: Page, shown: Showcase) -> None:
    dialog = open_form(page)
    with page.expect_response(lambda response: '"close"' in (response.request.post_data or "")):
        page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(box(page)).to_be_focused()


def test_the_focus_stays_in_the_modal(page: Page) -> None:
    open_form(page)
    for key in ("Shift+Tab", "Shift+Tab", *["Tab"] * 40):
        page.keyboard.press(key)
        assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")


def test_a_pushed_view_covers_the_form_which_keeps_what_was_typed(page: Page) -> None:
    open_form(page)
    field(page, "Participant name").fill("Anna Ruiz")
    button(page, "More").click()
    expect(page.get_by_text("On top")).to_be_visible()
    button(page, "Previous view").click()
    expect(field(page, "Participant name")).to_have_value("Anna Ruiz")


def test_a_confirmation_is_asked_and_no_means_no(page: Page, shown: Showcase) -> None:
    open_form(page)
    button(page, "Discard").click()
    question = page.get_by_role("alertdialog", name="Discard it?")
    expect(question).to_have_accessible_description("Nothing is sent.")
    button(page, "Keep it").click()
    expect(question).to_have_count(0)
    button(page, "Discard").click()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
    assert shown.actions("discard") == []
    button(page, "Discard").click()
    with page.expect_response(lambda response: "block_action" in (response.request.post_data or "")):
        button(page, "Discard it").click()
    assert len(shown.actions("discard")) == 1


# ---- messages and Home


def test_a_new_message_is_counted_in_the_sidebar_until_it_is_seen(page: Page, shown: Showcase) -> None:
    web_api(shown).chat_postMessage(channel=DANA.id, text="Anna booked")
    expect(place(page, "InviteOnce")).to_have_accessible_name(re.compile("1 unread"))
    place(page, "InviteOnce").click()
    expect(page.get_by_role("log").get_by_text("Anna booked")).to_be_visible()
    expect(place(page, "InviteOnce")).not_to_have_accessible_name(re.compile("unread"))


def test_hostile_text_is_only_text(page: Page, shown: Showcase) -> None:
    hostile = "<img src=x onerror=alert(1)> *&lt;script&gt;alert(1)&lt;/script&gt;* <javascript:alert(1)|click>"
    web_api(shown).chat_postMessage(channel=SALES.id, text=hostile)
    log = page.get_by_role("log")
    expect(log.locator("strong", has_text="<script>alert(1)</script>")).to_be_visible()
    expect(log.locator("script, img[onerror], a[href^='javascript']")).to_have_count(0)


def test_home_is_drawn_and_its_buttons_reach_the_app(page: Page, shown: Showcase) -> None:
    place(page, "InviteOnce").click()
    page.get_by_role("tab", name="Home").click()
    button(page, "Resend").click()
    expect(button(page, "Resend")).to_be_enabled()
    page.get_by_role("button", name="More options").click()
    with page.expect_response(lambda response: "block_action" in (response.request.post_data or "")):
        page.get_by_role("menuitem", name="Copy link").click()
    assert [action["value"] for action in shown.actions("resend")] == ["resend"]
    assert [action["selected_option"]["value"] for action in shown.actions("more")] == ["Copy link"]


def test_an_updated_message_says_that_it_was_edited(page: Page, shown: Showcase) -> None:
    posted = web_api(shown).chat_postMessage(channel=SALES.id, text="34 available time slots")
    expect(page.get_by_text("34 available time slots")).to_be_visible()
    web_api(shown).chat_update(channel=SALES.id, ts=posted["ts"], text="Booked", blocks=card("Anna"))
    expect(page.get_by_role("log").get_by_text("K7D2M9QX")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("(edited)")).to_be_visible()


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*bold* _it_ ~gone~ `a*b*`", "<strong>bold</strong> <em>it</em> <s>gone</s> <code>a*b*</code>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("*bold _both_*", "<strong>bold <em>both</em></strong>"),
        ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
        ("&gt; one\n&gt; two\nthree", "<blockquote>one<br>two</blockquote>three"),
        ("```a *b*\nc```", '<pre class="preformatted">a *b*\nc</pre>'),
        (":tada: :no_such_thing:", "🎉 :no_such_thing:"),
        ("<@U1> <#C1> <!here>", re.compile("@Dana.*#sales.*@here")),
        (
            "<!date^1798797600^{date_short_pretty} at {time}|x>",
            re.compile(r">Jan 1, 10:00\s?AM<|>Jan 1 at 10:00\s?AM<"),
        ),
        ("<https://a.example/?b=1&amp;c=2|go>", re.compile('href="https://a.example/\\?b=1&amp;c=2"[^>]*>go</a>')),
        ("<javascript:alert(1)|go>", "go"),
        ("*unclosed and ```unclosed", "*unclosed and ```unclosed"),
    ],
)
def test_mrkdwn_reads_as_in_slack(bare_page: Page, source: str, html: str | re.Pattern[str]) -> None:
    drawn = bare_page.evaluate(
        """async (source) => {
            const { mrkdwn } = await import("/playground/static/mrkdwn.js");
            const { draw } = await import("/playground/static/dom.js");
            const reader = { zone: "UTC", now: new Date("2026-12-20T10:00:00Z"),
                             userName: () => "Dana", channelName: () => "sales" };
            const node = document.createElement("div");
            draw(node, mrkdwn(source, reader));
            return node.innerHTML;
        }""",
        source,
    )
    assert re.search(html, drawn) if isinstance(html, re.Pattern) else drawn == html, drawn


# ---- outside Slack


def test_a_mail_is_read_and_its_links_open_beside_the_playground(page: Page, shown: Showcase) -> None:
    page.context.route("https://example.com/**", lambda route: route.fulfill(body="the customer's page"))
    shown.playground.mailbox.send(letter("Anna Ruiz"))
    expect(place(page, "Mail")).to_have_accessible_name(re.compile("1 unread"))
    place(page, "Mail").click()
    page.get_by_role("link", name=re.compile("Roadmap review")).click()
    expect(page.get_by_text("dana.fox@northwind.example")).to_be_visible()
    with page.context.expect_page() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Tue 1 Dec, 15:00").click()
    expect(opened.value.get_by_text("the customer's page")).to_be_visible()
    expect(place(page, "Mail")).not_to_have_accessible_name(re.compile("unread"))
    assert page.frames[1].title() == "x", "a script in the mail has run"


def test_a_mail_shows_its_text_and_its_calendar_part(page: Page, shown: Showcase) -> None:
    shown.playground.mailbox.send(letter("Anna Ruiz"))
    place(page, "Mail").click()
    page.get_by_role("link", name=re.compile("Roadmap review")).click()
    button(page, "Text").click()
    expect(page.get_by_role("article").get_by_text("pick a time: https://example.com/i/abc")).to_be_visible()
    page.get_by_text("Calendar part (.ics)").click()
    expect(page.get_by_text("BEGIN:VCALENDAR")).to_be_visible()


def test_the_calendar_shows_the_week_and_strikes_out_what_was_cancelled(page: Page, shown: Showcase) -> None:
    start = datetime(2031, 12, 3, 15, tzinfo=UTC)
    dana = Attendee(DANA.real_name, DANA.email)
    for title, status in (("Roadmap review", EventStatus.CONFIRMED), ("Old demo", EventStatus.CANCELLED)):
        end = start + timedelta(minutes=30)
        shown.events.append(Event(title, 0, start, end, title, dana, (dana,), status=status))
    page.goto(f"{shown.url}/playground#/calendar/2031-12-01")
    wednesday = page.get_by_role("region", name="Wednesday, December 3")
    expect(wednesday.get_by_text("Roadmap review")).to_be_visible()
    expect(wednesday.get_by_text("Roadmap review")).to_have_css("text-decoration-line", "none")
    expect(wednesday.get_by_text("Old demo")).to_have_css("text-decoration-line", "line-through")
    expect(wednesday.get_by_text("Cancelled · 10:00")).to_be_attached()


# ---- the visitor


def test_the_visitor_becomes_somebody_else(page: Page) -> None:
    button(page, "You are Dana Fox").click()
    page.get_by_role("menuitemradio", name=re.compile("Priya Raman")).click()
    expect(button(page, "You are Priya Raman")).to_be_visible()
    expect(page).to_have_url(re.compile(f"user={PRIYA.id}"))


def test_the_welcome_strip_goes_for_good(page: Page) -> None:
    strip = page.get_by_role("region", name="Welcome")
    expect(strip.get_by_text("This is a pretend Slack on your computer. Nothing leaves it.")).to_be_visible()
    button(page, "Hide this strip").click()
    expect(strip).to_have_count(0)
    page.reload()
    expect(box(page)).to_be_visible()
    expect(strip).to_have_count(0)


def test_on_a_phone_the_places_are_a_drawer_and_nothing_is_cut_off(browser: Browser, shown: Showcase) -> None:
    with browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True) as context:
        page = context.new_page()
        page.goto(f"{shown.url}/playground")
        expect(place(page, "Mail")).to_have_count(0)
        button(page, "Places").click()
        place(page, "Calendar").click()
        expect(page.get_by_role("heading", name="Dana Fox's calendar")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        button(page, "Places").click()
        place(page, "sales").click()
        open_form(page)
        assert page.evaluate("document.querySelector('.modal-body').scrollWidth") <= 390
