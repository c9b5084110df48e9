"""Slack's documented limits for modals, checked on the JSON itself (docs.slack.dev/reference/views)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from blocks.elements import width

_ELEMENTS = {
    "plain_text_input", "email_text_input", "number_input", "static_select", "external_select",
    "radio_buttons", "multi_static_select", "multi_external_select", "checkboxes", "multi_users_select",
    "conversations_select", "datepicker", "timepicker",
}  # fmt: skip


def assert_modal_within_limits(view: Mapping[str, Any]) -> None:
    """Nothing in this modal is longer or more than Slack accepts, and no id comes twice."""
    assert view["type"] == "modal"
    assert all(1 <= width(view[part]["text"]) <= 24 for part in ("title", "submit", "close") if part in view)
    assert 1 <= len(view["blocks"]) <= 100
    assert len(view.get("private_metadata", "")) <= 3000
    assert len(json.dumps(view)) <= 250_000
    block_ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]
    assert len(set(block_ids)) == len(block_ids)
    assert "submit" in view or not any(block["type"] == "input" for block in view["blocks"])
    for block in view["blocks"]:
        _assert_block(block)


def _assert_block(block: Mapping[str, Any]) -> None:
    assert width(block.get("block_id", "")) <= 255
    match block["type"]:
        case "section":
            assert 1 <= width(block["text"]["text"]) <= 3000
            menu = block.get("accessory") or {}
            if menu.get("type") == "overflow":
                assert 1 <= len(menu["options"]) <= 5
                assert all(1 <= width(option["text"]["text"]) <= 75 for option in menu["options"])
                assert all(1 <= width(option["value"]) <= 150 for option in menu["options"])
        case "header":
            assert 1 <= width(block["text"]["text"]) <= 150
        case "alert":
            assert 1 <= width(block["text"]["text"]) <= 200
        case "context":
            assert all(1 <= width(element["text"]) <= 3000 for element in block["elements"])
        case "actions":
            assert 1 <= len(block["elements"]) <= 25
            action_ids = [element["action_id"] for element in block["elements"]]
            assert len(set(action_ids)) == len(action_ids)
            assert all(1 <= width(element["text"]["text"]) <= 75 for element in block["elements"])
        case "input":
            assert 1 <= width(block["label"]["text"]) <= 2000
            assert width(block.get("hint", {"text": ""})["text"]) <= 2000
            _assert_element(block["element"])
        case "divider" | "rich_text":
            pass
        case other:
            raise AssertionError(f"no limits are known here for {other}")


def _assert_element(element: Mapping[str, Any]) -> None:
    assert element["type"] in _ELEMENTS
    assert width(element["action_id"]) <= 255
    assert width(element.get("placeholder", {"text": ""})["text"]) <= 150
    assert width(element.get("initial_value") or "") <= 3000
    options = [*element.get("options", ()), *(o for g in element.get("option_groups", ()) for o in g["options"])]
    assert len(options) <= 100 or element.get("option_groups")
    initial = [*element.get("initial_options", ())] + (
        [element["initial_option"]] if "initial_option" in element else []
    )
    for option in [*options, *initial]:
        assert 1 <= width(option["text"]["text"]) <= 75
        assert 1 <= width(option["value"]) <= 150
    values = [option["value"] for option in options]
    assert len(set(values)) == len(values)
    if options:
        assert all(option in options for option in initial), "an initial option is one of the options"
