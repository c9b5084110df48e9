"""Submitting and closing modals: what the client refuses, and what the app may answer."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from bot.playground.cast import PRIYA
from bot.playground.submissions import TROUBLE
from tests.pretend_app import (
    JSON,
    Workplace,
    actions,
    button,
    field_of,
    modal,
    plain,
    section,
    typing,
)
from tests.servers import DEADLINE_S

FORM = modal(field_of(typing(), "name"), field_of(typing("c"), "company", optional=True), section())


def filled(place: Workplace, view: JSON = FORM) -> JSON:
    opened = place.open(view)
    assert place.act("input", view_id=opened["id"], block_id="name", action_id="a", value={"value": "Anna"})["ok"]
    return opened


def modals(place: Workplace) -> list[str]:
    return [view["id"] for view in place.state()["modals"]]


def test_an_empty_required_field_never_reaches_the_app(place: Workplace) -> None:
    view = place.open(FORM)
    answer = place.act("submit", view_id=view["id"])
    assert answer["errors"] == {"name": "Please complete this required field."}
    assert place.app.of_kind("view_submission") == []


def test_a_submission_has_slacks_shape(place: Workplace) -> None:
    view = filled(place, {**FORM, "private_metadata": "draft-1", "callback_id": "participant"})
    assert place.act("submit", view_id=view["id"])["ok"]
    (payload,) = place.app.of_kind("view_submission")
    assert payload["view"]["state"]["values"] == {
        "name": {"a": {"type": "plain_text_input", "value": "Anna"}},
        "company": {"c": {"type": "plain_text_input", "value": None}},
    }
    assert (payload["view"]["private_metadata"], payload["view"]["callback_id"]) == ("draft-1", "participant")
    assert (payload["response_urls"], payload["view"]["id"]) == ([], view["id"])
    assert payload["trigger_id"]


def test_an_empty_answer_closes_the_view(place: Workplace) -> None:
    view = filled(place)
    assert place.act("submit", view_id=view["id"])["ok"]
    assert modals(place) == []
    assert place.app.of_kind("view_closed") == []


def test_errors_stay_at_their_fields(place: Workplace) -> None:
    view = filled(place)
    place.app.answers["view_submission"] = {"response_action": "errors", "errors": {"name": "Not that name."}}
    answer = place.act("submit", view_id=view["id"])
    assert (answer["ok"], answer["errors"]) == (False, {"name": "Not that name."})
    assert modals(place) == [view["id"]]
    assert place.state()["modals"][0]["values"]["name"]["a"]["value"] == "Anna"


def test_update_changes_the_view_in_place(place: Workplace) -> None:
    view = filled(place)
    place.app.answers["view_submission"] = {"response_action": "update", "view": modal(section("Next step"))}
    assert place.act("submit", view_id=view["id"])["ok"]
    assert modals(place) == [view["id"]]
    assert place.state()["modals"][0]["blocks"][0]["text"]["text"] == "Next step"


def test_push_puts_a_view_on_top_and_no_more_than_three(place: Workplace) -> None:
    place.app.answers["view_submission"] = {"response_action": "push", "view": modal(section())}
    first = filled(place)
    assert place.act("submit", view_id=first["id"])["ok"]
    assert place.act("submit", view_id=modals(place)[-1])["ok"]
    assert len(modals(place)) == 3
    assert place.act("submit", view_id=modals(place)[-1])["error"] == TROUBLE
    assert "push_limit_reached" in place.playground.problems[0]


def test_clear_closes_the_whole_stack(place: Workplace) -> None:
    place.app.answers["view_submission"] = {"response_action": "push", "view": modal(section())}
    place.act("submit", view_id=filled(place)["id"])
    place.app.answers["view_submission"] = {"response_action": "clear"}
    assert place.act("submit", view_id=modals(place)[-1])["ok"]
    assert modals(place) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"s": "A section takes no error."}},
        {"response_action": "errors", "errors": {"gone": "No such block."}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"name": ""}},
        {"response_action": "errors"},
        {"response_action": "update", "view": {**modal(), "title": plain("x" * 25)}},
        {"response_action": "update"},
        {"response_action": "dance"},
        {"response_action": "clear", "view": modal()},
        {"text": "Hello"},
        [],
        PlainTextResponse("Hello"),
    ],
)
def test_an_answer_that_slack_would_not_take_is_trouble_and_is_shown(place: Workplace, answer: Any) -> None:
    view = filled(place)
    place.app.answers["view_submission"] = answer
    assert place.act("submit", view_id=view["id"])["error"] == TROUBLE
    assert modals(place) == [view["id"]]
    assert len(place.playground.problems) == 1
    assert place.state()["problems"][0]["text"] == place.playground.problems[0]


def test_a_failing_app_is_trouble_and_nothing_typed_is_lost(place: Workplace) -> None:
    view = filled(place)
    place.app.answers["view_submission"] = PlainTextResponse("oops", status_code=500)
    assert place.act("submit", view_id=view["id"])["error"] == TROUBLE
    assert place.state()["modals"][0]["values"]["name"]["a"]["value"] == "Anna"
    place.app.answers.clear()
    assert place.act("submit", view_id=view["id"])["ok"]


def test_an_app_that_is_too_slow_is_trouble(place: Workplace) -> None:
    view = filled(place)
    given_up = Event()
    place.app.answers["view_submission"] = lambda _: given_up.wait(DEADLINE_S) and None
    place.lose_patience()
    assert place.act("submit", view_id=view["id"])["error"] == TROUBLE
    given_up.set()


def test_a_second_click_submits_nothing(place: Workplace) -> None:
    view = filled(place)
    go_on = Event()
    place.app.answers["view_submission"] = lambda _: go_on.wait(DEADLINE_S) and None
    first = Thread(target=place.act, args=("submit",), kwargs={"view_id": view["id"]})
    first.start()
    place.app.wait_for("view_submission")
    assert not place.act("submit", view_id=view["id"])["ok"]
    go_on.set()
    first.join(DEADLINE_S)
    assert len(place.app.of_kind("view_submission")) == 1


def test_only_the_top_view_of_ones_own_is_submitted(place: Workplace) -> None:
    place.app.answers["view_submission"] = {"response_action": "push", "view": modal(section())}
    bottom = filled(place)
    place.act("submit", view_id=bottom["id"])
    assert not place.act("submit", view_id=bottom["id"])["ok"]
    assert not place.act("submit", user=PRIYA.id, view_id=modals(place)[-1])["ok"]
    assert not place.act("submit", view_id="V404")["ok"]


def test_a_view_without_a_submit_button_is_not_submitted(place: Workplace) -> None:
    view = place.open({"type": "modal", "title": plain("Read"), "blocks": [section()]})
    assert not place.act("submit", view_id=view["id"])["ok"]
    disabled = place.open(modal(submit_disabled=True))
    assert not place.act("submit", view_id=disabled["id"])["ok"]


def test_closing_is_told_to_whoever_asked_for_it(place: Workplace) -> None:
    quiet = place.open(modal())
    assert place.act("close", view_id=quiet["id"])["ok"]
    view = filled(place, {**FORM, "notify_on_close": True})
    assert place.act("close", view_id=view["id"])["ok"]
    (payload,) = place.app.wait_for("view_closed")
    assert (payload["view"]["id"], payload["is_cleared"]) == (view["id"], False)
    assert payload["view"]["state"]["values"]["name"]["a"]["value"] == "Anna"
    assert modals(place) == []


def test_closing_the_top_shows_the_view_below(place: Workplace) -> None:
    place.app.answers["view_submission"] = {"response_action": "push", "view": modal(section())}
    bottom = filled(place)
    place.act("submit", view_id=bottom["id"])
    assert place.act("close", view_id=modals(place)[-1])["ok"]
    assert modals(place) == [bottom["id"]]


def test_clear_on_close_takes_the_whole_stack(place: Workplace) -> None:
    told = modal(section(), notify_on_close=True, clear_on_close=True)
    place.app.answers["view_submission"] = {"response_action": "push", "view": told}
    place.act("submit", view_id=filled(place, {**FORM, "notify_on_close": True})["id"])
    assert place.act("close", view_id=modals(place)[-1])["ok"]
    assert modals(place) == []
    assert [payload["is_cleared"] for payload in place.app.wait_for("view_closed", 2)] == [True, True]


def test_a_view_closed_in_the_meantime_stays_closed(place: Workplace) -> None:
    view = filled(place)

    def close_first(_: Any) -> JSON:
        place.act("close", view_id=view["id"])
        return {"response_action": "update", "view": modal(section())}

    place.app.answers["view_submission"] = close_first
    assert place.act("submit", view_id=view["id"])["ok"]
    assert modals(place) == []
    assert place.playground.problems == ()


def test_an_app_that_updates_the_view_while_it_is_submitted_wins(place: Workplace) -> None:
    view = filled(place, modal(field_of(typing(), "name"), actions(button())))

    def update_first(_: Any) -> JSON:
        place.slack.views_update(view_id=view["id"], view=modal(section("Counting…")))
        return {"response_action": "update", "view": modal(section("34 available time slots"))}

    place.app.answers["view_submission"] = update_first
    assert place.act("submit", view_id=view["id"])["ok"]
    assert place.state()["modals"][0]["blocks"][0]["text"]["text"] == "34 available time slots"
    assert modals(place) == [view["id"]]
