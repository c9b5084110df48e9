"""Slack's documented limits, checked on the JSON itself (docs.slack.dev/reference/block-kit)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blocks.elements import width


def texts(value: Any, kinds: Sequence[str] = ("mrkdwn", "plain_text")) -> Iterator[str]:
    """Every text that is shown, wherever it stands. Mentions and styles come to life in mrkdwn only."""
    if isinstance(value, Mapping):
        if value.get("type") in kinds:
            yield value["text"]
        for part in value.values():
            yield from texts(part, kinds)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, kinds)


def shown(value: Any) -> str:
    """All texts, a line each."""
    return "\n".join(texts(value))


def buttons(blocks: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str | None]]:
    """(text, action_id, value) of every button in action blocks and beside sections, in order."""
    found = []
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else [block.get("accessory") or {}]
        found += [(e["text"]["text"], e["action_id"], e.get("value")) for e in elements if e.get("type") == "button"]
    return found


def assert_within_limits(blocks: Sequence[Mapping[str, Any]], most: int) -> None:
    """Nothing in these blocks is longer or more than Slack accepts."""
    assert 0 < len(blocks) <= most
    assert len(json.dumps(blocks)) <= 250_000
    for block in blocks:
        assert width(block.get("block_id", "")) <= 255
        match block["type"]:
            case "section":
                assert 1 <= width(block["text"]["text"]) <= 3000
            case "header":
                assert 1 <= width(block["text"]["text"]) <= 150
            case "context":
                assert 1 <= len(block["elements"]) <= 10
                assert all(1 <= width(element["text"]) <= 3000 for element in block["elements"])
            case "actions":
                assert 1 <= len(block["elements"]) <= 25
                ids = [element["action_id"] for element in block["elements"]]
                assert len(set(ids)) == len(ids)
            case "rich_text":
                assert all(1 <= width(text["text"]) <= 4000 for part in block["elements"] for text in part["elements"])
            case "divider":
                continue
            case other:
                raise AssertionError(f"no limits are known here for {other}")
        for element in [*block.get("elements", []), block.get("accessory") or {}]:
            if element.get("type") == "button":
                _assert_button_within_limits(element)


def _assert_button_within_limits(button: Mapping[str, Any]) -> None:
    assert 1 <= width(button["text"]["text"]) <= 75
    assert width(button["action_id"]) <= 255
    assert width(button.get("value", "")) <= 2000
    confirm = button.get("confirm")
    if confirm:
        assert width(confirm["title"]["text"]) <= 100
        assert width(confirm["text"]["text"]) <= 300
        assert width(confirm["confirm"]["text"]) <= 30
        assert width(confirm["deny"]["text"]) <= 30
