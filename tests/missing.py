"""What to do where a program that a test needs is not installed: say so, loudly, and never on CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

PREFIX = "NOT TESTED"


def not_installed(program: str, install: str) -> NoReturn:
    """Skip the test with the line that installs the program; with `CI=true` fail it.

    The end of the run repeats every such line (`pytest_terminal_summary` in conftest.py).
    """
    reason = f"{PREFIX}: {program} is missing. Install it with: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
