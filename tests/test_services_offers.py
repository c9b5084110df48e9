"""Seats given out by pools: each pool is read once, and whoever has left Slack is passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import fields as f
from bot.domain.ids import POOL_PREFIX, ResourceId
from bot.domain.people import Person
from bot.domain.pools import Pool, PoolMethod
from bot.errors import DeliveryError, FormError, NotFoundError
from tests.cast import DANA
from tests.pool_cast import ANA, DEV, RAJ, TEAM, create, ids, send
from tests.world import Stage


@pytest.fixture
def sales(stage: Stage) -> Pool:
    """Ana, Raj and Dev in a strict round robin, with calendars."""
    for person in TEAM:
        stage.directory.known[person.workspace_id, person.user_id] = person
    stage.connect(*TEAM, DANA)
    return create(stage)


def leaves(stage: Stage, person: Person) -> None:
    """Slack deactivates them; their calendar stays as it was."""
    stage.directory.known[person.workspace_id, person.user_id] = replace(person, is_deactivated=True)


def next_up(stage: Stage, pool: Pool) -> ResourceId:
    return stage.services.pools.seat(pool.workspace_id, pool.id).candidates[0]


def test_whoever_is_set_inactive_is_not_next(stage: Stage, sales: Pool) -> None:
    stage.services.pools.set_active(DANA, sales.id, ANA.resource_id, False)
    assert next_up(stage, sales) == RAJ.resource_id


def test_whoever_is_deactivated_in_slack_is_not_next_and_rests_from_then_on(stage: Stage, sales: Pool) -> None:
    leaves(stage, ANA)
    leaves(stage, RAJ)
    send(stage, stage.services.pools.seat(sales.workspace_id, sales.id))
    ledger = stage.services.pools.ledger(sales.workspace_id, sales.id)
    assert [one.received for one in ledger.standings] == [0, 0, 1]
    assert ledger.pool.active == (DEV.resource_id,)


def test_whoever_slack_has_back_is_in_line_again_at_the_average(stage: Stage, sales: Pool) -> None:
    leaves(stage, ANA)
    for _ in range(4):
        send(stage, stage.services.pools.seat(sales.workspace_id, sales.id))
    [ana] = [one for one in stage.services.pools.get(sales.workspace_id, sales.id).members if not one.active]
    assert (ana.resource_id, ana.has_left) == (ANA.resource_id, True)
    stage.directory.known[ANA.workspace_id, ANA.user_id] = ANA
    next_up(stage, sales)
    standing = stage.services.pools.ledger(sales.workspace_id, sales.id).standings[0]
    assert (standing.member.active, standing.member.has_left, standing.counted) == (True, False, 2)


def test_nobody_comes_back_because_slack_cannot_be_asked(stage: Stage, sales: Pool) -> None:
    leaves(stage, ANA)
    assert next_up(stage, sales) == RAJ.resource_id
    stage.directory.failure = DeliveryError("Slack does not answer.")
    assert next_up(stage, sales) == RAJ.resource_id


def test_whoever_an_administrator_has_set_inactive_stays_so(stage: Stage, sales: Pool) -> None:
    leaves(stage, ANA)
    next_up(stage, sales)
    stage.services.pools.set_active(DANA, sales.id, ANA.resource_id, True)
    stage.services.pools.set_active(DANA, sales.id, ANA.resource_id, False)
    stage.directory.known[ANA.workspace_id, ANA.user_id] = ANA
    assert next_up(stage, sales) == RAJ.resource_id


def test_pool_that_everybody_has_left_has_nobody_to_offer(stage: Stage, sales: Pool) -> None:
    for person in TEAM:
        leaves(stage, person)
    with pytest.raises(NotFoundError, match="Nobody in Sales"):
        next_up(stage, sales)


def test_whoever_was_chosen_by_hand_and_has_left_has_to_be_replaced(stage: Stage, sales: Pool) -> None:
    flexible = create(stage, name="Flexible", method=PoolMethod.FLEXIBLE)
    leaves(stage, DEV)
    with pytest.raises(NotFoundError, match="no longer active"):
        stage.services.pools.seat(sales.workspace_id, flexible.id, chosen=DEV.resource_id)


def test_nobody_rests_because_slack_cannot_be_asked(stage: Stage, sales: Pool) -> None:
    leaves(stage, ANA)
    stage.directory.failure = DeliveryError("Slack does not answer.")
    assert next_up(stage, sales) == ANA.resource_id
    assert len(stage.services.pools.get(sales.workspace_id, sales.id).active) == 3


def test_calendar_of_whoever_has_left_is_never_free(stage: Stage, sales: Pool) -> None:
    pooled = create(stage, name="Pooled", method=PoolMethod.POOLED, members=ids([ANA, RAJ]))
    draft = stage.draft(**{f.MEMBERS: [f"pool:{pooled.id}"]})
    leaves(stage, ANA)
    report = stage.services.steps.count(draft, fresh=True)
    assert report.count
    assert report.unreadable == ("Ana",)
    leaves(stage, RAJ)
    assert stage.services.steps.count(draft, fresh=True).count == 0


@pytest.fixture
def pooled(stage: Stage, sales: Pool) -> Pool:
    """Whoever is free, of Ana and Raj."""
    return create(stage, name="Pooled", method=PoolMethod.POOLED, members=ids([ANA, RAJ]))


def test_whoever_has_left_rests_in_a_pooled_one_too_and_what_is_out_follows(stage: Stage, pooled: Pool) -> None:
    out = send(stage, stage.services.pools.seat(pooled.workspace_id, pooled.id))
    leaves(stage, ANA)
    draft = stage.draft(**{f.MEMBERS: [f"pool:{pooled.id}"]})
    members = stage.services.pools.get(pooled.workspace_id, pooled.id).members
    assert [(one.active, one.has_left) for one in members] == [(False, True), (True, False)]
    assert stage.services.steps.count(draft).unreadable == ()
    with stage.unit_of_work() as unit:
        found = unit.invitations.get(out.id)
    assert found is not None
    assert found.details.requirements == ((RAJ.resource_id,),)


def test_whoever_slack_has_back_is_active_in_a_pooled_one_too(stage: Stage, pooled: Pool) -> None:
    stage.services.pools.set_active(DANA, pooled.id, RAJ.resource_id, False)
    leaves(stage, ANA)
    with pytest.raises(FormError, match="Nobody in Pooled is active"):
        stage.draft(**{f.MEMBERS: [f"pool:{pooled.id}"]})
    stage.directory.known[ANA.workspace_id, ANA.user_id] = ANA
    stage.draft(**{f.MEMBERS: [f"pool:{pooled.id}"]})
    pool = stage.services.pools.get(pooled.workspace_id, pooled.id)
    assert pool.active == (ANA.resource_id,), "whom an Administrator has set inactive stays so"


def test_whoever_slack_does_not_know_is_left_as_they_are_and_the_others_rest(stage: Stage, pooled: Pool) -> None:
    del stage.directory.known[ANA.workspace_id, ANA.user_id]
    leaves(stage, RAJ)
    stage.services.seating.details_now(pooled.workspace_id, {**stage.draft().fields, f.MEMBERS: [f"pool:{pooled.id}"]})
    assert stage.services.pools.get(pooled.workspace_id, pooled.id).active == (ANA.resource_id,)


def test_nobody_rests_in_a_pooled_one_because_slack_cannot_be_asked(stage: Stage, pooled: Pool) -> None:
    fields = {**stage.draft().fields, f.MEMBERS: [f"pool:{pooled.id}"]}
    leaves(stage, ANA)
    stage.directory.failure = DeliveryError("Slack does not answer.")
    assert len(stage.services.seating.details_now(pooled.workspace_id, fields).seats[0].candidates) == 2


def test_turn_is_of_whom_slack_still_knows_when_it_is_given(stage: Stage, sales: Pool) -> None:
    draft = stage.draft(**{f.MEMBERS: [f"pool:{sales.id}"]})
    leaves(stage, ANA)
    stage.clock.advance(timedelta(minutes=6))
    draft, report, _ = stage.services.steps.renew_turns(DANA, draft)
    assert report.count
    invitation = stage.services.invitations.send(DANA, draft, {})
    assert invitation.details.seats[0].candidates == (RAJ.resource_id,)


def test_pools_of_another_workspace_and_gone_ones_offer_nobody(stage: Stage, sales: Pool) -> None:
    stranger = replace(DANA, workspace_id=type(DANA.workspace_id)("T0OTHER"))
    for workspace_id, pool_id in ((stranger.workspace_id, sales.id), (sales.workspace_id, "gone")):
        with pytest.raises(NotFoundError, match="not there any more"):
            stage.services.pools.seat(workspace_id, pool_id)
    with pytest.raises(FormError):
        stage.draft(**{f.MEMBERS: ["pool:gone"]})


def test_nobody_is_asked_about_a_choice_by_hand_while_a_transaction_is_open(stage: Stage, sales: Pool) -> None:
    """Slack may take seconds over it: then the count comes later, and is the same."""
    flexible = create(stage, name="Flexible", method=PoolMethod.FLEXIBLE)
    draft = stage.draft(members=[f"{POOL_PREFIX}{flexible.id}"], chosen={flexible.id: RAJ.user_id})
    whole = stage.services.steps.count(draft)
    assert stage.services.steps.count_at_hand(draft) == whole
    stage.directory.not_at_hand = {RAJ.user_id}
    stage.directory.asked.clear()
    assert stage.services.steps.count_at_hand(draft) is None
    assert stage.directory.asked == []


def test_pool_is_not_changed_while_a_transaction_is_open(stage: Stage, sales: Pool) -> None:
    flexible = create(stage, name="Flexible", method=PoolMethod.FLEXIBLE)
    draft = stage.draft(members=[f"{POOL_PREFIX}{flexible.id}"], chosen={flexible.id: RAJ.user_id})
    stage.services.steps.count(draft)
    leaves(stage, RAJ)
    assert stage.services.steps.count_at_hand(draft) is None
    assert stage.services.pools.get(flexible.workspace_id, flexible.id) == flexible
