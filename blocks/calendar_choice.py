"""The field *Calendar* of the last step: where the event is created."""

from __future__ import annotations

from slack_sdk.models.blocks import InputBlock

from blocks import inputs
from blocks.elements import OPTIONS_LIMIT, option
from bot.domain import fields as f
from bot.domain.calendar_choice import DEFAULT, CalendarChoice, CalendarOffer
from bot.domain.invitation import Draft


def calendar_field(draft: Draft, choice: CalendarChoice) -> InputBlock:
    """The default first, then the inviter's calendars; one that is not offered any more has become the default."""
    default = option(f"Default: {choice.default_holder}", DEFAULT)
    options = [default, *(option(_label(each), each.value) for each in choice.offers[: OPTIONS_LIMIT - 1])]
    values = {each.value for each in options}
    chosen = draft.fields.get(f.CALENDAR)
    present = {f.CALENDAR: chosen if chosen in values else DEFAULT}
    return inputs.field(
        inputs.select(f.CALENDAR, present, options),
        "Calendar",
        optional=True,
        hint=_hint(choice),
        generation=draft.generation,
    )


def _label(offer: CalendarOffer) -> str:
    return offer.account if offer.name == offer.account else f"{offer.name} · {offer.account}"


def _hint(choice: CalendarChoice) -> str:
    hint = "The meeting is created there."
    if choice.unread:
        accounts = " and ".join(choice.unread)
        return f"{hint} The calendars of {accounts} could not be read just now; go back and come again to see them."
    return hint
