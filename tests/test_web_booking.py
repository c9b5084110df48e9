"""The Customer's pages over HTTP: statuses, nonces, and that reading changes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from bot.domain.booking import Situation
from bot.domain.invitation import DeliveryMethod
from tests import customer_cast as cast
from tests.cast import seats
from tests.customer_pages import STARTS, FakeBooking, app, booked, ended

PAGE = f"/i/{cast.TOKEN}"
SLOT = f"{PAGE}/20261201T150000Z"


def client(booking: FakeBooking, *, language: str = "en-GB", now: datetime = cast.NOW, **options: object) -> TestClient:
    return TestClient(app(booking, now=now, **options), headers={"accept-language": language}, follow_redirects=False)


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


def form_of(browser: TestClient, slot: str = SLOT) -> dict[str, str]:
    html = browser.get(slot).text
    return {"start": field(html, "start"), "nonce": field(html, "nonce")}


def slots_in(html: str) -> list[str]:
    return re.findall(rf'href="{PAGE}/(\d+T\d+Z)', html)


def test_open_invitation_lists_every_slot_by_day() -> None:
    answer = client(FakeBooking()).get(PAGE)
    assert answer.status_code == 200
    assert slots_in(answer.text) == [f"{start:%Y%m%dT%H%M%SZ}" for start in STARTS]
    assert re.findall(r"<h2[^>]*>([^<]+?) *</h2>", answer.text) == [
        "Tuesday, 1 December",
        "Wednesday, 2 December",
        "Thursday, 3 December",
        "Monday, 7 December",
    ]
    for word in ("Anna", "Dana Fox", "Roadmap review", "30 minutes", "Priya Shah"):
        assert word in answer.text


def test_page_shows_no_address_but_the_customer_s() -> None:
    for booking, path in ((FakeBooking(), PAGE), (FakeBooking(), SLOT), (booked(), PAGE), (booked(), f"{PAGE}/cancel")):
        text = client(booking).get(path).text
        assert "fox.example" not in text


@pytest.mark.parametrize(
    ("situation", "status", "words"),
    [
        (Situation.ALL_TAKEN, 200, "All times have been taken"),
        (Situation.UNREADABLE, 503, "try again in a few minutes"),
        (Situation.PAST, 200, "already taken place"),
        (Situation.CANCELED_BY_CUSTOMER, 410, "You cancelled this meeting"),
        (Situation.CANCELED_BY_USER, 410, "This meeting has been cancelled"),
        (Situation.EXPIRED, 410, "This invitation has expired"),
        (Situation.WITHDRAWN, 410, "no longer open"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, SLOT, f"{PAGE}/cancel"])
def test_every_state_has_its_status_and_says_what_is_so(
    situation: Situation, status: int, words: str, path: str
) -> None:
    answer = client(ended(situation)).get(path)
    is_slot_asked_for = path == SLOT and situation is Situation.ALL_TAKEN
    assert answer.status_code == (409 if is_slot_asked_for else status)
    assert words in answer.text
    assert slots_in(answer.text) == []
    assert "Reschedule" not in answer.text


def test_page_of_a_meeting_that_the_team_has_cancelled_blames_nobody() -> None:
    text = client(ended(Situation.CANCELED_BY_USER)).get(PAGE).text
    assert "It will not take place. For another time, reply to" in text
    assert "cannot make it" not in text


def test_unreadable_says_when_to_come_back() -> None:
    assert int(client(ended(Situation.UNREADABLE)).get(PAGE).headers["retry-after"]) > 0


def test_withdrawn_invitation_tells_nothing_of_itself() -> None:
    text = client(ended(Situation.WITHDRAWN)).get(PAGE).text
    for word in ("Anna", "Dana", "Roadmap", "Madrid"):
        assert word not in text


def test_unknown_link_looks_like_any_unknown_page() -> None:
    browser = client(FakeBooking())
    elsewhere = browser.get("/nowhere")
    for path in (
        "/i/unknown",
        "/i/unknown/20261201T150000Z",
        "/i/unknown/cancel",
        "/i/unknown/meeting.ics",
        f"{PAGE}/x",
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer.text) == (404, elsewhere.text)
    for path in ("book", "cancel", "opened"):
        answer = browser.post(f"/i/unknown/{path}", data={"start": "20261201T150000Z", "nonce": "nonce-1"})
        assert (answer.status_code, answer.text) == (404, elsewhere.text)


def test_one_slot_is_asked_to_be_confirmed_in_both_zones() -> None:
    answer = client(FakeBooking()).get(SLOT)
    assert answer.status_code == 200
    for words in (
        "Tuesday, 1 December 2026",
        "16:00–16:30",
        "Europe/Berlin (UTC+01:00)",
        "10:00–10:30",
        "America/New_York (UTC-05:00)",
        "anna@acme.com",
        ">Confirm</button>",
    ):
        assert words in answer.text


def test_slot_that_is_gone_shows_what_is_left() -> None:
    answer = client(FakeBooking()).get(f"{PAGE}/20261201T141500Z")
    assert answer.status_code == 409
    assert "no longer available" in answer.text
    assert len(slots_in(answer.text)) == len(STARTS)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_changes_nothing(method: str) -> None:
    booking = FakeBooking()
    browser = client(booking)
    for path in (
        "",
        "/20261201T150000Z",
        "/book",
        "/cancel",
        "/opened",
        "/meeting.ics",
        "/20261201T150000Z?tz=Asia/Tokyo",
    ):
        browser.request(method, PAGE + path)
    assert booking.calls == []
    assert booking.state.situation is Situation.OPEN


def test_head_is_like_get() -> None:
    for booking in (FakeBooking(), booked(), ended(Situation.EXPIRED), ended(Situation.UNREADABLE)):
        browser = client(booking)
        for path in (PAGE, SLOT, "/i/unknown"):
            assert browser.head(path).status_code == browser.get(path).status_code


def test_confirm_books_and_shows_what_happens_next() -> None:
    booking = FakeBooking()
    browser = client(booking)
    answer = browser.post(f"{PAGE}/book", data=form_of(browser))
    assert answer.status_code == 200
    assert "Your meeting is booked" in answer.text
    assert "A calendar invitation is on its way to" in answer.text
    assert booking.state.meeting is not None
    assert booking.state.meeting.start == cast.START
    later = browser.get(PAGE)
    assert later.status_code == 200
    assert "Your meeting has already been scheduled" in later.text


def test_second_confirm_with_the_same_page_shows_the_meeting() -> None:
    booking = FakeBooking()
    browser = client(booking)
    form = form_of(browser)
    browser.post(f"{PAGE}/book", data=form)
    again = browser.post(f"{PAGE}/book", data=form)
    assert again.status_code == 200
    assert "Your meeting has already been scheduled" in again.text


def test_later_page_does_not_void_an_earlier_one() -> None:
    browser = client(FakeBooking())
    first = form_of(browser)
    form_of(browser, f"{PAGE}/20261202T150000Z")
    assert "Your meeting is booked" in browser.post(f"{PAGE}/book", data=first).text


def test_slot_taken_meanwhile_is_not_offered_again() -> None:
    booking = FakeBooking()
    booking.taken.add(cast.START)
    browser = client(booking)
    answer = browser.post(f"{PAGE}/book", data=form_of(browser))
    assert answer.status_code == 409
    assert "no longer available" in answer.text
    assert "20261201T150000Z" not in slots_in(answer.text)
    assert len(slots_in(answer.text)) == len(STARTS) - 1


def test_last_slot_taken_meanwhile_leaves_none() -> None:
    booking = FakeBooking(starts=[cast.START])
    booking.taken.add(cast.START)
    browser = client(booking)
    answer = browser.post(f"{PAGE}/book", data=form_of(browser))
    assert answer.status_code == 409
    assert "All times have been taken" in answer.text


def test_calendar_unreadable_at_confirm_is_try_again() -> None:
    booking = FakeBooking()
    booking.is_unreadable = True
    browser = client(booking)
    answer = browser.post(f"{PAGE}/book", data=form_of(browser))
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "Priya Shah’s" not in answer.text
    assert slots_in(answer.text) == []


@pytest.mark.parametrize("nonce", ["", "forged", "nonce-999", "nonce-1\x00"])
def test_page_with_a_foreign_nonce_asks_once_more(nonce: str) -> None:
    booking = FakeBooking()
    browser = client(booking)
    answer = browser.post(f"{PAGE}/book", data={"start": "20261201T150000Z", "nonce": nonce})
    assert answer.status_code == 200
    assert "Please confirm once more" in answer.text
    assert booking.state.situation is Situation.OPEN


@pytest.mark.parametrize("start", ["", "tomorrow", "20261201", "2026-12-01T15:00:00Z", "<script>"])
def test_nonsense_instead_of_a_time_is_refused_with_the_list(start: str) -> None:
    booking = FakeBooking()
    answer = client(booking).post(f"{PAGE}/book", data={"start": start, "nonce": "nonce-1"})
    assert answer.status_code == 400
    assert booking.calls == []
    assert len(slots_in(answer.text)) == len(STARTS)


def test_zone_is_remembered_only_where_it_was_chosen() -> None:
    booking = FakeBooking()
    browser = client(booking)
    html = browser.get(SLOT + "?tz=Asia/Tokyo").text
    form = {name: field(html, name) for name in ("start", "nonce", "tz")}
    assert "Wednesday, 2 December 2026" in browser.post(f"{PAGE}/book", data=form).text
    assert booking.zone == "Asia/Tokyo"
    other = FakeBooking()
    browser = client(other)
    browser.post(f"{PAGE}/book", data=form_of(browser))
    assert other.zone is None


def test_unknown_zone_never_reaches_the_meeting() -> None:
    booking = FakeBooking()
    browser = client(booking)
    browser.post(f"{PAGE}/book", data=form_of(browser) | {"tz": "../../etc/passwd"})
    assert booking.state.situation is Situation.BOOKED
    assert booking.zone is None


def test_customer_cancels_with_a_reason() -> None:
    booking = booked()
    browser = client(booking)
    asked = browser.get(f"{PAGE}/cancel")
    assert asked.status_code == 200
    assert "Cancel this meeting?" in asked.text
    form = {"nonce": field(asked.text, "nonce"), "reason": " I am\x00 ill. " + "x" * 1000}
    answer = browser.post(f"{PAGE}/cancel", data=form)
    assert answer.status_code == 200
    assert "You cancelled this meeting" in answer.text
    assert booking.reason.startswith("I am ill.")
    assert len(booking.reason) == 500
    again = browser.post(f"{PAGE}/cancel", data=form)
    assert "You cancelled this meeting" in again.text
    assert browser.get(PAGE).status_code == 410


def test_cancelling_without_a_valid_nonce_keeps_the_meeting() -> None:
    booking = booked()
    answer = client(booking).post(f"{PAGE}/cancel", data={"nonce": "forged"})
    assert answer.status_code == 200
    assert "already been scheduled" in answer.text
    assert booking.state.situation is Situation.BOOKED


def test_meeting_that_has_begun_cannot_be_cancelled() -> None:
    for now, may_cancel in ((cast.START - timedelta(seconds=1), True), (cast.START, False)):
        browser = client(booked(), now=now)
        assert (">Cancel</button>" in browser.get(PAGE).text) is may_cancel
        assert ("Cancel this meeting?" in browser.get(f"{PAGE}/cancel").text) is may_cancel


def test_opened_is_recorded_only_by_its_post() -> None:
    booking = FakeBooking()
    browser = client(booking)
    assert browser.get(f"{PAGE}/opened").status_code in (404, 405)
    answer = browser.post(f"{PAGE}/opened")
    assert (answer.status_code, answer.content) == (204, b"")
    assert booking.calls == ["opened"]


def test_reloading_the_address_of_a_form_leads_to_the_page() -> None:
    answer = client(FakeBooking()).get(f"{PAGE}/book")
    assert answer.status_code == 303
    assert answer.headers["location"] == PAGE


def test_file_for_the_calendar_has_the_uid_and_nobody_else() -> None:
    browser = client(booked())
    assert f"{PAGE}/meeting.ics" in browser.get(PAGE).text
    answer = browser.get(f"{PAGE}/meeting.ics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert b"UID:m1@inviteonce\r\n" in answer.content
    assert b"METHOD:PUBLISH" in answer.content
    assert b"ATTENDEE" not in answer.content
    assert b"priya" not in answer.content


def test_no_file_where_the_event_invites_by_itself_or_nothing_is_booked() -> None:
    booking = booked()
    booking.state = replace(booking.state, is_invited_by_calendar=True)
    inviting = client(booking)
    assert "meeting.ics" not in inviting.get(PAGE).text
    assert inviting.get(f"{PAGE}/meeting.ics").status_code == 404
    assert client(FakeBooking()).get(f"{PAGE}/meeting.ics").status_code == 404


def test_join_link_appears_once_it_is_booked() -> None:
    assert "video.example.com" not in client(FakeBooking()).get(PAGE).text
    assert 'href="https://video.example.com/roadmap"' in client(booked()).get(PAGE).text


def test_who_got_a_link_is_not_told_to_answer_an_email() -> None:
    letter = replace(cast.LETTER, delivery=DeliveryMethod.LINK)
    booking = ended(Situation.EXPIRED)
    booking.state = replace(booking.state, invitation=cast.invitation(letter=letter))
    text = client(booking).get(PAGE).text
    assert "email" not in text
    assert "write to Dana" in text


def test_several_candidates_promise_nobody() -> None:
    details = replace(cast.DETAILS, seats=seats((cast.DANA.resource_id, cast.PRIYA.resource_id)))
    assert "Priya Shah" not in client(FakeBooking(cast.invitation(details=details))).get(PAGE).text


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "😀" * 150,
    "مريم",
    "N" * 300,
    "{{ 7*7 }}",
    "\u202ex\x00",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_harmless(text: str) -> None:
    details = replace(cast.DETAILS, subject=text, description=text, location=text)
    invitation = cast.invitation(
        participant=cast.named(text), details=details, letter=replace(cast.LETTER, subject=text, message=text)
    )
    for booking, path in ((FakeBooking(invitation), PAGE), (FakeBooking(invitation), SLOT)):
        booking.state = replace(booking.state, inviter=replace(cast.DANA, name=text))
        answer = client(booking).get(path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert ">49<" not in answer.text
        assert "\x00" not in answer.text
        assert "\u202e" not in answer.text


def test_token_with_odd_characters_is_unknown() -> None:
    for token in ("%00", "%F0%9F%98%80", "..%2f..", "a" * 5000, "%3Cscript%3E"):
        assert client(FakeBooking()).get(f"/i/{token}").status_code == 404


def test_instants_of_the_page_are_machine_readable() -> None:
    html = client(FakeBooking()).get(PAGE).text
    instants = [datetime.fromisoformat(text).astimezone(UTC) for text in re.findall(r'datetime="([^"]+)"', html)]
    assert tuple(instants) == STARTS
