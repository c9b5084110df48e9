"""Graph's subscriptions, as learn.microsoft.com/graph/api/resources/subscription describes them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.cast import NOW

MOST = timedelta(minutes=4230)
"""The shortest of the limits that Microsoft has had for calendars."""
PROOF = "Validation: Testing client application reachability for subscription Request-Id: 17f4+é/%"
_NUMBERS = itertools.count(1)


def echoing(url: str) -> tuple[int, str, str]:
    """Somebody who is there."""
    return 200, "text/plain; charset=utf-8", PROOF


@dataclass
class Subscriptions:
    """`kept` by their id. `knock` posts to an address and gives the status, type and text of the answer."""

    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    knock: Callable[[str], tuple[int, str, str]] = echoing

    def objection(self, wish: Mapping[str, Any]) -> str:
        """Why Graph would not make it; empty where it would. It asks both addresses whether somebody is there."""
        if datetime.fromisoformat(wish["expirationDateTime"]) - NOW > MOST:
            return "Subscription expiration can only be 4230 minutes in the future."
        if len(wish["clientState"]) > 128:
            return "clientState is too long."
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            status, kind, text = self.knock(f"{wish[name]}?validationToken={quote(PROOF, safe='')}")
            if (status, kind.partition(";")[0], text) != (200, "text/plain", PROOF):
                return "Subscription validation request failed. HTTP status code is 'NotFound'."
        return ""

    def begin(self, owner: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        subscription_id = f"7f105c7d-2dc5-4530-97cd-{next(_NUMBERS):012d}"
        self.owners[subscription_id] = owner
        made = {"id": subscription_id, "applicationId": "24d3b144", "creatorId": "8ee44408", **wish}
        self.kept[subscription_id] = {**made, "latestSupportedTlsVersion": "v1_2"}
        return {**self.kept[subscription_id], "clientState": None}

    def lengthen(self, owner: str, subscription_id: str, wish: Mapping[str, Any]) -> dict[str, Any] | None:
        if self.owners.get(subscription_id) != owner or subscription_id not in self.kept:
            return None
        self.kept[subscription_id] |= wish
        return {**self.kept[subscription_id], "clientState": None}

    def end(self, owner: str, subscription_id: str) -> bool:
        return self.owners.get(subscription_id) == owner and self.kept.pop(subscription_id, None) is not None

    def push(self, *subscription_ids: str, lifecycle: str = "") -> dict[str, Any]:
        """The body of a push about these."""
        return {"value": [self._pushed(subscription_id, lifecycle) for subscription_id in subscription_ids]}

    def _pushed(self, subscription_id: str, lifecycle: str) -> dict[str, Any]:
        kept = self.kept[subscription_id]
        head = {
            "subscriptionId": subscription_id,
            "clientState": kept["clientState"],
            "subscriptionExpirationDateTime": kept["expirationDateTime"],
            "tenantId": "84bd8158",
        }
        if lifecycle:
            return {**head, "lifecycleEvent": lifecycle, "resource": kept["resource"]}
        about = {"@odata.type": "#Microsoft.Graph.Event", "id": "AAMkAD0001"}
        return {**head, "changeType": "updated", "resource": "Users/8ee44408/Events/AAMkAD0001", "resourceData": about}
