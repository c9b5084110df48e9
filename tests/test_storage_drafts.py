"""Drafts are saved by compare-and-set, and belong to one person."""

from __future__ import annotations

import dataclasses

from bot.domain.ids import ChannelId, DraftId
from bot.domain.invitation import DraftStep, MessageRef
from bot.ports import UnitOfWorkFactory
from tests.storage_cast import BEN, DANA, DAY, GLOBEX, HOUR, NOON, NORTHWIND, a_draft

CARD = MessageRef(ChannelId("D0DANA"), "1700000000.000100")


def test_draft_comes_back_as_it_was(unit_of_work: UnitOfWorkFactory) -> None:
    typed = {
        "participant_name": "  Zoë ‏שלום 🎉 \x00\x1f<!channel>",
        "days": ["0", "1"],
        "promote": False,
        "channel": None,
    }
    draft = a_draft(fields=typed, revision=3, generation=2, card=CARD)
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
        assert unit.drafts.get(draft.id) == draft
        assert unit.drafts.get(DraftId("unknown")) is None
        assert (unit.drafts.revision(draft.id), unit.drafts.revision(DraftId("unknown"))) == (3, None)


def test_save_counts_only_on_the_revision_it_was_made_from(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    first = dataclasses.replace(draft, step=DraftStep.LETTER, revision=1, updated_at=NOON + HOUR)
    second = dataclasses.replace(draft, fields={"subject": "too late"}, revision=1)
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
        assert unit.drafts.replace(first, expected_revision=0)
        assert not unit.drafts.replace(second, expected_revision=0)
        assert unit.drafts.get(draft.id) == first


def test_save_does_not_lose_a_card_posted_meanwhile(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
        unit.drafts.set_card(draft.id, CARD)
        assert unit.drafts.replace(dataclasses.replace(draft, revision=1), expected_revision=0)
        assert unit.drafts.get(draft.id) == dataclasses.replace(draft, revision=1, card=CARD)
        unit.drafts.set_card(draft.id, None)
        assert unit.drafts.get(draft.id) == dataclasses.replace(draft, revision=1)


def test_save_of_a_deleted_draft_does_not_bring_it_back(unit_of_work: UnitOfWorkFactory) -> None:
    draft = a_draft()
    with unit_of_work(write=True) as unit:
        unit.drafts.add(draft)
        assert unit.drafts.delete(draft.id)
        assert not unit.drafts.delete(draft.id)
        assert not unit.drafts.replace(draft, expected_revision=0)
        assert unit.drafts.get(draft.id) is None


def test_open_drafts_are_the_owners_recent_ones_newest_first(unit_of_work: UnitOfWorkFactory) -> None:
    old, middle, new = (a_draft(updated_at=NOON + days * DAY) for days in range(3))
    with unit_of_work(write=True) as unit:
        for draft in (middle, new, old, a_draft(owner_id=BEN), a_draft(workspace_id=GLOBEX, updated_at=NOON + 9 * DAY)):
            unit.drafts.add(draft)
        assert list(unit.drafts.open_drafts(NORTHWIND, DANA, updated_after=NOON)) == [new, middle]


def test_old_drafts_are_deleted_and_given_back(unit_of_work: UnitOfWorkFactory) -> None:
    old, new = a_draft(updated_at=NOON - DAY), a_draft(updated_at=NOON)
    with unit_of_work(write=True) as unit:
        unit.drafts.add(old)
        unit.drafts.add(new)
        assert unit.drafts.delete_older(NOON) == [old]
        assert unit.drafts.get(old.id) is None
        assert unit.drafts.get(new.id) == new
