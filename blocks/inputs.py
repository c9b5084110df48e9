"""Form fields: one builder for each kind of input, filled from the draft's fields.

The `action_id` is the field's name, so that `bot.listeners.forms` reads back what is drawn here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    CheckboxesElement,
    ConversationFilter,
    ConversationSelectElement,
    DatePickerElement,
    EmailInputElement,
    ExternalDataMultiSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    OptionGroup,
    PlainTextInputElement,
    RadioButtonsElement,
    StaticMultiSelectElement,
    StaticSelectElement,
    TimePickerElement,
    UserMultiSelectElement,
)

from blocks import ids
from blocks.elements import PLAIN_TEXT_INPUT_LIMIT, chosen, cut, option, plain

ON = "on"
"""The one option of a checkbox that is a switch."""

Fields = Mapping[str, Any]


def field(
    element: InputInteractiveElement,
    label: str,
    *,
    optional: bool = False,
    hint: str | None = None,
    dispatch: bool = False,
    generation: int | None = None,
) -> InputBlock:
    """The input block around an element. `dispatch`: every change is told at once."""
    assert element.action_id, "a field's element carries the field's name"
    return InputBlock(
        block_id=ids.block_id(element.action_id, generation),
        label=plain(label, 2000),
        element=element,
        hint=plain(hint, 2000) if hint else None,
        optional=optional,
        dispatch_action=dispatch,
    )


def text(
    name: str, fields: Fields, *, multiline: bool = False, placeholder: str | None = None
) -> PlainTextInputElement:
    return PlainTextInputElement(
        action_id=name,
        initial_value=_typed(name, fields),
        multiline=multiline,
        placeholder=plain(placeholder, 150) if placeholder else None,
    )


def email(name: str, fields: Fields, *, is_valid: bool) -> InputInteractiveElement:
    """Slack's own email field; it may refuse to begin with what is no address, so that gets a plain one."""
    if not is_valid:
        return text(name, fields)
    return EmailInputElement(action_id=name, initial_value=_typed(name, fields))


def select(
    name: str,
    fields: Fields,
    options: Sequence[Option],
    *,
    groups: Sequence[OptionGroup] | None = None,
) -> StaticSelectElement:
    """One of `options`, or, shown in groups, of `groups` (which then hold the same options)."""
    return StaticSelectElement(
        action_id=name,
        options=None if groups else options,
        option_groups=groups,
        initial_option=chosen(options, fields.get(name)),
    )


def multi_select(name: str, fields: Fields, options: Sequence[Option]) -> StaticMultiSelectElement:
    values = fields.get(name) or ()
    return StaticMultiSelectElement(
        action_id=name,
        options=options,
        initial_options=[candidate for candidate in options if candidate.value in values] or None,
    )


def search(name: str, initial: Option | None, placeholder: str) -> ExternalDataSelectElement:
    """One of many, found by typing; `bot.listeners.options` answers."""
    return ExternalDataSelectElement(
        action_id=name, initial_option=initial, min_query_length=0, placeholder=plain(placeholder, 150)
    )


def multi_search(
    name: str, initial: Sequence[Option], placeholder: str, *, at_most: int
) -> ExternalDataMultiSelectElement:
    return ExternalDataMultiSelectElement(
        action_id=name,
        initial_options=list(initial[:at_most]) or None,
        min_query_length=0,
        max_selected_items=at_most,
        placeholder=plain(placeholder, 150),
    )


def people(name: str, fields: Fields, placeholder: str) -> UserMultiSelectElement:
    return UserMultiSelectElement(
        action_id=name,
        initial_users=list(fields.get(name) or ()) or None,
        placeholder=plain(placeholder, 150),
    )


def channel(name: str, fields: Fields, placeholder: str) -> ConversationSelectElement:
    """A public or private channel of this workspace."""
    return ConversationSelectElement(
        action_id=name,
        initial_conversation=fields.get(name) or None,
        placeholder=plain(placeholder, 150),
        filter=ConversationFilter(
            include=["public", "private"], exclude_bot_users=True, exclude_external_shared_channels=True
        ),
    )


def date_picker(name: str, fields: Fields) -> DatePickerElement:
    return DatePickerElement(action_id=name, initial_date=fields.get(name) or None)


def time_picker(name: str, fields: Fields) -> TimePickerElement:
    return TimePickerElement(action_id=name, initial_time=fields.get(name) or None)


def switch(name: str, fields: Fields, words: str) -> CheckboxesElement:
    """A single checkbox. Its input block is optional, or it could not be left empty."""
    on = option(words, ON)
    return CheckboxesElement(action_id=name, options=[on], initial_options=[on] if fields.get(name) else None)


def radio(name: str, fields: Fields, options: Sequence[Option]) -> RadioButtonsElement:
    return RadioButtonsElement(action_id=name, options=options, initial_option=chosen(options, fields.get(name)))


def _typed(name: str, fields: Fields) -> str | None:
    return cut(str(fields.get(name) or ""), PLAIN_TEXT_INPUT_LIMIT) or None
