"""A connection's secrets at Microsoft, as `Connection.credentials` keeps them (encrypted, as JSON)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from bot.calendars.microsoft.errors import MALFORMED
from bot.domain.calendar import ExtraAccess
from bot.errors import ConnectionBrokenError

_EARLY = timedelta(minutes=5)
"""Renewed so long before they expire: a clock may be wrong, and a request takes its time."""
_SHORTEST, _LONGEST = timedelta(minutes=1), timedelta(days=1)
"""What an access token may be said to live; Microsoft's live about an hour."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """`is_personal`: an Outlook.com account and the like, which belongs to no organisation. `extras` were granted
    beyond what connecting takes."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime
    is_personal: bool = False
    extras: frozenset[ExtraAccess] = frozenset()

    def is_stale(self, now: datetime) -> bool:
        """Whether they had better be renewed; also where the expiry is further away than any real one."""
        return not now + _EARLY < self.expires_at <= now + _LONGEST

    def renewed(self, answer: Mapping[str, Any], now: datetime) -> Self:
        """With what the token endpoint has answered; it may keep the refresh token as it is."""
        return replace(
            self,
            access=str(answer["access_token"]),
            refresh=str(answer.get("refresh_token") or self.refresh),
            expires_at=expiry(answer, now),
        )

    def dump(self) -> str:
        return json.dumps(
            {
                "access_token": self.access,
                "refresh_token": self.refresh,
                "expires_at": int(self.expires_at.timestamp()),
                "is_personal": self.is_personal,
                "extras": sorted(self.extras),
            }
        )

    @classmethod
    def load(cls, credentials: str) -> Self:
        """What `dump` wrote. Raises ConnectionBrokenError."""
        try:
            kept = json.loads(credentials)
            return cls(
                kept["access_token"],
                kept["refresh_token"],
                datetime.fromtimestamp(kept["expires_at"], UTC),
                kept["is_personal"],
                frozenset(map(ExtraAccess, kept.get("extras", ()))),
            )
        except MALFORMED as error:
            raise ConnectionBrokenError("The sign-in to Microsoft 365 is lost. Connect the calendar again.") from error


def expiry(answer: Mapping[str, Any], now: datetime) -> datetime:
    """When the access token of the token endpoint's answer expires, within sane bounds."""
    try:
        lifetime = timedelta(seconds=int(answer["expires_in"]))
    except MALFORMED:
        lifetime = _SHORTEST
    return now + min(max(lifetime, _SHORTEST), _LONGEST)
