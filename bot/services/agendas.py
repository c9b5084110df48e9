"""Agendas: what events are called, for the eyes of those only who may see it in the calendar as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, wait
from datetime import datetime, timedelta
from functools import partial

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ResourceId, UserId
from bot.domain.intervals import Interval
from bot.domain.people import Person
from bot.errors import CalendarUnreadableError
from bot.ports import CalendarProvider, UnitOfWorkFactory
from bot.ports.calendars import TitledCalendar

Agenda = tuple[tuple[Interval, str], ...]
"""Events that block time with their titles, in order."""

_AROUND = timedelta(hours=12)
"""Buffers reach beyond the meeting."""
_PATIENCE_S = 1.5
"""Somebody is waiting for the view."""


class Agendas:
    """Best effort: a title is a courtesy, and where there is none the time is just busy. `executor` asks."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        providers: Mapping[str, CalendarProvider],
        executor: Executor,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._titled = {key: provider for key, provider in providers.items() if isinstance(provider, TitledCalendar)}
        self._executor = executor
        self._patience_s = patience_s

    def of(
        self, reader: Person, people: Sequence[Person], start: datetime, end: datetime
    ) -> Mapping[ResourceId, Agenda]:
        """Around that span, what the reader's own connections show them: everything of their own, and of each other
        person what these share with the reader's account. Everybody is asked at once, and nobody waited for long."""
        window = Interval(start - _AROUND, end + _AROUND)
        users = dict.fromkeys((reader.user_id, *(person.user_id for person in people)))
        with self._unit_of_work() as unit:
            connections = unit.connections.of_users(reader.workspace_id, list(users))
        asked = {
            self._executor.submit(_answer, ask, window): person.resource_id
            for person in people
            for ask in self._questions(reader, person, connections)
        }
        done = wait(asked, timeout=self._patience_s).done
        found: dict[ResourceId, set[tuple[Interval, str]]] = {}
        for future in done:
            found.setdefault(asked[future], set()).update(future.result())
        return {resource: tuple(sorted(titles)) for resource, titles in found.items()}

    def _questions(
        self, reader: Person, person: Person, connections: Mapping[UserId, Sequence[Connection]]
    ) -> Iterator[Callable[[Interval], Agenda]]:
        for mine in connections[reader.user_id]:
            provider = self._titled.get(mine.provider)
            if provider is None or mine.state is not ConnectionState.OK:
                continue
            if person.user_id == reader.user_id:
                yield partial(_own, provider, mine)
                continue
            there = [one.account for one in connections[person.user_id] if one.provider == mine.provider]
            for address in there or filter(None, [person.email]):
                yield partial(_theirs, provider, mine, address)


def _own(provider: TitledCalendar, mine: Connection, window: Interval) -> Agenda:
    return tuple(provider.titles(mine, window, timeout_s=_PATIENCE_S))


def _theirs(provider: TitledCalendar, mine: Connection, address: str, window: Interval) -> Agenda:
    return tuple(provider.titles_of(mine, address, window, timeout_s=_PATIENCE_S))


def _answer(ask: Callable[[Interval], Agenda], window: Interval) -> Agenda:
    try:
        return ask(window)
    except CalendarUnreadableError:
        return ()
