"""Channels get a note about the meetings of their Invitation, and of its pools, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.ids import POOL_PREFIX, ChannelId
from bot.domain.pools import Pool
from bot.errors import FormError, NotAllowedError
from bot.services.availability import FRESH
from bot.services.pools import CHANNEL
from bot.services.rescheduling import Mover
from tests.cast import DANA, PRIYA, SALES
from tests.pool_cast import create
from tests.world import Stage

DEMOS = ChannelId("C0DEMOS")


@pytest.fixture
def sales(stage: Stage) -> Pool:
    """Priya's, with a channel of its own; the app is in #demos too."""
    stage.directory.channels.add(DEMOS)
    return create(stage, members=[PRIYA.resource_id], channel_id=SALES)


def told(stage: Stage) -> list[tuple[str, str]]:
    """Which channel heard of what since the last time, in order."""
    stage.deliver()
    notes = [(line[1], str(line[2])) for line in stage.notifier.told if line[0] == "channel"]
    stage.notifier.told.clear()
    return notes


def test_the_channel_of_a_pool_hears_of_its_meetings(stage: Stage, sales: Pool) -> None:
    invitation = stage.invite(members=[f"{POOL_PREFIX}{sales.id}"], channel=None)
    assert told(stage) == []
    stage.book(invitation)
    assert told(stage) == [(SALES, "booked")]
    booking, rescheduling = stage.services.booking, stage.services.rescheduling
    meeting = booking.look(invitation.token).meeting
    assert meeting is not None
    offer = rescheduling.offer(meeting, invitation, max_age=FRESH)
    rescheduling.move(meeting, invitation, offer.starts[3], Mover(by_id=DANA.user_id))
    assert told(stage) == [(SALES, "moved")]
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")
    assert told(stage) == [(SALES, "canceled")]


def test_the_channel_of_the_invitation_hears_too_and_each_once(stage: Stage, sales: Pool) -> None:
    other = create(stage, name="Demos", members=[DANA.resource_id], channel_id=DEMOS)
    pools = [f"{POOL_PREFIX}{pool.id}" for pool in (sales, other)]
    stage.book(stage.invite(members=pools, channel=SALES))
    assert sorted(told(stage)) == [(DEMOS, "booked"), (SALES, "booked")]


def test_what_counts_is_the_channel_that_the_pool_has_by_now(stage: Stage, sales: Pool) -> None:
    invitation = stage.invite(members=[f"{POOL_PREFIX}{sales.id}"], channel=None)
    stage.services.pools.set_channel(DANA, sales.id, DEMOS)
    stage.book(invitation)
    assert told(stage) == [(DEMOS, "booked")]
    other = stage.invite(members=[f"{POOL_PREFIX}{sales.id}"], channel=None)
    stage.services.pools.set_channel(DANA, sales.id, None)
    stage.book(other, stage.services.booking.look(other.token).starts[-1])
    assert told(stage) == []


def test_a_pool_that_is_gone_tells_no_channel(stage: Stage, sales: Pool) -> None:
    invitation = stage.invite(members=[f"{POOL_PREFIX}{sales.id}"], channel=None)
    stage.services.pools.delete(DANA, sales.id)
    stage.book(invitation)
    assert told(stage) == []


def test_a_channel_without_the_app_is_refused_and_members_choose_none(stage: Stage, sales: Pool) -> None:
    pools, elsewhere = stage.services.pools, ChannelId("C0ELSEWHERE")
    with pytest.raises(FormError) as refused:
        create(stage, name="Demos", members=[DANA.resource_id], channel_id=elsewhere)
    assert set(refused.value.fields) == {CHANNEL}
    with pytest.raises(FormError):
        pools.set_channel(DANA, sales.id, elsewhere)
    with pytest.raises(NotAllowedError):
        pools.set_channel(PRIYA, sales.id, None)
    assert pools.list(sales.workspace_id) == (replace(sales, channel_id=SALES),)
