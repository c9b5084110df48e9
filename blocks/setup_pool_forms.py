"""What Administrators fill in about resource pools: a new one, its rules, who is added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from blocks import elements as el
from blocks import ids, inputs
from blocks import setup_fields as form
from blocks.setup_modal import modal
from blocks.views import View
from bot.domain.ids import ResourceId
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod

MOST_ADDED = 50
"""At once."""
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


def create_pool_view(kind: PoolKind) -> View:
    """Type and method are fixed afterwards."""
    fields: Mapping[str, Any] = {
        form.POOL_METHOD: PoolMethod.STRICT.value,
        form.POOL_CYCLE: Cycle.MONTHLY.value,
        form.POOL_COMPENSATES: True,
    }
    example = "Meeting rooms" if kind is PoolKind.ROOMS else "Sales"
    name = inputs.field(inputs.text(form.POOL_NAME, fields, placeholder=example), "Name")
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
            hint="How often counting begins again at 0, at midnight UTC.",
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
