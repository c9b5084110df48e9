"""What goes wrong with Microsoft 365, in words for people. Each is a clause that follows "could not be read:"."""

from __future__ import annotations

from datetime import datetime

from bot.rest import Reply, RestError

SERVICE = "Microsoft 365"
LATE = f"{SERVICE} did not answer in time"
NONSENSE = f"{SERVICE} gave an answer that makes no sense"
UNFINISHED = f"{SERVICE} gave only a part of the answer"
ELSEWHERE = f"{SERVICE} pointed to another server, which is not trusted with the account"
TOO_MANY = "the calendar has more events than can be read"
TOO_MANY_ROOMS = "the organisation has more rooms than can be read"
NOT_SHARED = "the calendar is not shared with the account that asks"
UNKNOWN_ADDRESS = f"{SERVICE} does not know this address"
NO_ADDRESS = f"this is not an address that {SERVICE} could look up"
PERSONAL = "a personal Microsoft account cannot look into other people’s calendars"
NO_MAILBOX = f"the account has no mailbox in {SERVICE}"
RECONNECT = f"{SERVICE} does not accept the sign-in any more"
ROOMS_ARE_INVITED = f"a room in {SERVICE} is reserved by inviting it to a meeting in a {SERVICE} calendar"
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
"""What looking into an answer raises where it is not of the documented shape."""

_BY_CODE = {
    "ErrorInvalidRecipients": "one of the addresses cannot be invited",
    "ErrorNonExistentMailbox": NO_MAILBOX,
    "MailboxNotEnabledForRESTAPI": NO_MAILBOX,
    "MailboxNotSupportedForRESTAPI": NO_MAILBOX,
    "ErrorQuotaExceeded": "the mailbox is full",
}
_BY_STATUS = {
    401: RECONNECT,
    403: f"{SERVICE} does not allow it",
    404: f"{SERVICE} does not know the calendar any more",
    410: f"{SERVICE} does not know the calendar any more",
    429: f"{SERVICE} asks for a pause",
}
# https://learn.microsoft.com/exchange/client-developer/web-service-reference/responsecode, of a single schedule
_BY_RESPONSE_CODE = {
    "ErrorMailRecipientNotFound": UNKNOWN_ADDRESS,
    "ErrorInvalidSmtpAddress": NO_ADDRESS,
    "ErrorNoFreeBusyAccess": NOT_SHARED,
    "5006": TOO_MANY,
}


def refusal(reply: Reply, now: datetime) -> RestError:
    """What an answer outside 2xx means."""
    code = _code(reply)
    if code in _BY_CODE:
        text = _BY_CODE[code]
    elif reply.status in _BY_STATUS:
        text = _BY_STATUS[reply.status]
    elif reply.status >= 500:
        text = f"{SERVICE} has a problem of its own"
    else:
        text = f"{SERVICE} did not accept the question ({reply.status})"
    return RestError(text, status=reply.status, code=code, retry_at=reply.retry_at(now))


def refuses_token(reply: Reply) -> bool:
    """Whether it is the token that is not accepted; for what an account may not use Graph has a 401 of other codes."""
    return reply.status == 401 and _code(reply) == "InvalidAuthenticationToken"


def is_gone(error: RestError) -> bool:
    """Whether Graph says so, and not some proxy's page."""
    return error.status in (404, 410) and error.code != ""


def schedule_refusal(response_code: str) -> str:
    """Why one schedule among several could not be read."""
    return _BY_RESPONSE_CODE.get(response_code, f"{SERVICE} could not read the calendar")


def _code(reply: Reply) -> str:
    """Graph's name for the error; an answer that is not Graph's own has none."""
    try:
        return str(reply.json()["error"]["code"])
    except (RestError, *MALFORMED):
        return ""
