"""Scheduling on behalf: the User picks the time, with the Customer on the phone, from all slots of the coming days.

A start that is not free may be booked over where only calendars say so; another Meeting's claim stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.ids import ChannelId, ResourceId
from bot.domain.invitation import Details, Letter, SlotRules
from bot.domain.languages import language_of
from bot.domain.matching import lowest_price
from bot.domain.preferences import DefaultMethod
from bot.domain.search import Calendar, SlotSearch
from bot.domain.slots import available_slots, is_free
from bot.domain.timeframe import TimeRange, Weekday
from bot.errors import FormError

HORIZON_DAYS = 30
DAYS_A_PAGE = 5
MOST_A_PAGE = 250
"""Slots: each is a button, and what Slack takes of a view is limited."""
_WHOLE_DAY = (TimeRange(time(), time()),)


def is_on_behalf(fields: Mapping[str, Any]) -> bool:
    """Whether these fields of a draft are of a Meeting that the User schedules."""
    return bool(fields.get(f.MODE) == DefaultMethod.ON_BEHALF)


def slot_rules(fields: Mapping[str, Any], now: datetime) -> SlotRules:
    """Every slot of the next 30 days, without notice: within everybody's working hours, or, where those do not count,
    within the days and hours of the time frame. Raises FormError."""
    zone = str(fields.get(f.TIME_ZONE) or "UTC")
    today = now.astimezone(ZoneInfo(zone)).date()
    last = today + timedelta(days=HORIZON_DAYS - 1)
    dates = {f.START_DATE: today.isoformat(), f.END_DATE: last.isoformat()}
    rules = wizard.rules({**fields, **dates}, now)
    if rules.respect_working_hours:
        rules = replace(rules, frame=replace(rules.frame, weekdays=frozenset(Weekday), time_ranges=_WHOLE_DAY))
    return replace(rules, notice=timedelta())


def letter(fields: Mapping[str, Any], subject: str) -> Letter:
    """The confirmation: whether the Customer gets it by email, with which words, and which channel is told.

    Raises FormError.
    """
    message = str(fields.get(f.CONFIRMATION) or "").replace("\r\n", "\n").strip()
    if len(message) > wizard.MAX_TEXT:
        raise FormError({f.CONFIRMATION: f"Messages can have up to {wizard.MAX_TEXT:,} characters."})
    channel = fields.get(f.CHANNEL)
    return Letter(
        subject=subject,
        message=message,
        promote=False,
        channel_id=ChannelId(channel) if channel else None,
        language=language_of(fields.get(f.LANGUAGE)),
        on_behalf=True,
        confirms=bool(fields.get(f.CONFIRMS)),
    )


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why one of those needed is not free: their calendar is busy, or (`is_claimed`) another Meeting has them."""

    resource: ResourceId
    is_claimed: bool = False


class Diary:
    """All starts of a search, free and taken. Unreadable calendars are never free, and cannot be booked over.

    The calendars are as `Availability` reads them: `index` is what the person's calendar says, `busy` our own claims.
    """

    def __init__(self, search: SlotSearch, calendars: Mapping[ResourceId, Calendar], now: datetime) -> None:
        self._search = search
        self._calendars = calendars
        self._unclaimed = {who: replace(calendar, index=None) for who, calendar in calendars.items()}
        self._at_work = {who: replace(calendar, index=None, busy=()) for who, calendar in calendars.items()}
        slots = available_slots(search, calendars, now)
        self.free = slots.starts
        self.unreadable = slots.unreadable
        self._bookable = frozenset(available_slots(search, self._unclaimed, now).starts)
        self._every = available_slots(search, self._at_work, now).starts

    def starts(self, *, with_taken: bool) -> tuple[datetime, ...]:
        """In order; the taken ones are those at which everybody needed is at work."""
        return self._every if with_taken else self.free

    def may_be_booked(self, start: datetime) -> bool:
        """Whether it is free, or only calendars stand against it."""
        return start in self._bookable

    def assigned(self, start: datetime) -> tuple[ResourceId, ...]:
        """Who would take part, one for each requirement: with as few conflicts as there can be, then those who are
        free, then those who are listed earlier, in earlier requirements first.

        Raises ValueError where the start is not one of `starts`.
        """
        calendars = self._unclaimed if self.may_be_booked(start) else self._at_work
        prices = {who: self._price(who, start) for who in self._search.resources if self._can(calendars[who], start)}
        seats = [
            sorted((who for who in candidates if who in prices), key=prices.__getitem__)
            for candidates in self._search.requirements
        ]
        lowest = lowest_price(seats, prices)
        if lowest is None:
            raise ValueError(f"{start} is no start of this search")
        for number, candidates in enumerate(seats):
            # The first candidate with whom it costs no more; there is one, for it can be had at that price so far.
            for candidate in candidates:
                seats[number] = [candidate]
                if lowest_price(seats, prices) == lowest:
                    break
        return tuple(seat[0] for seat in seats)

    def conflicts(self, start: datetime) -> tuple[Conflict, ...]:
        """What stands against a start; nothing where it is free."""
        return tuple(
            Conflict(who, is_claimed=not self._can(self._unclaimed[who], start))
            for who in self.assigned(start)
            if not self._can(self._calendars[who], start)
        )

    def _can(self, calendar: Calendar, start: datetime) -> bool:
        return is_free(calendar, self._search, start)

    def _price(self, who: ResourceId, start: datetime) -> int:
        """0: free; 1: busy by the calendar; 2: by another Meeting's claim as well."""
        return sum(not self._can(calendar, start) for calendar in (self._calendars[who], self._unclaimed[who]))


@dataclass(frozen=True, slots=True)
class Offer:
    """One start as the User sees it. `obstacles` say who is busy with what; none: it is free."""

    start: datetime
    obstacles: tuple[str, ...] = ()
    may_be_booked: bool = True


@dataclass(frozen=True, slots=True)
class OfferPage:
    """Some days of offers, by local date in `time_zone`. `number` counts from 0."""

    time_zone: str
    days: tuple[tuple[date, tuple[Offer, ...]], ...]
    number: int
    pages: int
    free: int
    """How many free slots there are on all pages."""
    shows_taken: bool
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picked:
    """The start that was picked, with what is said of it before it is booked. `names` are the people and rooms."""

    offer: Offer
    details: Details
    names: tuple[str, ...]


Day = tuple[date, tuple[datetime, ...]]
"""Starts of one local date."""


def days_of(starts: tuple[datetime, ...], time_zone: str) -> tuple[Day, ...]:
    """The starts by local date."""
    zone = ZoneInfo(time_zone)
    return tuple((day, tuple(group)) for day, group in groupby(starts, key=lambda start: start.astimezone(zone).date()))


def page_of(days: Sequence[Day], number: int) -> tuple[tuple[Day, ...], int, int]:
    """The page with that number, or the nearest there is; its number, and how many there are.

    A day that has too many starts for one page goes on on the next.
    """
    pages: list[list[Day]] = [[]]
    for day, starts in days:
        rest = starts
        while rest:
            page = pages[-1]
            room = MOST_A_PAGE - sum(len(of_day) for _, of_day in page)
            if page and (len(page) == DAYS_A_PAGE or room < min(len(rest), MOST_A_PAGE)):
                pages.append([])
                continue
            page.append((day, rest[:room]))
            rest = rest[room:]
    number = min(max(number, 0), len(pages) - 1)
    return tuple(pages[number]), number, len(pages)
