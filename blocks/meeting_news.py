"""What has become of a Meeting: booked, moved, cancelled, with other people."""

from __future__ import annotations

from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block

from blocks import cards, facts
from blocks import elements as el
from blocks.message import Message
from bot.domain.activity import MeetingItem
from bot.domain.ids import UserId
from bot.domain.people import Person
from bot.domain.typed import one_line

_HANDOVER_LIMIT = 180


def booking(item: MeetingItem, reader: UserId | None = None) -> str:
    """ "Anna Ruiz booked *Roadmap review*"; on behalf, "Dana Fox scheduled *Roadmap review* with Anna Ruiz"."""
    participant, subject = el.name(item.invitation.participant.name), el.bold(item.invitation.details.subject)
    if not item.invitation.letter.on_behalf:
        return f"{participant} booked {subject}"
    who = "You" if reader == item.inviter.user_id else el.name(item.inviter.name)
    return f"{who} scheduled {subject} with {participant}"


def cancellation(item: MeetingItem, reader: UserId | None = None) -> str:
    """ "Priya Raman cancelled *Roadmap review* with Anna Ruiz"; "You" for the reader."""
    who, participant = facts.who_cancelled(item, reader), el.name(item.invitation.participant.name)
    with_whom = "" if who == participant else f" with {participant}"
    return f"{who} cancelled {el.bold(item.invitation.details.subject)}{with_whom}"


def moving(item: MeetingItem, reader: UserId | None = None) -> str:
    """ "Anna Ruiz moved *Roadmap review*"; "You moved *Roadmap review* with Anna Ruiz" for the reader."""
    who, participant = facts.who_moved(item, reader), el.name(item.invitation.participant.name)
    with_whom = "" if who == participant else f" with {participant}"
    return f"{who} moved {el.bold(item.invitation.details.subject)}{with_whom}"


def booked(item: MeetingItem, reader: Person, remark: str) -> Message:
    details = item.invitation.details
    headline = booking(item, reader.user_id)
    blocks: list[Block] = [
        el.section("\n".join((headline, facts.when(item, reader), facts.assigned_members(item)))),
    ]
    how_to_join = facts.how_to_join(details, item.meeting)
    if how_to_join:
        blocks.append(el.section(how_to_join))
    if remark:
        blocks.append(el.section(f"⚠️ {el.escape(remark)}"))
    small = (facts.receipts(item), facts.tracking(item.invitation))
    blocks.append(el.context(" · ".join(filter(None, small))))
    return Message(f"{headline}, {el.local_time(item.meeting.start, reader.time_zone)}", tuple(blocks))


def moved(item: MeetingItem, reader: Person, previous: datetime) -> Message:
    headline = moving(item, reader.user_id)
    note = facts.quoted(item.meeting.last_move.note) if item.meeting.last_move else ""
    lines = [
        headline,
        f"Was: ~{el.local_time(previous, reader.time_zone)}~",
        f"Now: {facts.when(item, reader)}",
        facts.assigned_members(item),
        *([note] if note else []),
    ]
    blocks = (
        el.section("\n".join(lines)),
        el.context(f"Everybody is told, and the same event moves · {facts.tracking(item.invitation)}"),
    )
    return Message(f"{headline}, now {el.local_time(item.meeting.start, reader.time_zone)}", blocks)


def cancelled(item: MeetingItem, reader: Person) -> Message:
    headline = cancellation(item, reader.user_id)
    reason = facts.quoted(item.meeting.cancel_reason)
    lines = [headline, facts.when(item, reader), *([reason] if reason else [])]
    blocks = (
        el.section("\n".join(lines)),
        el.context(f"Everybody has been told and the time is free again · {facts.tracking(item.invitation)}"),
    )
    return Message(f"{headline}, {el.local_time(item.meeting.start, reader.time_zone)}", blocks)


def untold(item: MeetingItem, reader: Person, why: str) -> Message:
    """A mail to the Customer about the Meeting has not arrived: how things stand, so that somebody can tell them."""
    invitation, meeting = item.invitation, item.meeting
    name, subject = el.bold(invitation.participant.name), el.bold(invitation.details.subject)
    headline = f"The email to {name} about {subject} was not delivered"
    reason = facts.quoted(why)
    advice = f"Is {el.name(invitation.participant.email)} right? They may not know how things stand."
    if meeting.is_live:
        known = (facts.when(item, reader), facts.assigned_members(item))
        how_to_join = facts.how_to_join(invitation.details, meeting)
        advice += " Tell them yourself, or pass on their link, which shows it and lets them reschedule or cancel:"
    else:
        known, how_to_join = ("It is cancelled.", facts.when(item, reader)), ""
        advice += " Please tell them yourself:"
    blocks: list[Block] = [
        el.section("\n".join((headline, *([reason] if reason else []), advice))),
        el.section("\n".join(known)),
    ]
    if how_to_join:
        blocks.append(el.section(how_to_join))
    if meeting.is_live:
        blocks.append(ActionsBlock(block_id=f"untold:{meeting.id}", elements=[cards.copy_link_button(invitation)]))
    blocks.append(el.context(facts.tracking(invitation)))
    return Message(headline, tuple(blocks))


def no_note(item: MeetingItem, what: str) -> Message:
    """A channel was to be told, and could not be: `what` is the channel and, after a space, why."""
    channel_id, _, why = what.partition(" ")
    channel = f"<#{channel_id}>" if channel_id.isascii() and channel_id.isalnum() else "The channel"
    subject, customer = el.bold(item.invitation.details.subject), el.name(item.invitation.participant.name)
    headline = f"{channel} was not told about {subject} with {customer}"
    blocks = (el.section("\n".join((headline, facts.quoted(why)))), el.context(facts.tracking(item.invitation)))
    return Message(headline, blocks)


def reassigned(item: MeetingItem, reader: Person, what: str) -> Message:
    with_whom = el.name(item.invitation.participant.name)
    headline = (
        f"{el.escape(one_line(what), _HANDOVER_LIMIT)}: {el.bold(item.invitation.details.subject)} with {with_whom}"
    )
    small = (facts.receipts(item), facts.tracking(item.invitation))
    blocks = (
        el.section("\n".join((headline, facts.when(item, reader), facts.assigned_members(item)))),
        el.context(" · ".join(filter(None, small))),
    )
    return Message(f"{headline}, {el.local_time(item.meeting.start, reader.time_zone)}", blocks)
