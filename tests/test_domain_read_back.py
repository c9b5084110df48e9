"""What a calendar holds, compared with what was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.calendar import Attendee, Event, EventStatus, PartStat
from bot.domain.event_copies import CopyRole, EventCopy, Finding, Trouble, next_reading
from bot.domain.ids import MeetingId, ResourceId, WorkspaceId
from bot.domain.read_back import compare, judged

START = datetime(2027, 3, 10, 12, tzinfo=UTC)
NOW = START - timedelta(days=3)
MINUTE = timedelta(minutes=1)
DANA, PRIYA = Attendee("Dana Fox", "dana@x.example"), Attendee("Priya Raman", "priya@x.example")
ATLAS = Attendee("Atlas", "atlas@x.example", is_room=True)
EVENT = Event("uid", 0, START, START + 30 * MINUTE, "Roadmap", DANA, (DANA, PRIYA, ATLAS))
COPY = EventCopy(MeetingId("m"), WorkspaceId("T"), ResourceId("U"), CopyRole.EVENT, "secret")
MISSING = Finding(Trouble.MISSING)


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (EVENT, None),
        (None, MISSING),
        (replace(EVENT, status=EventStatus.CANCELLED), MISSING),
        (replace(EVENT, start=START + MINUTE), Finding(Trouble.MOVED, "2027-03-10T12:01:00+00:00")),
        (replace(EVENT, end=EVENT.end + MINUTE), Finding(Trouble.MOVED, "2027-03-10T12:00:00+00:00")),
        (replace(EVENT, start=START.astimezone(ZoneInfo("Asia/Kathmandu"))), None),
        (replace(EVENT, sequence=9, summary="Renamed", description="Notes of my own"), None),
        (replace(EVENT, attendees=(PRIYA, ATLAS)), None),
        (replace(EVENT, attendees=(DANA, ATLAS)), Finding(Trouble.ATTENDEES, "Priya Raman")),
        (replace(EVENT, attendees=(DANA,)), Finding(Trouble.ATTENDEES, "Priya Raman, Atlas")),
        (replace(EVENT, attendees=(DANA, replace(PRIYA, email="Priya@X.example"), ATLAS)), None),
        (replace(EVENT, attendees=(DANA, replace(PRIYA, email="pr@private.example"), ATLAS)), None),
        (replace(EVENT, attendees=(DANA, replace(PRIYA, answer=PartStat.DECLINED), ATLAS)), None),
        (
            replace(EVENT, attendees=(DANA, PRIYA, replace(ATLAS, answer=PartStat.DECLINED))),
            Finding(Trouble.ROOM_DECLINED, "Atlas"),
        ),
    ],
)
def test_difference_that_matters_is_found(found: Event | None, finding: Finding | None) -> None:
    aliases = {"priya@x.example": {"priya@x.example", "pr@private.example"}}
    assert compare(CopyRole.EVENT, EVENT, found, aliases) == finding


def test_copy_is_its_owners_business_but_for_place_and_time() -> None:
    assert compare(CopyRole.COPY, EVENT, replace(EVENT, attendees=()), {}) is None
    assert compare(CopyRole.COPY, EVENT, None, {}) == MISSING


def test_conference_without_a_link_is_a_difference() -> None:
    asked = replace(EVENT, conference="meet")
    assert compare(CopyRole.EVENT, asked, EVENT, {}) == Finding(Trouble.NO_LINK)
    assert compare(CopyRole.EVENT, asked, replace(EVENT, join_url="https://meet.example/x"), {}) is None


def test_finding_counts_once_it_is_read_twice_a_minute_apart() -> None:
    end = EVENT.end
    first = judged(COPY, MISSING, end, NOW)
    assert (first.finding, first.check_at) == (None, NOW + MINUTE)
    early = judged(first, MISSING, end, NOW + MINUTE / 2)
    assert (early.finding, early.check_at) == (None, NOW + MINUTE)
    other = judged(first, Finding(Trouble.MOVED, "x"), end, NOW + MINUTE)
    assert (other.finding, other.check_at) == (None, NOW + 2 * MINUTE)
    second = judged(first, MISSING, end, NOW + MINUTE)
    assert (second.finding, second.attention, second.suspicion) == (MISSING, MISSING, None)
    kept = replace(second, is_accepted=True)
    assert judged(kept, MISSING, end, NOW + 6 * MINUTE).attention is None
    assert judged(kept, None, end, NOW + 6 * MINUTE).finding is None
    assert judged(judged(kept, None, end, NOW), MISSING, end, NOW + MINUTE).is_accepted is False


@pytest.mark.parametrize(
    ("before_end", "pause"),
    [
        (timedelta(days=15), timedelta(hours=1)),
        (timedelta(days=14), timedelta(minutes=5)),
        (timedelta(seconds=1), timedelta(minutes=5)),
        (timedelta(), None),
    ],
)
def test_nearer_meetings_are_read_more_often(before_end: timedelta, pause: timedelta | None) -> None:
    assert next_reading(NOW + before_end, NOW) == (None if pause is None else NOW + pause)
