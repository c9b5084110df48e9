"""Seats from what was chosen: alternatives, pools in their turn, rooms; and who is offered in the lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.intervals import Interval
from bot.domain.invitation import DraftStep, SeatKind
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.domain.relaxations import Change
from bot.domain.rooms import Room
from bot.errors import FormError, NoSlotsError, TurnMovedError
from tests.cast import BEN, CHARLIE, DANA, GONE, NOW, PRIYA, ROBOT
from tests.world import ANNA, Stage

ATLAS, BOREALIS = ResourceId("room:atlas"), ResourceId("room:borealis")


def pool(stage: Stage, *members: Any, method: PoolMethod = PoolMethod.STRICT, **changes: Any) -> Pool:
    given: dict[str, Any] = {"name": "Sales", "kind": PoolKind.PEOPLE, "cycle": Cycle.CONTINUOUS}
    people = [ResourceId(getattr(member, "user_id", member)) for member in members]
    return stage.services.pools.create(DANA, **given | {"method": method, "members": people} | changes)


def rooms(stage: Stage) -> None:
    with stage.unit_of_work(write=True) as unit:
        for room_id, name, capacity in ((ATLAS, "Atlas", 6), (BOREALIS, "Borealis", 8)):
            address = f"{name.lower()}@rooms.northwind.example"
            unit.rooms.put(
                Room(room_id, DANA.workspace_id, name, address, ConnectionId(f"builtin-{DANA.user_id}"), capacity)
            )
        unit.commit()


def test_alternatives_stand_behind_their_member_in_order(stage: Stage) -> None:
    draft = stage.draft(members=[DANA.user_id], alternatives={DANA.user_id: [BEN.user_id, PRIYA.user_id]})
    [seat] = stage.services.seating.details(draft.workspace_id, draft.fields).seats
    assert seat.candidates == (DANA.user_id, BEN.user_id, PRIYA.user_id)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({f.ALTERNATIVES: {DANA.user_id: [PRIYA.user_id]}, f.MEMBERS: [DANA.user_id, PRIYA.user_id]}, f.MEMBERS),
        ({f.ALTERNATIVES: {DANA.user_id: [PRIYA.user_id]}, f.OPTIONAL_MEMBERS: [PRIYA.user_id]}, f.OPTIONAL_MEMBERS),
        ({f.ALTERNATIVES: {DANA.user_id: [ROBOT.user_id]}}, f.MEMBERS),
        ({f.MEMBERS: ["pool:gone"]}, f.MEMBERS),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(stage: Stage, fields: dict[str, Any], field: str) -> None:
    draft = stage.services.steps.submit(DANA, stage.services.drafts.begin(DANA, {**_ANNA}), DraftStep.PARTICIPANT, {})
    with pytest.raises(FormError) as refused:
        stage.services.steps.submit(DANA, draft, DraftStep.DETAILS, fields)
    assert list(refused.value.fields) == [field]


_ANNA = {f.PARTICIPANT_NAME: "Anna Ruiz", f.EMAIL: "anna@acme.com", f.SUBJECT: "Roadmap review"}


def test_a_pool_gives_its_next_in_line_and_a_second_pool_passes_over_them(stage: Stage) -> None:
    first = pool(stage, PRIYA, BEN)
    second = pool(stage, PRIYA, BEN, name="Support")
    draft = stage.draft(members=[f"pool:{first.id}", f"pool:{second.id}"])
    seats = stage.services.seating.details(draft.workspace_id, draft.fields).seats
    assert [seat.kind for seat in seats] == [SeatKind.PEOPLE_POOL] * 2
    assert {seat.candidates[0] for seat in seats} == {PRIYA.user_id, BEN.user_id}


def test_a_turn_that_has_moved_on_is_told_before_anything_is_sent_and_the_second_press_sends(stage: Stage) -> None:
    sales = pool(stage, PRIYA, BEN)
    mine = stage.draft(members=[f"pool:{sales.id}"])
    first = mine.fields[f.TURNS][sales.id]
    theirs = stage.invite(members=[f"pool:{sales.id}"])
    assert theirs.details.seats[0].candidates == (first,)
    with pytest.raises(TurnMovedError) as moved:
        stage.services.invitations.send(DANA, mine, {})
    assert moved.value.pool == "Sales"
    draft, report, turns = stage.services.steps.renew_turns(DANA, mine)
    assert report.count
    assert turns == {"Sales": moved.value.person}
    assert draft.fields[f.TURNS] != mine.fields[f.TURNS]
    sent = stage.services.invitations.send(DANA, draft, {})
    assert sent.details.seats[0].candidates == (moved.value.resource_id,)


def test_everybody_whose_turn_has_come_meanwhile_is_named_before_the_second_press(stage: Stage) -> None:
    """With both pools moved on, one person alone was named, and the other was invited unseen."""
    stage.connect(CHARLIE)
    sales, support = pool(stage, PRIYA, BEN), pool(stage, CHARLIE, DANA, name="Support")
    pools = [f"pool:{sales.id}", f"pool:{support.id}"]
    mine = stage.draft(members=pools)
    stage.invite(members=pools)
    draft, _, turns = stage.services.steps.renew_turns(DANA, mine)
    assert turns == {"Sales": BEN.name, "Support": DANA.name}
    stage.invite(members=pools[:1])
    draft, _, turns = stage.services.steps.renew_turns(DANA, draft)
    assert turns == {"Sales": PRIYA.name}
    _, _, turns = stage.services.steps.renew_turns(DANA, draft)
    assert turns == {"Sales": PRIYA.name, "Support": DANA.name}, "nobody else is next: all who will be invited"


def test_a_person_chosen_by_hand_stays_whatever_the_turn(stage: Stage) -> None:
    sales = pool(stage, PRIYA, BEN, method=PoolMethod.FLEXIBLE)
    line = stage.services.seating.roster(DANA.workspace_id, {f.MEMBERS: [f"pool:{sales.id}"]})
    assert line.notes[f"pool:{sales.id}"].startswith("next in line: ")
    assert line.changeable == {f"pool:{sales.id}"}
    draft = stage.draft(members=[f"pool:{sales.id}"], chosen={sales.id: BEN.user_id})
    stage.invite(members=[f"pool:{sales.id}"])
    stage.invite(members=[f"pool:{sales.id}"], chosen={sales.id: BEN.user_id})
    assert stage.services.invitations.send(DANA, draft, {}).details.seats[0].candidates == (BEN.user_id,)


def test_a_strict_pool_whose_next_has_no_time_is_refused_by_name_and_nobody_is_skipped(stage: Stage) -> None:
    sales = pool(stage, PRIYA, BEN)
    fields = {"members": [f"pool:{sales.id}"]}
    next_in_line = stage.draft(**fields).fields[f.TURNS][sales.id]
    person = {each.user_id: each for each in (PRIYA, BEN)}[next_in_line]
    draft = stage.draft(**fields)
    stage.calendar.busy[person.email] = (Interval(NOW, NOW + timedelta(days=400)),)
    with pytest.raises(NoSlotsError, match=person.name):
        stage.services.invitations.send(DANA, draft, {})


def test_any_room_of_the_size_is_offered_and_a_press_adds_them(stage: Stage) -> None:
    rooms(stage)
    draft = stage.services.drafts.save(stage.draft(), {f.ROOMS: [ATLAS]})
    own = stage.services.steps.relaxed(draft, Change.ANY_ROOM, ATLAS)
    assert own == {f.ALTERNATIVES: {ATLAS: [BOREALIS]}}
    smaller = stage.services.drafts.save(draft, {f.ROOMS: [BOREALIS]})
    assert stage.services.steps.relaxed(smaller, Change.ANY_ROOM, BOREALIS) == {f.ALTERNATIVES: {BOREALIS: []}}


def test_bots_and_deactivated_people_are_found_by_name_only(stage: Stage) -> None:
    seating = stage.services.seating
    unasked = {each.value for each in seating.people(DANA.workspace_id, "")}
    assert DANA.user_id in unasked
    assert not unasked & {ROBOT.user_id, GONE.user_id}
    assert [each.name for each in seating.people(DANA.workspace_id, "deploy")] == ["Deploybot"]


def test_lists_hold_rooms_and_pools_by_name(stage: Stage) -> None:
    rooms(stage)
    pool(stage, ATLAS, BOREALIS, name="Big rooms", kind=PoolKind.ROOMS, method=PoolMethod.POOLED)
    pool(stage, PRIYA)
    found, pools = stage.services.seating.rooms(DANA.workspace_id, "")
    assert [each.name for each in (*found, *pools)] == ["Atlas", "Borealis", "Big rooms"]
    people, pools = stage.services.seating.members(DANA.workspace_id, "sal")
    assert ([each.name for each in people], [each.name for each in pools]) == ([], ["Sales"])


def test_two_pools_are_shown_with_the_people_that_they_will_give(stage: Stage) -> None:
    first = pool(stage, PRIYA, BEN)
    second = pool(stage, PRIYA, BEN, name="Support", method=PoolMethod.FLEXIBLE)
    values = [f"pool:{first.id}", f"pool:{second.id}"]
    fields = {f.MEMBERS: values}
    notes = stage.services.seating.roster(DANA.workspace_id, fields).notes
    seats = stage.services.seating.details(DANA.workspace_id, stage.draft(members=values).fields).seats
    named = {PRIYA.user_id: PRIYA.name, BEN.user_id: BEN.name}
    assert [notes[value] for value in values] == [f"next in line: {named[seat.candidates[0]]}" for seat in seats]
    taken = {**fields, f.CHOSEN: {second.id: seats[0].candidates[0]}}
    note = stage.services.seating.roster(DANA.workspace_id, taken).notes[values[1]]
    assert note == "The person chosen from Support takes part already. Choose somebody else."


def test_of_a_pool_of_rooms_it_says_whichever(stage: Stage) -> None:
    rooms(stage)
    both = pool(stage, ATLAS, BOREALIS, name="Rooms", kind=PoolKind.ROOMS, method=PoolMethod.POOLED)
    value = f"pool:{both.id}"
    assert stage.services.seating.roster(DANA.workspace_id, {f.ROOMS: [value]}).notes == {
        value: "whichever is free, of 2"
    }


def test_a_meeting_tells_which_rooms_are_reserved_and_passes_over_the_forgotten(stage: Stage) -> None:
    rooms(stage)
    invitation = stage.invite()
    stage.book(invitation)
    with stage.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    assert stage.services.activity.meeting_item(meeting, invitation).rooms == ()
    held = replace(meeting, assigned=(*meeting.assigned, BOREALIS, ResourceId("room:gone"), ATLAS))
    assert stage.services.activity.meeting_item(held, invitation).rooms == ("Borealis", "Atlas")


def test_whoever_is_chosen_twice_is_named_at_the_field(stage: Stage) -> None:
    both = {f.MEMBERS: [DANA.user_id, PRIYA.user_id], f.ALTERNATIVES: {DANA.user_id: [PRIYA.user_id, BEN.user_id]}}
    with pytest.raises(FormError) as refused:
        stage.draft(**both)
    assert refused.value.fields == {
        f.MEMBERS: "Priya Raman is there twice, as an alternative too. Choose each person once."
    }
    optional = {f.MEMBERS: [DANA.user_id], f.OPTIONAL_MEMBERS: [DANA.user_id]}
    with pytest.raises(FormError) as refused:
        stage.draft(**optional)
    assert refused.value.fields == {f.OPTIONAL_MEMBERS: "Dana Fox is chosen above already. Choose each person once."}


def test_nobody_is_offered_to_change_whoever_is_the_only_one_left(stage: Stage) -> None:
    sales = pool(stage, PRIYA, BEN, method=PoolMethod.FLEXIBLE)
    value, seating = f"pool:{sales.id}", stage.services.seating
    assert seating.roster(DANA.workspace_id, {f.MEMBERS: [value]}).changeable == {value}
    beside_ben = {f.MEMBERS: [BEN.user_id, value]}
    assert seating.roster(DANA.workspace_id, beside_ben).changeable == frozenset()
    gone = {**beside_ben, f.CHOSEN: {sales.id: BEN.user_id}}
    assert seating.roster(DANA.workspace_id, gone).changeable == {value}, "the choice can be taken back"


def test_what_is_gone_is_named_as_what_it_was(stage: Stage) -> None:
    fields = {f.MEMBERS: ["pool:gone"], f.ROOMS: ["room:gone"]}
    roster = stage.services.seating.roster(DANA.workspace_id, fields)
    names = [roster.name(value) for value in ("pool:gone", "room:gone", "U0NOBODY")]
    assert names == ["A pool that is gone", "A room that is gone", "Somebody unknown"]


@pytest.mark.parametrize("fields", [{f.ROOMS: [ATLAS]}, {f.ROOMS: [BOREALIS], f.ALTERNATIVES: {BOREALIS: [ATLAS]}}])
def test_a_removed_room_is_refused_at_its_field(stage: Stage, fields: dict[str, Any]) -> None:
    rooms(stage)
    stage.services.rooms.remove(DANA, ATLAS)
    drafts = stage.services.drafts
    draft = stage.services.steps.submit(DANA, drafts.begin(DANA, {**ANNA, **fields}), DraftStep.PARTICIPANT, {})
    with pytest.raises(FormError, match="Atlas is not among the rooms any more") as refused:
        stage.services.steps.submit(DANA, draft, DraftStep.DETAILS, {})
    assert set(refused.value.fields) == {f.ROOMS}
