"""Fills the cast's built-in calendars, so that slot counts have something to count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.calendar import Connection
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.playground.cast import Actor
from bot.playground.habits import HABITS
from bot.ports import UnitOfWorkFactory

_PROVIDER = "builtin"
_DAYS = 7 * 6
"""From this week's Monday on: at least five weeks ahead."""


def seed(unit_of_work: UnitOfWorkFactory, workspace_id: WorkspaceId, people: Iterable[Actor], now: datetime) -> None:
    """Connect the people who have a calendar, and write the coming weeks' events. Doing it twice is doing it once.

    A person without a connection has a filled calendar too: it is seen once they connect it.
    """
    people = tuple(people)
    with unit_of_work(write=True) as unit:
        for actor in people:
            user_id = UserId(actor.id)
            if actor.has_calendar and not unit.connections.of_user(workspace_id, user_id):
                unit.connections.put(_connection(workspace_id, actor, now))
        accounts = {actor.id: actor.email for actor in people}
        for habit in HABITS:
            for day in _days(habit.owner, now):
                if habit.falls_on(day):
                    event = habit.event_on(day)
                    for actor in (habit.owner, *habit.others):
                        if actor.id in accounts:
                            unit.builtin_events.put(workspace_id, accounts[actor.id], event)
        unit.commit()


def _connection(workspace_id: WorkspaceId, actor: Actor, now: datetime) -> Connection:
    return Connection(
        id=ConnectionId(f"{_PROVIDER}-{workspace_id}-{actor.id}"),
        workspace_id=workspace_id,
        user_id=UserId(actor.id),
        provider=_PROVIDER,
        account=actor.email,
        connected_at=now,
    )


def _days(owner: Actor, now: datetime) -> list[date]:
    """Every date from the Monday of the owner's present week on."""
    today = now.astimezone(ZoneInfo(owner.time_zone)).date()
    monday = today - timedelta(days=today.weekday())
    return [monday + timedelta(days=offset) for offset in range(_DAYS)]
