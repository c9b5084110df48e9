"""From what a person typed in the wizard to values: one function a step, each raising FormError.

Fields are those of `bot.domain.fields`. Defaults are those of product.md section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.wizard.first_values import DEFAULT_SPAN, defaults
from bot.domain.wizard.letters import MAX_PROMOTED, email_subject, letter, with_proposals
from bot.domain.wizard.meeting_details import MAX_SUBJECT, MAX_TEXT, details
from bot.domain.wizard.participants import MAX_NAME, participant
from bot.domain.wizard.times import MAX_FRAME, another_range, one_range_less, range_count, rules
from bot.domain.wizard.typed_values import duration_of, instant_text, instants
from bot.errors import FormError

__all__ = [
    "DEFAULT_SPAN",
    "MAX_FRAME",
    "MAX_NAME",
    "MAX_PROMOTED",
    "MAX_SUBJECT",
    "MAX_TEXT",
    "another_range",
    "defaults",
    "details",
    "duration_of",
    "email_subject",
    "instant_text",
    "instants",
    "is_filled_in",
    "letter",
    "one_range_less",
    "participant",
    "range_count",
    "rules",
    "with_proposals",
]


def is_filled_in(fields: Mapping[str, Any], now: datetime) -> bool:
    """Whether the first three views could be left as they are."""
    try:
        participant(fields)
        details(fields)
        rules(fields, now)
    except FormError:
        return False
    return True
