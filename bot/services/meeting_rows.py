"""The rows of the outbox about Meetings, written in the transaction that causes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import zip_longest

from bot.domain.delivery import Delivery, DeliveryKind, News
from bot.domain.event_copies import LINK_TO_COME, CopyChange, EventCopy, is_elsewhere
from bot.domain.ids import ChannelId, ResourceId, UserId, is_room
from bot.domain.invitation import ConferencingKind, Invitation
from bot.domain.meeting import Meeting
from bot.services import invitation_rows

LINK_PATIENCE = timedelta(minutes=2)
"""How long a confirmation waits for the link to join."""
PREVIOUS, MOVE = "previous", "move"
"""What rows about a move carry: the start from before, and the sequence that the Meeting got by it."""
REPLACES = "replaces"
"""The conference that is given up once the row's own is there."""
FORMER_HOST = "former_host"
"""Who may have one that was made and never heard of."""
_NOT_WHERE_CHOSEN = (
    "The calendar that you chose for this meeting does not work any more, so the event was created in another one."
)


def booked(
    meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy], channels: Iterable[ChannelId], now: datetime
) -> Iterator[Delivery]:
    """The conference, the event's copies, the confirmation, the news, the channels, the card and Home.

    The confirmation waits a little for the link to join, where one is being made.
    """
    kind = invitation.details.conferencing.kind
    if kind is ConferencingKind.ZOOM:
        yield row(meeting, DeliveryKind.CONFERENCE_WRITE, kind, now)
    yield from events_written(meeting, copies, now)
    letter = confirmation(meeting, invitation, now)
    is_link_to_come = kind in LINK_TO_COME and not meeting.conference_problem
    yield replace(letter, due_at=now + LINK_PATIENCE) if is_link_to_come else letter
    remark = _NOT_WHERE_CHOSEN if is_elsewhere(invitation, copies) else ""
    yield from _told(meeting, invitation, News.BOOKED, channels, now, remark)
    if meeting.conference_problem:
        yield needs_attention(meeting, invitation, now)


def cancelled(
    meeting: Meeting, invitation: Invitation, copies: Sequence[EventCopy], channels: Iterable[ChannelId], now: datetime
) -> Iterator[Delivery]:
    kind = invitation.details.conferencing.kind
    for copy in copies:
        yield row(meeting, DeliveryKind.EVENT_CANCEL, copy.holder, now)
    if kind is ConferencingKind.ZOOM:
        yield row(meeting, DeliveryKind.CONFERENCE_DELETE, kind, now)
    yield row(meeting, DeliveryKind.MAIL_CANCELLATION, invitation.participant.email, now)
    yield from _told(meeting, invitation, News.CANCELED, channels, now)


def reassigned(
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
    about = {"out": out, "came": came or ""}
    for copy in change.withdrawn:
        yield row(meeting, DeliveryKind.EVENT_CANCEL, copy.holder, now)
    yield from events_written(meeting, change.present, now)
    untold = (each.details for each in pending if each.kind is DeliveryKind.MAIL_TEAM)
    expected = next((details["out"] for details in untold if details["came"] == out), out)
    if not _is_yet_to_be_confirmed(meeting, invitation, pending):
        yield _team_mail(meeting, invitation, ResourceId(out if expected == came else expected), came, now)
    concerned = meeting.assigned_member_ids if is_room(out) else [UserId(who) for who in (out, came) if who]
    for user in dict.fromkeys((invitation.inviter_id, *concerned)):
        yield _news(meeting, user, News.REASSIGNED, now, about)
    yield from invitation_rows.changed(invitation, now, besides=(*meeting.assigned_member_ids, *concerned))


def conference_replaced(meeting: Meeting, former: UserId, now: datetime) -> Delivery:
    """The conference is made anew, for another host."""
    details = {REPLACES: meeting.conference_id, FORMER_HOST: former}
    return row(meeting, DeliveryKind.CONFERENCE_WRITE, ConferencingKind.ZOOM, now, details=details)


def no_show_changed(meeting: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield from invitation_rows.changed(invitation, now, besides=meeting.assigned_member_ids)


def moved(
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
    kind = invitation.details.conferencing.kind
    is_being_made = any(each.kind is DeliveryKind.CONFERENCE_WRITE for each in pending)
    if kind is ConferencingKind.ZOOM and (meeting.conference_id or not is_being_made):
        yield row(meeting, DeliveryKind.CONFERENCE_WRITE, kind, now)
    yield from events_written(meeting, copies, now)
    mail = row(meeting, DeliveryKind.MAIL_RESCHEDULED, invitation.participant.email, now)
    mails = () if _is_yet_to_be_confirmed(meeting, invitation, pending) else (mail,)
    for each in (*mails, *_told(meeting, invitation, News.MOVED, channels, now)):
        tells = each.kind is DeliveryKind.MAIL_RESCHEDULED or each.about == News.MOVED
        yield replace(each, details=_of_move(meeting, each, pending)) if tells else each


def told_move(meeting: Meeting, delivery: Delivery) -> datetime | None:
    """The start from before that the row tells; None where there is nothing to tell any more, because the Meeting is
    cancelled, or has been moved once more: another row tells of that."""
    if not meeting.is_live or meeting.last_move is None or delivery.details[MOVE] != str(meeting.last_move.sequence):
        return None
    return datetime.fromisoformat(delivery.details[PREVIOUS])


def changed_since(told: Meeting, present: Meeting, invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    """What the Customer has to hear after a mail about the Meeting as `told`, which was under way while it changed."""
    if present.last_move and present.start != told.start:
        details = {PREVIOUS: told.start.isoformat(), MOVE: str(present.last_move.sequence)}
        yield row(present, DeliveryKind.MAIL_RESCHEDULED, invitation.participant.email, now, details=details)
    if told.told_start is None:
        gone = [resource for resource in told.assigned if resource not in present.assigned]
        new = [resource for resource in present.assigned if resource not in told.assigned]
        for out, came in zip_longest(gone, new[: len(gone)]):
            yield _team_mail(present, invitation, out, came, now)


def events_written(meeting: Meeting, copies: Iterable[EventCopy], now: datetime) -> Iterator[Delivery]:
    for copy in copies:
        yield row(meeting, DeliveryKind.EVENT_WRITE, copy.holder, now)


def confirmation(meeting: Meeting, invitation: Invitation, now: datetime) -> Delivery:
    return row(meeting, DeliveryKind.MAIL_CONFIRMATION, invitation.participant.email, now)


def join_link(meeting: Meeting, invitation: Invitation, now: datetime) -> Delivery:
    return row(meeting, DeliveryKind.MAIL_JOIN_LINK, invitation.participant.email, now)


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
    yield from invitation_rows.changed(invitation, now)


def needs_attention(meeting: Meeting, invitation: Invitation, now: datetime) -> Delivery:
    """To the inviter, who decides."""
    return _news(meeting, invitation.inviter_id, News.NEEDS_ATTENTION, now)


def member_declined(meeting: Meeting, invitation: Invitation, who: UserId, now: datetime) -> Delivery:
    return _news(meeting, invitation.inviter_id, News.DECLINED, now, {"who": who})


def member_left(meeting: Meeting, invitation: Invitation, who: UserId, now: datetime) -> Delivery:
    return _news(meeting, invitation.inviter_id, News.MEMBER_LEFT, now, {"who": who})


def customer_untold(meeting: Meeting, invitation: Invitation, reason: str, now: datetime) -> Delivery:
    return _news(meeting, invitation.inviter_id, News.UNTOLD, now, {"text": reason})


def channel_untold(meeting: Meeting, invitation: Invitation, channel_id: str, reason: str, now: datetime) -> Delivery:
    return _news(meeting, invitation.inviter_id, News.NO_NOTE, now, {"text": f"{channel_id} {reason}"})


def row(
    meeting: Meeting,
    kind: DeliveryKind,
    recipient: str,
    now: datetime,
    *,
    about: str = "",
    details: Mapping[str, str] | None = None,
) -> Delivery:
    """One that is due at once."""
    return Delivery.at_once(meeting.workspace_id, kind, meeting.id, recipient, now, about=about, details=details)


def _is_yet_to_be_confirmed(meeting: Meeting, invitation: Invitation, pending: Sequence[Delivery]) -> bool:
    """Whether the first mail about the Meeting, which will say how things stand by then, is still to be sent."""
    waits = any(each.kind is DeliveryKind.MAIL_CONFIRMATION for each in pending)
    return waits and invitation.letter.confirms and meeting.told_start is None


def _team_mail(
    meeting: Meeting, invitation: Invitation, out: ResourceId, came: ResourceId | None, now: datetime
) -> Delivery:
    details = {"out": out, "came": came or ""}
    return row(meeting, DeliveryKind.MAIL_TEAM, invitation.participant.email, now, details=details)


def _of_move(meeting: Meeting, news: Delivery, pending: Sequence[Delivery]) -> Mapping[str, str]:
    """Which move the row tells of, and the start from before: the one that this recipient knows of, where they have
    not been told of the latest ones yet."""
    assert meeting.last_move is not None  # it has been moved
    same = (news.kind, news.recipient, news.about)
    untold = (each for each in pending if (each.kind, each.recipient, each.about) == same)
    first = next((each.details[PREVIOUS] for each in untold if PREVIOUS in each.details), "")
    if not first or datetime.fromisoformat(first) == meeting.start:
        first = meeting.last_move.previous.isoformat()
    return {PREVIOUS: first, MOVE: str(meeting.last_move.sequence)}


def _told(
    meeting: Meeting,
    invitation: Invitation,
    news: News,
    channels: Iterable[ChannelId],
    now: datetime,
    remark: str = "",
) -> Iterator[Delivery]:
    """`remark` is for the inviter alone."""
    yield _news(meeting, invitation.inviter_id, news, now, {"text": remark} if remark else None)
    for user in dict.fromkeys(meeting.assigned_member_ids):
        if user != invitation.inviter_id:
            yield _news(meeting, user, news, now)
    for channel_id in channels:
        yield row(meeting, DeliveryKind.SLACK_CHANNEL, channel_id, now, about=news)
    yield from invitation_rows.changed(invitation, now, besides=meeting.assigned_member_ids)


def _news(
    meeting: Meeting, to: UserId, news: News, now: datetime, details: Mapping[str, str] | None = None
) -> Delivery:
    return row(meeting, DeliveryKind.SLACK_DM, to, now, about=news, details=details)
