"""The product's web process for benchmarks: real settings but for a calendar system that has its answers at hand, so
that neither a network nor the system's own time is measured.

`python -m tests.benchmarks.product PORT SLACK_API_URL FOLDER PEOPLE [INVITATIONS]`
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, wait
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from time import monotonic, sleep

from cryptography.fernet import Fernet

from bot.app import Product, compose, utc_now
from bot.calendars.builtin import BuiltinCalendar
from bot.domain.calendar import Attendee, Connection, Event, FreeBusy
from bot.domain.ids import ConnectionId, InvitationId, PoolId, ResourceId, UserId, WorkspaceId, new_tracking_id
from bot.domain.intervals import Interval
from bot.domain.invitation import (
    Details,
    Invitation,
    InvitationStatus,
    Letter,
    Participant,
    Seat,
    SeatKind,
    SlotRules,
)
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMember, PoolMethod
from bot.domain.rooms import Room
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange
from bot.ports import UnitOfWorkFactory
from bot.settings import load
from bot.systems import CalendarSystems
from bot.web.server import listen, serve
from tests.benchmarks.workloads import M, workload

SIGNING_SECRET = "benchmark"
TEAM_ID = "T0BENCH"
BUSY_TIMES = 300
POOLS = (PoolId("sales"), PoolId("advice"))
POOL_SIZE = 50
TEAM_SIZE = 10
SLOW_S = 0.3
ATLAS = "atlas@rooms.bench.example"
WEEK = timedelta(weeks=1)


def user_id(number: int) -> str:
    return f"U0BENCH{number:02}"


def team(number: int) -> list[str]:
    """Ten people who are a person's alone; each one's calendar takes SLOW_S."""
    return [f"U0SLOW{number:02}{each}" for each in range(TEAM_SIZE)]


def token(number: int) -> str:
    """The secret of an invitation's link."""
    return f"bench-{number}"


def main() -> None:
    port, api_url, folder, people, *invitations = sys.argv[1:]
    settings = load(
        {
            "PORT": port,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_API_URL": api_url,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "MAIL_FROM": "bench@northwind.example",
        }
    )
    assert settings.slack is not None
    busy: dict[str, tuple[Interval, ...]] = {}
    product = compose(
        settings,
        settings.slack,
        calendars=lambda unit: CalendarSystems(
            {AtHand.key: AtHand(unit, busy), Slow.key: Slow(unit, lambda: product.threads.requests)}
        ),
    )
    product.database.migrate()
    for number in range(int(people)):
        fill(product, UserId(user_id(number)))
    if invitations:
        invite(product, int(invitations[0]))
    elif int(people):
        busy |= gather(product)
        for number in range(int(people)):
            for member in team(number):
                connect(product, UserId(member), Slow.key)
    serve(product.web(), listen("127.0.0.1", int(port)))


class AtHand(BuiltinCalendar):
    """The built-in calendar that says each time what it said the first time, and of some accounts what it is told."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, busy: Mapping[str, tuple[Interval, ...]]) -> None:
        super().__init__(unit_of_work)
        self._busy = busy
        self._said: dict[object, Mapping[ConnectionId, FreeBusy]] = {}
        self._said_of: dict[object, Mapping[str, FreeBusy]] = {}

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        asked = (tuple(connection.id for connection in connections), window)
        if asked not in self._said:
            kept = [connection for connection in connections if connection.account not in self._busy]
            told = {one.id: FreeBusy(busy=self._busy[one.account]) for one in connections if one.account in self._busy}
            self._said[asked] = {**told, **super().free_busy(kept, window, timeout_s=timeout_s)}
        return self._said[asked]

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        asked = (reader.id, tuple(addresses), window)
        if asked not in self._said_of:
            self._said_of[asked] = super().free_busy_of(reader, addresses, window, timeout_s=timeout_s)
        return self._said_of[asked]


class Slow(BuiltinCalendar):
    """Calendars that each take SLOW_S to answer; asked as those of real systems are, each by a thread of `requests`."""

    key = "slow"

    def __init__(self, unit_of_work: UnitOfWorkFactory, requests: Callable[[], Executor]) -> None:
        super().__init__(unit_of_work)
        self._requests = requests

    def free_busy(
        self, connections: Sequence[Connection], window: Interval, *, timeout_s: float
    ) -> Mapping[ConnectionId, FreeBusy]:
        deadline = monotonic() + timeout_s
        asked = {one.id: self._requests().submit(sleep, SLOW_S) for one in connections}
        wait(asked.values(), timeout=deadline - monotonic())
        return {one: FreeBusy() if answer.done() else FreeBusy(unreadable="late") for one, answer in asked.items()}


def fill(product: Product, user: UserId) -> None:
    """Connect the user's calendar, with busy times all over the next weeks."""
    day = utc_now().replace(minute=0, second=0, microsecond=0)
    starts = [day + timedelta(hours=3 * number) for number in range(BUSY_TIMES)]
    keep_busy(product, connect(product, user), [Interval(start, start + timedelta(minutes=45)) for start in starts])


def connect(product: Product, user: UserId, provider: str = AtHand.key) -> str:
    """Connect the user's calendar; its account."""
    account = f"{user}@bench.example".lower()
    with product.database.unit_of_work(write=True) as unit:
        unit.connections.put(
            Connection(ConnectionId(f"{provider}-{user}"), WorkspaceId(TEAM_ID), user, provider, account)
        )
        unit.commit()
    return account


def keep_busy(product: Product, account: str, busy: Iterable[Interval]) -> None:
    with product.database.unit_of_work(write=True) as unit:
        for number, at in enumerate(busy):
            event = Event(f"{account}-{number}", 0, at.start, at.end, "Busy", Attendee(account, account), ())
            unit.builtin_events.put(WorkspaceId(TEAM_ID), account, event)
        unit.commit()


def gather(product: Product) -> dict[str, tuple[Interval, ...]]:
    """The pools, each of people of its own; when their accounts are busy."""
    workspace, now, dice = WorkspaceId(TEAM_ID), utc_now(), Random(POOL_SIZE)
    busy = {}
    for pool_id in POOLS:
        members = [UserId(f"U0{pool_id.upper()}{number:02}") for number in range(POOL_SIZE)]
        busy |= {connect(product, member): tuple(_busy(dice, now) for _ in range(BUSY_TIMES)) for member in members}
        joined = tuple(PoolMember(ResourceId(member), now) for member in members)
        with product.database.unit_of_work(write=True) as unit:
            unit.pools.put(
                Pool(
                    pool_id,
                    workspace,
                    name=pool_id,
                    kind=PoolKind.PEOPLE,
                    method=PoolMethod.POOLED,
                    cycle=Cycle.CONTINUOUS,
                    members=joined,
                    created_at=now,
                )
            )
            unit.commit()
    return busy


def _busy(dice: Random, now: datetime) -> Interval:
    """In the next month, between 13:00 and midnight."""
    day = now.replace(hour=13, minute=0, second=0, microsecond=0) + timedelta(days=dice.randrange(30))
    start = day + dice.randrange(40) * timedelta(minutes=15)
    return Interval(start, start + dice.randint(1, 4) * timedelta(minutes=15))


def invite(product: Product, how_many: int) -> None:
    """So many invitations that ask for workload M's five persons and room, for the next 60 days."""
    workspace, inviter, now = WorkspaceId(TEAM_ID), UserId(user_id(0)), utc_now()
    asked = workload(M)
    weeks = (now - asked.now) // WEEK * WEEK  # the same weekdays, now
    *members, atlas = ([Interval(at.start + weeks, at.end + weeks) for at in c.busy] for c in asked.raw.values())
    for number, busy in enumerate(members):
        keep_busy(product, connect(product, UserId(user_id(number))), busy)
    keep_busy(product, ATLAS, atlas)
    room = Room(ResourceId("room:atlas"), workspace, "Atlas", ATLAS, ConnectionId(f"builtin-{inviter}"))
    people = tuple(Seat(SeatKind.PERSON, (ResourceId(user_id(number)),)) for number in range(len(members)))
    details = Details("Roadmap review", timedelta(minutes=30), (*people, Seat(SeatKind.ROOM, (room.id,))))
    until = now + timedelta(days=M.days)
    frame = TimeFrame(now.date(), until.date(), WORKDAYS, (TimeRange(time(9), time(17)),), "America/New_York")
    with product.database.unit_of_work(write=True) as unit:
        unit.rooms.put(room)
        for each in range(how_many):
            unit.invitations.add(
                Invitation(
                    id=InvitationId(f"bench-{each}"),
                    workspace_id=workspace,
                    tracking_id=new_tracking_id(),
                    inviter_id=inviter,
                    participant=Participant("Anna Ruiz", f"anna{each}@acme.example"),
                    details=details,
                    rules=SlotRules(frame, spacing=timedelta(minutes=15)),
                    letter=Letter("Let us meet"),
                    status=InvitationStatus.ACTIVE,
                    token=token(each),
                    created_at=now,
                    expires_at=until,
                )
            )
        unit.commit()


if __name__ == "__main__":
    main()
