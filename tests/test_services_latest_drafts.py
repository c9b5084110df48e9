"""What is remembered of drafts saves a read, and never a change: whoever saved last is always noticed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain import fields as f
from bot.errors import NotFoundError, StaleStateError
from bot.services.latest_drafts import LatestDrafts
from tests.cast import BEN, DANA
from tests.storage_cast import a_draft
from tests.world import Stage


def test_the_newest_of_each_is_kept_in_whichever_order_they_come() -> None:
    latest, draft = LatestDrafts(), a_draft(revision=3)
    latest.put(draft)
    latest.put(replace(draft, revision=2))
    assert latest.get(draft.id) is draft


def test_the_one_saved_longest_ago_makes_room() -> None:
    latest, drafts = LatestDrafts(most=2), [a_draft() for _ in range(3)]
    for draft in (drafts[0], drafts[1], drafts[0], drafts[2]):
        latest.put(draft)
    assert [latest.get(draft.id) is not None for draft in drafts] == [True, False, True]


def test_a_change_in_another_process_is_kept_beside_ours(stage: Stage, other: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id]})
    other.services.drafts.follow(draft, {f.SPACING: "60"}, acted_at=1.0)
    known = stage.services.drafts.latest(DANA.workspace_id, DANA.user_id, draft.id)
    followed = stage.services.drafts.follow(known, {f.NOTICE: "0"}, acted_at=2.0)
    assert (followed.fields[f.SPACING], followed.fields[f.NOTICE]) == ("60", "0")
    assert stage.services.drafts.find(DANA.workspace_id, DANA.user_id, draft.id) == followed
    assert stage.services.drafts.latest(DANA.workspace_id, DANA.user_id, draft.id) == followed


def test_an_action_that_another_process_has_overtaken_changes_nothing(stage: Stage, other: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id]})
    newest = other.services.drafts.follow(draft, {f.SPACING: "60"}, acted_at=2.0)
    known = stage.services.drafts.latest(DANA.workspace_id, DANA.user_id, draft.id)
    with pytest.raises(StaleStateError):
        stage.services.drafts.follow(known, {f.SPACING: "45"}, acted_at=1.0)
    assert stage.services.drafts.find(DANA.workspace_id, DANA.user_id, draft.id) == newest


def test_a_draft_that_is_gone_is_not_saved_again(stage: Stage, other: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id]})
    other.services.drafts.discard(DANA.workspace_id, DANA.user_id, draft.id)
    known = stage.services.drafts.latest(DANA.workspace_id, DANA.user_id, draft.id)
    with pytest.raises(NotFoundError):
        stage.services.drafts.follow(known, {f.SPACING: "60"}, acted_at=1.0)


def test_nobody_gets_somebody_elses(stage: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id]})
    with pytest.raises(NotFoundError):
        stage.services.drafts.latest(BEN.workspace_id, BEN.user_id, draft.id)


@pytest.fixture
def other(stage: Stage) -> Stage:
    """Another process at the same database."""
    return Stage(stage.unit_of_work, stage.clock)
