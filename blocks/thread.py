"""What stands in the thread of an Invitation's card: all that was sent, for whoever wants to look it up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from slack_sdk.models.blocks import Block

from blocks import elements as el
from blocks import facts
from blocks.message import Message
from bot.domain.activity import InvitationItem
from bot.domain.hours_text import text_of
from bot.domain.invitation import Invitation
from bot.domain.timeframe import Weekday

_QUOTED = 900
"""As many characters, and a section holds them even if every one of them is a line of its own."""


def invitation_details(item: InvitationItem) -> Message:
    """Whom it is for, the words, the times in the email, and when the Customer may pick."""
    invitation, details = item.invitation, item.invitation.details
    participant, letter = invitation.participant, invitation.letter
    parts = [
        (
            "To",
            " · ".join(el.name(text) for text in (participant.name, participant.email, participant.time_zone) if text),
        ),
        ("Subject of the email", el.name(letter.subject)),
        ("Message", _quoted(letter.message)),
        ("Times in the email", "\n".join(_offered(item))),
        ("May pick", _may_pick(invitation)),
        ("Description", _quoted(details.description)),
    ]
    blocks: list[Block] = [el.section(f"*{label}*\n{text}") for label, text in parts if text]
    headline = f"The invitation for {el.name(participant.name)} in full"
    return Message(headline, (*blocks, el.context(facts.tracking(invitation))))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in el.paragraph(text.strip(), _QUOTED).splitlines())


def _offered(item: InvitationItem) -> Iterator[str]:
    """The promoted slots on the inviter's clock, a line a time."""
    letter = item.invitation.letter
    if letter.promote:
        for start in sorted(letter.promoted):
            yield el.local_time(start, item.inviter.time_zone)


def _may_pick(invitation: Invitation) -> str:
    """ "Mon 23 Nov – Fri 4 Dec, Mon–Fri 09:00–17:00 (Europe/London) · 30 minutes, one every 30 minutes"."""
    rules, frame = invitation.rules, invitation.rules.frame
    times = f"{_days(frame.weekdays)} {text_of(frame.time_ranges)} ({frame.time_zone})"
    length = el.minutes(invitation.details.duration)
    every = f"one every {el.minutes(rules.spacing or invitation.details.duration)}"
    lines = [f"{el.day(frame.start_date)} – {el.day(frame.end_date)}, {times}", f"{length}, {every}"]
    if rules.notice:
        lines.append(f"at least {el.minutes(rules.notice)} ahead")
    before, after = rules.buffer_before, rules.buffer_after
    if before or after:
        lines.append(f"kept free before: {el.minutes(before)}, after: {el.minutes(after)}")
    return " · ".join(lines)


def _days(days: Iterable[Weekday]) -> str:
    """ "Mon–Fri", "Mon, Wed"."""
    runs = groupby(enumerate(sorted(days)), key=lambda pair: int(pair[1]) - pair[0])
    return ", ".join(_run([day.name.title() for _, day in run]) for _, run in runs)


def _run(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}" if len(names) > 2 else f"{names[0]}, {names[1]}"
