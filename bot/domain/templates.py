"""Templates: everything of the wizard but the Customer, the time frame relative to the day of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.domain import fields as f
from bot.domain.ids import TemplateId, UserId, WorkspaceId
from bot.domain.wizard import DEFAULT_SPAN, MAX_FRAME

_PROPOSED = "proposed"
"""What the app itself has proposed, by field; beside the fields in `Draft.fields`."""
_OF_THE_DAY = {f.START_DATE, f.END_DATE, f.PROMOTED, f.TURNS, f.ACTED_AT, _PROPOSED}


@dataclass(frozen=True, slots=True)
class Template:
    """`fields` are those of `bot.domain.fields` without the participant's and without dates;
    `starts_in_days` and `span_days` place the frame relative to the day of use."""

    id: TemplateId
    workspace_id: WorkspaceId
    owner_id: UserId
    name: str
    fields: Mapping[str, Any]
    starts_in_days: int
    span_days: int
    is_shared: bool = False
    """For the whole workspace; else the owner's alone."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What a template keeps of a draft; see `Template`."""

    fields: Mapping[str, Any]
    starts_in_days: int
    span_days: int


def captured(fields: Mapping[str, Any], today: date) -> Captured:
    """A draft's fields as a template keeps them. A frame that began before today begins on the day of use; one that no
    invitation may have is cut, or there would come a day on which the template cannot be used any more.

    Left out are the Customer, dates, and texts that the app had proposed: they are proposed anew.
    """
    start, end = _date(fields.get(f.START_DATE)), _date(fields.get(f.END_DATE))
    first = min(max(start or today, today), today + 2 * MAX_FRAME)
    span = min(end - first, MAX_FRAME) if end and end >= first else DEFAULT_SPAN
    proposed = fields.get(_PROPOSED) or {}
    left_out = {*f.STEP_FIELDS["participant"], *f.OF_ONE_DRAFT, *_OF_THE_DAY}
    kept = {
        name: value
        for name, value in fields.items()
        if name not in left_out and not (name in proposed and proposed[name] == value)
    }
    return Captured(kept, (first - today).days, span.days)


def applied(template: Template, today: date) -> dict[str, Any]:
    """The wizard's fields as the template sets them on that day (the Customer's are not among them)."""
    start = today + timedelta(days=template.starts_in_days)
    end = start + timedelta(days=template.span_days)
    return {
        **template.fields,
        f.START_DATE: start.isoformat(),
        f.END_DATE: end.isoformat(),
        f.PROMOTED: [],
        _PROPOSED: {},
    }


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value or "")
    except (TypeError, ValueError):
        return None
