"""Credentials: renewed once however many want them, kept until newer ones are stored, broken at once and said so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.delivery import ConnectionNews, News
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.rooms import Room
from bot.errors import ConnectionBrokenError, DeliveryError
from bot.services.broken import FIRST_REMINDER
from bot.services.credentials import LEASE, StoredCredentials
from storage.database import Database, open_database
from tests.cast import BEN, DANA, NOW, PRIYA, ManualClock
from tests.databases import KEYS
from tests.race import race
from tests.servers import DEADLINE_S
from tests.world import Stage

OLD, NEW = "credentials-of-yesterday", "credentials-of-today"
DAY = timedelta(days=1)
PRIYAS = ConnectionId("builtin-U0PRIYA")


@pytest.fixture
def connection(stage: Stage) -> Connection:
    """Priya's, with credentials."""
    with stage.unit_of_work(write=True) as unit:
        known = unit.connections.get(PRIYAS)
        assert known
        unit.connections.put(connection := replace(known, credentials=OLD))
        unit.commit()
    return connection


@pytest.fixture
def credentials(stage: Stage) -> StoredCredentials:
    return StoredCredentials(stage.unit_of_work, stage.clock, wait=_never)


def _never(_: float) -> None:
    raise AssertionError("nobody has to wait here")


def _refused(_: str) -> str:
    raise ConnectionBrokenError("invalid_grant")


def stored(stage: Stage) -> Connection:
    with stage.unit_of_work() as unit:
        found = unit.connections.get(PRIYAS)
    assert found
    return found


def break_it(credentials: StoredCredentials, connection: Connection) -> None:
    with pytest.raises(ConnectionBrokenError):
        credentials.renewed(connection, OLD, _refused)


# ---------------------------------------------------------------- renewing


def test_renewed_credentials_are_stored_and_given(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    assert credentials.renewed(connection, OLD, lambda old: f"{old}, renewed") == f"{OLD}, renewed"
    assert credentials.current(connection) == f"{OLD}, renewed"
    assert stored(stage).state is ConnectionState.OK


def test_who_comes_late_gets_what_somebody_else_has_stored(
    credentials: StoredCredentials, connection: Connection
) -> None:
    credentials.renewed(connection, OLD, lambda _: NEW)
    assert credentials.renewed(connection, OLD, _refused) == NEW


def test_old_ones_stay_until_new_ones_are_stored(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    def look_first(_: str) -> str:
        assert stored(stage).credentials == OLD
        return NEW

    credentials.renewed(connection, OLD, look_first)
    assert stored(stage).credentials == NEW


def test_renewal_that_fails_leaves_the_old_ones_and_lets_the_next_one_try(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    def away(_: str) -> str:
        raise DeliveryError("The provider is away.")

    with pytest.raises(DeliveryError):
        credentials.renewed(connection, OLD, away)
    assert (stored(stage).credentials, stored(stage).state) == (OLD, ConnectionState.OK)
    assert credentials.renewed(connection, OLD, lambda _: NEW) == NEW


def test_many_threads_renew_once(database: Database, stage: Stage, connection: Connection) -> None:
    renewals, all_are_there = [], Event()

    def renew(_: str) -> str:
        renewals.append(1)
        all_are_there.wait(DEADLINE_S)
        return NEW

    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) >= 7:
            all_are_there.set()
        Event().wait(0.01)

    credentials = StoredCredentials(database.unit_of_work, stage.clock, wait)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: credentials.renewed(connection, OLD, renew), range(8)))
    assert (given, len(renewals)) == ([NEW] * 8, 1)


def _renew_in_a_process(database: Database, number: int, contestant: int) -> str:
    """Every round renews what the round before has stored; the outcome says who asked the provider."""
    with database.unit_of_work() as unit:
        connection = unit.connections.get(PRIYAS)
    assert connection
    asked = []

    def renew(old: str) -> str:
        asked.append(old)
        return f"round {number} by {contestant}"

    stale = OLD if number == 0 else connection.credentials
    if number and not stale.startswith(f"round {number - 1}"):
        return "got it"  # somebody of this round was faster than our look
    StoredCredentials(database.unit_of_work, ManualClock()).renewed(connection, stale, renew)
    return "asked the provider" if asked else "got it"


def test_several_processes_renew_once(database_url: str, stage: Stage, connection: Connection) -> None:
    rounds = race(database_url, KEYS, _renew_in_a_process, processes=3, threads=4, rounds=5)
    assert [outcome["asked the provider"] for outcome in rounds] == [1] * 5


def test_others_wait_no_longer_than_their_patience(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    with stage.unit_of_work(write=True) as unit:
        unit.connections.lease(connection.id, "somebody who hangs", NOW, NOW + LEASE)
        unit.commit()
    waited: list[float] = []
    patient = StoredCredentials(stage.unit_of_work, stage.clock, waited.append)
    with pytest.raises(DeliveryError, match="being renewed"):
        patient.renewed(connection, OLD, lambda _: NEW)
    assert LEASE.total_seconds() < sum(waited) < 60


def test_renewal_of_a_killed_process_is_taken_over(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    with stage.unit_of_work(write=True) as unit:
        unit.connections.lease(connection.id, "killed", NOW, NOW + LEASE)
        unit.commit()
    patient = StoredCredentials(stage.unit_of_work, stage.clock, lambda s: stage.clock.advance(timedelta(seconds=s)))
    assert patient.renewed(connection, OLD, lambda _: NEW) == NEW


def test_choosing_calendars_meanwhile_loses_neither(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    def renew(_: str) -> str:
        calendar = stage.calendar.calendars(connection)[0]
        stage.services.connections.choose(PRIYA, connection.id, [calendar.key], "")
        return NEW

    credentials.renewed(connection, OLD, renew)
    assert (stored(stage).credentials, stored(stage).busy_calendars) == (NEW, (PRIYA.email,))


def test_connection_removed_meanwhile_stays_removed(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    def renew(_: str) -> str:
        stage.services.connections.disconnect(PRIYA, connection.id)
        return NEW

    with pytest.raises(ConnectionBrokenError, match="disconnected"):
        credentials.renewed(connection, OLD, renew)
    with pytest.raises(ConnectionBrokenError, match="disconnected"):
        credentials.current(connection)
    with stage.unit_of_work() as unit:
        assert unit.connections.get(PRIYAS) is None


# ---------------------------------------------------------------- broken


def test_refused_credentials_break_the_connection_at_once(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    break_it(credentials, connection)
    assert (stored(stage).state, stored(stage).remind_at) == (ConnectionState.BROKEN, stage.clock() + FIRST_REMINDER)
    for ask in (lambda: credentials.current(connection), lambda: credentials.renewed(connection, OLD, lambda _: NEW)):
        with pytest.raises(ConnectionBrokenError, match="Connect the calendar again"):
            ask()


def test_connection_renewed_by_hand_meanwhile_is_not_broken(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    def refuse_after_reconnect(_: str) -> str:
        with stage.unit_of_work(write=True) as unit:
            unit.connections.put(replace(connection, credentials=NEW))
            unit.commit()
        raise ConnectionBrokenError("invalid_grant")

    with pytest.raises(ConnectionBrokenError):
        credentials.renewed(connection, OLD, refuse_after_reconnect)
    assert (stored(stage).state, stored(stage).credentials) == (ConnectionState.OK, NEW)


def test_owner_is_told_and_each_inviter_who_waits_for_them_once(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    stage.invite(members=[DANA.user_id, PRIYA.user_id])
    stage.invite(members=[PRIYA.user_id], email="second@acme.com")
    stage.invite(PRIYA, members=[PRIYA.user_id], email="third@acme.com")
    stage.invite(BEN, members=[BEN.user_id], email="fourth@acme.com")
    stage.deliver()
    stage.notifier.told.clear()

    break_it(credentials, connection)
    break_it(credentials, connection)
    stage.deliver()
    told = [line for line in stage.notifier.told if line[0] in ("connection news", "news")]
    assert told == [
        ("connection news", PRIYA.user_id, ConnectionNews.BROKEN, PRIYA.email, "Playground calendar"),
        ("news", DANA.user_id, News.BROKEN_CALENDAR, ""),
    ]


def test_owner_is_reminded_after_a_day_and_then_every_week(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    break_it(credentials, connection)
    reminded = []
    for day in range(1, 24):
        stage.clock.advance(DAY)
        if stage.services.broken_connections.remind():
            reminded.append(day)
        assert stage.services.broken_connections.remind() == 0, "once is enough"
    assert reminded == [1, 8, 15, 22]
    stage.deliver()
    told = [line for line in stage.notifier.told if line[0] == "connection news"]
    assert len(told) == 5


def test_reminders_end_when_the_calendar_is_removed(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    break_it(credentials, connection)
    stage.clock.advance(DAY)
    assert stage.services.broken_connections.remind() == 1
    stage.services.connections.disconnect(PRIYA, connection.id)
    stage.deliver()
    assert [line for line in stage.notifier.told if line[0] == "connection news"] == [], "overtaken by the removal"
    stage.clock.advance(8 * DAY)
    assert stage.services.broken_connections.remind() == 0


def test_home_shows_what_is_broken(stage: Stage, credentials: StoredCredentials, connection: Connection) -> None:
    break_it(credentials, connection)
    _, page = stage.services.activity.home(PRIYA, None)
    assert [one.account for one in page.broken] == [PRIYA.email]
    _, page = stage.services.activity.home(DANA, None)
    assert page.broken == ()


def test_inviters_who_wait_for_a_room_are_told_when_its_connection_breaks(
    stage: Stage, credentials: StoredCredentials, connection: Connection
) -> None:
    room = Room(ResourceId("room:atlas"), DANA.workspace_id, "Atlas", "atlas@northwind.example", PRIYAS)
    with stage.unit_of_work(write=True) as unit:
        unit.rooms.put(room)
        unit.commit()
    stage.calendar.shared.add(room.address)
    invitation = stage.invite(members=[DANA.user_id], rooms=[room.id])
    stage.invite(BEN, email="bob@acme.com", members=[BEN.user_id])
    stage.deliver()
    assert stage.services.invitations.item(DANA, invitation.id).slots_left
    stage.notifier.told.clear()
    break_it(credentials, connection)
    stage.deliver()
    told = [line[:3] for line in stage.notifier.told if line[0] in ("news", "connection news")]
    assert sorted(told) == [
        ("connection news", PRIYA.user_id, ConnectionNews.BROKEN),
        ("news", DANA.user_id, News.BROKEN_CALENDAR),
    ]
    item = stage.services.invitations.item(DANA, invitation.id)
    assert (item.slots_left, item.unreadable) == (0, (room.name,))


def test_broken_calendar_is_not_free(stage: Stage, credentials: StoredCredentials, connection: Connection) -> None:
    draft = stage.draft(members=[DANA.user_id, PRIYA.user_id])
    assert stage.services.steps.count(draft).count > 0
    break_it(credentials, connection)
    report = stage.services.steps.count(draft)
    assert (report.count, report.unreadable) == (0, (PRIYA.name,))


# ---------------------------------------------------------------- secrecy


def test_credentials_are_nowhere_in_the_database_file(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(sqlite_url, KEYS)
    stage = Stage(database.unit_of_work)
    stage.connect()
    with database.unit_of_work(write=True) as unit:
        known = unit.connections.get(PRIYAS)
        assert known
        unit.connections.put(replace(known, credentials=OLD))
        unit.commit()
    credentials = StoredCredentials(database.unit_of_work, stage.clock)
    assert credentials.renewed(known, OLD, lambda _: NEW) == NEW
    with pytest.raises(ConnectionBrokenError):
        credentials.renewed(known, NEW, _refused)
    stage.deliver()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    database.close()
    assert PRIYAS.encode() in written, "these are the files"
    for secret in (OLD, NEW):
        assert secret.encode() not in written
        assert secret not in caplog.text
    assert DANA.email.encode() in written
