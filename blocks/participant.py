"""The wizard's first view: who is invited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock

from blocks import ids, inputs
from blocks.cards import really_discard
from blocks.elements import alert, bold, button, context, header, name, paragraph, section, slots
from blocks.live_count import Count
from blocks.templates import template_blocks
from blocks.views import View
from blocks.wizard import NOTE_LIMIT, alerts, step_view
from blocks.zones import zone_option
from bot.domain import fields as f
from bot.domain.addresses import is_address
from bot.domain.invitation import Draft, DraftStep
from bot.domain.report import SlotReport
from bot.domain.templates import Template

MOST_DRAFTS = 3
_STEP_REACHED = {
    DraftStep.PARTICIPANT: "just begun",
    DraftStep.DETAILS: "at step 1 of 3",
    DraftStep.TIME_FRAME: "at step 2 of 3",
    DraftStep.LETTER: "at step 3 of 3",
    DraftStep.SLOT: "at step 2 of 3",
    DraftStep.CONFIRMATION: "at step 3 of 3",
}


def participant_view(
    draft: Draft,
    now: datetime,
    *,
    drafts: Sequence[Draft] = (),
    hints: Sequence[str] = (),
    count: Count | None = None,
    templates: Sequence[Template] = (),
) -> View:
    """`drafts`: unfinished ones that can be resumed instead; `hints`: what the command could not make sense of;
    `count`: where all is filled in, what the defaults would leave the customer to choose from."""
    fields = draft.fields
    zone = fields.get(f.CUSTOMER_ZONE)
    blocks = [
        *_resumable(drafts),
        header("Who would you like to schedule with?", "who"),
        *alerts(hints),
        *_use_defaults(count),
        inputs.field(inputs.text(f.PARTICIPANT_NAME, fields, placeholder="Anna Ruiz"), "Participant name"),
        inputs.field(
            inputs.email(f.EMAIL, fields, is_valid=_is_blank_or_address(fields.get(f.EMAIL))), "Email address"
        ),
        inputs.field(inputs.text(f.COMPANY, fields), "Company", optional=True),
        *template_blocks(draft, templates),
        inputs.field(
            inputs.search(f.CUSTOMER_ZONE, zone_option(zone, now) if zone else None, "City, country or UTC offset"),
            "Their time zone",
            optional=True,
            hint="Where you know it, the email and the page open with their own times.",
        ),
    ]
    return step_view(ids.PARTICIPANT_VIEW, draft, blocks, submit="Continue", back=False)


def unconnected_view(draft: Draft, missing_text: str | None) -> View:
    """Instead of the form while the person has no calendar connected.

    `missing_text`: where no calendar system is set up at all, so that there is nothing to connect.
    """
    if missing_text is not None:
        blocks: list[Block] = [alert(paragraph(missing_text, NOTE_LIMIT))]
    else:
        blocks = [
            alert("Connect your calendar first. Without it nobody can tell when you are free."),
            ActionsBlock(
                block_id="connect",
                elements=[button("Connect calendar", ids.CONNECT_CALENDAR, value=draft.id, style="primary")],
            ),
            context("I read when you are busy, and write the meetings that are booked. What you typed is kept."),
        ]
    return step_view(ids.PARTICIPANT_VIEW, draft, blocks, submit=None, back=False)


def _use_defaults(count: Count | None) -> list[Block]:
    """The way straight to step 3."""
    if not isinstance(count, SlotReport) or not count.count:
        return []
    label = f"Use my defaults · {slots(count.count)}"
    return [ActionsBlock(block_id="defaults", elements=[button(label, ids.USE_DEFAULTS, style="primary")])]


def _resumable(drafts: Sequence[Draft]) -> list[Block]:
    if not drafts:
        return []
    blocks: list[Block] = [section("*Go on with an unfinished invitation*")]
    for draft in drafts[:MOST_DRAFTS]:
        who = draft.fields.get(f.PARTICIPANT_NAME) or draft.fields.get(f.EMAIL) or "Somebody"
        subject = draft.fields.get(f.SUBJECT)
        about = f" · {name(str(subject))}" if subject else ""
        blocks += [
            section(f"{bold(str(who))}{about} · {_STEP_REACHED[draft.step]}"),
            ActionsBlock(
                block_id=f"draft:{draft.id}",
                elements=[
                    button("Resume", ids.RESUME_IN_WIZARD, value=draft.id),
                    button("Discard", ids.DISCARD_IN_WIZARD, value=draft.id, confirm=really_discard()),
                ],
            ),
        ]
    return [*blocks, DividerBlock()]


def _is_blank_or_address(value: object) -> bool:
    return not value or is_address(str(value))
