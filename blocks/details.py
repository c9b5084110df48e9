"""Step 1 of 3: what the meeting is about and who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

from slack_sdk.models.blocks import Option, OptionGroup

from blocks import ids, inputs, team
from blocks.elements import minutes, option
from blocks.views import View
from blocks.wizard import alerts, step_header, step_view
from bot.domain import fields as f
from bot.domain.invitation import ConferencingKind, Draft
from bot.domain.seating import Roster

_COMMON_MIN = (15, 20, 30, 45, 60, 90, 120)
_ALL_MIN = tuple(range(5, 8 * 60 + 1, 5))
_CONFERENCING = {
    ConferencingKind.MEET: "Google Meet",
    ConferencingKind.TEAMS: "Microsoft Teams",
    ConferencingKind.ZOOM: "Zoom",
    ConferencingKind.NONE: "None",
    ConferencingKind.LINK: "A link of your own",
    ConferencingKind.PHONE: "Phone",
    ConferencingKind.IN_PERSON: "In person",
}
_WITHOUT_ACCOUNT = (
    ConferencingKind.NONE,
    ConferencingKind.LINK,
    ConferencingKind.PHONE,
    ConferencingKind.IN_PERSON,
)


def details_view(
    draft: Draft,
    *,
    warnings: Sequence[str] = (),
    roster: Roster | None = None,
    conferencing: Sequence[ConferencingKind] = _WITHOUT_ACCOUNT,
) -> View:
    """`roster` names who and what is chosen; `conferencing` is what is connected or needs no account."""
    roster = roster or Roster()
    fields = draft.fields
    common, others = _durations()
    groups = [OptionGroup(label="Common", options=common), OptionGroup(label="All others", options=others)]
    blocks = [
        step_header(1, "Set your meeting details"),
        *alerts(warnings),
        inputs.field(inputs.text(f.SUBJECT, fields, placeholder="Roadmap review"), "Subject"),
        inputs.field(inputs.select(f.DURATION, fields, [*common, *others], groups=groups), "Duration"),
        *team.member_blocks(draft, roster),
        inputs.field(
            inputs.text(f.DESCRIPTION, fields, multiline=True),
            "Description",
            optional=True,
            hint="Everyone in the event reads this, the customer too.",
        ),
        inputs.field(inputs.radio(f.CONFERENCING, fields, _ways_to_meet(fields, conferencing)), "Conferencing"),
        inputs.field(
            inputs.text(f.CONFERENCING_DETAIL, fields),
            "Link or phone number",
            optional=True,
            hint="For a link: its address. For a phone call: the number, or who calls whom.",
        ),
        inputs.field(inputs.text(f.LOCATION, fields), "Location", optional=True),
        *team.room_blocks(draft, roster),
    ]
    return step_view(ids.DETAILS_VIEW, draft, blocks, submit="Next")


def _ways_to_meet(fields: inputs.Fields, offered: Sequence[ConferencingKind]) -> list[Option]:
    """What is offered, and what was chosen before, lest it turn into something else unseen."""
    chosen = fields.get(f.CONFERENCING)
    return [option(name, kind) for kind, name in _CONFERENCING.items() if kind in offered or kind == chosen]


@lru_cache(maxsize=1)
def _durations() -> tuple[list[Option], list[Option]]:
    """The common ones, and all other multiples of 5 minutes up to 8 hours."""
    options = {length: option(minutes(timedelta(minutes=length)), str(length)) for length in _ALL_MIN}
    return [options[m] for m in _COMMON_MIN], [options[m] for m in _ALL_MIN if m not in _COMMON_MIN]
