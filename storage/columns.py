"""Columns as the tables declare them, and what all tables share. No `from __future__ import annotations` beside
tables: SQLModel reads the types."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, Text
from sqlmodel import Field, SQLModel

from storage.types import Choice, Document, UtcDateTime


class Row(SQLModel):
    """What all tables share: one collection of tables, and names for constraints that got none."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


def text(*, key: bool = False, null: bool = False) -> Any:
    return Field(sa_column=Column(Text, primary_key=key, nullable=null))


def number() -> Any:
    return Field(sa_column=Column(Integer, nullable=False))


def counter() -> Any:
    """A key that the database gives out, growing with each row."""
    return Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True))


def version() -> Any:
    """Drawn by lot whenever the row is written (`storage.records.new_version`)."""
    return Field(sa_column=Column(BigInteger, nullable=False))


def switch() -> Any:
    return Field(sa_column=Column(Boolean, nullable=False))


def instant(*, null: bool = False) -> Any:
    return Field(sa_column=Column(UtcDateTime, nullable=null))


def document(shape: Any, *, null: bool = False, remembered: int = 0) -> Any:
    return Field(sa_column=Column(Document(shape, remembered), nullable=null))


def choice(members: Any, *, null: bool = False) -> Any:
    return Field(sa_column=Column(Choice(members), nullable=null))


def parent(column: str, *, key: bool = False) -> Any:
    """A foreign key that is checked at commit, so that a transaction may write child and parent in any order."""
    constraint = ForeignKey(column, ondelete="CASCADE", deferrable=True, initially="DEFERRED")
    return Field(sa_column=Column(Text, constraint, primary_key=key, nullable=False))
