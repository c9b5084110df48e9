"""What people fill in: the entries of `state.values`, and what Slack's client refuses to submit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.playground.block_kit import JSON, elements_of, options_of
from bot.playground.elements import STATEFUL, TYPING
from bot.playground.grammar import clock_time, iso_date

Values = dict[str, dict[str, JSON]]
"""`state.values`: by block_id, then action_id."""

_REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_URL = re.compile(r"https?://[^\s/.]+(\.[^\s/.]+)*(:\d+)?([/?#]\S*)?", re.IGNORECASE)

_KEYS: Mapping[str, tuple[str, str]] = {
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    **dict.fromkeys(TYPING, ("value", "initial_value")),
}
"""By element type: the key of the entry, and of what the app may preset."""


def value_key(kind: str) -> str:
    return _KEYS[kind][0]


def _holds_several(kind: str) -> bool:
    return kind.startswith("multi_") or kind == "checkboxes"


def initial_entry(element: JSON, conversation_id: str | None = None) -> JSON:
    """The entry of an element that nobody has touched yet."""
    kind = element["type"]
    key, preset = _KEYS[kind]
    value = element.get(preset) or ([] if _holds_several(kind) else None)
    if not value and conversation_id is not None and element.get("default_to_current_conversation"):
        value = [conversation_id] if _holds_several(kind) else conversation_id
    entry = {"type": kind, key: value}
    if kind == "timepicker" and "timezone" in element:
        entry["timezone"] = element["timezone"]
    return entry


def initial_values(blocks: Iterable[JSON], kept: Values | None = None, conversation_id: str | None = None) -> Values:
    """The state of freshly drawn blocks.

    What people had entered in `kept` stays while block_id, action_id and element type stay, as in Slack;
    a choice that is no longer offered does not.
    """
    values: Values = {}
    for block in blocks:
        for element, _ in elements_of(block):
            if element["type"] not in STATEFUL:
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            entry = (kept or {}).get(block_id, {}).get(action_id)
            if entry is None or entry["type"] != element["type"] or not _still_offered(element, entry):
                entry = initial_entry(element, conversation_id)
            values.setdefault(block_id, {})[action_id] = entry
    return values


def _still_offered(element: JSON, entry: JSON) -> bool:
    if element["type"] not in {"static_select", "multi_static_select", "radio_buttons", "checkboxes"}:
        return True
    offered = {option["value"] for option in options_of(element)}
    return all(option["value"] in offered for option in chosen_options(entry))


def chosen_options(entry: JSON) -> list[JSON]:
    """The options that an entry holds, of selects and buttons alike; none where it holds something else."""
    if entry.get("selected_option"):
        return [entry["selected_option"]]
    return list(entry.get("selected_options") or [])


def entry_of(element: JSON, value: JSON, offered: Iterable[JSON] = ()) -> JSON:
    """The entry for what a person did with a stateful element. `value` is the page's part of the action;
    `offered` are the options that the app suggested or preset, for external selects.

    Options are taken from what was offered, never from the page. Raises ValueError where the client of Slack
    could not have produced it.
    """
    kind = element["type"]
    key = value_key(kind)
    if set(value) - {"type"} != {key}:
        raise ValueError(f"{kind} takes exactly `{key}`")
    given = value[key]
    if key in {"selected_option", "selected_options"}:
        given = _take_options(element, given, [*options_of(element), *offered])
    elif _holds_several(kind):
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            raise ValueError(f"`{key}` is a list of ids")
    elif kind == "datetimepicker":
        if given is not None and not isinstance(given, int):
            raise ValueError(f"`{key}` is a number of seconds")
    elif given is not None and not isinstance(given, str):
        raise ValueError(f"`{key}` is text")
    for picker, rule in (("datepicker", iso_date), ("timepicker", clock_time)):
        if kind == picker and given is not None and any(rule(given, "")):
            raise ValueError(f"`{key}` has the wrong format")
    most = element.get("max_selected_items")
    if most is not None and len(given) > most:
        raise ValueError(f"You can choose up to {most}.")
    entry = {"type": kind, key: (given or None) if kind in TYPING else given}
    if kind == "timepicker" and "timezone" in element:
        entry["timezone"] = element["timezone"]
    return entry


def _take_options(element: JSON, given: Any, offered: list[JSON]) -> Any:
    by_value = {option["value"]: option for option in offered}
    wanted = given if isinstance(given, list) else [given] if given is not None else []
    if isinstance(given, list) != _holds_several(element["type"]):
        raise ValueError("One option, or a list of them, as the element wants")
    try:
        taken = [by_value[option["value"]] for option in wanted]
    except (KeyError, TypeError) as error:
        raise ValueError("That option is not offered") from error
    return taken if isinstance(given, list) else (taken[0] if taken else None)


def is_empty(entry: JSON) -> bool:
    value = entry[value_key(entry["type"])]
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def complaints(blocks: Iterable[JSON], values: Values) -> dict[str, str]:
    """By block_id, what Slack's client says before it submits anything; empty: the form may go."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            entry = values[block["block_id"]][element["action_id"]]
            if is_empty(entry):
                complaint = None if block.get("optional") else _REQUIRED
            else:
                complaint = _complaint(element, entry)
            if complaint is not None:
                found[block["block_id"]] = complaint
    return found


def _complaint(element: JSON, entry: JSON) -> str | None:
    kind, text = element["type"], entry[value_key(element["type"])]
    if kind == "email_text_input" and not _EMAIL.fullmatch(text):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not _URL.fullmatch(text):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_complaint(element, text)
    if kind == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if len(text) < least:
            return f"Please enter at least {least} characters."
        if len(text) > most:
            return f"Please enter at most {most} characters."
    return None


def _number_complaint(element: JSON, text: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(pattern, text):
        return "Please enter a valid number."
    if "min_value" in element and float(text) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and float(text) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
