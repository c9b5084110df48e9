"""Setup's modals about resource pools: who is next and why, the ledger, and what Administrators change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock, OverflowMenuElement, SectionBlock

from blocks import elements as el
from blocks import facts, ids, inputs
from blocks import setup_fields as form
from blocks.setup_modal import modal, paging, remove_button
from blocks.views import View
from bot.domain.ids import ResourceId
from bot.domain.ledger import Standing, count_text
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.domain.setup import MemberPage, PoolItem

PAGE_SIZE = 20
MOST_ADDED = 50
"""At once."""
_METHOD_TEXTS = {
    PoolMethod.STRICT: "strict round robin",
    PoolMethod.FLEXIBLE: "flexible round robin",
    PoolMethod.POOLED: "pooled availability",
}
_METHODS = (
    el.option("Strict round robin: the next in line", PoolMethod.STRICT),
    el.option("Flexible round robin: the next in line, or whom you choose", PoolMethod.FLEXIBLE),
    el.option("Pooled availability: whoever is free", PoolMethod.POOLED),
)
_CYCLES = (
    el.option("Monthly", Cycle.MONTHLY),
    el.option("Quarterly", Cycle.QUARTERLY),
    el.option("Continuous", Cycle.CONTINUOUS),
)


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
        return "Nobody is active in it."
    if ledger.pool.kind is PoolKind.ROOMS:
        return "The first free one in the order of the list"
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
        el.context("\n".join(filter(None, (_rules(pool), _notes(pool))))),
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
        blocks.append(el.section("*Nobody is in it yet.*" if page.may_change else "Nobody is in it."))
    blocks += paging(ids.POOL_PAGE, page.number, page.pages - 1, pool.id)
    return modal(ids.POOL_VIEW, "Resource pool", blocks, close="Done", data=f"{page.number}:{pool.id}")


def _rules(pool: Pool) -> str:
    if pool.kind is PoolKind.ROOMS:
        return "One that is free is reserved with each booking."
    if pool.method is PoolMethod.POOLED:
        return "Of those who are free, whoever was longest without a meeting is assigned."
    cycle = {
        Cycle.MONTHLY: "Counted by calendar month",
        Cycle.QUARTERLY: "Counted by quarter",
        Cycle.CONTINUOUS: "Counted without end",
    }[pool.cycle]
    removed = "do not count" if pool.compensates else "count all the same"
    return f"{cycle}. Meetings that were cancelled, expired or given to others {removed}."


def _notes(pool: Pool) -> str:
    return f"Notes about its meetings go to <#{pool.channel_id}>." if pool.channel_id else ""


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


# ---------------------------------------------------------------- what Administrators fill in


def create_pool_view(kind: PoolKind) -> View:
    """Type and method are fixed afterwards."""
    fields: Mapping[str, Any] = {
        form.POOL_METHOD: PoolMethod.STRICT.value,
        form.POOL_CYCLE: Cycle.MONTHLY.value,
        form.POOL_COMPENSATES: True,
    }
    name = inputs.field(inputs.text(form.POOL_NAME, fields, placeholder="Sales"), "Name")
    if kind is PoolKind.ROOMS:
        blocks: list[Block] = [name, _rooms_field(), _channel_field(fields)]
        return modal(ids.CREATE_POOL_VIEW, "New room pool", blocks, submit="Create", data=kind)
    blocks = [
        name,
        inputs.field(
            inputs.radio(form.POOL_METHOD, fields, _METHODS), "Method", hint="It stays as it is once the pool exists."
        ),
        *_counting(fields),
        _people_field(),
        _channel_field(fields),
    ]
    return modal(ids.CREATE_POOL_VIEW, "New team pool", blocks, submit="Create", data=kind)


def edit_pool_view(pool: Pool) -> View:
    fields = {
        form.POOL_NAME: pool.name,
        form.POOL_CYCLE: pool.cycle.value,
        form.POOL_COMPENSATES: pool.compensates,
        form.POOL_CHANNEL: pool.channel_id,
    }
    blocks: list[Block] = [inputs.field(inputs.text(form.POOL_NAME, fields), "Name")]
    if pool.kind is PoolKind.PEOPLE:
        blocks += _counting(fields)
    blocks.append(_channel_field(fields))
    return modal(ids.EDIT_POOL_VIEW, "Change pool", blocks, submit="Save", close="Back", data=pool.id)


def add_members_view(pool: Pool) -> View:
    field = _rooms_field() if pool.kind is PoolKind.ROOMS else _people_field()
    return modal(ids.ADD_MEMBERS_VIEW, "Add to the pool", [field], submit="Add", close="Back", data=pool.id)


def room_options(rooms: Sequence[tuple[ResourceId, str]], query: str) -> list[Any]:
    """The Rooms whose names hold every word of the query, at most a menu's full."""
    words = query.lower().split()
    found = [(room, name) for room, name in rooms if all(word in name.lower() for word in words)]
    return [el.option(name, room) for room, name in found[: el.OPTIONS_LIMIT]]


def _counting(fields: Mapping[str, Any]) -> list[Block]:
    return [
        inputs.field(
            inputs.select(form.POOL_CYCLE, fields, _CYCLES),
            "Measurement cycle",
            hint="When counting begins again at nothing, at midnight UTC.",
        ),
        inputs.field(
            inputs.switch(form.POOL_COMPENSATES, fields, "A removed meeting does not count as received"),
            "Compensate for removed meetings",
            optional=True,
        ),
    ]


def _channel_field(fields: Mapping[str, Any]) -> Block:
    return inputs.field(
        inputs.channel(form.POOL_CHANNEL, fields, "Choose a channel"),
        "Notification channel",
        optional=True,
        hint="It gets a note when a meeting from this pool is booked, moved or cancelled.",
    )


def _people_field() -> Block:
    return inputs.field(inputs.people(form.POOL_MEMBERS, {}, "Choose people"), "Members", optional=True)


def _rooms_field() -> Block:
    return inputs.field(
        inputs.multi_search(form.POOL_ROOMS, (), "Choose rooms", at_most=MOST_ADDED),
        "Rooms of the pool",
        optional=True,
    )
