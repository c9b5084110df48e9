"""What somebody has to decide: an event or a conference that is not as it should be, a member who declined."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from blocks import cards, facts, ids
from blocks import elements as el
from blocks.message import Message
from blocks.reassign import without_button
from bot.domain.activity import MeetingItem
from bot.domain.people import Person
from bot.domain.reassignment import may_do_without, seat_of
from bot.domain.substitutes import RoomOffer
from bot.domain.typed import one_line


def needs_attention(item: MeetingItem, reader: Person) -> Message:
    headline = f"{el.bold(item.invitation.details.subject)} with {el.name(item.invitation.participant.name)} needs you"
    wrong = facts.attention(item, reader)
    buttons = cards.decisions(item)
    if item.meeting.is_live:
        buttons.insert(-1, cards.cancel_button(item.meeting, "Cancel the meeting"))
    offers = [button for number, offer in enumerate(item.room_offers) if (button := _take_room(item, number, offer))]
    buttons = [*offers, *buttons]
    blocks = (
        el.section(f"{headline}\n{facts.when(item, reader)}"),
        *([el.section("\n".join(wrong))] if wrong else []),
        *_without_another(item),
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


def _without_another(item: MeetingItem) -> list[Block]:
    """Which Rooms nothing could be found for, and what to do about it."""
    names = [offer.name for offer in item.room_offers if offer.instead is None]
    if not names:
        return []
    text = f"No other room of that size and equipment is free in place of {facts.several(names)}."
    return [el.section(f"{text} *Reassign* on the meeting’s card takes one that differs.")]


def declined(item: MeetingItem, reader: Person, who: str) -> Message:
    """`who` is the member's name."""
    with_whom = el.name(item.invitation.participant.name)
    headline = f"{el.bold(who)} has declined {el.bold(item.invitation.details.subject)} with {with_whom}"
    return _without_them(item, reader, who, headline)


def member_left(item: MeetingItem, reader: Person, who: str) -> Message:
    """`who` is the member's name."""
    with_whom = el.name(item.invitation.participant.name)
    subject = el.bold(item.invitation.details.subject)
    headline = f"{el.bold(who)} is no longer in this Slack workspace, and was to come to {subject} with {with_whom}"
    return _without_them(item, reader, who, headline)


def _without_them(item: MeetingItem, reader: Person, who: str, headline: str) -> Message:
    """What can be done about a Meeting to which one of its members will not come."""
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
    advice = "The meeting stays as it is until you decide otherwise."
    blocks = (
        el.section("\n".join((headline, facts.when(item, reader), facts.assigned_members(item), advice))),
        ActionsBlock(block_id=f"declined:{meeting.id}", elements=buttons),
        el.context(facts.tracking(item.invitation)),
    )
    return Message(headline, blocks)
