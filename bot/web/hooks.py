"""Pushes of calendar systems, at `/hooks/<key>`. Nothing in them is taken for data: the secret opens, no more.

developers.google.com/workspace/calendar/api/guides/push, and of learn.microsoft.com/graph
change-notifications-delivery-webhooks and change-notifications-lifecycle-events.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.domain.pushes import HOOKS, Notice
from bot.errors import NotFoundError
from bot.services.pushes import Knock
from bot.web.forms import RawEndpoint, raw_endpoint

HOOK_BYTES = 256 * 1024
_MOST_KNOCKS = 500
_LONGEST_PROOF = 1024

_OF_GOOGLE = {"sync": Notice.BEGUN, "exists": Notice.CHANGED, "not_exists": Notice.CHANGED}
_OF_MICROSOFT = {
    "reauthorizationRequired": Notice.RENEW,
    "subscriptionRemoved": Notice.ENDED,
    "missed": Notice.CHANGED,
}


class PushDesk(Protocol):
    """What the hooks need of the service."""

    @property
    def systems(self) -> Sequence[str]: ...

    def received(self, system: str, knocks: Sequence[Knock]) -> bool: ...


class Hooks:
    """Answers within the time that a push may take: nothing is read from a calendar here."""

    def __init__(self, pushes: PushDesk) -> None:
        self._pushes = pushes

    def routes(self) -> list[Route]:
        """None where no calendar system pushes to this installation."""
        answers: Mapping[str, RawEndpoint] = {"google": self.google, "microsoft": self.microsoft}
        return [
            Route(f"{HOOKS}/{key}", raw_endpoint(answers[key]), methods=["POST"], max_body_size=HOOK_BYTES)
            for key in self._pushes.systems
            if key in answers
        ]

    def google(self, body: bytes, query: str, headers: Mapping[str, str]) -> Response:
        """Google says everything in headers; the body is empty."""
        notice = _OF_GOOGLE.get(headers.get("x-goog-resource-state", ""))
        channel, token = headers.get("x-goog-channel-id", ""), headers.get("x-goog-channel-token", "")
        knocks = [Knock(token, notice, channel)] if notice and channel else []
        return self._take("google", knocks)

    def microsoft(self, body: bytes, query: str, headers: Mapping[str, str]) -> Response:
        """Pushes of several accounts may come in one; before it makes a subscription, Graph asks us to prove that we
        are here by saying what it says."""
        proof = parse_qs(query).get("validationToken", [""])[0]
        if proof and len(proof) <= _LONGEST_PROOF:
            return PlainTextResponse(proof)
        return self._take("microsoft", _knocks(body))

    def _take(self, system: str, knocks: Sequence[Knock]) -> Response:
        if not knocks or not self._pushes.received(system, knocks):
            raise NotFoundError("Nobody has asked for this.")
        return Response(status_code=202)


def _knocks(body: bytes) -> list[Knock]:
    """Those in a change notification collection; what is not of its shape is none."""
    try:
        items = json.loads(body)["value"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    if not isinstance(items, list):
        return []
    found = (_knock(item) for item in items[:_MOST_KNOCKS] if isinstance(item, dict))
    return [knock for knock in found if knock]


def _knock(item: Mapping[str, Any]) -> Knock | None:
    secret, subscription_id = item.get("clientState"), item.get("subscriptionId")
    if not isinstance(secret, str) or not isinstance(subscription_id, str):
        return None
    event = item.get("lifecycleEvent")
    notice = Notice.CHANGED if event is None else _OF_MICROSOFT.get(event) if isinstance(event, str) else None
    return Knock(secret, notice, subscription_id) if notice else None
