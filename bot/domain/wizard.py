"""From what a person typed in the wizard to values: one function a step, each raising FormError.

Fields are those of `bot.domain.fields`. Defaults are those of product.md section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.domain import fields as f
from bot.domain import seating
from bot.domain.addresses import is_address
from bot.domain.calendar_choice import DEFAULT as DEFAULT_CALENDAR
from bot.domain.ids import ChannelId, UserId
from bot.domain.invitation import (
    Conferencing,
    ConferencingKind,
    DeliveryMethod,
    Details,
    Draft,
    Letter,
    Participant,
    SlotRules,
)
from bot.domain.people import Person
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange, Weekday, zone_names
from bot.domain.typed import line, lines
from bot.errors import FormError

MAX_NAME = 150
MAX_SUBJECT = 200
MAX_TEXT = 3000
MAX_FRAME = timedelta(days=366)
MAX_PROMOTED = 10
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
        f.INCLUDE_CUSTOMER: True,
        f.CALENDAR: DEFAULT_CALENDAR,
        f.CHANNEL: None,
    }


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
    _raise(errors)
    return Participant(name, email, company, zone)


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
    _raise(errors)
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


def rules(fields: Mapping[str, Any], now: datetime) -> SlotRules:
    errors: dict[str, str] = {}
    start, end = _date(fields.get(f.START_DATE)), _date(fields.get(f.END_DATE))
    zone = fields.get(f.TIME_ZONE) or ""
    if zone not in zone_names():
        errors[f.TIME_ZONE] = "Choose a time zone from the list."
    if start is None:
        errors[f.START_DATE] = "Choose the first day the customer may pick."
    if end is None:
        errors[f.END_DATE] = "Choose the last day the customer may pick."
    if start and end and f.TIME_ZONE not in errors:
        if end < start:
            errors[f.END_DATE] = "The end date is before the start date."
        elif end < now.astimezone(ZoneInfo(zone)).date():
            errors[f.END_DATE] = "This time frame is in the past. Choose an end date from today on."
        elif end - start > MAX_FRAME:
            errors[f.END_DATE] = "A time frame can span up to a year."
    days = frozenset(Weekday(int(day)) for day in fields.get(f.DAYS) or ())
    if not days:
        errors[f.DAYS] = "Choose at least one weekday."
    ranges = _ranges(fields, errors)
    spacing_text = fields.get(f.SPACING)
    spacing = None if spacing_text == "duration" else _minutes(spacing_text)
    if spacing_text != "duration" and not spacing:
        errors[f.SPACING] = "Choose how far apart the times start."
    lengths = {name: _minutes(fields.get(name)) for name in (f.NOTICE, f.BUFFER_BEFORE, f.BUFFER_AFTER)}
    errors.update({name: "Choose a length of time." for name, length in lengths.items() if length is None})
    _raise(errors)
    assert start is not None and end is not None
    return SlotRules(
        frame=TimeFrame(start, end, days, ranges, zone),
        spacing=spacing,
        notice=lengths[f.NOTICE] or timedelta(),
        buffer_before=lengths[f.BUFFER_BEFORE] or timedelta(),
        buffer_after=lengths[f.BUFFER_AFTER] or timedelta(),
        respect_working_hours=bool(fields.get(f.WORKING_HOURS)),
    )


def is_filled_in(fields: Mapping[str, Any], now: datetime) -> bool:
    """Whether the first three views could be left as they are."""
    try:
        participant(fields)
        details(fields)
        rules(fields, now)
    except FormError:
        return False
    return True


def range_count(fields: Mapping[str, Any]) -> int:
    """How many ranges of time there are, complete or not: one to three, without gaps."""
    return next((n for n, names in enumerate(f.RANGES) if n and not any(map(fields.get, names))), len(f.RANGES))


def another_range(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of one range more: two hours, one hour after the last range, as far as the day has room."""
    shown = range_count(fields)
    if shown == len(f.RANGES):
        return {}
    last = _clock(fields.get(f.RANGE_ENDS[shown - 1])) or time(17)
    hour = min(last.hour + 1, 22) if last > time() else 22
    start, end = f.RANGES[shown]
    return {start: f"{hour:02}:00", end: f"{(hour + 2) % 24:02}:00"}


def one_range_less(fields: Mapping[str, Any]) -> dict[str, None]:
    """The fields that the last range leaves empty; the first range always stays."""
    shown = range_count(fields)
    return dict.fromkeys(f.RANGES[shown - 1]) if shown > 1 else {}


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
    _raise(errors)
    channel = fields.get(f.CHANNEL)
    return Letter(
        subject=subject,
        message=message,
        promote=promote,
        promoted=promoted,
        delivery=DeliveryMethod(fields.get(f.DELIVERY) or DeliveryMethod.EMAIL),
        channel_id=ChannelId(channel) if channel else None,
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


def duration_of(text: Any) -> timedelta | None:
    """Minutes as text → a duration; None unless a multiple of 5 up to 8 hours."""
    minutes = _minutes(text)
    if minutes is None or not timedelta() < minutes <= timedelta(hours=8) or minutes % timedelta(minutes=5):
        return None
    return minutes


def instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instants(texts: Sequence[str]) -> tuple[datetime, ...]:
    """Instants as `instant_text` writes them, in order, each once."""
    return tuple(sorted({datetime.fromisoformat(text).astimezone(UTC) for text in texts}))


def _ranges(fields: Mapping[str, Any], errors: dict[str, str]) -> tuple[TimeRange, ...]:
    """The first range of time, and the others that there are."""
    ranges = []
    for number, names in enumerate(f.RANGES):
        typed = [fields.get(name) for name in names]
        if number and not any(typed):
            continue
        begin, finish = map(_clock, typed)
        for name, clock, example in zip(names, (begin, finish), ("09:00", "17:00"), strict=True):
            if clock is None:
                errors[name] = f"Choose a time in steps of 5 minutes, for example {example}."
        if begin is not None and finish is not None:
            ranges.append(TimeRange(begin, finish))
    return tuple(ranges)


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


def _raise(errors: Mapping[str, str]) -> None:
    if errors:
        raise FormError(errors)


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value or "")
    except ValueError:
        return None


def _clock(value: Any) -> time | None:
    try:
        clock = time.fromisoformat(value or "")
    except ValueError:
        return None
    return clock if clock.minute % 5 == 0 and not clock.second else None


def _minutes(value: Any) -> timedelta | None:
    text = str(value or "")
    return timedelta(minutes=int(text)) if text.isascii() and text.isdigit() and len(text) <= 6 else None
