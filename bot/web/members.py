"""The members' page behind `/m/<token>`, the link in their event. A GET or HEAD changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.activity import MeetingItem
from bot.domain.meeting import MeetingStatus
from bot.domain.rescheduling import MoveOffer
from bot.domain.typed import one_line, plain
from bot.domain.wording import ClockStyle, first_name, join_link, joined, link_follows, moment, place
from bot.errors import StaleStateError
from bot.ports import Clock
from bot.web.booking import REASON_LENGTH, RETRY_AFTER_S
from bot.web.forms import FORM_BYTES, Form, form_endpoint
from bot.web.reading import chosen_zone, preferred_language
from bot.web.rendering import Templates

_STANDING = {
    MeetingStatus.SCHEDULED: "This meeting is booked",
    MeetingStatus.RESCHEDULED: "This meeting has moved to this time",
    MeetingStatus.COMPLETED: "This meeting has taken place",
    MeetingStatus.CANCELED: "This meeting is cancelled",
    MeetingStatus.NO_SHOW: "This meeting did not take place",
}


class MemberLinks(Protocol):
    """What the page needs of the service; each method raises NotFoundError for an unknown link."""

    def look(self, token: str) -> MeetingItem: ...

    def nonce(self, token: str) -> str: ...

    def cancel(self, token: str, nonce: str, reason: str) -> MeetingItem:
        """Raises StaleStateError."""

    def offer(self, token: str) -> tuple[MeetingItem, MoveOffer | None]: ...

    def move(self, token: str, start: datetime, was: datetime, nonce: str, note: str) -> MeetingItem:
        """Raises SlotTakenError, CalendarUnreadableError, StaleStateError."""


class MemberPages:
    """Shows what the event shows; it names nobody's address, and holds nothing that the Customer's link does."""

    def __init__(self, links: MemberLinks, templates: Templates, clock: Clock) -> None:
        self._links = links
        self._templates = templates
        self._clock = clock

    def routes(self) -> list[Route]:
        page = "/m/{token}"
        return [
            Route(page, self.show),
            Route(f"{page}/cancel", self.ask_cancel),
            Route(f"{page}/cancel", form_endpoint(self.cancel), methods=["POST"], max_body_size=FORM_BYTES),
        ]

    def show(self, request: Request) -> Response:
        return self.page("member.html", request, self._links.look(request.path_params["token"]))

    def ask_cancel(self, request: Request) -> Response:
        token = request.path_params["token"]
        item = self._links.look(token)
        if not self._may_change(item):
            return RedirectResponse(f"/m/{token}", status_code=303)
        return self.page("member_cancel.html", request, item, {"nonce": self._links.nonce(token)})

    def cancel(self, request: Request, form: Form) -> Response:
        token = request.path_params["token"]
        reason = plain(form.get("reason", "")).strip()[:REASON_LENGTH]
        try:
            item = self._links.cancel(token, form.get("nonce", ""), reason)
        except StaleStateError as error:
            item = self._links.look(token)
            return self.page("member.html", request, item, {"notice": str(error)})
        return self.page("member.html", request, item)

    def _may_change(self, item: MeetingItem) -> bool:
        return item.meeting.is_live and self._clock() < item.meeting.start

    def page(
        self,
        template: str,
        request: Request,
        item: MeetingItem,
        words: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
    ) -> Response:
        meeting, invitation = item.meeting, item.invitation
        details, asked, own = invitation.details, chosen_zone(request.query_params.get("tz")), zone_of(request, item)
        customers = meeting.customer_zone or invitation.participant.time_zone or own
        style = ClockStyle.of(preferred_language(request))
        zones = dict.fromkeys((own, customers))
        everything = {
            "link": f"/m/{request.path_params['token']}",
            "query": f"?tz={quote(asked, safe='')}" if asked else "",
            "title": _STANDING[meeting.status],
            "subject": one_line(details.subject),
            "customer": one_line(invitation.participant.name),
            "customer_first": first_name(one_line(invitation.participant.name)),
            "when": tuple(moment(meeting.start, meeting.duration, zone, style) for zone in zones),
            "who": joined([one_line(person.name) for person, _ in item.members]),
            "where": place(details, booked=True),
            "join_link": join_link(details, meeting) if meeting.is_live else "",
            "link_follows": meeting.is_live and link_follows(details, meeting),
            "description": plain(details.description).strip(),
            "is_cancelled": meeting.status is MeetingStatus.CANCELED,
            "may_change": self._may_change(item),
            "tracking_id": invitation.tracking_id,
            "notice": "",
        }
        headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
        return self._templates.page(template, everything | dict(words or {}), status=status, headers=headers)


def zone_of(request: Request, item: MeetingItem) -> str:
    """The zone asked for, else the inviter's."""
    return chosen_zone(request.query_params.get("tz")) or item.inviter.time_zone
