"""What goes wrong with a CalDAV server, in words for its owner."""

from __future__ import annotations

from datetime import datetime

from bot.errors import InviteOnceError


class CalDavError(InviteOnceError):
    """No usable answer. The text is a short reason that names no calendar: colleagues read it too.

    `status` is the HTTP status, if it came to one; `permanent` means that asking again cannot help.
    """

    def __init__(
        self, text: str, *, status: int = 0, permanent: bool = False, retry_at: datetime | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.permanent = permanent
        self.retry_at = retry_at


class RejectedLoginError(CalDavError):
    """401: the user name and the password are not accepted at `url`."""

    def __init__(self, text: str, url: str) -> None:
        super().__init__(text, status=401, permanent=True)
        self.url = url


class UnreadableObjectError(CalDavError):
    """An object in the calendar makes no sense, so nobody can tell when its owner is busy."""


UNREADABLE = "the calendar has an event that cannot be read"
LATE = "the calendar did not answer in time"
UNREACHABLE = "the calendar's server cannot be reached"
FORBIDDEN = "the calendar's server is at an address that is not allowed here (see CALDAV_ALLOWED_NETWORKS)"
CERTIFICATE = "the certificate of the calendar's server is not valid"
BROKEN_OFF = "the calendar's server broke off in the middle of its answer"
NO_CALENDAR = "the account has no calendar"
TOO_MANY_ROOMS = "the server's directory has more rooms than can be read"
NOT_CALDAV = "the calendar's server gave an answer that is not CalDAV's"
TOO_LARGE = "the calendar's answer is too large to be read"
ELSEWHERE = "the calendar's server points to another host, which is not trusted with the password"
REJECTED = "the calendar's server no longer accepts the password"
NO_BASIC = "the calendar's server asks for a kind of sign-in other than user name and password (HTTP Basic)"

_BY_STATUS = {
    400: "the calendar's server does not understand the question (400)",
    403: "the calendar's server does not allow it (403)",
    404: "the calendar is not there any more (404)",
    405: "this is not a calendar (405)",
    409: "the calendar is not there any more (409)",
    410: "the calendar is not there any more (410)",
    507: "the calendar's server is full, or its answer would be too large (507)",
}
_PERMANENT = frozenset({400, 403, 404, 405, 410})


def refusal(status: int, retry_at: datetime | None = None) -> CalDavError:
    """The error for a status that is no success."""
    if status == 429 or (status == 503 and retry_at is not None):
        return CalDavError(f"the calendar's server asks to wait ({status})", status=status, retry_at=retry_at)
    if text := _BY_STATUS.get(status):
        return CalDavError(text, status=status, permanent=status in _PERMANENT)
    if status >= 500:
        return CalDavError(f"the calendar's server has a problem of its own ({status})", status=status)
    return CalDavError(f"the calendar's server gave an unexpected answer ({status})", status=status)
