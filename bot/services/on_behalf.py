"""Scheduling on behalf: the User picks the time, and the Meeting is made at once, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import fields as f
from bot.domain import on_behalf, wizard
from bot.domain.activity import MeetingItem
from bot.domain.ids import ResourceId, is_room
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft, Invitation, InvitationStatus
from bot.domain.lineup import Lineup
from bot.domain.meeting import Meeting
from bot.domain.on_behalf import Conflict, Diary, Offer, OfferPage, Picked
from bot.domain.people import Person
from bot.errors import (
    CalendarUnreadableError,
    ClaimRefusedError,
    InvitationChangedError,
    NotConnectedError,
    NotFoundError,
    SlotTakenError,
    TurnMovedError,
)
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.activity import Activity
from bot.services.agendas import Agenda, Agendas
from bot.services.availability import FRESH, RECENT, Availability, Reading
from bot.services.connections import Connections
from bot.services.event_calendars import EventCalendars
from bot.services.events import Events
from bot.services.new_invitations import free_tracking_id, invitation_of
from bot.services.new_meetings import meeting_of, planned, store_meeting
from bot.services.seating import Seating, turns_of
from bot.services.turns import lineup_of, take_turns

_TRIES = 3
_GONE = "This time is not free any more. Here is what is left."
_TURN_MOVED = "Somebody else is next in line of a pool by now. Here are the times with them: choose again."


@dataclass(frozen=True, slots=True)
class _Look:
    """What one reading of the calendars says about a draft."""

    invitation: Invitation
    lineup: Lineup
    reading: Reading
    diary: Diary


class OnBehalf:
    """`agendas` know what events are called, where the User may see it."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        availability: Availability,
        activity: Activity,
        connections: Connections,
        event_calendars: EventCalendars,
        events: Events,
        seating: Seating,
        agendas: Agendas,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._availability = availability
        self._activity = activity
        self._connections = connections
        self._event_calendars = event_calendars
        self._events = events
        self._seating = seating
        self._agendas = agendas
        self._clock = clock

    def page(self, person: Person, draft: Draft) -> OfferPage:
        """The page of slots that the draft is at. Raises FormError, NotFoundError where a pool has nobody."""
        look = self._look(draft, RECENT)
        shows_taken = bool(draft.fields.get(f.SHOWS_TAKEN))
        zone = look.invitation.rules.frame.time_zone
        days = on_behalf.days_of(look.diary.starts(with_taken=shows_taken), zone)
        shown, number, pages = on_behalf.page_of(days, int(draft.fields.get(f.SLOT_PAGE) or 0))
        starts = [start for _, of_day in shown for start in of_day]
        offers = {offer.start: offer for offer in self._offers(person, look, starts)}
        return OfferPage(
            time_zone=zone,
            days=tuple((day, tuple(offers[start] for start in of_day)) for day, of_day in shown),
            number=number,
            pages=pages,
            free=len(look.diary.free),
            shows_taken=shows_taken,
            unreadable=tuple(look.reading.name(resource) for resource in look.diary.unreadable),
        )

    def pick(self, draft: Draft, slot: str, *, over: bool) -> dict[str, Any]:
        """The draft's fields with this start picked; `over`: whatever calendars say now is accepted.

        Raises SlotTakenError.
        """
        start = _instant(slot)
        look = self._look(draft, RECENT)
        if not look.diary.may_be_booked(start):
            raise SlotTakenError(_GONE)
        conflicts = [conflict.resource for conflict in look.diary.conflicts(start)]
        if conflicts and not over:
            raise SlotTakenError(_GONE)
        confirms = draft.fields.get(f.CONFIRMS, True)
        turns = turns_of(look.invitation.details.seats)
        return {f.SLOT: wizard.instant_text(start), f.ACCEPTED: conflicts, f.CONFIRMS: confirms, f.TURNS: turns}

    def picked(self, person: Person, draft: Draft) -> Picked:
        """What was picked, as it stands now. Raises SlotTakenError."""
        start = _instant(str(draft.fields.get(f.SLOT)))
        look = self._look(draft, RECENT)
        if not look.diary.may_be_booked(start):
            raise SlotTakenError(_GONE)
        (offer,) = self._offers(person, look, [start])
        names = tuple(look.reading.name(resource) for resource in look.diary.assigned(start))
        return Picked(offer, look.invitation.details, names)

    def schedule(self, person: Person, draft: Draft, fields: Mapping[str, Any]) -> MeetingItem:
        """Make the Meeting: a fresh read of the calendars, then one transaction.

        Raises FormError, NotConnectedError, SlotTakenError, CalendarUnreadableError; NotFoundError where the draft has
        become a Meeting already. Then nothing has changed.
        """
        if not self._connections.is_connected(person.workspace_id, person.user_id):
            raise NotConnectedError("Connect a calendar first, so that the meeting has somewhere to go.")
        draft = replace(draft, fields={**draft.fields, **fields})
        self._directory.check_channel(person.workspace_id, on_behalf.letter(draft.fields, "").channel_id)
        details = self._seating.details_now(draft.workspace_id, draft.fields)
        calendar = self._event_calendars.chosen(person, draft.fields, details)
        start = _instant(str(draft.fields.get(f.SLOT)))
        accepted = frozenset(map(ResourceId, draft.fields.get(f.ACCEPTED) or ()))
        for _attempt in range(_TRIES):
            look = self._look(draft, FRESH)
            self._require_turns(look.invitation, draft)
            meeting = self._meeting(look, start, accepted)
            invitation = replace(look.invitation, letter=replace(look.invitation.letter, calendar=calendar))
            try:
                invitation = self._store(invitation, meeting, draft)
            except (ClaimRefusedError, InvitationChangedError):
                continue
            except TurnMovedError as moved:
                raise SlotTakenError(_TURN_MOVED) from moved
            return self._activity.meeting_item(meeting, invitation)
        raise SlotTakenError(_GONE)

    # ------------------------------------------------------------ reading

    def _look(self, draft: Draft, max_age: timedelta) -> _Look:
        invitation = self._compose(draft)
        reading = self._availability.read(
            invitation.workspace_id, invitation.inviter_id, invitation.search, invitation.rules, max_age=max_age
        )
        with self._unit_of_work() as unit:
            lineup = lineup_of(unit, invitation, self._clock())
        search = replace(invitation.search, requirements=lineup.requirements)
        return _Look(invitation, lineup, reading, Diary(search, reading.calendars, self._clock()))

    def _offers(self, person: Person, look: _Look, starts: Sequence[datetime]) -> tuple[Offer, ...]:
        free = frozenset(look.diary.free)
        conflicts = {start: look.diary.conflicts(start) for start in starts if start not in free}
        agendas = self._titles(person, look, conflicts)

        def obstacle(start: datetime, conflict: Conflict) -> str:
            name = look.reading.name(conflict.resource)
            if conflict.is_claimed:
                return f"{name}: another meeting made here"
            if is_room(conflict.resource):
                return f"{name}: reserved"
            footprint = look.invitation.search.footprint(start)
            return f"{name}: {_title(agendas.get(conflict.resource, ()), footprint) or 'busy'}"

        return tuple(
            Offer(
                start,
                tuple(obstacle(start, conflict) for conflict in conflicts.get(start, ())),
                look.diary.may_be_booked(start),
            )
            for start in starts
        )

    def _titles(
        self, reader: Person, look: _Look, conflicts: Mapping[datetime, Sequence[Conflict]]
    ) -> Mapping[ResourceId, Agenda]:
        """What those who are busy are busy with, as far as the reader may know."""
        busy = {start: [one.resource for one in found if not one.is_claimed] for start, found in conflicts.items()}
        who = dict.fromkeys(resource for resources in busy.values() for resource in resources)
        people = [known for resource in who if isinstance(known := look.reading.resources[resource], Person)]
        starts = [start for start, resources in busy.items() if resources]
        if not people:
            return {}
        return self._agendas.of(reader, people, min(starts), max(starts) + look.invitation.details.duration)

    # ------------------------------------------------------------ making

    def _compose(self, draft: Draft) -> Invitation:
        """What the Meeting will belong to. Raises FormError."""
        now = self._clock()
        details = self._seating.details_now(draft.workspace_id, draft.fields)
        rules, letter = on_behalf.slot_rules(draft.fields, now), on_behalf.letter(draft.fields, details.subject)
        return invitation_of(draft, details, rules, letter, InvitationStatus.SCHEDULED, now)

    def _meeting(self, look: _Look, start: datetime, accepted: frozenset[ResourceId]) -> Meeting:
        """The Meeting with nobody booked over but those whom the User has accepted."""
        diary = look.diary
        if not diary.may_be_booked(start):
            if diary.unreadable:
                names = [look.reading.name(resource) for resource in diary.unreadable]
                raise CalendarUnreadableError(f"Not readable just now: {', '.join(names)}. Nothing was booked.", names)
            raise SlotTakenError(_GONE)
        surprises = [one.resource for one in diary.conflicts(start) if one.resource not in accepted]
        if surprises:
            busy = " and ".join(look.reading.name(resource) for resource in surprises)
            raise SlotTakenError(f"{busy} became busy at this time just now. Choose again.")
        return meeting_of(look.invitation, look.lineup, start, diary.assigned(start), self._clock())

    def _require_turns(self, invitation: Invitation, draft: Draft) -> None:
        """Nobody is booked but those who were shown. Raises SlotTakenError."""
        if turns_of(invitation.details.seats) != (draft.fields.get(f.TURNS) or {}):
            raise SlotTakenError(_TURN_MOVED)

    def _store(self, invitation: Invitation, meeting: Meeting, draft: Draft) -> Invitation:
        """All of it or nothing. Raises NotFoundError, InvitationChangedError, ClaimRefusedError, TurnMovedError."""
        now = self._clock()
        meeting, copies = planned(self._events, meeting, invitation)
        with self._unit_of_work(write=True) as unit:
            stored = unit.drafts.delete(draft.id)
            if stored is None:
                raise NotFoundError("This meeting has been scheduled already.")
            tracking_id = free_tracking_id(unit, draft.workspace_id)
            invitation = replace(invitation, tracking_id=tracking_id, card=stored.card)
            unit.invitations.add(invitation)
            if take_turns(unit, invitation, now).details.requirements != invitation.details.requirements:
                raise InvitationChangedError(_GONE)
            store_meeting(unit, replace(meeting, tracking_id=tracking_id), invitation, copies, now)
            unit.commit()
        return invitation


def _instant(text: str) -> datetime:
    """Raises SlotTakenError for what is no instant: nothing was picked."""
    try:
        return wizard.instants([text])[0]
    except ValueError as error:
        raise SlotTakenError(_GONE) from error


def _title(agenda: Agenda, footprint: Interval) -> str:
    """What the events at that time are called."""
    found = dict.fromkeys(title for interval, title in agenda if title and interval.overlaps(footprint))
    return ", ".join(list(found)[:2])
