"""Setup's modals about resource pools: who is next and why, and the ledger with what Administrators may do to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock, OverflowMenuElement, SectionBlock

from blocks import elements as el
from blocks import facts, ids
from blocks import setup_fields as form
from blocks.setup_modal import modal, paging, remove_button
from blocks.views import View
from bot.domain.ledger import Standing, count_text
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.domain.setup import MemberPage, PoolItem

PAGE_SIZE = 20
_METHOD_TEXTS = {
    PoolMethod.STRICT: "strict round robin",
    PoolMethod.FLEXIBLE: "flexible round robin",
    PoolMethod.POOLED: "pooled availability",
}


def kind_text(pool: Pool) -> str:
    """ "Team members · strict round robin · 12 active, 1 inactive"."""
    what = "Rooms" if pool.kind is PoolKind.ROOMS else "Team members"
    active = sum(member.active for member in pool.members)
    resting = len(pool.members) - active
    counts = f"{active} active" + (f", {resting} inactive" if resting else "")
    return f"{what} · {_METHOD_TEXTS[pool.method]} · {counts}"


def next_text(item: PoolItem) -> str:
    """ "Next: *Ana Ruiz* (2 received, the fewest)", and "If you book now: Ana Ruiz, Raj Patel, Dana Fox"."""
    ledger = item.ledger
    line = ledger.line()
    if not line:
        return "No room is active in it." if ledger.pool.kind is PoolKind.ROOMS else "Nobody is active in it."
    if ledger.pool.kind is PoolKind.ROOMS:
        return "Each booking reserves the first that is free, in the order of the list."
    coming = facts.several(item.name(resource) for resource in ledger.forecast(3))
    reason = el.escape(ledger.reason())
    return f"Next: {el.bold(item.name(line[0].resource_id))} ({reason})\nIf you book now: {coming}"


def pools_view(items: Sequence[PoolItem], page: int, last: int) -> View:
    """All pools, a page at a time."""
    blocks: list[Block] = []
    for item in items:
        pool = item.ledger.pool
        text = "\n".join((f"{el.bold(pool.name)} · {kind_text(pool)}", next_text(item)))
        blocks.append(el.section(text, f"pool:{pool.id}", el.button("Open", ids.OPEN_POOL, value=pool.id)))
    blocks = blocks or [el.section("*No pools yet.*")]
    return modal(ids.POOLS_VIEW, "Resource pools", [*blocks, *paging(ids.POOLS_PAGE, page, last)], close="Done")


# ---------------------------------------------------------------- one pool


def pool_view(page: MemberPage) -> View:
    """The ledger, next in line first. Members of the workspace read it; Administrators have the buttons too."""
    ledger, pool = page.item.ledger, page.item.ledger.pool
    blocks: list[Block] = [
        el.section(f"{el.bold(pool.name)}\n{kind_text(pool)}"),
        *([el.context("\n".join(small))] if (small := [*_rules(pool), *_notes(pool)]) else []),
        el.section(next_text(page.item), "next"),
    ]
    if pool.kind is PoolKind.PEOPLE:
        average = count_text(ledger.average)
        blocks.append(el.context(f"The average is {average} received. A new member begins there."))
    if page.may_change:
        blocks.append(_pool_buttons(pool))
    blocks.append(DividerBlock())
    standings = {standing.resource_id: standing for standing in ledger.standings}
    first = page.number * PAGE_SIZE + 1
    for place, resource in enumerate(page.members, start=first):
        blocks.append(_member(page, standings[resource], place))
    if not page.members:
        nobody = "No rooms are in it" if pool.kind is PoolKind.ROOMS else "Nobody is in it"
        blocks.append(el.section(f"*{nobody} yet.*" if page.may_change else f"{nobody}."))
    blocks += paging(ids.POOL_PAGE, page.number, page.pages - 1, pool.id)
    return modal(ids.POOL_VIEW, "Resource pool", blocks, close="Done", data=f"{page.number}:{pool.id}")


def _rules(pool: Pool) -> list[str]:
    """Whose turn it is and how that is counted; Rooms have no turns."""
    if pool.kind is PoolKind.ROOMS:
        return []
    if pool.method is PoolMethod.POOLED:
        return ["Of those who are free, whoever was longest without a meeting is assigned."]
    cycle = {
        Cycle.MONTHLY: "Counted by calendar month",
        Cycle.QUARTERLY: "Counted by quarter",
        Cycle.CONTINUOUS: "Counted from the beginning",
    }[pool.cycle]
    removed = "do not count" if pool.compensates else "count all the same"
    return [f"{cycle}. Meetings that were cancelled, expired or given to others {removed}."]


def _notes(pool: Pool) -> list[str]:
    return [f"Notes about its meetings go to <#{pool.channel_id}>."] if pool.channel_id else []


def _pool_buttons(pool: Pool) -> Block:
    add = "Add rooms to it" if pool.kind is PoolKind.ROOMS else "Add members"
    return ActionsBlock(
        block_id="change_pool",
        elements=[
            el.button(add, ids.ADD_POOL_MEMBERS, value=pool.id),
            el.button("Change", ids.EDIT_POOL, value=pool.id),
            remove_button(
                "Delete",
                ids.DELETE_POOL,
                pool.id,
                "Delete this pool?",
                "Its ledger is gone with it. Invitations that were sent keep the people they have.",
                "Delete",
            ),
        ],
    )


def _member(page: MemberPage, standing: Standing, place: int) -> Block:
    member, pool = standing.member, page.item.ledger.pool
    name = el.bold(page.item.name(member.resource_id))
    resting = "inactive while deactivated in Slack" if member.has_left else "inactive"
    title = f"{place}. {name}" if member.active else f"{name} · {resting}"
    small = [f"joined {_date(member.joined_at)}"]
    if pool.kind is PoolKind.PEOPLE:
        removed = f", {standing.removed} removed" if standing.removed else ""
        small.insert(0, f"{standing.received} received{removed}")
        if standing.head_start:
            small.append(f"began at {count_text(max(standing.head_start, 0.0))}")
    menu = None
    if page.may_change:
        turn = ("Set inactive", form.MEMBER_INACTIVE) if member.active else ("Set active", form.MEMBER_ACTIVE)
        options = [
            el.option(label, f"{action}:{pool.id}:{member.resource_id}")
            for label, action in (turn, ("Remove from the pool", form.MEMBER_REMOVE))
        ]
        menu = OverflowMenuElement(action_id=ids.LEDGER_MENU, options=options)
    return SectionBlock(
        block_id=f"member:{member.resource_id}", text=el.mrkdwn(f"{title}\n{' · '.join(small)}"), accessory=menu
    )


def _date(instant: datetime) -> str:
    return f"{el.day(instant.date())} {instant.year}"
