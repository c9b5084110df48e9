"""Who takes part, in step 1: Team members, Rooms and pools of them, each with alternatives; and the views on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    InputBlock,
    Option,
    OptionGroup,
    OverflowMenuElement,
    SectionBlock,
)

from blocks import ids, inputs
from blocks.elements import OPTIONS_LIMIT, TITLE_LIMIT, bold, button, mrkdwn, name, option, plain, section
from blocks.views import View
from bot.domain import fields as f
from bot.domain.ids import ROOM_PREFIX
from bot.domain.invitation import Draft
from bot.domain.seating import MOST_SEATS, Candidate, Roster, alternatives, chosen, pool_of

ALTERNATIVE = "alternative"
OPTIONAL = "optional"
REMOVE = "remove"
_LISTED = 4
"""How many alternatives are named in a line."""


def member_blocks(draft: Draft, roster: Roster) -> list[Block]:
    """The fields of Team members and, below the first, who is chosen, a line each with a menu."""
    return [
        _field(
            draft,
            f.MEMBERS,
            roster,
            "Team members",
            "Type a name, or that of a pool",
            hint="All of them are needed: only times when everybody is free are offered. It need not include you.",
        ),
        *_lines(draft, f.MEMBERS, roster),
        inputs.field(
            inputs.people(f.OPTIONAL_MEMBERS, draft.fields, "Who may come along"),
            "Optional team members",
            optional=True,
            hint="They are invited, and their calendars restrict nothing.",
            generation=draft.generation,
        ),
    ]


def room_blocks(draft: Draft, roster: Roster) -> list[Block]:
    return [
        _field(
            draft,
            f.ROOMS,
            roster,
            "Rooms",
            "Type a room’s name, or that of a pool",
            optional=True,
            hint="Each is reserved with the booking. Rooms are added in App Home, under Setup.",
        ),
        *_lines(draft, f.ROOMS, roster),
    ]


def alternatives_view(draft: Draft, value: str, roster: Roster) -> View:
    """On top of step 1: who or what may take this place."""
    is_room = value.startswith(ROOM_PREFIX)
    others = [_option(roster, other) for other in alternatives(draft.fields, value)]
    action_id = ids.ALTERNATIVE_ROOMS if is_room else ids.ALTERNATIVE_MEMBERS
    asked = "Type a room’s name" if is_room else "Type a name"
    element = inputs.multi_search(action_id, others, asked, at_most=OPTIONS_LIMIT)
    of_the_group = "One of these rooms is reserved" if is_room else "One of the group is in the meeting"
    return _view_on_top(
        ids.ALTERNATIVES_VIEW,
        draft,
        value,
        "Add alternative",
        section(f"If {bold(roster.name(value))} is not free, who or what may take that place? {of_the_group}."),
        inputs.field(element, "Alternatives", optional=True, hint="Whoever stands first is preferred."),
    )


def change_member_view(draft: Draft, value: str, roster: Roster) -> View:
    """On top of step 1: somebody else of a flexible pool."""
    search = inputs.search(ids.POOL_MEMBER, None, "Type a name")
    hint = "Left empty, whoever is next in line takes part."
    return _view_on_top(
        ids.CHANGE_MEMBER_VIEW,
        draft,
        value,
        "Change Team member",
        section(f"{bold(roster.name(value))} · {name(roster.notes.get(value, ''))}"),
        inputs.field(search, "Team member", optional=True, hint=hint),
    )


def groups_of(people: Sequence[Candidate], pools: Sequence[Candidate], label: str) -> list[OptionGroup]:
    """What was found, at most as much as Slack shows; pools stand first, for they are few."""
    first = [option(each.name, each.value) for each in pools[: OPTIONS_LIMIT // 2]]
    then = [option(each.name, each.value) for each in people[: OPTIONS_LIMIT - len(first)]]
    return [
        OptionGroup(label=heading, options=options) for heading, options in ((label, then), ("Pools", first)) if options
    ]


def _view_on_top(callback_id: str, draft: Draft, value: str, title: str, *blocks: Block) -> View:
    return View(
        type="modal",
        callback_id=callback_id,
        title=plain(title, TITLE_LIMIT),
        submit=plain("Save", TITLE_LIMIT),
        close=plain("Back", TITLE_LIMIT),
        private_metadata=f"{draft.id} {value}",
        blocks=list(blocks),
    )


def _field(
    draft: Draft, field: str, roster: Roster, label: str, asked: str, *, hint: str, optional: bool = False
) -> InputBlock:
    present = [_option(roster, value) for value in chosen(draft.fields, field)]
    element = inputs.multi_search(field, present, asked, at_most=MOST_SEATS)
    return inputs.field(element, label, optional=optional, hint=hint, dispatch=True, generation=draft.generation)


def _option(roster: Roster, value: str) -> Option:
    return option(roster.name(value), value)


def _lines(draft: Draft, field: str, roster: Roster) -> list[Block]:
    blocks: list[Block] = []
    for number, value in enumerate(chosen(draft.fields, field), start=1):
        menu = OverflowMenuElement(action_id=ids.MEMBER_MENU, options=_menu(field, value))
        text = f"{number}. {_words(draft.fields, value, roster)}"
        blocks.append(SectionBlock(block_id=f"chosen:{value}", text=mrkdwn(text), accessory=menu))
        if value in roster.changeable:
            change = button("Change Team member", ids.CHANGE_MEMBER, value=value)
            blocks.append(ActionsBlock(block_id=f"change:{value}", elements=[change]))
    return blocks


def _words(fields: Mapping[str, Any], value: str, roster: Roster) -> str:
    """ "*Dana Fox* or Priya Raman", "*Sales* · next in line: Ana Costa"."""
    others = [name(roster.name(other)) for other in alternatives(fields, value)]
    more = f" or {len(others) - _LISTED} more" if len(others) > _LISTED else ""
    line = " or ".join([bold(roster.name(value)), *others[:_LISTED]]) + more
    note = roster.notes.get(value)
    return f"{line} · {name(note)}" if note else line


def _menu(field: str, value: str) -> list[Option]:
    is_pool = pool_of(value) is not None
    choices = [] if is_pool else [option("Add alternative", f"{ALTERNATIVE}={value}")]
    if field == f.MEMBERS and not is_pool:
        choices.append(option("Optional", f"{OPTIONAL}={value}"))
    return [*choices, option("Remove", f"{REMOVE}={value}")]
