"""Scheduling on behalf: the available time slots by day, what stands against the taken ones, the confirmation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, DividerBlock

from blocks import elements as el
from blocks import facts, ids, inputs
from blocks.calendar_choice import calendar_field
from blocks.live_count import Counting, Uncountable
from blocks.views import View
from blocks.wizard import NOTE_LIMIT, ON_BEHALF_TITLE, alerts, step_header, step_view
from bot.domain import fields as f
from bot.domain.activity import MeetingItem
from bot.domain.calendar_choice import CalendarChoice
from bot.domain.invitation import Draft
from bot.domain.on_behalf import Offer, OfferPage, Picked
from bot.domain.people import Person
from bot.domain.wizard import instant_text

MOST_A_DAY = 50
"""Buttons; more start only where slots lie 5 minutes apart, and those are left out by name."""
_BUTTONS_A_BLOCK = 25
_REASONS_LIMIT = 1500


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
        blocks += [DividerBlock(), *_day_blocks(day, offers, page.time_zone, customer_zone)]
    if not page.days:
        blocks.append(el.section(_nothing(page), "nothing"))
    blocks += _paging(page)
    return step_view(ids.SLOT_VIEW, draft, blocks, submit=None)


def _customer_zone(draft: Draft, page: OfferPage) -> str | None:
    """The Customer's zone, where it is known and not the one shown."""
    zone = draft.fields.get(f.CUSTOMER_ZONE) or None
    return None if zone == page.time_zone else zone


def _zones(draft: Draft, page: OfferPage, customer_zone: str | None) -> str:
    if customer_zone is None:
        return f"Times of day are in {el.escape(page.time_zone)}."
    who = el.name(str(draft.fields.get(f.PARTICIPANT_NAME) or "the customer"))
    return f"Times of day are in {el.escape(page.time_zone)}, then for {who} in {el.escape(customer_zone)}."


def _unreadable(page: OfferPage) -> list[Block]:
    if not page.unreadable:
        return []
    names = facts.several(page.unreadable)
    return [el.section(f":warning: Not readable, so nothing is free there: {names}. Connect it, or choose others.")]


def _switch(page: OfferPage) -> Block:
    label = "Hide conflicts" if page.shows_taken else "Show conflicts"
    return ActionsBlock(block_id="conflicts", elements=[el.button(label, ids.SHOW_CONFLICTS)])


def _nothing(page: OfferPage) -> str:
    if page.unreadable:
        return "Nothing can be offered while a calendar that is needed cannot be read."
    if page.shows_taken:
        return "Those who are needed are never at work at the same time in these days. Go back and choose others."
    return "Everything is taken. *Show conflicts* says by what, and a busy calendar may be booked over."


def _day_blocks(day: date, offers: Sequence[Offer], zone: str, customer_zone: str | None) -> list[Block]:
    shown = offers[:MOST_A_DAY]
    free = sum(not offer.obstacles for offer in offers)
    blocks: list[Block] = [el.section(f"*{el.day(day)}* · {free or 'none'} free", f"day:{day}")]
    buttons = [_slot_button(offer, zone, customer_zone) for offer in shown if offer.may_be_booked]
    for first in range(0, len(buttons), _BUTTONS_A_BLOCK):
        part = buttons[first : first + _BUTTONS_A_BLOCK]
        blocks.append(ActionsBlock(block_id=f"slots:{day}:{first}", elements=part))
    reasons = list(_reasons(shown, zone))
    if reasons:
        blocks.append(el.context(el.cut("\n".join(reasons), _REASONS_LIMIT), f"taken:{day}"))
    if len(offers) > len(shown):
        blocks.append(
            el.context(f"and {len(offers) - len(shown)} more on this day, further apart with a wider spacing")
        )
    return blocks


def _slot_button(offer: Offer, zone: str, customer_zone: str | None) -> ButtonElement:
    label = _clock(offer.start, zone)
    if customer_zone:
        label = f"{label} · {_clock(offer.start, customer_zone)}"
    stamp = instant_text(offer.start)
    if not offer.obstacles:
        return el.button(label, f"{ids.PICK_SLOT}:{stamp}", value=stamp)
    return el.button(f"⚠ {label}", f"{ids.PICK_TAKEN_SLOT}:{stamp}", value=stamp, confirm=_really(offer))


def _really(offer: Offer) -> ConfirmObject:
    return ConfirmObject(
        title=el.plain("Book over this?", 100),
        text=el.plain(f"{'; '.join(offer.obstacles)}. It stays in the calendar beside the new meeting.", 300),
        confirm=el.plain("Choose it anyway", 30),
        deny=el.plain("Keep looking", 30),
        style="danger",
    )


def _reasons(offers: Sequence[Offer], zone: str) -> Iterator[str]:
    """What stands against the taken starts, neighbours with the same reason together."""
    for (obstacles, may_be_booked), group in groupby(offers, key=lambda offer: (offer.obstacles, offer.may_be_booked)):
        if obstacles:
            times = ", ".join(_clock(offer.start, zone) for offer in group)
            beyond = "" if may_be_booked else " (cannot be booked over)"
            yield f"{times}: {'; '.join(el.name(obstacle) for obstacle in obstacles)}{beyond}"


def _clock(start: datetime, zone: str) -> str:
    """ "15:00"; where the clocks go back and it comes twice, with its offset."""
    local = start.astimezone(ZoneInfo(zone))
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M}" + (f" (UTC{local:%z})" if is_twice else "")


def _paging(page: OfferPage) -> list[Block]:
    buttons = []
    if page.number > 0:
        buttons.append(el.button("Earlier days", ids.EARLIER_DAYS, value=str(page.number - 1)))
    if page.number + 1 < page.pages:
        buttons.append(el.button("Later days", ids.LATER_DAYS, value=str(page.number + 1)))
    if not buttons:
        return []
    here = el.context(f"Page {page.number + 1} of {page.pages}", "page")
    return [DividerBlock(), ActionsBlock(block_id="days", elements=buttons), here]


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


def scheduling_view(draft: Draft) -> View:
    """While calendars are asked once more."""
    return View(
        type="modal",
        callback_id=ids.NOTICE_VIEW,
        private_metadata=draft.id,
        title=el.plain(ON_BEHALF_TITLE, el.TITLE_LIMIT),
        close=el.plain("Close", el.TITLE_LIMIT),
        blocks=[
            el.header("Scheduling…", "scheduling"),
            el.section("I look at everybody’s calendar once more before the meeting is made. One moment, please."),
            el.context("You can close this window: the card in our conversation shows what has become of it."),
        ],
    )


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
