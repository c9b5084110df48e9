"""Small modals that cards and App Home open."""

from __future__ import annotations

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement

from blocks import elements as el
from blocks import facts, ids
from blocks.views import View
from blocks.wizard import preformatted
from bot.domain.activity import MeetingItem
from bot.domain.people import Person

REASON_LIMIT = 500


def copy_link(link: str) -> View:
    """The Customer's link, to copy by hand: Slack gives apps no clipboard."""
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=el.plain("Copy link", el.TITLE_LIMIT),
        close=el.plain("Done", el.TITLE_LIMIT),
        blocks=[
            el.section("This is the customer’s personal link. Select it, copy it, and pass it on."),
            preformatted(link),
            el.context("Anyone who has it can book, move and cancel, in the customer’s name. Give it to nobody else."),
        ],
    )


def cancel_meeting(item: MeetingItem, reader: Person) -> View:
    """Asks once more, and for a reason, which is optional."""
    participant = el.name(item.invitation.participant.name)
    consequences = f"{participant} and everybody assigned will be told, and the time is free again."
    return View(
        type="modal",
        callback_id=ids.CANCEL_MEETING_VIEW,
        private_metadata=item.meeting.id,
        title=el.plain("Cancel meeting", el.TITLE_LIMIT),
        submit=el.plain("Cancel meeting", el.TITLE_LIMIT),
        close=el.plain("Keep it", el.TITLE_LIMIT),
        blocks=[
            el.section(f"{facts.title(item.invitation)}\n{facts.when(item, reader)}"),
            el.section(consequences),
            InputBlock(
                block_id=ids.CANCEL_REASON,
                label=el.plain("Reason", 100),
                hint=el.plain("Everybody who is told reads it, the customer too.", 150),
                optional=True,
                element=PlainTextInputElement(action_id=ids.CANCEL_REASON, multiline=True, max_length=REASON_LIMIT),
            ),
        ],
    )
