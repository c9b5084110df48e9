"""Connecting calendars: the modal with the link, the connections in Setup, and what their owner is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ConfirmObject,
    InputBlock,
    Option,
    StaticMultiSelectElement,
    StaticSelectElement,
)

from blocks import elements as el
from blocks import ids
from blocks.views import View
from bot.domain.calendar import CalendarInfo, Connection, ConnectionState, calendar_key
from bot.domain.connecting import ConnectionItem

MOST_SHOWN = 10
_OWN = "own"
_JUST_NOW = timedelta(seconds=5)
_OWN_CALENDAR = el.option("The account’s own calendar", _OWN)


def connect_view(link: str, draft_id: str = "") -> View:
    """The way into the browser. With a draft's id, its submit button leads back into the wizard."""
    return View(
        type="modal",
        callback_id=ids.CONNECT_VIEW,
        private_metadata=draft_id,
        title=el.plain("Connect calendar", el.TITLE_LIMIT),
        submit=el.plain("I have connected it", el.TITLE_LIMIT) if draft_id else None,
        close=el.plain("Close", el.TITLE_LIMIT),
        blocks=[
            el.section("Your browser opens a page on which you choose your calendar and sign in. It takes a minute."),
            ActionsBlock(
                block_id="connect_page",
                elements=[el.button("Open the page", ids.OPEN_CONNECT_PAGE, url=link, style="primary")],
            ),
            el.context("The link is yours alone: give it to nobody. It is good once, for ten minutes."),
        ],
    )


# ---------------------------------------------------------------- Setup


def connection_blocks(items: Sequence[ConnectionItem], now: datetime, *, is_one_click: bool = False) -> list[Block]:
    """The calendars section of Setup: each connection with its state and buttons, and the way to another one.

    `is_one_click`: the playground, where there is one calendar and nothing to choose.
    """
    blocks: list[Block] = [el.header("Calendars")]
    if not items:
        blocks.append(el.section("*No calendar is connected.* Without one nobody can tell when you are free."))
    for item in items[:MOST_SHOWN]:
        blocks += [el.section(_summary(item, now)), _buttons(item, is_one_click=is_one_click)]
    if len(items) > MOST_SHOWN:
        blocks.append(el.context(f"and {len(items) - MOST_SHOWN} more"))
    if not (items and is_one_click):
        label, style = ("Connect another calendar", None) if items else ("Connect calendar", "primary")
        connect = el.button(label, ids.CONNECT_CALENDAR, style=style)
        blocks.append(ActionsBlock(block_id="connect_another", elements=[connect]))
    return blocks


def broken_banner(broken: Sequence[Connection]) -> list[Block]:
    """What App Home says at its top while a connection does not work; nothing where all do."""
    return [
        el.section(
            f":warning: *{el.name(one.account)} is not connected any more.* "
            "You are offered to nobody until it is: connect it again.",
            f"broken:{one.id}",
            el.button("Reconnect", ids.RECONNECT, value=one.id, style="primary"),
        )
        for one in broken[:3]
    ]


def _summary(item: ConnectionItem, now: datetime) -> str:
    connection = item.connection
    lines = [f"{el.bold(connection.account)} · {el.name(item.system)}", connection_state(item, now)]
    if connection.state is ConnectionState.OK:
        counted = len(connection.busy_calendars)
        busy = f"{_calendars(counted)} that you chose" if counted else "all calendars of the account"
        write = "the calendar that you chose" if connection.write_calendar else "the account’s own calendar"
        lines.append(f"Counts as busy: {busy}. Meetings go into {write}.")
    return "\n".join(lines)


def connection_state(item: ConnectionItem, now: datetime) -> str:
    if item.connection.state is ConnectionState.BROKEN:
        return ":warning: Its sign-in is not accepted any more. Nobody is offered a time that depends on it."
    if item.unreadable is not None:
        return f":warning: Could not be read {_ago(item.read_at, now)}: {el.name(item.unreadable)}"
    if item.read_at is None:
        return ":white_check_mark: Connected"
    return f":white_check_mark: Connected · read {_ago(item.read_at, now)}"


def _calendars(count: int) -> str:
    return "the 1 calendar" if count == 1 else f"the {count} calendars"


def _ago(then: datetime | None, now: datetime) -> str:
    """ "just now", "12 s ago", "4 min ago", "2 h ago"."""
    age = now - then if then else timedelta()
    if age < _JUST_NOW:
        return "just now"
    if age < timedelta(minutes=1):
        return f"{age.seconds} s ago"
    if age < timedelta(hours=1):
        return f"{age.seconds // 60} min ago"
    return f"{int(age.total_seconds()) // 3600} h ago"


def _buttons(item: ConnectionItem, *, is_one_click: bool) -> Block:
    connection = item.connection
    disconnect = el.button(
        "Disconnect", ids.DISCONNECT, value=connection.id, style="danger", confirm=_really_disconnect()
    )
    if is_one_click:
        return ActionsBlock(block_id=f"connection:{connection.id}", elements=[disconnect])
    is_broken = connection.state is ConnectionState.BROKEN
    reconnect = el.button("Reconnect", ids.RECONNECT, value=connection.id, style="primary" if is_broken else None)
    choose = [] if is_broken else [el.button("Choose calendars", ids.CHOOSE_CALENDARS, value=connection.id)]
    return ActionsBlock(block_id=f"connection:{connection.id}", elements=[*choose, reconnect, disconnect])


def _really_disconnect() -> ConfirmObject:
    text = "Its sign-in is erased here. Invitations that need it offer no times until it is connected again."
    return el.confirmation("Disconnect this calendar?", text, "Disconnect")


# ---------------------------------------------------------------- choosing calendars


def loading_view() -> View:
    """Shown at once, while the provider is asked."""
    return _calendars_modal([el.section("Asking for your calendars…")])


def calendars_view(connection: Connection, calendars: Sequence[CalendarInfo]) -> View:
    """Which calendars count as busy, and which one is written to. As many as a menu holds, the account's own first."""
    ordered = sorted(calendars, key=lambda one: (not one.is_primary, not one.is_owned, one.name.casefold()))
    busy = [_option(one) for one in ordered][: el.OPTIONS_LIMIT]
    writable = [_OWN_CALENDAR, *(_option(one) for one in ordered if one.can_write)][: el.OPTIONS_LIMIT]
    counted = {calendar_key(calendar) for calendar in connection.busy_calendars}
    written = calendar_key(connection.write_calendar) if connection.write_calendar else _OWN
    blocks: list[Block] = [el.section(f"Calendars of {el.bold(connection.account)}")]
    if busy:
        blocks.append(
            InputBlock(
                block_id=ids.BUSY_CALENDARS,
                label=el.plain("Calendars that count as busy", 100),
                hint=el.plain("Choose none, and all that the account owns count.", 150),
                optional=True,
                element=StaticMultiSelectElement(
                    action_id=ids.BUSY_CALENDARS,
                    options=busy,
                    initial_options=[one for one in busy if one.value in counted] or None,
                ),
            )
        )
    blocks.append(
        InputBlock(
            block_id=ids.WRITE_CALENDAR,
            label=el.plain("Calendar to write meetings to", 100),
            element=StaticSelectElement(
                action_id=ids.WRITE_CALENDAR,
                options=writable,
                initial_option=el.chosen(writable, written) or _OWN_CALENDAR,
            ),
        )
    )
    return _calendars_modal(blocks, connection.id)


def chosen_calendars(values: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, ...], str]:
    """The keys of the calendars that count as busy, and of the one to write to (empty: the account's own)."""
    busy = values.get(ids.BUSY_CALENDARS, {}).get(ids.BUSY_CALENDARS, {}).get("selected_options") or ()
    write = (values[ids.WRITE_CALENDAR][ids.WRITE_CALENDAR].get("selected_option") or {}).get("value", _OWN)
    return tuple(option["value"] for option in busy), "" if write == _OWN else write


def _option(calendar: CalendarInfo) -> Option:
    return el.option(calendar.name or calendar.id, calendar.key)


def _calendars_modal(blocks: Sequence[Block], connection_id: str = "") -> View:
    return View(
        type="modal",
        callback_id=ids.CALENDARS_VIEW,
        private_metadata=connection_id,
        title=el.plain("Choose calendars", el.TITLE_LIMIT),
        submit=el.plain("Save", el.TITLE_LIMIT) if connection_id else None,
        close=el.plain("Cancel", el.TITLE_LIMIT),
        blocks=blocks,
    )
