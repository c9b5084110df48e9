"""The calendar that the event goes into: which ones an inviter may choose, and what their choice means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from bot.domain import calendar_choice
from bot.domain import fields as f
from bot.domain.calendar import CalendarInfo, ChosenCalendar, Connection, ConnectionState
from bot.domain.calendar_choice import CalendarChoice, CalendarOffer
from bot.domain.ids import ConnectionId, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Details, SeatKind
from bot.domain.people import Person
from bot.errors import DeliveryError, FormError, InviteOnceError, NotFoundError
from bot.ports import CalendarProvider, Clock, Directory, UnitOfWorkFactory
from bot.services.event_needs import EventNeeds

PATIENCE_S = 0.5
"""How long a view waits for the list: it was asked for when step 1 was opened, so it is mostly there."""
_DEADLINE_S = 2.0
"""How long a choice that is to count waits for it."""
_KEPT = timedelta(minutes=10)
_FAILURE_KEPT = timedelta(seconds=10)
_UNANSWERED_KEPT = timedelta(seconds=30)
_MOST_KEPT = 1000

_WHOEVER = "the first Team member’s"
_GONE = "This calendar is not connected any more. Choose another one, or the default."
_NOT_THERE = "This calendar is not there any more, or cannot be written to. Choose another one, or the default."


@dataclass(frozen=True, slots=True)
class Listing:
    """What an account can see. Not readable is not empty."""

    calendars: tuple[CalendarInfo, ...] = ()
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class _Question:
    """A listing that was asked for, answered or not."""

    listing: Future[Listing]
    asked_at: datetime


class EventCalendars:
    """`executor` asks the calendar systems. Lists are kept for some minutes, and asked for once at a time."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        providers: Mapping[str, CalendarProvider],
        clock: Clock,
        executor: Executor,
        needs: EventNeeds,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._providers = providers
        self._clock = clock
        self._executor = executor
        self._needs = needs
        self._patience_s = patience_s
        self._questions: dict[ConnectionId, _Question] = {}
        self._lock = Lock()

    def warm(self, person: Person) -> None:
        """Ask for the person's calendars in the background."""
        for connection in self._usable(person.workspace_id, person.user_id):
            self._ask(connection)

    def choice(self, person: Person, fields: Mapping[str, Any], details: Details | None) -> CalendarChoice:
        """What the field offers this inviter; raises nothing, whatever the calendars do.

        A choice whose calendars cannot be listed now stays on offer, lest it turn into something else unseen.
        """
        connections = self._usable(person.workspace_id, person.user_id)
        listings = self._listings(connections, self._patience_s)
        named = calendar_choice.named(fields.get(f.CALENDAR))
        offers: list[CalendarOffer] = []
        unread = []
        for connection in connections:
            listing = listings[connection.id]
            offers += [calendar_choice.offer(connection, one) for one in listing.calendars if one.can_write]
            if not listing.is_readable:
                unread.append(connection.account)
                if named and named[0] == connection.id:
                    offers.append(CalendarOffer(str(fields[f.CALENDAR]), "As chosen before", connection.account))
        return CalendarChoice(self._default_holder(person, details), tuple(offers), tuple(unread))

    def chosen(self, person: Person, fields: Mapping[str, Any], details: Details) -> ChosenCalendar | None:
        """The calendar that was chosen; None: the default. Raises FormError where it cannot be taken, or where the
        conference or a Room needs another one."""
        named = calendar_choice.named(fields.get(f.CALENDAR))
        if named is None:
            self._needs.check_calendar(person.workspace_id, person.user_id, details, None)
            return None
        connections = {one.id: one for one in self._usable(person.workspace_id, person.user_id)}
        connection = connections.get(named[0])
        if connection is None:
            raise FormError({f.CALENDAR: _GONE})
        listing = self._listings([connection], _DEADLINE_S)[connection.id]
        if not listing.is_readable:
            raise FormError(
                {
                    f.CALENDAR: f"The calendars of {connection.account} cannot be read just now. "
                    "Try again in a moment, or choose the default."
                }
            )
        calendar = next((one for one in listing.calendars if one.key == named[1] and one.can_write), None)
        if calendar is None:
            raise FormError({f.CALENDAR: _NOT_THERE})
        self._needs.check_calendar(person.workspace_id, person.user_id, details, connection)
        return ChosenCalendar(connection.id, calendar.id)

    def _default_holder(self, person: Person, details: Details | None) -> str:
        """Whose calendar it is by default, as far as that is certain before anybody is assigned."""
        holder = _certain_holder(person.user_id, details) if details else None
        if holder == person.user_id:
            return "your own"
        if holder is None or not self._usable(person.workspace_id, holder):
            return _WHOEVER
        try:
            return f"{self._directory.person(person.workspace_id, holder).name}’s"
        except (NotFoundError, DeliveryError):
            return _WHOEVER

    def _usable(self, workspace_id: WorkspaceId, user_id: UserId) -> list[Connection]:
        with self._unit_of_work() as unit:
            found = unit.connections.of_user(workspace_id, user_id)
        return [one for one in found if one.state is ConnectionState.OK and one.provider in self._providers]

    def _listings(self, connections: Sequence[Connection], patience_s: float) -> dict[ConnectionId, Listing]:
        """All asked at once; whoever has not answered by then is not readable."""
        asked = {one.id: self._ask(one) for one in connections}
        done = wait(asked.values(), timeout=patience_s).done
        late = Listing(is_readable=False)
        return {key: listing.result() if listing in done else late for key, listing in asked.items()}

    def _ask(self, connection: Connection) -> Future[Listing]:
        now = self._clock()
        with self._lock:
            known = self._questions.get(connection.id)
            if known is None or not _is_recent(known, now):
                if len(self._questions) >= _MOST_KEPT:
                    self._questions = {key: one for key, one in self._questions.items() if _is_recent(one, now)}
                known = _Question(self._executor.submit(self._list, connection), now)
                self._questions[connection.id] = known
        return known.listing

    def _list(self, connection: Connection) -> Listing:
        try:
            return Listing(tuple(self._providers[connection.provider].calendars(connection)))
        except InviteOnceError:
            return Listing(is_readable=False)


def _is_recent(question: _Question, now: datetime) -> bool:
    """A question that nobody has answered for long is asked again."""
    if not question.listing.done():
        kept_for = _UNANSWERED_KEPT
    elif question.listing.cancelled() or question.listing.exception() or not question.listing.result().is_readable:
        kept_for = _FAILURE_KEPT
    else:
        kept_for = _KEPT
    return now - question.asked_at <= kept_for


def _certain_holder(inviter_id: UserId, details: Details) -> UserId | None:
    """Whose calendar the event will lie in, whoever of the candidates is assigned; None where that depends."""
    inviter = ResourceId(inviter_id)
    people = [seat.candidates for seat in details.seats if seat.kind in (SeatKind.PERSON, SeatKind.PEOPLE_POOL)]
    if (inviter,) in people:
        return inviter_id
    if not people or len(people[0]) != 1 or any(inviter in candidates for candidates in people):
        return None
    return UserId(people[0][0])
