"""Messages: the cards in the DM, the news beside them, the note in a channel.

A card is updated in place and so notifies nobody; what matters is told by a new message, the news.
"""

from __future__ import annotations

from datetime import datetime

from blocks import cards, facts
from blocks import elements as el
from blocks.decision_news import declined, member_left, needs_attention
from blocks.invitation_news import broken_calendar, departed, expired, failed_mail, ready_to_paste, removed_calendar
from blocks.meeting_news import booked, booking, cancellation, cancelled, moved, moving, no_note, reassigned, untold
from blocks.message import Message
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.delivery import News
from bot.domain.ids import UserId
from bot.domain.invitation import Draft
from bot.domain.people import Person


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
            return booked(_meeting_item(item), _reader(to, item), text)
        case News.MOVED:
            return moved(_meeting_item(item), _reader(to, item), datetime.fromisoformat(text))
        case News.CANCELED:
            return cancelled(_meeting_item(item), _reader(to, item))
        case News.EXPIRED:
            return expired(item.invitation)
        case News.FAILED_MAIL:
            return failed_mail(item.invitation, text)
        case News.UNTOLD:
            return untold(_meeting_item(item), _reader(to, item), text)
        case News.NO_NOTE:
            return no_note(_meeting_item(item), text)
        case News.BROKEN_CALENDAR:
            return broken_calendar(item, _reader(to, item), text)
        case News.REMOVED_CALENDAR:
            return removed_calendar(item, _reader(to, item))
        case News.DEPARTED:
            return departed(item.invitation, text)
        case News.READY_TO_PASTE:
            return ready_to_paste(item.invitation, text)
        case News.NEEDS_ATTENTION:
            return needs_attention(_meeting_item(item), _reader(to, item))
        case News.DECLINED:
            return declined(_meeting_item(item), _reader(to, item), text)
        case News.MEMBER_LEFT:
            return member_left(_meeting_item(item), _reader(to, item), text)
        case News.REASSIGNED:
            return reassigned(_meeting_item(item), _reader(to, item), text)


def channel_note(news: News, item: MeetingItem) -> Message:
    """A short note for everybody in a channel: who, what, when, with whom; no address and nothing personal."""
    tell = {News.CANCELED: cancellation, News.MOVED: moving}.get(news, booking)
    headline = f"{tell(item)}, {el.local_time(item.meeting.start, item.inviter.time_zone)}"
    people = f"With {facts.several(person.name for person, _ in item.members)}"
    return Message(headline, (el.section(f"{headline}\n{people}"),))


def _meeting_item(item: InvitationItem | MeetingItem) -> MeetingItem:
    return item if isinstance(item, MeetingItem) else cards.meeting_item(item)


def _reader(to: UserId, item: InvitationItem | MeetingItem) -> Person:
    """The person who reads the news; the inviter's clock stands in where they are not among the item's people."""
    people: list[Person] = [item.inviter, *item.optional]
    people += item.members if isinstance(item, InvitationItem) else (person for person, _ in item.members)
    return next((person for person in people if person.user_id == to), item.inviter)
