"""The promise "no double booking", tried with meetings that move: no two claims overlap, and no claim is lost.

Customers move through the service at once, as threads of one process and of several, on both databases: two moves of
one meeting, moves of neighbours, a move against a cancellation, and a move against a booking of the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations

import pytest

from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import MeetingStatus
from bot.errors import SlotTakenError, StaleStateError
from storage.database import Database
from tests.cast import BEN, DANA, NOW, PRIYA, WORKSPACE
from tests.databases import KEYS
from tests.race import race
from tests.test_services_booking import FIRST
from tests.world import Stage

FIELDS = [pytest.param(1, 24, id="24 threads"), pytest.param(4, 6, id="4 processes")]
ROUNDS = 4
MOVED, STALE, TAKEN, CANCELED, BOOKED = "moved", "stale", "taken", "cancelled", "booked"
QUARTER = timedelta(minutes=15)


@cache
def stage_of(database: Database) -> Stage:
    """One per process, as a web process has it."""
    return Stage(database.unit_of_work)


@cache
def pairs(database: Database) -> tuple[tuple[Invitation, Invitation], ...]:
    """Of each round, the Invitation that is booked, and its neighbour."""
    with database.unit_of_work() as unit:
        sent, _ = unit.invitations.page(
            WORKSPACE, visible_to=None, statuses=tuple(InvitationStatus), offset=0, limit=100
        )
    by_email = sorted(sent, key=lambda invitation: invitation.participant.email)
    return tuple(zip(by_email[::2], by_email[1::2], strict=True))


def at(round_number: int) -> datetime:
    return FIRST + timedelta(days=round_number)


def attempt(action: Callable[[], object], outcome: str) -> str:
    try:
        action()
    except StaleStateError:
        return STALE
    except SlotTakenError:
        return TAKEN
    return outcome


def move(database: Database, invitation: Invitation, was: datetime, start: datetime) -> str:
    services = stage_of(database).services
    nonce = services.booking.nonce(invitation.token)
    return attempt(lambda: services.customer_moves.move(invitation.token, start, was, nonce, "", None), MOVED)


def cancel(database: Database, invitation: Invitation) -> str:
    booking = stage_of(database).services.booking
    return attempt(lambda: booking.cancel(invitation.token, booking.nonce(invitation.token), ""), CANCELED)


def book(database: Database, invitation: Invitation, start: datetime) -> str:
    booking = stage_of(database).services.booking
    return attempt(lambda: booking.confirm(invitation.token, start, booking.nonce(invitation.token), None), BOOKED)


def move_somewhere(database: Database, number: int, contestant: int) -> str:
    """All from the same start: to the next quarter of an hour, or to one further on."""
    first, _ = pairs(database)[number]
    return move(database, first, at(number), at(number) + (1 + contestant % 3) * QUARTER)


def move_or_cancel(database: Database, number: int, contestant: int) -> str:
    first, _ = pairs(database)[number]
    if contestant % 2:
        return cancel(database, first)
    return move(database, first, at(number), at(number) + QUARTER)


def move_or_book(database: Database, number: int, contestant: int) -> str:
    """The booked one moves by a quarter, into the time at which its neighbour is just being booked."""
    first, other = pairs(database)[number]
    if contestant % 2:
        return book(database, other, at(number) + 2 * QUARTER)
    return move(database, first, at(number), at(number) + QUARTER)


def swap(database: Database, number: int, contestant: int) -> str:
    """Two neighbours, each into the other's time."""
    first, other = pairs(database)[number]
    here, there = at(number), at(number) + 2 * QUARTER
    return move(database, other, there, here) if contestant % 2 else move(database, first, here, there)


def prepare(database: Database, *, both: bool = False) -> None:
    """A pair of Invitations a round that share Ben; the first is booked, or both."""
    stage = Stage(database.unit_of_work)
    stage.connect()
    for number in range(ROUNDS):
        fields = {"spacing": "15", "working_hours": False}
        first = stage.invite(email=f"customer{number}a@acme.com", members=[DANA.user_id, BEN.user_id], **fields)
        other = stage.invite(email=f"customer{number}b@acme.com", members=[BEN.user_id, PRIYA.user_id], **fields)
        stage.book(first, at(number))
        if both:
            stage.book(other, at(number) + 2 * QUARTER)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_meeting_is_moved_once_from_one_time(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    prepare(database)
    outcomes = race(database_url, KEYS, move_somewhere, processes=processes, threads=threads, rounds=ROUNDS)
    assert [outcome[MOVED] for outcome in outcomes] == [1] * ROUNDS
    assert_claims_are_those_of_meetings(database)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_cancelled_meeting_claims_nothing_whoever_was_faster(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    prepare(database)
    outcomes = race(database_url, KEYS, move_or_cancel, processes=processes, threads=threads, rounds=ROUNDS)
    assert [outcome[CANCELED] for outcome in outcomes] == [1] * ROUNDS
    assert all(outcome[MOVED] <= 1 for outcome in outcomes)
    assert_claims_are_those_of_meetings(database)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_move_and_booking_of_the_same_time_make_one_of_the_two(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    prepare(database)
    outcomes = race(database_url, KEYS, move_or_book, processes=processes, threads=threads, rounds=ROUNDS)
    assert [outcome[MOVED] + outcome[BOOKED] for outcome in outcomes] == [1] * ROUNDS
    assert_claims_are_those_of_meetings(database)


def test_neighbours_do_not_meet_when_they_swap(database: Database, database_url: str) -> None:
    prepare(database, both=True)
    race(database_url, KEYS, swap, processes=4, threads=6, rounds=ROUNDS)
    assert_claims_are_those_of_meetings(database)


def assert_claims_are_those_of_meetings(database: Database) -> None:
    """Every live Meeting claims its people at its time, nobody claims anything else, and nothing overlaps."""
    people = [person.resource_id for person in (DANA, BEN, PRIYA)]
    with database.unit_of_work() as unit:
        claimed = unit.claims.busy(WORKSPACE, people, Interval(NOW, NOW + timedelta(days=60)))
        found, _ = unit.meetings.page(WORKSPACE, visible_to=None, statuses=tuple(MeetingStatus), offset=0, limit=100)
        expected = Counter(
            (who, meeting.footprint(invitation.rules))
            for meeting, invitation in found
            if meeting.is_live
            for who in meeting.assigned
        )
    assert Counter((who, footprint) for who, footprints in claimed.items() for footprint in footprints) == expected
    for footprints in claimed.values():
        assert not any(one.overlaps(other) for one, other in combinations(footprints, 2))
