"""What the Customer finds behind the link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person


class Situation(StrEnum):
    OPEN = "open"
    """There are slots to choose from."""
    ALL_TAKEN = "all_taken"
    UNREADABLE = "unreadable"
    """A calendar could not be read: no times are shown rather than wrong ones."""
    BOOKED = "booked"
    PAST = "past"
    """The meeting has been."""
    CANCELED_BY_CUSTOMER = "canceled_by_customer"
    CANCELED_BY_USER = "canceled_by_user"
    """The booked meeting was cancelled by somebody of the inviter's side."""
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The Invitation was cancelled before anything was booked."""


@dataclass(frozen=True, slots=True)
class BookingState:
    """The present state of one Invitation, for the Customer's eyes. `starts` (UTC) only where OPEN.

    `members` are those who may take part (OPEN) or are assigned (booked).
    """

    situation: Situation
    invitation: Invitation
    inviter: Person
    members: tuple[Person, ...]
    starts: tuple[datetime, ...] = ()
    meeting: Meeting | None = None
    is_invited_by_calendar: bool = False
    """Whether the calendar system itself invites the Customer: then nothing needs adding to theirs."""
