"""A member's *Reschedule* behind `/m/<token>/reschedule`: the times, the old and the new one, the move."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.activity import MeetingItem
from bot.domain.rescheduling import MoveOffer
from bot.domain.typed import plain
from bot.domain.wording import ClockStyle, moment, slot_of_stamp, slot_stamp
from bot.errors import CalendarUnreadableError, NotFoundError, SlotTakenError, StaleStateError
from bot.web.booking import REASON_LENGTH
from bot.web.forms import FORM_BYTES, Form, form_endpoint
from bot.web.members import MemberLinks, MemberPages, zone_of
from bot.web.pages import choice_words, zone_now
from bot.web.reading import Reader, chosen_zone, preferred_language, zone_options


class MemberMovePages:
    """What cannot be moved (any more) has no pages here: they lead to the Meeting's own."""

    def __init__(self, links: MemberLinks, pages: MemberPages) -> None:
        self._links = links
        self._pages = pages

    def routes(self) -> list[Route]:
        page = "/m/{token}/reschedule"
        return [
            Route(page, self.show),
            Route(page, form_endpoint(self.move), methods=["POST"], max_body_size=FORM_BYTES),
            Route(page + "/{stamp}", self.ask_confirm),
        ]

    def show(self, request: Request) -> Response:
        return self._offered(request, *self._links.offer(request.path_params["token"]))

    def ask_confirm(self, request: Request) -> Response:
        start = slot_of_stamp(request.path_params["stamp"])
        if start is None:
            raise NotFoundError("This link leads nowhere.")
        return self._confirm_page(request, *self._links.offer(request.path_params["token"]), start)

    def move(self, request: Request, form: Form) -> Response:
        """Move, and show what came of it. A used nonce shows the present state."""
        token = request.path_params["token"]
        start, was = slot_of_stamp(form.get("start", "")), slot_of_stamp(form.get("was", ""))
        if start is None or was is None:
            return self._pages.page("member.html", request, self._links.look(token), status=400)
        note = plain(form.get("note", "")).strip()[:REASON_LENGTH]
        try:
            item = self._links.move(token, start, was, form.get("nonce", ""), note)
        except SlotTakenError:
            item, offer = self._links.offer(token)
            left = MoveOffer(tuple(one for one in offer.starts if one != start)) if offer else None
            return self._offered(request, item, left, "This time has just been taken. Here is what is left.", 409)
        except CalendarUnreadableError as error:
            return self._offered(request, self._links.look(token), MoveOffer((), error.names), status=503)
        except StaleStateError as error:
            item, offer = self._links.offer(token)
            if offer is None or item.meeting.start == start:
                return self._pages.page("member.html", request, item, {"notice": str(error)})
            notice = "Please confirm once more: nothing has been changed yet."
            return self._confirm_page(request, item, offer, start, notice)
        return self._pages.page("member.html", request, item)

    def _offered(
        self, request: Request, item: MeetingItem, offer: MoveOffer | None, notice: str = "", status: int = 200
    ) -> Response:
        if offer is None:
            return RedirectResponse(f"/m/{request.path_params['token']}", status_code=303)
        as_read = self._reader(request, item)
        words = (
            self._words(request)
            | choice_words(offer.starts, as_read)
            | {
                "reader": as_read,
                "zones": zone_options(),
                "zone_now": zone_now(as_read.zone, offer.starts),
                "inviter_first": "",
                "inviter_zone_now": "",
                "shares_zone": True,
                "is_unreadable": bool(offer.unreadable),
                "is_answer": request.method == "POST",
                "notice": notice,
            }
        )
        status = 503 if offer.unreadable else status
        return self._pages.page("member_reschedule.html", request, item, words, status=status)

    def _confirm_page(
        self, request: Request, item: MeetingItem, offer: MoveOffer | None, start: datetime, notice: str = ""
    ) -> Response:
        if offer is None or start not in offer.starts:
            is_gone = bool(offer and not offer.unreadable) and start != item.meeting.start
            gone = "This time is no longer available. Here is what is left." if is_gone else ""
            return self._offered(request, item, offer, gone, 409 if is_gone else 200)
        as_read, meeting = self._reader(request, item), item.meeting
        customers = meeting.customer_zone or item.invitation.participant.time_zone or as_read.zone
        zones = dict.fromkeys((as_read.zone, customers))
        words = self._words(request) | {
            "new_when": tuple(moment(start, meeting.duration, zone, as_read.style) for zone in zones),
            "stamp": slot_stamp(start),
            "was_stamp": slot_stamp(meeting.start),
            "nonce": self._links.nonce(request.path_params["token"]),
            "notice": notice,
        }
        return self._pages.page("member_reschedule_confirm.html", request, item, words)

    def _words(self, request: Request) -> dict[str, Any]:
        return {"choose_at": f"/m/{request.path_params['token']}/reschedule"}

    def _reader(self, request: Request, item: MeetingItem) -> Reader:
        chosen = chosen_zone(request.query_params.get("tz"))
        return Reader(zone_of(request, item), chosen, ClockStyle.of(preferred_language(request)), knows_own_zone=True)
