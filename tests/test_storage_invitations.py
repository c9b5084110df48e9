"""Invitations change by compare-and-set, are found by what people hold, and seen by whom they concern."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.ids import ChannelId, InvitationId, PoolId, TrackingId, new_link_token
from bot.domain.invitation import Invitation, InvitationStatus, MessageRef, Seat, SeatKind
from bot.domain.offers import following
from bot.domain.pools import Pool, PoolMethod
from bot.ports import UnitOfWorkFactory
from tests.pool_cast import ANA, DEV, RAJ, a_pool, members
from tests.storage_cast import ATLAS, BEN, DANA, DAY, GLOBEX, HOUR, MALLORY, NOON, NORTHWIND, PRIYA, an_invitation

ACTIVE, SCHEDULED, CANCELED = InvitationStatus.ACTIVE, InvitationStatus.SCHEDULED, InvitationStatus.CANCELED


def test_invitation_is_found_by_id_token_and_tracking_id(unit_of_work: UnitOfWorkFactory) -> None:
    invitation = an_invitation(PRIYA, BEN, ATLAS)
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        assert unit.invitations.get(invitation.id) == invitation
        assert unit.invitations.by_token(invitation.token) == invitation
        assert unit.invitations.by_tracking_id(NORTHWIND, invitation.tracking_id) == invitation


def test_unknown_names_find_nothing(unit_of_work: UnitOfWorkFactory) -> None:
    invitation = an_invitation()
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        assert unit.invitations.get(InvitationId("unknown")) is None
        assert unit.invitations.by_token(new_link_token()) is None
        assert unit.invitations.by_token("") is None
        assert unit.invitations.by_tracking_id(GLOBEX, invitation.tracking_id) is None


def test_status_leaves_a_state_once(unit_of_work: UnitOfWorkFactory) -> None:
    invitation = an_invitation()
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        assert unit.invitations.transition(invitation.id, ACTIVE, SCHEDULED)
        assert not unit.invitations.transition(invitation.id, ACTIVE, CANCELED)
        assert unit.invitations.get(invitation.id) == dataclasses.replace(invitation, status=SCHEDULED)


def test_booking_by_an_older_reading_is_refused(unit_of_work: UnitOfWorkFactory) -> None:
    invitation = an_invitation()
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        assert unit.invitations.reseat(invitation)
        assert not unit.invitations.book(invitation)
        fresh = unit.invitations.get(invitation.id)
        assert fresh is not None
        assert fresh.status is ACTIVE
        assert unit.invitations.book(fresh)
        assert not unit.invitations.book(fresh), "it is booked once"
        assert unit.invitations.get(invitation.id) == dataclasses.replace(fresh, status=SCHEDULED)


def test_first_times_are_kept(unit_of_work: UnitOfWorkFactory) -> None:
    invitation = an_invitation()
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        unit.invitations.mark_sent(invitation.id, NOON)
        unit.invitations.mark_sent(invitation.id, NOON + DAY)
        assert unit.invitations.mark_opened(invitation.id, NOON + HOUR)
        assert not unit.invitations.mark_opened(invitation.id, NOON + DAY)
        assert unit.invitations.get(invitation.id) == dataclasses.replace(
            invitation, sent_at=NOON, opened_at=NOON + HOUR
        )


def test_bounce_and_card_are_noted(unit_of_work: UnitOfWorkFactory) -> None:
    invitation, card = an_invitation(), MessageRef(ChannelId("D0DANA"), "1.2")
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        unit.invitations.mark_bounced(invitation.id, "no such mailbox")
        unit.invitations.set_card(invitation.id, card)
        assert unit.invitations.get(invitation.id) == dataclasses.replace(
            invitation, bounced_reason="no such mailbox", card=card
        )


@pytest.mark.parametrize("same", ["token", "tracking_id", "id"])
def test_names_are_unique(unit_of_work: UnitOfWorkFactory, same: str) -> None:
    invitation = an_invitation()
    twin = an_invitation(**{same: getattr(invitation, same)})
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        with pytest.raises(IntegrityError):
            unit.invitations.add(twin)


def test_tracking_ids_are_a_workspaces_own(unit_of_work: UnitOfWorkFactory) -> None:
    ours = an_invitation(tracking_id=TrackingId("K7D2M9QX"))
    theirs = an_invitation(tracking_id=TrackingId("K7D2M9QX"), workspace_id=GLOBEX)
    with unit_of_work(write=True) as unit:
        unit.invitations.add(ours)
        unit.invitations.add(theirs)
        assert unit.invitations.by_tracking_id(GLOBEX, "K7D2M9QX") == theirs


def test_addresses_are_compared_without_case(unit_of_work: UnitOfWorkFactory) -> None:
    older = an_invitation(email="Anna.Straße@acme.example")
    newer = an_invitation(email="anna.strasse@ACME.example", created_at=NOON + HOUR)
    gone = an_invitation(email="anna.strasse@acme.example", status=CANCELED)
    other = an_invitation(email="bob@acme.example")
    elsewhere = an_invitation(email="anna.strasse@acme.example", workspace_id=GLOBEX)
    with unit_of_work(write=True) as unit:
        for invitation in (older, newer, gone, other, elsewhere):
            unit.invitations.add(invitation)
        found = unit.invitations.active_for(NORTHWIND, "ANNA.STRASSE@acme.example", visible_to=None)
        assert list(found) == [newer, older]
        assert not unit.invitations.active_for(NORTHWIND, "ANNA.STRASSE@acme.example", visible_to=MALLORY)
        assert len(unit.invitations.active_for(NORTHWIND, "anna.strasse@acme.example", visible_to=DANA)) == 2


def test_expiry_is_due_from_its_instant_on(unit_of_work: UnitOfWorkFactory) -> None:
    now, sooner, later = (an_invitation(expires_at=NOON + hours * HOUR) for hours in (0, -1, 1))
    with unit_of_work(write=True) as unit:
        for invitation in (now, sooner, later, an_invitation(expires_at=NOON - DAY, status=SCHEDULED)):
            unit.invitations.add(invitation)
        assert list(unit.invitations.due_to_expire(NOON, 10)) == [sooner, now]
        assert list(unit.invitations.due_to_expire(NOON, 1)) == [sooner]


def test_members_see_what_they_created_or_may_be_assigned_to(unit_of_work: UnitOfWorkFactory) -> None:
    by_dana = an_invitation(PRIYA, ATLAS)
    by_ben = an_invitation(DANA, inviter_id=BEN, created_at=NOON + HOUR)
    by_herself = an_invitation(PRIYA, inviter_id=PRIYA, created_at=NOON + 2 * HOUR)
    elsewhere = an_invitation(PRIYA, workspace_id=GLOBEX)
    with unit_of_work(write=True) as unit:
        for invitation in (by_dana, by_ben, by_herself, elsewhere):
            unit.invitations.add(invitation)
        seen = {
            viewer: list(unit.invitations.page(NORTHWIND, visible_to=viewer, statuses=[ACTIVE], offset=0, limit=10)[0])
            for viewer in (None, DANA, PRIYA, BEN, MALLORY, ATLAS)
        }
    assert seen == {
        None: [by_herself, by_ben, by_dana],
        DANA: [by_ben, by_dana],
        PRIYA: [by_herself, by_dana],
        BEN: [by_ben],
        MALLORY: [],
        ATLAS: [],
    }


def test_pages_are_newest_first_and_count_all(unit_of_work: UnitOfWorkFactory) -> None:
    invitations = [an_invitation(created_at=NOON + hours * HOUR) for hours in range(5)]
    done = an_invitation(status=SCHEDULED)
    with unit_of_work(write=True) as unit:
        for invitation in (*invitations, done):
            unit.invitations.add(invitation)
        page, total = unit.invitations.page(NORTHWIND, visible_to=DANA, statuses=[ACTIVE], offset=2, limit=2)
        assert (list(page), total) == ([invitations[2], invitations[1]], 5)
        page, total = unit.invitations.page(NORTHWIND, visible_to=None, statuses=[ACTIVE, SCHEDULED], offset=9, limit=2)
        assert (list(page), total) == ([], 6)
        assert unit.invitations.page(NORTHWIND, visible_to=None, statuses=[], offset=0, limit=2) == ((), 0)


def pooled(pool: Pool, *others: str, **changes: Any) -> Invitation:
    """An Invitation that needs whoever is in the pool, and these people."""
    invitation = an_invitation(*others or (BEN,), **changes)
    seats = (Seat(SeatKind.PEOPLE_POOL, pool.active, pool.id), *invitation.details.seats)
    return dataclasses.replace(invitation, details=dataclasses.replace(invitation.details, seats=seats))


def test_those_who_wait_for_a_pool_are_found(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool(id=PoolId("50%_sales"))
    one, other = sorted((pooled(pool), pooled(pool)), key=lambda invitation: invitation.id)
    plain = an_invitation()
    mentions_it = dataclasses.replace(plain, details=dataclasses.replace(plain.details, description=pool.id))
    others = (
        mentions_it,
        pooled(a_pool(id=PoolId("50x_sales"))),
        pooled(pool, status=SCHEDULED),
        pooled(pool, workspace_id=GLOBEX),
    )
    with unit_of_work(write=True) as unit:
        for invitation in (other, one, *others):
            unit.invitations.add(invitation)
        assert list(unit.invitations.waiting_for(pool)) == [one, other]


def test_invitation_with_two_seats_of_a_pool_waits_for_it_once(unit_of_work: UnitOfWorkFactory) -> None:
    pool, other = a_pool(), a_pool(id=PoolId("support"))
    invitation = pooled(pool)
    seats = (*invitation.details.seats, *invitation.details.seats, Seat(SeatKind.PEOPLE_POOL, (BEN,), other.id))
    invitation = dataclasses.replace(invitation, details=dataclasses.replace(invitation.details, seats=seats))
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        assert [list(unit.invitations.waiting_for(one)) for one in (pool, other)] == [[invitation], [invitation]]


def test_other_seats_are_stored_with_who_may_see_it_while_active(unit_of_work: UnitOfWorkFactory) -> None:
    pool = a_pool(method=PoolMethod.POOLED, members=members(ANA, RAJ))
    invitation = pooled(pool, BEN)
    reseated = dataclasses.replace(
        invitation, details=following(invitation.details, dataclasses.replace(pool, members=members(RAJ, DEV)))
    )
    nobody = dataclasses.replace(invitation, details=dataclasses.replace(invitation.details, seats=()))
    with unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        assert unit.invitations.reseat(reseated)
        reseated = dataclasses.replace(reseated, revision=1)
        assert unit.invitations.get(invitation.id) == reseated
        seen = {
            viewer: unit.invitations.page(NORTHWIND, visible_to=viewer, statuses=[ACTIVE], offset=0, limit=1)[1]
            for viewer in (ANA.user_id, RAJ.user_id, DEV.user_id, BEN)
        }
        assert seen == {ANA.user_id: 0, RAJ.user_id: 1, DEV.user_id: 1, BEN: 1}
        assert unit.invitations.transition(invitation.id, ACTIVE, SCHEDULED)
        assert not unit.invitations.reseat(nobody)
        assert unit.invitations.get(invitation.id) == dataclasses.replace(reseated, status=SCHEDULED)
        _, total = unit.invitations.page(NORTHWIND, visible_to=RAJ.user_id, statuses=[SCHEDULED], offset=0, limit=1)
        assert total == 1
