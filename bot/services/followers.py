"""Invitations that are out follow their pooled pools: whoever is set inactive or removed cannot be assigned any more,
and whoever is new can."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.ids import UserId, is_room
from bot.domain.offers import following
from bot.domain.pools import Pool
from bot.ports import UnitOfWork
from bot.services import invitation_rows


def follow(unit: UnitOfWork, before: Pool, pool: Pool, now: datetime) -> None:
    """Seat those who are active now in every ACTIVE Invitation that waits for this pool; their cards follow, and App
    Home of whoever came or went. The pool is locked, and not yet stored.

    Not yet, because a booking holds its Invitation, and looks at the pool's row last.
    """
    if pool.is_round_robin or pool.active == before.active:
        return
    waiting = unit.invitations.waiting_for(pool)
    for invitation in waiting:
        unit.invitations.reseat(replace(invitation, details=following(invitation.details, pool)))
    unit.outbox.add(*(invitation_rows.card(one, now) for one in waiting))
    changed = [UserId(who) for who in sorted({*before.active} ^ {*pool.active}) if not is_room(who)] if waiting else []
    home = DeliveryKind.SLACK_HOME
    unit.outbox.add(*(Delivery.at_once(pool.workspace_id, home, pool.id, who, now) for who in changed))
