"""Templates: everything of the wizard but the Customer, the time frame relative to the day of use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.ids import TemplateId, UserId, WorkspaceId


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
