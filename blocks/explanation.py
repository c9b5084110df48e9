"""What explains an Invitation's count, as a message for whoever asks `/invite why`."""

from __future__ import annotations

from blocks import facts
from blocks.elements import bold, name, slots
from blocks.live_count import costs_line
from bot.domain.invitation import Invitation
from bot.domain.report import TOO_FEW, SlotReport


def why_text(invitation: Invitation, report: SlotReport) -> str:
    """In mrkdwn: the number, what cannot be read, what restricts most, and what would help."""
    lines = [f"{facts.title(invitation)}: *{slots(report.count)}*"]
    if report.unreadable:
        lines.append(f"• Calendars that cannot be read, so they count as busy: {facts.several(report.unreadable)}")
    lines += [f"• {bold(pool)} has no active members. An administrator can change that." for pool in report.deserted]
    if not report.count and report.has_too_few:
        lines.append(f"• {TOO_FEW}")
    costly = costs_line(report)
    if costly:
        lines.append(f"• What restricts most: {costly}")
    if report.relaxations:
        helpful = " · ".join(f"{name(each.text)} (+{each.gain})" for each in report.relaxations)
        lines.append(f"• What would help, each alone: {helpful}")
    elif not report.count and not report.deserted:
        lines.append(
            "• No single change alone would help: cancel it, and invite again for another time, or with other people."
        )
    if len(lines) == 1:
        lines.append(f"• Nothing stands in the way of {bold(invitation.participant.name)}: every time is free.")
    return "\n".join([*lines, facts.tracking(invitation)])
