"""Moving a Meeting in Slack: the slots it may move to, the old and the new time, and that it was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock, InputBlock, PlainTextInputElement

from blocks import elements as el
from blocks import facts, ids
from blocks.dialogs import REASON_LIMIT
from blocks.slot_pager import SlotActions, day_blocks, paging, zones_note
from blocks.views import View
from blocks.wizard import alerts, working_view
from bot.domain.activity import MeetingItem
from bot.domain.on_behalf import OfferPage
from bot.domain.people import Person
from bot.domain.wizard import instant_text

_ACTIONS = SlotActions(ids.PICK_MOVE_SLOT, ids.MOVE_EARLIER_DAYS, ids.MOVE_LATER_DAYS)
_TITLE = "Reschedule"
_NO_OTHER_TIME = (
    "Those who are in the meeting have no other time together in its time frame. With *Reassign* somebody else takes a "
    "place; or cancel the meeting, and invite again."
)


def looking_view(item: MeetingItem, reader: Person) -> View:
    """While the calendars are asked."""
    return _slots_view(item, [*_top(item, reader), el.section("Looking into everybody’s calendar…", "count")])


def slots_view(item: MeetingItem, page: OfferPage, reader: Person, *, warnings: Sequence[str] = ()) -> View:
    """Some days of slots, each a button, or why there are none."""
    blocks = [*alerts(warnings), *_top(item, reader), el.section(f"*{el.slots(page.free)}*", "count")]
    if page.unreadable:
        names = facts.several(page.unreadable)
        blocks.append(el.section(f":warning: Not readable, so nothing is free there: {names}. Try again in a minute."))
    elif not page.days:
        blocks.append(el.section(_NO_OTHER_TIME))
    else:
        zone = item.meeting.customer_zone or item.invitation.participant.time_zone
        customer_zone = None if zone == page.time_zone else zone
        name = item.invitation.participant.name
        blocks.append(el.context(zones_note(page.time_zone, name, customer_zone), "zones"))
        for day, offers in page.days:
            blocks += [DividerBlock(), *day_blocks(day, offers, page.time_zone, customer_zone, _ACTIONS)]
    return _slots_view(item, [*blocks, *paging(page, _ACTIONS)])


def confirm_view(item: MeetingItem, start: datetime, reader: Person) -> View:
    """The old and the new time, and what there is to say about it."""
    participant = el.name(item.invitation.participant.name)
    meeting, zone = item.meeting, item.meeting.customer_zone or item.invitation.participant.time_zone
    lines = [
        facts.title(item.invitation),
        f"From: ~{el.local_time(meeting.start, reader.time_zone)}~",
        f"To: *{el.local_time(start, reader.time_zone)}* · {el.minutes(meeting.duration)}",
        *([f"For {participant}: {el.time_in_zone(start, zone)}"] if zone and zone != reader.time_zone else []),
    ]
    other_time = el.button("Choose another time", ids.MOVE_OTHER_TIME, value=meeting.id)
    return View(
        type="modal",
        callback_id=ids.MOVE_VIEW,
        private_metadata=" ".join((meeting.id, instant_text(start), instant_text(meeting.start))),
        title=el.plain(_TITLE, el.TITLE_LIMIT),
        submit=el.plain("Reschedule", el.TITLE_LIMIT),
        close=el.plain("Keep it", el.TITLE_LIMIT),
        blocks=[
            el.section("\n".join(lines), "move"),
            ActionsBlock(block_id="other", elements=[other_time]),
            el.section(f"The same event moves in every calendar. {participant} and everybody assigned will be told."),
            InputBlock(
                block_id=ids.MOVE_NOTE,
                label=el.plain("Note", 100),
                hint=el.plain("Everybody who is told reads it, the customer too.", 150),
                optional=True,
                element=PlainTextInputElement(action_id=ids.MOVE_NOTE, multiline=True, max_length=REASON_LIMIT),
            ),
        ],
    )


def moving_view() -> View:
    return working_view(_TITLE, "Rescheduling…", "the meeting is moved")


def moved_view(item: MeetingItem, reader: Person) -> View:
    """That it was done, and who hears of it."""
    invitation = item.invitation
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=el.plain(_TITLE, el.TITLE_LIMIT),
        close=el.plain("Done", el.TITLE_LIMIT),
        blocks=[
            el.alert(f"Meeting with {el.bold(invitation.participant.name)} moved", "success"),
            el.section(f"{facts.title(invitation)}\n{facts.when(item, reader)}\n{facts.assigned_members(item)}"),
            el.context(f"The new time is on its way to everybody · {facts.tracking(invitation)}"),
        ],
    )


def _top(item: MeetingItem, reader: Person) -> list[Block]:
    now = f"{facts.title(item.invitation)}\nNow: {facts.when(item, reader)}"
    return [el.header("Select a new time", "heading"), el.section(now, "now")]


def _slots_view(item: MeetingItem, blocks: Sequence[Block]) -> View:
    return View(
        type="modal",
        callback_id=ids.MOVE_SLOT_VIEW,
        private_metadata=item.meeting.id,
        title=el.plain(_TITLE, el.TITLE_LIMIT),
        close=el.plain("Keep it", el.TITLE_LIMIT),
        blocks=list(blocks),
    )
