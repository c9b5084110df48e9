"""What goes wrong at Google, in words for people: every refusal is translated here, once.

Reasons: developers.google.com/workspace/calendar/api/guides/errors and the schema `Error` of the discovery document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.errors import CalendarUnreadableError, DeliveryError, InviteOnceError
from bot.rest import Reply, RestError


class Fault(StrEnum):
    """What a caller may do about it."""

    RATE_LIMITED = "rate limited"
    PASSING = "passing"
    SIGN_IN = "sign in"
    NOT_THERE = "not there"
    TAKEN = "taken"
    REFUSED = "refused"
    NO_PERMISSION = "no permission"
    FORBIDDEN = "forbidden"
    API_OFF = "API switched off"
    NOT_UNDERSTOOD = "not understood"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`reason` is what colleagues may read; `advice` a sentence for whoever can mend it."""

    fault: Fault
    reason: str
    advice: str = "Try again in a few minutes."
    permanent: bool = False


class GoogleError(InviteOnceError):
    """No usable answer. `retry_at` is when Google wants to be asked again, if it said so."""

    def __init__(self, meaning: Meaning, *, retry_at: datetime | None = None) -> None:
        super().__init__(f"{meaning.reason[0].upper()}{meaning.reason[1:]}. {meaning.advice}")
        self.fault = meaning.fault
        self.reason = meaning.reason
        self.permanent = meaning.permanent
        self.retry_at = retry_at

    def undelivered(self) -> DeliveryError:
        return DeliveryError(str(self), permanent=self.permanent, retry_at=self.retry_at)

    def unreadable(self) -> CalendarUnreadableError:
        return CalendarUnreadableError(str(self))


_RECONNECT = "Connect the calendar again."

LATE = Meaning(Fault.PASSING, "the calendar did not answer in time")
NOT_UNDERSTOOD = Meaning(Fault.NOT_UNDERSTOOD, "Google’s answer could not be understood")
INCOMPLETE = Meaning(Fault.NOT_UNDERSTOOD, "Google’s answer was not complete")
TROUBLE = Meaning(Fault.PASSING, "Google has a problem at the moment")
PAUSE = Meaning(Fault.PASSING, "Google asks for a pause")
_TOO_MANY = Meaning(Fault.RATE_LIMITED, PAUSE.reason)
SIGN_IN = Meaning(Fault.SIGN_IN, "Google no longer accepts this connection", _RECONNECT)
NOT_THERE = Meaning(Fault.NOT_THERE, "Google does not know this calendar", "Choose another one in Setup.")
REFUSED = Meaning(Fault.REFUSED, "Google refused the request")
_QUOTA = Meaning(
    Fault.REFUSED, "this account has reached Google’s limit for invitations", "Google lifts it within a day."
)
_NO_PERMISSION = Meaning(
    Fault.NO_PERMISSION, "this connection lacks a permission", "Connect the calendar again, and leave every box ticked."
)
_FORBIDDEN = Meaning(
    Fault.FORBIDDEN,
    "this account may not do that in this calendar",
    "Choose a calendar of your own in Setup.",
    permanent=True,
)
_API_OFF = Meaning(
    Fault.API_OFF,
    "the Google Calendar API is switched off for this installation",
    "An administrator can enable it in the Google Cloud console.",
)
_NO_PUSHES = Meaning(
    Fault.REFUSED,
    "Google does not push to this installation’s address",
    "An administrator has to show Google that the domain is theirs.",
)
_NO_CALENDAR_SERVICE = Meaning(
    Fault.REFUSED, "this Google account has no calendar", "Connect another account.", permanent=True
)

_BY_REASON: Mapping[str, Meaning] = {
    "rateLimitExceeded": _TOO_MANY,
    "userRateLimitExceeded": _TOO_MANY,
    "dailyLimitExceeded": _TOO_MANY,
    "RATE_LIMIT_EXCEEDED": _TOO_MANY,
    "quotaExceeded": _QUOTA,
    "insufficientPermissions": _NO_PERMISSION,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": _NO_PERMISSION,
    "forbidden": _FORBIDDEN,
    "requiredAccessLevel": _FORBIDDEN,
    "forbiddenForNonOrganizer": _FORBIDDEN,
    "accessNotConfigured": _API_OFF,
    "SERVICE_DISABLED": _API_OFF,
    "notACalendarUser": _NO_CALENDAR_SERVICE,
    "push.webhookUrlUnauthorized": _NO_PUSHES,
    "channelIdNotUnique": Meaning(Fault.TAKEN, "Google already has a channel by this id"),
    "backendError": TROUBLE,
    "internalError": TROUBLE,
}
_BY_STATUS: Mapping[int, Meaning] = {
    400: Meaning(Fault.REFUSED, "Google did not accept the form of the request", permanent=True),
    401: SIGN_IN,
    403: Meaning(Fault.FORBIDDEN, "Google does not allow that for this account"),
    404: NOT_THERE,
    408: LATE,
    409: Meaning(Fault.TAKEN, "Google already has an event by this id"),
    410: NOT_THERE,
    412: Meaning(Fault.PASSING, "somebody else is changing this event"),
    429: PAUSE,
}
REFUSALS = frozenset({Fault.REFUSED, Fault.NO_PERMISSION, Fault.FORBIDDEN, Fault.API_OFF})
_GOOGLES_OWN = frozenset({401, 403, 404, 409, 410, 412})
"""What decides something: believed only with an answer that Google may have given, not with some proxy's page."""

_OF_ONE_CALENDAR: Mapping[str, Meaning] = {
    "notFound": Meaning(Fault.NOT_THERE, "this calendar is not shared, or is gone"),
    "internalError": TROUBLE,
}


def of_one_calendar(reason: object) -> Meaning:
    """What an error beside one calendar of a free/busy answer means."""
    unknown = Meaning(Fault.REFUSED, "Google could not read this calendar")
    return _OF_ONE_CALENDAR.get(reason, unknown) if isinstance(reason, str) else unknown


def unanswered(error: RestError) -> GoogleError:
    """Google could not be reached, was late, or broke off."""
    return GoogleError(Meaning(Fault.PASSING, str(error)), retry_at=error.retry_at)


def refusal(reply: Reply, now: datetime) -> GoogleError:
    """The error that an answer which is no success stands for."""
    retry_at = reply.retry_at(now) if "retry-after" in reply.headers else None
    try:
        answer = reply.json()
    except RestError as error:
        answer = {}
        if reply.status in _GOOGLES_OWN:
            return GoogleError(Meaning(Fault.NOT_UNDERSTOOD, str(error)))
    meaning = next((_BY_REASON[reason] for reason in _reasons(answer) if reason in _BY_REASON), None)
    if meaning is None or reply.status == 429:
        fallback = TROUBLE if reply.status >= 500 else NOT_UNDERSTOOD if reply.status < 400 else REFUSED
        meaning = _BY_STATUS.get(reply.status, fallback)
    return GoogleError(meaning, retry_at=retry_at)


def _reasons(answer: Mapping[str, Any]) -> list[str]:
    """Google names the reason in `errors`, in newer answers also in `details`."""
    error = answer.get("error")
    if not isinstance(error, dict):
        return []
    named = [entry for key in ("errors", "details") for entry in _entries(error.get(key))]
    return [entry["reason"] for entry in named if isinstance(entry.get("reason"), str)]


def _entries(value: object) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
