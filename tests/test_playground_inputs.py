"""`state.values` has Slack's shapes, and the client refuses what Slack's client refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground.inputs import complaints, entry_of, initial_values
from tests.pretend_app import JSON, actions, button, field_of, option, section, typing

ONE, TWO = option("1", "One"), option("2", "Two")
OPTIONS = {"action_id": "a", "options": [ONE, TWO]}


@pytest.mark.parametrize(
    ("element", "entry"),
    [
        (typing(), {"type": "plain_text_input", "value": None}),
        (typing(initial_value="x"), {"type": "plain_text_input", "value": "x"}),
        (typing(kind="email_text_input"), {"type": "email_text_input", "value": None}),
        (typing(kind="url_text_input"), {"type": "url_text_input", "value": None}),
        (
            typing(kind="number_input", is_decimal_allowed=False, initial_value="3"),
            {"type": "number_input", "value": "3"},
        ),
        ({"type": "static_select", **OPTIONS}, {"type": "static_select", "selected_option": None}),
        (
            {"type": "static_select", **OPTIONS, "initial_option": TWO},
            {"type": "static_select", "selected_option": TWO},
        ),
        ({"type": "multi_static_select", **OPTIONS}, {"type": "multi_static_select", "selected_options": []}),
        (
            {"type": "external_select", "action_id": "a", "initial_option": ONE},
            {"type": "external_select", "selected_option": ONE},
        ),
        ({"type": "users_select", "action_id": "a"}, {"type": "users_select", "selected_user": None}),
        (
            {"type": "multi_users_select", "action_id": "a", "initial_users": ["U1"]},
            {"type": "multi_users_select", "selected_users": ["U1"]},
        ),
        (
            {"type": "conversations_select", "action_id": "a", "default_to_current_conversation": True},
            {"type": "conversations_select", "selected_conversation": "C1"},
        ),
        (
            {"type": "multi_conversations_select", "action_id": "a", "default_to_current_conversation": True},
            {"type": "multi_conversations_select", "selected_conversations": ["C1"]},
        ),
        ({"type": "channels_select", "action_id": "a"}, {"type": "channels_select", "selected_channel": None}),
        (
            {"type": "datepicker", "action_id": "a", "initial_date": "2026-12-01"},
            {"type": "datepicker", "selected_date": "2026-12-01"},
        ),
        (
            {"type": "timepicker", "action_id": "a", "initial_time": "09:00", "timezone": "Europe/London"},
            {"type": "timepicker", "selected_time": "09:00", "timezone": "Europe/London"},
        ),
        ({"type": "datetimepicker", "action_id": "a"}, {"type": "datetimepicker", "selected_date_time": None}),
        (
            {"type": "checkboxes", **OPTIONS, "initial_options": [ONE]},
            {"type": "checkboxes", "selected_options": [ONE]},
        ),
        ({"type": "radio_buttons", **OPTIONS}, {"type": "radio_buttons", "selected_option": None}),
    ],
)
def test_an_untouched_element_has_its_initial_entry(element: JSON, entry: JSON) -> None:
    assert initial_values([field_of(element)], conversation_id="C1") == {"b": {"a": entry}}


def test_accessories_and_actions_have_entries_and_buttons_have_none() -> None:
    picker = {"type": "datepicker", "action_id": "d"}
    blocks = [section(accessory={"type": "users_select", "action_id": "u"}), actions(button(), picker)]
    assert initial_values(blocks) == {
        "s": {"u": {"type": "users_select", "selected_user": None}},
        "x": {"d": {"type": "datepicker", "selected_date": None}},
    }


def test_what_was_entered_stays_while_both_ids_stay() -> None:
    kept = {"b": {"a": {"type": "plain_text_input", "value": "typed"}}}
    assert initial_values([field_of(typing(initial_value="new"))], kept)["b"]["a"]["value"] == "typed"
    assert initial_values([field_of(typing("c", initial_value="new"))], kept)["b"]["c"]["value"] == "new"
    assert initial_values([field_of(typing(initial_value="new"), "b:2")], kept)["b:2"]["a"]["value"] == "new"


def test_what_was_emptied_stays_empty() -> None:
    kept = {"b": {"a": {"type": "plain_text_input", "value": None}}}
    assert initial_values([field_of(typing(initial_value="new"))], kept)["b"]["a"]["value"] is None


def test_an_entry_goes_when_its_type_or_its_option_goes() -> None:
    kept = {"b": {"a": {"type": "static_select", "selected_option": TWO}}}
    assert initial_values([field_of(typing())], kept)["b"]["a"] == {"type": "plain_text_input", "value": None}
    one_left = {"type": "static_select", "action_id": "a", "options": [ONE]}
    assert initial_values([field_of(one_left)], kept)["b"]["a"]["selected_option"] is None


def test_options_are_taken_from_the_app_and_not_from_the_page() -> None:
    select = {"type": "static_select", **OPTIONS}
    forged = {"selected_option": {"value": "2", "text": {"type": "plain_text", "text": "Forged"}}}
    assert entry_of(select, forged) == {"type": "static_select", "selected_option": TWO}
    with pytest.raises(ValueError, match="not offered"):
        entry_of(select, {"selected_option": option("3")})


def test_a_choice_of_an_external_select_was_suggested_before() -> None:
    select = {"type": "external_select", "action_id": "a"}
    assert entry_of(select, {"selected_option": ONE}, [ONE])["selected_option"] == ONE
    with pytest.raises(ValueError, match="not offered"):
        entry_of(select, {"selected_option": ONE})


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (typing(), {}),
        (typing(), {"selected_date": "2026-12-01"}),
        (typing(), {"value": 3}),
        ({"type": "datepicker"}, {"selected_date": "tomorrow"}),
        ({"type": "timepicker"}, {"selected_time": "9 o'clock"}),
        ({"type": "datetimepicker"}, {"selected_date_time": "noon"}),
        ({"type": "multi_users_select"}, {"selected_users": "U1"}),
        ({"type": "multi_users_select"}, {"selected_users": [1]}),
        ({"type": "multi_users_select", "max_selected_items": 1}, {"selected_users": ["U1", "U2"]}),
        ({"type": "checkboxes", **OPTIONS}, {"selected_options": ONE}),
        ({"type": "radio_buttons", **OPTIONS}, {"selected_option": [ONE]}),
        ({"type": "radio_buttons", **OPTIONS}, {"selected_option": "1"}),
    ],
)
def test_what_no_client_could_send_is_refused(element: JSON, value: JSON) -> None:
    with pytest.raises(ValueError, match=r"."):
        entry_of(element, value)


def test_a_choice_can_be_taken_back() -> None:
    assert entry_of({"type": "static_select", **OPTIONS}, {"selected_option": None})["selected_option"] is None
    assert entry_of({"type": "datepicker"}, {"selected_date": None})["selected_date"] is None
    assert entry_of(typing(), {"value": ""})["value"] is None


def complaint(element: JSON, value: Any, **more: Any) -> str | None:
    block = field_of(element, **more)
    values = initial_values([block])
    values["b"]["a"] = entry_of(element, value)
    return complaints([block], values).get("b")


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (typing(), {"value": None}),
        (typing(), {"value": "   "}),
        ({"type": "static_select", **OPTIONS}, {"selected_option": None}),
        ({"type": "checkboxes", **OPTIONS}, {"selected_options": []}),
        ({"type": "multi_users_select", "action_id": "a"}, {"selected_users": []}),
        ({"type": "datepicker", "action_id": "a"}, {"selected_date": None}),
    ],
)
def test_a_required_field_must_be_filled_and_an_optional_one_need_not(element: JSON, value: JSON) -> None:
    assert complaint(element, value) == "Please complete this required field."
    assert complaint(element, value, optional=True) is None


@pytest.mark.parametrize("email", ["anna", "anna@", "@acme.com", "anna@acme", "a b@acme.com", "a@b@c.com", "a@b..com"])
def test_an_email_address_must_look_like_one(email: str) -> None:
    assert "email" in str(complaint(typing(kind="email_text_input"), {"value": email}))


@pytest.mark.parametrize("email", ["anna@acme.com", "a.b+c@sub.acme.co.uk", "josé@müller.example"])
def test_real_addresses_are_taken(email: str) -> None:
    assert complaint(typing(kind="email_text_input"), {"value": email}) is None


def test_addresses_of_pages_must_look_like_one() -> None:
    url = typing(kind="url_text_input")
    assert complaint(url, {"value": "https://meet.example.com/a?b=c"}) is None
    assert complaint(url, {"value": "HTTPS://example.com"}) is None
    assert "URL" in str(complaint(url, {"value": "meet.example.com"}))
    assert "URL" in str(complaint(url, {"value": "https://"}))
    assert "URL" in str(complaint(url, {"value": "javascript:alert(1)"}))


def test_lengths_are_kept() -> None:
    bounded = typing(min_length=2, max_length=3)
    assert "at least 2" in str(complaint(bounded, {"value": "x"}))
    assert "at most 3" in str(complaint(bounded, {"value": "xxxx"}))
    assert complaint(bounded, {"value": "xx"}) is None
    assert "at most 3000" in str(complaint(typing(), {"value": "x" * 3001}))


def test_numbers_are_numbers_within_their_bounds() -> None:
    whole = typing(kind="number_input", is_decimal_allowed=False, min_value="1", max_value="10")
    decimal = typing(kind="number_input", is_decimal_allowed=True)
    assert complaint(whole, {"value": "10"}) is None
    assert complaint(decimal, {"value": "-1.5"}) is None
    assert "valid number" in str(complaint(whole, {"value": "1.5"}))
    assert "valid number" in str(complaint(decimal, {"value": "ten"}))
    assert "at least 1" in str(complaint(whole, {"value": "0"}))
    assert "at most 10" in str(complaint(whole, {"value": "11"}))
    assert complaint(whole, {"value": ""}, optional=True) is None
