"""The answer to `/invite doctor`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from blocks.checkup import checkup_text
from bot.domain.calendar import Connection, ConnectionState
from bot.domain.connecting import ConnectionItem
from bot.domain.ids import ConnectionId
from bot.domain.preferences import Preferences
from bot.domain.setup import Checkup
from bot.domain.working_hours import default_working_hours
from tests.cast import DANA, NOW, SALES, WORKSPACE

CONNECTION = Connection(ConnectionId("c1"), WORKSPACE, DANA.user_id, "caldav", DANA.email, NOW)
READ = ConnectionItem(CONNECTION, "CalDAV", read_at=NOW - timedelta(seconds=2))
WELL = Checkup(NOW, (READ,), None, default_working_hours("Europe/Berlin"), Preferences(channel_id=SALES))


def test_all_is_well() -> None:
    assert checkup_text(WELL).splitlines() == [
        "*All is well.*",
        f":white_check_mark: Connected · read just now · *{DANA.email}*",
        ":white_check_mark: Working hours: Mon–Fri 09:00–17:00 · Sat, Sun off (Europe/Berlin)",
        f":white_check_mark: Notes go to <#{SALES}>",
    ]


def test_what_is_wrong_comes_with_what_to_do() -> None:
    broken = replace(READ, connection=replace(CONNECTION, state=ConnectionState.BROKEN))
    away = replace(READ, unreadable="The server does not answer.")
    for checkup, words in (
        (replace(WELL, connections=()), "Press *Connect calendar*"),
        (replace(WELL, connections=(broken,)), "Press *Reconnect*"),
        (replace(WELL, connections=(away,)), "The server does not answer."),
        (replace(WELL, connections=(), missing_text="No calendar system is set up."), "No calendar system"),
        (replace(WELL, channel_problem="InviteOnce is not in #sales yet."), "is not in #sales yet"),
    ):
        text = checkup_text(checkup)
        assert text.startswith("*Something needs you.*")
        assert words in text
