"""The page's contract over HTTP: state, stream, mail, calendar, and who may ask."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from bot.domain.calendar import Attendee, Event, EventStatus
from bot.playground.cast import DANA, GENERAL, MATEO, PRIYA, SALES
from tests.pretend_app import Doors, Workplace, modal, workplace
from tests.servers import DEADLINE_S


def mail(subject: str = "Hello") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Dana Fox via InviteOnce <invite@example.com>"
    message["To"] = "Anna Ruiz <anna@acme.com>"
    message["Subject"] = subject
    message["Date"] = datetime(2026, 12, 1, 9, tzinfo=UTC)
    message.set_content("Dear Anna,\n\npick a time.")
    message.add_alternative("<html><head></head><body><a href='https://x.example'>Pick</a></body></html>", "html")
    message.add_attachment("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "calendar", filename="invite.ics")
    return message


# ---------------------------------------------------------------- state and stream


def test_the_state_has_what_the_page_was_promised(place: Workplace) -> None:
    state = place.state()
    assert {
        "version",
        "workspace",
        "me",
        "users",
        "channels",
        "dm",
        "unread",
        "messages",
        "home",
        "modals",
        "mail",
    } <= set(state)
    assert state["workspace"] == {"name": "Northwind"}
    assert state["command_hint"] == "/invite Anna Ruiz anna@acme.com"
    assert state["shortcuts"][0] == {"callback_id": "invite", "name": "Invite to self-schedule", "type": "global"}
    by_name = {user["real_name"]: user for user in state["users"]}
    assert by_name["Dana Fox"]["is_admin"]
    assert {by_name[name]["time_zone"] for name in ("Dana Fox", "Priya Raman", "Mateo Silva")} == {
        "America/New_York",
        "Europe/London",
        "America/Los_Angeles",
    }
    assert sum(user["is_bot"] for user in state["users"]) == 2
    assert sum(user["is_guest"] for user in state["users"]) == 1
    assert sum(user["deleted"] for user in state["users"]) == 1
    assert [(channel["name"], channel["app_is_member"]) for channel in state["channels"]] == [
        ("sales", True),
        ("general", False),
    ]


def test_the_administrator_is_the_default(place: Workplace) -> None:
    assert json.loads(place.fetch("/playground/state")[2])["me"] == DANA.id
    assert place.fetch("/playground/state?user=nobody")[0] == 404


def test_a_view_comes_with_its_values(place: Workplace) -> None:
    view = place.open(modal())
    (shown,) = place.state()["modals"]
    assert {"id", "type", "title", "submit", "blocks", "hash", "values", "callback_id"} <= set(shown)
    assert shown["id"] == view["id"]


@contextmanager
def listening(place: Workplace, user: str) -> Iterator[Iterator[int]]:
    """The versions that the stream tells."""
    address = urlsplit(place.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=DEADLINE_S)
    connection.request("GET", f"/playground/stream?user={user}")
    response = connection.getresponse()
    assert response.getheader("content-type", "").startswith("text/event-stream")

    def versions() -> Iterator[int]:
        while line := response.readline().decode():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))["version"]

    try:
        yield versions()
    finally:
        connection.close()


def test_the_stream_tells_of_changes_on_ones_own_screen(place: Workplace) -> None:
    with listening(place, DANA.id) as versions:
        first = next(versions)
        assert first == place.state()["version"]
        place.slack.chat_postMessage(channel=PRIYA.id, text="For Priya only")
        assert place.state()["version"] == first
        place.slack.chat_postMessage(channel=DANA.id, text="For Dana")
        assert next(versions) == place.state()["version"] > first


def test_everybody_in_a_channel_is_told(place: Workplace) -> None:
    with listening(place, MATEO.id) as versions:
        first = next(versions)
        place.act("say", channel=GENERAL.id, text="Hello")
        assert next(versions) > first


def test_a_stopping_server_need_not_wait_for_open_pages(place: Workplace) -> None:
    with listening(place, DANA.id) as versions:
        next(versions)
        place.playground.end_streams()
        assert list(versions) == []


# ---------------------------------------------------------------- mail


def test_a_sent_mail_is_in_the_mailbox(place: Workplace) -> None:
    place.playground.mailbox.send(mail("Zoë & <you>"))
    place.playground.mailbox.send(mail("Second"))
    newest, oldest = place.state()["mail"]
    assert (newest["subject"], oldest["subject"]) == ("Second", "Zoë & <you>")
    assert oldest["to"] == "Anna Ruiz <anna@acme.com>"
    assert oldest["preview"] == "Dear Anna, pick a time."
    assert not oldest["read"]
    place.act("read_mail", id=oldest["id"])
    assert [one["read"] for one in place.state()["mail"]] == [False, True]


def test_a_mail_opens_with_all_its_parts(place: Workplace) -> None:
    place.playground.mailbox.send(mail())
    mail_id = place.state()["mail"][0]["id"]
    opened = json.loads(place.fetch(f"/playground/mail/{mail_id}")[2])
    assert ["Subject", "Hello"] in opened["headers"]
    assert "pick a time" in opened["text"]
    assert "<body>" in opened["html"]
    assert "BEGIN:VCALENDAR" in opened["ics"]
    assert [(a["name"], a["type"]) for a in opened["attachments"]] == [("invite.ics", "text/calendar")]
    assert place.fetch("/playground/mail/404")[0] == 404
    assert place.fetch("/playground/mail/404/html")[0] == 404


def test_a_mails_html_can_do_nothing_but_open_links_beside(place: Workplace) -> None:
    place.playground.mailbox.send(mail())
    mail_id = place.state()["mail"][0]["id"]
    status, headers, body = place.fetch(f"/playground/mail/{mail_id}/html")
    assert status == 200
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert '<head><base target="_blank">' in body


# ---------------------------------------------------------------- calendar


def test_a_calendar_shows_the_days_asked_for(doors: Doors) -> None:
    def event(uid: str, start: datetime, status: EventStatus = EventStatus.CONFIRMED) -> Event:
        dana = Attendee(DANA.real_name, DANA.email)
        return Event(uid, 0, start, start + timedelta(hours=1), "Busy", dana, (dana,), status=status)

    late = event("late", datetime(2026, 12, 2, 4, tzinfo=UTC), EventStatus.CANCELLED)  # 1 December, 23:00 in New York
    next_day = event("next", datetime(2026, 12, 2, 5, tzinfo=UTC))
    with workplace(doors, events=[late, next_day]) as place:
        answer = json.loads(place.fetch(f"/playground/calendar?user={DANA.id}&from=2026-12-01&days=1")[2])
        assert answer["time_zone"] == "America/New_York"
        (shown,) = answer["events"]
        assert (shown["uid"], shown["title"], shown["status"]) == ("late", "Busy", "cancelled")
        assert shown["start"] == "2026-12-02T04:00:00+00:00"
        assert len(json.loads(place.fetch(f"/playground/calendar?user={DANA.id}")[2])["events"]) == 2


@pytest.mark.parametrize("query", ["from=tomorrow", "days=many", "from=9999-12-31&days=7"])
def test_a_date_that_is_none_is_refused(place: Workplace, query: str) -> None:
    assert place.fetch(f"/playground/calendar?user={PRIYA.id}&{query}")[0] == 400


# ---------------------------------------------------------------- who may ask


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:3000", "", "[::1"])
@pytest.mark.parametrize(
    "path", ["/playground", "/playground/state", "/playground/static/page.js", "/playground/mail/1"]
)
def test_another_host_name_gets_nothing(place: Workplace, host: str, path: str) -> None:
    assert place.fetch(path, headers={"Host": host})[0] in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:3000", "[::1]:3000", "LOCALHOST"])
def test_this_machines_names_are_served(place: Workplace, host: str) -> None:
    assert place.fetch("/playground/state", headers={"Host": host})[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_page_cannot_act(place: Workplace, headers: dict[str, str]) -> None:
    act = {"user": DANA.id, "do": "say", "channel": SALES.id, "text": "Forged"}
    assert place.fetch("/playground/act", act, headers)[0] == 403
    assert all(message["text"] != "Forged" for message in place.state()["messages"][SALES.id])


def test_its_own_page_can(place: Workplace) -> None:
    act = {"user": DANA.id, "do": "say", "channel": SALES.id, "text": "Hello"}
    assert place.fetch("/playground/act", act, {"Origin": place.url, "Sec-Fetch-Site": "same-origin"})[0] == 200


def test_an_act_is_a_json_object(place: Workplace) -> None:
    assert place.fetch("/playground/act", b"user=x", {"Content-Type": "application/x-www-form-urlencoded"})[0] == 415
    assert place.fetch("/playground/act", b"{}", {"Content-Type": "text/plain"})[0] == 415
    assert place.fetch("/playground/act", b"{")[0] == 400
    assert place.fetch("/playground/act", b"[]")[0] == 400
    assert place.fetch("/playground/act", b'{"a": "' + b"x" * 1_000_001 + b'"}')[0] == 400
    assert place.fetch("/playground/act")[0] == 405


def test_the_page_is_served_with_a_strict_policy(place: Workplace) -> None:
    status, headers, body = place.fetch("/playground")
    assert status == 200
    assert "<!doctype html>" in body.lower()
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert place.fetch("/playground/static/../routes.py")[0] == 404


def test_a_permalink_leads_to_the_page(place: Workplace) -> None:
    address = urlsplit(place.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=DEADLINE_S)
    connection.request("GET", "/playground/archives/C1/p1")
    response = connection.getresponse()
    assert (response.status, response.getheader("location")) == (302, "/playground#C1/p1")
    connection.close()
