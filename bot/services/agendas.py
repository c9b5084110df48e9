"""Agendas: what somebody's own events are called, for nobody's eyes but theirs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.calendar import ConnectionState
from bot.domain.intervals import Interval
from bot.domain.people import Person
from bot.errors import CalendarUnreadableError
from bot.ports import CalendarProvider, UnitOfWorkFactory
from bot.ports.calendars import TitledCalendar

_AROUND = timedelta(hours=12)
"""Buffers reach beyond the meeting."""


class Agendas:
    """Best effort: a title is a courtesy, and where there is none the time is just busy."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, providers: Mapping[str, CalendarProvider]) -> None:
        self._unit_of_work = unit_of_work
        self._titled = {key: provider for key, provider in providers.items() if isinstance(provider, TitledCalendar)}

    def of(self, person: Person, start: datetime, end: datetime) -> tuple[tuple[Interval, str], ...]:
        """The person's own blocking events around that span, with their titles, by start."""
        with self._unit_of_work() as unit:
            connections = unit.connections.of_user(person.workspace_id, person.user_id)
        found: list[tuple[Interval, str]] = []
        for connection in connections:
            provider = self._titled.get(connection.provider)
            if provider is None or connection.state is not ConnectionState.OK:
                continue
            try:
                found += provider.titles(connection, Interval(start - _AROUND, end + _AROUND))
            except CalendarUnreadableError:
                continue
        return tuple(sorted(found))
