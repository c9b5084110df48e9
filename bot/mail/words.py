"""What mails say: the words of their templates, and times in the zones of those who read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from bot.domain.invitation import ConferencingKind
from bot.domain.meeting import Meeting
from bot.domain.typed import one_line, plain
from bot.domain.wording import (
    ClockStyle,
    Moment,
    company,
    duration_text,
    first_name,
    join_link,
    moment,
    place,
    slot_stamp,
)
from bot.ports import MailContext


@dataclass(frozen=True, slots=True)
class Choice:
    """A promoted slot: its own link, and its time in each zone that the mail names, the reader's first."""

    link: str
    moments: tuple[Moment, ...]


def words_of(context: MailContext, meeting: Meeting | None = None) -> dict[str, Any]:
    """What every template may say."""
    invitation, details = context.invitation, context.invitation.details
    inviter = one_line(context.inviter.name)
    return {
        "link": context.link,
        "reschedule_link": f"{context.link}/reschedule",
        "greeting": first_name(one_line(invitation.participant.name)),
        "customer": one_line(invitation.participant.name),
        "inviter": inviter,
        "inviter_first": first_name(inviter),
        "subject": one_line(details.subject),
        "message": plain(invitation.letter.message).strip(),
        "is_off": False,
        "is_on_behalf": invitation.letter.on_behalf,
        "description": plain(details.description).strip(),
        "duration": duration_text(details.duration),
        "who": company(details, [member.name for member in context.members], booked=meeting is not None),
        "where": place(details, booked=False),
        "where_booked": place(details, booked=True),
        "join_link": join_link(details, meeting),
        # A link typed without http(s) is still what the Customer needs, as text.
        "join_text": one_line(details.conferencing.detail)
        if details.conferencing.kind is ConferencingKind.LINK and not join_link(details)
        else "",
        "tracking_id": invitation.tracking_id,
    }


def promoted_by_day(context: MailContext) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """The promoted slots still to come, by day in the first zone; none where the letter promotes none."""
    letter, duration = context.invitation.letter, context.invitation.details.duration
    if not letter.promote:
        return ()
    style, zones = ClockStyle.of(context.invitation.letter.language), _zones(context)

    def choice(start: datetime) -> Choice:
        link = f"{context.link}/{slot_stamp(start)}"
        return Choice(link, tuple(moment(start, duration, zone, style) for zone in zones))

    choices = (choice(start) for start in sorted(letter.promoted) if start > context.sent_at)
    return tuple((day, tuple(of_day)) for day, of_day in groupby(choices, key=lambda c: c.moments[0].day))


def moments_of(context: MailContext, meeting: Meeting) -> tuple[Moment, ...]:
    """The Meeting's time in the zone the Customer booked in, and in the inviter's."""
    first = meeting.customer_zone or _zones(context)[0]
    style = ClockStyle.of(context.invitation.letter.language)
    zones = dict.fromkeys((first, context.inviter.time_zone))
    return tuple(moment(meeting.start, meeting.duration, zone, style) for zone in zones)


def short(when: Moment) -> str:
    return f"{when.day}, {when.clock} ({when.offset})"


def _zones(context: MailContext) -> tuple[str, ...]:
    """The zones to name: the Customer's and the inviter's, or only the frame's where the Customer's is unknown."""
    customer_zone = context.invitation.participant.time_zone
    if customer_zone is None:
        return (context.invitation.rules.frame.time_zone,)
    return tuple(dict.fromkeys((customer_zone, context.inviter.time_zone)))
