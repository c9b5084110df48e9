"""The promise "no double booking", tried from outside: customers confirm through the booking service at once.

100 contestants, as threads of one process and as 25 threads in each of 4 processes, on both databases; each
round is let go at the same moment, with a page and a nonce of its own per contestant.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cache
from itertools import combinations

import pytest

from bot.domain.delivery import DeliveryKind
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, InvitationStatus
from bot.errors import SlotTakenError, StaleStateError
from storage.database import Database
from tests.cast import BEN, DANA, NOW, PRIYA, WORKSPACE
from tests.databases import KEYS
from tests.race import race
from tests.test_services_booking import FIRST
from tests.world import Stage

FIELDS = [pytest.param(1, 100, id="100 threads"), pytest.param(4, 25, id="4 processes")]
ROUNDS = 5
BOOKED, CLOSED, TAKEN = "booked", "closed", "taken"


@cache
def stage_of(database: Database) -> Stage:
    """One per process, as a web process has it."""
    return Stage(database.unit_of_work)


def confirm(database: Database, round_number: int, side: int) -> str:
    stage = stage_of(database)
    invitation = invitations(database)[round_number][side]
    booking = stage.services.booking
    start = FIRST + timedelta(days=round_number, minutes=15 * side)
    try:
        booking.confirm(invitation.token, start, booking.nonce(invitation.token), None)
    except StaleStateError:
        return CLOSED
    except SlotTakenError:
        return TAKEN
    return BOOKED


def confirm_one(database: Database, round_number: int, _contestant: int) -> str:
    return confirm(database, round_number, 0)


def confirm_either(database: Database, round_number: int, contestant: int) -> str:
    """09:00 with Dana and Ben, or 09:15 with Ben and Priya, half an hour each."""
    return confirm(database, round_number, contestant % 2)


@cache
def invitations(database: Database) -> tuple[tuple[Invitation, ...], ...]:
    """The pairs of the rounds, as they were sent."""
    with database.unit_of_work() as unit:
        sent, _ = unit.invitations.page(
            WORKSPACE, visible_to=None, statuses=tuple(InvitationStatus), offset=0, limit=100
        )
    sent = sorted(sent, key=lambda invitation: invitation.participant.email)
    return tuple(zip(sent[::2], sent[1::2], strict=True))


def send_pairs(database: Database) -> None:
    """Two Invitations a round that share Ben."""
    stage = Stage(database.unit_of_work)
    stage.connect()
    for number in range(ROUNDS):
        stage.invite(email=f"customer{number}a@acme.com", members=[DANA.user_id, BEN.user_id], spacing="15")
        hours = {"working_hours": False}
        stage.invite(email=f"customer{number}b@acme.com", members=[BEN.user_id, PRIYA.user_id], spacing="15", **hours)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_hundred_confirmations_of_one_slot_make_one_meeting(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    send_pairs(database)
    outcomes = race(database_url, KEYS, confirm_one, processes=processes, threads=threads, rounds=ROUNDS)
    assert [outcome[BOOKED] for outcome in outcomes] == [1] * ROUNDS
    assert_nobody_is_in_two_places(database, meetings=ROUNDS)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_overlapping_slots_that_share_a_person_make_one_meeting(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    send_pairs(database)
    outcomes = race(database_url, KEYS, confirm_either, processes=processes, threads=threads, rounds=ROUNDS)
    assert [outcome[BOOKED] for outcome in outcomes] == [1] * ROUNDS
    assert all(outcome[TAKEN] for outcome in outcomes), "the other Invitation's customers are told to pick again"
    assert_nobody_is_in_two_places(database, meetings=ROUNDS)


def assert_nobody_is_in_two_places(database: Database, *, meetings: int) -> None:
    people = [person.resource_id for person in (DANA, BEN, PRIYA)]
    with database.unit_of_work() as unit:
        claimed = unit.claims.busy(WORKSPACE, people, Interval(NOW, NOW + timedelta(days=60)))
    for footprints in claimed.values():
        assert not any(one.overlaps(other) for one, other in combinations(footprints, 2))
    assert len(claimed[BEN.resource_id]) == meetings
    with database.unit_of_work(write=True) as unit:
        rows = unit.outbox.claim(NOW, "nobody", 10_000)
    confirmations = Counter(row.subject_id for row in rows if row.kind is DeliveryKind.MAIL_CONFIRMATION)
    assert list(confirmations.values()) == [1] * meetings, "one confirmation a Meeting"
