"""A town with several calendar systems, for tests about where events lie."""

from __future__ import annotations

from typing import Any

from bot.domain.event_copies import Finding
from bot.domain.ids import ConnectionId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.ports import UnitOfWorkFactory
from tests.fakes import FakeCalendar
from tests.world import Stage


class Town:
    """A stage with calendar systems that deliver (google, microsoft) and one that does not (caldav)."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self.google = FakeCalendar("google", delivers=True)
        self.microsoft = FakeCalendar("microsoft", delivers=True)
        self.caldav = FakeCalendar("caldav")
        systems = {system.key: system for system in (self.google, self.microsoft, self.caldav)}
        self.stage = Stage(unit_of_work, systems=systems)

    def book(self, **fields: Any) -> Invitation:
        """Dana invites; the Customer takes the first slot, and everything is delivered."""
        invitation = self.stage.invite(**fields)
        self.stage.book(invitation)
        self.stage.deliver()
        return invitation

    def meeting(self, invitation: Invitation) -> Meeting:
        with self.stage.unit_of_work() as unit:
            meeting = unit.meetings.of_invitation(invitation.id)
        assert meeting is not None
        return meeting

    def cancel(self, invitation: Invitation) -> None:
        booking = self.stage.services.booking
        booking.cancel(invitation.token, booking.nonce(invitation.token), "")
        self.stage.deliver()

    def disconnect(self, person: Person, provider: str) -> None:
        with self.stage.unit_of_work(write=True) as unit:
            unit.connections.delete(ConnectionId(f"{provider}-{person.user_id}"))
            unit.commit()

    def attention(self, invitation: Invitation) -> list[Finding]:
        """What the Meeting's card asks people to decide about."""
        meeting = self.meeting(invitation)
        return [one.finding for one in self.stage.services.activity.meeting_item(meeting, invitation).attention]

    def news(self, kind: str) -> list[tuple[object, ...]]:
        """Whom a kind of news was told, and what it carried."""
        return [(line[1], line[3]) for line in self.stage.notifier.told if line[0] == "news" and line[2] == kind]


def ids(*people: Person) -> list[str]:
    return [person.user_id for person in people]
