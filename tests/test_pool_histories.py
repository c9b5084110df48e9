"""Pools against a plain model, over random histories: send, book, cancel, expire, reassign, no-show and back, join,
leave, cycle end.

The model keeps every turn that was ever given, and counts them all again each time with exact fractions.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from bot.domain.booking import Situation
from bot.domain.ids import InvitationId, MeetingId, ResourceId, UserId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.errors import NotFoundError, NotFreeError, StaleStateError
from tests.cast import DANA, NOW
from tests.pool_cast import ANA, DEV, EVE, RAJ, ids, send
from tests.world import Stage

FAY = dataclasses.replace(EVE, user_id=UserId("U0FAY"), name="Fay", email="fay@northwind.example")
EVERYBODY = (ANA, RAJ, DEV, EVE, FAY)
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class ModelTurn:
    member: ResourceId
    at: datetime
    removed: bool = False


@dataclass
class ModelMember:
    joined_at: datetime
    active: bool = True
    head_start: Fraction = Fraction(0)
    head_start_at: datetime = NEVER


@dataclass
class Model:
    """What product.md says of round robins, as plainly as it can be said."""

    cycle: Cycle
    compensates: bool
    members: dict[ResourceId, ModelMember] = field(default_factory=dict)
    turns: dict[InvitationId, list[ModelTurn]] = field(default_factory=dict)
    """The last one of each Invitation is of whoever is in it now."""

    def in_cycle(self, at: datetime, now: datetime) -> bool:
        if self.cycle is Cycle.CONTINUOUS:
            return at > NEVER
        months = 1 if self.cycle is Cycle.MONTHLY else 3
        return (at.year, (at.month - 1) // months) == (now.year, (now.month - 1) // months)

    def kept(self, who: ResourceId) -> Sequence[ModelTurn]:
        return [turn for turn in self.given(who) if not (turn.removed and self.compensates)]

    def given(self, who: ResourceId) -> Sequence[ModelTurn]:
        return [turn for turns in self.turns.values() for turn in turns if turn.member == who]

    def counted(self, who: ResourceId, now: datetime) -> Fraction:
        member = self.members[who]
        own = Fraction(sum(self.in_cycle(turn.at, now) for turn in self.kept(who)))
        return own + member.head_start if self.in_cycle(member.head_start_at, now) else own

    def average(self, now: datetime) -> Fraction:
        counts = [self.counted(who, now) for who, member in self.members.items() if member.active]
        return sum(counts, Fraction(0)) / len(counts) if counts else Fraction(0)

    def next(self, now: datetime) -> ResourceId | None:
        best: tuple[Fraction, datetime, datetime] | None = None
        found = None
        for who, member in self.members.items():
            key = (self.counted(who, now), max((t.at for t in self.kept(who)), default=NEVER), member.joined_at)
            if member.active and (best is None or key < best):
                best, found = key, who
        return found

    def level(self, who: ResourceId, now: datetime) -> None:
        """Begin at the average of the others."""
        member = self.members[who]
        member.active = False
        average = self.average(now)
        member.head_start, member.head_start_at = Fraction(0), NEVER
        member.head_start = average - self.counted(who, now)
        member.head_start_at, member.active = now, True


class Histories(RuleBasedStateMachine):
    """One pool, and everything that can happen to it. `stage` is set by the test."""

    stage: Stage

    @initialize(
        method=st.sampled_from([PoolMethod.STRICT, PoolMethod.FLEXIBLE]),
        cycle=st.sampled_from(Cycle),
        compensates=st.booleans(),
        size=st.integers(0, 4),
    )
    def found(self, method: PoolMethod, cycle: Cycle, compensates: bool, size: int) -> None:
        self.stage.clock.now = NOW
        self.pool: Pool = self.stage.services.pools.create(
            DANA,
            name="Sales",
            kind=PoolKind.PEOPLE,
            method=method,
            cycle=cycle,
            compensates=compensates,
            members=ids(EVERYBODY[:size]),
        )
        self.model = Model(cycle, compensates, {who: ModelMember(NOW) for who in ids(EVERYBODY[:size])})
        self.open: dict[InvitationId, Invitation] = {}
        self.booked: dict[InvitationId, MeetingId] = {}
        self.missed: dict[InvitationId, tuple[MeetingId, ModelTurn | None]] = {}
        """No-shows, with the turn that was given back for each."""

    @property
    def now(self) -> datetime:
        """Every happening has an instant of its own."""
        self.stage.clock.advance(timedelta(minutes=1))
        return self.stage.clock.now

    @rule(days=st.sampled_from([0, 1, 5, None]))
    def time_passes(self, days: int | None) -> None:
        """To the end of the month where no days are given."""
        later = self.stage.clock.now.replace(day=1) + timedelta(days=32)
        month_ends = later.replace(day=1, hour=0, minute=0)
        self.stage.clock.now = month_ends if days is None else self.stage.clock.now + timedelta(days=days)

    @rule(chosen=st.none() | st.sampled_from(ids(EVERYBODY)))
    def somebody_invites(self, chosen: ResourceId | None) -> None:
        now = self.now
        by_hand = self.pool.method is PoolMethod.FLEXIBLE and chosen in self.model.members and chosen
        expected = by_hand if by_hand and self.model.members[by_hand].active else self.model.next(now)
        try:
            seat = self.stage.services.pools.seat(
                self.pool.workspace_id, self.pool.id, chosen=expected if by_hand else None
            )
        except NotFoundError:
            assert expected is None
            return
        assert seat.candidates == (expected,)
        invitation = send(self.stage, seat)
        self.model.turns[invitation.id] = [ModelTurn(seat.candidates[0], now)]
        self.open[invitation.id] = invitation

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def customer_books(self, data: st.DataObject) -> None:
        invitation = self.open[data.draw(st.sampled_from(sorted(self.open)))]
        booking = self.stage.services.booking
        state = booking.look(invitation.token)
        if state.situation is Situation.OPEN:
            booking.confirm(invitation.token, state.starts[-1], booking.nonce(invitation.token), None)
            meeting = booking.look(invitation.token).meeting
            assert meeting is not None
            self.booked[invitation.id] = meeting.id
            del self.open[invitation.id]

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def inviter_withdraws(self, data: st.DataObject) -> None:
        invitation = self.open.pop(data.draw(st.sampled_from(sorted(self.open))))
        self.stage.services.invitations.cancel(DANA, invitation.id)
        self.give_back(invitation.id)

    @precondition(lambda self: self.open)
    @rule()
    def invitations_expire(self) -> None:
        now = max(self.now, min(invitation.expires_at for invitation in self.open.values()))
        self.stage.clock.now = now
        self.stage.services.followups.expire()
        for invitation in [one for one in self.open.values() if one.expires_at <= now]:
            self.give_back(invitation.id)
            del self.open[invitation.id]

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), by_customer=st.booleans())
    def meeting_is_cancelled(self, data: st.DataObject, by_customer: bool) -> None:
        invitation_id = data.draw(st.sampled_from(sorted(self.booked)))
        meeting_id = self.booked[invitation_id]
        with self.stage.unit_of_work() as unit:
            meeting, invitation = unit.meetings.get(meeting_id), unit.invitations.get(invitation_id)
        assert meeting is not None
        assert invitation is not None
        if not meeting.is_live or meeting.start <= self.now:
            return
        if by_customer:
            booking = self.stage.services.booking
            booking.cancel(invitation.token, booking.nonce(invitation.token), "")
        else:
            self.stage.services.meetings.cancel(DANA, meeting_id, "")
        self.give_back(invitation_id)
        del self.booked[invitation_id]

    @precondition(lambda self: self.booked)
    @rule(data=st.data(), came=st.sampled_from(ids(EVERYBODY)))
    def somebody_else_takes_the_place(self, data: st.DataObject, came: ResourceId) -> None:
        """A member of the pool receives a turn for it, resting or not; whoever gave up the place loses theirs."""
        invitation_id = data.draw(st.sampled_from(sorted(self.booked)))
        meeting_id, now = self.booked[invitation_id], self.now
        with self.stage.unit_of_work() as unit:
            meeting = unit.meetings.get(meeting_id)
        assert meeting is not None
        (out,) = meeting.assigned
        try:
            self.stage.services.reassigning.reassign(DANA, meeting_id, out, came)
        except (NotFreeError, StaleStateError):
            assert came == out or not meeting.is_live or meeting.start <= now or self.is_claimed(came, meeting)
            return
        self.give_back(invitation_id)
        if came in self.model.members:
            self.model.turns[invitation_id].append(ModelTurn(came, now))

    @precondition(lambda self: self.booked)
    @rule(data=st.data())
    def customer_does_not_show_up(self, data: st.DataObject) -> None:
        invitation_id = data.draw(st.sampled_from(sorted(self.booked)))
        meeting_id = self.booked[invitation_id]
        with self.stage.unit_of_work() as unit:
            meeting = unit.meetings.get(meeting_id)
        assert meeting is not None
        self.stage.clock.now = max(self.now, meeting.end)
        try:
            self.stage.services.no_shows.mark(DANA, meeting_id)
        except StaleStateError:
            assert self.stage.clock.now >= meeting.end + timedelta(days=14)
            return
        self.missed[invitation_id] = (self.booked.pop(invitation_id), self.give_back(invitation_id))

    @precondition(lambda self: self.missed)
    @rule(data=st.data())
    def customer_had_come_after_all(self, data: st.DataObject) -> None:
        invitation_id = data.draw(st.sampled_from(sorted(self.missed)))
        meeting_id, turn = self.missed[invitation_id]
        try:
            self.stage.services.no_shows.take_back(DANA, meeting_id)
        except StaleStateError:
            return
        del self.missed[invitation_id]
        self.booked[invitation_id] = meeting_id
        if turn:
            turn.removed = False

    def give_back(self, invitation_id: InvitationId) -> ModelTurn | None:
        """Whoever is in it has not received it; returns the turn that counted until now."""
        counted = [turn for turn in self.model.turns[invitation_id] if not turn.removed]
        for turn in counted:
            turn.removed = True
        return counted[-1] if counted else None

    def is_claimed(self, who: ResourceId, meeting: Meeting) -> bool:
        with self.stage.unit_of_work() as unit:
            window = Interval(meeting.start, meeting.end)
            return bool(unit.claims.busy(meeting.workspace_id, [who], window)[who])

    @rule()
    def meetings_complete(self) -> None:
        self.stage.services.followups.complete()

    @rule(who=st.sampled_from(ids(EVERYBODY)))
    def somebody_joins_or_leaves(self, who: ResourceId) -> None:
        now = self.now
        if who in self.model.members:
            self.stage.services.pools.remove_member(DANA, self.pool.id, who)
            del self.model.members[who]
        else:
            self.stage.services.pools.add_members(DANA, self.pool.id, [who])
            self.model.members[who] = ModelMember(now)
            self.model.level(who, now)

    @precondition(lambda self: self.model.members)
    @rule(data=st.data(), active=st.booleans())
    def somebody_rests_or_comes_back(self, data: st.DataObject, active: bool) -> None:
        now = self.now
        who = data.draw(st.sampled_from(sorted(self.model.members)))
        self.stage.services.pools.set_active(DANA, self.pool.id, who, active)
        member = self.model.members[who]
        if active and not member.active:
            self.model.level(who, now)
        member.active = active

    @rule(cycle=st.sampled_from(Cycle), compensates=st.booleans())
    def rules_change(self, cycle: Cycle, compensates: bool) -> None:
        self.stage.services.pools.set_rules(DANA, self.pool.id, cycle=cycle, compensates=compensates)
        self.model.cycle, self.model.compensates = cycle, compensates

    @invariant()
    def ledger_is_the_models(self) -> None:
        now = self.stage.clock.now
        ledger = self.stage.services.pools.ledger(self.pool.workspace_id, self.pool.id)
        assert [one.resource_id for one in ledger.standings] == list(self.model.members)
        for one in ledger.standings:
            own = [turn for turn in self.model.given(one.resource_id) if self.model.in_cycle(turn.at, now)]
            assert (one.received, one.removed) == (len(own), sum(turn.removed for turn in own))
            assert one.counted == pytest.approx(float(self.model.counted(one.resource_id, now)), abs=1e-6)
            assert one.member.active is self.model.members[one.resource_id].active
        assert ledger.average == pytest.approx(float(self.model.average(now)), abs=1e-6)
        assert (ledger.forecast(1) or (None,))[0] == self.model.next(now)

    @invariant()
    def forecast_is_what_would_happen(self) -> None:
        now = self.stage.clock.now
        future = dataclasses.replace(self.model, turns=dict(self.model.turns))
        forecast = self.stage.services.pools.ledger(self.pool.workspace_id, self.pool.id).forecast(4)
        for number, who in enumerate(forecast):
            assert who == future.next(now)
            future.turns[InvitationId(f"future-{number}")] = [ModelTurn(who, now + timedelta(microseconds=number))]

    def teardown(self) -> None:
        for invitation in self.open.values():
            self.stage.services.invitations.cancel(DANA, invitation.id)
        self.stage.services.pools.delete(DANA, self.pool.id)
        for meeting_id in self.booked.values():
            with self.stage.unit_of_work(write=True) as unit:
                unit.claims.release(meeting_id)
                unit.commit()


def test_any_history_gives_what_the_plain_model_gives(stage: Stage) -> None:
    for person in EVERYBODY:
        stage.directory.known[person.workspace_id, person.user_id] = person
    stage.connect(*EVERYBODY)
    run(
        type("HistoriesHere", (Histories,), {"stage": stage}),
        settings=settings(
            max_examples=30,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
