"""Fixtures that every test may use.

Databases (each test gets an empty, migrated one of its own):

* `database`, `unit_of_work`, `database_url`: the test runs twice, on SQLite and on PostgreSQL.
* `sqlite_database`: SQLite only, for tests that do not argue about storage.
* `postgres_database`: PostgreSQL only, for what SQLite has no notion of.
* `empty_database_url`: without any tables, on both.

`tests.databases.KEYS` are the encryption keys of all of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import BrowserContext
from slack_bolt import App

from bot.calendars.builtin import BuiltinCalendar
from bot.ports import UnitOfWorkFactory
from storage.database import Database, open_database
from tests.browser import chromium
from tests.databases import KEYS
from tests.listening import TRIGGER, Watched, listening
from tests.missing import PREFIX
from tests.postgres import EmptiedDatabase, PostgresServer, installed
from tests.pretend_app import Doors, Workplace, open_doors, workplace
from tests.servers import DEADLINE_S, free_port, running
from tests.slack_web_api import WebApi, web_api
from tests.town import Town
from tests.world import Stage

# How fast the machine is decides no verdict.
settings.register_profile(
    "steady",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

_TEMPLATE = "migrated"
_BOTH = ("sqlite", "postgres")
_LONG = tuple(
    f"test_{name}"
    for name in (
        *("browser_", "booking_race", "storage_race", "worker_killed", "calendars_caldav_busy", "services_caldav"),
        *("domain_assignment", "domain_explain", "domain_slots", "pool_histories", "start", "doctor"),
        *("calendars_google_answers", "calendars_caldav_series", "architecture", "storage_schema", "mail_messages"),
    )
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: everybody waits for whoever is given one of them last."""
    items.sort(key=lambda item: not item.path.name.startswith(_LONG))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat what was not tested, and the line that would install what it needs."""
    reasons = {str(report.longrepr[2]) for report in terminalreporter.getreports("skipped") if report.longrepr}
    for reason in sorted(reason for reason in reasons if PREFIX in reason):
        terminalreporter.write_line(reason.removeprefix("Skipped: "), red=True, bold=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of our own."""
    with installed() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database to copy."""
    _migrate(postgres.create(_TEMPLATE))
    return _TEMPLATE


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'inviteonce.db')}"


@pytest.fixture(scope="session")
def emptied_postgres(migrated_postgres: str, postgres: PostgresServer) -> EmptiedDatabase:
    return EmptiedDatabase(postgres, migrated_postgres)


@pytest.fixture
def postgres_url(emptied_postgres: EmptiedDatabase) -> Iterator[str]:
    yield emptied_postgres.take()
    emptied_postgres.give_back()


@pytest.fixture(params=_BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database, on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=_BOTH)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"empty_{uuid4().hex}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, migrated database, on SQLite and on PostgreSQL."""
    yield from _opened(database_url)


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """An open, migrated SQLite database."""
    yield from _opened(sqlite_url)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """An open, migrated PostgreSQL database."""
    yield from _opened(postgres_url)


@pytest.fixture
def unit_of_work(database: Database) -> UnitOfWorkFactory:
    """Opens transactions, on SQLite and on PostgreSQL."""
    return database.unit_of_work


def _opened(url: str) -> Iterator[Database]:
    database = open_database(url, KEYS)
    yield database
    database.close()


def _migrate(url: str) -> None:
    database = open_database(url, KEYS)
    database.migrate()
    database.close()


@pytest.fixture
def stage(unit_of_work: UnitOfWorkFactory) -> Stage:
    """The services over the test's database, with calendars of Dana, Priya and Ben connected; on both databases."""
    stage = Stage(unit_of_work)
    stage.connect()
    return stage


@pytest.fixture
def api() -> Iterator[WebApi]:
    """A Web API, to which Slack's views can be opened."""
    with web_api() as api:
        api.knows("views.open", TRIGGER, {"view": {"id": "V1", "hash": "h1"}})
        yield api


@pytest.fixture
def app(api: WebApi, stage: Stage) -> Iterator[App]:
    """Every listener, over the services of `stage`."""
    with Watched(4) as pool, Watched(4) as counting:
        yield listening(api, stage, pool, counting)


@pytest.fixture
def visitor() -> Iterator[BrowserContext]:
    """Somebody in front of a browser of their own."""
    with chromium() as browser, browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US") as context:
        context.set_default_timeout(DEADLINE_S * 1000)
        yield context


@pytest.fixture
def playground(tmp_path: Path) -> Iterator[str]:
    """The address of a product of its own, with an empty database."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("run", folder=tmp_path, environ={"PORT": str(port)}, ready_url=f"{url}/readyz"):
        yield url


@pytest.fixture
def house(unit_of_work: UnitOfWorkFactory) -> Stage:
    """The same with the playground's own calendar, which keeps its events in the test's database."""
    stage = Stage(unit_of_work, calendar=BuiltinCalendar(unit_of_work))  # type: ignore[arg-type]  # stands for the fake
    stage.connect()
    return stage


@pytest.fixture
def town(unit_of_work: UnitOfWorkFactory) -> Town:
    """The services with several calendar systems, on both databases."""
    return Town(unit_of_work)


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with open_doors() as opened:
        yield opened


@pytest.fixture
def place(doors: Doors) -> Iterator[Workplace]:
    """A running playground with a pretend app."""
    with workplace(doors) as running:
        yield running
