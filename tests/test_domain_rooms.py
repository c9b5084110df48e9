"""Addresses as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rooms import MAX_NAME, WantedRoom, kept_address, pasted_rooms
from tests.searches import proven

ATLAS, NOVA = WantedRoom("atlas@rooms.example", "Atlas"), WantedRoom("nova-2@rooms.example", "Nova 2")


@pytest.mark.parametrize(
    "text",
    [
        "atlas@rooms.example,nova-2@rooms.example",
        "atlas@rooms.example; nova-2@rooms.example;",
        "atlas@rooms.example nova-2@rooms.example",
        "atlas@rooms.example\nnova-2@rooms.example\n",
        "atlas@rooms.example\r\n\r\n\tnova-2@rooms.example",
        " , ; ATLAS@Rooms.Example,,atlas@rooms.example nova-2@rooms.example",
        "<atlas@rooms.example>, <mailto:nova-2@rooms.example|nova-2@rooms.example>",
        '"atlas@rooms.example","nova-2@rooms.example"',
    ],
)
def test_addresses_are_separated_by_comma_semicolon_space_or_newline(text: str) -> None:
    assert pasted_rooms(text) == ((ATLAS, NOVA), ())


@pytest.mark.parametrize(
    "text",
    [
        '"Board room, 2nd floor" <atlas@rooms.example>',
        "“Board room, 2nd floor” <atlas@rooms.example>",
        '"Board room, 2nd floor"<atlas@rooms.example>;',
    ],
)
def test_name_in_quotes_before_an_address_is_the_rooms(text: str) -> None:
    assert pasted_rooms(text) == ((WantedRoom("atlas@rooms.example", "Board room, 2nd floor"),), ())


def test_words_without_quotes_before_an_address_in_brackets_are_a_name_too() -> None:
    text = "Board room <atlas@rooms.example>, Nova 2 <nova-2@rooms.example> x@rooms.example"
    assert pasted_rooms(text)[0] == (
        WantedRoom("atlas@rooms.example", "Board room"),
        NOVA,
        WantedRoom("x@rooms.example", "X"),
    )


def test_collection_urls_are_addresses() -> None:
    text = 'https://dav.example/cal/Board%20room/#top "Nova" <https://dav.example:8443/nova/>'
    assert pasted_rooms(text) == (
        (
            WantedRoom("https://dav.example/cal/Board%20room/", "Board room"),
            WantedRoom("https://dav.example:8443/nova/", "Nova"),
        ),
        (),
    )


@pytest.mark.parametrize(
    "spelled",
    [
        "https://dav.example/cal/b%C3%B6rse~1",
        "https://dav.example/cal/b%C3%B6rse~1/",
        "https://dav.example:443/cal/b%c3%b6rse%7E1//",
        "HTTPS://DAV.example:/cal/b%C3%B6rse%7e1/#now",
    ],
)
def test_a_collection_is_one_room_however_its_url_is_spelled(spelled: str) -> None:
    """One that is in the list twice could be reserved twice."""
    assert kept_address(spelled) == "https://dav.example/cal/b%C3%B6rse~1/"


def test_urls_that_differ_stay_apart() -> None:
    urls = ["https://dav.example/a/", "https://dav.example/A/", "http://dav.example/a/", "https://dav.example:8443/a/",
            "https://dav.example/a%2Fb/", "https://dav.example/a/b/", "https://dav.example/a/?b"]  # fmt: skip
    assert [kept_address(url) for url in urls] == urls
    assert kept_address("https://dav.example:eighty/a/") is None


def test_what_is_no_address_is_named() -> None:
    text = 'Atlas, atlas@rooms, "Only a name"; ftp://x.example/y <nothing here> nova-2@rooms.example https:// trailing'
    found, rejected = pasted_rooms(text)
    assert found == (NOVA,)
    assert set(rejected) == {
        "Atlas", "atlas@rooms", "Only a name", "nothing here", "https://", "trailing",
    }  # fmt: skip


def test_nothing_pasted_is_nothing() -> None:
    assert pasted_rooms(" \n,;\t") == ((), ())


def test_long_name_is_cut() -> None:
    ((room,), _) = pasted_rooms(f'"{"x" * 300}" <atlas@rooms.example>')
    assert len(room.name) == MAX_NAME


@proven
@given(st.text(alphabet='ab@.,;<>" \n|“”„:/%[]é', max_size=60))
def test_any_text_is_taken_apart_without_an_error(text: str) -> None:
    found, _ = pasted_rooms(text)
    assert len({room.address for room in found}) == len(found)
    assert all(room.name and room.address for room in found)
