"""Our events in a Google calendar: written once, cancelled, read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.calendars.google import events
from bot.calendars.google.calls import Ask, Calls, Request, is_owned
from bot.calendars.google.faults import NOT_THERE, NOT_UNDERSTOOD, REFUSALS, Fault, GoogleError, Meaning
from bot.domain.calendar import Connection, Event
from bot.rest import Deadline

PRIMARY = "primary"

_HIDDEN = Meaning(Fault.PASSING, "Google says that this event exists, and does not show it")


@dataclass(frozen=True, slots=True)
class EventPlace:
    """One event of ours, by its id, in one calendar. Raises GoogleError, and what the credentials raise."""

    ask: Ask
    account: str
    calendar_id: str
    uid: str

    def write(self, event: Event) -> None:
        """Make it what it should be; an older `sequence` than the stored one changes nothing.

        Looks first, for Google does not promise to notice that an id is taken. A deleted event keeps its id, and
        comes back by being confirmed again.
        """
        found = self._found() or self._inserted(event)
        if found is None or events.stored_sequence(found) > event.sequence:
            return
        body = events.changes(found, event, self.account)
        if body:
            version = _conference_version(body)
            self._take(
                lambda api: api.events().patch(
                    **self._named, body=body, conferenceDataVersion=version, sendUpdates="all"
                )
            )

    def cancel(self, sequence: int) -> None:
        """Delete it, and let Google tell everybody; one that is not there is done.

        The sequence is noted first, so that an older copy which somebody still writes does not bring it back.
        """
        mark = events.sequence_mark(sequence)
        try:
            self.ask(lambda api: api.events().patch(**self._named, body=mark, sendUpdates="none"))
        except GoogleError as error:
            if error.fault not in (Fault.NOT_THERE, *REFUSALS):
                raise
        try:
            self.ask(lambda api: api.events().delete(**self._named, sendUpdates="all"))
        except GoogleError as error:
            if error.fault is not Fault.NOT_THERE:
                raise

    def read(self) -> Event | None:
        """None where the calendar is there, and the event is not."""
        found = self._found()
        if found is None and not is_owned(self._entry()):  # of the event Google says the same as of the calendar
            raise GoogleError(NOT_THERE)
        if found is None or (found.get("status") == "cancelled" and "start" not in found):
            return None  # of a deleted event no more than the id may be left
        return events.event_from(found, self.uid, self._calendar_zone)

    @property
    def _named(self) -> Mapping[str, str]:
        return {"calendarId": self.calendar_id, "eventId": events.event_id(self.uid)}

    def _found(self) -> Mapping[str, Any] | None:
        try:
            found = self.ask(lambda api: api.events().get(**self._named))
        except GoogleError as error:
            if error.fault is Fault.NOT_THERE:
                return None
            raise
        if found.get("id") != events.event_id(self.uid):
            raise GoogleError(NOT_UNDERSTOOD)
        return found

    def _inserted(self, event: Event) -> Mapping[str, Any] | None:
        """None: it is in the calendar now. Else the event that had its id already."""
        body = {"id": events.event_id(event.uid), **events.body_of(event, self.account)}
        version = _conference_version(body)
        try:
            self._take(
                lambda api: api.events().insert(
                    calendarId=self.calendar_id, body=body, conferenceDataVersion=version, sendUpdates="all"
                )
            )
        except GoogleError as error:
            if error.fault is not Fault.TAKEN:
                raise
        else:
            return None
        found = self._found()
        if found is None:
            # Another id would risk a second event for the Meeting: rather ask again later.
            raise GoogleError(_HIDDEN)
        return found

    def _take(self, request: Request) -> None:
        """Make a change, and see by the answer that it was made."""
        if not isinstance(self.ask(request).get("id"), str):
            raise GoogleError(NOT_UNDERSTOOD)

    def _entry(self) -> Mapping[str, Any]:
        """The calendar's, in the account's list."""
        return self.ask(lambda api: api.calendarList().get(calendarId=self.calendar_id))

    def _calendar_zone(self) -> str:
        zone = self._entry().get("timeZone")
        if not isinstance(zone, str):
            raise GoogleError(NOT_UNDERSTOOD)
        return zone


def _conference_version(body: Mapping[str, Any]) -> int:
    """1 where the conference is to be made; with 0 Google leaves it as it is."""
    return 1 if "conferenceData" in body else 0


def place_of(calls: Calls, connection: Connection, calendar: str, uid: str, deadline: Deadline) -> EventPlace:
    """In the given calendar, else in the one that the connection writes to."""
    ask = partial(calls.make, connection, deadline=deadline)
    return EventPlace(ask, connection.account, calendar or connection.write_calendar or PRIMARY, uid)
