"""Rooms of a Microsoft 365 organisation: listed whole, or said in words why not; asked for by a consent of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.calendars.microsoft.sign_in import granted
from bot.domain.calendar import ExtraAccess, SignIn
from bot.domain.room_directory import ListedRoom
from bot.errors import (
    CalendarUnreadableError,
    ConnectionRefusedByProviderError,
    ConsentNeededError,
    NoRoomDirectoryError,
)
from tests.calendar_contract import PATIENCE_S, WINDOW
from tests.microsoft_bench import DANAS_ADDRESS, MicrosoftBench, microsoft_bench
from tests.vendor_server import HALF, HALF_JSON, HTML, Response

DIRECTORY = ExtraAccess.ROOM_DIRECTORY
PLACES = "/places/microsoft.graph.room"
REDIRECT = "https://meet.example/connect/callback/microsoft"


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


def allowed(bench: MicrosoftBench) -> None:
    bench.connection = bench.connect(DANAS_ADDRESS, DIRECTORY)


def test_rooms_come_with_all_that_is_known(bench: MicrosoftBench) -> None:
    allowed(bench)
    bench.graph.place(
        "Atlas",
        "Atlas@fox.example",
        capacity=8,
        building="Building 1",
        floorLabel="2nd floor",
        tags=["whiteboard"],
        videoDeviceName="Camera",
        displayDeviceName="Screen",
    )
    bench.graph.place("Nova", "nova@fox.example")
    assert bench.provider.rooms(bench.connection) == (
        ListedRoom("atlas@fox.example", "Atlas", 8, "Camera, Screen, whiteboard", "Building 1, 2nd floor"),
        ListedRoom("nova@fox.example", "Nova"),
    )


def test_every_page_is_read(bench: MicrosoftBench) -> None:
    allowed(bench)
    bench.graph.page_size = 2
    for number in range(7):
        bench.graph.place(f"Room {number}", f"room{number}@fox.example")
    assert len(bench.provider.rooms(bench.connection)) == 7
    assert len(bench.graph.http.asked("GET", PLACES)) == 4


def test_room_without_a_mailbox_is_left_out_and_nothing_but_such_is_no_directory(bench: MicrosoftBench) -> None:
    allowed(bench)
    bench.graph.place("Hall", None)
    with pytest.raises(CalendarUnreadableError):
        bench.provider.rooms(bench.connection)
    bench.graph.place("Atlas", "atlas@fox.example")
    assert [room.name for room in bench.provider.rooms(bench.connection)] == ["Atlas"]


def test_nothing_is_asked_before_the_consent(bench: MicrosoftBench) -> None:
    with pytest.raises(ConsentNeededError):
        bench.provider.rooms(bench.connection)
    assert bench.graph.http.exchanges == []


def test_403_says_that_an_administrator_has_to_allow_it(bench: MicrosoftBench) -> None:
    allowed(bench)
    bench.graph.scopes = dict.fromkeys(bench.graph.scopes, "")
    with pytest.raises(NoRoomDirectoryError, match="administrator of Microsoft 365 has to allow"):
        bench.provider.rooms(bench.connection)


def test_personal_account_has_none(bench: MicrosoftBench) -> None:
    connection = bench.connect("dana@outlook.example", DIRECTORY, personal=True)
    with pytest.raises(NoRoomDirectoryError, match="personal"):
        bench.provider.rooms(connection)


def test_organisation_without_rooms_is_told_so(bench: MicrosoftBench) -> None:
    allowed(bench)
    with pytest.raises(NoRoomDirectoryError, match="lists no rooms"):
        bench.provider.rooms(bench.connection)


FAULTS = {
    "429": (Response(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": "900"}), "asks for a pause"),
    "500": (Response(500, {"error": {"code": "generalException"}}), "problem of its own"),
    "404": (Response(404, {"error": {"code": "itemNotFound"}}), "does not know"),
    "a page of the network": (HTML, "makes no sense"),
    "half an answer": (HALF, "broke off"),
    "half a JSON": (HALF_JSON, "makes no sense"),
    "no list": (Response(200, {"value": None}), "makes no sense"),
    "another list": (Response(200, {"value": ["Atlas"]}), "makes no sense"),
    "a room without the field": (Response(200, {"value": [{"displayName": "Atlas"}]}), "makes no sense"),
    "an address that is none": (Response(200, {"value": [{"emailAddress": 7}]}), "makes no sense"),
    "tags that are none": (Response(200, {"value": [{"emailAddress": "a@b.example", "tags": "x"}]}), "makes no sense"),
    "a link to elsewhere": (
        Response(200, {"value": [], "@odata.nextLink": "https://evil.example/v1.0/places"}),
        "another server",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_said_in_words(bench: MicrosoftBench, fault: str) -> None:
    allowed(bench)
    bench.graph.place("Atlas", "atlas@fox.example")
    response, words = FAULTS[fault]
    bench.graph.http.will_answer("GET", PLACES, response)
    with pytest.raises(CalendarUnreadableError, match=words):
        bench.provider.rooms(bench.connection)


def test_half_of_the_pages_is_no_answer(bench: MicrosoftBench) -> None:
    allowed(bench)
    bench.graph.page_size = 1
    for name in ("atlas", "nova"):
        bench.graph.place(name, f"{name}@fox.example")
    first = {"value": [{"emailAddress": "atlas@fox.example"}]}
    link = f"{bench.graph.url}{PLACES}?$skip=1"
    bench.graph.http.will_answer("GET", PLACES, Response(200, {**first, "@odata.nextLink": link}), times=1)
    bench.graph.http.will_answer("GET", PLACES, Response(500, {"error": {"code": "generalException"}}))
    with pytest.raises(CalendarUnreadableError):
        bench.provider.rooms(bench.connection)


def test_more_pages_than_anybody_has_are_refused(bench: MicrosoftBench) -> None:
    allowed(bench)
    link = f"{bench.graph.url}{PLACES}?$skip=1"
    endless = {"value": [{"emailAddress": "a@b.example"}], "@odata.nextLink": link}
    bench.graph.http.will_answer("GET", PLACES, Response(200, endless))
    with pytest.raises(CalendarUnreadableError, match="more rooms than can be read"):
        bench.provider.rooms(bench.connection)


# ---------------------------------------------------------------- the consent


def begun(bench: MicrosoftBench, extra: ExtraAccess | None = DIRECTORY) -> SignIn:
    return bench.sign_in.begin("state-1", REDIRECT, DANAS_ADDRESS, extra)


def scopes_in(sign_in: SignIn) -> set[str]:
    [asked] = parse_qs(urlsplit(sign_in.url).query)["scope"]
    return {scope.rpartition("/")[2] for scope in asked.split()}


def test_consent_asks_for_the_directory_beside_what_connecting_takes(bench: MicrosoftBench) -> None:
    plain, extra = scopes_in(begun(bench, None)), scopes_in(begun(bench))
    assert "Place.Read.All" not in plain
    assert extra == plain | {"Place.Read.All"}


def test_tokens_after_the_consent_hold_both_and_stay_so_when_renewed(bench: MicrosoftBench) -> None:
    bench.graph.place("Atlas", "atlas@fox.example")
    sign_in = begun(bench)
    account = bench.sign_in.finish(sign_in, REDIRECT, bench.authority.allow(sign_in.url, DANAS_ADDRESS))
    bench.credentials.kept[bench.connection.id] = account.credentials
    for _ in range(2):
        assert [room.name for room in bench.provider.rooms(bench.connection)] == ["Atlas"]
        assert bench.provider.free_busy([bench.connection], WINDOW, timeout_s=PATIENCE_S)[bench.connection.id].readable
        bench.clock.now += timedelta(hours=2)
    assert bench.credentials.renewals == 1


def test_consent_that_is_refused_says_that_the_calendar_stays(bench: MicrosoftBench) -> None:
    denied = {"error": "access_denied", "state": "state-1"}
    with pytest.raises(ConnectionRefusedByProviderError, match="stays connected"):
        bench.sign_in.finish(begun(bench), REDIRECT, denied)
    bench.authority.withheld.add("Place.Read.All")
    sign_in = begun(bench)
    with pytest.raises(ConnectionRefusedByProviderError, match="stays connected"):
        bench.sign_in.finish(sign_in, REDIRECT, bench.authority.allow(sign_in.url, DANAS_ADDRESS))


def test_calendar_goes_on_when_an_administrator_withdraws_the_directory(bench: MicrosoftBench) -> None:
    allowed(bench)
    bench.authority.withheld.add("Place.Read.All")
    bench.clock.now += timedelta(hours=2)
    assert bench.provider.free_busy([bench.connection], WINDOW, timeout_s=PATIENCE_S)[bench.connection.id].readable
    assert bench.credentials.broken == set()
    with pytest.raises(ConsentNeededError):
        bench.provider.rooms(bench.connection)


def test_answer_that_names_no_scopes_has_granted_what_was_asked() -> None:
    assert granted([DIRECTORY], {}) == {DIRECTORY}
    assert granted([DIRECTORY], {"scope": "https://graph.microsoft.com/Place.Read.All"}) == {DIRECTORY}
    assert granted([DIRECTORY], {"scope": "Calendars.ReadWrite"}) == set()
    assert granted([], {"scope": "Place.Read.All"}) == {DIRECTORY}, "granted before, or for the whole organisation"
    assert granted([], {}) == set()
