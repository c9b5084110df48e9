"""The schema's version: Alembic, run from wherever the program was started."""

from __future__ import annotations

import logging
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import DatabaseError
from storage.columns import Row
from storage.engines import take_time

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x1E11E07CE
"""Any number that is ours: migrating processes wait for each other with it (PostgreSQL)."""

_TOO_NEW = "The database was migrated by a newer InviteOnce. Start that version, or restore a backup."
_TOO_OLD = (
    "The database is from before the first release, and this version cannot take it over. "
    "Begin with a new one: move the old one away (the playground's is inviteonce.db), or name another in DATABASE_URL."
)


class Schema:
    """Knows the newest version, and how to get there. Alembic is imported when first needed: it takes its time."""

    def migrate(self, engine: Engine) -> None:
        """All in one transaction: an interrupted migration has changed nothing. Raises DatabaseError."""
        from alembic import command
        from alembic.util import CommandError

        config = _config()
        with engine.begin() as connection:
            take_time(connection)
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:  # it does not know the version that the database has
                raise DatabaseError(_TOO_NEW) from error
            if _lacks_columns(connection):
                raise DatabaseError(_TOO_OLD)

    def is_current(self, engine: Engine) -> bool:
        try:
            with engine.connect() as connection:
                version = connection.scalar(text("SELECT version_num FROM alembic_version"))
        except SQLAlchemyError as error:
            # Whoever asks says so, or tells nobody: it is asked again and again.
            log.debug("the database's schema version cannot be read", extra={"error": type(error).__name__})
            return False
        return bool(version == self._newest)

    @cached_property
    def _newest(self) -> str | None:
        from alembic.script import ScriptDirectory

        return ScriptDirectory.from_config(_config()).get_current_head()


def _lacks_columns(connection: Connection) -> bool:
    """Whether the database was made by this version's own migration as it once was: until the first release that one is
    edited, and what it makes is called by the same name."""
    found = {
        (table, column["name"])
        for (_, table), columns in inspect(connection).get_multi_columns().items()
        for column in columns
    }
    return any((table.name, column.name) not in found for table in Row.metadata.sorted_tables for column in table.c)


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
