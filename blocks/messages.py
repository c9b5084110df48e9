"""Messages: the cards in the DM, the news beside them, the note in a channel.

A card is updated in place and so notifies nobody; what matters is told by a new message, the news.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from blocks import cards, facts, ids
from blocks import elements as el
from blocks.reassign import without_button
from blocks.wizard import SHOWN_TEXT_LIMIT, preformatted
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.delivery import News
from bot.domain.ids import UserId
from bot.domain.invitation import Draft, Invitation
from bot.domain.people import Person
from bot.domain.reassignment import may_do_without, seat_of
from bot.domain.substitutes import RoomOffer
from bot.domain.typed import one_line

_HANDOVER_LIMIT = 180
_PIECE = 500
"""How much of a line without an end is moved to the next block at once."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. `text` is read out, and shown where blocks are not: in notifications and search."""

    text: str
    blocks: tuple[Block, ...]

    def block_dicts(self) -> list[dict[str, Any]]:
        """The blocks as JSON, checked against Slack's limits."""
        return [block.to_dict() for block in self.blocks]


def draft_card(draft: Draft, count: int | None) -> Message:
    return Message(cards.draft_title(draft, count), tuple(cards.draft_card(draft, count)))


def invitation_card(item: InvitationItem) -> Message:
    """The inviter's card of an Invitation, whatever has become of it."""
    return Message(cards.summary(item, item.inviter), tuple(cards.invitation_card(item, item.inviter)))


def news(to: UserId, news: News, item: InvitationItem | MeetingItem, text: str = "") -> Message:
    """A new direct message. `text` is what the news carries: what to paste, why a mail failed, a remark, the start from
    before a move (ISO 8601)."""
    match news:
        case News.BOOKED:
            return _booked(_meeting_item(item), _reader(to, item), text)
        case News.MOVED:
            return _moved(_meeting_item(item), _reader(to, item), datetime.fromisoformat(text))
        case News.CANCELED:
            return _cancelled(_meeting_item(item), _reader(to, item))
        case News.EXPIRED:
            return _expired(item.invitation)
        case News.FAILED_MAIL:
            return _failed_mail(item.invitation, text)
        case News.BROKEN_CALENDAR:
            return _broken_calendar(item, _reader(to, item), text)
        case News.REMOVED_CALENDAR:
            return _removed_calendar(item, _reader(to, item))
        case News.READY_TO_PASTE:
            return _ready_to_paste(item.invitation, text)
        case News.NEEDS_ATTENTION:
            return _needs_attention(_meeting_item(item), _reader(to, item))
        case News.DECLINED:
            return _declined(_meeting_item(item), _reader(to, item), text)
        case News.REASSIGNED:
            return _reassigned(_meeting_item(item), _reader(to, item), text)


def channel_note(news: News, item: MeetingItem) -> Message:
    """A short note for everybody in a channel: who, what, when, with whom; no address and nothing personal."""
    tell = {News.CANCELED: _cancellation, News.MOVED: _moving}.get(news, _booking)
    headline = f"{tell(item)}, {el.local_time(item.meeting.start, item.inviter.time_zone)}"
    people = f"With {facts.several(person.name for person, _ in item.members)}"
    return Message(headline, (el.section(f"{headline}\n{people}"),))


def _booking(item: MeetingItem, reader: UserId | None = None) -> str:
    """ "Anna Ruiz booked *Roadmap review*"; on behalf, "Dana Fox scheduled *Roadmap review* with Anna Ruiz"."""
    participant, subject = el.name(item.invitation.participant.name), el.bold(item.invitation.details.subject)
    if not item.invitation.letter.on_behalf:
        return f"{participant} booked {subject}"
    who = "You" if reader == item.inviter.user_id else el.name(item.inviter.name)
    return f"{who} scheduled {subject} with {participant}"


def _cancellation(item: MeetingItem, reader: UserId | None = None) -> str:
    """ "Priya Raman cancelled *Roadmap review* with Anna Ruiz"; "You" for the reader."""
    who, participant = facts.who_cancelled(item, reader), el.name(item.invitation.participant.name)
    with_whom = "" if who == participant else f" with {participant}"
    return f"{who} cancelled {el.bold(item.invitation.details.subject)}{with_whom}"


def _moving(item: MeetingItem, reader: UserId | None = None) -> str:
    """ "Anna Ruiz moved *Roadmap review*"; "You moved *Roadmap review* with Anna Ruiz" for the reader."""
    who, participant = facts.who_moved(item, reader), el.name(item.invitation.participant.name)
    with_whom = "" if who == participant else f" with {participant}"
    return f"{who} moved {el.bold(item.invitation.details.subject)}{with_whom}"


def _booked(item: MeetingItem, reader: Person, remark: str) -> Message:
    details = item.invitation.details
    headline = _booking(item, reader.user_id)
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


def _moved(item: MeetingItem, reader: Person, previous: datetime) -> Message:
    headline = _moving(item, reader.user_id)
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


def _cancelled(item: MeetingItem, reader: Person) -> Message:
    headline = _cancellation(item, reader.user_id)
    reason = facts.quoted(item.meeting.cancel_reason)
    lines = [headline, facts.when(item, reader), *([reason] if reason else [])]
    blocks = (
        el.section("\n".join(lines)),
        el.context(f"Everybody has been told and the time is free again · {facts.tracking(item.invitation)}"),
    )
    return Message(f"{headline}, {el.local_time(item.meeting.start, reader.time_zone)}", blocks)


def _needs_attention(item: MeetingItem, reader: Person) -> Message:
    headline = f"{el.bold(item.invitation.details.subject)} with {el.name(item.invitation.participant.name)} needs you"
    wrong = facts.attention(item, reader)
    buttons = cards.decisions(item)
    if item.meeting.is_live:
        buttons.insert(-1, cards.cancel_button(item.meeting, "Cancel the meeting"))
    offers = [button for number, offer in enumerate(item.room_offers) if (button := _take_room(item, number, offer))]
    buttons = [*offers, *buttons]
    wrong += [f"No other room of that size is free in place of {el.name(o.name)}." for o in _hopeless(item)]
    blocks = (
        el.section(f"{headline}\n{facts.when(item, reader)}"),
        *([el.section("\n".join(wrong))] if wrong else []),
        ActionsBlock(block_id=f"attention:{item.meeting.id}", elements=buttons),
        el.context(f"Nothing has been changed by itself · {facts.tracking(item.invitation)}"),
    )
    return Message(headline, blocks)


def _take_room(item: MeetingItem, number: int, offer: RoomOffer) -> ButtonElement | None:
    if offer.instead is None:
        return None
    value = f"{item.meeting.id} {offer.out} {offer.instead.resource_id}"
    label = f"Take {el.cut(one_line(offer.instead.name), 50)} instead"
    return el.button(label, f"{ids.TAKE_ROOM}:{number}", value=value, style="primary")


def _hopeless(item: MeetingItem) -> list[RoomOffer]:
    return [offer for offer in item.room_offers if offer.instead is None]


def _reassigned(item: MeetingItem, reader: Person, what: str) -> Message:
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


def _declined(item: MeetingItem, reader: Person, who: str) -> Message:
    """`who` is the member's name."""
    meeting = item.meeting
    here = (person for person, _ in item.members if person.resource_id in meeting.assigned)
    them = next((person for person in here if person.name == who), None)
    buttons = [cards.cancel_button(meeting)]
    if them:
        seat = seat_of(meeting, item.invitation, them.resource_id)
        label = "Replace with next in pool" if seat.pool_id else "Reassign"
        without = may_do_without(meeting, them.resource_id)
        value = f"{meeting.id} {them.resource_id}"
        buttons = [
            cards.reassign_button(meeting, label, them.resource_id),
            *([without_button(value, them.name)] if without else []),
            *buttons,
        ]
    with_whom = el.name(item.invitation.participant.name)
    headline = f"{el.bold(who)} has declined {el.bold(item.invitation.details.subject)} with {with_whom}"
    advice = "The meeting stays as it is until you decide otherwise."
    blocks = (
        el.section("\n".join((headline, facts.when(item, reader), facts.assigned_members(item), advice))),
        ActionsBlock(block_id=f"declined:{meeting.id}", elements=buttons),
        el.context(facts.tracking(item.invitation)),
    )
    return Message(headline, blocks)


def _expired(invitation: Invitation) -> Message:
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


def _failed_mail(invitation: Invitation, why: str) -> Message:
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


def _broken_calendar(item: InvitationItem | MeetingItem, reader: Person, why: str) -> Message:
    asked = "They have been asked to connect it again. The times come back by themselves."
    return _unreadable_calendar(item, reader, "A calendar cannot be read", facts.quoted(why), asked)


def _removed_calendar(item: InvitationItem | MeetingItem, reader: Person) -> Message:
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


def _ready_to_paste(invitation: Invitation, text: str) -> Message:
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


def _meeting_item(item: InvitationItem | MeetingItem) -> MeetingItem:
    return item if isinstance(item, MeetingItem) else cards.meeting_item(item)


def _reader(to: UserId, item: InvitationItem | MeetingItem) -> Person:
    """The person who reads the news; the inviter's clock stands in where they are not among the item's people."""
    people: list[Person] = [item.inviter, *item.optional]
    people += item.members if isinstance(item, InvitationItem) else (person for person, _ in item.members)
    return next((person for person in people if person.user_id == to), item.inviter)
