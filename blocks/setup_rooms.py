"""Setup's modals about Rooms: add by pasting, look through them, change one."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, NumberInputElement

from blocks import elements as el
from blocks import ids, inputs
from blocks import setup_fields as form
from blocks.room_directory import directory_blocks
from blocks.setup_modal import modal, paging, remove_button
from blocks.views import View
from bot.domain.room_directory import Lookup
from bot.domain.rooms import Room
from bot.domain.typed import one_line

PAGE_SIZE = 20


def room_line(room: Room) -> str:
    """ "*Atlas* · 8 seats · screen, whiteboard"."""
    seats = "" if room.capacity is None else ("1 seat" if room.capacity == 1 else f"{room.capacity} seats")
    return " · ".join(filter(None, (el.bold(room.name), seats, el.name(room.equipment))))


def add_rooms_view(found: Lookup | None = None, *, is_looking: bool = False) -> View:
    """Rooms from the directory, once it was asked, beside pasted ones. What was typed stays while that is drawn."""
    return modal(
        ids.ADD_ROOMS_VIEW,
        "Add rooms",
        [
            *directory_blocks(found, is_looking=is_looking),
            inputs.field(
                inputs.text(
                    form.ROOM_ADDRESSES,
                    {},
                    multiline=True,
                    placeholder='atlas@rooms.acme.com, "Room Borealis" <borealis@rooms.acme.com>',
                ),
                "Addresses",
                optional=found is not None and found.new > 0,
                hint="Separated by commas, semicolons, spaces or new lines. With CalDAV, paste the calendar’s URL.",
            ),
            el.context("Each one is looked up through your own calendar connection; what it cannot read is not added."),
        ],
        submit="Add rooms",
        data=found.token if found else "",
    )


def checking_rooms_view() -> View:
    """While calendars are asked for the rooms."""
    return modal(ids.NOTICE_VIEW, "Add rooms", [el.section("Looking up each room’s calendar. One moment, please.")])


def added_rooms_view(added: Sequence[Room], failures: Sequence[tuple[str, str]]) -> View:
    """What was added, and what was not and why. `failures` are addresses with reasons."""
    blocks: list[Block] = []
    if added:
        count = "1 room" if len(added) == 1 else f"{len(added)} rooms"
        blocks.append(el.alert(f"{count} added", "success"))
        blocks += listing([room_line(room) for room in added])
    if failures:
        count = "1 address was" if len(failures) == 1 else f"{len(failures)} addresses were"
        blocks.append(el.alert(f"{count} not added"))
        blocks += listing([f"{el.name(address)}: {el.escape(one_line(reason), 200)}" for address, reason in failures])
    if not blocks:
        blocks.append(el.section("There was no address in this. Paste at least one."))
    blocks.append(el.context("Set seats and equipment under *Edit rooms*." if added else "Nothing else has changed."))
    return modal(ids.NOTICE_VIEW, "Add rooms", blocks, close="Done")


def listing(lines: Sequence[str], mark: str = "• ") -> list[Block]:
    """A line each, all of them, in as many paragraphs as that takes."""
    paragraphs: list[str] = []
    for line in (f"{mark}{each}" for each in lines):
        if paragraphs and el.width(paragraphs[-1]) + 1 + el.width(line) <= el.SECTION_LIMIT:
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line)
    return [el.section(each) for each in paragraphs]


def rooms_view(rooms: Sequence[Room], page: int) -> View:
    """One page of the Rooms, each with a button to change it."""
    last = max(0, (len(rooms) - 1) // PAGE_SIZE)
    page = min(max(page, 0), last)
    shown = rooms[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    blocks: list[Block] = [
        el.section(
            f"{room_line(room)}\n{el.name(room.address)}", room.id, el.button("Edit", ids.EDIT_ROOM, value=room.id)
        )
        for room in shown
    ]
    if not rooms:
        blocks.append(el.section("*No rooms yet.* Close this window and press *Add rooms*."))
    return modal(ids.ROOMS_VIEW, "Rooms", [*blocks, *paging(ids.ROOMS_PAGE, page, last)], close="Done", data=str(page))


def room_view(room: Room, page: int) -> View:
    """`page` is that of the list below it."""
    fields = {form.ROOM_NAME: room.name, form.ROOM_EQUIPMENT: room.equipment}
    capacity = NumberInputElement(
        action_id=form.ROOM_CAPACITY,
        is_decimal_allowed=False,
        min_value="1",
        max_value="10000",
        initial_value=None if room.capacity is None else str(room.capacity),
    )
    blocks: list[Block] = [
        el.context(el.name(room.address)),
        inputs.field(inputs.text(form.ROOM_NAME, fields), "Name"),
        inputs.field(capacity, "Seats", optional=True),
        inputs.field(
            inputs.text(form.ROOM_EQUIPMENT, fields, placeholder="Screen, whiteboard"), "Equipment", optional=True
        ),
        ActionsBlock(
            block_id="remove_room",
            elements=[
                remove_button(
                    "Remove this room",
                    ids.REMOVE_ROOM,
                    room.id,
                    "Remove this room?",
                    "Invitations that need it will offer no times. Meetings that reserved it stay.",
                    "Remove",
                )
            ],
        ),
    ]
    return modal(ids.ROOM_VIEW, "Room", blocks, submit="Save", close="Back", data=f"{page}:{room.id}")
