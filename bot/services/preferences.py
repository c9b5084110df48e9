"""What people set for themselves: working hours, zone, default method, channel, language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import available_timezones

from bot.domain.ids import ChannelId
from bot.domain.languages import LANGUAGES
from bot.domain.people import Person
from bot.domain.preferences import TIME_ZONE, Clocks, DefaultMethod, Preferences, typed_hours
from bot.domain.timeframe import Weekday
from bot.errors import FormError
from bot.ports import Directory, UnitOfWorkFactory

LANGUAGE = "language"


class PersonalPreferences:
    """Everybody's own; whoever changes theirs gets the new ones back."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, directory: Directory) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory

    def get(self, person: Person) -> Preferences:
        with self._unit_of_work() as unit:
            return unit.preferences.get(person.workspace_id, person.user_id)

    def set_hours(
        self, person: Person, time_zone: str, weekly: Mapping[Weekday, Clocks], overrides: Mapping[str, Clocks]
    ) -> Preferences:
        """As typed; see `bot.domain.preferences.typed_hours`. Raises FormError."""
        hours = typed_hours(time_zone, weekly, overrides)
        return self._change(person, lambda before: replace(before, working_hours=hours))

    def set_time_zone(self, person: Person, time_zone: str | None) -> Preferences:
        """None: Slack's. Working hours keep the zone they were set in. Raises FormError."""
        if time_zone is not None and time_zone not in available_timezones():
            raise FormError({TIME_ZONE: "Choose a time zone from the list."})
        return self._change(person, lambda before: replace(before, time_zone=time_zone))

    def set_method(self, person: Person, method: DefaultMethod) -> Preferences:
        return self._change(person, lambda before: replace(before, method=method))

    def set_channel(self, person: Person, channel_id: ChannelId | None) -> Preferences:
        """None: nobody but those concerned is told. Raises FormError (field `channel`) where the app cannot post."""
        self._directory.check_channel(person.workspace_id, channel_id)
        return self._change(person, lambda before: replace(before, channel_id=channel_id))

    def set_language(self, person: Person, language: str | None) -> Preferences:
        """None: as Slack has it. Raises FormError."""
        if language is not None and language not in LANGUAGES:
            raise FormError({LANGUAGE: "Choose a language from the list."})
        return self._change(person, lambda before: replace(before, language=language))

    def _change(self, person: Person, change: Callable[[Preferences], Preferences]) -> Preferences:
        with self._unit_of_work(write=True) as unit:
            changed = change(unit.preferences.get(person.workspace_id, person.user_id, lock=True))
            unit.preferences.put(person.workspace_id, person.user_id, changed)
            unit.commit()
        return changed
