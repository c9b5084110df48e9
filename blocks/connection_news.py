"""Direct messages about a connection, to its owner."""

from __future__ import annotations

from slack_sdk.models.blocks import ActionsBlock

from blocks import elements as el
from blocks import ids
from blocks.message import Message
from bot.domain.calendar import Connection
from bot.domain.delivery import ConnectionNews


def connection_news(news: ConnectionNews, connection: Connection, system: str) -> Message:
    """`system` is the calendar system's name."""
    if news is ConnectionNews.CONNECTED:
        return _connected(connection, system)
    return _broken(connection, system)


def _connected(connection: Connection, system: str) -> Message:
    headline = f"{el.bold(connection.account)} connected"
    text = f"{headline} ({el.name(system)}). Not you? Remove it."
    remove = el.button(
        "Remove",
        ids.DISCONNECT,
        value=connection.id,
        style="danger",
        confirm=el.confirmation(
            "Remove this calendar?",
            "Its sign-in is erased here, and your calendar is no longer read or written.",
            "Remove",
        ),
    )
    blocks = (el.section(text), ActionsBlock(block_id="remove", elements=[remove]))
    return Message(f"{el.name(connection.account)} connected", blocks)


def _broken(connection: Connection, system: str) -> Message:
    headline = f"Your calendar {el.bold(connection.account)} cannot be read any more"
    text = (
        f"{headline}\n{el.name(system)} does not accept the sign-in: the permission was withdrawn, or a password has "
        "changed. Until you connect it again, nobody is offered a time that depends on you."
    )
    reconnect = el.button("Reconnect", ids.RECONNECT, value=connection.id, style="primary")
    blocks = (el.section(text), ActionsBlock(block_id="reconnect", elements=[reconnect]))
    return Message(f"Your calendar {el.name(connection.account)} cannot be read any more", blocks)
