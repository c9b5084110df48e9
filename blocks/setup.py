"""The *Setup* tab of App Home: one's own calendars, hours and habits, and the Rooms, pools and templates of all."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, DividerBlock

from blocks import elements as el
from blocks import ids
from blocks.connections import connection_blocks
from blocks.setup_hours import hours_summary
from blocks.setup_pools import kind_text, next_text
from blocks.setup_rooms import listing, room_line
from blocks.setup_templates import template_block
from bot.domain.languages import LANGUAGES
from bot.domain.people import Person
from bot.domain.preferences import DefaultMethod
from bot.domain.setup import PoolItem, SetupPage, TemplateItem

ROOMS_SHOWN = 8
POOLS_SHOWN = 8
TEMPLATES_SHOWN = 10
_METHODS = {
    DefaultMethod.INVITE: "begins with an invitation to self-schedule",
    DefaultMethod.ON_BEHALF: "begins with scheduling on behalf",
    DefaultMethod.ASK: "asks each time",
}


def setup_blocks(reader: Person, page: SetupPage) -> list[Block]:
    """At most some 70 blocks, however much there is: the rest is behind buttons."""
    return [
        *connection_blocks(page.connections, page.now, is_one_click=page.is_one_click),
        DividerBlock(),
        *_own(page),
        DividerBlock(),
        *_rooms(page),
        DividerBlock(),
        *_pools(reader, page),
        DividerBlock(),
        *_templates(page.templates),
    ]


def _own(page: SetupPage) -> list[Block]:
    channel = page.preferences.channel_id
    told = f"<#{channel}> is told of your bookings" if channel else "no channel is told of your bookings"
    zone = el.escape(page.time_zone) + ("" if page.preferences.time_zone else ", as in your Slack profile")
    usual = "" if page.preferences.working_hours else "\nThese are the usual hours: you have set none of your own."
    language = LANGUAGES[page.language] + ("" if page.preferences.language else ", as in your Slack profile")
    return [
        el.header("You"),
        el.section(f"*Working hours*\n{hours_summary(page.hours)}{usual}"),
        el.section(
            f"*Time zone:* {zone}\n*Language:* {language}\n"
            f"*`{page.command}`* {_METHODS[page.preferences.method]}\n*Notifications:* {told}"
        ),
        ActionsBlock(
            block_id="own_settings",
            elements=[
                el.button("Working hours", ids.EDIT_HOURS),
                el.button("Preferences", ids.EDIT_PREFERENCES),
            ],
        ),
    ]


def _rooms(page: SetupPage) -> list[Block]:
    blocks: list[Block] = [el.header("Rooms")]
    if not page.rooms:
        blocks.append(el.section("*No rooms yet.* Add the rooms and equipment that have a calendar of their own."))
    else:
        lines = [room_line(room) for room in page.rooms[:ROOMS_SHOWN]]
        more = len(page.rooms) - len(lines)
        blocks += listing([*lines, *([f"and {more} more"] if more else [])], mark="")
    buttons = [el.button("Add rooms", ids.ADD_ROOMS)]
    if page.rooms:
        buttons.append(el.button("Edit rooms", ids.LIST_ROOMS, value="0"))
    return [*blocks, ActionsBlock(block_id="rooms", elements=buttons)]


def _pools(reader: Person, page: SetupPage) -> list[Block]:
    blocks: list[Block] = [el.header("Resource pools")]
    if not page.pools:
        who = "Create one" if reader.is_admin else "An administrator can create one"
        blocks.append(el.section(f"*No pools yet.* {who}, and one of its people or rooms is assigned by a method."))
    blocks += [_pool(item) for item in page.pools[:POOLS_SHOWN]]
    buttons = []
    if page.pool_count > len(page.pools[:POOLS_SHOWN]):
        blocks.append(el.context(f"and {page.pool_count - len(page.pools[:POOLS_SHOWN])} more"))
        buttons.append(el.button("All pools", ids.LIST_POOLS, value="0"))
    if reader.is_admin:
        buttons.append(el.button("Create a team pool", ids.CREATE_PEOPLE_POOL))
        buttons.append(el.button("Create a room pool", ids.CREATE_ROOM_POOL))
    elif page.pools:
        blocks.append(el.context("Pools are set up by administrators."))
    return [*blocks, *([ActionsBlock(block_id="pools", elements=buttons)] if buttons else [])]


def _pool(item: PoolItem) -> Block:
    pool = item.ledger.pool
    lines = [f"{el.bold(pool.name)} · {kind_text(pool)}", next_text(item)]
    return el.section(
        "\n".join(filter(None, lines)), f"pool:{pool.id}", el.button("Open", ids.OPEN_POOL, value=pool.id)
    )


def _templates(items: Sequence[TemplateItem]) -> list[Block]:
    blocks: list[Block] = [el.header("Templates")]
    if not items:
        blocks.append(el.section("*No templates yet.* Save one in the last step of an invitation, and begin with it."))
    blocks += [template_block(item) for item in items[:TEMPLATES_SHOWN]]
    if len(items) > TEMPLATES_SHOWN:
        blocks.append(
            ActionsBlock(block_id="templates", elements=[el.button("All templates", ids.LIST_TEMPLATES, value="0")])
        )
    return blocks
