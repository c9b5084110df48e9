"""The rows of the outbox that each change of state causes, written in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.domain.delivery import Delivery, DeliveryKind, News
from bot.domain.event_copies import LINK_TO_COME, CopyChange, EventCopy, is_elsewhere
from bot.domain.ids import ChannelId, DeliveryId, ResourceId, UserId, WorkspaceId, is_room, new_id
from bot.domain.invitation import ConferencingKind, DeliveryMethod, Draft, Invitation
from bot.domain.meeting import Meeting

LINK_PATIENCE = timedelta(minutes=2)
"""How long a confirmation waits for the link to join."""
PREVIOUS, MOVE = "previous", "move"
"""What rows about a move carry: the start from before, and the sequence that the Meeting got by it."""
REPLACES = "replaces"
"""The conference that is given up once the row's own is there."""
_NOT_WHERE_CHOSEN = (
    "The calendar that you chose for this meeting does not work any more, so the event was created in another one."
)


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


def invitation_changed(invitation: Invitation, now: datetime, *, besides: Iterable[UserId] = ()) -> Iterator[Delivery]:
    """The card in place, and App Home of everybody who sees the Invitation, `besides` among them."""
    workspace_id = invitation.workspace_id
    yield delivery(workspace_id, DeliveryKind.SLACK_CARD, invitation.id, invitation.inviter_id, now)
    for user in dict.fromkeys((invitation.inviter_id, *invitation.member_ids, *besides)):
        yield delivery(workspace_id, DeliveryKind.SLACK_HOME, invitation.id, user, now)


def invitation_sent(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield _letter(invitation, now)
    yield from invitation_changed(invitation, now)
    yield delivery(invitation.workspace_id, DeliveryKind.SLACK_THREAD, invitation.id, invitation.inviter_id, now)


def invitation_resent(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield _letter(invitation, now)


def invitation_expired(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield from invitation_changed(invitation, now)
    yield _news(invitation, invitation.id, invitation.inviter_id, News.EXPIRED, now)


def mail_failed(invitation: Invitation, reason: str, now: datetime) -> Iterator[Delivery]:
    yield from invitation_changed(invitation, now)
    yield _news(invitation, invitation.id, invitation.inviter_id, News.FAILED_MAIL, now, {"text": reason})


def customer_untold(meeting: Meeting, invitation: Invitation, reason: str, now: datetime) -> Delivery:
    return _news(invitation, meeting.id, invitation.inviter_id, News.UNTOLD, now, {"text": reason})


def meeting_booked(
    meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy], channels: Iterable[ChannelId], now: datetime
) -> Iterator[Delivery]:
    """The conference, the event's copies, the confirmation, the news, the channels, the card and Home.

    The confirmation waits a little for the link to join, where one is being made.
    """
    workspace_id, kind = meeting.workspace_id, invitation.details.conferencing.kind
    if kind is ConferencingKind.ZOOM:
        yield delivery(workspace_id, DeliveryKind.CONFERENCE_WRITE, meeting.id, kind, now)
    yield from events_written(meeting, copies, now)
    letter = confirmation(meeting, invitation, now)
    is_link_to_come = kind in LINK_TO_COME and not meeting.conference_problem
    yield replace(letter, due_at=now + LINK_PATIENCE) if is_link_to_come else letter
    remark = _NOT_WHERE_CHOSEN if is_elsewhere(invitation, copies) else ""
    yield from _meeting_told(meeting, invitation, News.BOOKED, channels, now, remark)
    if meeting.conference_problem:
        yield needs_attention(meeting, invitation, now)


def meeting_cancelled(
    meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy], channels: Iterable[ChannelId], now: datetime
) -> Iterator[Delivery]:
    workspace_id, kind = meeting.workspace_id, invitation.details.conferencing.kind
    for copy in copies:
        yield delivery(workspace_id, DeliveryKind.EVENT_CANCEL, meeting.id, copy.holder, now)
    if kind is ConferencingKind.ZOOM:
        yield delivery(workspace_id, DeliveryKind.CONFERENCE_DELETE, meeting.id, kind, now)
    yield delivery(workspace_id, DeliveryKind.MAIL_CANCELLATION, meeting.id, invitation.participant.email, now)
    yield from _meeting_told(meeting, invitation, News.CANCELED, channels, now)


def meeting_reassigned(
    meeting: Meeting,
    invitation: Invitation,
    change: CopyChange,
    out: ResourceId,
    came: ResourceId | None,
    pending: Sequence[Delivery],
    now: datetime,
) -> Iterator[Delivery]:
    """The old copies cancelled, the others written with the new people; the mail to the Customer, and the news.

    Whoever gave up the place, whoever took it and the inviter are told; of a Room, everybody of the inviter's side.
    `pending` are the Meeting's rows: of somebody who has come and gone meanwhile the Customer hears nothing, nor of
    anybody before the confirmation, which will name who comes.
    """
    workspace_id = meeting.workspace_id
    about = {"out": out, "came": came or ""}
    for copy in change.withdrawn:
        yield delivery(workspace_id, DeliveryKind.EVENT_CANCEL, meeting.id, copy.holder, now)
    yield from events_written(meeting, change.present, now)
    untold = (row.details for row in pending if row.kind is DeliveryKind.MAIL_TEAM)
    expected = next((details["out"] for details in untold if details["came"] == out), out)
    if not _is_yet_to_be_confirmed(meeting, invitation, pending):
        yield _team_mail(meeting, invitation, ResourceId(out if expected == came else expected), came, now)
    concerned = meeting.assigned_member_ids if is_room(out) else [UserId(who) for who in (out, came) if who]
    for user in dict.fromkeys((invitation.inviter_id, *concerned)):
        yield _news(invitation, meeting.id, user, News.REASSIGNED, now, about)
    yield from invitation_changed(invitation, now, besides=(*meeting.assigned_member_ids, *concerned))


def conference_replaced(meeting: Meeting, now: datetime) -> Delivery:
    """The conference is made anew, for another host."""
    details = {REPLACES: meeting.conference_id}
    kind, vendor = DeliveryKind.CONFERENCE_WRITE, ConferencingKind.ZOOM
    return delivery(meeting.workspace_id, kind, meeting.id, vendor, now, details=details)


def no_show_changed(meeting: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield from invitation_changed(invitation, now, besides=meeting.assigned_member_ids)


def meeting_moved(
    meeting: Meeting,
    invitation: Invitation,
    copies: Sequence[EventCopy],
    pending: Sequence[Delivery],
    channels: Iterable[ChannelId],
    now: datetime,
) -> Iterator[Delivery]:
    """The conference and the event at the new time, and word of the old and the new one.

    `pending` are the Meeting's rows. An event's row is added whatever waits: one that is under way may have read the
    state before. A conference that is still being made is not made twice, and sees to the time itself; so does a
    confirmation that the Customer is still to get.
    """
    workspace_id, kind = meeting.workspace_id, invitation.details.conferencing.kind
    is_being_made = any(row.kind is DeliveryKind.CONFERENCE_WRITE for row in pending)
    if kind is ConferencingKind.ZOOM and (meeting.conference_id or not is_being_made):
        yield delivery(workspace_id, DeliveryKind.CONFERENCE_WRITE, meeting.id, kind, now)
    yield from events_written(meeting, copies, now)
    mail = delivery(workspace_id, DeliveryKind.MAIL_RESCHEDULED, meeting.id, invitation.participant.email, now)
    mails = () if _is_yet_to_be_confirmed(meeting, invitation, pending) else (mail,)
    for row in (*mails, *_meeting_told(meeting, invitation, News.MOVED, channels, now)):
        tells = row.kind is DeliveryKind.MAIL_RESCHEDULED or row.about == News.MOVED
        yield replace(row, details=_of_move(meeting, row, pending)) if tells else row


def changed_since(told: Meeting, present: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    """What the Customer has to hear after a mail about the Meeting as `told`, which was under way while it changed."""
    to = invitation.participant.email
    if present.last_move and present.start != told.start:
        details = {PREVIOUS: told.start.isoformat(), MOVE: str(present.last_move.sequence)}
        kind = DeliveryKind.MAIL_RESCHEDULED
        yield delivery(present.workspace_id, kind, present.id, to, now, details=details)
    if told.told_start is None:
        gone = [resource for resource in told.assigned if resource not in present.assigned]
        new = [resource for resource in present.assigned if resource not in told.assigned]
        for out, came in zip_longest(gone, new[: len(gone)]):
            yield _team_mail(present, invitation, out, came, now)


def _is_yet_to_be_confirmed(meeting: Meeting, invitation: Invitation, pending: Sequence[Delivery]) -> bool:
    """Whether the first mail about the Meeting, which will say how things stand by then, is still to be sent."""
    waits = any(row.kind is DeliveryKind.MAIL_CONFIRMATION for row in pending)
    return waits and invitation.letter.confirms and meeting.told_start is None


def _team_mail(
    meeting: Meeting, invitation: Invitation, out: ResourceId, came: ResourceId | None, now: datetime
) -> Delivery:
    kind, to = DeliveryKind.MAIL_TEAM, invitation.participant.email
    return delivery(meeting.workspace_id, kind, meeting.id, to, now, details={"out": out, "came": came or ""})


def _of_move(meeting: Meeting, row: Delivery, pending: Sequence[Delivery]) -> Mapping[str, str]:
    """Which move the row tells of, and the start from before: the one that this recipient knows of, where they have
    not been told of the latest ones yet."""
    assert meeting.last_move is not None  # it has been moved
    untold = (
        each for each in pending if (each.kind, each.recipient, each.about) == (row.kind, row.recipient, row.about)
    )
    first = next((each.details[PREVIOUS] for each in untold if PREVIOUS in each.details), "")
    if not first or datetime.fromisoformat(first) == meeting.start:
        first = meeting.last_move.previous.isoformat()
    return {PREVIOUS: first, MOVE: str(meeting.last_move.sequence)}


def told_move(meeting: Meeting, row: Delivery) -> datetime | None:
    """The start from before that the row tells; None where there is nothing to tell any more, because the Meeting is
    cancelled, or has been moved once more: another row tells of that."""
    if not meeting.is_live or meeting.last_move is None or row.details[MOVE] != str(meeting.last_move.sequence):
        return None
    return datetime.fromisoformat(row.details[PREVIOUS])


def events_written(meeting: Meeting, copies: Iterable[EventCopy], now: datetime) -> Iterator[Delivery]:
    for copy in copies:
        yield delivery(meeting.workspace_id, DeliveryKind.EVENT_WRITE, meeting.id, copy.holder, now)


def confirmation(meeting: Meeting, invitation: Invitation, now: datetime) -> Delivery:
    kind, to = DeliveryKind.MAIL_CONFIRMATION, invitation.participant.email
    return delivery(meeting.workspace_id, kind, meeting.id, to, now)


def join_link(meeting: Meeting, invitation: Invitation, now: datetime) -> Delivery:
    kind, to = DeliveryKind.MAIL_JOIN_LINK, invitation.participant.email
    return delivery(meeting.workspace_id, kind, meeting.id, to, now)


def link_found(
    meeting: Meeting,
    invitation: Invitation,
    outdated: Iterable[EventCopy],
    now: datetime,
    *,
    is_told_later: bool,
) -> Iterator[Delivery]:
    """The link to join is there: into the copies that were written without it, and to the Customer by a mail of its
    own where a mail without it has gone already."""
    if meeting.is_live:
        yield from events_written(meeting, outdated, now)
        if is_told_later:
            yield join_link(meeting, invitation, now)
    yield from invitation_changed(invitation, now)


def needs_attention(meeting: Meeting, invitation: Invitation, now: datetime) -> Delivery:
    """To the inviter, who decides."""
    return _news(invitation, meeting.id, invitation.inviter_id, News.NEEDS_ATTENTION, now)


def member_declined(meeting: Meeting, invitation: Invitation, who: UserId, now: datetime) -> Delivery:
    return _news(invitation, meeting.id, invitation.inviter_id, News.DECLINED, now, {"who": who})


def _letter(invitation: Invitation, now: datetime) -> Delivery:
    if invitation.letter.delivery is DeliveryMethod.EMAIL:
        kind, recipient = DeliveryKind.MAIL_INVITATION, invitation.participant.email
        return delivery(invitation.workspace_id, kind, invitation.id, recipient, now)
    return _news(invitation, invitation.id, invitation.inviter_id, News.READY_TO_PASTE, now)


def _meeting_told(
    meeting: Meeting,
    invitation: Invitation,
    news: News,
    channels: Iterable[ChannelId],
    now: datetime,
    remark: str = "",
) -> Iterator[Delivery]:
    """`remark` is for the inviter alone."""
    yield _news(invitation, meeting.id, invitation.inviter_id, news, now, {"text": remark} if remark else None)
    for user in dict.fromkeys(meeting.assigned_member_ids):
        if user != invitation.inviter_id:
            yield _news(invitation, meeting.id, user, news, now)
    for channel_id in channels:
        yield delivery(meeting.workspace_id, DeliveryKind.SLACK_CHANNEL, meeting.id, channel_id, now, about=news)
    yield from invitation_changed(invitation, now, besides=meeting.assigned_member_ids)


def _news(
    invitation: Invitation,
    subject_id: str,
    to: UserId,
    news: News,
    now: datetime,
    details: Mapping[str, str] | None = None,
) -> Delivery:
    return delivery(invitation.workspace_id, DeliveryKind.SLACK_DM, subject_id, to, now, about=news, details=details)
