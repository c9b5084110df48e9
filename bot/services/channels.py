"""Which channels of Slack get a note about an Invitation's Meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.ids import ChannelId, PoolId
from bot.domain.invitation import Invitation
from bot.domain.pools import Pool


def channels_of(invitation: Invitation, pools: Mapping[PoolId, Pool]) -> Sequence[ChannelId]:
    """The one that was chosen for the Invitation, and those of its pools, as they are by now; each once."""
    own = (pools[pool_id].channel_id for pool_id in invitation.details.pool_ids if pool_id in pools)
    return [channel_id for channel_id in dict.fromkeys((invitation.letter.channel_id, *own)) if channel_id]
