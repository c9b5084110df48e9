"""The Customer's pages behind `/i/<token>`. A GET or HEAD changes nothing; every change is a POST with a nonce."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.booking import BookingState, Situation
from bot.domain.calendar import Attendee, Event
from bot.domain.typed import plain
from bot.domain.wording import join_link, link_follows, place, slot_of_stamp
from bot.errors import CalendarUnreadableError, NotFoundError, SlotTakenError, StaleStateError
from bot.icalendar import calendar_text
from bot.ports import Clock
from bot.web.forms import FORM_BYTES, Form, form_endpoint
from bot.web.pages import choice_words, common_words, confirm_words, notice
from bot.web.reading import Reader, chosen_zone, reader
from bot.web.rendering import Templates

RETRY_AFTER_S = 120
REASON_LENGTH = 500

_GONE = frozenset({Situation.EXPIRED, Situation.WITHDRAWN, Situation.CANCELED_BY_CUSTOMER, Situation.CANCELED_BY_USER})


class Booking(Protocol):
    """What the pages need of the service; each method raises NotFoundError for an unknown link."""

    def look(self, token: str) -> BookingState: ...

    def nonce(self, token: str) -> str: ...

    def confirm(self, token: str, start: datetime, nonce: str, zone: str | None) -> BookingState:
        """Raises SlotTakenError, CalendarUnreadableError, StaleStateError."""

    def cancel(self, token: str, nonce: str, reason: str) -> BookingState:
        """Raises StaleStateError."""

    def opened(self, token: str) -> None: ...


class CustomerPages:
    """Where the calendar does not invite by itself, the booked page offers a file to add; with `offers_moves` it offers
    another time."""

    def __init__(self, booking: Booking, templates: Templates, clock: Clock, *, offers_moves: bool = False) -> None:
        self._booking = booking
        self._templates = templates
        self._clock = clock
        self._offers_moves = offers_moves

    def routes(self) -> list[Route]:
        page = "/i/{token}"
        return [
            Route(page, self.show),
            Route(f"{page}/book", self.back_to_page),
            Route(f"{page}/book", form_endpoint(self.book), methods=["POST"], max_body_size=FORM_BYTES),
            Route(f"{page}/cancel", self.ask_cancel),
            Route(f"{page}/cancel", form_endpoint(self.cancel), methods=["POST"], max_body_size=FORM_BYTES),
            Route(f"{page}/opened", form_endpoint(self.opened), methods=["POST"], max_body_size=FORM_BYTES),
            Route(f"{page}/meeting.ics", self.file),
            Route(page + "/{stamp}", self.ask_confirm),
        ]

    def show(self, request: Request) -> Response:
        """The present state, whatever it is."""
        return self.present(request, self._look(request))

    def ask_confirm(self, request: Request) -> Response:
        """One slot, to be confirmed; what is left where it is gone."""
        start = slot_of_stamp(request.path_params["stamp"])
        if start is None:
            raise NotFoundError("This link leads nowhere.")
        return self._confirm_page(request, self._look(request), start)

    def book(self, request: Request, form: Form) -> Response:
        """Book, and show what came of it. A used nonce shows the present state."""
        token, asked = request.path_params["token"], form.get("tz") or None
        start = slot_of_stamp(form.get("start", ""))
        if start is None:
            return self.present(request, self._booking.look(token), asked, status=400)
        try:
            state = self._booking.confirm(token, start, form.get("nonce", ""), chosen_zone(asked))
        except SlotTakenError:
            # What was counted a moment ago may still hold the slot that is gone.
            state = _without(self._booking.look(token), start)
            return self.present(request, state, asked, is_slot_gone=True)
        except CalendarUnreadableError:
            state = replace(self._booking.look(token), situation=Situation.UNREADABLE, starts=())
            return self.present(request, state, asked)
        except StaleStateError:
            state = self._booking.look(token)
            if state.situation is Situation.OPEN:
                return self._confirm_page(request, state, start, asked, is_second_try=True)
            return self.present(request, state, asked)
        return self.present(request, state, asked, headline="Your meeting is booked")

    def ask_cancel(self, request: Request) -> Response:
        state = self._look(request)
        if not self._may_change(state):
            return self.present(request, state)
        return self.page("cancel.html", request, state, words={"nonce": self.nonce(request)})

    def cancel(self, request: Request, form: Form) -> Response:
        token, asked = request.path_params["token"], form.get("tz") or None
        reason = plain(form.get("reason", "")).strip()[:REASON_LENGTH]
        try:
            state = self._booking.cancel(token, form.get("nonce", ""), reason)
        except StaleStateError:
            return self.present(request, self._booking.look(token), asked)
        return self.present(request, state, asked, status=200)

    def opened(self, request: Request, _form: Form) -> Response:
        """Sent by the page's script once somebody has touched the page: scanners read, they do not touch."""
        self._booking.opened(request.path_params["token"])
        return Response(status_code=204)

    def back_to_page(self, request: Request) -> Response:
        """Somebody reloads the address that a form was sent to."""
        return RedirectResponse(_link(request), status_code=303)

    def file(self, request: Request) -> Response:
        """The booked meeting as an iCalendar file, with the UID it has everywhere."""
        state = self._look(request)
        if state.is_invited_by_calendar or state.situation is not Situation.BOOKED:
            raise NotFoundError("This link leads nowhere.")
        headers = {"Content-Disposition": 'attachment; filename="meeting.ics"'}
        return Response(calendar_text(_event(state), "PUBLISH"), media_type="text/calendar", headers=headers)

    def _look(self, request: Request) -> BookingState:
        return self._booking.look(request.path_params["token"])

    def nonce(self, request: Request) -> str:
        return self._booking.nonce(request.path_params["token"])

    def _may_change(self, state: BookingState) -> bool:
        return state.situation is Situation.BOOKED and state.meeting is not None and self._clock() < state.meeting.start

    def _confirm_page(
        self,
        request: Request,
        state: BookingState,
        start: datetime,
        asked: str | None = None,
        *,
        is_second_try: bool = False,
    ) -> Response:
        if state.situation not in (Situation.OPEN, Situation.ALL_TAKEN):
            return self.present(request, state, asked)
        if start not in state.starts:
            return self.present(request, state, asked, is_slot_gone=True)
        as_read = self.reader_of(request, state, asked)
        words = confirm_words(state, as_read, start) | {"nonce": self.nonce(request), "is_second_try": is_second_try}
        return self.page("confirm.html", request, state, as_read, words=words)

    def present(
        self,
        request: Request,
        state: BookingState,
        asked: str | None = None,
        *,
        status: int | None = None,
        is_slot_gone: bool = False,
        headline: str = "Your meeting has already been scheduled",
    ) -> Response:
        """The page of the state, with the status that interfaces promise for it."""
        as_read = self.reader_of(request, state, asked)
        status = status or (409 if is_slot_gone else _status(state.situation))
        match state.situation:
            case Situation.OPEN:
                words = choice_words(state.starts, as_read) | {
                    "is_slot_gone": is_slot_gone,
                    "choose_at": _link(request),
                }
                return self.page("times.html", request, state, as_read, status, words)
            case Situation.BOOKED:
                words = {
                    "headline": headline,
                    "may_cancel": self._may_change(state),
                    "may_reschedule": self._offers_moves and self._may_change(state),
                    "offers_file": not state.is_invited_by_calendar,
                    "is_invited": state.invitation.letter.include_customer,
                    "link_follows": state.meeting is not None and link_follows(state.invitation.details, state.meeting),
                }
                return self.page("booked.html", request, state, as_read, status, words)
            case _:
                words = {"notice": notice(state)}
                template = "withdrawn.html" if state.situation is Situation.WITHDRAWN else "notice.html"
                return self.page(template, request, state, as_read, status, words)

    def reader_of(self, request: Request, state: BookingState, asked: str | None) -> Reader:
        return reader(request, state, asked if asked is not None else request.query_params.get("tz"))

    def page(
        self,
        template: str,
        request: Request,
        state: BookingState,
        as_read: Reader | None = None,
        status: int = 200,
        words: Mapping[str, Any] | None = None,
    ) -> Response:
        as_read = as_read or self.reader_of(request, state, None)
        everything = common_words(state, as_read, _link(request)) | dict(words or {})
        everything |= {"situation": state.situation, "is_answer": request.method == "POST"}
        headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
        return self._templates.page(template, everything, status=status, headers=headers)


def _status(situation: Situation) -> int:
    if situation in _GONE:
        return 410
    return 503 if situation is Situation.UNREADABLE else 200


def _link(request: Request) -> str:
    return f"/i/{request.path_params['token']}"


def _without(state: BookingState, start: datetime) -> BookingState:
    """The state without a slot that turned out to be taken."""
    if state.situation is not Situation.OPEN:
        return state
    left = tuple(other for other in state.starts if other != start)
    return replace(state, starts=left, situation=Situation.OPEN if left else Situation.ALL_TAKEN)


def _event(state: BookingState) -> Event:
    """The Meeting as the Customer may keep it: nobody else's address is in it."""
    meeting, details = state.meeting, state.invitation.details
    if meeting is None:
        raise ValueError("there is no meeting to write down")
    return Event(
        uid=meeting.uid,
        sequence=meeting.sequence,
        start=meeting.start,
        end=meeting.end,
        summary=details.subject,
        organizer=Attendee(state.inviter.name, state.inviter.email),
        attendees=(),
        description=details.description,
        location=place(details, booked=True),
        url=join_link(details, meeting),
        created_at=meeting.created_at,
    )
