"""What the Customer's pages say, from the Invitation's present state: pure, value in, words out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot.domain.booking import BookingState, Situation
from bot.domain.invitation import DeliveryMethod
from bot.domain.typed import one_line, plain
from bot.domain.wording import (
    ClockStyle,
    clock_time,
    company,
    day_and_month,
    duration_text,
    first_name,
    join_link,
    moment,
    month_and_year,
    place,
    slot_stamp,
    utc_offset,
)
from bot.web.reading import Reader, zone_options


class Slot(NamedTuple):
    """One choice; `instant` is ISO 8601, `offset` only where the day has more than one.

    A tuple, because a template takes hundreds of these apart for a page.
    """

    stamp: str
    instant: str
    label: str
    offset: str


@dataclass(frozen=True, slots=True)
class Day:
    """A local day that has slots; `offset` is what holds on it, both where it changes that day."""

    date: date
    title: str
    offset: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A leaf of the day picker: weeks of seven dates from Monday or Sunday, None outside the month."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[date | None, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """All there is to choose from; `offset_changes` is whether the clocks change in between."""

    days: tuple[Day, ...]
    months: tuple[Month, ...]
    offset_changes: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A page without choices: what is so, and what to do next."""

    title: str
    text: str


def common_words(state: BookingState, reader: Reader, link: str) -> dict[str, Any]:
    """What every page of an Invitation may say. `link` is the path of its first page."""
    invitation, details = state.invitation, state.invitation.details
    inviter, customer = one_line(state.inviter.name), one_line(invitation.participant.name)
    when = _times(state, reader, state.meeting.start) if state.meeting else ()
    shown = state.starts or ((state.meeting.start,) if state.meeting else ())
    query = f"?tz={quote(reader.chosen, safe='')}" if reader.chosen else ""
    return {
        "link": link,
        "query": query,
        "page": link,
        "reader": reader,
        "zones": zone_options(),
        "zone_now": zone_now(reader.zone, shown),
        "inviter_zone_now": zone_now(state.inviter.time_zone, shown),
        "shares_zone": reader.zone == state.inviter.time_zone,
        "inviter_zone": state.inviter.time_zone,
        "inviter": inviter,
        "inviter_first": first_name(inviter),
        "initials": _initials(inviter),
        "customer": customer,
        "customer_first": first_name(customer),
        "email": one_line(invitation.participant.email),
        "subject": one_line(details.subject),
        "duration": duration_text(details.duration),
        "who": company(details, [member.name for member in state.members], booked=state.meeting is not None),
        "where": place(details, booked=state.meeting is not None),
        "join_link": join_link(details, state.meeting),
        "message": plain(invitation.letter.message).strip(),
        "description": plain(details.description).strip(),
        "tracking_id": invitation.tracking_id,
        "when": when,
        "ask": _ask(state),
    }


def choice_words(starts: Sequence[datetime], reader: Reader) -> dict[str, Any]:
    """The days with their times, and the months of the day picker."""
    return {"choice": choice_of(tuple(starts), reader.zone, reader.style)}


@lru_cache(maxsize=64)
def choice_of(starts: tuple[datetime, ...], zone: str, style: ClockStyle) -> Choice:
    """Kept, because the same starts (UTC) are read again and again, by one customer and by several."""
    days = days_of(starts, zone, style)
    offsets = {slot_offset for day in days for slot_offset in day.offset.split(" / ")}
    return Choice(days, months_of(days, style), len(offsets) > 1)


def confirm_words(state: BookingState, reader: Reader, start: datetime) -> dict[str, Any]:
    return {"when": _times(state, reader, start), "stamp": slot_stamp(start)}


def days_of(starts: Sequence[datetime], zone: str, style: ClockStyle) -> tuple[Day, ...]:
    """The starts (UTC) by local day."""
    days = []
    choices = (_written(start, zone, style) for start in starts)
    for day, group in groupby(choices, key=itemgetter(0)):
        _, locals_of_day, slots = zip(*group, strict=True)
        offsets = _texts((locals_of_day[0], locals_of_day[-1]))
        if len(offsets) > 1:
            slots = tuple(
                slot._replace(offset=utc_offset(local)) for local, slot in zip(locals_of_day, slots, strict=True)
            )
        days.append(Day(day, day_and_month(day, style), " / ".join(offsets), slots))
    return tuple(days)


@lru_cache(maxsize=4096)
def _written(start: datetime, zone: str, style: ClockStyle) -> tuple[date, datetime, Slot]:
    """One start on the reader's wall: its date, its local time, and how it is written. Kept: others read it too."""
    local = start.astimezone(ZoneInfo(zone))
    return local.date(), local, Slot(slot_stamp(start), start.isoformat(), clock_time(local, style), "")


def months_of(days: Sequence[Day], style: ClockStyle) -> tuple[Month, ...]:
    """The months from the first day to the last, also one between them that has no slot."""
    return _months(days[0].date.replace(day=1), days[-1].date.replace(day=1), style) if days else ()


@lru_cache(maxsize=64)
def _months(first: date, last: date, style: ClockStyle) -> tuple[Month, ...]:
    months = []
    while first <= last:
        months.append(_month(first, style))
        first = (first + timedelta(days=31)).replace(day=1)
    return tuple(months)


def _month(first: date, style: ClockStyle) -> Month:
    begins_on_sunday = style is ClockStyle.TWELVE
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    lead = (first.weekday() + begins_on_sunday) % 7
    length = ((first + timedelta(days=31)).replace(day=1) - first).days
    cells: list[date | None] = [None] * lead + [first + timedelta(days=n) for n in range(length)]
    cells += [None] * (-len(cells) % 7)
    return Month(
        month_and_year(first),
        (names[-1], *names[:-1]) if begins_on_sunday else names,
        tuple(tuple(cells[n : n + 7]) for n in range(0, len(cells), 7)),
    )


def notice(state: BookingState) -> Notice:
    """What a state in which nothing can be chosen says."""
    ask = _ask(state)
    match state.situation:
        case Situation.ALL_TAKEN:
            return Notice("All times have been taken", f"No time is left in this invitation. For other times, {ask}.")
        case Situation.UNREADABLE:
            text = "We could not check which times are free just now, and would rather not guess."
            return Notice("Please try again in a few minutes", text)
        case Situation.PAST:
            return Notice("This meeting has already taken place", f"To meet again, {ask}.")
        case Situation.CANCELED_BY_CUSTOMER:
            return Notice("You cancelled this meeting", f"For another time, {ask}.")
        case Situation.CANCELED_BY_USER:
            return Notice("This meeting has been cancelled", f"It will not take place. For another time, {ask}.")
        case Situation.EXPIRED:
            return Notice("This invitation has expired", f"Its times have passed. For new ones, {ask}.")
        case Situation.WITHDRAWN:
            return Notice("This invitation is no longer open", "There is nothing you need to do.")
        case Situation.OPEN | Situation.BOOKED:
            raise ValueError(f"{state.situation} has a page of its own")


def _ask(state: BookingState) -> str:
    """How to get another time."""
    name = first_name(one_line(state.inviter.name))
    if state.invitation.letter.delivery is DeliveryMethod.EMAIL:
        return f"reply to {name}'s email"
    return f"write to {name}, who gave you this link"


def _times(state: BookingState, reader: Reader, start: datetime) -> tuple[Any, ...]:
    """The time in the reader's zone and, where that is another one, in the inviter's."""
    zones = dict.fromkeys((reader.zone, state.inviter.time_zone))
    return tuple(moment(start, state.invitation.details.duration, zone, reader.style) for zone in zones)


def zone_now(zone: str, shown: Sequence[datetime]) -> str:
    """The zone with the UTC offsets that hold in it over what is shown."""
    return _zone_over(zone, tuple(shown))


@lru_cache(maxsize=128)
def _zone_over(zone: str, shown: tuple[datetime, ...]) -> str:
    tz = ZoneInfo(zone)
    # No zone changes twice within a day: the first and the last start of each tell.
    days = (tuple(starts) for _, starts in groupby(shown, key=datetime.toordinal))
    offsets = _texts(start.astimezone(tz) for starts in days for start in (starts[0], starts[-1]))
    return f"{zone} ({' / '.join(offsets)})" if offsets and zone != "UTC" else zone


def _texts(local_times: Iterable[datetime]) -> tuple[str, ...]:
    """Their UTC offsets, each once, in order."""
    return tuple(map(utc_offset, {local.utcoffset(): local for local in local_times}.values()))


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
