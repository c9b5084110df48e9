"""The rules of the layout that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers import ROOT, bare_environ

Node = TypeVar("Node", bound=ast.AST)

PACKAGES = ("bot", "blocks", "storage")
TOP_LEVEL = {
    *("bot", "blocks", "storage", "tests", "docs", ".ci"),
    *("manifest.yaml", "pyproject.toml", "Procfile", "Makefile", "requirements.txt", "requirements-dev.txt"),
    *("README.md", "CHANGELOG.md", "LICENSE", ".env.example", ".gitignore"),
}
CATCH_ALL = {"bot/listeners/failures.py", "bot/web/envelope.py", "bot/worker.py"}
"""Slack's error listener, the web error page, the worker's loop."""
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "process"}


@cache
def modules() -> dict[str, ast.Module]:
    """The product's modules by path, parsed; migrations are scripts for Alembic and left out."""
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    names = (path.relative_to(ROOT).as_posix() for path in paths)
    return {name: ast.parse((ROOT / name).read_text()) for name in names if "/migrations/" not in name}


def nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """Every node of a kind, with the path of its module."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, kind):
                yield name, node


def tracked() -> list[str]:
    """The files under version control; none where this is no checkout."""
    if not (ROOT / ".git").exists():
        return []
    # A checkout that belongs to another user is still this one.
    command = ["git", "-c", "safe.directory=*", "ls-files"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()


def test_imports_keep_their_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_nothing_else_grows_at_the_root() -> None:
    assert {path.partition("/")[0] for path in tracked()} <= TOP_LEVEL


@pytest.mark.parametrize("name", sorted(TOP_LEVEL - {"docs"}))
def test_what_the_layout_promises_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def test_no_module_is_long() -> None:
    lengths = {name: len((ROOT / name).read_text().splitlines()) for name in modules()}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
    assert sum(length > 250 for length in lengths.values()) <= len(lengths) / 10


def test_no_name_is_vague() -> None:
    parts = {part.removesuffix(".py") for name in modules() for part in name.split("/")}
    assert parts & VAGUE == set()
    functions = {node.name for _, node in nodes(ast.FunctionDef) if node.name.startswith("handle_")}
    assert functions <= {"handle_exit"}, "uvicorn's name"


def test_every_module_has_its_caption() -> None:
    assert [name for name, tree in modules().items() if not ast.get_docstring(tree) and tree.body] == []


def test_everything_is_caught_in_three_places_only() -> None:
    def is_catch_all(handler: ast.ExceptHandler) -> bool:
        if ast.unparse(handler.body[-1]) == "raise":
            return False  # it only tidies up
        caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        return any(
            kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException"))
            for kind in caught
        )

    assert {name for name, handler in nodes(ast.ExceptHandler) if is_catch_all(handler)} <= CATCH_ALL


def test_no_error_is_passed_over_in_silence() -> None:
    silent = [
        f"{name}:{handler.lineno}"
        for name, handler in nodes(ast.ExceptHandler)
        if all(isinstance(statement, ast.Pass) for statement in handler.body)
    ]
    assert silent == []


def test_the_clock_is_read_in_the_composition_root_only() -> None:
    """Everywhere else the time is an argument. The pretend Slack signs with its own clock, as Slack does."""
    readings = {
        f"{name}:{call.lineno}"
        for name, call in nodes(ast.Call)
        if ast.unparse(call.func) in ("datetime.now", "datetime.utcnow", "date.today", "time.time")
        and name != "bot/app.py"
        and not name.startswith("bot/playground/")
    }
    assert readings == set()


def test_tables_know_their_annotations() -> None:
    """SQLModel reads them at run time, so modules of tables may not postpone them."""
    postponed = {name for name, node in nodes(ast.ImportFrom) if node.module == "__future__"}
    assert postponed.isdisjoint({"storage/connection_tables.py", "storage/tables.py", "storage/team_tables.py"})


def test_importing_the_product_does_nothing(tmp_path: Path) -> None:
    """No thread, no file, no log handler, no socket: in an empty folder, without a single setting."""
    names = [
        re.sub(r"/__init__$", "", name.removesuffix(".py")).replace("/", ".")
        for name in modules()
        if not name.endswith("__main__.py")
    ]
    program = "\n".join(
        [
            "import importlib, logging, socket, threading",
            "def refuse(*_): raise AssertionError('a connection at import')",
            "socket.socket.connect = socket.socket.bind = refuse",
            *(f"importlib.import_module({name!r})" for name in names),
            "assert threading.active_count() == 1, threading.enumerate()",
            "assert not logging.getLogger().handlers",
        ]
    )
    command = [sys.executable, "-W", "error", "-W", "ignore:You are using a:FutureWarning", "-B", "-c", program]
    result = subprocess.run(command, cwd=tmp_path, env=bare_environ(), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == []


def test_no_test_is_passed_over() -> None:
    """What cannot run here (no Chromium, no PostgreSQL) says so in its fixture; nothing else is skipped."""
    marked = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.xfail\(")
    found = [
        path.name
        for path in (ROOT / "tests").rglob("*.py")
        if path != Path(__file__) and marked.search(path.read_text())
    ]
    assert found == []
