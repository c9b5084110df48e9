"""The Invitation and what it is made of, step by step of the wizard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.calendar import ChosenCalendar
from bot.domain.ids import ChannelId, DraftId, InvitationId, PoolId, ResourceId, TrackingId, UserId, WorkspaceId
from bot.domain.languages import ENGLISH
from bot.domain.slots import SlotSearch
from bot.domain.timeframe import TimeFrame


class InvitationStatus(StrEnum):
    """DRAFT is a `Draft`; an Invitation begins ACTIVE and leaves that state once."""

    ACTIVE = "active"
    SCHEDULED = "scheduled"
    EXPIRED = "expired"
    CANCELED = "canceled"


class ConferencingKind(StrEnum):
    NONE = "none"
    LINK = "link"
    PHONE = "phone"
    IN_PERSON = "in_person"
    MEET = "meet"
    TEAMS = "teams"
    ZOOM = "zoom"


class DeliveryMethod(StrEnum):
    EMAIL = "email"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Participant:
    """The Customer. `time_zone` is an IANA name, or None where the User did not say."""

    name: str
    email: str
    company: str = ""
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Conferencing:
    """How they meet; `detail` is the link, or the phone number."""

    kind: ConferencingKind = ConferencingKind.NONE
    detail: str = ""


class SeatKind(StrEnum):
    PERSON = "person"
    PEOPLE_POOL = "people_pool"
    ROOM = "room"
    ROOM_POOL = "room_pool"


@dataclass(frozen=True, slots=True)
class Seat:
    """One requirement: who or what may fill it, in order of preference, each once.

    A round robin's candidate is the one whose turn it was when the Invitation was sent. Those of pooled availability
    are all active members, and follow the pool until somebody books: none, where nobody is active any more. `by_hand`:
    the person was chosen, and stays. `reason` says why a round robin gave this person, after the name and a colon.
    """

    kind: SeatKind
    candidates: tuple[ResourceId, ...]
    pool_id: PoolId | None = None
    by_hand: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """Step 1. Each seat is filled by somebody else; optional members restrict nothing."""

    subject: str
    duration: timedelta
    seats: tuple[Seat, ...]
    optional_members: tuple[UserId, ...] = ()
    description: str = ""
    conferencing: Conferencing = Conferencing()
    location: str = ""

    def optional_besides(self, assigned: Collection[UserId]) -> tuple[UserId, ...]:
        """The optional members but those whom a pool, or an alternative, has made required."""
        return tuple(user for user in self.optional_members if user not in assigned)

    @property
    def requirements(self) -> tuple[tuple[ResourceId, ...], ...]:
        """The seats' candidates, as the engine asks for them."""
        return tuple(seat.candidates for seat in self.seats)

    @property
    def pool_ids(self) -> tuple[PoolId, ...]:
        """The pools that fill seats, each once, sorted: whoever locks several does it in this order."""
        return tuple(sorted({seat.pool_id for seat in self.seats if seat.pool_id}))


@dataclass(frozen=True, slots=True)
class SlotRules:
    """Step 2. `spacing` None is "same as duration"."""

    frame: TimeFrame
    spacing: timedelta | None = timedelta(minutes=30)
    notice: timedelta = timedelta(minutes=60)
    buffer_before: timedelta = timedelta()
    buffer_after: timedelta = timedelta()
    respect_working_hours: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """Step 3: what the Customer gets. `promoted` are starts (UTC) listed in the email itself."""

    subject: str
    message: str = ""
    promote: bool = True
    promoted: tuple[datetime, ...] = ()
    delivery: DeliveryMethod = DeliveryMethod.EMAIL
    channel_id: ChannelId | None = None
    language: str = ENGLISH
    """What the Customer is written in, one of `bot.domain.languages`."""
    include_customer: bool = True
    """Whether the Customer is in the event."""
    on_behalf: bool = False
    """The User made the Meeting at once: nothing was to be picked, and `message` stands in the confirmation."""
    confirms: bool = True
    """Whether the Customer gets the confirmation by email."""
    calendar: ChosenCalendar | None = None
    """Where the event is created; None: where the default rule says."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A Slack message that can be updated."""

    channel_id: ChannelId
    ts: str


class DraftStep(StrEnum):
    PARTICIPANT = "participant"
    DETAILS = "details"
    TIME_FRAME = "time_frame"
    LETTER = "letter"
    SLOT = "slot"
    """On behalf, after DETAILS: the time is picked."""
    CONFIRMATION = "confirmation"


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished wizard.

    `fields` holds what the person has chosen or typed, valid or not, by field name
    (`bot.domain.fields`): JSON values only, so that *Back* and *Resume* give back every character.
    `revision` grows with each save; `generation` with each value that the app itself has set
    (Slack keeps what was typed while block ids stay, so they carry it).
    """

    id: DraftId
    workspace_id: WorkspaceId
    owner_id: UserId
    step: DraftStep
    fields: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    generation: int = 0
    card: MessageRef | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is sent. `expires_at` is the first instant at which no start of the grid is left."""

    id: InvitationId
    workspace_id: WorkspaceId
    tracking_id: TrackingId
    inviter_id: UserId
    participant: Participant
    details: Details
    rules: SlotRules
    letter: Letter
    status: InvitationStatus
    token: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    bounced_reason: str = ""
    card: MessageRef | None = None
    revision: int = 0
    """Raised whenever its seats are filled anew: nobody may be assigned by an older reading."""

    @property
    def member_ids(self) -> tuple[UserId, ...]:
        """Every Team member who may be assigned, in order, each once; rooms are not among them."""
        candidates = (c for requirement in self.details.requirements for c in requirement)
        return tuple(dict.fromkeys(UserId(c) for c in candidates if not c.startswith("room:")))

    @property
    def search(self) -> SlotSearch:
        """The engine's question."""
        return slot_search(self.details, self.rules)


def slot_search(details: Details, rules: SlotRules) -> SlotSearch:
    """The engine's question that steps 1 and 2 ask together."""
    return SlotSearch(
        frame=rules.frame,
        duration=details.duration,
        spacing=rules.spacing or details.duration,
        requirements=details.requirements,
        notice=rules.notice,
        buffer_before=rules.buffer_before,
        buffer_after=rules.buffer_after,
    )
