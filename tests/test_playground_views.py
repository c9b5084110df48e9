"""Triggers, the stack of modals, hashes and Home, over the Web API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.cast import DANA, DEACTIVATED, PRIYA
from tests.pretend_app import (
    JSON,
    MANIFEST,
    Doors,
    Workplace,
    actions,
    button,
    field_of,
    home,
    modal,
    plain,
    section,
    typing,
    workplace,
)


def refusal(call: Any, **arguments: Any) -> JSON:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    answer = refused.value.response.data
    assert isinstance(answer, dict)
    assert answer["ok"] is False
    return answer


def error(call: Any, **arguments: Any) -> str:
    return str(refusal(call, **arguments)["error"])


def modal_trigger(place: Workplace, view: JSON) -> str:
    """A trigger from a button in an open modal."""
    before = len(place.app.of_kind("block_actions"))
    assert place.act("block_action", where={"view_id": view["id"]}, block_id="x", action_id="press", value={})["ok"]
    return str(place.app.of_kind("block_actions")[before]["trigger_id"])


WITH_BUTTON = modal(actions(button()))


def test_a_trigger_opens_one_view(place: Workplace) -> None:
    trigger = place.trigger()
    view = place.slack.views_open(trigger_id=trigger, view=modal())["view"]
    assert view["root_view_id"] == view["id"]
    assert (view["previous_view_id"], view["state"]) == (None, {"values": {}})
    assert error(place.slack.views_open, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"


def test_a_trigger_lives_three_seconds(place: Workplace) -> None:
    first, second = place.trigger(), place.trigger()
    place.clock.move(timedelta(seconds=3))
    assert place.slack.views_open(trigger_id=first, view=modal())["ok"]
    place.clock.move(timedelta(microseconds=1))
    assert error(place.slack.views_open, trigger_id=second, view=modal()) == "expired_trigger_id"


def test_an_unknown_trigger_is_refused(place: Workplace) -> None:
    assert error(place.slack.views_open, trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"
    assert error(place.slack.views_open, trigger_id="", view=modal()) == "invalid_arguments"


def test_a_refused_view_leaves_the_trigger_usable(place: Workplace) -> None:
    trigger = place.trigger()
    answer = refusal(place.slack.views_open, trigger_id=trigger, view=modal(title=plain("x" * 25)))
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]
    assert place.slack.views_open(trigger_id=trigger, view=modal())["ok"]


def test_a_view_opens_for_the_person_who_triggered_it(place: Workplace) -> None:
    place.open(modal(), user=PRIYA.id)
    assert len(place.state(PRIYA.id)["modals"]) == 1
    assert place.state(DANA.id)["modals"] == []


def test_opening_again_replaces_the_stack(place: Workplace) -> None:
    first = place.open(modal())
    second = place.open(modal())
    assert [view["id"] for view in place.state()["modals"]] == [second["id"]]
    assert error(place.slack.views_update, view_id=first["id"], view=modal()) == "not_found"


def test_a_stack_holds_three_views(place: Workplace) -> None:
    bottom = place.open(WITH_BUTTON)
    middle = place.slack.views_push(trigger_id=modal_trigger(place, bottom), view=WITH_BUTTON)["view"]
    top = place.slack.views_push(trigger_id=modal_trigger(place, middle), view=WITH_BUTTON)["view"]
    assert (top["root_view_id"], top["previous_view_id"]) == (bottom["id"], middle["id"])
    assert [view["id"] for view in place.state()["modals"]] == [bottom["id"], middle["id"], top["id"]]
    assert error(place.slack.views_push, trigger_id=modal_trigger(place, top), view=modal()) == "push_limit_reached"


def test_a_push_needs_an_open_modal(place: Workplace) -> None:
    assert error(place.slack.views_push, trigger_id=place.trigger(), view=modal()) == "invalid_trigger_id"


def test_each_change_gives_a_new_hash_and_an_old_one_conflicts(place: Workplace) -> None:
    opened = place.open(modal())
    updated = place.slack.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(section()))["view"]
    assert updated["hash"] != opened["hash"]
    stale = error(place.slack.views_update, view_id=opened["id"], hash=opened["hash"], view=modal())
    assert stale == "hash_conflict"
    assert place.state()["modals"][0]["blocks"][0]["type"] == "section"


def test_typing_does_not_change_the_hash(place: Workplace) -> None:
    opened = place.open(modal(field_of(typing())))
    place.act("input", view_id=opened["id"], block_id="b", action_id="a", value={"value": "x"})
    assert place.slack.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())["ok"]


def test_what_was_typed_survives_an_update_while_the_ids_stay(place: Workplace) -> None:
    opened = place.open(modal(field_of(typing(), "b:1")))
    place.act("input", view_id=opened["id"], block_id="b:1", action_id="a", value={"value": "typed"})
    same = place.slack.views_update(view_id=opened["id"], view=modal(section(), field_of(typing(), "b:1")))["view"]
    assert same["state"]["values"]["b:1"]["a"]["value"] == "typed"
    fresh = modal(field_of(typing(initial_value="set by the app"), "b:2"))
    other = place.slack.views_update(view_id=opened["id"], view=fresh)["view"]
    assert other["state"]["values"] == {"b:2": {"a": {"type": "plain_text_input", "value": "set by the app"}}}


def test_ids_that_the_app_leaves_out_are_made_up(place: Workplace) -> None:
    view = place.open(
        modal({"type": "divider"}, {"type": "actions", "elements": [{"type": "button", "text": plain("x")}]})
    )
    assert all(block["block_id"] for block in view["blocks"])
    assert view["blocks"][1]["elements"][0]["action_id"]


def test_a_view_is_found_by_its_external_id(place: Workplace) -> None:
    place.open(modal(external_id="wizard"))
    assert place.slack.views_update(external_id="wizard", view=modal(section(), external_id="wizard"))["ok"]
    trigger = place.trigger(PRIYA.id)
    assert (
        error(place.slack.views_open, trigger_id=trigger, view=modal(external_id="wizard")) == "duplicate_external_id"
    )
    assert error(place.slack.views_update, external_id="other", view=modal()) == "not_found"


def test_a_huge_view_is_refused(place: Workplace) -> None:
    view = modal(*[section("x" * 2900, str(number)) for number in range(90)])
    assert error(place.slack.views_open, trigger_id=place.trigger(), view=view) == "view_too_large"


def test_an_update_must_name_a_view(place: Workplace) -> None:
    assert error(place.slack.views_update, view=modal(), view_id="V404") == "not_found"
    assert error(place.slack.api_call, api_method="views.update", json={"view": modal()}) == "invalid_arguments"


def test_home_is_published_for_one_person(place: Workplace) -> None:
    first = place.slack.views_publish(user_id=DANA.id, view=home(section("one")))["view"]
    second = place.slack.views_publish(user_id=DANA.id, view=home(section("two")), hash=first["hash"])["view"]
    assert (second["id"], second["type"]) == (first["id"], "home")
    stale = error(place.slack.views_publish, user_id=DANA.id, view=home(), hash=first["hash"])
    assert stale == "hash_conflict"
    assert place.state()["home"]["blocks"][0]["text"]["text"] == "two"
    assert place.state(PRIYA.id)["home"] is None


def test_home_takes_a_home_view_of_a_living_person(place: Workplace) -> None:
    assert error(place.slack.views_publish, user_id=DANA.id, view=modal()) == "invalid_arguments"
    assert error(place.slack.views_publish, user_id=DEACTIVATED.id, view=home()) == "invalid_arguments"
    assert error(place.slack.views_publish, user_id="U404", view=home()) == "invalid_arguments"


def test_without_a_home_tab_nothing_is_published(doors: Doors) -> None:
    manifest = MANIFEST | {"features": {**MANIFEST["features"], "app_home": {"messages_tab_enabled": True}}}
    with workplace(doors, manifest=manifest) as place:
        assert error(place.slack.views_publish, user_id=DANA.id, view=home()) == "not_enabled"
