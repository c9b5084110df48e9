"""The rows of the outbox that each change of state causes, written in its transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.domain.delivery import Delivery, DeliveryKind, News
from bot.domain.ids import DeliveryId, UserId, WorkspaceId, new_id
from bot.domain.invitation import DeliveryMethod, Draft, Invitation
from bot.domain.meeting import Meeting


def delivery(
    workspace_id: WorkspaceId,
    kind: DeliveryKind,
    subject_id: str,
    recipient: str,
    now: datetime,
    *,
    about: str = "",
    details: Mapping[str, str] | None = None,
) -> Delivery:
    """A delivery that is due at once."""
    return Delivery(
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


def draft_card(draft: Draft, now: datetime) -> Delivery:
    return delivery(draft.workspace_id, DeliveryKind.SLACK_DRAFT, draft.id, draft.owner_id, now)


def invitation_changed(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    """The card in place, and App Home of everybody who sees the Invitation."""
    workspace_id = invitation.workspace_id
    yield delivery(workspace_id, DeliveryKind.SLACK_CARD, invitation.id, invitation.inviter_id, now)
    for user in _audience(invitation):
        yield delivery(workspace_id, DeliveryKind.SLACK_HOME, invitation.id, user, now)


def invitation_sent(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield _letter(invitation, now)
    yield from invitation_changed(invitation, now)


def invitation_resent(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield _letter(invitation, now)


def invitation_expired(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield from invitation_changed(invitation, now)
    yield _news(invitation, invitation.id, invitation.inviter_id, News.EXPIRED, now)


def mail_failed(invitation: Invitation, reason: str, now: datetime) -> Iterator[Delivery]:
    yield from invitation_changed(invitation, now)
    yield _news(invitation, invitation.id, invitation.inviter_id, News.FAILED_MAIL, now, {"text": reason})


def meeting_booked(meeting: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    """Copies in calendars, the confirmation, the news, the channel, the card and Home."""
    for holder in _calendar_holders(meeting, invitation):
        yield delivery(meeting.workspace_id, DeliveryKind.EVENT_WRITE, meeting.id, holder, now)
    yield delivery(meeting.workspace_id, DeliveryKind.MAIL_CONFIRMATION, meeting.id, invitation.participant.email, now)
    yield from _meeting_told(meeting, invitation, News.BOOKED, now)


def meeting_cancelled(meeting: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    for holder in _calendar_holders(meeting, invitation):
        yield delivery(meeting.workspace_id, DeliveryKind.EVENT_CANCEL, meeting.id, holder, now)
    yield delivery(meeting.workspace_id, DeliveryKind.MAIL_CANCELLATION, meeting.id, invitation.participant.email, now)
    yield from _meeting_told(meeting, invitation, News.CANCELED, now)


def _letter(invitation: Invitation, now: datetime) -> Delivery:
    if invitation.letter.delivery is DeliveryMethod.EMAIL:
        kind, recipient = DeliveryKind.MAIL_INVITATION, invitation.participant.email
        return delivery(invitation.workspace_id, kind, invitation.id, recipient, now)
    return _news(invitation, invitation.id, invitation.inviter_id, News.READY_TO_PASTE, now)


def _meeting_told(meeting: Meeting, invitation: Invitation, news: News, now: datetime) -> Iterator[Delivery]:
    for user in dict.fromkeys((invitation.inviter_id, *meeting.assigned_member_ids)):
        yield _news(invitation, meeting.id, user, news, now)
    if invitation.letter.channel_id:
        yield delivery(
            meeting.workspace_id,
            DeliveryKind.SLACK_CHANNEL,
            meeting.id,
            invitation.letter.channel_id,
            now,
            about=news,
        )
    yield from invitation_changed(invitation, now)


def _news(
    invitation: Invitation,
    subject_id: str,
    to: UserId,
    news: News,
    now: datetime,
    details: Mapping[str, str] | None = None,
) -> Delivery:
    return delivery(invitation.workspace_id, DeliveryKind.SLACK_DM, subject_id, to, now, about=news, details=details)


def _audience(invitation: Invitation) -> tuple[UserId, ...]:
    return tuple(dict.fromkeys((invitation.inviter_id, *invitation.member_ids)))


def _calendar_holders(meeting: Meeting, invitation: Invitation) -> tuple[str, ...]:
    """Everybody whose calendar gets a copy: the assigned, and optional members (the event is all they get)."""
    return tuple(dict.fromkeys((*meeting.assigned, *invitation.details.optional_members)))
