"""A person's checkup: their calendars read at this moment, and whether their channel takes notes."""

from __future__ import annotations

from datetime import timedelta

from bot.domain import wizard
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.search import SlotSearch
from bot.domain.setup import Checkup
from bot.errors import FormError
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.availability import FRESH, Availability, working_hours_of
from bot.services.connections import Connections

_HALF_HOUR = timedelta(minutes=30)


class Checkups:
    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        availability: Availability,
        connections: Connections,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._availability = availability
        self._connections = connections
        self._clock = clock

    def of(self, person: Person) -> Checkup:
        """Waits for the calendars, as long as a count would."""
        with self._unit_of_work() as unit:
            preferences = unit.preferences.get(person.workspace_id, person.user_id)
        if self._connections.is_connected(person.workspace_id, person.user_id):
            self._read(person)
        return Checkup(
            now=self._clock(),
            connections=self._connections.items(person),
            missing_text=None if self._connections.systems else self._connections.missing_text,
            hours=working_hours_of(person, preferences),
            preferences=preferences,
            channel_problem=self._channel_problem(person, preferences),
        )

    def _read(self, person: Person) -> None:
        """As for an invitation with every default; what came of it stands beside the connections."""
        now = self._clock()
        rules = wizard.rules(wizard.defaults(person, now), now)
        search = SlotSearch(rules.frame, _HALF_HOUR, _HALF_HOUR, ((person.resource_id,),))
        self._availability.read(person.workspace_id, person.user_id, search, rules, max_age=FRESH)

    def _channel_problem(self, person: Person, preferences: Preferences) -> str | None:
        try:
            self._directory.check_channel(person.workspace_id, preferences.channel_id)
        except FormError as error:
            return str(error)
        return None
