"""Views are the JSON that slack_sdk would write, and are refused where slack_sdk would refuse them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models import views
from slack_sdk.models.blocks import ActionsBlock, Block, ImageBlock, InputBlock, StaticSelectElement
from slack_sdk.models.blocks.basic_components import ConfirmObject, Option

from blocks.details import details_view
from blocks.elements import alert, button, context, header, option, plain, section
from blocks.inputs import channel, field, multi_search, radio, text
from blocks.letter import letter_view
from blocks.live_count import Counting
from blocks.participant import participant_view, unconnected_view
from blocks.setup_hours import hours_view
from blocks.time_frame import time_frame_view
from blocks.views import View, drawn_once, text_of
from blocks.wizard import notice_view, preformatted, sent_view
from bot.domain.working_hours import default_working_hours
from tests.cast import NOW
from tests.test_blocks_wizard import draft, invitation
from tests.wizard_stage import report


def modal(*blocks: Block, **changes: Any) -> View:
    return View(type="modal", title=plain("Title", 24), submit=plain("Next", 24), blocks=blocks, **changes)


CONFIRM = ConfirmObject(title="Sure?", text="It cannot be undone.", confirm="Yes", deny="No", style="danger")
MADE_UP = modal(
    header("Words", "words"),
    section("*bold*", "more", accessory=button("Press", "press", value="1", style="danger", confirm=CONFIRM)),
    ActionsBlock(elements=[button("Open", "open", url="https://example.com")]),
    ImageBlock(image_url="https://example.com/a.png", alt_text=""),
    context("small print"),
    alert("careful"),
    preformatted("as it is"),
    InputBlock(
        label=plain("Pick", 100),
        element=StaticSelectElement(
            action_id="pick",
            options=[Option(text="one", value="1", description="the first"), option("two", "2")],
            confirm=CONFIRM,
            focus_on_load=False,
        ),
        optional=False,
    ),
    field(channel("where", {"where": "C0SALES"}, "Choose"), "Where", hint="Anywhere"),
    field(multi_search("who", [option("Ana", "U1")], "Search", at_most=3), "Who", dispatch=True, generation=3),
    field(radio("how", {"how": "b"}, [option("A", "a"), option("B", "b")]), "How"),
    private_metadata="",
    notify_on_close=False,
)
VIEWS = (
    participant_view(draft(), NOW, hints=["Mind this."]),
    unconnected_view(draft(), None),
    details_view(draft()),
    time_frame_view(draft(), Counting(), NOW),
    time_frame_view(draft(), report(34), NOW),
    time_frame_view(draft(), report(0), NOW),
    letter_view(draft(), "Hello Anna"),
    notice_view("Title", "Words"),
    sent_view(invitation("Anna", "link"), "https://example.com/i/1"),
    hours_view(default_working_hours("Europe/Madrid"), NOW),
    MADE_UP,
)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_what_slack_sdk_would_write(view: View) -> None:
    assert isinstance(view, View)
    assert repr(view.to_dict()) == repr(views.View.to_dict(view))


@pytest.mark.parametrize("view", VIEWS)
def test_a_calls_text_is_its_json(view: View) -> None:
    call = {"view_id": "V1", "hash": None, "view": view.to_dict(), "notify": True}
    assert text_of(call) == json.dumps(call, separators=(",", ":"))


def test_drawn_twice_it_is_the_same_and_nobody_elses() -> None:
    first, second = MADE_UP.to_dict(), MADE_UP.to_dict()
    assert first == second
    first["blocks"].clear()
    assert MADE_UP.to_dict() == second


@pytest.mark.parametrize(
    "wrong",
    [
        modal(header("Words"), private_metadata="x" * 3001),
        modal(),
        modal(*[header("Words")] * 101),
        modal(section("x" * 3001)),
        modal(section("x", block_id="x" * 256)),
        modal(section("x", accessory=button("Press", "press", value="x" * 2001))),
        modal(section("x", accessory=button("Press", "press", style="loud"))),
        modal(field(radio("how", {}, [Option(text="x" * 76, value="a")]), "How")),
        modal(field(text("said", {}, placeholder="x"), "x" * 2000), callback_id="x" * 256),
        View(type="home", close=plain("Close", 24), blocks=[header("Words")]),
        View(type="page", blocks=[header("Words")]),
    ],
)
def test_what_slack_sdk_refuses_is_refused_in_its_words(wrong: View) -> None:
    with pytest.raises(SlackObjectFormationError) as theirs:
        views.View.to_dict(wrong)
    with pytest.raises(SlackObjectFormationError) as ours:
        wrong.to_dict()
    assert str(ours.value) == str(theirs.value)


def test_what_is_drawn_once_is_drawn_anew_only_where_something_differs() -> None:
    drawn: list[str] = []

    @drawn_once
    def words(text: str, *, block_id: str | None = None) -> Block:
        drawn.append(text)
        return section(text, block_id)

    first, again, other = words("Here", block_id="b"), words("Here", block_id="b"), words("There")
    assert drawn == ["Here", "There"]
    assert first.to_dict() == again.to_dict() == section("Here", "b").to_dict()
    assert modal(first, other).to_dict()["blocks"] == [section("Here", "b").to_dict(), section("There").to_dict()]


def test_what_does_not_fit_is_refused_when_it_is_drawn_once_too() -> None:
    @drawn_once
    def too_long() -> Block:
        return section("x" * 3001)

    with pytest.raises(SlackObjectFormationError):
        too_long()
