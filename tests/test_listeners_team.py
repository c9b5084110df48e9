"""Team members and Rooms in step 1: one list to search, a menu beside each, alternatives on top."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain import fields as f
from bot.errors import TurnMovedError
from tests.cast import BEN, DANA, PRIYA, ROBOT
from tests.modal_limits import assert_modal_within_limits
from tests.servers import eventually
from tests.slack_modal import Modal
from tests.wizard_stage import WizardStage, wizard_stage


@pytest.fixture
def stage() -> Iterator[WizardStage]:
    with wizard_stage() as ready:
        ready.seating.pools = {"pool:p1": "Sales"}
        ready.seating.room_names = {"room:r1": "Atlas", "room:r2": "Borealis"}
        yield ready


def at_step_1(stage: WizardStage, **fields: Any) -> Modal:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    if fields:
        stage.only_draft(fields=fields)
    modal.submit()
    assert modal.view["callback_id"] == "wizard_details"
    return modal


def on_top(stage: WizardStage) -> Modal:
    eventually(lambda: bool(stage.screens.pushed), "a view is pushed")
    modal = Modal(stage.app, stage.screens.pushed[-1])
    modal.below = "V1"
    assert_modal_within_limits(modal.view)
    return modal


def options(*people: Any) -> list[dict[str, Any]]:
    return [{"text": {"type": "plain_text", "text": person.name}, "value": person.user_id} for person in people]


def test_people_and_pools_are_searched_in_one_list_by_their_real_names(stage: WizardStage) -> None:
    modal = at_step_1(stage)
    groups = modal.suggest("Team members", "priya")["option_groups"]
    found = {group["label"]["text"]: [each["text"]["text"] for each in group["options"]] for group in groups}
    assert found == {"People": ["Priya Raman"], "Pools": ["Sales"]}


def test_a_plain_choice_of_people_goes_through_in_one_go(stage: WizardStage) -> None:
    modal = at_step_1(stage)
    modal.type("Subject", "Roadmap review")
    modal._put("Team members", "selected_options", options(DANA, PRIYA))
    modal.submit()
    assert modal.view["callback_id"] == "wizard_time_frame"
    assert stage.only_draft().fields[f.MEMBERS] == [DANA.user_id, PRIYA.user_id]


def test_the_list_follows_the_field_and_keeps_its_order(stage: WizardStage) -> None:
    modal = at_step_1(stage)
    modal.type("Subject", "Half typed")
    modal.choose("Team members", "selected_options", options(PRIYA, DANA, BEN))
    stage.drawn(modal)
    lines = [block["text"]["text"] for block in modal.view["blocks"] if block.get("block_id", "").startswith("chosen:")]
    assert lines == ["1. *Priya Raman*", "2. *Dana Fox*", "3. *Ben Okafor*"]
    assert modal.values[modal.block("Subject")["block_id"]][f.SUBJECT]["value"] == "Half typed"


def test_a_member_becomes_optional_or_is_removed_from_the_menu(stage: WizardStage) -> None:
    modal = at_step_1(stage, **{f.MEMBERS: [DANA.user_id, PRIYA.user_id, BEN.user_id]})
    assert modal.open_menu("Priya Raman") == ["Add alternative", "Optional", "Remove"]
    modal.type("Subject", "Half typed")
    modal.pick("Optional", beside="Priya Raman")
    stage.drawn(modal)
    modal.pick("Remove", beside="Ben Okafor")
    stage.drawn(modal, 2)
    fields = stage.only_draft().fields
    assert (fields[f.MEMBERS], fields[f.OPTIONAL_MEMBERS]) == ([DANA.user_id], [PRIYA.user_id])
    assert fields[f.SUBJECT] == "Half typed"
    chosen = modal.values[modal.block("Team members")["block_id"]][f.MEMBERS]["selected_options"]
    assert [each["value"] for each in chosen] == [DANA.user_id]


def test_alternatives_are_added_on_top_and_shown_in_the_list(stage: WizardStage) -> None:
    modal = at_step_1(stage)
    modal.pick("Add alternative", beside="Dana Fox")
    top = on_top(stage)
    top._put("Alternatives", "selected_options", options(PRIYA, BEN))
    assert top.submit() == {}
    stage.drawn(modal)
    assert "1. *Dana Fox* or Priya Raman or Ben Okafor" in modal.text
    assert stage.only_draft().fields[f.ALTERNATIVES] == {DANA.user_id: [PRIYA.user_id, BEN.user_id]}


def test_sixty_rooms_may_take_the_place_of_one(stage: WizardStage) -> None:
    stage.seating.room_names = {f"room:{number}": "R" * 80 for number in range(61)}
    first, *others = stage.seating.room_names
    modal = at_step_1(stage, **{f.ROOMS: [first], f.ALTERNATIVES: {first: others}})
    modal.pick("Add alternative", beside="1. *RRR")
    shown = on_top(stage).block("Alternatives")["element"]
    assert [option["value"] for option in shown["initial_options"]] == others
    assert shown["max_selected_items"] >= len(others)


def test_somebody_chosen_already_is_refused_as_an_alternative_at_the_field(stage: WizardStage) -> None:
    modal = at_step_1(stage, **{f.MEMBERS: [DANA.user_id, PRIYA.user_id]})
    modal.pick("Add alternative", beside="Dana Fox")
    top = on_top(stage)
    top._put("Alternatives", "selected_options", options(PRIYA))
    answer = top.submit()
    assert answer["errors"] == {
        top.block("Alternatives")["block_id"]: "Priya Raman is chosen already. Choose each only once."
    }
    assert not stage.only_draft().fields.get(f.ALTERNATIVES)


def test_a_bot_is_refused_as_an_alternative_at_the_field(stage: WizardStage) -> None:
    """Back in step 1 nobody would know any more which of the alternatives it was."""
    modal = at_step_1(stage)
    modal.pick("Add alternative", beside="Dana Fox")
    top = on_top(stage)
    top._put("Alternatives", "selected_options", options(ROBOT))
    [error] = top.submit()["errors"].values()
    assert error.startswith("Deploybot cannot be in a meeting")
    assert not stage.only_draft().fields.get(f.ALTERNATIVES)


def test_the_next_in_line_of_a_flexible_pool_is_shown_and_can_be_changed(stage: WizardStage) -> None:
    stage.seating.changeable = frozenset({"pool:p1"})
    modal = at_step_1(stage, **{f.MEMBERS: ["pool:p1"]})
    assert "*Sales* · next in line: Ana" in modal.text
    assert modal.open_menu("Sales") == ["Remove"]
    modal.press("Change Team member")
    top = on_top(stage)
    assert top.suggest("Team member", "ben")["option_groups"][0]["options"][0]["value"] == BEN.user_id
    top._put("Team member", "selected_option", options(BEN)[0])
    top.submit()
    stage.drawn(modal)
    assert stage.only_draft().fields[f.CHOSEN] == {"p1": BEN.user_id}
    assert BEN.user_id in modal.text


def test_rooms_have_alternatives_and_can_be_removed(stage: WizardStage) -> None:
    modal = at_step_1(stage, **{f.ROOMS: ["room:r1"]})
    assert modal.open_menu("Atlas") == ["Add alternative", "Remove"]
    modal.pick("Add alternative", beside="Atlas")
    top = on_top(stage)
    found = top.suggest("Alternatives", "")["option_groups"]
    assert [each["text"]["text"] for each in found[0]["options"]] == ["Atlas", "Borealis"]


def test_ten_requirements_with_ten_alternatives_each_stay_within_slacks_limits(stage: WizardStage) -> None:
    people = [f"U{number:04}" for number in range(120)]
    stage.seating.room_names = {f"room:{number}": "R" * 80 for number in range(60)}
    stage.seating.pools = {f"pool:{number}": "P" * 80 for number in range(10)}
    stage.seating.changeable = frozenset(stage.seating.pools)
    members = [*people[:10], *stage.seating.pools]
    alternatives = {who: people[20 + 10 * number : 30 + 10 * number] for number, who in enumerate(people[:10])}
    rooms = list(stage.seating.room_names)[:20]
    modal = at_step_1(stage, **{f.MEMBERS: members, f.ALTERNATIVES: alternatives, f.ROOMS: rooms})
    assert_modal_within_limits(modal.view)
    assert len(modal.suggest("Rooms", "")["option_groups"][0]["options"]) == 60


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (
            {"Sales": "Raj Patel"},
            ["In Sales it is Raj Patel’s turn by now. Look", "5 available time slots with Raj Patel"],
        ),
        (
            {"Sales": "Raj Patel", "Support": "Ana Costa"},
            ["it is Raj Patel’s turn by now, in Support Ana Costa’s. Look", "time slots with Raj Patel and Ana Costa"],
        ),
        ({}, ["In Sales it is Ben Okafor’s turn by now. Look", "5 available time slots with Ben Okafor"]),
    ],
)
def test_everybody_is_named_whose_turn_it_is_when_the_count_is_made_again(
    stage: WizardStage, turns: dict[str, str], said: list[str]
) -> None:
    """Others invite meanwhile: who was next when the sending was refused may not be next any more."""
    modal = stage.at_step_3()
    stage.invitations.refusal = TurnMovedError("Sales", BEN.user_id, BEN.name)
    stage.drafts.turns = turns
    modal.submit()
    assert [text for text in said if text not in modal.text] == []


def test_a_turn_that_has_moved_on_shows_the_new_person_and_count_and_waits_for_a_second_press(
    stage: WizardStage,
) -> None:
    modal = stage.at_step_3()
    modal.type("Personal message", "Typed just now")
    stage.invitations.refusal = TurnMovedError("Sales", BEN.user_id, BEN.name)
    modal.submit()
    assert modal.view["callback_id"] == "wizard_letter"
    assert "In Sales it is Ben Okafor’s turn by now." in modal.text
    assert "5 available time slots with Ben Okafor" in modal.text
    assert modal.block("Personal message")["element"]["initial_value"] == "Typed just now"
    assert not stage.invitations.sent
    stage.invitations.refusal = None
    assert "Invitation sent" in json.dumps(modal.submit())
