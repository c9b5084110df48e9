"""Names of the wizard's fields: keys of `Draft.fields`, `action_id`s in views, keys of `FormError.fields`.

The values are JSON: text as typed (`str`), chosen values (`str`), several chosen (`list[str]`),
a switch (`bool`), nothing chosen (`None`). Dates are `YYYY-MM-DD`, times `HH:MM`, numbers of minutes
decimal text, instants ISO 8601 in UTC with `Z`.
"""

from __future__ import annotations

PARTICIPANT_NAME = "participant_name"
EMAIL = "email"
COMPANY = "company"
CUSTOMER_ZONE = "customer_zone"

TEMPLATE = "template"
"""The id of the template that the rest was filled in from; None, or a dash: none."""

SUBJECT = "subject"
DURATION = "duration"
"""Minutes, as text: a multiple of 5 up to 480."""
MEMBERS = "members"
"""Who has to be there, in order: people by their `UserId`, pools as `pool:<id>`."""
OPTIONAL_MEMBERS = "optional_members"
DESCRIPTION = "description"
CONFERENCING = "conferencing"
CONFERENCING_DETAIL = "conferencing_detail"
LOCATION = "location"
ROOMS = "rooms"
"""Rooms as `room:<id>`, and pools of them as `pool:<id>`."""
ALTERNATIVES = "alternatives"
"""In no view of a step: who or what may take a Team member's or Room's place, in order (`dict[str, list[str]]`)."""
TURNS = "turns"
"""In no view: for a round-robin pool, by its id without prefix, whose turn the count is about (`dict[str, str]`)."""
CHOSEN = "chosen"
"""In no view: for a flexible pool, who was chosen by hand (`dict[str, str]`)."""

START_DATE = "start_date"
END_DATE = "end_date"
DAYS = "days"
"""Weekday numbers as text, `0` is Monday."""
FROM = "from"
TO = "to"
FROM_2 = "from_2"
"""The second and third range of time; None: there is none."""
TO_2 = "to_2"
FROM_3 = "from_3"
TO_3 = "to_3"
RANGES = ((FROM, TO), (FROM_2, TO_2), (FROM_3, TO_3))
RANGE_ENDS = tuple(end for _, end in RANGES)
TIME_ZONE = "time_zone"
SPACING = "spacing"
"""Minutes, or `duration`."""
NOTICE = "notice"
BUFFER_BEFORE = "buffer_before"
BUFFER_AFTER = "buffer_after"
WORKING_HOURS = "working_hours"

EMAIL_SUBJECT = "email_subject"
MESSAGE = "message"
PROMOTE = "promote"
PROMOTED = "promoted"
DELIVERY = "delivery"
CHANNEL = "channel"
LANGUAGE = "language"
INCLUDE_CUSTOMER = "include_customer"
CALENDAR = "calendar"
"""Where the event is created, as `bot.domain.calendar_choice` writes it."""

ACTED_AT = "acted_at"
"""No field of any view: when the last field action that was kept was done, by Slack's `action_ts` (a number)."""

MODE = "mode"
"""No field of any view: who picks the time, a `DefaultMethod`; absent, the Customer does."""
SLOT = "slot"
"""On behalf: the start that was picked; like the next three no field of any view."""
ACCEPTED = "accepted"
"""Who may be booked over what their calendar says, by resource id."""
SHOWS_TAKEN = "shows_taken"
SLOT_PAGE = "slot_page"
CONFIRMS = "confirms"
CONFIRMATION = "confirmation"

OF_ONE_DRAFT = (ACTED_AT, TURNS, MODE, SLOT, ACCEPTED, SHOWS_TAKEN, SLOT_PAGE)
"""What no template keeps."""

STEP_FIELDS = {
    "participant": (PARTICIPANT_NAME, EMAIL, COMPANY, CUSTOMER_ZONE, TEMPLATE),
    "details": (
        SUBJECT,
        DURATION,
        MEMBERS,
        OPTIONAL_MEMBERS,
        DESCRIPTION,
        CONFERENCING,
        CONFERENCING_DETAIL,
        LOCATION,
        ROOMS,
    ),
    "time_frame": (
        START_DATE,
        END_DATE,
        DAYS,
        *(boundary for boundaries in RANGES for boundary in boundaries),
        TIME_ZONE,
        SPACING,
        NOTICE,
        BUFFER_BEFORE,
        BUFFER_AFTER,
        WORKING_HOURS,
    ),
    "confirmation": (CONFIRMS, CONFIRMATION, CALENDAR, CHANNEL),
    "letter": (EMAIL_SUBJECT, MESSAGE, PROMOTE, PROMOTED, DELIVERY, LANGUAGE, INCLUDE_CUSTOMER, CALENDAR, CHANNEL),
}
