"""Names of things: typed identifiers, Tracking IDs and link tokens."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
"""Slack's team id, `T…`."""
UserId = NewType("UserId", str)
"""Slack's user id, `U…` or `W…`."""
ChannelId = NewType("ChannelId", str)
"""Slack's conversation id, `C…`, `G…` or `D…`."""
ResourceId = NewType("ResourceId", str)
"""Who or what can be booked: a Team member's `UserId`, or `room:<id>`."""
DraftId = NewType("DraftId", str)
InvitationId = NewType("InvitationId", str)
MeetingId = NewType("MeetingId", str)
DeliveryId = NewType("DeliveryId", str)
ConnectionId = NewType("ConnectionId", str)
PoolId = NewType("PoolId", str)
TemplateId = NewType("TemplateId", str)
TrackingId = NewType("TrackingId", str)
"""Eight characters that a person can read out: no 0, O, 1 or I."""

ROOM_PREFIX = "room:"
POOL_PREFIX = "pool:"
"""In the wizard's fields a pool stands beside people and rooms as `pool:<id>`."""
TRACKING_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TRACKING_LENGTH = 8


def new_id() -> str:
    """A random identifier: 32 hexadecimal characters."""
    return uuid.uuid4().hex


def new_tracking_id() -> TrackingId:
    """A random Tracking ID, about 1.1e12 possibilities; uniqueness is the database's to refuse."""
    return TrackingId("".join(secrets.choice(TRACKING_ALPHABET) for _ in range(TRACKING_LENGTH)))


def new_link_token() -> str:
    """A 256-bit secret for a link, URL-safe base64 without padding (43 characters)."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database looks a link up by: SHA-256 as 64 hexadecimal characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_room(resource: ResourceId) -> bool:
    return resource.startswith(ROOM_PREFIX)
