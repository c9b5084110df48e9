"""*Reassign*, as JSON, at its largest too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blocks import ids
from blocks.reassign import MOST_PROPOSED, about, looking_view, reassign_view
from bot.domain.ids import ResourceId
from bot.domain.reassignment import Replacement
from bot.domain.substitutes import Substitute
from tests.activity_cast import NASTY, WORST, meeting_item, worst_meeting_item
from tests.block_kit import buttons, shown
from tests.cast import BEN, CHARLIE, DANA, PRIYA
from tests.modal_limits import assert_modal_within_limits

PLACES = ((DANA.resource_id, DANA.name), (PRIYA.resource_id, PRIYA.name), (ResourceId("room:atlas"), "Atlas"))
HERE = Replacement(meeting_item(), PLACES, PRIYA.resource_id, may_do_without=True)
FREE = Substitute(BEN.resource_id, BEN.name, "next in Sales")
NAMED = f"{ids.REASSIGN_CAME}:{PRIYA.user_id}"
BUSY = Substitute(CHARLIE.resource_id, CHARLIE.name, "also in Sales", "is busy then")


def test_free_ones_can_be_chosen_and_the_others_are_named_with_the_reason() -> None:
    view = reassign_view(replace(HERE, substitutes=(FREE, BUSY)), DANA).to_dict()
    text = shown(view)
    assert "Ben Okafor" in text
    assert "next in Sales" in text
    assert "Charlie Moss is busy then" in text
    [chosen] = [block["element"] for block in view["blocks"] if block.get("block_id") == NAMED]
    assert chosen["initial_option"]["value"] == BEN.user_id
    assert [option["value"] for option in chosen["options"]] == [BEN.user_id]
    assert ("Keep without Priya Raman", ids.DO_WITHOUT, f"meet1 {PRIYA.user_id}") in buttons(view["blocks"])


def test_nobody_free_is_said_and_somebody_else_can_be_searched() -> None:
    text = shown(reassign_view(replace(HERE, substitutes=(BUSY,)), DANA).to_dict())
    assert "None of those who come to mind is free then." in text
    assert "Who comes instead" in text


def test_last_one_cannot_be_done_without_and_needs_no_choice_of_place() -> None:
    alone = replace(HERE, places=PLACES[1:2], may_do_without=False)
    view = reassign_view(alone, DANA).to_dict()
    assert "In place of *Priya Raman*" in shown(view)
    assert ids.REASSIGN_OUT not in str(view)
    assert ids.DO_WITHOUT not in str(view)


def test_rooms_are_replaced_by_rooms() -> None:
    atlas = replace(HERE, out=ResourceId("room:atlas"))
    text = str(reassign_view(atlas, DANA).to_dict())
    assert "There is no other room that holds as many as *Atlas* and has the same equipment." in text
    assert ids.REASSIGN_ROOM in text
    assert ids.REASSIGN_PERSON not in text


@pytest.mark.parametrize("text", [WORST, NASTY, "\u202eשלום", "👩🏽‍🚀" * 20])
def test_every_view_fits_at_its_largest(text: str) -> None:
    places = tuple((ResourceId(f"U0{number}"), text[:80]) for number in range(40))
    crowd = tuple(
        Substitute(ResourceId(f"U1{number}"), text[:80], f"next in {text[:80]}", "is busy then" * (number % 2))
        for number in range(60)
    )
    largest = Replacement(worst_meeting_item(text), places, places[0][0], crowd, may_do_without=True)
    for draw in (reassign_view, looking_view):
        assert_modal_within_limits(draw(largest, DANA).to_dict())
    view = reassign_view(largest, DANA).to_dict()
    [proposed] = [block for block in view["blocks"] if str(block.get("block_id")).startswith(ids.REASSIGN_CAME)]
    assert len(proposed["element"]["options"]) == MOST_PROPOSED


def test_view_carries_what_it_is_about() -> None:
    view = looking_view(HERE, DANA).to_dict()
    assert about(view["private_metadata"]) == ("meet1", PRIYA.user_id)
    assert about("meet1") == ("meet1", "")
