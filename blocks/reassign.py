"""*Reassign*: whose place in a Meeting, and who comes instead, or which Room is taken."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    InputBlock,
    Option,
    RadioButtonsElement,
    StaticSelectElement,
)

from blocks import elements as el
from blocks import facts, ids, inputs
from blocks.views import View
from blocks.wizard import working_view
from bot.domain.ids import is_room
from bot.domain.people import Person
from bot.domain.reassignment import Replacement
from bot.domain.substitutes import Substitute

TITLE = "Reassign"
MOST_PROPOSED = 8
"""Slack's radio buttons are at most ten."""
_HINDERED_SHOWN = 5


def reassign_view(replacement: Replacement, reader: Person) -> View:
    """Everything to choose from."""
    out = is_room(replacement.out)
    free = [one for one in replacement.substitutes if one.is_free][:MOST_PROPOSED]
    field = ids.REASSIGN_ROOM if out else ids.REASSIGN_PERSON
    other = ("another room" if out else "somebody else") if free else ("Another room" if out else "Who comes instead")
    search = inputs.search(field, None, "Type a room’s name" if out else "Type a name")
    blocks: list[Block] = [
        *_head(replacement, reader),
        *_place(replacement),
        *([_proposed(replacement, free)] if free else [el.section(_nobody(replacement))]),
        *_hindered(replacement.substitutes),
        inputs.field(search, f"Or {other}" if free else other, optional=bool(free)),
        *_without(replacement),
    ]
    return _view(replacement, blocks, submit="Reassign")


def looking_view(replacement: Replacement, reader: Person) -> View:
    """While calendars are asked."""
    return _view(replacement, [*_head(replacement, reader), el.context("Looking who is free then…")])


def reassigning_view() -> View:
    return working_view(TITLE, "Reassigning…", "anybody is told")


def about(view_data: str) -> tuple[str, str]:
    """The Meeting, and whose place it is about (or nothing)."""
    meeting_id, _, out = view_data.partition(" ")
    return meeting_id, out


def _view(replacement: Replacement, blocks: Sequence[Block], *, submit: str | None = None) -> View:
    return View(
        type="modal",
        callback_id=ids.REASSIGN_VIEW,
        private_metadata=f"{replacement.item.meeting.id} {replacement.out}",
        title=el.plain(TITLE, el.TITLE_LIMIT),
        submit=el.plain(submit, el.TITLE_LIMIT) if submit else None,
        close=el.plain("Close", el.TITLE_LIMIT),
        blocks=list(blocks),
    )


def _head(replacement: Replacement, reader: Person) -> list[Block]:
    return [el.section(f"{facts.title(replacement.item.invitation)}\n{facts.when(replacement.item, reader)}")]


def _place(replacement: Replacement) -> list[Block]:
    """Whose place it is; a choice where there are several."""
    if len(replacement.places) == 1:
        return [el.section(f"In place of {el.bold(replacement.out_name)}")]
    options = [el.option(name, resource_id) for resource_id, name in replacement.places]
    element = StaticSelectElement(
        action_id=ids.REASSIGN_OUT, options=options, initial_option=el.chosen(options, replacement.out)
    )
    return [
        InputBlock(
            block_id=f"{ids.REASSIGN_OUT}:{replacement.out}",
            label=el.plain("In place of", 100),
            element=element,
            dispatch_action=True,
        )
    ]


def _proposed(replacement: Replacement, free: Sequence[Substitute]) -> InputBlock:
    options = [_option(one) for one in free]
    element = RadioButtonsElement(action_id=ids.REASSIGN_CAME, options=options, initial_option=options[0])
    label = "Room that is taken instead" if is_room(replacement.out) else "Who comes instead"
    return InputBlock(
        block_id=f"{ids.REASSIGN_CAME}:{replacement.out}",
        label=el.plain(label, 100),
        hint=el.plain("Free at that time, as calendars say just now.", 100),
        element=element,
        optional=True,
    )


def _option(one: Substitute) -> Option:
    return Option(
        text=el.plain(one.name, el.OPTION_LIMIT),
        value=one.resource_id,
        description=el.plain(one.note, el.OPTION_LIMIT) if one.note else None,
    )


def _nobody(replacement: Replacement) -> str:
    """Nobody to propose: what to do next."""
    out, is_of_room = el.bold(replacement.out_name), is_room(replacement.out)
    if replacement.substitutes:
        other = "room" if is_of_room else "colleague"
        return f"None of those who come to mind is free then. Name another {other} below, or move the meeting."
    if is_of_room:
        like_it = f"There is no other room that holds as many as {out} and has the same equipment."
        return f"{like_it} Name one below, if it may differ."
    return f"Who could come in place of {out}? Name a colleague below, and we look whether they are free then."


def _hindered(substitutes: Sequence[Substitute]) -> list[Block]:
    """Who was thought of too, and what is in the way."""
    hindered = [one for one in substitutes if not one.is_free]
    lines = [f"{el.name(one.name)} {one.obstacle}" for one in hindered[:_HINDERED_SHOWN]]
    more = len(hindered) - len(lines)
    return [el.context(" · ".join([*lines, *([f"and {more} more"] if more else [])]))] if lines else []


def _without(replacement: Replacement) -> list[Block]:
    if not replacement.may_do_without:
        return []
    value = f"{replacement.item.meeting.id} {replacement.out}"
    return [ActionsBlock(block_id="without", elements=[without_button(value, replacement.out_name)])]


def without_button(value: str, name: str) -> ButtonElement:
    shown = el.cut(name, 40)
    question = el.confirmation(
        f"Keep the meeting without {shown}?",
        "The time is free again for them, and everybody concerned is told.",
        "Keep without",
        deny="Go back",
    )
    return el.button(f"Keep without {shown}", ids.DO_WITHOUT, value=value, confirm=question)
