"""Zoom meetings against a pretend Zoom whose requests and replies have the documented shapes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from bot.conferencing.zoom import ZoomConferences
from bot.domain.calendar import Conference
from bot.domain.ids import InvitationId, MeetingId, TrackingId
from bot.domain.meeting import Meeting, MeetingStatus
from bot.errors import DeliveryError
from bot.ports import ConferenceProvider
from bot.rest import Rest
from tests.cast import DANA, NOW, WORKSPACE, ManualClock
from tests.vendor_server import HALF, HALF_JSON, HTML, STALL, Request, Response, VendorServer, vendor_server

MEETING = Meeting(
    id=MeetingId("0" * 32),
    workspace_id=WORKSPACE,
    invitation_id=InvitationId("1" * 32),
    tracking_id=TrackingId("K7D2M9QX"),
    start=datetime(2026, 12, 1, 14, 0, tzinfo=UTC),
    duration=timedelta(minutes=45),
    assigned=(),
    status=MeetingStatus.SCHEDULED,
    created_at=NOW,
)
BASIC = "Basic Y2xpZW50OnNlY3JldA=="
FIELDS = {
    "topic": str,
    "type": int,
    "start_time": str,
    "duration": int,
    "timezone": str,
    "agenda": str,
    "settings": dict,
}
"""Of the documented request bodies, those that we use: developers.zoom.us/docs/api/meetings, Create and Update."""


class Zoom:
    """developers.zoom.us/docs/internal-apps/s2s-oauth, and Meetings: list, create, update, delete."""

    def __init__(self) -> None:
        self.users = {"me", DANA.email}
        self.meetings: dict[int, dict[str, Any]] = {}
        self.tokens: set[str] = set()
        self.http: VendorServer
        self._numbers = itertools.count(85746065432)

    def answer(self, request: Request) -> Response:
        if request.path == "/oauth/token":
            return self._token(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Response(401, {"code": 124, "message": "Invalid access token."})
        _, _, kind, name, *_ = request.path.split("/")
        if kind == "users":
            if unquote(name) not in self.users:
                return Response(404, {"code": 1001, "message": f"User does not exist: {name}."})
            return self._list(name, request) if request.method == "GET" else self._create(name, request.json())
        return self._one(request, int(name))

    def _token(self, request: Request) -> Response:
        assert request.method == "POST"
        if request.headers["authorization"] != BASIC or request.query["account_id"] != "account":
            return Response(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"})
        assert request.query["grant_type"] == "account_credentials"
        token = f"token-{next(self._numbers)}"
        self.tokens.add(token)
        return Response(
            200,
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": 3599,
                "scope": "meeting:write:meeting:admin",
                "api_url": "https://api.zoom.us",
            },
        )

    def _list(self, host: str, request: Request) -> Response:
        assert request.query["type"] == "upcoming_meetings"
        own = [one for one in self.meetings.values() if one["host_email"] == host]
        first = int(request.query.get("next_page_token") or 0)
        size = 2
        following = str(first + size) if first + size < len(own) else ""
        return Response(200, {"next_page_token": following, "page_size": size, "meetings": own[first : first + size]})

    def _create(self, host: str, content: dict[str, Any]) -> Response:
        check(content)
        number = next(self._numbers)
        self.meetings[number] = {
            **content,
            "id": number,
            "uuid": "4444AAAiAAAAAiAiAiiAii==",
            "host_email": host,
            "created_at": "2026-11-30T08:00:00Z",
            "join_url": f"https://example.zoom.us/j/{number}",
            "start_url": f"https://example.zoom.us/s/{number}?zak=secret",
        }
        return Response(201, self.meetings[number])

    def _one(self, request: Request, number: int) -> Response:
        if number not in self.meetings:
            return Response(404, {"code": 3001, "message": f"Meeting does not exist: {number}."})
        if request.method == "PATCH":
            check(request.json())
            self.meetings[number].update(request.json())
        else:
            del self.meetings[number]
        return Response(204)


def check(content: dict[str, Any]) -> None:
    """What Zoom's documentation says of a meeting's fields."""
    for name, value in content.items():
        assert isinstance(value, FIELDS[name]), name
    assert len(content["topic"]) <= 200
    assert len(content.get("agenda", "")) <= 2000
    assert content["start_time"].endswith("Z")
    datetime.fromisoformat(content["start_time"])


@dataclass
class Bench:
    zoom: Zoom
    clock: ManualClock
    pauses: list[float]
    conferences: ZoomConferences

    def tokens_asked_for(self) -> int:
        return len(self.zoom.http.asked("POST", "/oauth/token"))

    def created(self) -> int:
        return len(self.zoom.http.asked("POST", "/meetings"))


@contextmanager
def zoom_bench(*, secret_is_right: bool = True) -> Iterator[Bench]:
    zoom, clock = Zoom(), ManualClock()
    pauses: list[float] = []
    secret = "secret" if secret_is_right else "another"
    with vendor_server(zoom.answer) as zoom.http:
        rest = Rest("Zoom", clock=clock, pause=pauses.append, jitter=lambda: 0.5)
        url = zoom.http.url
        conferences = ZoomConferences(
            "account", "client", secret, clock, rest, api_url=f"{url}/v2", token_url=f"{url}/oauth/token"
        )
        yield Bench(zoom, clock, pauses, conferences)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with zoom_bench() as bench:
        yield bench


def test_it_is_a_conference_provider(bench: Bench) -> None:
    provider: ConferenceProvider = bench.conferences
    assert (provider.key, provider.name) == ("zoom", "Zoom")


def test_a_meeting_is_made_in_utc_with_its_topic_cut_and_on_one_line(bench: Bench) -> None:
    conference = bench.conferences.create(MEETING, "Roadmap\n review " + "x" * 300, host=DANA.email)
    (made,) = bench.zoom.meetings.values()
    assert conference == Conference(str(made["id"]), made["join_url"])
    assert made["topic"].startswith("Roadmap review xxx")
    assert len(made["topic"]) == 200
    assert (made["start_time"], made["timezone"], made["duration"], made["type"]) == (
        "2026-12-01T14:00:00Z",
        "UTC",
        45,
        2,
    )
    assert made["agenda"] == "Tracking ID: K7D2M9QX"
    assert made["host_email"] == DANA.email


def test_what_hosts_start_it_with_is_not_kept(bench: Bench) -> None:
    assert "zak" not in repr(bench.conferences.create(MEETING, "Roadmap review"))


def test_a_second_call_finds_the_first_meeting_also_on_a_later_page(bench: Bench) -> None:
    for hour in range(5):
        bench.conferences.create(replace(MEETING, tracking_id=TrackingId(f"OTHER{hour}AA")), "Something else")
    first = bench.conferences.create(MEETING, "Roadmap review")
    assert bench.conferences.create(MEETING, "Roadmap review") == first
    assert len(bench.zoom.meetings) == 6


def test_a_host_whom_zoom_does_not_know_gets_a_meeting_of_the_apps_own(bench: Bench) -> None:
    bench.conferences.create(MEETING, "Roadmap review", host="stranger@northwind.example")
    (made,) = bench.zoom.meetings.values()
    assert made["host_email"] == "me"
    assert made["settings"] == {"join_before_host": True, "waiting_room": False}


def test_it_moves_with_the_meeting(bench: Bench) -> None:
    conference = bench.conferences.create(MEETING, "Roadmap review")
    later = replace(MEETING, start=MEETING.start + timedelta(days=1), sequence=1)
    assert bench.conferences.move(conference, later, "Roadmap review") == conference
    assert bench.zoom.meetings[int(conference.id)]["start_time"] == "2026-12-02T14:00:00Z"


@pytest.mark.parametrize("code", [1001, 3001])
def test_one_that_was_deleted_in_zoom_is_not_there_to_be_moved(bench: Bench, code: int) -> None:
    """With its host, too."""
    conference = bench.conferences.create(MEETING, "Roadmap review")
    bench.zoom.http.will_answer("PATCH", "/meetings/", Response(404, {"code": code, "message": "No."}))
    assert bench.conferences.move(conference, MEETING, "Roadmap review") is None


@pytest.mark.parametrize("response", [replace(HTML, status=404), Response(404), Response(404, {"code": 404})])
def test_what_zoom_itself_does_not_call_deleted_is_not(bench: Bench, response: Response) -> None:
    """Some proxy's page is no reason to make a second one, or to leave this one behind."""
    conference = bench.conferences.create(MEETING, "Roadmap review")
    bench.zoom.http.will_answer("", "/meetings/", response)
    with pytest.raises(DeliveryError):
        bench.conferences.move(conference, MEETING, "Roadmap review")
    with pytest.raises(DeliveryError):
        bench.conferences.delete(conference)


@pytest.mark.parametrize("host", [DANA.email, "stranger@northwind.example", ""])
def test_one_that_nobody_has_kept_is_found(bench: Bench, host: str) -> None:
    assert bench.conferences.find(MEETING, host=host) is None
    made = bench.conferences.create(MEETING, "Roadmap review", host=host)
    later = replace(MEETING, start=MEETING.start + timedelta(days=1), sequence=1)
    assert bench.conferences.find(later, host=host) == made
    assert bench.conferences.find(replace(MEETING, tracking_id=TrackingId("OTHERAAA")), host=host) is None


def test_a_list_that_cannot_be_read_says_nothing_of_what_is_there(bench: Bench) -> None:
    bench.zoom.http.will_answer("GET", "/meetings", HTML)
    with pytest.raises(DeliveryError):
        bench.conferences.find(MEETING)


def test_deleting_twice_is_deleting_once(bench: Bench) -> None:
    conference = bench.conferences.create(MEETING, "Roadmap review")
    for _ in range(2):
        bench.conferences.delete(conference)
    assert bench.zoom.meetings == {}


def test_a_token_is_kept_until_shortly_before_it_expires(bench: Bench) -> None:
    bench.conferences.create(MEETING, "Roadmap review")
    bench.conferences.create(MEETING, "Roadmap review")
    assert bench.tokens_asked_for() == 1
    bench.clock.advance(timedelta(minutes=58))
    bench.conferences.create(MEETING, "Roadmap review")
    assert bench.tokens_asked_for() == 2


def test_a_token_that_zoom_no_longer_takes_is_renewed_once(bench: Bench) -> None:
    bench.conferences.create(MEETING, "Roadmap review")
    bench.zoom.tokens.clear()
    bench.conferences.create(MEETING, "Roadmap review")
    assert bench.tokens_asked_for() == 2


def test_wrong_credentials_say_which_settings() -> None:
    with zoom_bench(secret_is_right=False) as bench, pytest.raises(DeliveryError, match="ZOOM_CLIENT_SECRET") as caught:
        bench.conferences.create(MEETING, "Roadmap review")
    assert not caught.value.permanent


def test_a_pause_that_is_asked_for_is_made(bench: Bench) -> None:
    busy = Response(429, {"code": 429, "message": "Too many"}, {"Retry-After": "2", "X-RateLimit-Type": "QPS"})
    bench.zoom.http.will_answer("POST", "/meetings", busy, times=1)
    bench.conferences.create(MEETING, "Roadmap review")
    assert bench.pauses == [pytest.approx(2.1)]
    assert len(bench.zoom.meetings) == 1


def test_a_pause_until_tomorrow_is_the_outboxs_to_make(bench: Bench) -> None:
    headers = {"Retry-After": "2026-12-01T00:00:00Z", "X-RateLimit-Type": "Daily-limit", "X-RateLimit-Remaining": "0"}
    bench.zoom.http.will_answer("POST", "/meetings", Response(429, {"code": 429, "message": "…"}, headers))
    with pytest.raises(DeliveryError, match="asks for a pause") as caught:
        bench.conferences.create(MEETING, "Roadmap review")
    assert caught.value.retry_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert bench.pauses == []


@pytest.mark.parametrize(
    ("response", "permanent"),
    [
        (Response(400, {"code": 300, "message": "Invalid topic."}), True),
        (Response(403, {"code": 200, "message": "No permission."}), False),
        (Response(500, {"code": 500}), False),
        (Response(502, "<html>Bad gateway", {"Content-Type": "text/html"}), False),
        (HTML, False),
        (HALF, False),
        (HALF_JSON, False),
        (Response(201, {"id": "85746065432"}), False),
        (Response(201, {"id": 85746065432, "join_url": "javascript:alert(1)"}), False),
        (Response(302, None, {"Location": "https://elsewhere.example/"}), False),
    ],
)
def test_everything_else_is_a_delivery_that_failed(bench: Bench, response: Response, permanent: bool) -> None:
    bench.zoom.http.will_answer("POST", "/meetings", response)
    with pytest.raises(DeliveryError, match=r"^Zoom .*\.$") as caught:
        bench.conferences.create(MEETING, "Roadmap review")
    assert caught.value.permanent is permanent
    assert bench.created() == 1, "nobody knows what became of it: the outbox looks first, and then asks again"


def test_a_meeting_that_was_made_before_the_answer_was_lost_is_found(bench: Bench) -> None:
    made = bench.conferences.create(MEETING, "Roadmap review")
    bench.zoom.http.will_answer("POST", "/meetings", HALF)
    assert bench.conferences.create(MEETING, "Roadmap review") == made


def test_one_that_nobody_has_kept_moves_with_the_meeting(bench: Bench) -> None:
    """Whoever made it was killed before they could say so, and then the Meeting was moved."""
    made = bench.conferences.create(MEETING, "Roadmap review", host=DANA.email)
    later = replace(MEETING, start=MEETING.start + timedelta(days=1), sequence=1)
    assert bench.conferences.create(later, "Roadmap review", host=DANA.email) == made
    assert [one["start_time"] for one in bench.zoom.meetings.values()] == ["2026-12-02T14:00:00Z"]


def test_zoom_that_says_nothing_is_not_waited_for_for_ever() -> None:
    zoom, clock = Zoom(), ManualClock()
    ticks = itertools.chain([0.0], itertools.repeat(19.9))
    with vendor_server(zoom.answer) as zoom.http:
        rest = Rest("Zoom", clock=clock, monotonic=lambda: next(ticks), pause=lambda _: None)
        url = zoom.http.url
        conferences = ZoomConferences("account", "client", "secret", clock, rest, api_url=url, token_url=url)
        zoom.http.will_answer("", "/", STALL)
        with pytest.raises(DeliveryError, match="did not answer in time"):
            conferences.delete(Conference("1", "https://example.zoom.us/j/1"))


def test_a_wall_of_sign_in_pages_is_no_list_of_meetings(bench: Bench) -> None:
    bench.zoom.http.will_answer("GET", "/meetings", HTML)
    with pytest.raises(DeliveryError, match="makes no sense"):
        bench.conferences.create(MEETING, "Roadmap review")
    assert bench.zoom.meetings == {}
