"""The Activity stream: what App Home and the cards show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.calendar import Connection
from bot.domain.event_copies import Attention
from bot.domain.ids import ResourceId, UserId
from bot.domain.invitation import Draft, Invitation
from bot.domain.meeting import Attendance, Meeting
from bot.domain.people import Person
from bot.domain.preferences import DefaultMethod
from bot.domain.setup import SetupPage
from bot.domain.substitutes import RoomOffer


class Tab(StrEnum):
    INVITATIONS = "invitations"
    MEETINGS = "meetings"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class HomeState:
    """Which tab and page (from 0) a person looks at; of Meetings also between which days (both inclusive, on their own
    clock). Without days, Meetings are those to come."""

    tab: Tab = Tab.INVITATIONS
    page: int = 0
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class InvitationItem:
    """An Invitation as a card shows it. `slots_left` None: not counted (not ACTIVE, or calendars unreadable);
    then `unreadable` names whose. `members` are the possible ones, `optional` the optional ones."""

    invitation: Invitation
    inviter: Person
    members: tuple[Person, ...]
    optional: tuple[Person, ...] = ()
    slots_left: int | None = None
    unreadable: tuple[str, ...] = ()
    meeting: Meeting | None = None
    attendance: Mapping[UserId, Attendance] = field(default_factory=dict)
    """The assigned members' statuses in the Meeting."""
    rooms: tuple[str, ...] = ()
    """The names of the Rooms that are reserved for the Meeting."""
    room_names: Mapping[ResourceId, str] = field(default_factory=dict)
    """Of the Rooms that may be reserved."""
    attention: tuple[Attention, ...] = ()
    """What is wrong with the Meeting's event or conference."""
    at: datetime | None = None
    """When all of this was so."""

    @property
    def former_ids(self) -> tuple[UserId, ...]:
        """Who was assigned to the Meeting before."""
        assigned = self.meeting.assigned_member_ids if self.meeting else ()
        return tuple(user for user in self.attendance if user not in assigned)


@dataclass(frozen=True, slots=True)
class MeetingItem:
    """A Meeting as a card shows it: each assigned member with their status in it."""

    meeting: Meeting
    invitation: Invitation
    inviter: Person
    members: tuple[tuple[Person, Attendance], ...]
    optional: tuple[Person, ...] = ()
    attention: tuple[Attention, ...] = ()
    """What is wrong with its event or conference, for people to decide about."""
    rooms: tuple[str, ...] = ()
    """The names of those that are reserved for it."""
    former: tuple[Person, ...] = ()
    """Who was assigned before."""
    room_offers: tuple[RoomOffer, ...] = ()
    """What could be taken in place of Rooms that have declined."""
    at: datetime | None = None
    """When all of this was so."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a tab. `connected` False shows the connect banner; `total` counts all items, `size` a page's."""

    connected: bool
    calendar_systems: tuple[str, ...]
    """Names of the calendar systems that can be connected here; empty: none is set up."""
    drafts: tuple[Draft, ...]
    items: tuple[InvitationItem, ...] | tuple[MeetingItem, ...]
    total: int
    size: int
    active_invitations: int
    upcoming_meetings: int
    broken: tuple[Connection, ...] = ()
    """The reader's connections that have to be connected again."""
    method: DefaultMethod = DefaultMethod.INVITE
    """What the reader likes to begin with."""
    setup: SetupPage | None = None
    """What the *Setup* tab shows; only there."""
    command: str = "/invite"
    """The slash command that people are told."""


def may_see(viewer: Person, invitation: Invitation, members: Sequence[UserId]) -> bool:
    """Administrators see everything of their workspace; Members what they created or are assigned to."""
    if viewer.workspace_id != invitation.workspace_id:
        return False
    return viewer.is_admin or viewer.user_id == invitation.inviter_id or viewer.user_id in members
