"""bot.listeners.matching: each of the ids, and nothing else."""

from __future__ import annotations

import pytest

from bot.listeners.matching import any_of


@pytest.mark.parametrize("known", ["/invite", "/inviteonce", "a.b"])
def test_each_id_matches(known: str) -> None:
    assert any_of(["/invite", "/inviteonce", "a.b"]).search(known)


@pytest.mark.parametrize("unknown", ["", "invite", "/invites", "x/invite", "/invite\n", "axb", "/invite|/inviteonce"])
def test_nothing_else_matches(unknown: str) -> None:
    assert not any_of(["/invite", "/inviteonce", "a.b"]).search(unknown)
