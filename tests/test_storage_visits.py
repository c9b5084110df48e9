"""Nonces are used once; App Home remembers where a person was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.domain.activity import HomeState, Tab
from bot.ports import UnitOfWorkFactory
from storage.database import Database
from tests.storage_cast import BEN, DANA, DAY, GLOBEX, NOON, NORTHWIND


def test_nonce_is_used_once(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        assert unit.nonces.use("one", NOON)
        assert not unit.nonces.use("one", NOON)
        assert unit.nonces.use("two", NOON)


def test_nonce_of_a_transaction_that_failed_can_be_used_again(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        assert unit.nonces.use("one", NOON)
    with unit_of_work(write=True) as unit:
        assert unit.nonces.use("one", NOON)
        unit.commit()
    with unit_of_work(write=True) as unit:
        assert not unit.nonces.use("one", NOON)


def test_old_nonces_are_forgotten(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.nonces.use("old", NOON - DAY)
        unit.nonces.use("new", NOON)
        assert unit.nonces.delete_older(NOON) == 1
        assert unit.nonces.use("old", NOON)
        assert not unit.nonces.use("new", NOON)


def test_of_many_at_once_one_uses_the_nonce(database: Database) -> None:
    def use(_: int) -> bool:
        with database.unit_of_work(write=True) as unit:
            used = unit.nonces.use("one", NOON)
            unit.commit()
            return used

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(use, range(60))) == 1


def test_home_remembers_tab_and_page_of_each_person(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        assert unit.homes.get(NORTHWIND, DANA) is None
        unit.homes.put(NORTHWIND, DANA, HomeState(Tab.MEETINGS, 3))
        unit.homes.put(NORTHWIND, BEN, HomeState())
        assert unit.homes.get(NORTHWIND, DANA) == HomeState(Tab.MEETINGS, 3)
        unit.homes.put(NORTHWIND, DANA, HomeState(Tab.INVITATIONS, 0))
        assert unit.homes.get(NORTHWIND, DANA) == HomeState(Tab.INVITATIONS, 0)
        assert unit.homes.get(GLOBEX, DANA) is None
