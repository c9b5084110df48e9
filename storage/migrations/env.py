"""What Alembic runs: on the connection that the program gives, or for a developer on DATABASE_URL."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection, create_engine

from storage import connection_tables, tables, team_tables  # noqa: F401  # a table is known once its module is imported
from storage.columns import Row


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    engine = create_engine(os.environ.get("DATABASE_URL") or "sqlite:///inviteonce.db")
    with engine.begin() as connection:
        _run(connection)
    engine.dispose()
