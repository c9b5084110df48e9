"""Small modals that cards and App Home open."""

from __future__ import annotations

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from blocks import elements as el
from blocks import facts, ids
from bot.domain.activity import InvitationItem, MeetingItem
from bot.domain.people import Person

REASON_LIMIT = 500


def copy_link(item: InvitationItem, link: str) -> View:
    """The Customer's link, to copy by hand: Slack gives apps no clipboard."""
    participant = item.invitation.participant
    blocks: list[Block] = [
        el.section(f"This is the personal link for {el.bold(participant.name)}. Copy it and pass it on:"),
        el.section(el.code_block(link)),
        el.context("Anyone who has this link can book, in this person's name. Send it to nobody else."),
    ]
    return _note("Copy link", blocks)


def cancel_meeting(item: MeetingItem, reader: Person) -> View:
    """Asks once more, and for a reason, which is optional."""
    participant = el.name(item.invitation.participant.name)
    who = f"{participant}, everybody assigned and their calendars will be told. The time is free again at once."
    return View(
        type="modal",
        callback_id=ids.CANCEL_MEETING_VIEW,
        private_metadata=item.meeting.id,
        title=el.plain("Cancel meeting", el.TITLE_LIMIT),
        submit=el.plain("Cancel meeting", el.TITLE_LIMIT),
        close=el.plain("Keep it", el.TITLE_LIMIT),
        blocks=[
            el.section(f"{facts.title(item.invitation)}\n{facts.when(item, reader)}"),
            el.section(who),
            InputBlock(
                block_id=ids.CANCEL_REASON,
                label=el.plain("Reason", 100),
                hint=el.plain("Everybody who is told reads it, the customer too.", 150),
                optional=True,
                element=PlainTextInputElement(action_id=ids.CANCEL_REASON, multiline=True, max_length=REASON_LIMIT),
            ),
        ],
    )


def say(title: str, text: str) -> View:
    """A modal that only says something. `text` is ours or has been escaped."""
    return _note(title, [el.section(text)])


def _note(title: str, blocks: list[Block]) -> View:
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=el.plain(title, el.TITLE_LIMIT),
        close=el.plain("Done", el.TITLE_LIMIT),
        blocks=blocks,
    )
