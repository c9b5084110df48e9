"""The directory's part of *Add rooms*: within Slack's limits, whatever a directory says."""

from __future__ import annotations

from typing import Any

import pytest

from blocks import ids
from blocks import setup_fields as form
from blocks.room_directory import allow_directory_view, listed_options
from blocks.setup_rooms import add_rooms_view
from bot.domain.room_directory import ListedRoom, Lookup, Unlisted
from tests.block_kit import buttons, shown
from tests.modal_limits import assert_modal_within_limits

NASTY = "<!channel> *Atlas* & `co` " + "x" * 60


def drawn(found: Lookup | None = None, *, is_looking: bool = False) -> dict[str, Any]:
    view: dict[str, Any] = add_rooms_view(found, is_looking=is_looking).to_dict()
    assert_modal_within_limits(view)
    return view


def pressable(view: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return buttons(view["blocks"])


def addresses(view: dict[str, Any]) -> dict[str, Any]:
    [block] = [block for block in view["blocks"] if block.get("block_id") == form.ROOM_ADDRESSES]
    return block


def test_button_stands_beside_the_addresses() -> None:
    view = drawn()
    assert pressable(view) == [("Find rooms in your directory", ids.FIND_ROOMS, None)]
    assert not addresses(view).get("optional")
    assert not view.get("private_metadata")


def test_while_looking_there_is_nothing_to_press() -> None:
    view = drawn(is_looking=True)
    assert pressable(view) == []
    assert "Asking for the rooms" in shown(view)


@pytest.mark.parametrize(("new", "words"), [(1, "1 room can"), (1234, "1,234 rooms can")])
def test_found_rooms_are_a_search_and_pasting_is_optional(new: int, words: str) -> None:
    view = drawn(Lookup("token", 2000, new, ()))
    assert view["private_metadata"] == "token"
    assert words in shown(view)
    assert addresses(view)["optional"]
    [element] = [block["element"] for block in view["blocks"] if block.get("block_id") == form.ROOMS_LISTED]
    assert (element["type"], element["min_query_length"]) == ("multi_external_select", 0)


def test_all_are_added_already() -> None:
    assert "3 rooms found, and all are in the list already." in shown(drawn(Lookup("", 3, 0, ())))


def test_who_gives_no_list_is_named_with_the_reason_and_asked_where_that_can_help() -> None:
    unlisted = [Unlisted(NASTY, NASTY * 20, "c1"), *(Unlisted(f"a{n}@b.example", "None.") for n in range(20))]
    view = drawn(Lookup("", 0, 0, tuple(unlisted)))
    assert "<!channel>" not in shown(view)
    assert ("Allow access", ids.ALLOW_ROOM_DIRECTORY, "c1") in pressable(view)
    assert "a0@b.example" in shown(view)
    assert ("Find rooms in your directory", ids.FIND_ROOMS, None) in pressable(view)


def test_menu_shows_a_hundred_each_cut_to_what_slack_takes() -> None:
    rooms = [ListedRoom(f"r{n}@rooms.example", NASTY, 8, "Screen" * 20, "Building 1") for n in range(150)]
    options = [option.to_dict() for option in listed_options(rooms)]
    assert len(options) == 100
    assert all(0 < len(option["text"]["text"]) <= 75 and len(option["value"]) <= 75 for option in options)
    [plain] = listed_options([ListedRoom("r@rooms.example", "Atlas")])
    assert plain.to_dict()["text"]["text"] == "Atlas"


def test_way_to_the_browser_is_a_link() -> None:
    view = allow_directory_view("https://meet.example/connect/token").to_dict()
    assert_modal_within_limits(view)
    [block] = [block for block in view["blocks"] if block["type"] == "actions"]
    assert block["elements"][0]["url"] == "https://meet.example/connect/token"
