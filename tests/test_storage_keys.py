"""Secrets are unreadable at rest, and their keys can be changed while the product runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from bot.domain.ids import token_hash
from bot.errors import SettingsError
from storage.database import Database, open_database
from tests.databases import KEYS
from tests.storage_cast import NORTHWIND, PRIYA, a_connection, a_draft, an_invitation

OLD, NEW = KEYS[0], Fernet.generate_key().decode()


def test_sqlite_file_holds_neither_token_nor_credentials(sqlite_database: Database, tmp_path: Path) -> None:
    invitation, connection = an_invitation(), a_connection(credentials="a very secret refresh token")
    with sqlite_database.unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        unit.connections.put(connection)
        unit.commit()
    beside = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # the write-ahead log
    sqlite_database.close()
    raw = beside + b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token_hash(invitation.token).encode() in raw, "the test reads the right bytes"
    assert invitation.token.encode() not in raw
    assert b"secret refresh" not in raw


def test_stored_text_is_not_the_secret(database: Database, database_url: str) -> None:
    with database.unit_of_work(write=True) as unit:
        unit.connections.put(a_connection(credentials="secret"))
        unit.commit()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        stored = connection.scalar(text("SELECT credentials FROM connections"))
    engine.dispose()
    assert Fernet(OLD).decrypt(stored) == b"secret"


def test_secret_does_not_show_in_a_failed_statement(database: Database) -> None:
    """What the log of an error shows must not be the secret in clear."""
    connection = a_connection(credentials="secret in clear", workspace_id=None)
    with database.unit_of_work(write=True) as unit, pytest.raises(Exception, match="workspace_id") as caught:
        unit.connections.put(connection)
    assert "secret in clear" not in str(caught.value)


def test_nobody_shows_in_a_failed_statement(sqlite_database: Database) -> None:
    nowhere = a_draft(fields={"email": "anna@acme.com"}, workspace_id=None)
    with (
        sqlite_database.unit_of_work(write=True) as unit,
        pytest.raises(IntegrityError, match="workspace_id") as caught,
    ):
        unit.drafts.add(nowhere)
    assert "anna@acme.com" not in str(caught.value)


def test_rotation_leaves_nothing_that_needs_the_old_key(database_url: str) -> None:
    connections = [a_connection(credentials=f"secret {number}") for number in range(450)]
    invitation = an_invitation()
    before = open_database(database_url, [OLD])
    with before.unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        for connection in connections:
            unit.connections.put(connection)
        unit.commit()
    before.close()

    both = open_database(database_url, [NEW, OLD])
    with both.unit_of_work() as unit:
        assert unit.invitations.get(invitation.id) == invitation
    assert both.rotate_keys() == 451
    assert both.rotate_keys() == 451
    both.close()

    after = open_database(database_url, [NEW])
    with after.unit_of_work() as unit:
        assert unit.invitations.by_token(invitation.token) == invitation
        found = unit.connections.of_user(NORTHWIND, PRIYA)
        assert sorted(found, key=lambda connection: connection.id) == sorted(connections, key=lambda c: c.id)
    after.close()


def test_secret_without_its_key_names_the_setting(database_url: str) -> None:
    connection = a_connection()
    before = open_database(database_url, [OLD])
    with before.unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        unit.commit()
    before.close()
    after = open_database(database_url, [NEW])
    with after.unit_of_work() as unit, pytest.raises(SettingsError, match="ENCRYPTION_KEYS"):
        unit.connections.get(connection.id)
    after.close()


def test_rotation_of_an_empty_database_changes_nothing(database: Database) -> None:
    assert database.rotate_keys() == 0
