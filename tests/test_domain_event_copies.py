"""bot.domain.event_copies: when a copy is read next, what needs a decision, and whose link is whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.event_copies import CopyChange, CopyRole, EventCopy, Finding, Trouble, next_reading
from bot.domain.ids import ResourceId
from tests.storage_cast import DANA, NOON, PRIYA, a_meeting, an_invitation

MEETING = a_meeting(an_invitation(DANA, PRIYA))


def copy_of(holder: str, role: CopyRole = CopyRole.COPY) -> EventCopy:
    return EventCopy(MEETING.id, MEETING.workspace_id, ResourceId(holder), role, f"the link of {holder}")


@pytest.mark.parametrize(
    ("ends_in", "read_in"),
    [
        (timedelta(days=14), timedelta(minutes=5)),
        (timedelta(days=14, seconds=1), timedelta(hours=1)),
        (timedelta(seconds=1), timedelta(minutes=5)),
        (timedelta(), None),
    ],
)
def test_events_that_come_soon_are_read_often_and_those_that_are_over_no_more(
    ends_in: timedelta, read_in: timedelta | None
) -> None:
    assert next_reading(NOON + ends_in, NOON) == (NOON + read_in if read_in else None)


def test_what_somebody_keeps_as_it_is_needs_no_decision_any_more() -> None:
    found = replace(copy_of(DANA), finding=Finding(Trouble.MOVED))
    assert found.attention == Finding(Trouble.MOVED)
    assert replace(found, is_accepted=True).attention is None


def test_whoever_is_gone_keeps_no_link_to_the_event_that_everybody_shares() -> None:
    event, own = copy_of(DANA, CopyRole.EVENT), copy_of(PRIYA)
    new_event, new_own = CopyChange(kept=(event, own), added=(), withdrawn=()).relinked().kept
    assert new_event.token != event.token
    assert new_own == own, "nobody else has that one"


def test_a_link_is_not_to_be_read_in_a_log() -> None:
    assert copy_of(DANA).token not in repr(copy_of(DANA))
