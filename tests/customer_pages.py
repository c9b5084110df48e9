"""A booking service of one Invitation for the pages' tests: the rules of nonces and states, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.domain.booking import BookingState, Situation
from bot.domain.invitation import Invitation
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus
from bot.errors import CalendarUnreadableError, NotFoundError, SlotTakenError, StaleStateError
from bot.web.app import web_app
from tests import customer_cast as cast

STARTS = tuple(
    datetime(2026, 12, day, 14, tzinfo=UTC) + timedelta(minutes=30 * n)
    for day in (1, 2, 3, 7)
    for n in (0, 1, 2, 5, 6, 9)
)


class FakeBooking:
    """Books and cancels in memory. `taken` slots are still shown, but refused; `calls` are the writes asked for."""

    def __init__(
        self,
        invitation: Invitation | None = None,
        starts: Sequence[datetime] = STARTS,
        situation: Situation = Situation.OPEN,
        meeting: Meeting | None = None,
    ) -> None:
        invitation = invitation or cast.invitation()
        is_open = situation is Situation.OPEN
        self.state = BookingState(
            situation, invitation, cast.DANA, (cast.DANA, cast.PRIYA), tuple(starts) if is_open else (), meeting
        )
        self.taken: set[datetime] = set()
        self.is_unreadable = False
        self.calls: list[str] = []
        self.zone: str | None = None
        self.reason = ""
        self._issued: list[str] = []
        self._used: set[str] = set()

    def look(self, token: str) -> BookingState:
        if token != cast.TOKEN:
            raise NotFoundError("This link leads nowhere.")
        return self.state

    def nonce(self, token: str) -> str:
        self.look(token)
        self._issued.append(f"nonce-{len(self._issued) + 1}")
        return self._issued[-1]

    def confirm(self, token: str, start: datetime, nonce: str, zone: str | None) -> BookingState:
        self.calls.append("confirm")
        self._use(token, nonce, Situation.OPEN)
        if self.is_unreadable:
            raise CalendarUnreadableError("The calendars could not be read.", ["Priya Shah"])
        if start in self.taken or start not in self.state.starts:
            raise SlotTakenError("This time has just been taken.")
        self._used.add(nonce)
        self.zone = zone
        self.state = replace(
            self.state, situation=Situation.BOOKED, starts=(), meeting=cast.meeting(start, zone=zone or "Europe/Berlin")
        )
        return self.state

    def cancel(self, token: str, nonce: str, reason: str) -> BookingState:
        self.calls.append("cancel")
        self._use(token, nonce, Situation.BOOKED)
        assert self.state.meeting is not None
        self._used.add(nonce)
        self.reason = reason
        cancelled = replace(self.state.meeting, status=MeetingStatus.CANCELED, canceled_by=CanceledBy.CUSTOMER)
        self.state = replace(self.state, situation=Situation.CANCELED_BY_CUSTOMER, meeting=cancelled)
        return self.state

    def opened(self, token: str) -> None:
        self.look(token)
        self.calls.append("opened")

    def _use(self, token: str, nonce: str, expected: Situation) -> None:
        self.look(token)
        if nonce not in self._issued or nonce in self._used or self.state.situation is not expected:
            raise StaleStateError("This page is out of date.")


def booked(start: datetime = cast.START, *, zone: str | None = "Europe/Berlin") -> FakeBooking:
    return FakeBooking(situation=Situation.BOOKED, meeting=cast.meeting(start, zone=zone))


def ended(situation: Situation) -> FakeBooking:
    """In one of the states without choices; with a meeting where there has been one."""
    had_meeting = situation in (Situation.PAST, Situation.CANCELED_BY_CUSTOMER, Situation.CANCELED_BY_USER)
    return FakeBooking(situation=situation, meeting=cast.meeting() if had_meeting else None)


async def quiet_slack(request: Request) -> Response:
    return PlainTextResponse(await request.body())


def app(booking: FakeBooking, *, now: datetime = cast.NOW, **options: object) -> Starlette:
    return web_app(
        booking=booking,
        slack_endpoint=quiet_slack,
        readiness=list,
        clock=lambda: now,
        **options,  # type: ignore[arg-type]  # each test names the one it is about
    )
