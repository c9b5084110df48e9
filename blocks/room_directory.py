"""The part of *Add rooms* that finds them in a directory, and the way to the browser where that has to be allowed."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import ActionsBlock, Block, Option

from blocks import elements as el
from blocks import ids, inputs
from blocks import setup_fields as form
from blocks.setup_modal import modal
from blocks.views import View
from bot.domain.room_directory import ListedRoom, Lookup

_REASON_LIMIT = 600
_SHOWN = 5
_MOST_CHOSEN = 100


def directory_blocks(found: Lookup | None, *, is_looking: bool = False) -> list[Block]:
    """The button; once it was pressed, what has come of it."""
    button = el.button("Find rooms in your directory", ids.FIND_ROOMS)
    if is_looking:
        return [el.section(":mag: Asking for the rooms of your directory…", "looking_for_rooms")]
    if found is None:
        return [ActionsBlock(block_id="find_rooms", elements=[button])]
    blocks: list[Block] = []
    if found.new:
        search = inputs.multi_search(
            form.ROOMS_LISTED, [], "Type a name, a building or equipment", at_most=_MOST_CHOSEN
        )
        hint = f"{_rooms(found.new)} can be added. Those that are in the list already are left out."
        blocks.append(inputs.field(search, "Rooms in your directory", optional=True, hint=hint))
    elif found.known:
        text = f"{_rooms(found.known)} found, and all are in the list already."
        blocks.append(el.section(text, "all_rooms_added"))
    for number, one in enumerate(found.unlisted[:_SHOWN]):
        allow = el.button("Allow access", ids.ALLOW_ROOM_DIRECTORY, value=one.connection_id, style="primary")
        text = f"{el.bold(one.account)}: {el.escape(one.reason, _REASON_LIMIT)}"
        blocks.append(el.section(text, f"no_directory:{number}", allow if one.connection_id else None))
    if not found.new:
        blocks.append(ActionsBlock(block_id="find_rooms_again", elements=[button]))
    return blocks


def listed_options(rooms: Iterable[ListedRoom]) -> list[Option]:
    """As many as a menu shows, each with where it is and what it has."""
    return [_option(room) for _, room in zip(range(el.OPTIONS_LIMIT), rooms, strict=False)]


def allow_directory_view(link: str) -> View:
    """The way into the browser, where the provider asks whether we may read its list of rooms."""
    return modal(
        ids.ALLOW_DIRECTORY_VIEW,
        "Allow access",
        [
            el.section(
                "Your browser opens a page that asks your calendar’s provider whether InviteOnce may *read the list of "
                "rooms* of your organisation. Nothing else changes; whatever you answer, your calendar stays connected."
            ),
            ActionsBlock(
                block_id="connect_page",
                elements=[el.button("Open the page", ids.OPEN_CONNECT_PAGE, url=link, style="primary")],
            ),
            el.context(
                "Then come back here and press *Find rooms in your directory* once more. The link is good once."
            ),
        ],
        close="Back",
    )


def _option(room: ListedRoom) -> Option:
    text = el.cut(f"{room.name} · {room.details}" if room.details else room.name, el.OPTION_LIMIT)
    return el.option(text, room.key)


def _rooms(count: int) -> str:
    return "1 room" if count == 1 else f"{count:,} rooms"
