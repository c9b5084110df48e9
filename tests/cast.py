"""The cast of the tests: who is who, and a clock that stands still until it is moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.ids import ChannelId, ResourceId, UserId, WorkspaceId
from bot.domain.invitation import Seat, SeatKind
from bot.domain.people import Person

NOW = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""A Monday, 03:00 in New York, 08:00 in London."""
WORKSPACE = WorkspaceId("T0NORTH")
SALES = ChannelId("C0SALES")

DANA = Person(WORKSPACE, UserId("U0DANA"), "Dana Fox", "dana@northwind.example", "America/New_York", is_admin=True)
PRIYA = Person(WORKSPACE, UserId("U0PRIYA"), "Priya Raman", "priya@northwind.example", "Europe/London", "en-GB")
BEN = Person(WORKSPACE, UserId("U0BEN"), "Ben Okafor", "ben@northwind.example", "America/New_York")
CHARLIE = Person(WORKSPACE, UserId("U0CHARLIE"), "Charlie Moss", "charlie@northwind.example", "America/New_York")
"""A Member who has nothing to do with anything, and may see nothing."""
ROBOT = Person(WORKSPACE, UserId("U0ROBOT"), "Deploybot", "", "UTC", is_bot=True)
GUEST = Person(WORKSPACE, UserId("U0GUEST"), "Gus Guest", "gus@elsewhere.example", "UTC", is_guest=True)
GONE = Person(WORKSPACE, UserId("U0GONE"), "Gone Gary", "gary@northwind.example", "UTC", is_deactivated=True)
EVERYBODY = (DANA, PRIYA, BEN, CHARLIE, ROBOT, GUEST, GONE)


@dataclass
class ManualClock:
    """A `Clock` that shows what it was set to."""

    now: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


def seats(*requirements: tuple[ResourceId, ...]) -> tuple[Seat, ...]:
    """People's seats with these candidates."""
    return tuple(Seat(SeatKind.PERSON, candidates) for candidates in requirements)
