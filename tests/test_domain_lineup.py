"""What the receipt says of whoever was assigned is true of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.ids import PoolId, ResourceId
from bot.domain.invitation import Seat, SeatKind
from bot.domain.lineup import Lineup
from tests.cast import NOW

ANA, BEN, CLEO, DAN = (ResourceId(name) for name in ("U0ANA", "U0BEN", "U0CLEO", "U0DAN"))
LAST = {ANA: NOW - timedelta(days=12), BEN: NOW - timedelta(days=5)}


def pooled(*candidates: ResourceId) -> Seat:
    return Seat(SeatKind.PEOPLE_POOL, candidates, PoolId("sales"))


@pytest.mark.parametrize(
    ("seats", "assigned", "reasons"),
    [
        ((pooled(ANA, BEN),), (ANA,), ["longest without a meeting, 12 days"]),
        ((pooled(ANA, BEN),), (BEN,), ["longest without a meeting of those who can come, 5 days"]),
        ((pooled(CLEO, ANA),), (CLEO,), ["no meeting before this one"]),
        ((pooled(CLEO, DAN),), (DAN,), ["no meeting before this one"]),
        (
            (pooled(ANA, BEN), pooled(ANA, BEN)),
            (ANA, BEN),
            ["longest without a meeting, 12 days", "longest without a meeting after those who come too, 5 days"],
        ),
        ((Seat(SeatKind.PERSON, (ANA,)),), (ANA,), []),
        ((Seat(SeatKind.PERSON, (ANA, BEN)),), (ANA,), []),
        ((Seat(SeatKind.PERSON, (ANA, BEN)),), (BEN,), ["the first of the alternatives who can come"]),
    ],
)
def test_receipts_say_why(seats: tuple[Seat, ...], assigned: tuple[ResourceId, ...], reasons: list[str]) -> None:
    assert [receipt.reason for receipt in Lineup(seats, LAST, NOW).receipts(assigned)] == reasons
