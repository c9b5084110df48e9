"""Rooms of a Google Workspace: listed whole, or said in words why not; asked for by a consent of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.calendars.google.client import EXTRA_SCOPES, SCOPES, GoogleClient
from bot.calendars.google.pacing import Timing
from bot.calendars.google.sign_in import GoogleSignIn
from bot.calendars.google.tokens import tokens_from
from bot.domain.calendar import ExtraAccess, SignIn
from bot.domain.room_directory import ListedRoom
from bot.errors import (
    CalendarUnreadableError,
    ConnectionRefusedByProviderError,
    ConsentNeededError,
    NoRoomDirectoryError,
)
from tests.calendar_contract import PATIENCE_S, WINDOW
from tests.google_bench import OWNER, GoogleBench, benched
from tests.google_discovery import DIRECTORY, document
from tests.google_server import Asked, Reply, as_json, error

EXTRA = ExtraAccess.ROOM_DIRECTORY
SCOPE = EXTRA_SCOPES[EXTRA]
RESOURCES = "resources/calendars"
KIND = "admin#directory#resources#calendars#calendarResourcesList"
REDIRECT = "https://meet.example/connect/callback/google"


@pytest.fixture
def bench() -> Iterator[GoogleBench]:
    with benched() as bench:
        yield bench


@pytest.fixture
def allowed(bench: GoogleBench) -> GoogleBench:
    """Dana has been asked, and has agreed."""
    bench.google.granted = " ".join((*SCOPES, SCOPE))
    bench.credentials.held[bench.connection.id] = bench.google.signed_in(OWNER, bench.clock())
    return bench


def test_rooms_come_with_all_that_is_known(allowed: GoogleBench) -> None:
    allowed.google.resource(
        "Atlas",
        "Atlas@resource.calendar.google.com",
        capacity=8,
        buildingId="NYC-9",
        floorName="2",
        floorSection="North",
        generatedResourceName="NYC-9-2-Atlas (8)",
        featureInstances=[{"feature": {"name": "Screen"}}, {"feature": {"name": "Whiteboard"}}],
    )
    allowed.google.resource("Van", "van@resource.calendar.google.com", resourceCategory="OTHER", resourceType="Vehicle")
    allowed.google.resource("", "old@resource.calendar.google.com", generatedResourceName="Old room (4)")
    assert allowed.provider.rooms(allowed.connection) == (
        ListedRoom("atlas@resource.calendar.google.com", "Atlas", 8, "Screen, Whiteboard", "NYC-9, 2, North"),
        ListedRoom("old@resource.calendar.google.com", "Old room (4)"),
        ListedRoom("van@resource.calendar.google.com", "Van", None, "Vehicle"),
    )


def test_every_page_is_read(allowed: GoogleBench) -> None:
    for number in range(5):
        allowed.google.resource(f"Room {number}", f"room{number}@resource.calendar.google.com")
    assert len(allowed.provider.rooms(allowed.connection)) == 5
    assert len(allowed.google.requests(RESOURCES)) == 3


def test_nothing_is_asked_before_the_consent(bench: GoogleBench) -> None:
    with pytest.raises(ConsentNeededError):
        bench.provider.rooms(bench.connection)
    assert bench.google.asked == []


def test_consent_that_has_been_withdrawn_is_asked_for_again(allowed: GoogleBench) -> None:
    allowed.google.granted = " ".join(SCOPES)
    with pytest.raises(ConsentNeededError):
        allowed.provider.rooms(allowed.connection)


def test_features_of_another_shape_are_no_reason_to_be_without_the_room(allowed: GoogleBench) -> None:
    for number, features in enumerate(["Screen", {"name": "Screen"}, ["Screen", {"feature": "Screen"}]]):
        allowed.google.resource(f"Room {number}", f"r{number}@resource.calendar.google.com", featureInstances=features)
    assert [room.equipment for room in allowed.provider.rooms(allowed.connection)] == [""] * 3


def test_workspace_without_rooms_is_told_so(allowed: GoogleBench) -> None:
    with pytest.raises(NoRoomDirectoryError, match="lists no rooms"):
        allowed.provider.rooms(allowed.connection)


NO_DIRECTORY = {
    "403": (error(403, "forbidden", "Not Authorized to access this resource/api"), "administrator"),
    "404": (error(404, "notFound", "Domain not found."), "administrator"),
    "the API is off": (error(403, "accessNotConfigured", "Admin SDK API has not been used."), "Admin SDK API"),
}
FAULTS = {
    "429": (error(429, "rateLimitExceeded"), "pause"),
    "too fast": (error(403, "rateLimitExceeded"), "pause"),
    "500": (error(500, "backendError"), "problem"),
    "503": (error(503, "backendError"), "problem"),
    "a page of the network": (Reply(200, b"<!doctype html>", {"content-type": "text/html"}), "understood"),
    "a proxy's 403": (Reply(403, b"<!doctype html>", {"content-type": "text/html"}), "makes no sense"),
    "half an answer": (replace(as_json(200, {"kind": KIND, "items": []}), cut=True), "understood|broke off"),
    "an empty object": (as_json(200, {}), "understood"),
    "no list": (as_json(200, {"kind": KIND, "items": "none"}), "understood"),
    "another list": (as_json(200, {"kind": KIND, "items": ["Atlas"]}), "understood"),
    "a room without an address": (as_json(200, {"kind": KIND, "items": [{"resourceName": "Atlas"}]}), "understood"),
    "addresses that are none": (as_json(200, {"kind": KIND, "items": [{"resourceEmail": "x"}]}), "understood"),
    "pages without an end": (as_json(200, {"kind": KIND, "items": [], "nextPageToken": "x"}), "complete"),
}


@pytest.mark.parametrize("name", NO_DIRECTORY)
def test_who_may_not_see_it_is_told_who_can_help(allowed: GoogleBench, name: str) -> None:
    reply, words = NO_DIRECTORY[name]
    allowed.google.go_wrong(RESOURCES, reply)
    with pytest.raises(NoRoomDirectoryError, match=words):
        allowed.provider.rooms(allowed.connection)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_said_in_words(allowed: GoogleBench, fault: str) -> None:
    reply, words = FAULTS[fault]
    allowed.google.go_wrong(RESOURCES, reply)
    with pytest.raises(CalendarUnreadableError, match=words):
        allowed.provider.rooms(allowed.connection)


def test_half_of_the_pages_is_no_answer(allowed: GoogleBench) -> None:
    for number in range(5):
        allowed.google.resource(f"Room {number}", f"room{number}@resource.calendar.google.com")
    seen: list[Asked] = []

    def break_after_the_first(asked: Asked) -> None:
        if RESOURCES in asked.path:
            seen.append(asked)
        if len(seen) == 2:
            allowed.google.go_wrong(RESOURCES, error(500, "backendError"))

    allowed.google.before_answer = break_after_the_first
    with pytest.raises(CalendarUnreadableError):
        allowed.provider.rooms(allowed.connection)


# ---------------------------------------------------------------- the consent


@pytest.fixture
def sign_in(bench: GoogleBench) -> GoogleSignIn:
    return GoogleSignIn(bench.google.client, bench.clock, Timing(sleep=lambda seconds: None))


def query_of(begun: SignIn) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(begun.url).query))


def agreed(bench: GoogleBench, begun: SignIn) -> dict[str, str]:
    parts = urlsplit(begun.url)
    asked = Asked("GET", parts.path, {name: [value] for name, value in query_of(begun).items()}, None)
    return dict(parse_qsl(urlsplit(bench.google.answer(asked, "").headers["location"]).query))


def test_consent_asks_for_the_directory_beside_what_connecting_takes(sign_in: GoogleSignIn) -> None:
    assert query_of(sign_in.begin("state-1", REDIRECT, OWNER))["scope"].split() == list(SCOPES)
    query = query_of(sign_in.begin("state-1", REDIRECT, OWNER, EXTRA))
    assert query["scope"].split() == [*SCOPES, SCOPE]
    assert query["include_granted_scopes"] == "true"
    assert query["login_hint"] == OWNER


def test_directory_scope_is_one_that_google_knows_and_the_narrowest() -> None:
    assert SCOPE in document(DIRECTORY)["auth"]["oauth2"]["scopes"]
    assert SCOPE.endswith(".readonly")


def test_tokens_after_the_consent_hold_both_and_stay_so_when_renewed(bench: GoogleBench, sign_in: GoogleSignIn) -> None:
    bench.google.granted = " ".join((*SCOPES, SCOPE))
    bench.google.resource("Atlas", "atlas@resource.calendar.google.com")
    begun = sign_in.begin("state-1", REDIRECT, OWNER, EXTRA)
    account = sign_in.finish(begun, REDIRECT, agreed(bench, begun))
    bench.credentials.held[bench.connection.id] = account.credentials
    for _ in range(2):
        assert tokens_from(bench.credentials.current(bench.connection)).scopes == {*SCOPES, SCOPE}
        assert [room.name for room in bench.provider.rooms(bench.connection)] == ["Atlas"]
        assert bench.provider.free_busy([bench.connection], WINDOW, timeout_s=PATIENCE_S)[bench.connection.id].readable
        bench.clock.advance(timedelta(hours=2))
    assert bench.credentials.renewals == [bench.connection.id]


def test_renewal_that_names_no_scopes_keeps_those_that_were_granted(allowed: GoogleBench) -> None:
    said = {"access_token": "ya29.x", "expires_in": 3599, "token_type": "Bearer"}
    allowed.google.go_wrong("oauth2/token", as_json(200, said), times=1)
    allowed.google.access["ya29.x"] = OWNER
    allowed.google.resource("Atlas", "atlas@resource.calendar.google.com")
    allowed.clock.advance(timedelta(hours=2))
    for _ in range(2):
        assert [room.name for room in allowed.provider.rooms(allowed.connection)] == ["Atlas"]


def test_consent_that_is_refused_says_that_the_calendar_stays(bench: GoogleBench, sign_in: GoogleSignIn) -> None:
    begun = sign_in.begin("state-1", REDIRECT, OWNER, EXTRA)
    with pytest.raises(ConnectionRefusedByProviderError, match="stays connected"):
        sign_in.finish(begun, REDIRECT, {"error": "access_denied"})
    with pytest.raises(ConnectionRefusedByProviderError, match="stays connected"):
        sign_in.finish(begun, REDIRECT, agreed(bench, begun))  # the box was not ticked


def test_directory_is_on_a_host_of_its_own_at_google_and_beside_the_calendar_elsewhere() -> None:
    assert GoogleClient("id", "secret").directory_url == "https://admin.googleapis.com/"
    emulated = GoogleClient("id", "secret", api_url="http://127.0.0.1:4000/calendar/v3")
    assert emulated.directory_url == "http://127.0.0.1:4000/"
