"""What has become of an Invitation: ready to paste, not delivered, expired, its calendars unreadable."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock

from blocks import cards, facts, ids
from blocks import elements as el
from blocks.message import Message
from blocks.wizard import SHOWN_TEXT_LIMIT, preformatted
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.invitation import Invitation
from bot.domain.people import Person

_PIECE = 500
"""How much of a line without an end is moved to the next block at once."""


def expired(invitation: Invitation) -> Message:
    headline = f"The invitation to {el.bold(invitation.participant.name)} has expired"
    advice = (
        f"{el.bold(invitation.details.subject)} was not booked, and its time frame is over. "
        "Send a new invitation with later dates to try again."
    )
    invite = el.button("Invite to self-schedule", ids.INVITE)
    blocks = (
        el.section(f"{headline}\n{advice}"),
        ActionsBlock(block_id="invite", elements=[invite]),
        el.context(facts.tracking(invitation)),
    )
    return Message(headline, blocks)


def failed_mail(invitation: Invitation, why: str) -> Message:
    participant = invitation.participant
    headline = f"The email to {el.bold(participant.name)} was not delivered"
    reason = facts.quoted(why)
    advice = f"Is {el.name(participant.email)} right? Send it again, or copy the link and pass it on yourself."
    blocks = (
        el.section("\n".join((headline, *([reason] if reason else []), advice))),
        cards.ways_out(invitation),
        el.context(facts.tracking(invitation)),
    )
    return Message(headline, blocks)


def broken_calendar(item: InvitationItem | MeetingItem, reader: Person, why: str) -> Message:
    asked = "They have been asked to connect it again. The times come back by themselves."
    return _unreadable_calendar(item, reader, "A calendar cannot be read", facts.quoted(why), asked)


def removed_calendar(item: InvitationItem | MeetingItem, reader: Person) -> Message:
    advice = "It was removed on purpose. The times come back when a calendar is connected again."
    return _unreadable_calendar(item, reader, "A calendar was disconnected and cannot be read", "", advice)


def _unreadable_calendar(
    item: InvitationItem | MeetingItem, reader: Person, what: str, reason: str, of_others: str
) -> Message:
    """`of_others` is what to expect where it is not the reader's own calendar."""
    names = facts.several(item.unreadable) if isinstance(item, InvitationItem) and item.unreadable else ""
    headline = f"{what}{f': {names}' if names else ''}"
    effect = (
        f"Until it can, nobody is offered a time that depends on it in this invitation:\n{facts.title(item.invitation)}"
    )
    is_own = not names or (isinstance(item, InvitationItem) and reader.name in item.unreadable)
    connect = el.button("Connect calendar", ids.CONNECT_CALENDAR)
    blocks = (
        el.section("\n".join((headline, *([reason] if reason else []), effect))),
        ActionsBlock(block_id="connect", elements=[connect]) if is_own else el.context(of_others),
        el.context(facts.tracking(item.invitation)),
    )
    return Message(headline, blocks)


def departed(invitation: Invitation, names: str) -> Message:
    headline = f"No longer in this Slack workspace: {el.bold(names)}"
    effect = f"So nobody can book this invitation, and its page shows no times:\n{facts.title(invitation)}"
    advice = "Cancel it, and invite again with somebody else. If they come back to Slack, the times come back, too."
    invite = el.button("Invite to self-schedule", ids.INVITE)
    blocks = (
        el.section(f"{headline}\n{effect}\n{advice}"),
        ActionsBlock(
            block_id=f"invitation:{invitation.id}", elements=[cards.cancel_invitation_button(invitation), invite]
        ),
        el.context(facts.tracking(invitation)),
    )
    return Message(headline, blocks)


def ready_to_paste(invitation: Invitation, text: str) -> Message:
    headline = f"Your invitation to {el.bold(invitation.participant.name)} is ready to send"
    advice = "Copy the text below and send it. Anyone who has the link can book."
    blocks = (
        el.section(f"{headline}\n{advice}"),
        *(preformatted(part) for part in _parts(text)),
        el.context(facts.tracking(invitation)),
    )
    return Message(headline, blocks)


def _parts(text: str) -> list[str]:
    """The text in parts that fit into a block each, cut at line ends where there are any."""
    parts = [""]
    for line in text.strip().splitlines(keepends=True):
        for start in range(0, len(line), _PIECE):
            piece = line[start : start + _PIECE]
            if el.width(parts[-1] + piece) > SHOWN_TEXT_LIMIT:
                parts.append("")
            parts[-1] += piece
    return [part.rstrip("\n") for part in parts]
