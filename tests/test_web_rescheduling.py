"""The customer reschedules over HTTP: the same choice as the first time, old and new, and reading changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from starlette.testclient import TestClient

from bot.domain.calendar import ConnectionState
from bot.domain.ids import ConnectionId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.wording import slot_stamp
from bot.web.app import web_app
from tests.cast import DANA, PRIYA
from tests.customer_pages import quiet_slack
from tests.test_services_booking import FIRST
from tests.test_services_rescheduling import HOUR, meeting_of, move, put
from tests.world import Stage


@pytest.fixture
def invitation(house: Stage) -> Invitation:
    """Booked for Monday, 09:00 in New York."""
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id], working_hours=False)
    house.book(invitation, FIRST)
    house.deliver()
    return invitation


@pytest.fixture
def browser(house: Stage) -> Iterator[TestClient]:
    services = house.services
    app = web_app(
        booking=services.booking,
        slack_endpoint=quiet_slack,
        readiness=list,
        clock=house.clock,
        member_links=services.member_links,
        customer_moves=services.customer_moves,
    )
    with TestClient(app, follow_redirects=False, headers={"accept-language": "en-GB"}) as client:
        yield client


def page_of(invitation: Invitation) -> str:
    return f"/i/{invitation.token}"


def fields(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def confirmable(browser: TestClient, page: str, start: datetime) -> dict[str, str]:
    """The form of the page that shows the old time and the new one."""
    answer = browser.get(f"{page}/reschedule/{slot_stamp(start)}")
    assert answer.status_code == 200
    return fields(answer.text)


def break_calendar(house: Stage) -> None:
    """Priya's."""
    with house.unit_of_work(write=True) as unit:
        connection = unit.connections.get(ConnectionId(f"builtin-{PRIYA.user_id}"))
        assert connection is not None
        unit.connections.put(replace(connection, state=ConnectionState.BROKEN))
        unit.commit()


def stored(house: Stage, invitation: Invitation) -> Meeting:
    return meeting_of(house, invitation)


def test_booked_page_leads_to_the_same_choice_as_the_first_time(browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    assert f'action="{page}/reschedule"' in browser.get(page).text
    answer = browser.get(f"{page}/reschedule")
    assert answer.status_code == 200
    for words in ("Pick a new time", "15:00–15:30", "Keep this time", "Monday, 30 November", "Time zone"):
        assert words in answer.text
    stamps = re.findall(rf'href="{page}/reschedule/(\d+T\d+Z)', answer.text)
    assert slot_stamp(FIRST + HOUR) in stamps
    assert slot_stamp(FIRST) not in stamps


def test_choice_keeps_the_zone_that_was_asked_for(browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    answer = browser.get(f"{page}/reschedule?tz=Asia/Tokyo")
    assert "23:00–23:30" in answer.text
    assert f"{page}/reschedule/{slot_stamp(FIRST + HOUR)}?tz=Asia%2FTokyo" in answer.text


def test_confirm_page_shows_old_and_new(browser: TestClient, invitation: Invitation) -> None:
    answer = browser.get(f"{page_of(invitation)}/reschedule/{slot_stamp(FIRST + HOUR)}")
    assert answer.status_code == 200
    old, new = answer.text.index("15:00–15:30"), answer.text.index("16:00–16:30")
    assert old < new
    assert "when struck" in answer.text


def test_reading_changes_nothing(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    before = stored(house, invitation)
    for path in ("", "/reschedule", f"/reschedule/{slot_stamp(FIRST + HOUR)}"):
        browser.get(page_of(invitation) + path)
        browser.head(page_of(invitation) + path)
    assert stored(house, invitation) == before
    assert house.deliver() == []


def test_customer_moves_the_meeting(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    answer = browser.post(f"{page}/reschedule", data=form | {"note": "My train is late."})
    assert answer.status_code == 200
    assert "Your meeting has moved" in answer.text
    assert "16:00–16:30" in answer.text
    meeting = stored(house, invitation)
    assert meeting.start == FIRST + HOUR
    assert meeting.last_move is not None
    assert (meeting.last_move.by_customer, meeting.last_move.note) == (True, "My train is late.")
    again = browser.get(page).text
    assert "Your meeting has already been scheduled" in again
    assert "16:00–16:30" in again


def test_used_nonce_shows_the_present_state(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    browser.get(f"{page}/reschedule/{slot_stamp(FIRST + 2 * HOUR)}")  # a later GET voids nothing
    assert browser.post(f"{page}/reschedule", data=form).status_code == 200
    repeated = browser.post(f"{page}/reschedule", data=form)
    assert repeated.status_code == 200
    assert "Your meeting has already been scheduled" in repeated.text
    assert stored(house, invitation).sequence == 1


def test_form_without_a_good_nonce_asks_once_more(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR) | {"nonce": "made.up"}
    answer = browser.post(f"{page}/reschedule", data=form)
    assert "Please confirm once more." in answer.text
    assert stored(house, invitation).start == FIRST
    assert "has moved" in browser.post(f"{page}/reschedule", data=fields(answer.text)).text


def test_nonsense_is_a_bad_request(browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    assert browser.post(f"{page}/reschedule", data={"start": "soon"}).status_code == 400
    assert browser.get(f"{page}/reschedule/soon").status_code == 404
    assert browser.get("/i/unknown/reschedule").status_code == 404
    assert browser.post("/i/unknown/reschedule", data={"start": "soon"}).status_code == 404


def test_meeting_that_was_moved_meanwhile_is_shown_anew(
    house: Stage, browser: TestClient, invitation: Invitation
) -> None:
    """The confirm page said *from 15:00*, which is not so any more."""
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    move(house, invitation, FIRST + 3 * HOUR, by_id=DANA.user_id)
    answer = browser.post(f"{page}/reschedule", data=form)
    assert "Please confirm once more." in answer.text
    assert "18:00–18:30" in answer.text
    assert stored(house, invitation).start == FIRST + 3 * HOUR


def test_slot_that_is_gone_shows_what_is_left(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    put(house, PRIYA.email, FIRST + HOUR, HOUR)
    answer = browser.post(f"{page}/reschedule", data=form)
    assert answer.status_code == 409
    assert "This time is no longer available." in answer.text
    assert f"{page}/reschedule/{slot_stamp(FIRST + 2 * HOUR)}" in answer.text
    assert slot_stamp(FIRST + HOUR) not in answer.text
    house.clock.advance(timedelta(minutes=2))
    assert browser.get(f"{page}/reschedule/{slot_stamp(FIRST + HOUR)}").status_code == 409
    assert stored(house, invitation).start == FIRST


def test_nothing_else_free_says_so_and_keeps_the_meeting(
    house: Stage, browser: TestClient, invitation: Invitation
) -> None:
    put(house, PRIYA.email, FIRST + HOUR / 2, timedelta(days=30))
    house.clock.advance(timedelta(minutes=2))
    answer = browser.get(f"{page_of(invitation)}/reschedule")
    assert answer.status_code == 200
    assert "No other time is free" in answer.text
    assert "15:00–15:30" in answer.text


def test_unreadable_calendar_is_a_try_again(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    break_calendar(house)
    answer = browser.post(f"{page}/reschedule", data=form)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert "PRIYA" not in answer.text.upper().replace("PRIYA RAMAN", "", 1), "who takes part, and no more"
    house.clock.advance(timedelta(minutes=2))
    assert browser.get(f"{page}/reschedule").status_code == 503
    assert stored(house, invitation).start == FIRST


def test_meeting_that_has_begun_stays(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    house.clock.now = FIRST
    assert "/reschedule" not in browser.get(page).text
    for answer in (browser.get(f"{page}/reschedule"), browser.post(f"{page}/reschedule", data=form)):
        assert answer.status_code == 200
        assert "Your meeting has already been scheduled" in answer.text


def test_cancelled_meeting_is_not_moved(house: Stage, browser: TestClient, invitation: Invitation) -> None:
    page = page_of(invitation)
    form = confirmable(browser, page, FIRST + HOUR)
    booking = house.services.booking
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")
    for answer in (browser.get(f"{page}/reschedule"), browser.post(f"{page}/reschedule", data=form)):
        assert answer.status_code == 410
        assert "You cancelled this meeting" in answer.text


def test_open_invitation_has_nothing_to_move(house: Stage, browser: TestClient) -> None:
    invitation = house.invite()
    answer = browser.get(f"{page_of(invitation)}/reschedule")
    assert "Pick a time" in answer.text


# ---------------------------------------------------------------- the members' link


@pytest.fixture
def link(house: Stage, invitation: Invitation) -> str:
    with house.unit_of_work() as unit:
        copy = unit.event_copies.get(meeting_of(house, invitation).id, PRIYA.resource_id)
    assert copy is not None
    return f"/m/{copy.token}"


def test_while_a_calendar_is_unreadable_no_time_is_said_to_be_gone(
    house: Stage, browser: TestClient, invitation: Invitation, link: str
) -> None:
    break_calendar(house)
    house.clock.advance(timedelta(minutes=2))
    for page in (page_of(invitation), link):
        answer = browser.get(f"{page}/reschedule/{slot_stamp(FIRST + HOUR)}")
        assert answer.status_code == 503
        assert "no longer available" not in answer.text


def test_member_moves_the_meeting_in_their_own_name(
    house: Stage, browser: TestClient, invitation: Invitation, link: str
) -> None:
    assert f'action="{link}/reschedule"' in browser.get(link).text
    assert f"{link}/reschedule/{slot_stamp(FIRST + HOUR)}" in browser.get(f"{link}/reschedule").text
    form = confirmable(browser, link, FIRST + HOUR)
    answer = browser.post(f"{link}/reschedule", data=form | {"note": "I have to see a doctor."})
    assert answer.status_code == 200
    assert "This meeting has moved to this time" in answer.text
    house.deliver()
    (mail,) = [mail for mail in house.mailer.sent if mail["Subject"].startswith("Moved")]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # every mail of ours has text
    assert "Priya Raman has moved your meeting with Dana Fox." in text
    assert "I have to see a doctor." in text


def test_member_s_page_reads_as_any_other(house: Stage, browser: TestClient, invitation: Invitation, link: str) -> None:
    form = confirmable(browser, link, FIRST + HOUR)
    for path in ("/reschedule", f"/reschedule/{slot_stamp(FIRST + HOUR)}"):
        text = browser.get(link + path).text
        assert invitation.token not in text
        assert "acme.com" not in text
    customers = fields(browser.get(f"{page_of(invitation)}/reschedule/{slot_stamp(FIRST + HOUR)}").text)
    stolen = browser.post(f"{link}/reschedule", data=form | {"nonce": customers["nonce"]})
    assert "Please confirm once more" in stolen.text, "the customer's nonce is worth nothing here"
    put(house, DANA.email, FIRST + HOUR, HOUR)
    assert browser.post(f"{link}/reschedule", data=form).status_code == 409
    assert stored(house, invitation).start == FIRST
    house.clock.now = FIRST
    gone = browser.get(f"{link}/reschedule")
    assert (gone.status_code, gone.headers["location"]) == (303, link)
    late = browser.post(f"{link}/reschedule", data=form)
    assert "out of date" in late.text or "begun" in late.text
    assert browser.get("/m/unknown/reschedule").status_code == 404
