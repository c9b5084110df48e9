"""Slack's errors, translated once: every refusal becomes a DeliveryError that the outbox can read.

Error codes: docs.slack.dev/reference/methods, the page of each method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPException
from json import JSONDecodeError
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from bot.errors import DeliveryError, InviteOnceError
from bot.ports import Clock

PERMANENT = {
    "account_inactive": "The app has been removed from this workspace. Install it again.",
    "cannot_dm_bot": "Bots cannot be written to.",
    "channel_not_found": "Slack does not know this conversation, or the app cannot see it.",
    "ekm_access_denied": "An administrator has stopped the app from posting here.",
    "invalid_arguments": "Slack did not accept the message's form.",
    "invalid_blocks": "Slack did not accept the message's form.",
    "invalid_blocks_format": "Slack did not accept the message's form.",
    "is_archived": "The channel is archived. Choose another one.",
    "messages_tab_disabled": "The app's Messages tab is switched off in its Slack settings.",
    "msg_too_long": "The message is too long for Slack.",
    "no_text": "Slack did not accept the message's form.",
    "not_in_channel": "The app is not in the channel. Add it there first.",
    "restricted_action": "This workspace does not let the app post here.",
    "restricted_action_read_only_channel": "Nobody but a few may post in this channel. Choose another one.",
    "user_disabled": "This person's Slack account is deactivated.",
    "user_not_found": "Slack does not know this person.",
    "user_not_visible": "Slack does not show this person to the app.",
    "view_too_large": "The view is too large for Slack.",
}
"""What trying again cannot mend."""

PASSING = {
    "invalid_auth": "Slack refused the app's token. Check SLACK_BOT_TOKEN.",
    "missing_scope": "The app lacks a permission. Install it again with the current manifest.",
    "not_authed": "Slack refused the app's token. Check SLACK_BOT_TOKEN.",
    "token_expired": "Slack refused the app's token. Check SLACK_BOT_TOKEN.",
    "token_revoked": "Slack refused the app's token. Check SLACK_BOT_TOKEN.",
}
"""What an administrator can mend while the delivery waits."""

_SLACKS_OWN = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
"""What Slack says of itself, often with the status 200."""
_NO_ANSWER = (TimeoutError, URLError, ConnectionError, HTTPException)

_UNREACHABLE = "Slack could not be reached. Try again in a minute."
_RATE_LIMIT_PAUSE_S = 30
_NOTHING: Mapping[str, InviteOnceError] = {}


@contextmanager
def translated(clock: Clock, instead: Mapping[str, InviteOnceError] = _NOTHING) -> Iterator[None]:
    """Run a call of the Web API; whatever Slack or the network refuses is raised as DeliveryError.

    `instead` names the errors, by Slack's code, that mean something else here.
    """
    try:
        yield
    except SlackApiError as exc:
        code = error_code(exc)
        raise (instead[code] if code in instead else delivery_error(exc, clock())) from exc
    except (OSError, HTTPException, JSONDecodeError) as exc:
        raise DeliveryError(_UNREACHABLE) from exc


def delivery_error(refusal: SlackApiError, now: datetime) -> DeliveryError:
    """What a refused call means for a delivery."""
    code = error_code(refusal)
    if refusal.response.status_code == 429 or code in {"ratelimited", "rate_limited"}:
        pause = timedelta(seconds=_retry_after_s(refusal))
        return DeliveryError("Slack asks for a pause. Try again in a minute.", retry_at=now + pause)
    if code in PERMANENT:
        return DeliveryError(f"{PERMANENT[code]} ({code})", permanent=True)
    if code in PASSING:
        return DeliveryError(f"{PASSING[code]} ({code})")
    return DeliveryError(_UNREACHABLE if refusal.response.status_code >= 500 else f"Slack refused the call ({code}).")


def is_passing(error: BaseException) -> bool:
    """Whether Slack is busy, hangs, or breaks off: the same call may do in a minute."""
    if isinstance(error, SlackApiError):
        status = error.response.status_code
        return status == 429 or status >= 500 or error_code(error) in _SLACKS_OWN
    return isinstance(error, _NO_ANSWER)


def error_code(refusal: SlackApiError) -> str:
    """Slack's name for the error; an answer that is not Slack's own has none that we know."""
    code = str(refusal.response.get("error") or "")
    return code if code.replace("_", "").isalnum() else "unknown"


def _retry_after_s(refusal: SlackApiError) -> int:
    headers = {name.lower(): value for name, value in refusal.response.headers.items()}
    given = str(headers.get("retry-after", ""))
    return int(given) if given.isdecimal() else _RATE_LIMIT_PAUSE_S
