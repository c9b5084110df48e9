"""What a Meeting may move to: the same people, the frame while it is open, and its own time cut out of busy ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.cells import BusyIndex
from bot.domain.intervals import Interval
from bot.domain.meeting import Meeting, MeetingStatus
from bot.domain.rescheduling import may_be_moved, move_search, on_cells, replaced
from tests.activity_cast import INVITATION, MEETING, START
from tests.cast import DANA, NOW, PRIYA

MINUTE = timedelta(minutes=1)
LAST = datetime(2026, 12, 14, 21, 30, tzinfo=UTC)
"""The frame's last start: Monday, 16:30 in New York."""


def at(hour: int, minute: int = 0, *, minutes: int = 30) -> Interval:
    start = datetime(2026, 12, 1, hour, minute, tzinfo=UTC)
    return Interval(start, start + minutes * MINUTE)


@pytest.mark.parametrize(
    ("changes", "now", "may"),
    [
        ({}, NOW, True),
        ({"status": MeetingStatus.RESCHEDULED}, START - MINUTE, True),
        ({}, START, False),
        ({"status": MeetingStatus.CANCELED}, NOW, False),
        ({"status": MeetingStatus.COMPLETED}, NOW, False),
        ({"assigned": ()}, NOW, False),
    ],
)
def test_meeting_may_be_moved_until_its_start(changes: dict[str, object], now: datetime, may: bool) -> None:
    assert may_be_moved(replace(MEETING, **changes), now) is may


def test_everybody_keeps_their_seat() -> None:
    search = move_search(INVITATION, MEETING, NOW)
    assert search.requirements == ((DANA.resource_id,), (PRIYA.resource_id,))
    assert search.frame == INVITATION.rules.frame


@pytest.mark.parametrize(
    ("meeting", "now", "is_open"),
    [
        (MEETING, LAST - 61 * MINUTE, True),
        (MEETING, LAST - 59 * MINUTE, False),
        (replace(MEETING, start=LAST), LAST - 61 * MINUTE, False),
        (replace(MEETING, start=LAST), LAST - 91 * MINUTE, True),
    ],
)
def test_frame_in_which_nothing_else_is_left_gives_way_to_a_fortnight(
    meeting: Meeting, now: datetime, is_open: bool
) -> None:
    frame = move_search(INVITATION, meeting, now).frame
    if is_open:
        assert frame == INVITATION.rules.frame
    else:
        assert (frame.start_date, frame.end_date) == (date(2026, 12, 14), date(2026, 12, 28))
        assert replace(frame, start_date=date(2026, 11, 30), end_date=date(2026, 12, 14)) == INVITATION.rules.frame


def test_own_time_is_cut_out_and_what_else_lies_there_stays() -> None:
    merged = BusyIndex.of([at(9, minutes=120)])
    assert replaced(merged, at(9, 30), []).intervals() == (at(9), at(10, minutes=60))
    assert replaced(merged, at(9, 30), [at(9, 45, minutes=15)]).intervals() == (at(9), at(9, 45, minutes=75))
    assert replaced(BusyIndex(), at(9), [at(9)]).intervals() == (at(9),)
    assert replaced(BusyIndex(), at(9), []).intervals() == ()


def test_time_that_somebody_chose_by_hand_is_rounded_outward() -> None:
    assert on_cells(Interval(at(9, 2).start, at(9, 31).start)) == at(9, minutes=35)
    assert on_cells(at(9)) == at(9)


CELLS = st.integers(0, 200)
SPANS = st.builds(lambda first, length: (first, first + length), CELLS, st.integers(1, 12))


@given(busy=st.lists(SPANS, max_size=6), within=SPANS, others=st.lists(SPANS, max_size=3))
def test_cells_outside_stay_and_cells_inside_are_the_others(
    busy: list[tuple[int, int]], within: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    def interval(span: tuple[int, int]) -> Interval:
        return Interval(START + span[0] * 5 * MINUTE, START + span[1] * 5 * MINUTE)

    def cells(spans: list[tuple[int, int]]) -> set[int]:
        return {cell for first, end in spans for cell in range(first, end)}

    index = replaced(BusyIndex.of(map(interval, busy)), interval(within), map(interval, others))
    expected = (cells(busy) - cells([within])) | cells(others)
    assert {cell for cell in range(215) if index.overlaps(interval((cell, cell + 1)))} == expected
