"""The playground's calendar keeps the contract of all calendars."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.calendars.builtin import BuiltinCalendar
from bot.domain.calendar import Connection, EventStatus, PartStat
from bot.domain.intervals import Interval
from bot.domain.room_directory import ListedRoom, listed_room
from bot.ports import UnitOfWorkFactory
from tests.calendar_contract import Bench, CalendarContract, Kind, an_event
from tests.storage_cast import BEN, PRIYA, a_connection


class BuiltinBench:
    """Events are put into the tables themselves. A calendar in our own database can neither break nor stall alone."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self.provider = BuiltinCalendar(unit_of_work)
        self.connection: Connection = a_connection(PRIYA)
        self.other: Connection = a_connection(BEN, account="ben")
        self._unit_of_work = unit_of_work
        self._listed: list[ListedRoom] = []

    def put(self, kind: Kind, interval: Interval, *, title: str = "", is_private: bool = False) -> bool:
        if kind not in (Kind.BUSY, Kind.TRANSPARENT, Kind.CANCELLED) or is_private:
            return False
        event = replace(
            an_event("by-hand@example", interval),
            summary=title,
            transparent=kind is Kind.TRANSPARENT,
            status=EventStatus.CANCELLED if kind is Kind.CANCELLED else EventStatus.CONFIRMED,
        )
        with self._unit_of_work(write=True) as unit:
            unit.builtin_events.put(self.connection.workspace_id, self.connection.account, event)
            unit.commit()
        return True

    def all_day(self, kind: Kind) -> Interval | None:
        return None

    def answer(self, uid: str, email: str, answer: PartStat) -> bool:
        return False

    def delete(self, uid: str) -> bool:
        return False

    def furnish(self, name: str, address: str, capacity: int) -> bool:
        """A room of the connection's house."""
        house = self.connection.account.rpartition("@")[2]
        listed = listed_room(f"{address.partition('@')[0]}@rooms.{house}", name, capacity)
        assert listed is not None
        self._listed.append(listed)
        self.provider = BuiltinCalendar(self._unit_of_work, self._listed)
        return True

    def break_down(self) -> bool:
        return False

    def stall(self) -> bool:
        return False


class TestBuiltin(CalendarContract):
    @pytest.fixture
    def bench(self, unit_of_work: UnitOfWorkFactory) -> Bench:
        return BuiltinBench(unit_of_work)
