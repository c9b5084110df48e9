"""A User picks the time: every slot, what stands against the taken ones, and a Meeting at once or nothing."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.activity import MeetingItem
from bot.domain.calendar import Connection
from bot.domain.ids import InvitationId
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft, DraftStep, InvitationStatus
from bot.domain.meeting import MeetingStatus
from bot.domain.on_behalf import Offer, OfferPage
from bot.domain.people import Person
from bot.domain.pools import Pool, PoolMethod
from bot.domain.wizard import instant_text
from bot.errors import CalendarUnreadableError, FormError, NotFoundError, SlotTakenError
from bot.ports import UnitOfWorkFactory
from tests.cast import BEN, DANA, PRIYA, SALES
from tests.fakes import FakeCalendar
from tests.pool_cast import create, ids
from tests.world import ANNA, Stage, threads

NINE = datetime(2026, 11, 30, 14, tzinfo=UTC)
"""09:00 in New York on the day of the tests; 14:00 in London."""
HALF = timedelta(minutes=30)


def begun(stage: Stage, person: Person = DANA, **fields: Any) -> Draft:
    """A draft at the page of slots."""
    drafts = stage.services.drafts
    draft = drafts.begin(person, {**ANNA, f.MODE: "on_behalf", **fields})
    for step in (DraftStep.PARTICIPANT, DraftStep.DETAILS):
        draft = stage.services.steps.submit(person, draft, step, {})
    assert draft.step is DraftStep.SLOT
    return draft


def picked(stage: Stage, draft: Draft, start: datetime = NINE, *, over: bool = False) -> Draft:
    fields = stage.services.on_behalf.pick(draft, instant_text(start), over=over)
    return stage.services.drafts.save(draft, fields, step=DraftStep.CONFIRMATION)


def scheduled(stage: Stage, draft: Draft, person: Person = DANA, **fields: Any) -> MeetingItem:
    return stage.services.on_behalf.schedule(person, draft, fields)


def sales(stage: Stage, method: PoolMethod, *people: Person) -> Pool:
    return create(stage, method=method, members=ids(people))


def page(stage: Stage, draft: Draft, person: Person = DANA, **fields: Any) -> OfferPage:
    return stage.services.on_behalf.page(person, replace(draft, fields={**draft.fields, **fields}))


def offer_at(of: OfferPage, start: datetime) -> Offer | None:
    return next((offer for _, offers in of.days for offer in offers if offer.start == start), None)


def busy(start: datetime, hours: float = 1) -> tuple[Interval, ...]:
    return (Interval(start, start + timedelta(hours=hours)),)


def nothing_happened(stage: Stage, draft: Draft) -> bool:
    """The draft is there, and nothing else."""
    assert stage.services.drafts.find(draft.workspace_id, draft.owner_id, draft.id)
    return stage.deliver() == []


def test_all_slots_of_thirty_days_within_everybodys_working_hours(stage: Stage) -> None:
    draft = begun(stage, members=[DANA.user_id, PRIYA.user_id])
    first = page(stage, draft)
    assert first.free == 22 * 6, "22 weekdays, on which New York's morning is London's afternoon"
    assert (len(first.days), first.pages) == (5, 5)
    assert first.days[0][1][0] == Offer(NINE)
    assert page(stage, draft, slot_page=99).number == 4


def test_now_is_soon_enough_but_the_past_is_not_offered(stage: Stage) -> None:
    stage.clock.now = NINE + timedelta(minutes=1)
    assert page(stage, begun(stage)).days[0][1][0].start == NINE + HALF


def test_the_meeting_is_made_at_once(stage: Stage) -> None:
    draft = picked(stage, begun(stage, members=[DANA.user_id, PRIYA.user_id]))
    item = scheduled(stage, draft, channel=SALES, confirmation="As we said.")
    assert (item.meeting.start, item.meeting.status) == (NINE, MeetingStatus.SCHEDULED)
    assert item.meeting.assigned == (DANA.resource_id, PRIYA.resource_id)
    with stage.unit_of_work() as unit:
        stored = unit.invitations.get(item.invitation.id)
        claimed = unit.claims.busy(DANA.workspace_id, [PRIYA.resource_id], Interval(NINE, NINE + HALF))
    assert stored is not None
    assert (stored.status, stored.letter.on_behalf) == (InvitationStatus.SCHEDULED, True)
    assert claimed[PRIYA.resource_id]
    stage.deliver()
    assert {(account, event.start) for (account, _), event in stage.calendar.events.items()} == {
        (DANA.email, NINE),
        (PRIYA.email, NINE),
    }
    [mail] = stage.mailer.sent
    assert mail["To"] == "Anna Ruiz <anna@acme.com>"
    assert "As we said." in str(mail.get_body(("plain",)))
    assert {line[1:3] for line in stage.notifier.told if line[0] == "news"} == {
        (DANA.user_id, "booked"),
        (PRIYA.user_id, "booked"),
    }
    assert ("channel", SALES, "booked") in stage.notifier.told


def test_without_confirmation_the_customer_gets_no_email(stage: Stage) -> None:
    scheduled(stage, picked(stage, begun(stage)), confirms=False)
    stage.deliver()
    assert stage.mailer.sent == []


def test_pressed_twice_it_is_one_meeting(stage: Stage) -> None:
    draft = picked(stage, begun(stage))
    scheduled(stage, draft)
    with pytest.raises((NotFoundError, SlotTakenError)):
        scheduled(stage, draft)


def test_ones_own_events_have_titles_and_others_do_not(stage: Stage) -> None:
    stage.calendar.busy[DANA.email] = busy(NINE)
    stage.calendar.busy[PRIYA.email] = busy(NINE)
    draft = begun(stage, members=[DANA.user_id, PRIYA.user_id])
    assert offer_at(page(stage, draft), NINE) is None
    taken = offer_at(page(stage, draft, shows_taken=True), NINE)
    assert taken == Offer(NINE, ("Dana Fox: busy", "Priya Raman: busy"), may_be_booked=True)


class Titled(FakeCalendar):
    """Dana's own events have titles, and Priya's for whom she shows them."""

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> list[tuple[Interval, str]]:
        return [(at, "Dentist") for at in self.busy.get(connection.account, ())]

    def titles_of(
        self, reader: Connection, address: str, window: Interval, *, timeout_s: float
    ) -> list[tuple[Interval, str]]:
        return [(at, "Interview") for at in self.busy.get(address, ())] if address in self.shared else []


def test_titles_are_shown_to_whom_the_calendar_shows_them(unit_of_work: UnitOfWorkFactory) -> None:
    stage = Stage(unit_of_work, calendar=(calendar := Titled()))
    stage.connect()
    calendar.busy = {person.email: busy(NINE) for person in (DANA, PRIYA)}
    draft = begun(stage, members=[DANA.user_id, PRIYA.user_id])
    taken = offer_at(page(stage, draft, shows_taken=True), NINE)
    assert taken == Offer(NINE, ("Dana Fox: Dentist", "Priya Raman: busy"), may_be_booked=True)
    calendar.shared = {PRIYA.email}
    taken = offer_at(page(stage, draft, shows_taken=True), NINE)
    assert taken == Offer(NINE, ("Dana Fox: Dentist", "Priya Raman: Interview"), may_be_booked=True)


def test_a_busy_calendar_is_booked_over_only_when_accepted(stage: Stage) -> None:
    stage.calendar.busy[DANA.email] = busy(NINE)
    draft = begun(stage)
    with pytest.raises(SlotTakenError):
        stage.services.on_behalf.pick(draft, instant_text(NINE), over=False)
    assert scheduled(stage, picked(stage, draft, over=True)).meeting.start == NINE


def test_a_free_time_is_never_made_a_conflict_by_how_people_are_seated(stage: Stage) -> None:
    pool = sales(stage, PoolMethod.POOLED, BEN, PRIYA)
    stage.calendar.busy[DANA.email] = busy(NINE)
    members = {f.MEMBERS: [f"pool:{pool.id}", DANA.user_id], f.ALTERNATIVES: {DANA.user_id: [BEN.user_id]}}
    draft = begun(stage, **members)
    assert offer_at(page(stage, draft), NINE) == Offer(NINE)
    # Ben is first in line of the pool, and yet the only one who can take Dana's place.
    assert scheduled(stage, picked(stage, draft)).meeting.assigned == (PRIYA.resource_id, BEN.resource_id)


def test_whoever_is_set_inactive_while_calendars_are_read_is_not_assigned(stage: Stage) -> None:
    pool = sales(stage, PoolMethod.POOLED, BEN, PRIYA)
    draft = picked(stage, begun(stage, members=[f"pool:{pool.id}"]))
    stage.clock.advance(timedelta(minutes=5))
    resting = iter([BEN])
    stage.calendar.before_answer = lambda: [
        stage.services.pools.set_active(DANA, pool.id, person.resource_id, False) for person in resting
    ]
    assert scheduled(stage, draft).meeting.assigned == (PRIYA.resource_id,)


def test_whoever_became_busy_in_the_meantime_is_not_booked_over(stage: Stage) -> None:
    stage.calendar.busy[DANA.email] = busy(NINE)
    draft = picked(stage, begun(stage, members=[DANA.user_id, PRIYA.user_id]), over=True)
    stage.calendar.busy[PRIYA.email] = busy(NINE)
    with pytest.raises(SlotTakenError, match="Priya Raman became busy"):
        scheduled(stage, draft)
    assert nothing_happened(stage, draft)


def test_another_meetings_claim_is_never_booked_over(stage: Stage) -> None:
    scheduled(stage, picked(stage, begun(stage)))
    draft = begun(stage, PRIYA, members=[DANA.user_id])
    taken = offer_at(page(stage, draft, PRIYA, shows_taken=True), NINE)
    assert taken == Offer(NINE, ("Dana Fox: another meeting made here",), may_be_booked=False)
    with pytest.raises(SlotTakenError):
        stage.services.on_behalf.pick(draft, instant_text(NINE), over=True)


def test_a_claim_made_after_picking_is_not_booked_over_either(stage: Stage) -> None:
    draft = picked(stage, begun(stage))
    stage.book(stage.invite(PRIYA, members=[DANA.user_id]), NINE + timedelta(hours=2))
    late = picked(stage, begun(stage, PRIYA, members=[DANA.user_id]))
    scheduled(stage, draft)
    with pytest.raises(SlotTakenError):
        scheduled(stage, replace(late, fields={**late.fields, f.ACCEPTED: [DANA.user_id]}), PRIYA)
    assert stage.services.drafts.find(late.workspace_id, late.owner_id, late.id)


def test_an_unreadable_calendar_is_named_and_cannot_be_booked_over(stage: Stage) -> None:
    draft = picked(stage, begun(stage, members=[DANA.user_id, PRIYA.user_id]))
    stage.calendar.unreadable[PRIYA.email] = "down"
    with pytest.raises(CalendarUnreadableError, match="Priya Raman"):
        scheduled(stage, draft)
    assert nothing_happened(stage, draft)
    shown = page(stage, draft, shows_taken=True)
    assert (shown.days, shown.free, shown.unreadable) == ((), 0, ("Priya Raman",))


def test_nonsense_instead_of_a_slot_is_refused(stage: Stage) -> None:
    draft = begun(stage)
    for nonsense in ("", "soon", instant_text(NINE + timedelta(minutes=7)), instant_text(NINE - timedelta(days=400))):
        with pytest.raises(SlotTakenError):
            stage.services.on_behalf.pick(draft, nonsense, over=True)


def test_a_channel_without_the_app_is_refused_at_its_field(stage: Stage) -> None:
    draft = picked(stage, begun(stage))
    with pytest.raises(FormError) as refused:
        scheduled(stage, draft, channel="C0ELSEWHERE")
    assert set(refused.value.fields) == {"channel"}
    assert nothing_happened(stage, draft)


def test_a_turn_counts_when_booked_and_whoever_is_late_sees_the_next_in_line(stage: Stage) -> None:
    pool = sales(stage, PoolMethod.STRICT, PRIYA, BEN)
    members = [f"pool:{pool.id}"]
    one, other = (picked(stage, begun(stage, members=members), NINE) for _ in range(2))
    assert scheduled(stage, one).meeting.assigned == (PRIYA.resource_id,)
    received = {
        line.resource_id: line.received for line in stage.services.pools.ledger(DANA.workspace_id, pool.id).standings
    }
    assert received == {PRIYA.resource_id: 1, BEN.resource_id: 0}
    with pytest.raises(SlotTakenError, match="next in line"):
        scheduled(stage, other)
    assert scheduled(stage, picked(stage, other)).meeting.assigned == (BEN.resource_id,)


def test_of_many_who_press_at_once_one_gets_the_time(stage: Stage) -> None:
    drafts = [picked(stage, begun(stage)) for _ in range(6)]
    with threads(6) as pool:
        pressed: list[Future[MeetingItem]] = [pool.submit(scheduled, stage, draft) for draft in drafts]
    refusals = [future.exception() for future in pressed]
    assert refusals.count(None) == 1
    assert all(isinstance(refusal, SlotTakenError) for refusal in refusals if refusal)


def test_the_customers_link_leads_to_the_meeting(stage: Stage) -> None:
    item = scheduled(stage, picked(stage, begun(stage)))
    with stage.unit_of_work() as unit:
        stored = unit.invitations.get(InvitationId(item.invitation.id))
    assert stored is not None
    assert stage.services.booking.look(stored.token).situation == "booked"
