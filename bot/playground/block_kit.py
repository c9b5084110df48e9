"""The grammar of blocks, messages and views, and the rules that span a whole of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    AlertBlock,
    ContextBlock,
    HeaderBlock,
    ImageBlock,
    InputBlock,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.playground.elements import (
    CHOICES,
    ELEMENTS,
    IMAGE_KEYS,
    MULTI_SELECTS,
    NAME,
    NAME_MOST,
    PICKERS,
    SINGLE_SELECTS,
    STATEFUL,
    TYPING,
    plain,
    rich,
)
from bot.playground.grammar import Rule, anything, boolean, fault, listing, one_of, shape, string, typed

JSON = dict[str, Any]

VIEW_BYTES_MOST = 250_000
_VIEW_BLOCKS_MOST = 100
_MESSAGE_BLOCKS_MOST = 50
_TITLE_MOST = 24
_FIELD_MOST = 2000

_ACCESSORIES = frozenset({"button", "overflow", "image", "datepicker", "timepicker"}) | SINGLE_SELECTS | MULTI_SELECTS
_ACTIONS = frozenset({"button", "overflow"}) | SINGLE_SELECTS | PICKERS | CHOICES


def _block(required: Mapping[str, Rule] | None = None, **optional: Rule) -> Rule:
    return shape({"type": anything, **(required or {})}, {"block_id": NAME, **optional})


def _section(value: Any, at: str) -> Iterator[str]:
    yield from _block(
        text=rich(SectionBlock.text_max_length),
        fields=listing(rich(_FIELD_MOST), SectionBlock.fields_max_length),
        accessory=typed(ELEMENTS, _ACCESSORIES | CHOICES),
        expand=boolean,
    )(value, at)
    if "text" not in value and "fields" not in value:
        yield fault("missing required field: text", at)


_RICH_PARTS = one_of("rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote")


def _rich_part(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield fault("must provide an object", at)
        return
    yield from _RICH_PARTS(value.get("type"), f"{at}/type")
    if not isinstance(value.get("elements"), list):
        yield fault("missing required field: elements", at)


BLOCKS: Mapping[str, Rule] = {
    "section": _section,
    "header": _block({"text": plain(HeaderBlock.text_max_length)}),
    "divider": _block(),
    "context": _block(
        {
            "elements": listing(
                typed({"image": ELEMENTS["image"], "plain_text": rich(3000), "mrkdwn": rich(3000)}),
                ContextBlock.elements_max_length,
            )
        }
    ),
    "actions": _block({"elements": listing(typed(ELEMENTS, _ACTIONS), ActionsBlock.elements_max_length)}),
    "input": _block(
        {"label": plain(InputBlock.label_max_length), "element": typed(ELEMENTS, STATEFUL)},
        hint=plain(InputBlock.hint_max_length),
        optional=boolean,
        dispatch_action=boolean,
    ),
    "image": _block(IMAGE_KEYS, title=plain(ImageBlock.title_max_length)),
    "rich_text": _block({"elements": listing(_rich_part, 100)}),
    "alert": _block({"text": rich(3000)}, level=one_of(*sorted(AlertBlock.valid_levels))),
}
_EVERYWHERE = frozenset(BLOCKS) - {"alert"}


def _blocks(most: int, allowed: frozenset[str]) -> Rule:
    return listing(typed(BLOCKS, allowed), most, least=0)


_VIEW_KEYS: Mapping[str, Rule] = {
    "private_metadata": string(View.private_metadata_max_length, least=0),
    "callback_id": string(NAME_MOST, least=0),
    "external_id": string(NAME_MOST, least=0),
}
_MODAL = shape(
    {
        "type": anything,
        "title": plain(_TITLE_MOST),
        "blocks": _blocks(_VIEW_BLOCKS_MOST, frozenset(BLOCKS)),
    },
    {
        "submit": plain(_TITLE_MOST),
        "close": plain(_TITLE_MOST),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
        **_VIEW_KEYS,
    },
)
_HOME = shape({"type": anything, "blocks": _blocks(_VIEW_BLOCKS_MOST, _EVERYWHERE)}, _VIEW_KEYS)
_MESSAGE = _blocks(_MESSAGE_BLOCKS_MOST, _EVERYWHERE)


def faults_of_view(view: Any, kind: str) -> list[str]:
    """What is wrong with a `modal` or `home` view as Slack would list it; empty: nothing."""
    shapes = {"modal": _MODAL, "home": _HOME}
    found = list(typed(shapes, {kind})(view, "/view"))
    if found:
        return found
    if kind == "modal" and "submit" not in view and any(b["type"] == "input" for b in view["blocks"]):
        found.append(fault("missing required field: submit", "/view"))
    return found + list(_across(view["blocks"], "/view/blocks", one_focus=kind == "modal"))


def faults_of_message(blocks: Any) -> list[str]:
    found = list(_MESSAGE(blocks, "/blocks"))
    return found or list(_across(blocks, "/blocks", one_focus=False))


def size_of(view: Any) -> int:
    """Bytes of a view's JSON."""
    return len(json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())


def elements_of(block: JSON) -> Iterator[tuple[JSON, str]]:
    """Each interactive element of a block with its pointer inside the block."""
    if block["type"] == "section" and "accessory" in block:
        yield block["accessory"], "/accessory"
    elif block["type"] == "actions":
        for index, element in enumerate(block["elements"]):
            yield element, f"/elements/{index}"
    elif block["type"] == "input":
        yield block["element"], "/element"


def options_of(element: JSON) -> list[JSON]:
    """All options of an element, those of its groups too."""
    grouped = (option for group in element.get("option_groups", ()) for option in group["options"])
    return [*element.get("options", ()), *grouped]


def _across(blocks: list[JSON], at: str, *, one_focus: bool) -> Iterator[str]:
    yield from _repeated((b.get("block_id") for b in blocks), "block_id", at)
    focused = 0
    for index, block in enumerate(blocks):
        # Slack wants them distinct within a block only: a list of cards may repeat its buttons.
        yield from _repeated((e.get("action_id") for e, _ in elements_of(block)), "action_id", f"{at}/{index}")
        for element, where in elements_of(block):
            focused += bool(element.get("focus_on_load"))
            yield from _choice(element, f"{at}/{index}{where}")
    if one_focus and focused > 1:
        yield fault("only one element may have focus_on_load", at)


def _repeated(names: Any, what: str, at: str) -> Iterator[str]:
    for name, times in Counter(name for name in names if name is not None).items():
        if times > 1:
            yield fault(f"{what}: `{name}` already exists", at)


def _choice(element: JSON, at: str) -> Iterator[str]:
    """Initial options are among the options, option values distinct, lengths and bounds in order."""
    offered = {(option["value"], option["text"]["text"]) for option in options_of(element)}
    yield from _repeated((option["value"] for option in options_of(element)), "option value", f"{at}/options")
    if element["type"] in {"static_select", "multi_static_select", "checkboxes", "radio_buttons"}:
        initial = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
        if not {(option["value"], option["text"]["text"]) for option in initial} <= offered:
            yield fault("initial options must be among the options", at)
    most = element.get("max_selected_items")
    for key in ("initial_options", "initial_users", "initial_conversations", "initial_channels"):
        if most is not None and len(element.get(key, ())) > most:
            yield fault(f"no more than {most} items allowed", f"{at}/{key}")
    if element["type"] in TYPING:
        yield from _typing(element, at)


def _typing(element: JSON, at: str) -> Iterator[str]:
    least, most = element.get("min_length"), element.get("max_length")
    if least is not None and most is not None and least > most:
        yield fault("min_length must not be greater than max_length", at)
    initial = element.get("initial_value")
    if initial is not None and most is not None and len(initial) > most:
        yield fault(f"must be less than {most + 1} characters", f"{at}/initial_value")
    if element["type"] == "number_input" and initial is not None:
        low, high = float(element.get("min_value", "-inf")), float(element.get("max_value", "inf"))
        if not low <= float(initial) <= high:
            yield fault("initial_value must be between min_value and max_value", f"{at}/initial_value")
        if not element["is_decimal_allowed"] and "." in initial:
            yield fault("initial_value must be a whole number", f"{at}/initial_value")
