"""The lines that cards, news and notes are made of: people, times, how to join, what has happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from blocks import elements as el
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.event_copies import Attention, Trouble
from bot.domain.ids import UserId
from bot.domain.invitation import ConferencingKind, DeliveryMethod, Details, Invitation, SeatKind
from bot.domain.meeting import Attendance, CanceledBy, Meeting
from bot.domain.people import Person
from bot.domain.typed import one_line

_PEOPLE_WIDTH = 400
"""How much of a line of names is shown, entities included: a card's lines fit into a section whatever they hold."""
_REASON_LIMIT = 300
_DETAIL_LIMIT = 80
_ATTENTION_SHOWN = 3
_RECEIPTS_SHOWN = 4
_CHOICES_SHOWN = 3
"""How many of those of whom one is needed are named."""
CONFERENCE_NAMES = {
    ConferencingKind.MEET: "Google Meet",
    ConferencingKind.TEAMS: "Microsoft Teams",
    ConferencingKind.ZOOM: "Zoom",
}


def title(invitation: Invitation) -> str:
    """ "*Anna Ruiz* · Roadmap review", the participant's company beside the name."""
    participant = invitation.participant
    company = f" ({el.name(participant.company)})" if participant.company else ""
    return f"{el.bold(participant.name)}{company} · {el.name(invitation.details.subject)}"


def tracking(invitation: Invitation) -> str:
    return f"Tracking ID {invitation.tracking_id}"


def several(names: Iterable[str]) -> str:
    """ "Priya Raman, Mateo Silva", as many as fit, then "and 7 more"."""
    return _listed([el.name(name) for name in names])


def _listed(parts: Sequence[str]) -> str:
    kept = list(parts)
    while len(kept) > 1 and el.width(", ".join(kept)) > _PEOPLE_WIDTH:
        kept.pop()
    left_out = len(parts) - len(kept)
    return ", ".join(kept) + (f" and {left_out} more" if left_out else "")


def possible_members(item: InvitationItem) -> str:
    """Who will be in the meeting, one per requirement: "With Dana Fox, Priya Raman or Mateo Silva"."""
    names = {person.resource_id: person.name for person in item.members}
    seats = []
    for seat in item.invitation.details.seats:
        if seat.kind is SeatKind.PEOPLE_POOL and not seat.candidates:
            seats.append("somebody from a pool with no active members")
        elif known := [el.name(names[c]) for c in seat.candidates if c in names]:
            seats.append(_one_of(known))
    return f"With {_listed(seats)}"


def possible_rooms(item: InvitationItem) -> list[str]:
    """Which Rooms will be reserved, one for each that is needed: "Rooms: Atlas or Cedar, Projector"."""
    places = []
    for seat in item.invitation.details.seats:
        names = [el.name(item.room_names[c]) for c in seat.candidates if c in item.room_names]
        if seat.kind is SeatKind.ROOM_POOL and not seat.candidates:
            places.append("one from a pool with no active rooms")
        elif names:
            places.append(_one_of(names))
    return [f"Rooms: {_listed(places)}"] if places else []


def _one_of(parts: Sequence[str]) -> str:
    """ "Dana Fox or Priya Raman", the first few of a pool, then "or 47 more"."""
    kept = list(parts[:_CHOICES_SHOWN])
    while len(kept) > 1 and el.width(" or ".join(kept)) > _PEOPLE_WIDTH:
        kept.pop()
    left_out = len(parts) - len(kept)
    return " or ".join(kept) + (f" or {left_out} more" if left_out else "")


def assigned_members(item: MeetingItem) -> str:
    """The people of the Meeting, each with what they have answered: "With Dana Fox – invited"; below, its Rooms."""
    people = f"With {_listed([f'{el.name(person.name)} – {_ATTENDANCE[status]}' for person, status in item.members])}"
    return f"{people}\nReserved: {several(item.rooms)}" if item.rooms and item.meeting.is_live else people


_ATTENDANCE = {
    Attendance.INVITED: "invited",
    Attendance.TENTATIVE: "tentative",
    Attendance.CONFIRMED: "confirmed",
    Attendance.DECLINED: "declined",
    Attendance.REMOVED: "removed from the event",
}


def optional_members(people: Sequence[Person]) -> str:
    return f"Optional: {several(person.name for person in people)}" if people else ""


def former_members(people: Sequence[Person]) -> str:
    """Who was assigned before."""
    return f"Removed from the event: {several(person.name for person in people)}" if people else ""


def invited_by(inviter: Person, reader: Person) -> str:
    """Whose Invitation it is, where it is not the reader's own."""
    return "" if inviter.user_id == reader.user_id else f"Invited by {el.name(inviter.name)}"


def when(item: MeetingItem, reader: Person) -> str:
    """The Meeting's time on the reader's clock and its length; the Customer's clock beside it where known."""
    meeting = item.meeting
    line = f"{el.local_time(meeting.start, reader.time_zone)} · {el.minutes(meeting.duration)}"
    zone = meeting.customer_zone or item.invitation.participant.time_zone
    if zone is None or zone == reader.time_zone:
        return line
    return f"{line}\nFor {el.name(item.invitation.participant.name)}: {el.time_in_zone(meeting.start, zone)}"


def how_to_join(details: Details, meeting: Meeting) -> str:
    """The link, the number or the place, as far as they are known."""
    conferencing = details.conferencing
    match conferencing.kind:
        case ConferencingKind.NONE:
            means = ""
        case ConferencingKind.LINK:
            means = f"Join: {_web_link(conferencing.detail)}"
        case ConferencingKind.PHONE:
            means = f"Phone: {el.name(conferencing.detail)}"
        case ConferencingKind.IN_PERSON:
            means = "In person"
        case ConferencingKind.MEET | ConferencingKind.TEAMS | ConferencingKind.ZOOM:
            name = CONFERENCE_NAMES[conferencing.kind]
            means = f"Join {name}: {_web_link(meeting.join_url)}" if meeting.join_url else f"{name}, the link follows"
            if meeting.conference_problem:
                means = ""
    return " · ".join(part for part in (means, el.name(details.location)) if part)


def attention(item: MeetingItem, reader: Person) -> list[str]:
    """What is wrong with the event or the conference, a line each."""
    return [f"⚠️ {_trouble(one, item, reader)}" for one in item.attention[:_ATTENTION_SHOWN]]


def _trouble(attention: Attention, item: MeetingItem, reader: Person) -> str:
    who, detail = el.name(attention.who), el.escape(one_line(attention.finding.detail), _DETAIL_LIMIT)
    match attention.finding.trouble:
        case Trouble.NOT_WRITTEN | Trouble.GIVEN_UP as trouble:
            at_new_time = "at its new time " if item.meeting.last_move else ""
            trying = " yet; we keep trying" if trouble is Trouble.NOT_WRITTEN else ", and we have stopped trying"
            return f"The event is not {at_new_time}in the calendar of {who}{trying}. {detail}"
        case Trouble.NOT_REMOVED:
            return f"The event could not be removed from the calendar of {who}. {detail}"
        case Trouble.MISSING:
            return f"The event is not in the calendar of {who} any more."
        case Trouble.MOVED:
            start = datetime.fromisoformat(attention.finding.detail)
            if start == item.meeting.start:
                return f"Somebody has changed how long the event lasts in the calendar of {who}."
            moved_to = el.local_time(start, reader.time_zone)
            return f"Somebody has moved the event in the calendar of {who}, to {moved_to}."
        case Trouble.ATTENDEES:
            return f"Not in the event any more: {detail}."
        case Trouble.ROOM_DECLINED:
            return f"The room has declined: {detail}."
        case Trouble.NO_LINK:
            return f"The calendar of {who} has made no link to join."
        case Trouble.NO_CONFERENCE:
            return f"There is no link to join. {detail}"


def _web_link(address: str) -> str:
    """An address that opens when clicked; the characters that end a Slack link are percent-encoded."""
    if not address.startswith(("https://", "http://")):
        return el.name(address)
    encoded = address.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace("&", "&amp;")
    return f"<{''.join(encoded.split())}>"


def sent(invitation: Invitation, reader: Person) -> str:
    """What has become of the letter so far."""
    if invitation.bounced_reason:
        return "Email not delivered"
    if invitation.letter.delivery is DeliveryMethod.LINK:
        return "To be sent by you"
    if invitation.sent_at is None:
        return "On its way"
    return f"Sent {el.local_time(invitation.sent_at, reader.time_zone)}"


def opened(invitation: Invitation, reader: Person) -> str:
    if invitation.opened_at is None:
        return "Not opened yet"
    return f"Opened {el.local_time(invitation.opened_at, reader.time_zone)}"


def who_cancelled(item: MeetingItem, reader: UserId | None = None) -> str:
    """The name of whoever cancelled the Meeting; "You" for the reader."""
    meeting = item.meeting
    return _whose_hand(item, meeting.canceled_by is CanceledBy.CUSTOMER, meeting.canceled_by_id, reader)


def who_moved(item: MeetingItem, reader: UserId | None = None) -> str:
    """The name of whoever gave the Meeting its present time; "You" for the reader."""
    move = item.meeting.last_move
    return _whose_hand(item, bool(move and move.by_customer), move.by_id if move else None, reader)


def _whose_hand(item: MeetingItem, is_customer: bool, user_id: UserId | None, reader: UserId | None) -> str:
    if is_customer:
        return el.name(item.invitation.participant.name)
    if reader is not None and user_id == reader:
        return "You"
    known = {person.user_id: person.name for person in (item.inviter, *(person for person, _ in item.members))}
    return el.name(known.get(user_id, "An administrator") if user_id else "A colleague")


def quoted(text: str, limit: int = _REASON_LIMIT) -> str:
    """What somebody wrote, as a quotation; nothing where they wrote nothing."""
    shown = el.escape(text.strip(), limit)
    return "\n".join(f"> {line}" for line in shown.splitlines())


def receipts(item: MeetingItem) -> str:
    """Why these people were assigned, where a pool gave them: "Dana Fox: longest without a meeting, 12 days"."""
    names = {person.resource_id: person.name for person, _ in item.members}
    known = [receipt for receipt in item.meeting.receipts if receipt.resource_id in names]
    shown = [f"{el.name(names[one.resource_id])}: {el.escape(one.reason)}" for one in known[:_RECEIPTS_SHOWN]]
    more = [f"and {len(known) - _RECEIPTS_SHOWN} more"] if len(known) > _RECEIPTS_SHOWN else []
    return " · ".join((*shown, *more))
