"""Agendas: whose titles a reader sees, and that a title is never waited for or missed where it matters."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ConnectionId
from bot.domain.intervals import Interval
from bot.domain.people import Person
from bot.errors import CalendarUnreadableError
from bot.ports import UnitOfWorkFactory
from bot.services.agendas import Agendas
from tests.cast import BEN, DANA, PRIYA
from tests.fakes import FakeCalendar
from tests.servers import DEADLINE_S
from tests.world import AtOnce

NINE = datetime(2026, 11, 30, 14, tzinfo=UTC)
AT = Interval(NINE, NINE + timedelta(hours=1))


class StillAskingError(Exception):
    """In place of an answer that would take long."""


class AtOnceOrNever(AtOnce):
    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        try:
            return super().submit(fn, *args, **kwargs)
        except StillAskingError:
            return Future()


@dataclass
class TitledFake(FakeCalendar):
    """Accounts and what is in them; `shown` is what others share with whom: (reader's account, address)."""

    own: dict[str, str] = field(default_factory=dict)
    shown: dict[tuple[str, str], str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_slow: bool = False

    def __init__(self, key: str) -> None:
        FakeCalendar.__init__(self, key)
        self.own, self.shown, self.asked = {}, {}, []

    def titles(self, connection: Connection, window: Interval, *, timeout_s: float) -> Sequence[tuple[Interval, str]]:
        self.asked.append(connection.account)
        if self.is_slow:
            raise StillAskingError
        if connection.account in self.unreadable:
            raise CalendarUnreadableError("Not now.")
        return [(AT, self.own[connection.account])] if connection.account in self.own else []

    def titles_of(
        self, reader: Connection, address: str, window: Interval, *, timeout_s: float
    ) -> Sequence[tuple[Interval, str]]:
        self.asked.append(f"{address} for {reader.account}")
        title = self.shown.get((reader.account, address))
        return [(AT, title)] if title else []


@dataclass
class Office:
    unit_of_work: UnitOfWorkFactory
    google: TitledFake = field(default_factory=lambda: TitledFake("google"))
    microsoft: TitledFake = field(default_factory=lambda: TitledFake("microsoft"))
    plain: FakeCalendar = field(default_factory=lambda: FakeCalendar("plain"))
    executor: Executor = field(default_factory=AtOnce)
    patience_s: float = DEADLINE_S

    def connect(self, person: Person, provider: str, account: str = "", **more: object) -> Connection:
        account = account or person.email
        made = Connection(ConnectionId(f"{provider}-{account}"), person.workspace_id, person.user_id, provider, account)
        with self.unit_of_work(write=True) as unit:
            unit.connections.put(replace(made, **more))  # type: ignore[arg-type]  # a test's own words
            unit.commit()
        return made

    def titles(self, reader: Person, *people: Person) -> dict[str, list[str]]:
        providers = {one.key: one for one in (self.google, self.microsoft, self.plain)}
        agendas = Agendas(self.unit_of_work, providers, self.executor, self.patience_s)
        found = agendas.of(reader, people, AT.start, AT.end)
        return {who: [title for _, title in agenda] for who, agenda in found.items() if agenda}


@pytest.fixture
def office(unit_of_work: UnitOfWorkFactory) -> Office:
    return Office(unit_of_work)


def test_all_of_ones_own_accounts_are_read(office: Office) -> None:
    office.connect(DANA, "google")
    office.connect(DANA, "microsoft", "dana@outlook.example")
    office.google.own[DANA.email] = "Dentist"
    office.microsoft.own["dana@outlook.example"] = "Choir"
    assert office.titles(DANA, DANA) == {DANA.user_id: ["Choir", "Dentist"]}


def test_a_colleague_is_read_with_the_readers_account_and_never_with_their_own(office: Office) -> None:
    office.connect(DANA, "microsoft")
    office.connect(PRIYA, "microsoft", "priya@fox.example")
    office.microsoft.own["priya@fox.example"] = "Interview"
    assert office.titles(DANA, PRIYA) == {}
    assert office.microsoft.asked == [f"priya@fox.example for {DANA.email}"]
    office.microsoft.shown[DANA.email, "priya@fox.example"] = "Interview"
    assert office.titles(DANA, PRIYA) == {PRIYA.user_id: ["Interview"]}
    assert office.titles(BEN, PRIYA) == {}, "Ben has no account that could see it"


def test_who_has_connected_nothing_is_looked_up_by_their_address(office: Office) -> None:
    office.connect(DANA, "google")
    office.connect(PRIYA, "plain")
    office.google.shown[DANA.email, BEN.email] = "Interview"
    assert office.titles(DANA, BEN, PRIYA, DANA) == {BEN.user_id: ["Interview"]}
    assert office.titles(DANA, replace(BEN, email="")) == {}


def test_a_broken_connection_and_a_fault_leave_the_others_their_titles(office: Office) -> None:
    office.connect(DANA, "google")
    office.connect(DANA, "google", "broken@fox.example", state=ConnectionState.BROKEN)
    office.connect(DANA, "microsoft")
    office.connect(DANA, "gone from the settings")
    office.google.own |= {DANA.email: "Dentist", "broken@fox.example": "Old"}
    office.microsoft.unreadable[DANA.email] = "away"
    assert office.titles(DANA, DANA) == {DANA.user_id: ["Dentist"]}
    assert office.google.asked == [DANA.email]


def test_nobody_waits_long_for_a_title(office: Office) -> None:
    office.connect(DANA, "google")
    office.connect(DANA, "microsoft")
    office.google.own[DANA.email] = office.microsoft.own[DANA.email] = "Dentist"
    office.microsoft.is_slow = True
    office.executor, office.patience_s = AtOnceOrNever(), 0
    assert office.titles(DANA, DANA) == {DANA.user_id: ["Dentist"]}
