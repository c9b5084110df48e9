"""Times, names and places as the Customer reads them, in mails and on pages.

Zones are named by their IANA name with the UTC offset that holds at that instant, so that a
clock change between two times shows.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.event_copies import LINK_TO_COME
from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.invitation import ConferencingKind, Details, SeatKind
from bot.domain.meeting import Meeting
from bot.domain.typed import one_line

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_STAMP = "%Y%m%dT%H%M%SZ"
_LONGEST_FIRST_NAME = 24


class ClockStyle(StrEnum):
    """How a language writes times: `3:00 PM` and `December 1`, or `15:00` and `1 December`."""

    TWELVE = "12"
    TWENTY_FOUR = "24"

    @classmethod
    def of(cls, language: str) -> ClockStyle:
        """For a language tag (BCP 47): the 12-hour clock for `en-US`, else the 24-hour clock."""
        return cls.TWELVE if language.replace("_", "-").lower() == "en-us" else cls.TWENTY_FOUR


@dataclass(frozen=True, slots=True)
class Moment:
    """A meeting's time as read in one zone: `15:00`, `15:00–15:30`, `Tuesday, 1 December 2026`, `UTC+01:00`.

    `span` names the day of the end where it is another one. `zone` is the IANA name.
    """

    day: str
    clock: str
    span: str
    zone: str
    offset: str

    @property
    def zone_and_offset(self) -> str:
        return self.zone if self.zone == "UTC" else f"{self.zone} ({self.offset})"

    def __str__(self) -> str:
        return f"{self.day}, {self.span}, {self.zone_and_offset}"


def moment(start: datetime, duration: timedelta, zone: str, style: ClockStyle) -> Moment:
    """The time from `start` (aware) as people in `zone` (IANA) read it."""
    tz = ZoneInfo(zone)
    begins, ends = start.astimezone(tz), (start.astimezone(UTC) + duration).astimezone(tz)
    span = f"{clock_time(begins, style)}–{clock_time(ends, style)}"
    if ends.date() != begins.date():
        span = f"{span} on {day_and_month(ends.date(), style)}"
    if ends.utcoffset() != begins.utcoffset():
        span = f"{span} ({utc_offset(ends)})"
    return Moment(full_date(begins.date(), style), clock_time(begins, style), span, zone, utc_offset(begins))


def clock_time(local: datetime, style: ClockStyle) -> str:
    if style is ClockStyle.TWENTY_FOUR:
        return f"{local.hour:02}:{local.minute:02}"
    return f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"


def utc_offset(local: datetime) -> str:
    """`UTC+01:00`; `UTC+00:00` for no offset."""
    offset = local.utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def day_and_month(day: date, style: ClockStyle) -> str:
    """`Tuesday, 1 December`, or `Tuesday, December 1`."""
    month = _MONTHS[day.month - 1]
    written = f"{day.day} {month}" if style is ClockStyle.TWENTY_FOUR else f"{month} {day.day}"
    return f"{_DAYS[day.weekday()]}, {written}"


def full_date(day: date, style: ClockStyle) -> str:
    """`day_and_month` with the year."""
    return f"{day_and_month(day, style)}{',' if style is ClockStyle.TWELVE else ''} {day.year}"


def month_and_year(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def duration_text(duration: timedelta) -> str:
    """`45 minutes`, `1 hour`, `1 hour 30 minutes`."""
    hours, minutes = divmod(int(duration.total_seconds()) // 60, 60)
    parts = [f"{hours} hour{'s' * (hours != 1)}"] * bool(hours) + [f"{minutes} minutes"] * bool(minutes)
    return " ".join(parts)


def first_name(name: str) -> str:
    """What a greeting calls somebody: `Anna` for `Anna Ruiz`, the whole name wherever that is uncertain.

    Certain are two or three words of Latin letters without titles or initials; elsewhere the family
    name may come first.
    """
    words = name.split()
    if len(words) in (2, 3) and all(_is_latin_name(word) for word in words):
        return words[0]
    return name


def _is_latin_name(word: str) -> bool:
    letters = word.replace("-", "").replace("'", "").replace("’", "")
    return (
        1 < len(letters) <= _LONGEST_FIRST_NAME
        and not letters.isupper()
        and all(c.isalpha() and unicodedata.name(c, "").startswith("LATIN") for c in letters)
    )


def joined(names: Sequence[str]) -> str:
    """`Dana`, `Dana and Priya`, `Dana, Priya and Sam`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def company(details: Details, names: Sequence[str], *, booked: bool) -> str:
    """Who will be there, in a line; empty while somebody is still to be assigned, for then nobody is promised."""
    people = (seat for seat in details.seats if seat.kind in (SeatKind.PERSON, SeatKind.PEOPLE_POOL))
    is_certain = booked or all(len(seat.candidates) == 1 for seat in people)
    return joined([one_line(name) for name in names]) if is_certain else ""


def place(details: Details, *, booked: bool) -> str:
    """How and where they meet, in a line; empty where nothing was said. A link is for those who have booked."""
    detail = one_line(details.conferencing.detail)
    match details.conferencing.kind:
        case ConferencingKind.NONE:
            how = ""
        case ConferencingKind.PHONE:
            how = f"Phone call, {detail}" if detail else "Phone call"
        case ConferencingKind.IN_PERSON:
            how = f"In person, {detail}" if detail else "In person"
        case _:
            is_certain = bool(detail) or details.conferencing.kind is not ConferencingKind.LINK
            how = "Video call (you get the link when you confirm)" if is_certain and not booked else "Video call"
    return ", ".join(part for part in (how, one_line(details.location)) if part)


def join_link(details: Details, meeting: Meeting | None = None) -> str:
    """The address to open for joining, where there is one that a browser may be sent to; else empty."""
    is_link = details.conferencing.kind is ConferencingKind.LINK
    address = details.conferencing.detail.strip() if is_link else meeting.join_url if meeting else ""
    return address if address.lower().startswith(("https://", "http://")) else ""


def link_follows(details: Details, meeting: Meeting) -> bool:
    """Whether a link to join is still being made."""
    kind = details.conferencing.kind
    is_hopeless = bool(meeting.conference_problem) and kind in CONFERENCE_CALENDARS
    return kind in LINK_TO_COME and not meeting.join_url and not is_hopeless


def slot_stamp(start: datetime) -> str:
    """How a link names a slot: `20261201T150000Z`."""
    # Pages hold hundreds of these, and strftime takes three times as long.
    return f"{start.astimezone(UTC).isoformat()[:19]}Z".replace("-", "").replace(":", "")


def slot_of_stamp(stamp: str) -> datetime | None:
    """The instant a link names, or None where that is no stamp."""
    try:
        start = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return start if slot_stamp(start) == stamp else None
