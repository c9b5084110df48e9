"""`/invite why`: an Invitation's count in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blocks.explanation import why_text
from bot.domain.report import TOO_FEW, SlotReport
from tests.cast import NOW
from tests.searches import office_search
from tests.storage_cast import an_invitation

NONE = SlotReport(office_search(("ana",)), (), (), (), NOW)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (
            NONE,
            "• No single change alone would help: cancel it, and invite again for another time, or with other people.",
        ),
        (
            replace(NONE, deserted=("Sales & more",)),
            "• *Sales &amp; more* has no active members. An administrator can change that.",
        ),
        (replace(NONE, search=office_search(("ana",), ("ana",))), f"• {TOO_FEW}"),
        (replace(NONE, starts=(NOW,)), "• Nothing stands in the way of *Anna Ruiz*: every time is free."),
    ],
)
def test_zero_or_all_is_explained(report: SlotReport, words: str) -> None:
    assert words in why_text(an_invitation(), report).splitlines()


def test_pool_with_no_active_members_is_not_said_to_be_past_help() -> None:
    assert "would help" not in why_text(an_invitation(), replace(NONE, deserted=("Sales",)))
