"""The answer to `/invite doctor`: what is right and wrong for one person, and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from blocks import elements as el
from blocks.connections import connection_state
from blocks.setup_hours import hours_summary
from bot.domain.calendar import ConnectionState
from bot.domain.setup import Checkup

_RIGHT, _WRONG = ":white_check_mark:", ":warning:"


def checkup_text(checkup: Checkup) -> str:
    """A line for each thing that was looked at, and first whether all is well."""
    lines = [*_calendars(checkup), f"{_RIGHT} Working hours: {hours_summary(checkup.hours)}", *_channel(checkup)]
    is_well = not any(_WRONG in line for line in lines)
    return "\n".join(["*All is well.*" if is_well else "*Something needs you.*", *lines])


def _calendars(checkup: Checkup) -> Iterator[str]:
    if checkup.missing_text is not None:
        yield f"{_WRONG} {el.paragraph(checkup.missing_text)}"
    elif not checkup.connections:
        yield f"{_WRONG} No calendar is connected. Press *Connect calendar* in App Home, under *Setup*."
    for item in checkup.connections:
        is_broken = item.connection.state is ConnectionState.BROKEN
        remedy = " Press *Reconnect* in App Home, under *Setup*." if is_broken else ""
        yield f"{connection_state(item, checkup.now)} · {el.bold(item.connection.account)}{remedy}"


def _channel(checkup: Checkup) -> Iterator[str]:
    if checkup.channel_problem is not None:
        yield f"{_WRONG} Notes: {el.paragraph(checkup.channel_problem)}"
    elif checkup.preferences.channel_id is not None:
        yield f"{_RIGHT} Notes go to <#{checkup.preferences.channel_id}>"
