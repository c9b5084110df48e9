"""Rooms that a CalDAV server lists among its principals, or words that say there is no such list."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot.calendars.caldav.provider import CalDavCalendar
from bot.domain.calendar import Connection
from bot.domain.room_directory import ListedRoom
from bot.errors import CalendarUnreadableError, NoRoomDirectoryError
from tests import faulty_caldav as faults
from tests.caldav_bench import USER, a_connection, a_provider
from tests.caldav_directory import (
    NEXTCLOUD,
    ROOMS_OF_NEXTCLOUD,
    SEARCHED,
    RoomPrincipal,
    in_a_collection,
    searchable,
)
from tests.caldav_servers import PASSWORD, radicale, xandikos
from tests.calendar_contract import PATIENCE_S, WINDOW
from tests.faulty_caldav import FaultyCalDav, faulty_caldav

ATLAS, NOVA, VAN = (
    RoomPrincipal("atlas", "Atlas"),
    RoomPrincipal("nova", "Nova"),
    RoomPrincipal("van", "Van", "RESOURCE"),
)
ME = "/me/"


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


@pytest.fixture
def server() -> Iterator[FaultyCalDav]:
    with faulty_caldav() as server:
        yield server


@pytest.fixture
def provider(executor: Executor) -> CalDavCalendar:
    return a_provider(executor)


@pytest.fixture
def connection(server: FaultyCalDav) -> Connection:
    return a_connection(server.access.to_json())


def test_rooms_and_equipment_are_found_by_their_type(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection
) -> None:
    searchable(server, NOVA, ATLAS, VAN, RoomPrincipal("anna", "Anna", "INDIVIDUAL"))
    found = provider.rooms(connection)
    assert found == (
        ListedRoom(f"{server.url}/rooms/atlas/calendar/", "Atlas"),
        ListedRoom(f"{server.url}/rooms/nova/calendar/", "Nova"),
        ListedRoom(f"{server.url}/rooms/van/calendar/", "Van"),
    )
    addresses = [room.address for room in found]
    answers = provider.free_busy_of(connection, addresses, WINDOW, timeout_s=PATIENCE_S)
    assert all(answer.readable for answer in answers.values())


def test_part_of_the_word_is_no_room(server: FaultyCalDav, provider: CalDavCalendar, connection: Connection) -> None:
    searchable(server, RoomPrincipal("anna", "Anna", "X-CLASSROOM"))
    with pytest.raises(NoRoomDirectoryError):
        provider.rooms(connection)


def test_nextclouds_rooms_are_listed_with_their_facts(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection
) -> None:
    facts = (
        f'<n:room-seating-capacity xmlns:n="{NEXTCLOUD}">12</n:room-seating-capacity>'
        f'<n:room-features xmlns:n="{NEXTCLOUD}">PROJECTOR,WHITEBOARD</n:room-features>'
        f'<n:room-building-address xmlns:n="{NEXTCLOUD}">Example Street 9</n:room-building-address>'
        f'<n:room-building-story xmlns:n="{NEXTCLOUD}">2nd floor</n:room-building-story>'
    )
    in_a_collection(server, replace(ATLAS, facts=facts), NOVA)
    assert provider.rooms(connection) == (
        ListedRoom(
            f"{server.url}/rooms/atlas/calendar/", "Atlas", 12, "PROJECTOR, WHITEBOARD", "Example Street 9, 2nd floor"
        ),
        ListedRoom(f"{server.url}/rooms/nova/calendar/", "Nova"),
    )
    assert ("REPORT", ROOMS_OF_NEXTCLOUD) not in [(method, path) for method, path, _ in server.asked]


def test_room_whose_calendar_is_not_shown_is_listed_and_refused_when_it_is_chosen(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection
) -> None:
    searchable(server, ATLAS)
    server.pages["PROPFIND", ATLAS.home] = faults.status(403)
    [found] = provider.rooms(connection)
    assert found == ListedRoom(f"{server.url}/rooms/atlas/", "Atlas")
    [answer] = provider.free_busy_of(connection, [found.address], WINDOW, timeout_s=PATIENCE_S).values()
    assert answer.unreadable == "the calendar's server does not allow it (403)"


def test_home_without_a_calendar_is_listed_too(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection
) -> None:
    searchable(server, ATLAS)
    server.pages["PROPFIND", ATLAS.home] = faults.body(faults.MULTISTATUS.format(""))
    assert [room.address for room in provider.rooms(connection)] == [f"{server.url}/rooms/atlas/"]


@pytest.mark.parametrize("code", [400, 403, 404, 405, 501])
def test_server_without_the_search_is_said_to_have_no_directory(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection, code: int
) -> None:
    searchable(server, ATLAS)
    server.pages["REPORT", SEARCHED] = faults.status(code)
    with pytest.raises(NoRoomDirectoryError, match="no directory of rooms"):
        provider.rooms(connection)


def test_server_that_names_no_place_for_principals_has_none(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection
) -> None:
    with pytest.raises(NoRoomDirectoryError, match="no directory of rooms"):
        provider.rooms(connection)


def test_connection_by_a_calendars_own_url_has_none(server: FaultyCalDav, provider: CalDavCalendar) -> None:
    connection = a_connection(replace(server.access, principal="").to_json())
    with pytest.raises(NoRoomDirectoryError):
        provider.rooms(connection)
    assert server.asked == []


LIMIT = '<error xmlns="DAV:"><number-of-matches-within-limits/></error>'
TRUNCATED = faults.MULTISTATUS.format(
    f"<response><href>{SEARCHED}</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
)
FAULTS = {
    "429": (faults.status(429, Retry_After="900"), "asks to wait"),
    "500": (faults.status(500), "problem of its own"),
    "503": (faults.status(503), "problem of its own"),
    "a page of the network": (faults.body("<!doctype html>", "text/html", 200), "not CalDAV's"),
    "half an answer": (faults.half, "broke off"),
    "half a document": (faults.half_without_length, "not CalDAV's"),
    "no document": (faults.body("<feed/>"), "not CalDAV's"),
    "too many": (faults.body(LIMIT, "application/xml", 403), "more rooms than can be read"),
    "some of them": (faults.body(TRUNCATED), "more rooms than can be read"),
    "a redirect to another host": (faults.redirect("http://127.0.0.2:1/"), "another host"),
}
WHERE = (("PROPFIND", ME), ("REPORT", SEARCHED), ("PROPFIND", ATLAS.home))


@pytest.mark.parametrize("place", WHERE, ids=str)
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_said_in_words(
    server: FaultyCalDav, provider: CalDavCalendar, connection: Connection, fault: str, place: tuple[str, str]
) -> None:
    searchable(server, ATLAS, NOVA)
    server.pages[place], words = FAULTS[fault]
    if "rooms" in words and place[0] != "REPORT":
        return  # only the search knows of too many
    with pytest.raises(CalendarUnreadableError, match=words):
        provider.rooms(connection)


# ---------------------------------------------------------------- real servers


def test_xandikos_finds_a_principal_that_is_a_room(tmp_path: Path, provider: CalDavCalendar) -> None:
    """Its one principal is made one: what it says of itself is what it would say of any other."""
    change = (
        '<propertyupdate xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
        "<C:calendar-user-type>ROOM</C:calendar-user-type></prop></set></propertyupdate>"
    )
    with xandikos(tmp_path) as running:
        connection = a_connection(provider.sign_in(running.url, USER, PASSWORD).credentials)
        with pytest.raises(NoRoomDirectoryError):
            provider.rooms(connection)
        running.ask("PROPPATCH", f"{running.url}/dana/", USER, change)
        [found] = provider.rooms(connection)
        assert found.address.startswith(f"{running.url}/dana/calendars/")
        answers = provider.free_busy_of(connection, [found.address], WINDOW, timeout_s=PATIENCE_S)
        assert answers[found.address].readable


def test_radicale_answers_every_search_with_nothing_which_is_no_directory(
    tmp_path: Path, provider: CalDavCalendar
) -> None:
    with radicale(tmp_path) as running:
        running.new_calendar(USER)
        connection = a_connection(provider.sign_in(running.url, USER, PASSWORD).credentials)
        with pytest.raises(NoRoomDirectoryError, match="no directory of rooms"):
            provider.rooms(connection)
