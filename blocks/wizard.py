"""What the wizard's four views share, and the modals that only say something."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock, RichTextBlock
from slack_sdk.models.blocks import RichTextElementParts as Rich
from slack_sdk.models.blocks import RichTextPreformattedElement as Preformatted

from blocks import ids
from blocks.elements import TITLE_LIMIT, alert, bold, button, context, cut, escape, header, paragraph, plain, section
from blocks.views import View, drawn_once
from bot.domain.invitation import DeliveryMethod, Draft, Invitation
from bot.domain.on_behalf import is_on_behalf

TITLE = "Invite to self-schedule"
ON_BEHALF_TITLE = "Schedule on behalf"
NOTE_LIMIT = 1000
SHOWN_TEXT_LIMIT = 4000


def wizard_title(draft: Draft) -> str:
    """What the steps are about, in the modal's title."""
    return ON_BEHALF_TITLE if is_on_behalf(draft.fields) else TITLE


def step_view(
    callback_id: str,
    draft: Draft,
    blocks: Sequence[Block],
    *,
    submit: str | None,
    back: bool = True,
    title: str | None = None,
) -> View:
    """One step. The draft's id is all that the view carries. A modal's title is the one place that never scrolls."""
    return View(
        type="modal",
        callback_id=callback_id,
        title=plain(title or wizard_title(draft), TITLE_LIMIT),
        submit=plain(submit, TITLE_LIMIT) if submit else None,
        close=plain("Close", TITLE_LIMIT),
        blocks=[*blocks, _back()] if back else blocks,
        private_metadata=draft.id,
        notify_on_close=True,
    )


@drawn_once
def _back() -> Block:
    return ActionsBlock(block_id="navigation", elements=[button("Back", ids.BACK)])


@drawn_once
def step_header(number: int, title: str) -> Block:
    return header(f"Step {number} of 3 · {title}", f"step_{number}")


def alerts(sentences: Sequence[str]) -> list[Block]:
    """What the person should know before going on; nothing here is forbidden."""
    return [alert(paragraph(sentence, NOTE_LIMIT)) for sentence in sentences]


def notice_view(title: str, text: str, *, level: str = "warning") -> View:
    """A modal that says one thing. On top of a step, closing it leads back to everything typed there."""
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=plain(title, TITLE_LIMIT),
        close=plain("OK", TITLE_LIMIT),
        blocks=[alert(paragraph(text, NOTE_LIMIT), level)],
    )


def working_view(title: str, doing: str, before: str, *, card: str = "the meeting’s card") -> View:
    """While calendars are asked once more, `before` what was asked for happens. `card` shows it to who closes this."""
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=plain(title, TITLE_LIMIT),
        close=plain("Close", TITLE_LIMIT),
        blocks=[
            header(doing, "working"),
            section(f"I look at everybody’s calendar once more before {before}. One moment, please."),
            context(f"You can close this window: {card} shows what has become of it."),
        ],
    )


def sending_view() -> View:
    """What was typed is kept with the draft, whatever comes of it."""
    return working_view(TITLE, "Sending…", "the invitation goes out", card="the card in our conversation")


def sent_view(invitation: Invitation, link: str | None) -> View:
    """What was sent and what happens next; `link` where the inviter passes it on."""
    person = bold(invitation.participant.name)
    if invitation.letter.delivery is DeliveryMethod.LINK:
        done = f"The invitation for {person} is ready."
        following = "Pass this link on. A text ready to paste, with times, is on its way to you as a direct message."
    else:
        done = f"Invitation sent to {person}"
        following = f"The email goes to {escape(invitation.participant.email, 254)} now."
    told = "You hear from me as soon as a time is booked. Until then the card in our conversation shows the live count."
    blocks: list[Block] = [alert(done, "success"), section(following)]
    if link:
        blocks += [preformatted(link), context("Whoever has this link can book the meeting.")]
    blocks += [DividerBlock(), context(f"Tracking ID *{invitation.tracking_id}* · {told}")]
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=plain(TITLE, TITLE_LIMIT),
        close=plain("Done", TITLE_LIMIT),
        blocks=blocks,
    )


def preformatted(text: str, block_id: str | None = None) -> RichTextBlock:
    """Text exactly as it is, mrkdwn or not."""
    shown = Rich.Text(text=cut(text, SHOWN_TEXT_LIMIT) or " ")
    return RichTextBlock(block_id=block_id, elements=[Preformatted(elements=[shown])])
