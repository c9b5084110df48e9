"""The members' link: it shows and cancels, by a form with a nonce, and never acts as the Customer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from bot.domain.ids import POOL_PREFIX
from bot.domain.invitation import Invitation
from bot.domain.meeting import MeetingStatus
from bot.web.app import web_app
from tests.cast import BEN, DANA, PRIYA
from tests.customer_pages import quiet_slack
from tests.pool_cast import a_pool
from tests.town import Town, ids


@pytest.fixture
def browser(town: Town) -> Iterator[TestClient]:
    services = town.stage.services
    app = web_app(
        booking=services.booking,
        slack_endpoint=quiet_slack,
        readiness=list,
        clock=town.stage.clock,
        member_links=services.member_links,
    )
    with TestClient(app, follow_redirects=False) as client:
        yield client


def links(town: Town, invitation: Invitation) -> dict[str, str]:
    """Each holder's link, as a path."""
    with town.stage.unit_of_work() as unit:
        return {copy.holder: f"/m/{copy.token}" for copy in unit.event_copies.of_meeting(town.meeting(invitation).id)}


def at_caldav(town: Town) -> Invitation:
    town.stage.connect(DANA, PRIYA, provider="caldav")
    return town.book(members=ids(DANA, PRIYA))


def nonce_of(html: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', html)
    assert found
    return found[1]


def test_link_in_the_event_shows_the_meeting(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    answer = browser.get(links(town, invitation)[PRIYA.user_id])
    assert answer.status_code == 200
    for words in ("This meeting is booked", "Roadmap review", "Anna Ruiz", "Dana Fox and Priya Raman"):
        assert words in answer.text
    for secret in (invitation.token, "anna@acme.com", DANA.email):
        assert secret not in answer.text


def test_link_in_the_description_is_the_one_that_works(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    for (place, _), event in town.caldav.events.items():
        [token] = re.findall(r"https://meet\.example/m/([\w-]{43})", event.description)
        assert browser.get(f"/m/{token}").status_code == 200, place
        assert event.url == f"https://meet.example/m/{token}"
    assert len(links(town, invitation)) == 2


def test_member_cancels_in_their_own_name(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    link = links(town, invitation)[PRIYA.user_id]
    nonce = nonce_of(browser.get(f"{link}/cancel").text)
    answer = browser.post(f"{link}/cancel", data={"nonce": nonce, "reason": "I am ill."})
    assert "This meeting is cancelled" in answer.text
    meeting = town.meeting(invitation)
    assert (meeting.status, meeting.canceled_by_id) == (MeetingStatus.CANCELED, PRIYA.user_id)
    town.stage.deliver()
    assert {event.status for event in town.caldav.events.values()} == {"cancelled"}
    assert browser.post(f"{link}/cancel", data={"nonce": nonce}).status_code == 200
    assert town.meeting(invitation) == meeting


def test_turn_of_a_meeting_that_a_member_cancels_is_given_back(town: Town, browser: TestClient) -> None:
    town.stage.connect(PRIYA, provider="caldav")
    with town.stage.unit_of_work(write=True) as unit:
        unit.pools.put(pool := a_pool(PRIYA, workspace_id=PRIYA.workspace_id))
        unit.commit()
    invitation = town.book(inviter=PRIYA, members=[f"{POOL_PREFIX}{pool.id}"])
    [link] = links(town, invitation).values()
    browser.post(f"{link}/cancel", data={"nonce": nonce_of(browser.get(f"{link}/cancel").text)})
    with town.stage.unit_of_work() as unit:
        [turn] = unit.pools.turns(pool.id)
    assert turn.removed_at == town.stage.clock()


def test_whoever_cancels_by_the_shared_events_link_is_not_named(town: Town, browser: TestClient) -> None:
    town.stage.connect(DANA, BEN, provider="google")
    invitation = town.book(members=ids(DANA, BEN), include_customer=False)
    [link] = links(town, invitation).values()
    browser.post(f"{link}/cancel", data={"nonce": nonce_of(browser.get(f"{link}/cancel").text)})
    meeting = town.meeting(invitation)
    assert (meeting.status, meeting.canceled_by, meeting.canceled_by_id) == (MeetingStatus.CANCELED, "user", None)


@pytest.mark.parametrize("path", ["", "/cancel"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_changes_nothing(town: Town, browser: TestClient, method: str, path: str) -> None:
    invitation = at_caldav(town)
    before = town.meeting(invitation)
    for link in links(town, invitation).values():
        assert browser.request(method, link + path).status_code == 200
    assert town.meeting(invitation) == before


def test_neither_link_opens_the_others_page(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    for link in links(town, invitation).values():
        token = link.removeprefix("/m/")
        assert browser.get(f"/i/{token}").status_code == 404
        assert browser.post(f"/i/{token}/cancel", data={"nonce": "x"}).status_code == 404
        assert browser.post(f"/i/{token}/book", data={"nonce": "x"}).status_code == 404
    assert browser.get(f"/m/{invitation.token}").status_code == 404


def test_nonce_of_another_link_is_worthless(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    danas, priyas = (links(town, invitation)[person.user_id] for person in (DANA, PRIYA))
    customers = town.stage.services.booking.nonce(invitation.token)
    for nonce in ("", "x.y", customers, nonce_of(browser.get(f"{danas}/cancel").text)):
        answer = browser.post(f"{priyas}/cancel", data={"nonce": nonce})
        assert "out of date" in answer.text
    assert town.meeting(invitation).is_live


def test_meeting_that_has_begun_cannot_be_cancelled(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    link = links(town, invitation)[DANA.user_id]
    nonce = nonce_of(browser.get(f"{link}/cancel").text)
    town.stage.clock.now = town.meeting(invitation).start
    assert browser.get(f"{link}/cancel").status_code == 303
    assert browser.post(f"{link}/cancel", data={"nonce": nonce}).status_code == 200
    assert town.meeting(invitation).is_live


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "é"])
def test_unknown_link_tells_nothing(browser: TestClient, token: str) -> None:
    assert browser.get(f"/m/{token}").status_code == 404
    assert browser.post(f"/m/{token}/cancel", data={"nonce": "x"}).status_code == 404


def test_cancelled_meeting_offers_nothing(town: Town, browser: TestClient) -> None:
    invitation = at_caldav(town)
    town.cancel(invitation)
    for link in links(town, invitation).values():
        page = browser.get(link).text
        assert "This meeting is cancelled" in page
        assert "<form" not in page
