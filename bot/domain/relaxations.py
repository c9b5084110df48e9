"""What would help: single changes to an invitation, each with the slots that it would bring.

A change is described twice, once as what it makes of the values that the engine is asked with, once as what it makes
of the wizard's fields; a press on its button is a promise that both mean the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from bot.domain import fields as f
from bot.domain.ids import ResourceId
from bot.domain.invitation import Details, Seat, SeatKind, SlotRules, slot_search
from bot.domain.search import Calendar, SlotSearch
from bot.domain.slots import count_slots
from bot.domain.timeframe import WORKDAYS, TimeRange
from bot.domain.wizard import MAX_FRAME

MOST = 3
LONGEST_EXTENSION = 14
"""Days; calendars are read that much further, so that the gain is known."""
_EXTENSIONS = (3, 7, LONGEST_EXTENSION)


class Change(StrEnum):
    OPTIONAL = "optional"
    """`value` is the Team member; the seat, alternatives and all, is needed no longer."""
    ANY_ROOM = "any_room"
    """`value` is the Room; all that hold as many people may take its place."""
    WITHOUT_ROOM = "without_room"
    DAYS = "days"
    """`value` is how many more."""
    HOURS = "hours"
    """`value` is when the first range begins and the last one ends, `08:00-18:00`."""
    WEEKDAYS = "weekdays"
    """Monday to Friday."""
    NOTICE = "notice"
    BUFFERS = "buffers"
    WORKING_HOURS = "working_hours"


_OF_THE_SAME_STARTS = frozenset(
    {Change.OPTIONAL, Change.ANY_ROOM, Change.WITHOUT_ROOM, Change.BUFFERS, Change.WORKING_HOURS}
)
"""What brings no other starts, but makes more of them bookable."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """`gain` is how many slots more there would be with this change alone. `name` is of whom or what it speaks."""

    change: Change
    value: str = ""
    gain: int = 0
    name: str = ""

    @property
    def text(self) -> str:
        """What a button says."""
        match self.change:
            case Change.OPTIONAL:
                return f"Make {self.name} optional"
            case Change.ANY_ROOM:
                return "Any room of this size"
            case Change.WITHOUT_ROOM:
                return f"Without {self.name}"
            case Change.DAYS:
                return f"{self.value} more days"
            case Change.HOURS:
                return self.name or self.value.replace("-", "–")
            case Change.WEEKDAYS:
                return "Monday to Friday"
            case Change.NOTICE:
                return "No minimum notice"
            case Change.BUFFERS:
                return "No buffers"
            case Change.WORKING_HOURS:
                return "Ignore working hours"


RoomsOfSize = Mapping[ResourceId, tuple[ResourceId, ...]]
"""For each Room that a seat asks for: the others that hold at least as many people."""


def relaxations(
    details: Details,
    rules: SlotRules,
    calendars: Mapping[ResourceId, Calendar],
    now: datetime,
    rooms_of_size: RoomsOfSize,
    *,
    without_hours: Mapping[ResourceId, Calendar],
    present: int,
    offered: int,
    notice_costs: int,
    needed: Collection[ResourceId] = (),
) -> tuple[Relaxation, ...]:
    """The best single changes, the one that brings most first; those that bring nothing are left out.

    `calendars` hold busy times for `LONGEST_EXTENSION` more days and for all of `rooms_of_size`; `without_hours` are
    the same, `tireless`. `present` is how many slots there are without any change, `offered` how many starts, free or
    not. Those `needed` are not made optional: a pool would give them again.
    """
    nobody_lacks = present == offered
    found: list[Relaxation] = []
    for relaxation, wider, counts_hours in variations(details, rules, rooms_of_size):
        if relaxation.change is Change.DAYS and any(other.change is Change.DAYS for other in found):
            continue  # fewer days have helped already
        if relaxation.change is Change.OPTIONAL and relaxation.value in needed:
            continue
        if nobody_lacks and relaxation.change in _OF_THE_SAME_STARTS:
            continue
        if relaxation.change is Change.NOTICE:
            gain = notice_costs
        else:
            gain = count_slots(wider, calendars if counts_hours else without_hours, now) - present
        if gain > 0:
            found.append(Relaxation(relaxation.change, relaxation.value, gain, relaxation.name))
    return tuple(sorted(found, key=lambda relaxation: -relaxation.gain)[:MOST])


def variations(
    details: Details, rules: SlotRules, rooms_of_size: RoomsOfSize
) -> Iterator[tuple[Relaxation, SlotSearch, bool]]:
    """Every single change there is, without its gain: what the engine is asked then, and whether hours count."""
    search, counts_hours = slot_search(details, rules), rules.respect_working_hours
    for number, seat in enumerate(details.seats):
        for change, seats in _of_seat(number, details.seats, rooms_of_size):
            wider = replace(search, requirements=tuple(each.candidates for each in seats))
            yield Relaxation(change, str(seat.candidates[0])), wider, counts_hours
    frame = rules.frame
    for days in _EXTENSIONS:
        end = frame.end_date + timedelta(days=days)
        if end - frame.start_date <= MAX_FRAME:
            longer = replace(search, frame=replace(frame, end_date=end))
            yield Relaxation(Change.DAYS, str(days)), longer, counts_hours
    ranges = _wider(frame.time_ranges)
    if ranges != frame.time_ranges:
        hours = f"{ranges[0].start:%H:%M}-{ranges[-1].end:%H:%M}"
        spoken = ", ".join(f"{each.start:%H:%M}–{each.end:%H:%M}" for each in ranges)
        wider = replace(search, frame=replace(frame, time_ranges=ranges))
        yield Relaxation(Change.HOURS, hours, name=spoken), wider, counts_hours
    if frame.weekdays < WORKDAYS:
        wider = replace(search, frame=replace(frame, weekdays=WORKDAYS))
        yield Relaxation(Change.WEEKDAYS), wider, counts_hours
    none = timedelta()
    if rules.notice:
        yield Relaxation(Change.NOTICE), replace(search, notice=none), counts_hours
    if rules.buffer_before or rules.buffer_after:
        yield Relaxation(Change.BUFFERS), replace(search, buffer_before=none, buffer_after=none), counts_hours
    if counts_hours:
        yield Relaxation(Change.WORKING_HOURS), search, False


def tireless(calendars: Mapping[ResourceId, Calendar]) -> Mapping[ResourceId, Calendar]:
    """The calendars without working hours."""
    return {
        who: replace(calendar, working_hours=None) if calendar.working_hours else calendar
        for who, calendar in calendars.items()
    }


def relaxed(
    fields: Mapping[str, Any], change: Change, value: str, rooms_of_size: Sequence[ResourceId] = ()
) -> dict[str, Any]:
    """The fields that the change sets. Empty where they have moved on so far that it means nothing any more."""
    members, rooms = list(fields.get(f.MEMBERS) or ()), list(fields.get(f.ROOMS) or ())
    alternatives = dict(fields.get(f.ALTERNATIVES) or {})
    match change:
        case Change.OPTIONAL if value in members and len(members) > 1:
            optional = [*(fields.get(f.OPTIONAL_MEMBERS) or ()), value]
            return {
                f.MEMBERS: [member for member in members if member != value],
                f.OPTIONAL_MEMBERS: list(dict.fromkeys(optional)),
                f.ALTERNATIVES: {who: others for who, others in alternatives.items() if who != value},
            }
        case Change.ANY_ROOM if value in rooms:
            named = dict.fromkeys([*alternatives.get(value, ()), *rooms_of_size])
            others = [room for room in named if room not in rooms]
            return {f.ALTERNATIVES: {**alternatives, value: others}}
        case Change.WITHOUT_ROOM if value in rooms:
            return {f.ROOMS: [room for room in rooms if room != value]}
        case Change.DAYS if value.isdecimal() and fields.get(f.END_DATE):
            end = date.fromisoformat(str(fields[f.END_DATE]))
            if int(value) > (date.max - end).days:
                return {}
            return {f.END_DATE: (end + timedelta(days=int(value))).isoformat()}
        case Change.HOURS:
            start, _, end_time = value.partition("-")
            last = max((to for to in f.RANGE_ENDS if fields.get(to)), default=f.TO, key=f.RANGE_ENDS.index)
            return {f.FROM: start, last: end_time}
        case Change.WEEKDAYS:
            return {f.DAYS: [str(int(day)) for day in sorted(WORKDAYS)]}
        case Change.NOTICE:
            return {f.NOTICE: "0"}
        case Change.BUFFERS:
            return {f.BUFFER_BEFORE: "0", f.BUFFER_AFTER: "0"}
        case Change.WORKING_HOURS:
            return {f.WORKING_HOURS: False}
        case _:
            return {}


def _of_seat(
    number: int, seats: tuple[Seat, ...], rooms_of_size: RoomsOfSize
) -> Iterator[tuple[Change, tuple[Seat, ...]]]:
    seat = seats[number]
    without = (*seats[:number], *seats[number + 1 :])
    if seat.kind is SeatKind.PERSON:
        if any(other.kind in (SeatKind.PERSON, SeatKind.PEOPLE_POOL) for other in without):
            yield Change.OPTIONAL, without
    elif seat.kind is SeatKind.ROOM:
        taken = {candidate for other in without if other.kind is SeatKind.ROOM for candidate in other.candidates[:1]}
        others = [room for room in rooms_of_size.get(seat.candidates[0], ()) if room not in taken]
        candidates = tuple(dict.fromkeys((*seat.candidates, *others)))
        if candidates != seat.candidates:
            wider = replace(seat, candidates=candidates)
            yield Change.ANY_ROOM, (*seats[:number], wider, *seats[number + 1 :])
        yield Change.WITHOUT_ROOM, without


def _wider(ranges: tuple[TimeRange, ...]) -> tuple[TimeRange, ...]:
    """An hour more before the first and after the last, as far as the day has one."""
    first, last = ranges[0], ranges[-1]
    if first.start == first.end or last.start == last.end:
        return ranges
    begins = time(first.start.hour - 1, first.start.minute) if first.start >= time(1) else time()
    ends_that_day = last.start < last.end
    ends = time((last.end.hour + 1) % 24, last.end.minute if last.end.hour < 23 else 0) if ends_that_day else last.end
    wider = (replace(first, start=begins), *ranges[1:])
    return (*wider[:-1], replace(wider[-1], end=ends))
