"""The schema: migrated and declared are the same, from any folder, by any number of processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from bot.errors import DatabaseError
from storage.columns import Row
from storage.database import open_database
from tests.databases import KEYS

_ROOT = Path(__file__).parent.parent
_MIGRATE = "import sys; from storage.database import open_database; open_database(sys.argv[1], sys.argv[2:]).migrate()"


def test_migrated_schema_is_what_the_tables_declare(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []
    engine.dispose()


def test_every_constraint_and_index_has_the_declared_name(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = inspect(connection)
        for table in Row.metadata.sorted_tables:
            assert found.get_pk_constraint(table.name)["name"] == f"pk_{table.name}"
            foreign = {key["name"] for key in found.get_foreign_keys(table.name)}
            assert foreign == {key.name for key in table.foreign_key_constraints}
            assert {index.name for index in table.indexes} <= {index["name"] for index in found.get_indexes(table.name)}
    engine.dispose()


def test_database_is_current_only_once_migrated(empty_database_url: str) -> None:
    database = open_database(empty_database_url, KEYS)
    assert not database.is_current()
    database.migrate()
    assert database.is_current()
    database.migrate()
    assert database.is_current()
    database.close()


def test_unreachable_database_is_not_current(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/folder.db", f"postgresql:///nothing?host={tmp_path}"):
        database = open_database(url, KEYS)
        assert not database.is_current()
        database.close()


def test_unreachable_database_is_named_by_its_variable(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/folder.db", f"postgresql://dana:hunter2@/nothing?host={tmp_path}"):
        database = open_database(url, KEYS)
        for attempt in (database.migrate, database.rotate_keys):
            with pytest.raises(DatabaseError, match="DATABASE_URL") as caught:
                attempt()
            assert "\n" not in str(caught.value)
            assert "hunter2" not in str(caught.value)
        database.close()


def test_keys_wait_for_the_schema(empty_database_url: str) -> None:
    database = open_database(empty_database_url, KEYS)
    with pytest.raises(DatabaseError, match="python -m bot migrate"):
        database.rotate_keys()
    database.close()


def test_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    database = open_database(database_url, KEYS)
    with pytest.raises(DatabaseError, match="newer"):
        database.migrate()
    assert not database.is_current()
    database.close()


def test_database_from_before_the_first_release_is_refused_and_left_alone(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE invitations DROP COLUMN opened_at"))
    engine.dispose()
    database = open_database(database_url, KEYS)
    with pytest.raises(DatabaseError, match="move the old one away") as refused:
        database.migrate()
    assert "\n" not in str(refused.value)
    database.close()


def test_migration_works_from_any_folder(empty_database_url: str, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", _MIGRATE, empty_database_url, *KEYS],
        cwd=tmp_path,
        env={"PYTHONPATH": str(_ROOT)},
        check=True,
    )
    database = open_database(empty_database_url, KEYS)
    assert database.is_current()
    database.close()


def test_processes_that_migrate_at_once_all_succeed(empty_database_url: str) -> None:
    command_line = [sys.executable, "-c", _MIGRATE, empty_database_url, *KEYS]
    together = [subprocess.Popen(command_line, cwd=_ROOT) for _ in range(4)]
    assert [process.wait(200) for process in together] == [0, 0, 0, 0]


def test_migrations_can_be_undone_and_done_again(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    config = Config(toml_file=str(_ROOT / "pyproject.toml"))
    for step in (command.upgrade, command.downgrade, command.upgrade):
        step(config, "base" if step is command.downgrade else "head")
    command.check(config)
