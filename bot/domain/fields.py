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

SUBJECT = "subject"
DURATION = "duration"
"""Minutes, as text: a multiple of 5 up to 480."""
MEMBERS = "members"
OPTIONAL_MEMBERS = "optional_members"
DESCRIPTION = "description"
CONFERENCING = "conferencing"
CONFERENCING_DETAIL = "conferencing_detail"
LOCATION = "location"

START_DATE = "start_date"
END_DATE = "end_date"
DAYS = "days"
"""Weekday numbers as text, `0` is Monday."""
FROM = "from"
TO = "to"
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

ACTED_AT = "acted_at"
"""No field of any view: when the last field action that was kept was done, by Slack's `action_ts` (a number)."""

STEP_FIELDS = {
    "participant": (PARTICIPANT_NAME, EMAIL, COMPANY, CUSTOMER_ZONE),
    "details": (
        SUBJECT,
        DURATION,
        MEMBERS,
        OPTIONAL_MEMBERS,
        DESCRIPTION,
        CONFERENCING,
        CONFERENCING_DETAIL,
        LOCATION,
    ),
    "time_frame": (
        START_DATE,
        END_DATE,
        DAYS,
        FROM,
        TO,
        TIME_ZONE,
        SPACING,
        NOTICE,
        BUFFER_BEFORE,
        BUFFER_AFTER,
        WORKING_HOURS,
    ),
    "letter": (EMAIL_SUBJECT, MESSAGE, PROMOTE, PROMOTED, DELIVERY, CHANNEL),
}
