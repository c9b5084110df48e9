"""A PostgreSQL server of the tests' own: started on a socket in a temporary folder, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.missing import not_installed

INSTALL = "apt-get install postgresql"


class PostgresServer:
    """One running cluster; every test gets a database of its own from it."""

    def __init__(self, socket_folder: Path, restart: Callable[[], None]) -> None:
        self._socket_folder = socket_folder
        self.restart = restart
        """Throws everybody out, and returns once it can be asked again."""

    def url(self, name: str) -> str:
        return f"postgresql://inviteonce@/{name}?host={self._socket_folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """A new database as a copy of the template, which nobody may be connected to; returns its URL."""
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


class EmptiedDatabase:
    """Copies of a migrated database: the same one again and again, emptied, as long as it still has its shape.

    To copy one for every test took longer than most tests take.
    """

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._name = ""
        self._shape: object = None

    def take(self) -> str:
        """The URL of one with all tables, and nothing in them."""
        if not self._name:
            self._name = f"test_{uuid4().hex}"
            self._server.create(self._name, self._template)
            with psycopg.connect(self._server.url(self._name)) as connection:
                self._shape = connection.execute(_SHAPE).fetchone()
        return self._server.url(self._name)

    def give_back(self) -> None:
        """Whoever is still connected is thrown out."""
        if not self._is_emptied():
            self._server.drop(self._name)
            self._name = ""

    def _is_emptied(self) -> bool:
        try:
            with psycopg.connect(self._server.url(self._name)) as connection:
                connection.execute(_THROW_OUT)
                if connection.execute(_SHAPE).fetchone() != self._shape:
                    return False
                tables = [sql.Identifier(name) for (name,) in connection.execute(_TABLES)]
                any_row = sql.SQL("SELECT 1 FROM {} LIMIT 1")
                full = [table for table in tables if connection.execute(any_row.format(table)).fetchone()]
                if full:
                    connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(full)))
        except psycopg.Error:
            return False
        return True


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
_SHAPE = """
SELECT (SELECT string_agg(version_num, ',') FROM alembic_version),
       (SELECT md5(string_agg(concat_ws(' ', relname, attname, atttypid, attnotnull), ',' ORDER BY relname, attnum))
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace),
       (SELECT md5(string_agg(concat_ws(' ', conname, pg_get_constraintdef(oid)), ',' ORDER BY conname, oid))
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace)
"""
_THROW_OUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def server_programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest version's; None where PostgreSQL is not installed."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def installed() -> Iterator[PostgresServer]:
    """A server of whoever asks; without PostgreSQL, whatever needs it is skipped loudly, or fails in CI."""
    programs = server_programs()
    if programs is None:
        not_installed("PostgreSQL", INSTALL)
    with running(programs) as server:
        yield server


@contextlib.contextmanager
def running(programs: Path) -> Iterator[PostgresServer]:
    """A server without fsync (its data need not survive) that nobody else on the machine's network can reach."""
    # Short, because a socket's path has at most 107 characters; not under pytest's folder, which only root may enter.
    folder = Path(tempfile.mkdtemp(prefix="inviteonce-pg-", dir="/tmp"))  # mkdtemp makes it private
    user = _unprivileged_user()
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(
            [str(programs / command[0]), *command[1:]],
            check=True,
            user=user,
            extra_groups=[] if user is not None else None,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdout=subprocess.DEVNULL,
        )

    options = f"-k {folder} -c listen_addresses= -c max_connections=400 " + " ".join(
        f"-c {setting}=off" for setting in ("fsync", "synchronous_commit", "full_page_writes")
    )
    try:
        run("initdb", "-D", str(data), "-U", "inviteonce", "--auth=trust", "--encoding=UTF8", "--no-sync")
        run("pg_ctl", "start", "-w", "-t", "250", "-D", str(data), "-l", str(folder / "log"), "-o", options)
        try:
            yield PostgresServer(
                folder, lambda: run("pg_ctl", "restart", "-w", "-t", "250", "-D", str(data), "-l", str(folder / "log"))
            )
        finally:
            run("pg_ctl", "stop", "-w", "-t", "250", "-m", "immediate", "-D", str(data))
    finally:
        shutil.rmtree(folder)


def _unprivileged_user() -> str | None:
    """Whom to run the server as: it refuses to run as root. None where we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
