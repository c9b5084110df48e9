"""No double booking by reassigning either: two meetings want the same person while a customer books them, and while
one of the meetings is cancelled or given to somebody else. On both databases, from threads and from processes."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from itertools import combinations

import pytest

from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import Attendance, Meeting
from bot.domain.people import Person
from bot.errors import NotFreeError, SlotTakenError, StaleStateError
from storage.database import Database
from tests.cast import BEN, CHARLIE, DANA, NOW, PRIYA, WORKSPACE
from tests.databases import KEYS
from tests.race import race
from tests.test_services_booking import FIRST
from tests.world import Stage

FIELDS = [pytest.param(1, 20, id="20 threads"), pytest.param(4, 5, id="4 processes")]
ROUNDS = 3
DONE, REFUSED, CHANGED = "done", "refused", "changed"
PEOPLE = (DANA, PRIYA, BEN, CHARLIE)


@cache
def stage_of(database: Database) -> Stage:
    """One per process, as a web process has it."""
    return Stage(database.unit_of_work)


def start_of(round_number: int) -> datetime:
    return FIRST + timedelta(days=round_number)


def prepare(database: Database) -> None:
    """A round has a meeting with Dana and one with Priya at the same time, and an invitation to meet Ben then."""
    stage = Stage(database.unit_of_work)
    stage.connect(*PEOPLE)
    for number in range(ROUNDS):
        for who in (DANA, PRIYA, BEN):
            address = f"{number}-{who.name.split()[0].lower()}@acme.com"
            invitation = stage.invite(email=address, members=[who.user_id], working_hours=False)
            if who is not BEN:
                stage.book(invitation, start_of(number))


@cache
def invitations(database: Database) -> dict[str, Invitation]:
    """By the customer's address."""
    with database.unit_of_work() as unit:
        found, _ = unit.invitations.page(
            WORKSPACE, visible_to=None, statuses=tuple(InvitationStatus), offset=0, limit=100
        )
    return {invitation.participant.email: invitation for invitation in found}


def meeting_of(database: Database, address: str) -> Meeting | None:
    with database.unit_of_work() as unit:
        return unit.meetings.of_invitation(invitations(database)[address].id)


def take(database: Database, number: int, contestant: int) -> str:
    stage = stage_of(database)

    def reassign(address: str, out: Person, came: Person) -> None:
        meeting = meeting_of(database, f"{number}-{address}@acme.com")
        assert meeting is not None
        stage.services.reassigning.reassign(DANA, meeting.id, out.user_id, came.user_id)

    try:
        match contestant % 5:
            case 0:
                reassign("dana", DANA, BEN)
            case 1:
                reassign("priya", PRIYA, BEN)
            case 2:
                invitation = invitations(database)[f"{number}-ben@acme.com"]
                booking = stage.services.booking
                booking.confirm(invitation.token, start_of(number), booking.nonce(invitation.token), None)
            case 3:
                reassign("priya", PRIYA, CHARLIE)
            case _:
                meeting = meeting_of(database, f"{number}-dana@acme.com")
                assert meeting is not None
                stage.services.meetings.cancel(DANA, meeting.id, "")
    except (NotFreeError, SlotTakenError):
        return REFUSED
    except StaleStateError:
        return CHANGED
    return DONE


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_whoever_wants_the_same_person_gets_them_once_and_no_claim_is_lost(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    prepare(database)
    outcomes = race(database_url, KEYS, take, processes=processes, threads=threads, rounds=ROUNDS)
    assert all(outcome[DONE] and outcome[REFUSED] + outcome[CHANGED] for outcome in outcomes)
    for number in range(ROUNDS):
        taken = []
        for address in ("dana", "priya", "ben"):
            meeting = meeting_of(database, f"{number}-{address}@acme.com")
            if meeting is not None and meeting.is_live:
                taken += meeting.assigned
                assert_consistent(database, meeting)
        assert len(taken) == len(set(taken)), "nobody is in two places"
        assert claimed_at(database, number) == set(taken), "each live meeting's people, and nobody else's"


def assert_consistent(database: Database, meeting: Meeting) -> None:
    """Whoever is in it is listed as such, and whoever was replaced as removed."""
    with database.unit_of_work() as unit:
        attendance = unit.meetings.attendance(meeting.id)
    present = {user for user, status in attendance.items() if status is not Attendance.REMOVED}
    assert present == set(meeting.assigned_member_ids)
    assert meeting.sequence == len(attendance) - len(present), "one change for each who was replaced"


def claimed_at(database: Database, number: int) -> set[str]:
    day = Interval(start_of(number), start_of(number) + timedelta(minutes=30))
    resources = [person.resource_id for person in PEOPLE]
    with database.unit_of_work() as unit:
        claimed = unit.claims.busy(WORKSPACE, resources, Interval(NOW, NOW + timedelta(days=60)))
    for footprints in claimed.values():
        assert not any(one.overlaps(other) for one, other in combinations(footprints, 2))
    return {resource for resource, footprints in claimed.items() if any(day.overlaps(one) for one in footprints)}


def move_or_replace(database: Database, number: int, contestant: int) -> str:
    """One meeting: half want it an hour later, half want Charlie in Dana's place."""
    services, meeting = stage_of(database).services, meeting_of(database, f"{number}-dana@acme.com")
    assert meeting is not None
    try:
        if contestant % 2:
            services.moves.move(DANA, meeting.id, start_of(number) + timedelta(hours=1), start_of(number), "")
        else:
            services.reassigning.reassign(DANA, meeting.id, DANA.user_id, CHARLIE.user_id)
    except (NotFreeError, SlotTakenError, StaleStateError):
        return REFUSED
    return DONE


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_meeting_that_moves_while_somebody_is_replaced_claims_who_is_in_it_when_it_is(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    prepare(database)
    outcomes = race(database_url, KEYS, move_or_replace, processes=processes, threads=threads, rounds=ROUNDS)
    for number, outcome in enumerate(outcomes):
        address = f"{number}-dana@acme.com"
        meeting, invitation = meeting_of(database, address), invitations(database)[address]
        assert meeting is not None
        assert meeting.sequence == outcome[DONE], "every change that was reported was made"
        assert 1 <= outcome[DONE] <= 2, "neither is made twice"
        footprint = meeting.footprint(invitation.rules)
        people = [DANA.resource_id, CHARLIE.resource_id]
        day = Interval(start_of(number), start_of(number) + timedelta(hours=4))
        with database.unit_of_work() as unit:
            claimed = unit.claims.busy(WORKSPACE, people, day)
        assert claimed == {who: [footprint] if who in meeting.assigned else [] for who in people}
