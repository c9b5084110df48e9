"""Drafts: nothing typed is lost, whoever saves at the same time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain import fields as f
from bot.domain.ids import ChannelId
from bot.domain.invitation import Draft, InvitationStatus, MessageRef
from bot.errors import DeliveryError, NotFoundError, StaleStateError
from bot.ports import UnitOfWorkFactory
from tests.cast import BEN, DANA, WORKSPACE
from tests.fakes import FakeNotifier
from tests.world import ANNA, Stage, threads


def test_two_saves_at_once_keep_both(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = drafts.begin(DANA, ANNA)
    earlier = drafts.save(draft, {f.COMPANY: "Acme"})
    later = drafts.save(draft, {f.LOCATION: "Room 1"})
    assert (later.fields[f.COMPANY], later.fields[f.LOCATION]) == ("Acme", "Room 1")
    assert drafts.is_newest(later)
    assert not drafts.is_newest(earlier)


def test_drafts_are_their_owners(stage: Stage) -> None:
    draft = stage.services.drafts.begin(DANA, ANNA)
    with pytest.raises(NotFoundError):
        stage.services.drafts.find(BEN.workspace_id, BEN.user_id, draft.id)
    stage.services.drafts.discard(BEN.workspace_id, BEN.user_id, draft.id)
    assert stage.services.drafts.find(DANA.workspace_id, DANA.user_id, draft.id) == draft


def test_drafts_are_offered_for_seven_days(stage: Stage) -> None:
    drafts = stage.services.drafts
    drafts.begin(DANA, {})
    kept = drafts.begin(DANA, ANNA)
    assert drafts.open_drafts(DANA.workspace_id, DANA.user_id) == (kept,)
    stage.clock.advance(timedelta(days=7, seconds=1))
    assert drafts.open_drafts(DANA.workspace_id, DANA.user_id) == ()
    stage.services.followups.prune()
    with pytest.raises(NotFoundError):
        drafts.find(DANA.workspace_id, DANA.user_id, kept.id)


def test_one_card_with_the_count_then_none(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = stage.draft(end_date="2026-11-30")
    drafts.show_card(draft)
    stage.deliver()
    drafts.show_card(drafts.save(draft, {f.TO: "12:00"}))
    stage.deliver()
    assert [line[2] for line in stage.notifier.told if line[0] == "draft card"] == [16, 6]
    card = drafts.find(DANA.workspace_id, DANA.user_id, draft.id).card
    stage.notifier.failures = [DeliveryError("Slack is not there.")]
    drafts.discard(DANA.workspace_id, DANA.user_id, draft.id)
    drafts.discard(DANA.workspace_id, DANA.user_id, draft.id)
    stage.deliver()
    assert _discarded(stage) == []
    stage.clock.advance(timedelta(minutes=1))
    stage.deliver()
    assert _discarded(stage) == [("discarded", card)]


def test_cards_of_drafts_that_are_no_longer_kept_go_with_them(stage: Stage) -> None:
    draft = stage.draft()
    stage.services.drafts.show_card(draft)
    stage.deliver()
    card = stage.services.drafts.find(DANA.workspace_id, DANA.user_id, draft.id).card
    stage.clock.advance(timedelta(days=7, seconds=1))
    stage.services.followups.prune()
    stage.deliver()
    assert _discarded(stage) == [("discarded", card)]


def test_an_overtaken_action_is_refused_where_it_would_be_stored(stage: Stage) -> None:
    drafts = stage.services.drafts
    seen_early = drafts.begin(DANA, ANNA)
    latest = drafts.follow(seen_early, {f.TO: "12:00"}, 2.0)
    with pytest.raises(StaleStateError):
        drafts.follow(seen_early, {f.TO: "18:00"}, 1.0)
    assert drafts.find(DANA.workspace_id, DANA.user_id, latest.id) == latest


def test_an_overtaken_button_sets_what_it_is_for_and_no_old_field(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = drafts.begin(DANA, ANNA)
    drafts.follow(draft, {f.TO: "12:00"}, 2.0)
    pressed = drafts.follow(draft, {f.TO: "17:00"}, 1.0, own={f.END_DATE: "2026-12-31"})
    assert (pressed.fields[f.TO], pressed.fields[f.END_DATE]) == ("12:00", "2026-12-31")
    assert pressed.generation == draft.generation + 1
    with pytest.raises(StaleStateError):
        drafts.follow(pressed, {f.TO: "17:00"}, 1.5)


def test_of_two_actions_at_once_the_later_one_wins_in_either_order(stage: Stage) -> None:
    drafts = stage.services.drafts
    for number in range(20):
        draft = drafts.begin(DANA, ANNA)
        with threads(2) as pool:
            pressed = [pool.submit(drafts.follow, draft, {f.TO: to}, at) for to, at in (("10:00", 1.0), ("11:00", 2.0))]
            errors = [future.exception() for future in pressed]
        assert drafts.find(DANA.workspace_id, DANA.user_id, draft.id).fields[f.TO] == "11:00", number
        assert errors[1] is None


def test_a_draft_begins_with_the_default_template_and_can_change_it(stage: Stage) -> None:
    drafts, templates = stage.services.drafts, stage.services.templates
    saved = stage.draft(subject="Review", duration="45", from_2="18:00", to_2="20:00", end_date="2026-12-04")
    weekly = templates.save(DANA, "Weekly", drafts.follow(saved, {}, 5.0).fields)
    templates.set_default(DANA, weekly.id)
    stage.clock.advance(timedelta(days=7))
    begun = drafts.begin(DANA, {f.PARTICIPANT_NAME: "Anna Ruiz", f.EMAIL: "anna@acme.com"})
    assert (begun.fields[f.TEMPLATE], begun.fields[f.DURATION]) == (weekly.id, "45")
    assert (begun.fields[f.START_DATE], begun.fields[f.END_DATE]) == ("2026-12-07", "2026-12-11")
    assert f.ACTED_AT not in begun.fields
    plain = drafts.use_template(DANA, begun, None, {f.COMPANY: "Acme"})
    assert (plain.fields[f.DURATION], plain.fields[f.FROM_2], plain.fields[f.COMPANY]) == ("30", None, "Acme")
    assert (plain.fields[f.EMAIL], plain.fields[f.SUBJECT]) == ("anna@acme.com", "Review")
    again = drafts.use_template(DANA, plain, weekly.id, {})
    assert (again.fields[f.DURATION], again.fields[f.TO_2]) == ("45", "20:00")
    assert again.generation == begun.generation + 2


def _discarded(stage: Stage) -> list[tuple[object, ...]]:
    return [line for line in stage.notifier.told if line[0] == "discarded"]


class SlowNotifier(FakeNotifier):
    """Something happens before a draft's card is drawn: Slack takes its time."""

    before: Callable[[], object] = staticmethod(lambda: None)

    def draft_card(self, draft: Draft, count: int | None) -> MessageRef:
        self.before()
        return super().draft_card(draft, count)


@pytest.mark.parametrize("has_card", [True, False])
@pytest.mark.parametrize("becomes", ["sent", "discarded"])
def test_card_that_is_drawn_while_the_draft_goes_ends_as_what_became_of_it(
    unit_of_work: UnitOfWorkFactory, has_card: bool, becomes: str
) -> None:
    notifier = SlowNotifier()
    stage = Stage(unit_of_work, notifier=notifier)
    stage.connect()
    draft, card = stage.draft(), MessageRef(ChannelId("D0CARDS"), "old")
    if has_card:
        with unit_of_work(write=True) as unit:
            unit.drafts.set_card(draft.id, card)
            unit.commit()
    stage.services.drafts.show_card(draft)

    def go() -> None:
        if becomes == "sent":
            stage.services.invitations.send(DANA, draft, {})
        else:
            stage.services.drafts.discard(WORKSPACE, DANA.user_id, draft.id)
        stage.deliver()

    notifier.before = go
    [row] = stage.services.deliveries.claim("slow")
    stage.services.deliveries.carry_out(row, "slow")
    stage.deliver()
    seen = [line for line in notifier.told if line[0] in ("card", "draft card", "discarded")]
    drawn, gone = [line[0] for line in seen], [line[1] for line in seen if line[0] == "discarded"]
    if becomes == "discarded":
        assert gone, "nothing is left of it"
        return
    with unit_of_work() as unit:
        ([invitation], _) = unit.invitations.page(
            WORKSPACE, visible_to=None, statuses=tuple(InvitationStatus), offset=0, limit=9
        )
    assert invitation.card is not None
    assert invitation.card not in gone
    if has_card:
        assert (invitation.card, drawn[-1]) == (card, "card")
