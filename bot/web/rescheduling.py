"""The Customer's *Reschedule* behind `/i/<token>/reschedule`: the same choice as the first time, then old and new."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.domain.booking import BookingState
from bot.domain.rescheduling import MoveOffer
from bot.domain.typed import plain
from bot.domain.wording import slot_of_stamp, slot_stamp
from bot.errors import CalendarUnreadableError, NotFoundError, SlotTakenError, StaleStateError
from bot.web.booking import REASON_LENGTH, CustomerPages
from bot.web.forms import FORM_BYTES, Form, form_endpoint
from bot.web.pages import choice_words, confirm_words
from bot.web.reading import chosen_zone

_MOVED = "Your meeting has moved"


class CustomerMoves(Protocol):
    """What the pages need of the service; each method raises NotFoundError for an unknown link."""

    def state(self, token: str) -> BookingState: ...

    def look(self, token: str) -> tuple[BookingState, MoveOffer | None]: ...

    def move(self, token: str, start: datetime, was: datetime, nonce: str, note: str, zone: str | None) -> BookingState:
        """Raises SlotTakenError, CalendarUnreadableError, StaleStateError."""


class ReschedulePages:
    """Whatever cannot be moved (any more) has the page that it has without these."""

    def __init__(self, moves: CustomerMoves, pages: CustomerPages) -> None:
        self._moves = moves
        self._pages = pages

    def routes(self) -> list[Route]:
        page = "/i/{token}/reschedule"
        return [
            Route(page, self.show),
            Route(page, form_endpoint(self.move), methods=["POST"], max_body_size=FORM_BYTES),
            Route(page + "/{stamp}", self.ask_confirm),
        ]

    def show(self, request: Request) -> Response:
        """The times that the meeting may move to."""
        return self._offered(request, *self._look(request))

    def ask_confirm(self, request: Request) -> Response:
        """The old time and the new one, to be confirmed; what is left where the new one is gone."""
        start = slot_of_stamp(request.path_params["stamp"])
        if start is None:
            raise NotFoundError("This link leads nowhere.")
        return self._confirm_page(request, *self._look(request), start)

    def move(self, request: Request, form: Form) -> Response:
        """Move, and show what came of it. A used nonce shows the present state."""
        asked = form.get("tz") or None
        start, was = slot_of_stamp(form.get("start", "")), slot_of_stamp(form.get("was", ""))
        token = request.path_params["token"]
        if start is None or was is None:
            return self._pages.present(request, self._moves.state(token), asked, status=400)
        zone = chosen_zone(asked)
        note = plain(form.get("note", "")).strip()[:REASON_LENGTH]
        try:
            state = self._moves.move(token, start, was, form.get("nonce", ""), note, zone)
        except SlotTakenError:
            state, offer = self._look(request)
            # What was counted a moment ago may still hold the slot that is gone.
            offer = replace(offer, starts=tuple(one for one in offer.starts if one != start)) if offer else None
            return self._offered(request, state, offer, asked, is_slot_gone=True)
        except CalendarUnreadableError as error:
            return self._offered(request, self._moves.state(token), MoveOffer((), error.names or ("",)), asked)
        except StaleStateError:
            state, offer = self._look(request)
            if offer is None or state.meeting is None or state.meeting.start == start:
                return self._pages.present(request, state, asked)
            return self._confirm_page(request, state, offer, start, asked, is_second_try=True)
        return self._pages.present(request, state, asked, headline=_MOVED)

    def _look(self, request: Request) -> tuple[BookingState, MoveOffer | None]:
        return self._moves.look(request.path_params["token"])

    def _offered(
        self,
        request: Request,
        state: BookingState,
        offer: MoveOffer | None,
        asked: str | None = None,
        *,
        is_slot_gone: bool = False,
    ) -> Response:
        if offer is None:
            return self._pages.present(request, state, asked)
        state = replace(state, starts=offer.starts)
        as_read = self._pages.reader_of(request, state, asked)
        words = self._words(request) | {"is_slot_gone": is_slot_gone}
        if not offer.starts:
            words |= {"is_unreadable": bool(offer.unreadable)}
            status = 503 if offer.unreadable else 409 if is_slot_gone else 200
            return self._pages.page("reschedule_none.html", request, state, as_read, status, words)
        words |= choice_words(state.starts, as_read)
        return self._pages.page("reschedule.html", request, state, as_read, 409 if is_slot_gone else 200, words)

    def _confirm_page(
        self,
        request: Request,
        state: BookingState,
        offer: MoveOffer | None,
        start: datetime,
        asked: str | None = None,
        *,
        is_second_try: bool = False,
    ) -> Response:
        if offer is None or state.meeting is None or start not in offer.starts:
            is_gone = bool(offer and not offer.unreadable) and start != (state.meeting and state.meeting.start)
            return self._offered(request, state, offer, asked, is_slot_gone=is_gone)
        as_read = self._pages.reader_of(request, state, asked)
        words = self._words(request) | {
            "new_when": confirm_words(state, as_read, start)["when"],
            "stamp": slot_stamp(start),
            "was_stamp": slot_stamp(state.meeting.start),
            "nonce": self._pages.nonce(request),
            "is_second_try": is_second_try,
        }
        return self._pages.page("reschedule_confirm.html", request, state, as_read, words=words)

    def _words(self, request: Request) -> dict[str, Any]:
        """Where the choice is, also for whoever reloads the answer to a form."""
        choose_at = f"/i/{request.path_params['token']}/reschedule"
        return {"choose_at": choose_at, "page": choose_at}
