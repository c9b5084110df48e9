"""The grammar of Block Kit's elements and composition objects: keys, lengths, formats.

Limits come from `slack_sdk.models` where it knows them, else from Slack's reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk.models.blocks import (
    ButtonElement,
    ConfirmObject,
    Option,
    OptionGroup,
    OverflowMenuElement,
    StaticSelectElement,
)

from bot.playground.grammar import (
    Rule,
    anything,
    boolean,
    clock_time,
    decimal_text,
    fault,
    iso_date,
    listing,
    one_of,
    shape,
    string,
    typed,
    web_address,
    whole,
)

NAME_MOST = 255
"""Characters of a `block_id`, `action_id` or `callback_id`."""
_TYPED_MOST = 3000
_PLACEHOLDER_MOST = 150
_BUTTON_VALUE_MOST = 2000

NAME = string(NAME_MOST)


def plain(most: int) -> Rule:
    return typed({"plain_text": shape({"type": anything, "text": string(most)}, {"emoji": boolean})})


def rich(most: int) -> Rule:
    """Plain text or mrkdwn."""
    mrkdwn = shape({"type": anything, "text": string(most)}, {"verbatim": boolean})
    return typed({"plain_text": plain(most), "mrkdwn": mrkdwn})


CONFIRM = shape(
    {
        "title": plain(ConfirmObject.title_max_length),
        "text": rich(ConfirmObject.text_max_length),
        "confirm": plain(ConfirmObject.confirm_max_length),
        "deny": plain(ConfirmObject.deny_max_length),
    },
    {"style": one_of("primary", "danger")},
)


def _option(text: Rule, **more: Rule) -> Rule:
    return shape({"text": text, "value": string(Option.value_max_length)}, {"description": plain(75), **more})


OPTION = _option(plain(Option.label_max_length))
_RICH_OPTION = shape(
    {"text": rich(Option.label_max_length), "value": string(Option.value_max_length)},
    {"description": rich(Option.label_max_length)},
)
OPTIONS = listing(OPTION, StaticSelectElement.options_max_length, least=0)
OPTION_GROUPS = listing(
    shape({"label": plain(OptionGroup.label_max_length), "options": listing(OPTION, OptionGroup.options_max_length)}),
    StaticSelectElement.option_groups_max_length,
)
_PLACEHOLDER: Mapping[str, Rule] = {"placeholder": plain(_PLACEHOLDER_MOST)}
_FOCUS: Mapping[str, Rule] = {"focus_on_load": boolean}
_CONFIRM: Mapping[str, Rule] = {"confirm": CONFIRM}
_DISPATCH: Mapping[str, Rule] = {
    "dispatch_action_config": shape(
        {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 2)}
    )
}
_SEVERAL: Mapping[str, Rule] = {"max_selected_items": whole(1, 1000)}
_FILTER = shape(
    {},
    {
        "include": listing(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_CONVERSATIONS: Mapping[str, Rule] = {"filter": _FILTER, "default_to_current_conversation": boolean}
_IDS = listing(NAME, 100)


def _element(required: Mapping[str, Rule], /, **optional: Rule) -> Rule:
    """An interactive element: `action_id` may be left out, Slack then makes one up."""
    return shape({"type": anything, **required}, {"action_id": NAME, **optional})


def _select(**optional: Rule) -> Rule:
    return _element({}, **_PLACEHOLDER, **_FOCUS, **_CONFIRM, **optional)


def _typing(**optional: Rule) -> Rule:
    return _element({}, initial_value=string(_TYPED_MOST, least=0), **_PLACEHOLDER, **_FOCUS, **_DISPATCH, **optional)


def _choices(most: int, option: Rule, **optional: Rule) -> Rule:
    return _element({"options": listing(option, most)}, **_FOCUS, **_CONFIRM, **optional)


def _static(rule: Rule) -> Rule:
    """Either options or groups of them, and at least one."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from rule(value, at)
        if ("options" in value) == ("option_groups" in value):
            yield fault("must provide either options or option_groups", at)
        elif value.get("options") == []:
            yield fault("no fewer than 1 items allowed", f"{at}/options")

    return check


IMAGE_KEYS: Mapping[str, Rule] = {"image_url": web_address, "alt_text": string(2000)}

ELEMENTS: Mapping[str, Rule] = {
    "button": _element(
        {"text": plain(ButtonElement.text_max_length)},
        url=web_address,
        value=string(_BUTTON_VALUE_MOST),
        style=one_of("primary", "danger"),
        accessibility_label=string(75),
        **_CONFIRM,
    ),
    "overflow": _element(
        {
            "options": listing(
                _option(plain(Option.label_max_length), url=web_address), OverflowMenuElement.options_max_length
            )
        },
        **_CONFIRM,
    ),
    "static_select": _static(_select(options=OPTIONS, option_groups=OPTION_GROUPS, initial_option=OPTION)),
    "multi_static_select": _static(
        _select(options=OPTIONS, option_groups=OPTION_GROUPS, initial_options=listing(OPTION, 100), **_SEVERAL)
    ),
    "external_select": _select(initial_option=OPTION, min_query_length=whole(0, 50)),
    "multi_external_select": _select(initial_options=listing(OPTION, 100), min_query_length=whole(0, 50), **_SEVERAL),
    "users_select": _select(initial_user=NAME),
    "multi_users_select": _select(initial_users=_IDS, **_SEVERAL),
    "conversations_select": _select(initial_conversation=NAME, response_url_enabled=boolean, **_CONVERSATIONS),
    "multi_conversations_select": _select(initial_conversations=_IDS, **_SEVERAL, **_CONVERSATIONS),
    "channels_select": _select(initial_channel=NAME, response_url_enabled=boolean),
    "multi_channels_select": _select(initial_channels=_IDS, **_SEVERAL),
    "datepicker": _select(initial_date=iso_date),
    "timepicker": _select(initial_time=clock_time, timezone=string(100)),
    "datetimepicker": _element({}, initial_date_time=whole(10**9, 10**10 - 1), **_FOCUS, **_CONFIRM),
    "checkboxes": _choices(10, _RICH_OPTION, initial_options=listing(_RICH_OPTION, 10)),
    "radio_buttons": _choices(10, _RICH_OPTION, initial_option=_RICH_OPTION),
    "plain_text_input": _typing(multiline=boolean, min_length=whole(0, _TYPED_MOST), max_length=whole(1, _TYPED_MOST)),
    "email_text_input": _typing(),
    "url_text_input": _typing(),
    "number_input": _element(
        {"is_decimal_allowed": boolean},
        initial_value=decimal_text,
        min_value=decimal_text,
        max_value=decimal_text,
        **_PLACEHOLDER,
        **_FOCUS,
        **_DISPATCH,
    ),
    "image": shape({"type": anything, **IMAGE_KEYS}),
}

SINGLE_SELECTS = frozenset(
    {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
)
MULTI_SELECTS = frozenset(f"multi_{kind}" for kind in SINGLE_SELECTS)
TYPING = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"checkboxes", "radio_buttons"})
STATEFUL = SINGLE_SELECTS | MULTI_SELECTS | TYPING | PICKERS | CHOICES
"""Element types that have a place in `state.values`."""
