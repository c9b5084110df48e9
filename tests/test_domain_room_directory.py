"""What a directory says of a room is made fit to be kept, found by any word of it, and kept as it was."""

from __future__ import annotations

import json

import pytest

from bot.domain.room_directory import ListedRoom, dumped, in_order, listed_room, loaded, matching

ATLAS = ListedRoom("atlas@rooms.acme.com", "Atlas", 8, "Screen, Whiteboard", "Building 1, 2nd floor")
NOVA = ListedRoom("https://dav.acme.com/rooms/nova/", "Nova", 1)


def test_facts_are_cleaned_and_cut() -> None:
    found = listed_room(
        " Atlas@Rooms.Acme.com",
        "  At\nlas\u202e ",
        8,
        equipment=("Screen", None, "", 7, "Screen", "Whiteboard"),
        place=("Building 1", None, "2nd floor"),
    )
    assert found == ATLAS.__class__(ATLAS.address, "At las", 8, ATLAS.equipment, ATLAS.place)
    long = listed_room("a@rooms.acme.com", "x" * 300, 1, equipment=["y" * 300], place=["z" * 300])
    assert long is not None
    assert (len(long.name), len(long.equipment), len(long.place)) == (80, 200, 120)


def test_room_without_a_name_goes_by_its_address() -> None:
    nameless = listed_room("atlas@rooms.acme.com", None, None)
    assert nameless == ListedRoom("atlas@rooms.acme.com", "atlas@rooms.acme.com")


@pytest.mark.parametrize("capacity", [None, 0, -1, 10_001, True, "8", 8.5])
def test_seats_that_cannot_be_are_none(capacity: object) -> None:
    found = listed_room("a@rooms.acme.com", "A", capacity)
    assert found is not None
    assert found.capacity is None


@pytest.mark.parametrize("address", ["", "atlas", "javascript:alert(1)", "two@@rooms.acme.com"])
def test_without_an_address_it_is_no_room_that_can_be_reserved(address: str) -> None:
    assert listed_room(address, "Atlas", 8) is None


def test_urls_stay_as_they_are() -> None:
    found = listed_room("https://dav.acme.com/Rooms/Nova/", "Nova", None)
    assert found is not None
    assert found.address == "https://dav.acme.com/Rooms/Nova/"


def test_details_say_where_how_many_and_what() -> None:
    assert ATLAS.details == "Building 1, 2nd floor · 8 seats · Screen, Whiteboard"
    assert NOVA.details == "1 seat"
    assert ListedRoom("a@b.example", "A").details == ""


def test_every_word_has_to_be_somewhere() -> None:
    rooms = (ATLAS, NOVA)
    assert matching(rooms, "") == [ATLAS, NOVA]
    assert matching(rooms, "floor SCREEN atl") == [ATLAS]
    assert matching(rooms, "dav.acme") == [NOVA]
    assert matching(rooms, "atlas nova") == []


def test_order_is_by_name_and_each_address_once() -> None:
    assert in_order([NOVA, ATLAS, NOVA]) == (ATLAS, NOVA)


def test_what_is_kept_comes_back() -> None:
    assert loaded(json.loads(json.dumps(dumped((ATLAS, NOVA))))) == (ATLAS, NOVA)
    assert ATLAS.key != NOVA.key
    assert len(ATLAS.key) == 32
