"""Copies of a Meeting's event: where each lies, what was last written and read there, what is to be decided on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.event_needs import CONFERENCE_CALENDARS
from bot.domain.ids import ConnectionId, MeetingId, ResourceId, WorkspaceId, new_link_token
from bot.domain.invitation import ConferencingKind, Invitation

LINK_TO_COME = frozenset({*CONFERENCE_CALENDARS, ConferencingKind.ZOOM})
"""Conferences that are made once the Meeting is booked."""

CONFIRMED_AFTER = timedelta(seconds=60)
"""A reading counts once another one at least this much later says the same."""
_SOON = timedelta(days=14)
_OFTEN = timedelta(minutes=5)
_SELDOM = timedelta(hours=1)


class CopyRole(StrEnum):
    EVENT = "event"
    """The one event, with everybody as attendees: the calendar system invites them."""
    COPY = "copy"
    MAIL = "mail"
    """No calendar that we can write: our own mail invites."""


class Trouble(StrEnum):
    """What is not as it should be with an event or a conference."""

    NOT_WRITTEN = "not_written"
    """And it is tried again."""
    GIVEN_UP = "given_up"
    """It was not written, and will not be unless somebody asks for it."""
    NOT_REMOVED = "not_removed"
    MISSING = "missing"
    MOVED = "moved"
    ATTENDEES = "attendees"
    ROOM_DECLINED = "room_declined"
    NO_LINK = "no_link"
    NO_CONFERENCE = "no_conference"


@dataclass(frozen=True, slots=True)
class Finding:
    """`detail`: the start an event was moved to (ISO 8601), the names that are missing, or why it failed."""

    trouble: Trouble
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """A finding for people to decide about; `who` is whose calendar it is in, empty for a conference."""

    finding: Finding
    who: str = ""


@dataclass(frozen=True, slots=True)
class CopyChange:
    """What becomes of a Meeting's copies once somebody else is in it. `is_elsewhere`: the one event lies in another
    calendar from now on, and what was made with it is gone."""

    kept: tuple[EventCopy, ...]
    added: tuple[EventCopy, ...]
    withdrawn: tuple[EventCopy, ...]
    is_elsewhere: bool = False

    @property
    def present(self) -> tuple[EventCopy, ...]:
        return (*self.kept, *self.added)

    def relinked(self) -> CopyChange:
        """The same with another members' link in the event that everybody shares: whoever is gone has the old one."""
        kept = (replace(copy, token=new_link_token()) if copy.role is CopyRole.EVENT else copy for copy in self.kept)
        return replace(self, kept=tuple(kept))


@dataclass(frozen=True, slots=True)
class EventCopy:
    """One copy of a Meeting's event. `holder` is whose calendar it lies in; there is one a holder.

    `calendar` is the calendar's id there (empty: the account's default; a Room's address). `token` is the secret of
    the members' link `/m/…`. `written` is the sequence last written, None before. `check_at` is when it is read next,
    None: not any more. `suspicion` is what the last reading found and the next one has to confirm; `finding` is what
    is confirmed, until a reading finds everything in order; `is_accepted`: somebody said *Keep as it is*.
    `is_withdrawn`: its holder is not in the Meeting any more, and the copy is to be cancelled, or has been.
    """

    meeting_id: MeetingId
    workspace_id: WorkspaceId
    holder: ResourceId
    role: CopyRole
    token: str = field(repr=False)
    connection_id: ConnectionId | None = None
    provider: str = ""
    calendar: str = ""
    written: int | None = None
    check_at: datetime | None = None
    suspicion: Finding | None = None
    suspected_at: datetime | None = None
    finding: Finding | None = None
    is_accepted: bool = False
    is_withdrawn: bool = False

    @property
    def attention(self) -> Finding | None:
        """What somebody has to decide about."""
        return None if self.is_accepted else self.finding


def next_reading(end: datetime, now: datetime) -> datetime | None:
    """When an event that ends then is read again: every 5 minutes within 14 days, else every hour."""
    if end <= now:
        return None
    return now + (_OFTEN if end - now <= _SOON else _SELDOM)


def is_elsewhere(invitation: Invitation, copies: Sequence[EventCopy]) -> bool:
    """Whether the calendar that the inviter chose was gone, so that the event lies where the default rule says."""
    return invitation.letter.calendar is not None and not any(is_chosen(copy, invitation) for copy in copies)


def is_chosen(copy: EventCopy, invitation: Invitation) -> bool:
    """Whether it lies in the calendar that the inviter chose for the event."""
    chosen = invitation.letter.calendar
    return chosen is not None and (copy.connection_id, copy.calendar) == (chosen.connection_id, chosen.calendar)
