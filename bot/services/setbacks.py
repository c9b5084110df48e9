"""What people hear of deliveries that fail: soon where an event or a conference is late, and when one is given up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.event_copies import Finding, Trouble
from bot.domain.ids import InvitationId, MeetingId, ResourceId
from bot.ports import UnitOfWork
from bot.services import invitation_rows, meeting_rows

_ABOUT_MEETINGS = frozenset(
    {
        DeliveryKind.MAIL_CONFIRMATION,
        DeliveryKind.MAIL_RESCHEDULED,
        DeliveryKind.MAIL_CANCELLATION,
        DeliveryKind.MAIL_TEAM,
        DeliveryKind.MAIL_JOIN_LINK,
    }
)
"""Mails to the Customer."""

PATIENCE = 3
"""After so many failures, some four minutes, it is shown; trying goes on."""


def note_failure(
    unit: UnitOfWork, delivery: Delivery, reason: str, now: datetime, *, is_given_up: bool
) -> Iterator[Delivery]:
    """Keep what has failed where cards show it; the rows that tell whom it concerns, once."""
    match delivery.kind:
        case DeliveryKind.MAIL_INVITATION if is_given_up:
            yield from _letter_failed(unit, delivery, reason, now)
        case kind if kind in _ABOUT_MEETINGS and is_given_up:
            yield from _customer_untold(unit, delivery, reason, now)
        case DeliveryKind.SLACK_CHANNEL if is_given_up:
            yield from _channel_untold(unit, delivery, reason, now)
        case DeliveryKind.EVENT_WRITE | DeliveryKind.EVENT_CANCEL | DeliveryKind.MAIL_MEMBER:
            if is_given_up or delivery.attempts + 1 == PATIENCE:
                yield from _event_failed(unit, delivery, reason, now, is_given_up=is_given_up)
        case DeliveryKind.CONFERENCE_WRITE:
            if is_given_up or delivery.attempts + 1 == PATIENCE:
                yield from _conference_failed(unit, delivery, reason, now)
        case _:
            return


def _letter_failed(unit: UnitOfWork, delivery: Delivery, reason: str, now: datetime) -> Iterator[Delivery]:
    invitation = unit.invitations.get(InvitationId(delivery.subject_id))
    if invitation:
        unit.invitations.mark_bounced(invitation.id, reason)
        yield from invitation_rows.mail_failed(invitation, reason, now)


def _customer_untold(unit: UnitOfWork, delivery: Delivery, reason: str, now: datetime) -> Iterator[Delivery]:
    meeting = unit.meetings.get(MeetingId(delivery.subject_id))
    invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
    if meeting and invitation:
        yield meeting_rows.customer_untold(meeting, invitation, reason, now)


def _channel_untold(unit: UnitOfWork, delivery: Delivery, reason: str, now: datetime) -> Iterator[Delivery]:
    meeting = unit.meetings.get(MeetingId(delivery.subject_id))
    invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
    if meeting and invitation:
        yield meeting_rows.channel_untold(meeting, invitation, delivery.recipient, reason, now)


def _event_failed(
    unit: UnitOfWork, delivery: Delivery, reason: str, now: datetime, *, is_given_up: bool
) -> Iterator[Delivery]:
    copy = unit.event_copies.get(MeetingId(delivery.subject_id), ResourceId(delivery.recipient), lock=True)
    meeting = unit.meetings.get(MeetingId(delivery.subject_id))
    invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
    if copy is None or meeting is None or invitation is None:
        return
    is_to_be = meeting.is_live and not copy.is_withdrawn
    if delivery.kind is (DeliveryKind.EVENT_CANCEL if is_to_be else DeliveryKind.EVENT_WRITE):
        return
    unwritten = Trouble.GIVEN_UP if is_given_up else Trouble.NOT_WRITTEN
    finding = Finding(unwritten if is_to_be else Trouble.NOT_REMOVED, reason)
    known = copy.finding.trouble if copy.finding else None
    if known is finding.trouble or (known is Trouble.NOT_WRITTEN and copy.is_accepted):
        return
    unit.event_copies.put(replace(copy, finding=finding, is_accepted=False))
    yield meeting_rows.needs_attention(meeting, invitation, now)
    yield from invitation_rows.changed(invitation, now)


def _conference_failed(unit: UnitOfWork, delivery: Delivery, reason: str, now: datetime) -> Iterator[Delivery]:
    meeting = unit.meetings.get(MeetingId(delivery.subject_id))
    invitation = unit.invitations.get(meeting.invitation_id) if meeting else None
    if meeting is None or invitation is None or not meeting.is_live or meeting.conference_problem:
        return
    unit.meetings.set_conference_problem(meeting.id, reason)
    yield meeting_rows.needs_attention(meeting, invitation, now)
    yield from invitation_rows.changed(invitation, now)
