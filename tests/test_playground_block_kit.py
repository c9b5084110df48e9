"""What Slack would refuse in blocks, messages and views is refused, and named by its JSON pointer."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    CheckboxesElement,
    ConfirmObject,
    ContextBlock,
    ConversationFilter,
    ConversationSelectElement,
    DatePickerElement,
    DividerBlock,
    EmailInputElement,
    ExternalDataSelectElement,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    NumberInputElement,
    Option,
    OptionGroup,
    OverflowMenuElement,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    SectionBlock,
    StaticSelectElement,
    TimePickerElement,
    UrlInputElement,
    UserMultiSelectElement,
)
from slack_sdk.models.views import View

from bot.playground.block_kit import faults_of_message, faults_of_view
from tests.pretend_app import JSON, actions, button, field_of, home, modal, option, plain, section, typing


def select(**more: Any) -> JSON:
    return {"type": "static_select", "action_id": "a", "options": [option("1"), option("2")], **more}


def only_fault(view: JSON) -> str:
    (fault,) = faults_of_view(view, view["type"])
    return fault


def test_everything_that_the_sdk_builds_is_accepted() -> None:
    options = [Option(text="One", value="1", description="the first"), Option(text="Two", value="2")]
    confirm = ConfirmObject(title="Sure?", text="Really?", confirm="Yes", deny="No", style="danger")
    view = View(
        type="modal",
        title=PlainTextObject(text="Title", emoji=True),
        submit="Next",
        close="Cancel",
        callback_id="wizard",
        private_metadata="id",
        notify_on_close=True,
        clear_on_close=False,
        external_id="one",
        blocks=[
            HeaderBlock(text="Header"),
            SectionBlock(
                block_id="s",
                text=MarkdownTextObject(text="*bold*", verbatim=True),
                fields=["a", "b"],
                accessory=ButtonElement(text="Go", action_id="go", value="v", style="primary", confirm=confirm),
            ),
            DividerBlock(),
            ContextBlock(elements=[MarkdownTextObject(text="small")]),
            ActionsBlock(
                elements=[
                    ButtonElement(text="Open", url="https://example.com/x", action_id="url"),
                    OverflowMenuElement(action_id="more", options=options, confirm=confirm),
                    StaticSelectElement(
                        action_id="grouped",
                        option_groups=[OptionGroup(label="Group", options=options)],
                        initial_option=options[1],
                    ),
                    TimePickerElement(action_id="t", initial_time="09:05"),
                ]
            ),
            InputBlock(label="A", element=PlainTextInputElement(action_id="p", min_length=1, max_length=9)),
            InputBlock(label="B", element=EmailInputElement(action_id="e", initial_value="a@b.co"), optional=True),
            InputBlock(label="C", element=UrlInputElement(action_id="u"), dispatch_action=True, hint="Hint"),
            InputBlock(
                label="D", element=NumberInputElement(action_id="n", is_decimal_allowed=False, min_value=0, max_value=9)
            ),
            InputBlock(label="E", element=DatePickerElement(action_id="d", initial_date="2026-12-01")),
            InputBlock(label="F", element=UserMultiSelectElement(action_id="m", initial_users=["U1"])),
            InputBlock(
                label="G",
                element=ConversationSelectElement(
                    action_id="c",
                    default_to_current_conversation=True,
                    filter=ConversationFilter(include=["public", "private"], exclude_bot_users=True),
                ),
            ),
            InputBlock(label="H", element=ExternalDataSelectElement(action_id="x", min_query_length=0)),
            InputBlock(label="I", element=CheckboxesElement(action_id="k", options=options, initial_options=options)),
            InputBlock(label="J", element=RadioButtonsElement(action_id="r", options=options)),
        ],
    ).to_dict()
    assert faults_of_view(view, "modal") == []


@pytest.mark.parametrize("kind", ["divider", "alert", "image", "rich_text", "context"])
def test_other_blocks_of_a_modal_are_accepted(kind: str) -> None:
    blocks: dict[str, JSON] = {
        "divider": {"type": "divider"},
        "alert": {"type": "alert", "text": plain("Mind"), "level": "warning"},
        "image": {"type": "image", "image_url": "https://example.com/i.png", "alt_text": "An image"},
        "rich_text": {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]},
        "context": {"type": "context", "elements": [plain("small")]},
    }
    assert faults_of_view(modal(blocks[kind]), "modal") == []


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(title=plain("")), "/view/title/text"),
        (modal(title={"type": "mrkdwn", "text": "x"}), "/view/title/type"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(close=plain("x" * 25)), "/view/close/text"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(external_id="x" * 256), "/view/external_id"),
        (modal(notify_on_close="yes"), "/view/notify_on_close"),
        (modal(footer=plain("x")), "/view"),
        (modal(*[section(block_id=str(n)) for n in range(101)]), "/view/blocks"),
        (modal({"type": "carousel"}), "/view/blocks/0/type"),
        (modal({"block_id": "b"}), "/view/blocks/0"),
        ({**modal(), "blocks": ["section"]}, "/view/blocks/0"),
        (modal({"type": "section", "block_id": "b"}), "/view/blocks/0"),
        (modal(section("x" * 3001)), "/view/blocks/0/text/text"),
        (modal(section("")), "/view/blocks/0/text/text"),
        (modal(section(block_id="x" * 256)), "/view/blocks/0/block_id"),
        (modal(section(colour="red")), "/view/blocks/0"),
        (modal(section(fields=[plain("x")] * 11)), "/view/blocks/0/fields"),
        (modal(section(fields=[plain("x" * 2001)])), "/view/blocks/0/fields/0/text"),
        (modal(section(accessory=typing())), "/view/blocks/0/accessory/type"),
        (modal({"type": "header", "text": plain("x" * 151)}), "/view/blocks/0/text/text"),
        (modal({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}), "/view/blocks/0/text/type"),
        (modal({"type": "context", "elements": [plain("x")] * 11}), "/view/blocks/0/elements"),
        (modal({"type": "context", "elements": []}), "/view/blocks/0/elements"),
        (modal(actions(*[button(str(n)) for n in range(26)])), "/view/blocks/0/elements"),
        (modal(actions()), "/view/blocks/0/elements"),
        (modal(actions(typing())), "/view/blocks/0/elements/0/type"),
        (modal(actions(button("x" * 256))), "/view/blocks/0/elements/0/action_id"),
        (modal(actions(button(text=plain("x" * 76)))), "/view/blocks/0/elements/0/text/text"),
        (modal(actions(button(value="x" * 2001))), "/view/blocks/0/elements/0/value"),
        (modal(actions(button(url="ftp://example.com"))), "/view/blocks/0/elements/0/url"),
        (modal(actions(button(style="loud"))), "/view/blocks/0/elements/0/style"),
        (modal(actions(button(confirm={"title": plain("x")}))), "/view/blocks/0/elements/0/confirm"),
        (modal(field_of(button())), "/view/blocks/0/element/type"),
        (modal(field_of(typing(), label=plain("x" * 2001))), "/view/blocks/0/label/text"),
        (modal(field_of(typing(), hint=plain("x" * 2001))), "/view/blocks/0/hint/text"),
        (modal(field_of(typing(initial_value="x" * 3001))), "/view/blocks/0/element/initial_value"),
        (modal(field_of(typing(placeholder=plain("x" * 151)))), "/view/blocks/0/element/placeholder/text"),
        (modal(field_of(typing(max_length=3001))), "/view/blocks/0/element/max_length"),
        (modal(field_of(typing(rows=3))), "/view/blocks/0/element"),
        (modal(field_of(typing(kind="number_input"))), "/view/blocks/0/element"),
        (modal(field_of(typing(kind="number_input", is_decimal_allowed=True, min_value=1))), "/element/min_value"),
        (modal(field_of(select(options=[option(str(n)) for n in range(101)]))), "/view/blocks/0/element/options"),
        (modal(field_of(select(options=[]))), "/view/blocks/0/element/options"),
        (modal(field_of(select(options=[option("1", "x" * 76)]))), "/element/options/0/text/text"),
        (modal(field_of(select(options=[option("x" * 151, "x")]))), "/element/options/0/value"),
        (modal(field_of(select(option_groups=[]))), "/element/option_groups"),
        (modal(field_of({"type": "datepicker", "initial_date": "2026-02-30"})), "/element/initial_date"),
        (modal(field_of({"type": "datepicker", "initial_date": "1.2.2026"})), "/element/initial_date"),
        (modal(field_of({"type": "timepicker", "initial_time": "9:00"})), "/element/initial_time"),
        (modal(field_of({"type": "timepicker", "initial_time": "24:00"})), "/element/initial_time"),
        (modal(field_of({"type": "multi_users_select", "max_selected_items": 0})), "/element/max_selected_items"),
        (modal(field_of({"type": "telepathy"})), "/view/blocks/0/element/type"),
        (modal({"type": "image", "image_url": "x", "alt_text": "y"}), "/view/blocks/0/image_url"),
        (modal({"type": "alert", "text": plain("x"), "level": "loud"}), "/view/blocks/0/level"),
        (home({"type": "alert", "text": plain("x")}), "/view/blocks/0/type"),
        ({**home(), "title": plain("x")}, "/view"),
    ],
)
def test_it_is_refused(view: JSON, pointer: str) -> None:
    assert any(f"{pointer}]" in fault for fault in faults_of_view(view, view["type"]))


def test_a_view_of_the_other_kind_is_refused() -> None:
    assert faults_of_view(home(), "modal") == ["[ERROR] unsupported type: home [json-pointer:/view/type]"]
    assert faults_of_view("view", "modal") == ["[ERROR] must provide an object [json-pointer:/view]"]
    assert faults_of_view(None, "home") == ["[ERROR] must provide an object [json-pointer:/view]"]


def test_inputs_want_a_submit_button() -> None:
    view = modal(field_of(typing()))
    del view["submit"]
    assert only_fault(view) == "[ERROR] missing required field: submit [json-pointer:/view]"


def test_block_ids_are_unique_in_a_view() -> None:
    assert "block_id: `s` already exists" in only_fault(modal(section(), section()))


def test_action_ids_are_unique_in_a_block_and_may_repeat_across_blocks() -> None:
    assert "action_id: `press` already exists" in only_fault(modal(actions(button(), button())))
    assert faults_of_view(home(actions(button(), block_id="1"), actions(button(), block_id="2")), "home") == []


def test_an_initial_option_is_among_the_options() -> None:
    assert "must be among the options" in only_fault(modal(field_of(select(initial_option=option("3")))))
    assert "must be among the options" in only_fault(modal(field_of(select(initial_option=option("1", "Uno")))))
    boxes = {"type": "checkboxes", "options": [option("1")], "initial_options": [option("2")]}
    assert "must be among the options" in only_fault(modal(field_of(boxes)))


def test_two_options_cannot_have_one_value() -> None:
    assert "`1` already exists" in only_fault(modal(field_of(select(options=[option("1"), option("1", "again")]))))


def test_no_more_is_preset_than_may_be_selected() -> None:
    people = {"type": "multi_users_select", "initial_users": ["U1", "U2"], "max_selected_items": 1}
    assert "no more than 1 items" in only_fault(modal(field_of(people)))


def test_presets_of_typed_fields_obey_their_bounds() -> None:
    def number(**more: Any) -> JSON:
        return modal(field_of(typing(kind="number_input", is_decimal_allowed=False, **more)))

    assert "must be less than 3 characters" in only_fault(modal(field_of(typing(max_length=2, initial_value="abc"))))
    assert "min_length" in only_fault(modal(field_of(typing(min_length=3, max_length=2))))
    assert "between" in only_fault(number(min_value="5", initial_value="4"))
    assert "between" in only_fault(number(max_value="5", initial_value="6"))
    assert "whole number" in only_fault(number(initial_value="1.5"))
    assert faults_of_view(number(min_value="-1", max_value="5", initial_value="5"), "modal") == []


def test_only_one_element_has_the_focus() -> None:
    one, two = typing("a", focus_on_load=True), typing("b", focus_on_load=True)
    assert "focus_on_load" in only_fault(modal(field_of(one, "1"), field_of(two, "2")))


def test_a_message_has_at_most_fifty_blocks() -> None:
    assert faults_of_message([section(block_id=str(n)) for n in range(50)]) == []
    (fault,) = faults_of_message([section(block_id=str(n)) for n in range(51)])
    assert fault == "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"


def test_a_message_takes_no_alert() -> None:
    (fault,) = faults_of_message([{"type": "alert", "text": plain("x")}])
    assert fault == "[ERROR] unsupported type: alert [json-pointer:/blocks/0/type]"


@pytest.mark.parametrize("blocks", [{}, "[]", [None], [[]], [{"type": 3}], [{"type": ["section"]}], 7])
def test_nonsense_is_refused_and_never_crashes(blocks: Any) -> None:
    assert faults_of_message(blocks)


NONSENSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just(["x"]),
    st.just([{}]),
)
RICH_VIEW = modal(
    section(accessory=button(confirm={"title": plain("Sure?")})),
    actions(select(initial_option=option("1")), block_id="y"),
    field_of(select(initial_option=option("1"), placeholder=plain("x"))),
    field_of(typing(kind="number_input", is_decimal_allowed=True, initial_value="3", min_value="1"), "n"),
    field_of({"type": "multi_static_select", "options": [option("1")], "initial_options": [option("1")]}, "m"),
)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a JSON value with each key or index in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, part in items for place in ((value, key), *places_in(part))]


@given(st.data())
def test_a_view_with_one_thing_wrong_never_crashes_the_check(data: st.DataObject) -> None:
    view = deepcopy(RICH_VIEW)
    container, key = data.draw(st.sampled_from(places_in(view)))
    container[key] = data.draw(NONSENSE)
    assert isinstance(faults_of_view(view, "modal"), list)
