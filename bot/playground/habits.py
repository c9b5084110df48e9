"""What the cast's weeks look like: recurring engagements, each in its owner's own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.domain.calendar import Attendee, Event, EventStatus
from bot.playground.cast import DANA, MATEO, PRIYA, Actor

_WORKDAYS = (0, 1, 2, 3, 4)
_MON, _TUE, _WED, _THU, _FRI = _WORKDAYS


class Kind(Enum):
    BUSY = "busy"
    FREE = "free"
    """In the calendar, but its owner is not busy."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Habit:
    """`start` is wall-clock time in the owner's zone; `weeks` are remainders of the ISO week by 2."""

    slug: str
    title: str
    weekdays: tuple[int, ...]
    start: time
    minutes: int
    owner: Actor
    others: tuple[Actor, ...] = ()
    weeks: tuple[int, ...] = (0, 1)
    kind: Kind = Kind.BUSY
    location: str = ""

    def falls_on(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day.isocalendar().week % 2 in self.weeks

    def event_on(self, day: date) -> Event:
        """The same on every call, so that seeding twice is seeding once."""
        start = datetime.combine(day, self.start, ZoneInfo(self.owner.time_zone)).astimezone(ZoneInfo("UTC"))
        return Event(
            uid=f"{self.slug}-{day.isoformat()}@northwind.example",
            sequence=0,
            start=start,
            end=start + timedelta(minutes=self.minutes),
            summary=self.title,
            organizer=_attendee(self.owner),
            attendees=tuple(_attendee(actor) for actor in (self.owner, *self.others)) if self.others else (),
            location=self.location,
            status=EventStatus.CANCELLED if self.kind is Kind.CANCELLED else EventStatus.CONFIRMED,
            transparent=self.kind is not Kind.BUSY,
        )


def _attendee(actor: Actor) -> Attendee:
    return Attendee(actor.real_name, actor.email)


HABITS = (
    Habit("all-hands", "All hands", (_WED,), time(11), 45, DANA, (PRIYA, MATEO), location="Main stage"),
    Habit("dana-priya", "Dana / Priya 1:1", (_TUE,), time(11), 30, DANA, (PRIYA,)),
    Habit("dana-mateo", "Dana / Mateo 1:1", (_THU,), time(13), 30, DANA, (MATEO,)),
    Habit("cs-standup", "Customer Success stand-up", _WORKDAYS, time(9, 30), 15, DANA),
    Habit("dana-lunch", "Lunch", _WORKDAYS, time(12), 45, DANA),
    Habit("pipeline", "Pipeline review", (_MON,), time(10), 60, DANA, location="Room Harbour"),
    Habit("dana-focus", "Focus time", (_WED,), time(13), 120, DANA),
    Habit("council", "Customer council", (_THU,), time(14), 90, DANA, weeks=(0,)),
    Habit("forecast", "Renewal forecast", (_THU,), time(10, 30), 60, DANA, weeks=(1,)),
    Habit("vendor", "Vendor demo", (_TUE,), time(14), 60, DANA, weeks=(1,), kind=Kind.CANCELLED),
    Habit("travel", "Hold: maybe travelling", (_FRI,), time(15), 120, DANA, weeks=(1,), kind=Kind.FREE),
    Habit("solutions-standup", "Solutions stand-up", _WORKDAYS, time(9, 15), 15, PRIYA),
    Habit("priya-lunch", "Lunch", _WORKDAYS, time(12, 30), 45, PRIYA),
    Habit("priya-focus", "Focus time: demo environment", (_MON, _THU), time(14), 90, PRIYA),
    Habit("architecture", "Architecture clinic", (_TUE,), time(14), 60, PRIYA, location="Room Thames"),
    Habit("school-run", "School run", (_FRI,), time(15), 60, PRIYA),
    Habit("poc", "Proof of concept check-in", (_WED,), time(14), 45, PRIYA, weeks=(0,)),
    Habit("training", "Security training", (_WED,), time(10), 60, PRIYA, weeks=(1,), kind=Kind.CANCELLED),
    Habit("on-call", "On call (reachable)", (_FRI,), time(9), 480, PRIYA, weeks=(0,), kind=Kind.FREE),
    Habit("sales-standup", "Sales stand-up", _WORKDAYS, time(9), 15, MATEO),
    Habit("mateo-lunch", "Lunch", _WORKDAYS, time(12), 60, MATEO),
    Habit("prospecting", "Prospecting block", (_MON, _WED, _FRI), time(9, 30), 90, MATEO),
    Habit("deal-desk", "Deal desk", (_TUE,), time(13), 60, MATEO),
    Habit("territory", "Territory planning", (_THU,), time(14), 120, MATEO, weeks=(1,)),
    Habit("coffee", "Coffee with a partner", (_FRI,), time(14), 60, MATEO, weeks=(0,), kind=Kind.CANCELLED),
)
"""Everything but the guest's and the leaver's calendars, who have none here."""
