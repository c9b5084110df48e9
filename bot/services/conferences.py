"""Conferences: which are offered, how they are made, and who hears of the link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain import fields as f
from bot.domain.calendar import Conference
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.event_copies import CopyRole, EventCopy
from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.invitation import ConferencingKind, Details, Invitation, SeatKind
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.domain.seating import seats
from bot.errors import DeliveryError, FormError
from bot.ports import Clock, ConferenceProvider, Directory, UnitOfWork, UnitOfWorkFactory
from bot.services import meeting_rows
from bot.services.event_needs import CALENDAR_NAMES, NAMES, EventNeeds
from bot.services.subjects import meeting_of

ALWAYS = (
    ConferencingKind.NONE,
    ConferencingKind.LINK,
    ConferencingKind.PHONE,
    ConferencingKind.IN_PERSON,
)
_MOVES = 5
_CHANGING = "The meeting keeps changing. The conference follows once that is over."
_NOT_SET_UP = "Zoom is not set up here any more. Send the customer a link of your own."


class Conferences:
    """`providers` make conferences beside the event, by their key (`zoom`)."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        providers: Mapping[str, ConferenceProvider],
        needs: EventNeeds,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._needs = needs
        self._directory = directory
        self._providers = providers
        self._clock = clock

    def offered(self, person: Person, fields: Mapping[str, Any]) -> tuple[ConferencingKind, ...]:
        """What step 1 offers this inviter: what is set up, or connected by them or by somebody whom the fields name.

        Whether the event can really come to lie there is seen to when the step is left.
        """
        connected = self._connected(person, fields)
        made = [kind for kind, calendar in CONFERENCE_CALENDARS.items() if calendar in connected]
        beside = [ConferencingKind(key) for key in self._providers]
        return (*made, *beside, *ALWAYS)

    def check(self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details) -> None:
        """Whether the conference can be made, and there is a calendar that the event could lie in for it and the Rooms.

        Raises FormError.
        """
        kind = details.conferencing.kind
        if kind is ConferencingKind.ZOOM and kind.value not in self._providers:
            raise FormError({f.CONFERENCING: "Zoom is not set up here. Choose another way to meet."})
        self._needs.check(workspace_id, inviter_id, details)

    # ------------------------------------------------------------ carriers

    def write(self, delivery: Delivery) -> None:
        """Make the Meeting's conference, or move the one that it has; once more where the Meeting has been moved while
        that was done. The one that the row `replaces` stays until another host's is there, and then there is none left
        that the former host has without anybody having heard of it."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        replaces = delivery.details.get(meeting_rows.REPLACES, "")
        for _ in range(_MOVES):
            if not meeting.is_live:
                break
            made = self._made(meeting, invitation, replaces)
            with self._unit_of_work(write=True) as unit:
                note_link(unit, meeting, invitation, made, self._clock())
                unit.commit()
            if replaces and made.id != replaces:
                self._provider(invitation).delete(Conference(replaces, ""))
            done, (meeting, invitation) = meeting, meeting_of(self._unit_of_work, delivery)
            is_other_host = host_of(done, invitation) != host_of(meeting, invitation)
            if done.start == meeting.start and not is_other_host:
                break
            replaces = made.id if is_other_host else ""
        else:
            raise DeliveryError(_CHANGING)
        former = UserId(delivery.details.get(meeting_rows.FORMER_HOST, ""))
        if former and former != host_of(meeting, invitation):
            lost = self._provider(invitation).find(meeting, host=self._address(meeting, former))
            if lost and lost.id != meeting.conference_id:
                self._provider(invitation).delete(lost)

    def _made(self, meeting: Meeting, invitation: Invitation, replaces: str) -> Conference:
        provider = self._provider(invitation)
        topic = f"{invitation.details.subject} ({invitation.participant.name})"
        if meeting.conference_id not in ("", replaces):
            moved = provider.move(Conference(meeting.conference_id, meeting.join_url), meeting, topic)
            if moved is not None:
                return moved
        return provider.create(meeting, topic, host=self._address(meeting, host_of(meeting, invitation)))

    def delete(self, delivery: Delivery) -> None:
        """Also one that was made by somebody who could not say so any more."""
        meeting, invitation = meeting_of(self._unit_of_work, delivery)
        if meeting.is_live:
            return
        provider = self._provider(invitation)
        if meeting.conference_id:
            provider.delete(Conference(meeting.conference_id, meeting.join_url))
        elif lost := provider.find(meeting, host=self._address(meeting, host_of(meeting, invitation))):
            provider.delete(lost)

    def _address(self, meeting: Meeting, host: UserId) -> str:
        """Empty where Slack does not know them any more."""
        [person] = self._directory.named(meeting.workspace_id, [host])
        return person.email

    def _provider(self, invitation: Invitation) -> ConferenceProvider:
        provider = self._providers.get(invitation.details.conferencing.kind.value)
        if provider is None:
            raise DeliveryError(_NOT_SET_UP, permanent=True)
        return provider

    def _connected(self, person: Person, fields: Mapping[str, Any]) -> frozenset[str]:
        """The calendar systems of the inviter and of everybody who may be assigned."""
        users = {person.user_id}
        with self._unit_of_work() as unit:
            for seat in seats(fields, {}):
                if seat.kind is SeatKind.PEOPLE_POOL and seat.pool_id:
                    pool = unit.pools.get(seat.pool_id)
                    users |= {UserId(who) for who in pool.active} if pool else set()
                elif seat.kind is SeatKind.PERSON:
                    users |= {UserId(who) for who in seat.candidates}
            found = unit.connections.of_users(person.workspace_id, sorted(users))
        return frozenset(one.provider for own in found.values() for one in own)


def host_of(meeting: Meeting, invitation: Invitation) -> UserId:
    """Whose conference it is: the inviter's where they are in the Meeting, else the first member's."""
    members, inviter_id = meeting.assigned_member_ids, invitation.inviter_id
    return inviter_id if inviter_id in members or not members else members[0]


def impossible(invitation: Invitation, copies: tuple[EventCopy, ...]) -> str:
    """Why the calendar that the event has come to lie in cannot make the conference; empty where it can."""
    kind = invitation.details.conferencing.kind
    calendar = CONFERENCE_CALENDARS.get(kind)
    if calendar is None or any(copy.role is CopyRole.EVENT and copy.provider == calendar for copy in copies):
        return ""
    return f"{NAMES[kind]} needs the event in a {CALENDAR_NAMES[calendar]} calendar, and it lies in another one."


def note_link(unit: UnitOfWork, meeting: Meeting, invitation: Invitation, made: Conference, now: datetime) -> None:
    """Keep where to join, and tell whoever was told without it.

    The confirmation waits a little for the link; where one without it has gone out already, the link follows by
    itself. One that is on its way at this very moment finds out afterwards: both lock the Meeting.
    """
    present = unit.meetings.get(meeting.id, lock=True) or meeting
    copies = unit.event_copies.of_meeting(meeting.id)
    unit.outbox.hasten(meeting.id, DeliveryKind.MAIL_CONFIRMATION, now)
    is_told_without = present.told_link not in (None, made.join_url)
    is_beside = invitation.details.conferencing.kind not in CONFERENCE_CALENDARS
    outdated = [copy for copy in copies if is_beside and copy.written is not None]
    is_change = is_beside and bool(outdated or is_told_without)
    if not unit.meetings.set_conference(meeting.id, made, is_change=is_change):
        return
    unit.outbox.add(*meeting_rows.link_found(meeting, invitation, outdated, now, is_told_later=is_told_without))
