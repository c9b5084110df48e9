"""Deliveries: everything that leaves the product is a row first (the outbox)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.ids import DeliveryId, WorkspaceId, new_id

LEASE = timedelta(seconds=60)
"""How long a worker holds a row: whatever a killed worker held goes on within 2 minutes."""
GIVE_UP_AFTER = timedelta(hours=24)
_PAUSES_S = (20, 60, 180, 600, 1800, 3600, 7200)


class DeliveryKind(StrEnum):
    MAIL_INVITATION = "mail.invitation"
    MAIL_CONFIRMATION = "mail.confirmation"
    MAIL_RESCHEDULED = "mail.rescheduled"
    MAIL_CANCELLATION = "mail.cancellation"
    MAIL_TEAM = "mail.team"
    """Who comes now, or which Room it is; `details` as with News.REASSIGNED."""
    MAIL_JOIN_LINK = "mail.join_link"
    """The link to join, where it came after the confirmation."""
    MAIL_MEMBER = "mail.member"
    """The event for somebody of the inviter's side whose calendar we cannot write."""
    CONFERENCE_WRITE = "conference.write"
    CONFERENCE_DELETE = "conference.delete"
    EVENT_WRITE = "event.write"
    EVENT_CANCEL = "event.cancel"
    SLACK_DRAFT = "slack.draft"
    SLACK_CARD = "slack.card"
    SLACK_THREAD = "slack.thread"
    """What was sent, in the thread of the card."""
    SLACK_DM = "slack.dm"
    SLACK_CHANNEL = "slack.channel"
    SLACK_HOME = "slack.home"
    SLACK_CONNECTION = "slack.connection"
    """A DM about a connection to its owner; the subject is the connection."""


MAILS = frozenset(kind for kind in DeliveryKind if kind.startswith("mail."))
LANES = (MAILS, frozenset(DeliveryKind) - MAILS)
"""Within a lane one subject's deliveries come in order; one lane never waits for another. Events and conferences are in
one with Slack's messages, so that these have the link to join."""


class News(StrEnum):
    """What a DM or a channel note tells."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELED = "canceled"
    EXPIRED = "expired"
    FAILED_MAIL = "failed_mail"
    UNTOLD = "untold"
    """A mail about a Meeting has not reached the Customer, who may not know how things stand."""
    NO_NOTE = "no_note"
    """A channel could not be told of a Meeting; the text is the channel and, after a space, why."""
    BROKEN_CALENDAR = "broken_calendar"
    REMOVED_CALENDAR = "removed_calendar"
    """Somebody has disconnected a calendar that an open Invitation depends on."""
    DEPARTED = "departed"
    """People whom an open Invitation needs have left Slack; the text is their names."""
    READY_TO_PASTE = "ready_to_paste"
    NEEDS_ATTENTION = "needs_attention"
    """Something is wrong with the event or the conference, and somebody has to decide."""
    DECLINED = "declined"
    MEMBER_LEFT = "member_left"
    """Somebody who is assigned to a Meeting has left Slack."""
    REASSIGNED = "reassigned"
    """Somebody, or a Room, has given up a place (`out`), and perhaps somebody has taken it (`came`)."""


class ConnectionNews(StrEnum):
    """What a DM tells the owner of a connection."""

    CONNECTED = "connected"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to send. `subject_id` is the Invitation's or Meeting's id, `recipient` whom it is for
    (an address, a Slack user, a channel, a resource), `about` the news, where the kind needs it."""

    id: DeliveryId
    workspace_id: WorkspaceId
    kind: DeliveryKind
    subject_id: str
    recipient: str
    created_at: datetime
    due_at: datetime
    about: str = ""
    attempts: int = 0
    details: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at_once(
        cls,
        workspace_id: WorkspaceId,
        kind: DeliveryKind,
        subject_id: str,
        recipient: str,
        now: datetime,
        *,
        about: str = "",
        details: Mapping[str, str] | None = None,
    ) -> Self:
        """A new one that is due now."""
        return cls(
            id=DeliveryId(new_id()),
            workspace_id=workspace_id,
            kind=kind,
            subject_id=subject_id,
            recipient=recipient,
            created_at=now,
            due_at=now,
            about=about,
            details=details or {},
        )


def next_attempt(attempts: int, now: datetime) -> datetime:
    """When a delivery that has failed `attempts` times (≥ 1) is tried again: within 30 s, then up to 2 h apart."""
    pause_s = _PAUSES_S[min(attempts, len(_PAUSES_S)) - 1]
    return now + timedelta(seconds=pause_s)


def is_given_up(created_at: datetime, now: datetime) -> bool:
    return now - created_at >= GIVE_UP_AFTER
