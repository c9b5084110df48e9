"""One-time secrets: good once, for one purpose, for minutes, and unreadable in the database's file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from bot.ports import UnitOfWorkFactory
from storage.database import Database
from tests.storage_cast import MINUTE, NOON

TOKEN = "a-token-that-only-its-holder-knows"


@pytest.fixture
def stored(unit_of_work: UnitOfWorkFactory) -> UnitOfWorkFactory:
    with unit_of_work(write=True) as unit:
        unit.one_time.add(TOKEN, "link", "a secret payload", NOON + 10 * MINUTE)
        unit.commit()
    return unit_of_work


def test_looking_leaves_it_and_taking_takes_it(stored: UnitOfWorkFactory) -> None:
    with stored(write=True) as unit:
        assert unit.one_time.look(TOKEN, "link", NOON) == "a secret payload"
        assert unit.one_time.look(TOKEN, "link", NOON) == "a secret payload"
        assert unit.one_time.take(TOKEN, "link", NOON) == "a secret payload"
        assert unit.one_time.take(TOKEN, "link", NOON) is None
        assert unit.one_time.look(TOKEN, "link", NOON) is None


def test_what_a_failed_transaction_took_is_still_there(stored: UnitOfWorkFactory) -> None:
    with stored(write=True) as unit:
        assert unit.one_time.take(TOKEN, "link", NOON)
    with stored(write=True) as unit:
        assert unit.one_time.take(TOKEN, "link", NOON)


def test_another_purpose_or_token_finds_nothing(stored: UnitOfWorkFactory) -> None:
    with stored(write=True) as unit:
        assert unit.one_time.look(TOKEN, "state", NOON) is None
        assert unit.one_time.take(TOKEN, "state", NOON) is None
        assert unit.one_time.take(TOKEN.upper(), "link", NOON) is None


def test_it_is_good_until_its_minutes_are_over(stored: UnitOfWorkFactory) -> None:
    with stored(write=True) as unit:
        assert unit.one_time.look(TOKEN, "link", NOON + 9 * MINUTE)
        assert unit.one_time.look(TOKEN, "link", NOON + 10 * MINUTE) is None
        assert unit.one_time.take(TOKEN, "link", NOON + 10 * MINUTE) is None


def test_old_ones_are_deleted(stored: UnitOfWorkFactory) -> None:
    with stored(write=True) as unit:
        assert unit.one_time.delete_older(NOON + 10 * MINUTE) == 0
        assert unit.one_time.delete_older(NOON + 11 * MINUTE) == 1


def test_of_many_takers_at_once_one_gets_it(database: Database, stored: UnitOfWorkFactory) -> None:
    def take(_: int) -> bool:
        with stored(write=True) as unit:
            taken = unit.one_time.take(TOKEN, "link", NOON)
            unit.commit()
            return taken is not None

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(take, range(60))) == 1


def test_neither_token_nor_payload_can_be_read_in_the_database(stored: UnitOfWorkFactory, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT * FROM one_time")).all()
    engine.dispose()
    assert TOKEN not in str(row)
    assert "secret" not in str(row)
