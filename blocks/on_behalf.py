"""Scheduling on behalf: the available time slots by day, what stands against the taken ones, the confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock

from blocks import elements as el
from blocks import facts, ids, inputs
from blocks.calendar_choice import calendar_field
from blocks.live_count import Counting, Uncountable, unreadable_text
from blocks.slot_pager import SlotActions, day_blocks, paging, zones_note
from blocks.views import View
from blocks.wizard import NOTE_LIMIT, ON_BEHALF_TITLE, alerts, step_header, step_view, working_view
from bot.domain import fields as f
from bot.domain.activity import MeetingItem
from bot.domain.calendar_choice import CalendarChoice
from bot.domain.invitation import Draft
from bot.domain.on_behalf import OfferPage, Picked
from bot.domain.people import Person

_ACTIONS = SlotActions(ids.PICK_SLOT, ids.EARLIER_DAYS, ids.LATER_DAYS, ids.PICK_TAKEN_SLOT)


# ---------------------------------------------------------------- what to begin with


def method_view(draft: Draft, hints: Sequence[str] = ()) -> View:
    """Asks which of the two it shall be, where the person wants to be asked."""
    choices = (
        ("Invite to self-schedule", ids.BEGIN_INVITATION, "They pick a time that suits them, from an email or a link."),
        ("Schedule on behalf", ids.BEGIN_ON_BEHALF, "You pick the time now, for example while you talk on the phone."),
    )
    return View(
        type="modal",
        callback_id=ids.METHOD_VIEW,
        private_metadata=draft.id,
        notify_on_close=True,
        title=el.plain("New meeting", el.TITLE_LIMIT),
        close=el.plain("Close", el.TITLE_LIMIT),
        blocks=[
            el.header("Who picks the time?"),
            *alerts(hints),
            *(el.section(f"*{label}*\n{why}", action, el.button("Choose", action)) for label, action, why in choices),
            el.context("You choose in *Setup* which of the two comes first, or to be asked each time."),
        ],
    )


# ---------------------------------------------------------------- step 2: the slot


def slot_view(draft: Draft, page: OfferPage | Counting | Uncountable, *, warnings: Sequence[str] = ()) -> View:
    """All slots of some days, or the word that they are still being looked for, or why there is nothing to show."""
    top = [step_header(2, "Select an available time slot"), *alerts(warnings)]
    if not isinstance(page, OfferPage):
        text = (
            "Looking into everybody’s calendar…"
            if isinstance(page, Counting)
            else f":warning: {el.paragraph(page.sentence, NOTE_LIMIT)}"
        )
        return step_view(ids.SLOT_VIEW, draft, [*top, el.section(text, "count")], submit=None)
    blocks = [*top, el.section(f"*{el.slots(page.free)}* in the next 30 days", "count"), *_unreadable(page)]
    customer_zone = _customer_zone(draft, page)
    blocks.append(el.context(_zones(draft, page, customer_zone), "zones"))
    blocks.append(_switch(page))
    for day, offers in page.days:
        blocks += [DividerBlock(), *day_blocks(day, offers, page.time_zone, customer_zone, _ACTIONS)]
    if not page.days:
        blocks.append(el.section(_nothing(page), "nothing"))
    blocks += paging(page, _ACTIONS)
    return step_view(ids.SLOT_VIEW, draft, blocks, submit=None)


def _customer_zone(draft: Draft, page: OfferPage) -> str | None:
    """The Customer's zone, where it is known and not the one shown."""
    zone = draft.fields.get(f.CUSTOMER_ZONE) or None
    return None if zone == page.time_zone else zone


def _zones(draft: Draft, page: OfferPage, customer_zone: str | None) -> str:
    return zones_note(page.time_zone, str(draft.fields.get(f.PARTICIPANT_NAME) or "the customer"), customer_zone)


def _unreadable(page: OfferPage) -> list[Block]:
    if not page.unreadable:
        return []
    return [
        el.section(f"{unreadable_text(page.unreadable)} Go back to choose others, or have it connected in *Setup*.")
    ]


def _switch(page: OfferPage) -> Block:
    label = "Hide conflicts" if page.shows_taken else "Show conflicts"
    return ActionsBlock(block_id="conflicts", elements=[el.button(label, ids.SHOW_CONFLICTS)])


def _nothing(page: OfferPage) -> str:
    if page.unreadable:
        return "Nothing can be offered while a calendar that is needed cannot be read."
    if page.shows_taken:
        return "Those who are needed are never at work at the same time in these days. Go back and choose others."
    return "Everything is taken. *Show conflicts* says by what, and a busy calendar may be booked over."


# ---------------------------------------------------------------- step 3: the confirmation


def lost_view(draft: Draft, why: str) -> View:
    """Instead of the confirmation, where the time that was picked is gone: *Back* leads to what is left."""
    blocks = [step_header(3, "Confirmation"), *alerts([why])]
    return step_view(ids.CONFIRMATION_VIEW, draft, blocks, submit=None)


def confirmation_view(
    draft: Draft,
    picked: Picked,
    reader: Person,
    *,
    calendars: CalendarChoice | None = None,
    warnings: Sequence[str] = (),
) -> View:
    fields = draft.fields
    start, details = picked.offer.start, picked.details
    customer, zone = str(fields.get(f.PARTICIPANT_NAME) or ""), fields.get(f.CUSTOMER_ZONE) or None
    lines = [
        f"{el.bold(customer)} · {el.name(details.subject)}",
        f"{el.local_time(start, reader.time_zone)} · {el.minutes(details.duration)}",
        *([f"For {el.name(customer)}: {el.time_in_zone(start, zone)}"] if zone and zone != reader.time_zone else []),
        f"With {facts.several(picked.names)}",
    ]
    obstacles = "; ".join(el.name(obstacle) for obstacle in picked.offer.obstacles)
    blocks = [
        step_header(3, "Confirmation"),
        *alerts(warnings),
        el.section("\n".join(lines), "picked"),
        *([el.alert(el.cut(f"You book over what is there: {obstacles}", NOTE_LIMIT))] if obstacles else []),
        inputs.field(
            inputs.switch(f.CONFIRMS, fields, f"To {fields.get(f.EMAIL)}"),
            "Email the confirmation to the customer",
            optional=True,
            hint="With the time, who will be there, and a link to see or cancel the meeting.",
        ),
        inputs.field(
            inputs.text(f.CONFIRMATION, fields, multiline=True),
            "Personal message",
            optional=True,
            hint="It stands at the top of the confirmation.",
        ),
        calendar_field(draft, calendars or CalendarChoice()),
        inputs.field(
            inputs.channel(f.CHANNEL, fields, "Choose a channel"),
            "Notification channel",
            optional=True,
            hint="It gets a short note now, and when the meeting is cancelled.",
        ),
    ]
    return step_view(ids.CONFIRMATION_VIEW, draft, blocks, submit="Schedule")


def scheduling_view() -> View:
    return working_view(ON_BEHALF_TITLE, "Scheduling…", "the meeting is made", card="the card in our conversation")


def scheduled_view(item: MeetingItem, reader: Person) -> View:
    """What was made, and who hears of it."""
    invitation = item.invitation
    customer = el.name(invitation.participant.name)
    mail = (
        f"The confirmation goes to {el.escape(invitation.participant.email, 254)} now."
        if invitation.letter.confirms
        else f"{customer} gets no email: tell them the time yourself."
    )
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        title=el.plain(ON_BEHALF_TITLE, el.TITLE_LIMIT),
        close=el.plain("Done", el.TITLE_LIMIT),
        blocks=[
            el.alert(f"Meeting with {el.bold(invitation.participant.name)} scheduled", "success"),
            el.section(f"{facts.title(invitation)}\n{facts.when(item, reader)}\n{facts.assigned_members(item)}"),
            el.section(mail),
            el.context(f"It is on its way into everybody’s calendar · {facts.tracking(invitation)}"),
        ],
    )
