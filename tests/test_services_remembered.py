"""What is remembered of calendars is what is so now: whoever changes it, in whichever process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import fields as f
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft
from bot.domain.preferences import Preferences
from bot.ports import UnitOfWork, UnitOfWorkFactory
from bot.services.remembered import Asked, Reading, Remembered
from tests.cast import DANA, NOW, PRIYA, WORKSPACE
from tests.world import Stage

WINDOW = Interval(NOW, NOW + timedelta(days=60))
MINUTE = timedelta(minutes=1)


def asked(*resources: str) -> Asked:
    return Asked(WORKSPACE, tuple(map(ResourceId, resources)), WINDOW, True)


def reading(*resources: str) -> Reading:
    return Reading({}, {ResourceId(resource): None for resource in resources}, NOW)


def test_the_same_question_has_the_same_answer_until_the_versions_differ() -> None:
    remembered, answer = Remembered(), reading("ana")
    remembered.put(asked("ana"), (1, 2), answer)
    assert remembered.get(asked("ana"), (1, 2), {}) is answer
    assert remembered.get(asked("ana"), (1, 3), {}) is None
    assert remembered.get(asked("ben"), (1, 2), {}) is None


def test_whoever_is_somebody_else_by_now_is_looked_up_anew() -> None:
    remembered, who = Remembered(), PRIYA.resource_id
    remembered.put(asked(who), (1,), Reading({}, {who: PRIYA}, NOW))
    assert remembered.get(asked(who), (1,), {who: replace(PRIYA)})
    assert remembered.get(asked(who), (1,), {who: replace(PRIYA, is_deactivated=True)}) is None
    assert remembered.get(asked(who), (1,), {who: None}) is None


def test_what_was_asked_longest_ago_makes_room() -> None:
    remembered = Remembered(most=4)
    for who in ("ana", "ben", "cleo"):
        remembered.put(asked(who), (1,), reading(who))
    assert remembered.get(asked("ana"), (1,), {})
    remembered.put(asked("dan", "eve"), (1,), reading("dan", "eve"))
    kept = {who for who in ("ana", "ben", "cleo") if remembered.get(asked(who), (1,), {})}
    assert kept == {"ana", "cleo"}
    remembered.put(asked("dan", "eve"), (2,), reading("dan", "eve"))
    assert remembered.get(asked("ana"), (1,), {})


@pytest.mark.parametrize(
    ("read", "failed", "is_usable"),
    [
        (5 * MINUTE, None, True),
        (5.1 * MINUTE, None, False),
        (MINUTE / 10, MINUTE / 10, True),
        (MINUTE, MINUTE, False),
    ],
)
def test_reading_is_as_young_as_its_calendars(read: timedelta, failed: timedelta | None, is_usable: bool) -> None:
    known = Reading({}, {}, NOW - read, NOW - failed if failed else None)
    assert known.is_usable(NOW, 5 * MINUTE) is is_usable


def test_change_of_a_field_reads_no_calendar_again(stage: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id, PRIYA.user_id]})
    whole = stage.services.steps.count(draft)
    changed = stage.services.drafts.save(draft, {f.SPACING: "60"})
    assert 0 < stage.services.steps.count(changed).count < whole.count
    assert stage.services.steps.count(draft) == whole


def test_calendars_that_are_not_at_hand_are_not_asked_in_passing(stage: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id, PRIYA.user_id]})
    whole = stage.services.steps.count(draft)
    assert stage.services.steps.count_at_hand(draft) == whole
    stage.clock.advance(timedelta(minutes=6))
    reads = stage.calendar.reads
    assert stage.services.steps.count_at_hand(draft) is None
    assert stage.calendar.reads == reads
    assert stage.services.steps.count(draft).read_at == stage.clock()


def test_draft_that_was_saved_again_is_not_counted_in_passing(stage: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id]})
    stage.services.steps.count(draft)
    later = Stage(stage.unit_of_work, stage.clock).services.drafts.save(draft, {f.SPACING: "60"})
    assert stage.services.steps.count_at_hand(draft) is None
    assert stage.services.steps.count_at_hand(later) == stage.services.steps.count(later)


def test_draft_that_is_saved_while_it_is_counted_is_not_shown(unit_of_work: UnitOfWorkFactory) -> None:
    to_be_saved: list[Draft] = []

    @contextmanager
    def slow(*, write: bool = False) -> Iterator[UnitOfWork]:
        with unit_of_work(write=write) as unit:
            yield unit
        if to_be_saved and not write:
            stage.services.drafts.save(to_be_saved.pop(), {f.SPACING: "60"})

    stage = Stage(slow)
    stage.connect()
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id]})
    assert stage.services.steps.count_at_hand(draft) == stage.services.steps.count(draft)
    to_be_saved.append(draft)
    assert stage.services.steps.count_at_hand(draft) is None


def _book(other: Stage) -> None:
    other.book(other.invite(**{f.MEMBERS: [DANA.user_id, PRIYA.user_id]}))


def _works_elsewhere(other: Stage) -> None:
    with other.unit_of_work(write=True) as unit:
        unit.preferences.put(WORKSPACE, PRIYA.user_id, Preferences(time_zone="Pacific/Auckland"))
        unit.commit()


def _fills_up(other: Stage) -> None:
    other.calendar.busy[PRIYA.email] = (WINDOW,)
    with other.unit_of_work(write=True) as unit:
        unit.busy_cache.forget(WORKSPACE, [PRIYA.resource_id])
        unit.commit()
    draft = other.services.drafts.begin(DANA, {f.MEMBERS: [PRIYA.user_id], f.SUBJECT: "Roadmap"})
    other.services.steps.count(draft)


@pytest.mark.parametrize("change", [_book, _works_elsewhere, _fills_up])
def test_what_another_process_changes_is_seen_at_once(stage: Stage, change: Callable[[Stage], None]) -> None:
    other = Stage(stage.unit_of_work, stage.clock)
    draft = stage.draft(**{f.MEMBERS: [DANA.user_id, PRIYA.user_id]})
    before = [stage.services.steps.count(draft).count for _ in range(2)]
    change(other)
    after = stage.services.steps.count(draft).count
    assert before[0] == before[1] > after
    assert after == Stage(stage.unit_of_work, stage.clock).services.steps.count(draft).count


def test_whoever_leaves_slack_is_free_no_longer(stage: Stage) -> None:
    draft = stage.draft(**{f.MEMBERS: [PRIYA.user_id]})
    assert stage.services.steps.count(draft).count
    stage.directory.known[WORKSPACE, PRIYA.user_id] = replace(PRIYA, is_deactivated=True)
    assert stage.services.steps.count(draft).count == 0


@pytest.fixture
def stage(unit_of_work: UnitOfWorkFactory) -> Stage:
    stage = Stage(unit_of_work)
    stage.connect()
    return stage
