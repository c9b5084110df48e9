"""Fills the cast's built-in calendars and sets up rooms, pools and templates, so that all can be tried at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.calendar import Connection
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.playground.belongings import IN_DIRECTORY, PLACES, pools, templates
from bot.playground.cast import DANA, Actor
from bot.playground.habits import HABITS
from bot.ports import UnitOfWork, UnitOfWorkFactory

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
        if DANA in people:
            _seed_belongings(unit, workspace_id, now)
        unit.commit()


def _seed_belongings(unit: UnitOfWork, workspace_id: WorkspaceId, now: datetime) -> None:
    """Rooms, pools and templates, unless there are any: what the visitor has changed or removed stays so."""
    for place in (*PLACES, *IN_DIRECTORY):
        for day in _days(DANA, now):
            for event in place.events_on(day):
                unit.builtin_events.put(workspace_id, place.address, event)
    if unit.rooms.of_workspace(workspace_id) or unit.pools.of_workspace(workspace_id):
        return
    connection = _connection(workspace_id, DANA, now)
    for place in PLACES:
        unit.rooms.put(place.room(workspace_id, connection.id))
    for pool in pools(workspace_id, now):
        unit.pools.put(pool)
    for template in templates(workspace_id):
        unit.templates.put(template)


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
