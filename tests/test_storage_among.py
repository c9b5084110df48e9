"""One of a list: whatever texts it holds, and however many, on both databases."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import bindparam, literal, select, union_all
from sqlalchemy.types import Text

from storage.among import among
from storage.engines import open_engines
from tests.databases import KEYS

_NAMES = ("Ana", "O'Brien", '"quoted", [1]', "naïve ☃", "{}", "ana", "back\\slash", "%s :users ?", "")
_PEOPLE = union_all(*(select(literal(name, Text).label("name")) for name in _NAMES)).subquery()
_STATEMENT = select(_PEOPLE.c.name).where(among(_PEOPLE.c.name, "users"), _PEOPLE.c.name != bindparam("besides"))


@pytest.mark.parametrize(
    "asked",
    [[], ["Ana"], ["Ana", "Ana"], ["Nobody"], list(_NAMES), ("ana", "{}"), [f"Person {n}" for n in range(2_000)]],
    ids=lambda asked: str(len(asked)),
)
def test_those_in_the_list_are_found(database_url: str, asked: Sequence[str]) -> None:
    assert _found(database_url, asked) == {name for name in _NAMES if name in asked}


def test_a_list_may_hold_more_than_a_statement_may_have_parameters(database_url: str) -> None:
    assert _found(database_url, [*(f"Person {n}" for n in range(70_000)), "Ana"]) == {"Ana"}


def _found(database_url: str, asked: Sequence[str]) -> set[str]:
    engines = open_engines(database_url, MultiFernet([Fernet(key) for key in KEYS]))
    try:
        with engines.reader.connect() as connection:
            return set(connection.scalars(_STATEMENT, {"users": asked, "besides": "Mr. X"}))
    finally:
        engines.dispose()
