"""Cards: one Invitation or Meeting with its facts and buttons, as the DM and App Home show it.

Blocks with buttons keep their ids, so that a button works while its card is being updated.
"""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject

from blocks import elements as el
from blocks import facts, ids
from bot.domain import fields
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.event_copies import Trouble
from bot.domain.invitation import ConferencingKind, Draft, Invitation, InvitationStatus
from bot.domain.meeting import Attendance, Meeting, MeetingStatus
from bot.domain.on_behalf import is_on_behalf
from bot.domain.people import Person
from bot.domain.typed import one_line


def draft_title(draft: Draft, count: int | None = None) -> str:
    """ "*Anna Ruiz* · 34 available time slots", with as much as is known."""
    who = str(draft.fields.get(fields.PARTICIPANT_NAME) or draft.fields.get(fields.EMAIL) or "")
    parts = [el.bold(who) or "*Unfinished invitation*"]
    if count is not None and not is_on_behalf(draft.fields):
        parts.append(el.slots(count))
    return " · ".join(parts)


def draft_card(draft: Draft, count: int | None = None) -> list[Block]:
    """An unfinished Invitation; `count` is left out where it is not known."""
    subject = el.name(str(draft.fields.get(fields.SUBJECT) or ""))
    state = "Draft, not scheduled yet" if is_on_behalf(draft.fields) else "Draft, not sent yet"
    return [
        el.section(draft_title(draft, count)),
        el.context(" · ".join(part for part in (state, subject) if part)),
        ActionsBlock(
            block_id=f"draft:{draft.id}",
            elements=[
                el.button("Resume", ids.RESUME_DRAFT, value=draft.id, style="primary"),
                el.button(
                    "Discard",
                    ids.DISCARD_DRAFT,
                    value=draft.id,
                    confirm=really_discard(),
                ),
            ],
        ),
    ]


def really_discard() -> ConfirmObject:
    return el.confirmation("Discard this draft?", "What you filled in will be gone.", "Discard")


def invitation_card(item: InvitationItem, reader: Person) -> list[Block]:
    """An Invitation in its present state; once booked, the Meeting's card."""
    if item.meeting is not None:
        return meeting_card(meeting_item(item), reader)
    invitation = item.invitation
    lines = [facts.title(invitation), *_standing(item), facts.possible_members(item), *facts.possible_rooms(item)]
    small = [
        facts.optional_members(item.optional),
        facts.invited_by(item.inviter, reader),
        facts.sent(invitation, reader),
        facts.opened(invitation, reader),
        facts.tracking(invitation),
    ]
    blocks: list[Block] = [el.section("\n".join(lines)), _small_print(small)]
    if invitation.status is InvitationStatus.ACTIVE:
        blocks.append(ActionsBlock(block_id=f"invitation:{invitation.id}", elements=_invitation_buttons(invitation)))
    return blocks


def summary(item: InvitationItem, reader: Person) -> str:
    """The card in one line, for those who hear it: whose it is and where it stands."""
    if item.meeting is None:
        standing = _standing(item)
    else:
        booked = meeting_item(item)
        standing = [_meeting_state(booked, reader), el.local_time(item.meeting.start, reader.time_zone)]
    return " · ".join((facts.title(item.invitation), *standing))


def meeting_card(item: MeetingItem, reader: Person) -> list[Block]:
    """A Meeting with its time, people, how to join, and what can be done with it while it is still to come."""
    invitation, details = item.invitation, item.invitation.details
    lines = [
        facts.title(invitation),
        _meeting_state(item, reader),
        facts.when(item, reader),
        facts.assigned_members(item),
    ]
    small = [
        facts.receipts(item),
        facts.optional_members(item.optional),
        facts.former_members(item.former),
        facts.invited_by(item.inviter, reader),
        facts.tracking(invitation),
    ]
    blocks: list[Block] = [el.section("\n".join(lines))]
    how_to_join = facts.how_to_join(details, item.meeting)
    if item.meeting.is_live and how_to_join:
        blocks.append(el.section(how_to_join))
    if item.attention:
        blocks.append(el.section("\n".join(facts.attention(item, reader))))
    blocks.append(_small_print(small))
    buttons = [*decisions(item), *_what_now(item)]
    if buttons:
        blocks.append(ActionsBlock(block_id=f"meeting:{item.meeting.id}", elements=buttons))
    return blocks


def _what_now(item: MeetingItem) -> list[ButtonElement]:
    """What can be done with a Meeting, before it and for some days after."""
    meeting, buttons = item.meeting, list[ButtonElement]()
    if meeting.is_live:
        if item.at is None or item.at < meeting.start:
            buttons.append(el.button("Reschedule", ids.RESCHEDULE_MEETING, value=meeting.id))
        buttons += [reassign_button(meeting), cancel_button(meeting)]
    if item.at and meeting.may_be_no_show(item.at):
        name = el.cut(one_line(item.invitation.participant.name), el.NAME_LIMIT)
        question = el.confirmation(
            "No-show?", f"{name} did not come. It can be taken back for 14 days.", "No-show", deny="Go back"
        )
        buttons.append(el.button("No-show", ids.NO_SHOW, value=meeting.id, confirm=question))
    if item.at and meeting.may_take_back_no_show(item.at):
        buttons.append(el.button("Undo no-show", ids.UNDO_NO_SHOW, value=meeting.id))
    return buttons


def reassign_button(meeting: Meeting, label: str = "Reassign", out: str = "") -> ButtonElement:
    return el.button(label, ids.REASSIGN, value=f"{meeting.id} {out}".strip())


def cancel_button(meeting: Meeting, label: str = "Cancel") -> ButtonElement:
    return el.button(label, ids.CANCEL_MEETING, value=meeting.id)


def decisions(item: MeetingItem) -> list[ButtonElement]:
    """What can be done about what is wrong with the event; nothing where all is well."""
    if not item.attention:
        return []
    troubles = {attention.finding.trouble for attention in item.attention}
    is_hopeless = troubles == {Trouble.NO_CONFERENCE} and not _is_retried(item)
    is_about_removal = troubles == {Trouble.NOT_REMOVED}
    again = "Try again" if is_about_removal or troubles == {Trouble.NO_CONFERENCE} else "Write it again"
    keep = el.button("Keep as it is", ids.KEEP_EVENT, value=item.meeting.id)
    return [keep] if is_hopeless else [el.button(again, ids.WRITE_EVENT_AGAIN, value=item.meeting.id), keep]


def _is_retried(item: MeetingItem) -> bool:
    """A conference beside the event can be made later; one that another calendar would have to make cannot."""
    return item.invitation.details.conferencing.kind is ConferencingKind.ZOOM


def meeting_item(item: InvitationItem) -> MeetingItem:
    """The Meeting that a booked Invitation has become."""
    if item.meeting is None:
        raise ValueError("only a booked Invitation has a Meeting")
    by_id = {person.user_id: person for person in item.members}
    assigned = (by_id[user] for user in item.meeting.assigned_member_ids if user in by_id)
    members = tuple((person, item.attendance.get(person.user_id, Attendance.INVITED)) for person in assigned)
    return MeetingItem(
        meeting=item.meeting,
        invitation=item.invitation,
        inviter=item.inviter,
        members=members,
        optional=item.optional,
        attention=item.attention,
        rooms=item.rooms,
        former=tuple(by_id[user] for user in item.former_ids if user in by_id),
        at=item.at,
    )


def ways_out(invitation: Invitation) -> ActionsBlock:
    """What can be done where the letter has not arrived."""
    return ActionsBlock(
        block_id=f"invitation:{invitation.id}", elements=[_resend_button(invitation), copy_link_button(invitation)]
    )


def copy_link_button(invitation: Invitation) -> ButtonElement:
    return el.button("Copy link", ids.COPY_LINK, value=invitation.id)


def _resend_button(invitation: Invitation) -> ButtonElement:
    return el.button("Resend", ids.RESEND_INVITATION, value=invitation.id)


def cancel_invitation_button(invitation: Invitation) -> ButtonElement:
    name = el.cut(one_line(invitation.participant.name), el.NAME_LIMIT)
    confirm = el.confirmation("Cancel this invitation?", f"{name}’s link will stop working.", "Cancel it")
    return el.button("Cancel", ids.CANCEL_INVITATION, value=invitation.id, confirm=confirm)


def _invitation_buttons(invitation: Invitation) -> list[ButtonElement]:
    return [_resend_button(invitation), copy_link_button(invitation), cancel_invitation_button(invitation)]


def _standing(item: InvitationItem) -> list[str]:
    """Where an Invitation that nobody has booked stands."""
    invitation = item.invitation
    match invitation.status:
        case InvitationStatus.EXPIRED:
            return ["Expired: its time frame is over and nothing was booked."]
        case InvitationStatus.CANCELED:
            return ["Cancelled. The link does not work any more."]
        case InvitationStatus.SCHEDULED:
            return ["Booked"]
        case InvitationStatus.ACTIVE:
            lines = [] if item.slots_left is None else [f"*{el.slots(item.slots_left)}*"]
            if item.unreadable:
                lines.append(f"⚠️ Calendar not readable: {facts.several(item.unreadable)}")
            if invitation.bounced_reason:
                lines.append(f"⚠️ The email did not arrive: {el.name(invitation.bounced_reason)}")
            return lines


def _meeting_state(item: MeetingItem, reader: Person) -> str:
    match item.meeting.status:
        case MeetingStatus.SCHEDULED:
            return "Booked"
        case MeetingStatus.RESCHEDULED:
            return f"Moved to a new time by {_in_sentence(facts.who_moved(item, reader.user_id))}"
        case MeetingStatus.COMPLETED:
            return "Completed"
        case MeetingStatus.CANCELED:
            return f"Cancelled by {_in_sentence(facts.who_cancelled(item, reader.user_id))}"
        case MeetingStatus.NO_SHOW:
            return "No-show"


def _in_sentence(name: str) -> str:
    """ "You", "A colleague" and "An administrator" stand at the beginning of sentences; names stay as they are."""
    return name[0].lower() + name[1:] if name in {"You", "A colleague", "An administrator"} else name


def _small_print(parts: list[str]) -> Block:
    return el.context(" · ".join(part for part in parts if part))
