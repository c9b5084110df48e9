"""Google's notification channels, as developers.google.com/workspace/calendar/api/guides/push describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Channel:
    """What was asked for, and what Google calls it. `owner` alone may stop it."""

    owner: str
    resource: str
    wish: Mapping[str, str]

    def push(self, state: str = "exists") -> dict[str, str]:
        """The headers of a push; it has no body."""
        return {
            "X-Goog-Channel-ID": self.wish["id"],
            "X-Goog-Channel-Token": self.wish["token"],
            "X-Goog-Channel-Expiration": "Mon, 07 Dec 2026 08:00:00 GMT",
            "X-Goog-Resource-ID": self.resource,
            "X-Goog-Resource-URI": f"https://www.googleapis.com/calendar/v3/{self.resource}?alt=json",
            "X-Goog-Resource-State": state,
            "X-Goog-Message-Number": "1" if state == "sync" else "10",
        }


@dataclass
class Channels:
    """`open` by their id; `stopped` in order. `expiration` is what Google makes of every wish, if not what it says."""

    open: dict[str, Channel] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    expiration: str | None = None

    def objection(self, wish: Mapping[str, str]) -> str:
        """Why Google would not open such a channel; empty where it would."""
        if not wish["address"].startswith("https://"):
            return "push.webhookUrlNotHttps"
        if wish["id"] in self.open or wish["id"] in self.stopped:
            return "channelIdNotUnique"
        return "" if wish["type"] in ("web_hook", "webhook") and len(wish["token"]) <= 256 else "invalid"

    def begin(self, owner: str, calendar_id: str, wish: Mapping[str, str]) -> dict[str, str]:
        channel = Channel(owner, f"resource-of-{calendar_id}", wish)
        self.open[wish["id"]] = channel
        made = {"kind": "api#channel", "id": wish["id"], "resourceId": channel.resource, "token": wish["token"]}
        made["resourceUri"] = f"https://www.googleapis.com/calendar/v3/calendars/{calendar_id}/events?alt=json"
        expiration = wish["expiration"] if self.expiration is None else self.expiration
        return {**made, "expiration": expiration} if expiration else made

    def stop(self, owner: str, body: Mapping[str, str]) -> bool:
        channel = self.open.get(body["id"])
        if channel is None or (channel.owner, channel.resource) != (owner, body["resourceId"]):
            return False
        del self.open[body["id"]]
        self.stopped.append(body["id"])
        return True
