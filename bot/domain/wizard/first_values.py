"""What the fields hold before anybody has typed; the defaults of product.md section 4."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import fields as f
from bot.domain.calendar_choice import DEFAULT as DEFAULT_CALENDAR
from bot.domain.invitation import ConferencingKind, DeliveryMethod
from bot.domain.languages import language_of
from bot.domain.people import Person
from bot.domain.timeframe import WORKDAYS

DEFAULT_SPAN = timedelta(days=14)


def defaults(person: Person, now: datetime) -> dict[str, Any]:
    """Every field of the wizard for this inviter, as if nothing had been typed yet."""
    today = now.astimezone(ZoneInfo(person.time_zone)).date()
    return {
        f.PARTICIPANT_NAME: "",
        f.EMAIL: "",
        f.COMPANY: "",
        f.CUSTOMER_ZONE: None,
        f.SUBJECT: "",
        f.DURATION: "30",
        f.MEMBERS: [str(person.user_id)],
        f.OPTIONAL_MEMBERS: [],
        f.ROOMS: [],
        f.ALTERNATIVES: {},
        f.CHOSEN: {},
        f.TURNS: {},
        f.DESCRIPTION: "",
        f.CONFERENCING: ConferencingKind.NONE.value,
        f.CONFERENCING_DETAIL: "",
        f.LOCATION: "",
        f.START_DATE: today.isoformat(),
        f.END_DATE: (today + DEFAULT_SPAN).isoformat(),
        f.DAYS: [str(int(day)) for day in sorted(WORKDAYS)],
        f.FROM: "09:00",
        f.TO: "17:00",
        **dict.fromkeys([boundary for boundaries in f.RANGES[1:] for boundary in boundaries]),
        f.TIME_ZONE: person.time_zone,
        f.SPACING: "30",
        f.NOTICE: "60",
        f.BUFFER_BEFORE: "0",
        f.BUFFER_AFTER: "0",
        f.WORKING_HOURS: True,
        f.EMAIL_SUBJECT: "",
        f.MESSAGE: "Please pick a time that suits you. I look forward to talking with you.",
        f.PROMOTE: True,
        f.PROMOTED: [],
        f.DELIVERY: DeliveryMethod.EMAIL.value,
        f.LANGUAGE: language_of(person.locale),
        f.INCLUDE_CUSTOMER: True,
        f.CALENDAR: DEFAULT_CALENDAR,
        f.CHANNEL: None,
    }
