"""The Activity stream: items as cards and Home show them, for the people who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page, Tab
from bot.domain.event_copies import Attention, Finding, Trouble
from bot.domain.ids import ResourceId, UserId, is_room
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import LIVE, Attendance, Meeting, MeetingStatus
from bot.domain.people import Person
from bot.domain.rooms import UNKNOWN_ROOM
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.availability import Availability
from bot.services.connections import Connections
from bot.services.drafts import Drafts
from bot.services.setup import Setup

PAGE_SIZE = 8
LISTED = (InvitationStatus.ACTIVE, InvitationStatus.EXPIRED)
"""Invitations that are still somebody's business; booked ones have become Meetings."""
_GLANCE = timedelta(minutes=10)
_JUST_ENDED = timedelta(hours=1)
_LONG_AGO, _FAR_AHEAD = date(2000, 1, 1), date(2999, 12, 30)


class Activity:
    """Builds what is shown; what a person may not see is not in it."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        availability: Availability,
        connections: Connections,
        drafts: Drafts,
        setup: Setup,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._availability = availability
        self._connections = connections
        self._drafts = drafts
        self._setup = setup
        self._clock = clock

    def home(self, person: Person, state: HomeState | None) -> tuple[HomeState, Page]:
        """App Home for this person, at the given place or where they were last; the place is remembered. Whoever may
        not invite has the Meetings alone."""
        with self._unit_of_work(write=True) as unit:
            known = unit.homes.get(person.workspace_id, person.user_id)
            state = state or known or HomeState()
            state = state if person.may_invite else replace(state, tab=Tab.MEETINGS)
            if state != known:  # else somebody who turns to another place just now would be turned back
                unit.homes.put(person.workspace_id, person.user_id, state)
            preferences = unit.preferences.get(person.workspace_id, person.user_id)
            unit.commit()
        invitations, invitation_count = self._invitations(person, state.page if state.tab is Tab.INVITATIONS else 0)
        meetings, meeting_count = self._meetings(person, state)
        is_ranged = state.tab is Tab.MEETINGS and bool(state.since or state.until)
        items: tuple[InvitationItem, ...] | tuple[MeetingItem, ...] = ()
        if state.tab is Tab.INVITATIONS:
            items = tuple(self.invitation_item(invitation) for invitation in invitations)
        elif state.tab is Tab.MEETINGS:
            items = tuple(self.meeting_item(meeting, invitation) for meeting, invitation in meetings)
        page = Page(
            connected=self._connections.is_connected(person.workspace_id, person.user_id),
            calendar_systems=self._connections.systems,
            drafts=self._drafts.open_drafts(person.workspace_id, person.user_id),
            items=items,
            total={Tab.INVITATIONS: invitation_count, Tab.MEETINGS: meeting_count}.get(state.tab, 0),
            size=PAGE_SIZE,
            active_invitations=invitation_count,
            upcoming_meetings=self._meetings(person, HomeState())[1] if is_ranged else meeting_count,
            broken=self._connections.broken(person),
            method=preferences.method,
            setup=self._setup.page(person) if state.tab is Tab.SETUP else None,
            command=self._setup.command,
        )
        return state, page

    def state(self, person: Person) -> HomeState:
        """Where they were last."""
        with self._unit_of_work() as unit:
            return unit.homes.get(person.workspace_id, person.user_id) or HomeState()

    def is_at(self, person: Person, state: HomeState) -> bool:
        """Whether they have not turned to another place since `home` looked there: what was drawn of it is then still
        what they want to see."""
        return self.state(person) == state

    def has_home(self, person: Person) -> bool:
        """Whether this person has ever opened App Home: only then is it worth publishing."""
        with self._unit_of_work() as unit:
            return unit.homes.get(person.workspace_id, person.user_id) is not None

    def invitation_item(self, invitation: Invitation) -> InvitationItem:
        """The Invitation with its people and, while ACTIVE, the number of slots left now."""
        with self._unit_of_work() as unit:
            meeting = unit.meetings.of_invitation(invitation.id)
            attendance = unit.meetings.attendance(meeting.id) if meeting else {}
        count: int | None = None
        unreadable: tuple[str, ...] = ()
        if invitation.status is InvitationStatus.ACTIVE:
            report = self._availability.report(
                invitation.workspace_id, invitation.inviter_id, invitation.details, invitation.rules, max_age=_GLANCE
            )
            count, unreadable = report.count, report.unreadable
        people = (*invitation.member_ids, *attendance)
        return InvitationItem(
            invitation=invitation,
            inviter=self._directory.person(invitation.workspace_id, invitation.inviter_id),
            members=self._directory.named(invitation.workspace_id, tuple(dict.fromkeys(people))),
            optional=self._directory.named(invitation.workspace_id, _optional(invitation, meeting)),
            slots_left=count,
            unreadable=unreadable,
            meeting=meeting,
            attendance=attendance,
            attention=self._attention(meeting) if meeting else (),
            rooms=self._rooms(meeting) if meeting else (),
            room_names={} if meeting else self._room_names(invitation),
            at=self._clock(),
        )

    def meeting_item(self, meeting: Meeting, invitation: Invitation) -> MeetingItem:
        members = self._directory.named(meeting.workspace_id, meeting.assigned_member_ids)
        with self._unit_of_work() as unit:
            attendance = unit.meetings.attendance(meeting.id)
        former = tuple(user for user in attendance if user not in meeting.assigned_member_ids)
        return MeetingItem(
            meeting=meeting,
            invitation=invitation,
            inviter=self._directory.person(invitation.workspace_id, invitation.inviter_id),
            members=tuple((member, attendance.get(member.user_id, Attendance.INVITED)) for member in members),
            optional=self._directory.named(
                meeting.workspace_id, invitation.details.optional_besides(meeting.assigned_member_ids)
            ),
            attention=self._attention(meeting),
            rooms=self._rooms(meeting),
            former=self._directory.named(meeting.workspace_id, former),
            at=self._clock(),
        )

    def _room_names(self, invitation: Invitation) -> dict[ResourceId, str]:
        """Those that may be reserved, as far as they are known."""
        wanted = [resource for seat in invitation.details.requirements for resource in seat if is_room(resource)]
        if not wanted:
            return {}
        with self._unit_of_work() as unit:
            return {room.id: room.name for room in unit.rooms.by_ids(wanted).values()}

    def _rooms(self, meeting: Meeting) -> tuple[str, ...]:
        """The names of the Rooms reserved, without those that nobody knows any more."""
        wanted = [resource for resource in meeting.assigned if is_room(resource)]
        if not wanted:
            return ()
        with self._unit_of_work() as unit:
            known = unit.rooms.by_ids(wanted)
        return tuple(known[resource].name for resource in wanted if resource in known)

    def _attention(self, meeting: Meeting) -> tuple[Attention, ...]:
        """What somebody has to decide about; of a Meeting that is over or cancelled only what could not be removed."""
        with self._unit_of_work() as unit:
            copies = [copy for copy in unit.event_copies.of_meeting(meeting.id, with_withdrawn=True) if copy.attention]
            rooms = unit.rooms.by_ids([copy.holder for copy in copies if is_room(copy.holder)])
        found = []
        for copy in copies:
            if copy.attention and (meeting.is_live or copy.attention.trouble is Trouble.NOT_REMOVED):
                room = rooms.get(copy.holder)
                name = room.name if room else self._name(meeting, copy.holder)
                found.append(Attention(copy.attention, name))
        if meeting.is_live and meeting.conference_problem:
            found.append(Attention(Finding(Trouble.NO_CONFERENCE, meeting.conference_problem)))
        return tuple(found)

    def _name(self, meeting: Meeting, holder: ResourceId) -> str:
        if is_room(holder):
            return UNKNOWN_ROOM
        [person] = self._directory.named(meeting.workspace_id, [UserId(holder)])
        return person.name

    def _invitations(self, person: Person, page: int) -> tuple[Sequence[Invitation], int]:
        with self._unit_of_work() as unit:
            return unit.invitations.page(
                person.workspace_id,
                visible_to=_scope(person),
                statuses=LISTED,
                offset=page * PAGE_SIZE,
                limit=PAGE_SIZE,
            )

    def _meetings(self, person: Person, state: HomeState) -> tuple[Sequence[tuple[Meeting, Invitation]], int]:
        """Those to come; all of the days that were asked for, in the Meetings tab."""
        page = state.page if state.tab is Tab.MEETINGS else 0
        days = _days(state, person.time_zone) if state.tab is Tab.MEETINGS else None
        with self._unit_of_work() as unit:
            return unit.meetings.page(
                person.workspace_id,
                visible_to=_scope(person),
                statuses=tuple(MeetingStatus) if days else tuple(LIVE),
                ends_after=None if days else self._clock() - _JUST_ENDED,
                starts_in=days,
                offset=page * PAGE_SIZE,
                limit=PAGE_SIZE,
            )


def _optional(invitation: Invitation, meeting: Meeting | None) -> tuple[UserId, ...]:
    return invitation.details.optional_besides(meeting.assigned_member_ids if meeting else ())


def _days(state: HomeState, zone: str) -> Interval | None:
    """From the first moment of the first day to the last one of the last, on that zone's clock; None: no days."""
    if state.since is None and state.until is None:
        return None
    tz = ZoneInfo(zone)
    first, last = (
        min(max(day, _LONG_AGO), _FAR_AHEAD) for day in (state.since or _LONG_AGO, state.until or _FAR_AHEAD)
    )
    since, until = (datetime.combine(day, time(), tz) for day in (first, last + timedelta(days=1)))
    start, end = since.astimezone(UTC), until.astimezone(UTC)
    return Interval(start, end) if start < end else Interval(start, start + timedelta(microseconds=1))


def _scope(person: Person) -> UserId | None:
    """Whose items to list: Administrators see the whole workspace."""
    return None if person.is_admin else person.user_id
