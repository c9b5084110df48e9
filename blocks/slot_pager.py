"""Time slots to pick from in a modal, some days at a time: a button for each start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, DividerBlock

from blocks import elements as el
from bot.domain.on_behalf import Offer, OfferPage
from bot.domain.wizard import instant_text

_BUTTONS_A_BLOCK = 25
_REASONS_LIMIT = 1500


@dataclass(frozen=True, slots=True)
class SlotActions:
    """The ids of the buttons (`blocks.ids`): slots, those that can be booked over (none: none can), pages."""

    pick: str
    earlier: str
    later: str
    pick_taken: str = ""


def zones_note(zone: str, customer: str, customer_zone: str | None) -> str:
    """Whose clock the buttons show; the Customer's beside it, where it is known and another one."""
    if customer_zone is None:
        return f"Times of day are in {el.escape(zone)}."
    return f"Times of day are in {el.escape(zone)}, then for {el.name(customer)} in {el.escape(customer_zone)}."


def day_blocks(
    day: date, offers: Sequence[Offer], zone: str, customer_zone: str | None, actions: SlotActions
) -> list[Block]:
    """A button for each start of the day, and what stands against the taken ones."""
    free = sum(not offer.obstacles for offer in offers)
    blocks: list[Block] = [el.section(f"*{el.day(day)}* · {free or 'none'} free", f"day:{day}")]
    buttons = [_slot_button(offer, zone, customer_zone, actions) for offer in offers if offer.may_be_booked]
    for first in range(0, len(buttons), _BUTTONS_A_BLOCK):
        part = buttons[first : first + _BUTTONS_A_BLOCK]
        blocks.append(ActionsBlock(block_id=f"slots:{day}:{first}", elements=part))
    reasons = list(_reasons(offers, zone))
    if reasons:
        blocks.append(el.context(el.cut("\n".join(reasons), _REASONS_LIMIT), f"taken:{day}"))
    return blocks


def _slot_button(offer: Offer, zone: str, customer_zone: str | None, actions: SlotActions) -> ButtonElement:
    label = _clock(offer.start, zone)
    if customer_zone:
        label = f"{label} · {_clock(offer.start, customer_zone)}"
    stamp = instant_text(offer.start)
    if not offer.obstacles:
        return el.button(label, f"{actions.pick}:{stamp}", value=stamp)
    return el.button(f"⚠ {label}", f"{actions.pick_taken}:{stamp}", value=stamp, confirm=_really(offer))


def _really(offer: Offer) -> ConfirmObject:
    text = f"{'; '.join(offer.obstacles)}. It stays in the calendar beside the new meeting."
    return el.confirmation("Book over this?", text, "Choose it anyway", deny="Keep looking")


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


def paging(page: OfferPage, actions: SlotActions) -> list[Block]:
    """*Earlier days* and *Later days*, where they lead anywhere."""
    buttons = []
    if page.number > 0:
        buttons.append(el.button("Earlier days", actions.earlier, value=str(page.number - 1)))
    if page.number + 1 < page.pages:
        buttons.append(el.button("Later days", actions.later, value=str(page.number + 1)))
    if not buttons:
        return []
    here = el.context(f"Page {page.number + 1} of {page.pages}", "page")
    return [DividerBlock(), ActionsBlock(block_id="days", elements=buttons), here]
