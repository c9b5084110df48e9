"""The lock files: complete, with hashes, and without the name of anybody's package index."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.servers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DEVELOPMENT = [entry for entry in PROJECT["dependency-groups"]["dev"] if isinstance(entry, str)]
LOCKS = {
    "requirements.txt": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]],
    "requirements-dev.txt": [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"], *DEVELOPMENT],
}


def lock(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pinned(name: str) -> dict[str, str]:
    """Version by package."""
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", lock(name), re.MULTILINE))


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_every_dependency_is_locked(name: str) -> None:
    wanted = {re.split(r"[<>=\[;, ]", entry, maxsplit=1)[0] for entry in LOCKS[name]}
    assert wanted - pinned(name).keys() == set(), "run: make lock"


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_every_pin_has_its_hashes_and_nothing_names_an_index(name: str) -> None:
    entries = re.findall(r"^[a-z0-9].*(?:\n {4}--hash=.*)*", lock(name), re.MULTILINE)
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.search(r"://|--(extra-)?index|--find-links", lock(name)) is None


def test_both_locks_agree() -> None:
    development = pinned("requirements-dev.txt")
    assert {package: development[package] for package in pinned("requirements.txt")} == pinned("requirements.txt")
