"""Carries the event's copies: into calendars, and by our own mail where there is none that we can write."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.calendar import Connection, ConnectionState, Event, EventStatus
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.event_copies import CopyRole, EventCopy
from bot.domain.ids import ResourceId, UserId, is_room
from bot.domain.meeting import Meeting
from bot.errors import DeliveryError
from bot.ports import CalendarProvider, Clock, Directory, UnitOfWorkFactory
from bot.services import meeting_rows
from bot.services.events import Events, connection_of, written_to
from bot.services.mail_carrier import MailCarrier
from bot.services.reconcile import Reconcile
from bot.services.subjects import meeting_of

_REWRITES = 5
_CHANGING = "The meeting keeps changing. It is written once that is over."
_BROKEN = "The calendar connection is broken. Connect the calendar again."
_GONE = "The calendar has been disconnected. Connect it again, or write the event into another one."


class EventCarrier:
    """A delivery's recipient is the copy's holder."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        providers: Mapping[str, CalendarProvider],
        events: Events,
        reconcile: Reconcile,
        mail: MailCarrier,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._providers = providers
        self._events = events
        self._reconcile = reconcile
        self._mail = mail
        self._clock = clock

    def write(self, delivery: Delivery) -> None:
        """As the Meeting is by then, and once more where it has changed while it was being written: of two changes
        that are carried at the same time the later one stands in the end."""
        is_to_be = True
        for _ in range(_REWRITES):
            written = self._put(delivery, is_to_be=is_to_be)
            meeting, _invitation = meeting_of(self._unit_of_work, delivery)
            if written is None or written.sequence == meeting.sequence:
                return
            with self._unit_of_work() as unit:
                copy = unit.event_copies.get(meeting.id, ResourceId(delivery.recipient))
            is_to_be = meeting.is_live and copy is not None and not copy.is_withdrawn
        raise DeliveryError(_CHANGING)

    def cancel(self, delivery: Delivery) -> None:
        self._put(delivery, is_to_be=False)

    def mail(self, delivery: Delivery) -> None:
        """The event as the Meeting is by then, to the copy's holder; nothing where they know that already: somebody who
        was changed twice in a row reads one mail."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        copy, _connection = self._copy(meeting, delivery)
        if copy is None or copy.written == meeting.sequence:
            return
        event = self._events.of_copy(meeting, invitation, copy)
        if copy.written is None and event.status is EventStatus.CANCELLED:
            return  # has never heard of it
        [to] = self._directory.named(copy.workspace_id, [UserId(copy.holder)])
        self._mail.event(meeting, invitation, event, to, delivery, copy.written)
        self._reconcile.written(copy, meeting)

    def _put(self, delivery: Delivery, *, is_to_be: bool) -> Meeting | None:
        """The Meeting as it was written. What has changed its mind in the meantime (cancelled, or back in the Meeting)
        is another delivery's, and so is what has to be mailed: None."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        copy, connection = self._copy(meeting, delivery)
        if copy is None:
            return None  # the event has been planned anew, without this one
        if (meeting.is_live and not copy.is_withdrawn) is not is_to_be:
            return None
        if copy.role is CopyRole.MAIL or (connection is None and self._may_be_mailed(copy)):
            self._leave_to_mail(meeting, copy)
            return None
        self._into_calendar(copy, connection, self._events.of_copy(meeting, invitation, copy))
        self._reconcile.written(copy, meeting)
        return meeting

    def _copy(self, meeting: Meeting, delivery: Delivery) -> tuple[EventCopy | None, Connection | None]:
        with self._unit_of_work() as unit:
            copy = unit.event_copies.get(meeting.id, ResourceId(delivery.recipient))
            return copy, connection_of(unit, copy) if copy else None

    def _leave_to_mail(self, meeting: Meeting, copy: EventCopy) -> None:
        """A mail server that hangs holds up mails only."""
        with self._unit_of_work(write=True) as unit:
            unit.outbox.add(meeting_rows.row(meeting, DeliveryKind.MAIL_MEMBER, copy.holder, self._clock()))
            unit.commit()

    def _into_calendar(self, copy: EventCopy, connection: Connection | None, event: Event) -> None:
        if connection is None or connection.provider not in self._providers:
            raise DeliveryError(_GONE)
        if connection.state is ConnectionState.BROKEN:
            raise DeliveryError(_BROKEN)
        provider = self._providers[connection.provider]
        account, calendar = written_to(connection, copy)
        if event.status is EventStatus.CANCELLED:
            provider.cancel(account, event, calendar=calendar)
        else:
            provider.write(account, event, calendar=calendar)

    def _may_be_mailed(self, copy: EventCopy) -> bool:
        """A member's copy that never came into the calendar, which is disconnected by now."""
        return copy.role is CopyRole.COPY and copy.written is None and not is_room(copy.holder)
