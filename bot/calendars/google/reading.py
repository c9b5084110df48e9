"""Free/busy of many people at once: own calendars, and what an account may see of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from bot.calendars.google import busy
from bot.calendars.google.calls import Calls, calendar_list, is_owned
from bot.calendars.google.faults import INCOMPLETE, LATE, GoogleError
from bot.calendars.google.gathering import gather
from bot.domain.calendar import Connection, FreeBusy
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.errors import ConnectionBrokenError, InviteOnceError
from bot.rest import Deadline

BROKEN = "the connection is broken"

Question = Callable[[], Mapping[str, FreeBusy]]
"""Asks Google once; the answer by calendar. Raises nothing."""


@dataclass(frozen=True, slots=True)
class BusyReader:
    """Whoever has not answered by the deadline is unreadable, and so is whoever was answered in part."""

    calls: Calls
    executor: Executor

    def of_connections(
        self, connections: Sequence[Connection], window: Interval, deadline: Deadline
    ) -> Mapping[ConnectionId, FreeBusy]:
        """Of the calendars chosen in Setup, else of all that the account owns."""
        starts = {one.id: partial(self._own_questions, one, window, deadline) for one in connections}
        told = gather(self.executor, deadline, starts)
        return {
            one.id: busy.together(answer for part in told[one.id] for answer in part.values())
            if told.get(one.id)
            else FreeBusy(unreadable=LATE.reason)
            for one in connections
        }

    def of_addresses(
        self, reader: Connection, addresses: Sequence[str], window: Interval, deadline: Deadline
    ) -> Mapping[str, FreeBusy]:
        starts = {group: partial(self._questions, reader, group, window, deadline) for group in busy.groups(addresses)}
        told = gather(self.executor, deadline, starts)
        answers: dict[str, FreeBusy] = {}
        for group in starts:
            answers |= busy.joined(group, told[group]) if group in told else busy.unreadable(group, LATE.reason)
        return answers

    def _own_questions(self, connection: Connection, window: Interval, deadline: Deadline) -> list[Question]:
        try:
            ids = self.that_count(connection, deadline)
        except InviteOnceError as error:
            return [partial(busy.unreadable, [connection.account], _reason(error))]
        groups = busy.groups(ids)
        return [question for group in groups for question in self._questions(connection, group, window, deadline)]

    def _questions(
        self, connection: Connection, group: Sequence[str], window: Interval, deadline: Deadline
    ) -> list[Question]:
        return [partial(self._ask, connection, group, stretch, deadline) for stretch in busy.stretches(window)]

    def _ask(
        self, connection: Connection, group: Sequence[str], stretch: Interval, deadline: Deadline
    ) -> Mapping[str, FreeBusy]:
        body = busy.question(group, stretch)
        try:
            answer = self.calls.make(connection, lambda api: api.freebusy().query(body=body), deadline)
        except InviteOnceError as error:
            return busy.unreadable(group, _reason(error))
        return busy.understood(answer, group, stretch)

    def that_count(self, connection: Connection, deadline: Deadline) -> Sequence[str]:
        """The calendars chosen in Setup, else all that the account owns. Raises GoogleError, and what the credentials
        raise."""
        return connection.busy_calendars or self._owned(connection, deadline)

    def _owned(self, connection: Connection, deadline: Deadline) -> Sequence[str]:
        listed = calendar_list(partial(self.calls.make, connection, deadline=deadline))
        owned = [str(entry["id"]) for entry in listed if is_owned(entry)]
        if not owned:
            raise GoogleError(INCOMPLETE)
        return owned


def _reason(error: InviteOnceError) -> str:
    """Short, and naming nobody: colleagues read it too."""
    if isinstance(error, GoogleError):
        return error.reason
    return BROKEN if isinstance(error, ConnectionBrokenError) else LATE.reason
