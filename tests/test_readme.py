"""What the README promises about settings and scopes is what the code does."""

from __future__ import annotations

import re

import pytest

from bot.manifest import SCOPES
from tests.servers import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
NOT_YET = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_APP_TOKEN"}
"""Known to the settings only in order to say that they are not available yet."""
_SETTINGS = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot" / "settings").glob("*.py")))
VARIABLES = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+|PORT|HOST)"', _SETTINGS)) - NOT_YET


def test_the_two_commands_come_first() -> None:
    first_code = README.split("```")[1]
    assert re.findall(r"^make \w+", first_code, re.MULTILINE) == ["make run", "make test"]


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_every_setting_is_explained(variable: str) -> None:
    table = README.split("### Settings")[1].split("###")[0]
    assert f"`{variable}`" in table
    assert re.search(rf"^# {variable}=", EXAMPLE, re.MULTILINE)


@pytest.mark.parametrize("variable", sorted(NOT_YET))
def test_what_is_not_there_yet_is_not_offered(variable: str) -> None:
    assert variable not in README + EXAMPLE


def test_each_scope_has_its_reason() -> None:
    rows = dict(re.findall(r"^\| `([a-z:.]+)` \| (.+) \|$", README, re.MULTILINE))
    assert rows == SCOPES
