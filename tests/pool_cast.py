"""A pool of the tests: Ana, Raj and Dev joined Sales, an hour apart, before anything else happened."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.domain.ids import PoolId, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Invitation, Seat, SeatKind, SlotRules
from bot.domain.people import Person
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMember, PoolMethod
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange
from bot.services.turns import take_turns
from tests.cast import DANA
from tests.storage_cast import an_invitation
from tests.world import Stage

NORTHWIND = WorkspaceId("T0NORTH")
FOUNDED = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANA, RAJ, DEV, EVE = (
    Person(NORTHWIND, UserId(f"U0{name.upper()}"), name, f"{name.lower()}@northwind.example", "Europe/London")
    for name in ("Ana", "Raj", "Dev", "Eve")
)
TEAM = (ANA, RAJ, DEV)
SALES = PoolId("sales")


def members(*people: Person, joined_at: datetime = FOUNDED) -> tuple[PoolMember, ...]:
    return tuple(PoolMember(person.resource_id, joined_at + n * HOUR) for n, person in enumerate(people))


def a_pool(*people: Person, **changes: Any) -> Pool:
    pool = Pool(
        id=SALES,
        workspace_id=NORTHWIND,
        name="Sales",
        kind=PoolKind.PEOPLE,
        method=PoolMethod.STRICT,
        cycle=Cycle.MONTHLY,
        members=members(*people or TEAM),
        created_at=FOUNDED,
    )
    return dataclasses.replace(pool, **changes)


def pool_seat(*people: Person, pool_id: PoolId = SALES, **changes: Any) -> Seat:
    return Seat(SeatKind.PEOPLE_POOL, tuple(person.resource_id for person in people), pool_id, **changes)


def ids(people: Sequence[Person]) -> list[ResourceId]:
    return [person.resource_id for person in people]


def invitation_for(stage: Stage, *seats: Seat) -> Invitation:
    """As *Invite* makes it, with these seats: two weeks in London."""
    now = stage.clock()
    frame = TimeFrame(now.date(), (now + 14 * DAY).date(), WORKDAYS, (TimeRange(time(9), time(17)),), "Europe/London")
    invitation = an_invitation(created_at=now, expires_at=now + 13 * DAY, rules=SlotRules(frame))
    return dataclasses.replace(invitation, details=dataclasses.replace(invitation.details, seats=seats))


def connect_everybody(stage: Stage) -> None:
    """Slack knows the four of the cast, and all of them have calendars."""
    for person in (*TEAM, EVE):
        stage.directory.known[person.workspace_id, person.user_id] = person
    stage.connect(*TEAM, EVE)


def create(stage: Stage, **changes: Any) -> Pool:
    """As Dana sets it up: Sales, a strict round robin of Ana, Raj and Dev where nothing else is given."""
    given: dict[str, Any] = {
        "name": "Sales",
        "kind": PoolKind.PEOPLE,
        "method": PoolMethod.STRICT,
        "cycle": Cycle.MONTHLY,
        "members": ids(TEAM),
    }
    return stage.services.pools.create(DANA, **given | changes)


def send(stage: Stage, *seats: Seat) -> Invitation:
    """Store it with its turns, in one transaction."""
    invitation = invitation_for(stage, *seats)
    with stage.unit_of_work(write=True) as unit:
        invitation = take_turns(unit, invitation, stage.clock())
        unit.invitations.add(invitation)
        unit.commit()
    return invitation
