"""Step 3: the email, and what goes with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain import fields as f
from bot.domain.ids import ChannelId
from bot.domain.invitation import DeliveryMethod, Details, Draft, Letter
from bot.domain.languages import language_of
from bot.domain.people import Person
from bot.domain.typed import line, lines
from bot.domain.wizard.meeting_details import MAX_SUBJECT, MAX_TEXT
from bot.domain.wizard.typed_values import instant_text, instants, refuse

MAX_PROMOTED = 10


def letter(fields: Mapping[str, Any]) -> Letter:
    errors: dict[str, str] = {}
    subject = line(fields.get(f.EMAIL_SUBJECT))
    if not subject:
        errors[f.EMAIL_SUBJECT] = "Give the email a subject."
    elif len(subject) > MAX_SUBJECT:
        errors[f.EMAIL_SUBJECT] = f"Subjects can have up to {MAX_SUBJECT} characters."
    message = lines(fields.get(f.MESSAGE))
    if len(message) > MAX_TEXT:
        errors[f.MESSAGE] = f"Messages can have up to {MAX_TEXT:,} characters."
    promote = bool(fields.get(f.PROMOTE))
    promoted = instants(fields.get(f.PROMOTED) or ()) if promote else ()
    if promote and not promoted:
        errors[f.PROMOTED] = "Choose at least one time to promote, or switch promotion off."
    elif len(promoted) > MAX_PROMOTED:
        errors[f.PROMOTED] = f"Up to {MAX_PROMOTED} times can be promoted."
    refuse(errors)
    channel = fields.get(f.CHANNEL)
    return Letter(
        subject=subject,
        message=message,
        promote=promote,
        promoted=promoted,
        delivery=DeliveryMethod(fields.get(f.DELIVERY) or DeliveryMethod.EMAIL),
        channel_id=ChannelId(channel) if channel else None,
        language=language_of(fields.get(f.LANGUAGE)),
        include_customer=fields.get(f.INCLUDE_CUSTOMER) is not False,
    )


def email_subject(details_: Details, inviter: Person) -> str:
    """The subject proposed for the email."""
    return f"{details_.subject}: pick a time with {inviter.name}"[:MAX_SUBJECT]


def with_proposals(draft: Draft, details_: Details, inviter: Person, proposed: Sequence[datetime]) -> dict[str, Any]:
    """Step 3's fields on coming from step 2: what the person wrote stays, what the app proposed is renewed."""
    fields = dict(draft.fields)
    memory = dict(fields.get("proposed") or {})
    fresh = {
        f.EMAIL_SUBJECT: email_subject(details_, inviter),
        f.PROMOTED: [instant_text(start) for start in proposed],
    }
    for name, value in fresh.items():
        if not fields.get(name) or fields[name] == memory.get(name):
            fields[name] = value
    fields["proposed"] = fresh
    return fields
