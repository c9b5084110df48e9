"""Step 1: what the meeting is and who takes part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.domain import fields as f
from bot.domain import seating
from bot.domain.ids import UserId
from bot.domain.invitation import Conferencing, ConferencingKind, Details
from bot.domain.typed import line, lines
from bot.domain.wizard.typed_values import duration_of, refuse

MAX_SUBJECT = 200
MAX_TEXT = 3000


def details(fields: Mapping[str, Any]) -> Details:
    """Step 1. The seats of pools have no candidates yet: who is in line is for `bot.services.seating` to say."""
    errors: dict[str, str] = {}
    subject = line(fields.get(f.SUBJECT))
    if not subject:
        errors[f.SUBJECT] = "Give the meeting a subject. The customer sees it."
    elif len(subject) > MAX_SUBJECT:
        errors[f.SUBJECT] = f"Subjects can have up to {MAX_SUBJECT} characters."
    duration = duration_of(fields.get(f.DURATION))
    if duration is None:
        errors[f.DURATION] = "Durations are multiples of 5 minutes, up to 8 hours."
    seats = seating.seats(fields, errors)
    description = lines(fields.get(f.DESCRIPTION))
    if len(description) > MAX_TEXT:
        errors[f.DESCRIPTION] = f"Descriptions can have up to {MAX_TEXT:,} characters."
    location = line(fields.get(f.LOCATION))
    if len(location) > MAX_SUBJECT:
        errors[f.LOCATION] = f"Locations can have up to {MAX_SUBJECT} characters."
    conferencing = _conferencing(fields, errors)
    refuse(errors)
    assert duration is not None
    return Details(
        subject=subject,
        duration=duration,
        seats=seats,
        optional_members=tuple(UserId(user) for user in seating.chosen(fields, f.OPTIONAL_MEMBERS)),
        description=description,
        conferencing=conferencing,
        location=location,
    )


def _conferencing(fields: Mapping[str, Any], errors: dict[str, str]) -> Conferencing:
    kind = ConferencingKind(fields.get(f.CONFERENCING) or ConferencingKind.NONE)
    detail = line(fields.get(f.CONFERENCING_DETAIL))
    if kind is ConferencingKind.LINK and not _is_web_address(detail):
        errors[f.CONFERENCING_DETAIL] = "Paste the meeting link; it starts with https://"
    if kind is ConferencingKind.PHONE and not any(character.isdigit() for character in detail):
        errors[f.CONFERENCING_DETAIL] = "Type the number to call, or who calls whom at which number."
    if len(detail) > 500:
        errors[f.CONFERENCING_DETAIL] = "This can have up to 500 characters."
    if kind not in (ConferencingKind.LINK, ConferencingKind.PHONE):
        detail = ""
    return Conferencing(kind, detail)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
