"""Which channels of Slack get a note about an Invitation's Meeting."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.ids import ChannelId
from bot.domain.invitation import Invitation
from bot.ports import UnitOfWork


def channels_of(unit: UnitOfWork, invitation: Invitation) -> Sequence[ChannelId]:
    """The one that was chosen for the Invitation, and those of its pools as they are by now; each once."""
    pool_ids = sorted({seat.pool_id for seat in invitation.details.seats if seat.pool_id})
    pools = unit.pools.by_ids(pool_ids) if pool_ids else {}
    chosen = (invitation.letter.channel_id, *(pools[pool_id].channel_id for pool_id in pool_ids if pool_id in pools))
    return [channel_id for channel_id in dict.fromkeys(chosen) if channel_id]
