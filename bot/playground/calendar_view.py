"""Some days of a person's calendar, as JSON for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.calendar import Event
from bot.domain.intervals import Interval
from bot.playground.block_kit import JSON
from bot.playground.cast import Actor

EventsOf = Callable[[str, Interval], Sequence[Event]]
"""The events of an account that overlap the window."""
DAYS_MOST = 62


def calendar_json(actor: Actor, first: date, days: int, events_of: EventsOf) -> JSON:
    """The person's events on `days` local dates from `first` on."""
    zone = ZoneInfo(actor.time_zone)
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(first + timedelta(days=days), time(), zone).astimezone(UTC)
    events = events_of(actor.email, Interval(begin, end))
    return {"events": [_event_json(event) for event in events], "time_zone": actor.time_zone}


def _event_json(event: Event) -> JSON:
    return {
        "uid": event.uid,
        "title": event.summary,
        "start": event.start.isoformat(),
        "end": event.end.isoformat(),
        "status": event.status.value,
        "transparent": event.transparent,
        "location": event.location,
        "description": event.description,
        "attendees": [{"name": a.name, "email": a.email, "optional": a.optional} for a in event.attendees],
    }
