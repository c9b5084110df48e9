"""A view's state as typed values by field name, and field errors as Slack wants them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from blocks import ids
from bot.domain import fields as f
from bot.errors import FormError

_FIELDS = frozenset(name for names in f.STEP_FIELDS.values() for name in names)


def values(view: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the view shows, as `bot.domain.fields` describes them."""
    return {
        name: _value(state) for actions in _state(view).values() for name, state in actions.items() if name in _FIELDS
    }


def all_values(view: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that the view shows, by the elements' names."""
    return {name: _value(state) for actions in _state(view).values() for name, state in actions.items()}


def only_value(view: Mapping[str, Any]) -> tuple[str, Any]:
    """The name and the value of the only field of a view."""
    [(name, state)] = [pair for actions in _state(view).values() for pair in actions.items()]
    return name, _value(state)


@contextmanager
def fields_named(names: Mapping[str, str]) -> Iterator[None]:
    """Say errors at this view's fields: `names` are a service's, with ours."""
    try:
        yield
    except FormError as error:
        raise FormError({names.get(name, name): sentence for name, sentence in error.fields.items()}) from error


def acted_at(body: Mapping[str, Any]) -> float:
    """When the action of a `block_actions` payload was done, in seconds since 1970 on Slack's clock."""
    return float(body["actions"][0].get("action_ts") or 0)


def error_blocks(view: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """Sentences by block id. What belongs to no field of this view is said at its first one."""
    blocks = {ids.field_of(block): block for block in _state(view)}
    first = next(iter(blocks.values()), None)
    placed: dict[str, str] = {}
    for name, sentence in errors.items():
        block = blocks.get(name, first)
        if block is not None:
            placed[block] = f"{placed[block]} {sentence}" if block in placed else sentence
    return placed


def _state(view: Mapping[str, Any]) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    state: Mapping[str, Any] = view.get("state") or {}
    found: Mapping[str, Mapping[str, Mapping[str, Any]]] = state.get("values") or {}
    return found


def _value(state: Mapping[str, Any]) -> Any:
    """docs.slack.dev/reference/views/view-state: one key a kind of element."""
    match state["type"]:
        case "static_select" | "external_select" | "radio_buttons":
            return (state.get("selected_option") or {}).get("value")
        case "multi_static_select" | "multi_external_select":
            return [option["value"] for option in state.get("selected_options") or ()]
        case "checkboxes":  # every checkbox of the wizard is a switch
            return bool(state.get("selected_options"))
        case "multi_users_select":
            return list(state.get("selected_users") or ())
        case "conversations_select":
            return state.get("selected_conversation")
        case "datepicker":
            return state.get("selected_date")
        case "timepicker":
            return state.get("selected_time")
        case _:
            return state.get("value") or ""
