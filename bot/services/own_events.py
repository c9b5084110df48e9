"""Own events: what a Meeting itself takes up in people's calendars does not stand in the way of moving it.

A calendar's free/busy may merge our event with others at the same time. So for that time events are read one by one;
where that is not possible it stays busy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.event_copies import CopyRole, EventCopy, Trouble
from bot.domain.ids import ConnectionId, MeetingId, ResourceId, is_room
from bot.domain.intervals import Interval
from bot.domain.meeting import Meeting
from bot.domain.rescheduling import on_cells, replaced
from bot.errors import CalendarUnreadableError
from bot.ports import CalendarProvider, Clock, ItemisedCalendar, UnitOfWork, UnitOfWorkFactory
from bot.services.availability import Reading
from bot.services.events import connection_of, written_to
from bot.services.readings import DEADLINE_S, FRESH

Others = tuple[Interval, ...] | None
"""What else blocks; None: that cannot be told."""

_KEPT = timedelta(minutes=1)
"""Pages of slots may be asked for many times a second, by whoever holds a link."""
_MOST_KEPT = 1000

_Question = tuple[MeetingId, int, ConnectionId, str, Interval]
"""Which Meeting, as it was by its sequence, in which calendar, at what time."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """One calendar account that somebody assigned is read by, and the calendar in it, where only one is meant."""

    resource: ResourceId
    connection: Connection
    calendar: str = ""


class OwnEvents:
    """`executor` asks the calendars, all at once."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        providers: Mapping[str, CalendarProvider],
        executor: Executor,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._providers = providers
        self._executor = executor
        self._clock = clock
        self._asked: dict[_Question, tuple[datetime, Future[Others]]] = {}
        self._lock = Lock()

    def left_out(self, meeting: Meeting, read: Callable[[], Reading], *, max_age: timedelta = FRESH) -> Reading:
        """What `read` says of those assigned, without the Meeting's own event. Claims are the reading's affair.

        With a `max_age` calendars are not asked again for what they said within the last minute.
        """
        with self._unit_of_work() as unit:
            copies = unit.event_copies.of_meeting(meeting.id)
            holders = tuple(self._holders(unit, meeting))
            lying = [
                (copy.role, *written_to(connection, copy))
                for copy in copies
                if copy.written is not None and (connection := connection_of(unit, copy))
            ]
        places = _places(meeting, copies)
        asked = {
            (holder, place): self._ask(meeting, holder, place, lying, max_age) for holder in holders for place in places
        }
        reading = read()
        wait(asked.values(), timeout=DEADLINE_S)
        calendars = dict(reading.calendars)
        for resource in {holder.resource for holder in holders}:
            for place in places:
                mine = [future for (one, at), future in asked.items() if (one.resource, at) == (resource, place)]
                others = _together(mine)
                calendar = calendars.get(resource)
                if others is not None and calendar and calendar.index:
                    calendars[resource] = replace(calendar, index=replaced(calendar.index, place, others))
        return replace(reading, calendars=calendars)

    def _holders(self, unit: UnitOfWork, meeting: Meeting) -> Iterator[_Holder]:
        """The accounts that busy times come from; nobody whose time could not be told from them alone."""
        rooms = unit.rooms.by_ids([resource for resource in meeting.assigned if is_room(resource)])
        for room in rooms.values():
            through = unit.connections.get(room.connection_id)
            if through and self._can_tell(through):
                yield _Holder(room.id, through, room.address)
        for user, own in unit.connections.of_users(meeting.workspace_id, meeting.assigned_member_ids).items():
            if all(map(self._can_tell, own)):
                yield from (_Holder(ResourceId(user), connection) for connection in own)

    def _can_tell(self, connection: Connection) -> bool:
        provider = self._providers.get(connection.provider)
        return connection.state is ConnectionState.OK and isinstance(provider, ItemisedCalendar)

    def _ask(
        self,
        meeting: Meeting,
        holder: _Holder,
        place: Interval,
        lying: Sequence[tuple[CopyRole, Connection, str]],
        max_age: timedelta,
    ) -> Future[Others]:
        question = (meeting.id, meeting.sequence, holder.connection.id, holder.calendar, place)
        oldest = self._clock() - min(max_age, _KEPT)
        with self._lock:
            asked_at, answer = self._asked.get(question, (None, None)) if max_age else (None, None)
            if asked_at and answer and asked_at >= oldest and not _says_nothing(answer):
                return answer
            answer = self._executor.submit(self._others, meeting.uid, holder, place, lying)
            if len(self._asked) >= _MOST_KEPT:
                self._asked = {one: known for one, known in self._asked.items() if known[0] >= self._clock() - _KEPT}
            self._asked[question] = (self._clock(), answer)
        return answer

    def _others(
        self, uid: str, holder: _Holder, place: Interval, lying: Sequence[tuple[CopyRole, Connection, str]]
    ) -> Others:
        """`lying` is where the event was written: the one that invites has another name with some calendar systems, and
        the invited ones' calendars have that too."""
        connection, provider = holder.connection, self._providers[holder.connection.provider]
        assert isinstance(provider, ItemisedCalendar)  # as `_can_tell` says
        try:
            uids = {uid}
            for role, account, calendar in lying:
                is_here = role is CopyRole.EVENT or account.id == connection.id
                if is_here and account.provider == connection.provider:
                    uids.add(provider.known_as(account, uid, timeout_s=DEADLINE_S, calendar=calendar))
            calendar = holder.calendar
            return tuple(provider.busy_besides(connection, uids, place, timeout_s=DEADLINE_S, calendar=calendar))
        except CalendarUnreadableError:
            return None


def _places(meeting: Meeting, copies: Sequence[EventCopy]) -> tuple[Interval, ...]:
    """Where the event may lie: at the Meeting's time, at the one before, of which a calendar or what we keep of it may
    not know yet that it is over, or where somebody has put it in a calendar."""
    starts = [meeting.start, *([meeting.last_move.previous] if meeting.last_move else [])]
    found = [finding for copy in copies for finding in (copy.suspicion, copy.finding) if finding]
    starts += [datetime.fromisoformat(finding.detail) for finding in found if finding.trouble is Trouble.MOVED]
    return tuple(dict.fromkeys(on_cells(Interval(start, start + meeting.duration)) for start in starts))


def _says_nothing(answer: Future[Others]) -> bool:
    """Nobody answered, or it failed: then it is asked again."""
    return answer.done() and (answer.cancelled() or answer.exception() is not None or answer.result() is None)


def _together(asked: Sequence[Future[Others]]) -> Others:
    """What all accounts of one person say; None where one of them does not, or is late."""
    answers = [future.result() if future.done() else None for future in asked]
    if any(answer is None for answer in answers):
        return None
    return tuple(interval for answer in answers if answer for interval in answer)
