"""The first view: who is invited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain import fields as f
from bot.domain.addresses import is_address
from bot.domain.invitation import Participant
from bot.domain.timeframe import zone_names
from bot.domain.typed import line
from bot.domain.wizard.typed_values import refuse

MAX_NAME = 150


def participant(fields: Mapping[str, Any]) -> Participant:
    errors: dict[str, str] = {}
    name = line(fields.get(f.PARTICIPANT_NAME))
    email = line(fields.get(f.EMAIL))
    company = line(fields.get(f.COMPANY))
    zone = fields.get(f.CUSTOMER_ZONE) or None
    if not name:
        errors[f.PARTICIPANT_NAME] = "Who is it? Type the name as the email should greet it."
    elif len(name) > MAX_NAME:
        errors[f.PARTICIPANT_NAME] = f"Names can have up to {MAX_NAME} characters."
    if not is_address(email):
        errors[f.EMAIL] = "This does not look like an email address, for example anna@acme.com."
    if len(company) > MAX_NAME:
        errors[f.COMPANY] = f"Company names can have up to {MAX_NAME} characters."
    if zone is not None and zone not in zone_names():
        errors[f.CUSTOMER_ZONE] = "Choose a time zone from the list."
    refuse(errors)
    return Participant(name, email, company, zone)
