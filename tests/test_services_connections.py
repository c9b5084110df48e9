"""Connections: stored once per account, whose calendars count, removed with their secrets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.domain.calendar import Account, CalendarInfo, ConnectionState
from bot.domain.delivery import ConnectionNews
from bot.errors import CalendarUnreadableError, FormError, NotConnectedError, NotFoundError
from bot.ports import UnitOfWorkFactory
from tests.cast import DANA, PRIYA
from tests.connect_cast import REFRESH_TOKEN, FakeSignIn, FakeSystem
from tests.world import Stage

OWN = CalendarInfo("dana@northwind.example", "Dana", is_primary=True)
TEAM = CalendarInfo("https://cal.example/team/" + "x" * 300, "Team", is_owned=False)
HOLIDAYS = CalendarInfo("holidays", "Holidays", is_owned=False, can_write=False)
ACCOUNT = Account(DANA.email, REFRESH_TOKEN)


@pytest.fixture
def google() -> FakeSignIn:
    return FakeSignIn()


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem("google", [OWN, TEAM, HOLIDAYS])


@pytest.fixture
def stage(unit_of_work: UnitOfWorkFactory, google: FakeSignIn, system: FakeSystem) -> Stage:
    return Stage(unit_of_work, systems={"google": system}, sign_in=(google,))


def test_systems_are_those_that_are_set_up(stage: Stage, unit_of_work: UnitOfWorkFactory) -> None:
    assert (stage.services.connections.systems, stage.services.connections.is_one_click) == (("Google",), False)
    playground = Stage(unit_of_work).services.connections
    assert (playground.systems, playground.is_one_click) == (("Playground calendar",), True)


def test_one_click_is_the_playground_s_alone(stage: Stage) -> None:
    with pytest.raises(NotConnectedError, match="GOOGLE_CLIENT_ID"):
        stage.services.connections.connect_builtin(DANA)


def test_same_account_again_is_the_same_connection_with_new_credentials(stage: Stage) -> None:
    connections = stage.services.connections
    first = connections.store(DANA, "google", ACCOUNT)
    connections.choose(DANA, first.id, [TEAM.key], OWN.key)
    broken = replace(connections.find(DANA, first.id), state=ConnectionState.BROKEN, remind_at=stage.clock())
    with stage.unit_of_work(write=True) as unit:
        unit.connections.put(broken)
        unit.commit()
    again = connections.store(DANA, "google", Account(DANA.email.upper(), "newer"))
    assert again == replace(
        first, credentials="newer", busy_calendars=(TEAM.id,), write_calendar=OWN.id, connected_at=first.connected_at
    )
    assert [item.connection for item in connections.items(DANA)] == [again]


def test_connecting_at_once_twice_is_one_connection(stage: Stage) -> None:
    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(lambda _: stage.services.connections.store(DANA, "google", ACCOUNT), range(8)))
    assert len({one.id for one in stored}) == 1
    assert len(stage.services.connections.items(DANA)) == 1


def test_owner_is_told_of_each_connection(stage: Stage) -> None:
    stage.services.connections.store(DANA, "google", ACCOUNT)
    stage.deliver()
    assert stage.notifier.told == [
        ("connection news", DANA.user_id, ConnectionNews.CONNECTED, DANA.email, "Google"),
    ]


def test_connecting_brings_waiting_invitations_and_home_up_to_date(stage: Stage) -> None:
    connections = stage.services.connections
    connections.store(DANA, "google", ACCOUNT)
    stage.invite()
    stage.services.activity.home(DANA, None)
    stage.deliver()
    stage.notifier.told.clear()
    connections.store(DANA, "google", ACCOUNT)
    stage.deliver()
    assert {line[0] for line in stage.notifier.told} == {"connection news", "home", "card"}


def test_state_says_when_calendars_were_read_and_why_not(stage: Stage, system: FakeSystem) -> None:
    connections = stage.services.connections
    connections.store(DANA, "google", ACCOUNT)
    assert connections.items(DANA)[0].read_at is None
    draft = stage.draft()
    assert connections.items(DANA)[0].read_at == stage.clock()
    system.unreadable[DANA.email] = "Google answered 503"
    connections.store(DANA, "google", ACCOUNT)
    stage.services.steps.count(draft)
    assert connections.items(DANA)[0].unreadable == "Google answered 503"


# ---------------------------------------------------------------- choosing calendars


def test_chosen_calendars_are_kept_and_busy_times_forgotten(stage: Stage, system: FakeSystem) -> None:
    connections = stage.services.connections
    connection = connections.store(DANA, "google", ACCOUNT)
    stage.services.steps.count(stage.draft())
    reads = system.reads
    connections.choose(DANA, connection.id, [OWN.key, TEAM.key], TEAM.key)
    chosen = connections.find(DANA, connection.id)
    assert (chosen.busy_calendars, chosen.write_calendar) == ((OWN.id, TEAM.id), TEAM.id)
    stage.services.steps.count(stage.draft())
    assert system.reads > reads
    connections.choose(DANA, connection.id, [], "")
    chosen = connections.find(DANA, connection.id)
    assert (chosen.busy_calendars, chosen.write_calendar) == ((), "")


def test_calendar_that_cannot_be_written_to_is_refused(stage: Stage) -> None:
    connections = stage.services.connections
    connection = connections.store(DANA, "google", ACCOUNT)
    for busy, write, field in (([], HOLIDAYS.key, "write_calendar"), (["gone"], "", "busy_calendars")):
        with pytest.raises(FormError) as refused:
            connections.choose(DANA, connection.id, busy, write)
        assert list(refused.value.fields) == [field]
    assert connections.find(DANA, connection.id) == connection


def test_provider_that_cannot_be_asked_changes_nothing(stage: Stage, system: FakeSystem) -> None:
    connections = stage.services.connections
    connection = connections.store(DANA, "google", ACCOUNT)
    system.failure = CalendarUnreadableError("Google is away.")
    with pytest.raises(CalendarUnreadableError):
        connections.choose(DANA, connection.id, [OWN.key], "")
    assert connections.find(DANA, connection.id) == connection


def test_system_that_is_not_set_up_any_more_is_named(stage: Stage, unit_of_work: UnitOfWorkFactory) -> None:
    connection = stage.services.connections.store(DANA, "google", ACCOUNT)
    playground = Stage(unit_of_work).services.connections
    with pytest.raises(NotConnectedError, match="google is not set up"):
        playground.calendars(DANA, connection.id)
    playground.disconnect(DANA, connection.id)
    assert playground.items(DANA) == ()


# ---------------------------------------------------------------- disconnecting


def test_disconnecting_erases_the_credentials_and_revokes_them(stage: Stage, google: FakeSignIn) -> None:
    connections = stage.services.connections
    connection = connections.store(DANA, "google", ACCOUNT)
    connections.disconnect(DANA, connection.id)
    assert google.revoked == [REFRESH_TOKEN]
    assert not connections.is_connected(DANA.workspace_id, DANA.user_id)
    with stage.unit_of_work() as unit:
        assert unit.busy_cache.get(DANA.workspace_id, [DANA.resource_id]) == {}
    with pytest.raises(NotFoundError):
        connections.disconnect(DANA, connection.id)


def test_account_that_is_connected_elsewhere_too_is_not_revoked(stage: Stage, google: FakeSignIn) -> None:
    connections = stage.services.connections
    dana = connections.store(DANA, "google", ACCOUNT)
    priya = connections.store(PRIYA, "google", Account(DANA.email.upper(), "another token for the same account"))
    connections.disconnect(DANA, dana.id)
    assert google.revoked == []
    connections.disconnect(PRIYA, priya.id)
    assert google.revoked == ["another token for the same account"]


def test_nobody_touches_what_is_not_theirs(stage: Stage, google: FakeSignIn) -> None:
    connections = stage.services.connections
    connection = connections.store(DANA, "google", ACCOUNT)
    elsewhere = replace(DANA, workspace_id=type(DANA.workspace_id)("T0OTHER"))
    for stranger in (PRIYA, elsewhere):
        for act in (
            lambda who: connections.disconnect(who, connection.id),
            lambda who: connections.calendars(who, connection.id),
            lambda who: connections.choose(who, connection.id, [], ""),
        ):
            with pytest.raises(NotFoundError):
                act(stranger)
    assert google.revoked == []
    assert connections.find(DANA, connection.id) == connection
