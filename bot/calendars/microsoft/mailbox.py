"""Our events in one account's calendars: found by the uid that we have added to them, written, cancelled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from bot.calendars.microsoft import payloads
from bot.calendars.microsoft.errors import is_gone
from bot.calendars.microsoft.graph import Session
from bot.calendars.microsoft.payloads import Found
from bot.domain.calendar import CalendarInfo, Event, EventStatus
from bot.rest import RestError

_CONFLICT = 409
_NOT_OURS_TO_CANCEL = frozenset({400, 403, 405})
_CALENDAR_FIELDS = "id,name,canEdit,canShare,isDefaultCalendar,owner"


class Mailbox:
    """`calendar` is where events are written to; empty: the default one. Every method raises RestError."""

    def __init__(self, session: Session, calendar: str = "") -> None:
        self._session = session
        self._account = session.connection.account
        self._calendar = calendar

    def read(self, uid: str) -> Event | None:
        """As the calendar has it, also where it is only marked as cancelled."""
        copies = self._copies(uid)
        return next((one.event for one in (*_live(copies), *copies)), None)

    def known_as(self, uid: str) -> str:
        """The iCalUId under which the attendees' calendars have it too; the uid where it is not there."""
        parameters = {"$filter": _of_uid(uid), "$select": "id,iCalUId,isCancelled", "$top": "10"}
        for path in self._paths():
            for item in self._session.pages(path, parameters):
                if item.get("iCalUId") and not item.get("isCancelled"):
                    return str(item["iCalUId"])
        return uid

    def write(self, event: Event) -> None:
        """Create it, or bring it up to date; an older copy of the event changes nothing."""
        copies = self._copies(event.uid, is_new=event.sequence == 0)
        live = _live(copies)
        if live:
            self._update(live[0], event)
            return
        try:
            # Where there is a cancelled one, this transaction's id has made it, and would give it back.
            content = payloads.created(event, self._account, again=bool(copies))
            self._session.send("POST", self._events, content)
        except RestError as error:
            if error.status != _CONFLICT:
                raise
            # An event has been made with this transaction's id: by an answer that never came, or long ago.
            live = _live(self._copies(event.uid))
            if live:
                self._update(live[0], event)
            else:  # somebody has deleted it since
                self._session.send("POST", self._events, payloads.created(event, self._account, again=True))

    def cancel(self, uid: str) -> None:
        """Tell the attendees and release the time: what Graph's `cancel` does for the organizer of a meeting."""
        for one in self._copies(uid):
            path = f"/me/events/{quote(one.id, safe='')}"
            if not (one.is_organizer and one.event.status is EventStatus.CONFIRMED and self._is_cancelled(path)):
                self._delete(path)

    def calendars(self) -> Sequence[CalendarInfo]:
        """Those that the account owns, the default one first; the app asks for no right to read other people's."""
        items = list(self._session.pages("/me/calendars", {"$select": _CALENDAR_FIELDS, "$top": "100"}))
        return payloads.calendars(items)

    @property
    def _events(self) -> str:
        return _events_of(self._calendar) if self._calendar else "/me/events"

    def _paths(self, *, is_new: bool = False) -> Iterator[str]:
        """Where an event of ours may be: where it was written to, unless somebody has put it into another calendar.

        The mailbox's own list shows no more than its default calendar, and where that is, nobody has to ask for.
        """
        yield from dict.fromkeys(("/me/events", self._events))
        if not is_new:
            others = (one.id for one in self.calendars() if not one.is_primary and one.id != self._calendar)
            yield from map(_events_of, others)

    def _copies(self, uid: str, *, is_new: bool = False) -> Sequence[Found]:
        """Our events of that uid; more than one only where Graph has made two of one."""
        parameters = {
            "$filter": _of_uid(uid),
            "$expand": f"singleValueExtendedProperties($filter=id eq '{payloads.UID}' or id eq '{payloads.SEQUENCE}')",
            "$select": payloads.FIELDS,
            "$top": "10",
        }
        for path in self._paths(is_new=is_new):
            copies = [payloads.found(item, self._account) for item in self._session.pages(path, parameters)]
            if copies:
                return copies
        return ()

    def _update(self, known: Found, event: Event) -> None:
        if known.event.sequence > event.sequence or payloads.is_up_to_date(known, event, self._account):
            return
        content = payloads.changed(event, self._account, known)
        self._session.send("PATCH", f"/me/events/{quote(known.id, safe='')}", content)

    def _is_cancelled(self, path: str) -> bool:
        """False where Graph does not take it for a meeting that the account could cancel: nobody else is in it."""
        try:
            self._session.send("POST", f"{path}/cancel", {"comment": ""})
        except RestError as error:
            if error.status in _NOT_OURS_TO_CANCEL:
                return False
            if not is_gone(error):
                raise
        return True

    def _delete(self, path: str) -> None:
        try:
            self._session.send("DELETE", path)
        except RestError as error:
            if not is_gone(error):
                raise


def _events_of(calendar: str) -> str:
    return f"/me/calendars/{quote(calendar, safe='')}/events"


def _of_uid(uid: str) -> str:
    wanted = uid.replace("'", "''")
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{payloads.UID}' and ep/value eq '{wanted}')"


def _live(copies: Sequence[Found]) -> Sequence[Found]:
    return [one for one in copies if one.event.status is EventStatus.CONFIRMED]
