"""No double booking: one winner per slot and per person, however many try at once, on both databases."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import create_engine, text

from bot.domain.ids import InvitationId, MeetingId, ResourceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation, InvitationStatus
from bot.domain.meeting import Meeting
from bot.errors import ClaimRefusedError
from storage.database import Database
from storage.repositories.claims import cells
from tests.databases import KEYS
from tests.race import race
from tests.storage_cast import (
    ATLAS,
    BEN,
    DANA,
    DAY,
    MINUTE,
    NOON,
    NORTHWIND,
    PRIYA,
    RULES,
    a_delivery,
    a_meeting,
    an_invitation,
)

FIELDS = [pytest.param(1, 100, id="100 threads"), pytest.param(4, 25, id="4 processes")]
ROUNDS = 15

BOOKED, CLOSED, TAKEN = "booked", "closed", "taken"


def book(database: Database, invitation_id: InvitationId, start: timedelta) -> str:
    """What a booking does, without the services around it: status, meeting, claims, a delivery; all or nothing."""
    with database.unit_of_work(write=True) as unit:
        invitation = unit.invitations.get(invitation_id)
        assert invitation is not None
        if not unit.invitations.transition(invitation.id, InvitationStatus.ACTIVE, InvitationStatus.SCHEDULED):
            return CLOSED
        meeting = a_meeting(invitation, NOON + start)
        try:
            unit.claims.add(meeting, meeting.footprint(invitation.rules))
        except ClaimRefusedError:
            return TAKEN
        unit.meetings.add(meeting)
        unit.outbox.add(a_delivery(meeting.id))
        unit.commit()
    return BOOKED


def confirm_the_same_slot(database: Database, number: int, contestant: int) -> str:
    return book(database, InvitationId(f"one-{number}"), number * DAY)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_one_slot_of_one_invitation_is_booked_once(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    add(database, *(an_invitation(PRIYA, BEN, ATLAS, id=f"one-{number}") for number in range(ROUNDS)))
    outcomes = race(database_url, KEYS, confirm_the_same_slot, processes=processes, threads=threads, rounds=ROUNDS)
    assert outcomes == [Counter({BOOKED: 1, CLOSED: 99})] * ROUNDS
    assert len(meetings_without_overlap(database, database_url)) == ROUNDS


def confirm_overlapping_slots(database: Database, number: int, contestant: int) -> str:
    """Even ones confirm 12:00 with Priya and Ben, odd ones 12:15 with Ben and Dana."""
    side = contestant % 2
    return book(database, InvitationId(f"{'ab'[side]}-{number}"), number * DAY + side * 15 * MINUTE)


@pytest.mark.parametrize(("processes", "threads"), FIELDS)
def test_overlapping_slots_of_two_invitations_that_share_a_person_are_booked_once(
    database: Database, database_url: str, processes: int, threads: int
) -> None:
    for number in range(ROUNDS):
        add(database, an_invitation(PRIYA, BEN, id=f"a-{number}"), an_invitation(BEN, DANA, id=f"b-{number}"))
    outcomes = race(database_url, KEYS, confirm_overlapping_slots, processes=processes, threads=threads, rounds=ROUNDS)
    for outcome in outcomes:
        assert outcome[BOOKED] == 1
        assert outcome[CLOSED] == 49, "those of the Invitation that was booked"
        assert outcome[TAKEN] == 50, "those of the other one"
    assert len(meetings_without_overlap(database, database_url)) == ROUNDS


def confirm_touching_slots(database: Database, number: int, contestant: int) -> str:
    side = contestant % 2
    return book(database, InvitationId(f"{'ab'[side]}-{number}"), number * DAY + side * 30 * MINUTE)


def test_touching_slots_of_two_invitations_are_both_booked(database: Database, database_url: str) -> None:
    for number in range(ROUNDS):
        add(database, an_invitation(PRIYA, BEN, id=f"a-{number}"), an_invitation(BEN, DANA, id=f"b-{number}"))
    outcomes = race(database_url, KEYS, confirm_touching_slots, processes=4, threads=25, rounds=ROUNDS)
    assert outcomes == [Counter({BOOKED: 2, CLOSED: 98})] * ROUNDS
    assert len(meetings_without_overlap(database, database_url)) == 2 * ROUNDS


CROWD = 40


def confirm_anything(database: Database, number: int, contestant: int) -> str:
    """A slot of one of 40 Invitations, anywhere in six hours, with buffers."""
    chance = random.Random(f"{number} {contestant}")
    invitation_id = InvitationId(f"crowd-{number}-{chance.randrange(CROWD)}")
    return book(database, invitation_id, number * DAY + chance.randrange(72) * 5 * MINUTE)


def test_crowd_never_overlaps(database: Database, database_url: str) -> None:
    chance = random.Random(2)
    everybody = [PRIYA, BEN, DANA, ATLAS, "U0EVE", "U0FAY"]
    for number in range(ROUNDS):
        add(
            database,
            *(
                an_invitation(*chance.sample(everybody, chance.randint(1, 3)), id=f"crowd-{number}-{guest}")
                for guest in range(CROWD)
            ),
        )
    outcomes = race(database_url, KEYS, confirm_anything, processes=4, threads=25, rounds=ROUNDS)
    booked = sum(outcome[BOOKED] for outcome in outcomes)
    assert len(meetings_without_overlap(database, database_url)) == booked
    assert all(outcome[BOOKED] and outcome[TAKEN] for outcome in outcomes), "there was something to fight for"


def add(database: Database, *invitations: Invitation) -> None:
    with database.unit_of_work(write=True) as unit:
        for invitation in invitations:
            unit.invitations.add(invitation)
        unit.commit()


def meetings_without_overlap(database: Database, url: str) -> list[Meeting]:
    """All Meetings of the database, once it is certain that every one has its claims, and only those."""
    engine = create_engine(url)
    with engine.connect() as connection:
        ids = [MeetingId(row.id) for row in connection.execute(text("SELECT id FROM meetings"))]
        claims = {
            (row.resource_id, row.cell, row.meeting_id) for row in connection.execute(text("SELECT * FROM claims"))
        }
    engine.dispose()

    with database.unit_of_work() as unit:
        meetings = [meeting for meeting_id in ids if (meeting := unit.meetings.get(meeting_id)) is not None]
        deliveries = [unit.outbox.pending(meeting.id) for meeting in meetings]
        busy = unit.claims.busy(
            NORTHWIND,
            [resource for meeting in meetings for resource in meeting.assigned],
            Interval(NOON - DAY, NOON + (ROUNDS + 1) * DAY),
        )
    footprints: dict[ResourceId, list[Interval]] = defaultdict(list)
    for meeting in meetings:
        for resource in meeting.assigned:
            footprints[resource].append(meeting.footprint(RULES))
    assert {resource: sorted(intervals) for resource, intervals in footprints.items()} == busy
    for intervals in busy.values():
        assert all(earlier.end <= later.start for earlier, later in pairwise(intervals))
    assert claims == {
        (resource, cell, meeting.id)
        for meeting in meetings
        for resource in meeting.assigned
        for cell in cells(meeting.footprint(RULES))
    }
    assert len({meeting.invitation_id for meeting in meetings}) == len(meetings)
    assert all(len(pending) == 1 for pending in deliveries), "what was rolled back has left nothing to send"
    return meetings
