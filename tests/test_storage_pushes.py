"""Subscriptions to pushes: whose turn it is, one worker at a time, found by a secret that nobody can read."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.event_copies import CopyRole, EventCopy
from bot.domain.ids import ConnectionId, ResourceId, new_link_token
from bot.domain.pushes import Push, Subscription
from bot.ports import UnitOfWorkFactory
from tests.storage_cast import DAY, MINUTE, NOON, PRIYA, a_connection, a_meeting, an_invitation

PROVIDERS = ("google", "microsoft")
WHOLE = ("microsoft",)


def a_push(connection: Connection, secret: str = "", **changes: object) -> Push:
    push = Push(connection.id, connection.provider, "", secret or new_link_token(), NOON)
    return dataclasses.replace(push, **changes)  # type: ignore[arg-type]  # each test names its own


def stored(
    unit_of_work: UnitOfWorkFactory, *, check_at: object = NOON, calendar: str = "", **changes: Any
) -> Connection:
    """A connection with an event in its calendar."""
    connection = a_connection(**{"provider": "google", **changes})
    invitation = an_invitation()
    meeting = a_meeting(invitation)
    copy = EventCopy(
        meeting.id,
        meeting.workspace_id,
        ResourceId(PRIYA),
        CopyRole.EVENT,
        new_link_token(),
        connection.id,
        "google",
        calendar=calendar,
        check_at=check_at,  # type: ignore[arg-type]  # an instant, or None
    )
    with unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        unit.invitations.add(invitation)
        unit.meetings.add(meeting)
        unit.event_copies.put(copy)
        unit.commit()
    return connection


def due(unit_of_work: UnitOfWorkFactory, later: timedelta = timedelta()) -> list[ConnectionId]:
    with unit_of_work() as unit:
        return [connection for connection, _ in unit.pushes.due(PROVIDERS, WHOLE, NOON + later, 10)]


def lease(unit_of_work: UnitOfWorkFactory, push: Push, seen: Push | None = None) -> bool:
    with unit_of_work(write=True) as unit:
        leased = unit.pushes.lease(push, seen)
        unit.commit()
    return leased


def test_push_is_stored_whole(unit_of_work: UnitOfWorkFactory) -> None:
    push = a_push(stored(unit_of_work), subscription=Subscription("1", NOON + DAY, "resource"), failures=3)
    assert lease(unit_of_work, push)
    with unit_of_work() as unit:
        assert unit.pushes.get(push.connection_id, push.calendar) == push
        assert unit.pushes.of_connection(push.connection_id) == (push,)
        assert unit.pushes.by_secrets([push.secret, "unknown"]) == (push,)
        assert unit.pushes.by_secrets([push.secret.swapcase()]) == ()
        assert unit.pushes.by_secrets([]) == ()


def test_connection_with_events_wants_a_push_until_it_has_one(unit_of_work: UnitOfWorkFactory) -> None:
    connection = stored(unit_of_work)
    assert due(unit_of_work) == [connection.id]
    lease(unit_of_work, a_push(connection, due_at=NOON + MINUTE))
    assert due(unit_of_work) == []
    assert due(unit_of_work, MINUTE) == [connection.id]


def test_another_calendar_is_another_push_but_where_one_is_about_all(unit_of_work: UnitOfWorkFactory) -> None:
    google, microsoft = (
        stored(unit_of_work, calendar="projects"),
        stored(unit_of_work, provider="microsoft", calendar="x"),
    )
    for connection in (google, microsoft):
        lease(unit_of_work, a_push(connection, due_at=NOON + DAY))
    with unit_of_work() as unit:
        assert unit.pushes.due(PROVIDERS, WHOLE, NOON, 10) == [(google.id, "projects")]
        assert [push.connection_id for push in unit.pushes.idle(WHOLE, 10)] == [google.id], (
            "nothing is in the default one"
        )


def test_what_has_nothing_to_read_is_idle_and_can_be_deleted(unit_of_work: UnitOfWorkFactory) -> None:
    push = a_push(stored(unit_of_work, check_at=None))
    lease(unit_of_work, push)
    with unit_of_work(write=True) as unit:
        assert unit.pushes.idle(WHOLE, 10) == (push,)
        unit.pushes.delete(push)
        assert unit.pushes.idle(WHOLE, 10) == ()
        unit.commit()


@pytest.mark.parametrize(
    "changes", [{"check_at": None}, {"provider": "caldav"}, {"state": ConnectionState.BROKEN}], ids=str
)
def test_nothing_to_read_nothing_to_push(unit_of_work: UnitOfWorkFactory, changes: dict[str, object]) -> None:
    stored(unit_of_work, **changes)
    assert due(unit_of_work) == []


def test_those_without_any_come_first(unit_of_work: UnitOfWorkFactory) -> None:
    overdue, new = stored(unit_of_work), stored(unit_of_work)
    lease(unit_of_work, a_push(overdue, due_at=NOON - DAY))
    assert due(unit_of_work) == [new.id, overdue.id]


def test_of_many_workers_one_makes_it(unit_of_work: UnitOfWorkFactory) -> None:
    connection = stored(unit_of_work)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: lease(unit_of_work, a_push(connection)), range(16)))
    assert sum(won) == 1


def test_of_many_workers_one_renews_it(unit_of_work: UnitOfWorkFactory) -> None:
    seen = a_push(stored(unit_of_work))
    lease(unit_of_work, seen)
    with ThreadPoolExecutor(8) as pool:
        later = (dataclasses.replace(seen, due_at=NOON + number * MINUTE) for number in range(1, 17))
        won = list(pool.map(lambda push: lease(unit_of_work, push, seen), later))
    assert sum(won) == 1


def test_push_goes_with_its_connection(unit_of_work: UnitOfWorkFactory) -> None:
    push = a_push(stored(unit_of_work))
    lease(unit_of_work, push)
    with unit_of_work(write=True) as unit:
        unit.connections.delete(push.connection_id)
        unit.commit()
    with unit_of_work(write=True) as unit:
        assert unit.pushes.by_secrets([push.secret]) == ()
        assert not unit.pushes.put(push)


def test_secret_cannot_be_read_in_the_database(unit_of_work: UnitOfWorkFactory, database_url: str) -> None:
    push = a_push(stored(unit_of_work))
    lease(unit_of_work, push)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT * FROM pushes")).all()
    engine.dispose()
    assert push.secret not in str(row)
