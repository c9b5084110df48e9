"""A worker dies by SIGKILL between sending and marking done: nothing is lost, and no state or event is doubled."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.activity import HomeState
from bot.domain.calendar import Account, EventStatus
from bot.domain.delivery import LEASE, MAILS, DeliveryKind
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import MeetingStatus
from bot.services import meeting_rows
from storage.database import Database
from tests.cast import BEN, CHARLIE, DANA, NOW, PRIYA, WORKSPACE, ManualClock
from tests.doomed_worker import Record, recorded_stage, work
from tests.processes import prepared
from tests.servers import DEADLINE_S
from tests.world import Stage

CUES: dict[DeliveryKind, str] = {
    DeliveryKind.MAIL_INVITATION: "mail",
    DeliveryKind.MAIL_CONFIRMATION: "mail",
    DeliveryKind.MAIL_RESCHEDULED: "mail",
    DeliveryKind.MAIL_TEAM: "mail",
    DeliveryKind.MAIL_CANCELLATION: "mail",
    DeliveryKind.MAIL_JOIN_LINK: "mail",
    DeliveryKind.MAIL_MEMBER: "mail",
    DeliveryKind.CONFERENCE_WRITE: "conference",
    DeliveryKind.CONFERENCE_DELETE: "conference deleted",
    DeliveryKind.EVENT_WRITE: "event",
    DeliveryKind.EVENT_CANCEL: "event cancelled",
    DeliveryKind.SLACK_DRAFT: "draft card",
    DeliveryKind.SLACK_CARD: "card",
    DeliveryKind.SLACK_THREAD: "details",
    DeliveryKind.SLACK_DM: "news",
    DeliveryKind.SLACK_CHANNEL: "channel",
    DeliveryKind.SLACK_HOME: "home",
    DeliveryKind.SLACK_CONNECTION: "connection news",
}
"""For each kind of row, the line after which the worker is killed."""
YEAR = Interval(NOW, NOW + timedelta(days=365))


def invited(stage: Stage) -> None:
    stage.services.activity.home(DANA, HomeState())
    stage.invite()


def drafted(stage: Stage) -> None:
    stage.services.drafts.show_card(stage.draft())


def booked(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], channel="C0SALES")
    stage.deliver()
    stage.book(invitation)


def moved(stage: Stage) -> None:
    """By an hour, with everything delivered before."""
    invitation = stage.invite(
        members=[DANA.user_id, PRIYA.user_id], channel="C0SALES", conferencing="zoom", working_hours=False
    )
    start = stage.book(invitation)
    stage.deliver()
    _move(stage, invitation, start + timedelta(hours=1))


def reassigned(stage: Stage) -> None:
    """Priya takes Ben's place."""
    invitation = stage.invite(members=[DANA.user_id, BEN.user_id], working_hours=False)
    stage.book(invitation)
    stage.deliver()
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    stage.services.reassigning.reassign(DANA, meeting.id, BEN.user_id, PRIYA.user_id)


def moved_unwritten(stage: Stage) -> None:
    """Twice, before the booking has been written anywhere."""
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], conferencing="zoom", working_hours=False)
    start = stage.book(invitation)
    _move(stage, invitation, start + timedelta(hours=1))
    _move(stage, invitation, start + timedelta(hours=2))


def _move(stage: Stage, invitation: Invitation, start: datetime) -> None:
    moves = stage.services.customer_moves
    meeting = stage.services.booking.look(invitation.token).meeting
    assert meeting is not None
    moves.move(invitation.token, start, meeting.start, stage.services.booking.nonce(invitation.token), "", None)


def cancelled(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id])
    stage.book(invitation)
    stage.deliver()
    booking = stage.services.booking
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")


def booked_by_video(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], conferencing="zoom")
    stage.deliver()
    stage.book(invitation)


def video_cancelled(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], conferencing="zoom")
    stage.book(invitation)
    stage.deliver()
    booking = stage.services.booking
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")


def link_came_late(stage: Stage) -> None:
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], conferencing="zoom")
    stage.book(invitation)
    stage.deliver()
    with stage.unit_of_work(write=True) as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
        assert meeting is not None
        unit.meetings.set_told(meeting.id, "")
        unit.outbox.add(*meeting_rows.link_found(meeting, invitation, (), stage.clock(), is_told_later=True))
        unit.commit()


def booked_with_somebody_by_mail(stage: Stage) -> None:
    """Charlie has no calendar; the Customer has got all their mails."""
    stage.book(stage.invite(members=[DANA.user_id, PRIYA.user_id], optional_members=[CHARLIE.user_id]))
    for delivery in stage.services.deliveries.claim("before", MAILS):
        stage.services.deliveries.carry_out(delivery, "before")


def connected(stage: Stage) -> None:
    stage.services.connections.store(DANA, "google", Account(DANA.email, "a refresh token"))


SCENES: dict[DeliveryKind, Callable[[Stage], None]] = {
    DeliveryKind.MAIL_INVITATION: invited,
    DeliveryKind.MAIL_CONFIRMATION: booked,
    DeliveryKind.MAIL_RESCHEDULED: moved,
    DeliveryKind.MAIL_TEAM: reassigned,
    DeliveryKind.MAIL_CANCELLATION: cancelled,
    DeliveryKind.MAIL_JOIN_LINK: link_came_late,
    DeliveryKind.MAIL_MEMBER: booked_with_somebody_by_mail,
    DeliveryKind.CONFERENCE_WRITE: booked_by_video,
    DeliveryKind.CONFERENCE_DELETE: video_cancelled,
    DeliveryKind.EVENT_WRITE: booked,
    DeliveryKind.EVENT_CANCEL: cancelled,
    DeliveryKind.SLACK_DRAFT: drafted,
    DeliveryKind.SLACK_CARD: invited,
    DeliveryKind.SLACK_THREAD: invited,
    DeliveryKind.SLACK_DM: booked,
    DeliveryKind.SLACK_CHANNEL: booked,
    DeliveryKind.SLACK_HOME: invited,
    DeliveryKind.SLACK_CONNECTION: connected,
}


OF_MOVES: Sequence[tuple[DeliveryKind, str, Callable[[Stage], None]]] = (
    (DeliveryKind.EVENT_WRITE, "event", moved),
    (DeliveryKind.CONFERENCE_WRITE, "conference moved", moved),
    (DeliveryKind.SLACK_DM, "news", moved),
    (DeliveryKind.SLACK_CHANNEL, "channel", moved),
    (DeliveryKind.SLACK_CARD, "card", moved),
    (DeliveryKind.EVENT_WRITE, "event", moved_unwritten),
    (DeliveryKind.CONFERENCE_WRITE, "conference", moved_unwritten),
)
"""Rows of these kinds that a move causes; MAIL_RESCHEDULED has its scene among all the others."""


STATUSES: dict[Callable[[Stage], None], list[EventStatus]] = {
    booked: [EventStatus.CONFIRMED],
    booked_by_video: [EventStatus.CONFIRMED],
    booked_with_somebody_by_mail: [EventStatus.CONFIRMED],
    link_came_late: [EventStatus.CONFIRMED],
    moved: [EventStatus.CONFIRMED],
    moved_unwritten: [EventStatus.CONFIRMED],
    reassigned: [EventStatus.CONFIRMED],
    cancelled: [EventStatus.CANCELLED],
    video_cancelled: [EventStatus.CANCELLED],
}
"""What is in each calendar in the end; nothing after the other scenes."""


def kill_after(hold: str, url: str, record: Path) -> None:
    """A worker on that database dies by SIGKILL after that line, and before it marks anything as done."""
    context = prepared()
    is_held = context.Event()
    process = context.Process(target=work, args=(url, record, hold, is_held))
    process.start()
    held = is_held.wait(DEADLINE_S)
    process.kill()
    process.join(DEADLINE_S)
    assert held
    assert process.exitcode == -signal.SIGKILL
    process.close()


def test_every_kind_of_row_has_its_scene() -> None:
    assert set(SCENES) == set(CUES) == set(DeliveryKind)


@pytest.mark.parametrize("kind", list(DeliveryKind))
def test_killed_worker_loses_nothing_and_doubles_no_event(
    kind: DeliveryKind, database: Database, database_url: str, tmp_path: Path
) -> None:
    kill_and_survive(SCENES[kind], CUES[kind], database, database_url, tmp_path)


@pytest.mark.parametrize(("kind", "cue", "scene"), OF_MOVES)
def test_killed_worker_moves_everything_once(
    kind: DeliveryKind,
    cue: str,
    scene: Callable[[Stage], None],
    database: Database,
    database_url: str,
    tmp_path: Path,
) -> None:
    kill_and_survive(scene, cue, database, database_url, tmp_path, rows=3 if scene is moved_unwritten else 1)
    with database.unit_of_work() as unit:
        (meeting,) = (
            meeting
            for meeting, _ in unit.meetings.page(
                WORKSPACE, visible_to=None, statuses=tuple(MeetingStatus), offset=0, limit=10
            )[0]
        )
        for person in (DANA, PRIYA):
            (event,) = unit.builtin_events.between(WORKSPACE, person.email, YEAR)
            assert (event.start, event.uid) == (meeting.start, meeting.uid), "the last move wins"
    assert meeting.conference_id, "one conference, at the last time: the record would show a second one"
    made = [line for line in Record(tmp_path / "after.jsonl").lines() if line[0] == "conference"]
    assert len({identity for _, identity in made}) <= 1


def kill_and_survive(
    scene: Callable[[Stage], None], cue: str, database: Database, database_url: str, tmp_path: Path, *, rows: int = 1
) -> None:
    """`rows` write one and the same event: as many writes of what it has come to be by then."""
    record = Record(tmp_path / "before.jsonl")
    clock = ManualClock()
    stage = recorded_stage(database.unit_of_work, record, clock)
    stage.connect()
    scene(stage)

    after = Record(tmp_path / "after.jsonl")
    kill_after(cue, database_url, tmp_path / "after.jsonl")

    survivor = recorded_stage(database.unit_of_work, after, clock)
    held = next(line for line in reversed(after.lines()) if line[0] == cue)
    clock.advance(LEASE - timedelta(seconds=1))
    survivor.deliver()
    assert after.lines().count(held) == 1, "the dead worker's lease still holds"
    clock.advance(timedelta(seconds=1))
    survivor.deliver()

    told = Counter(line for line in after.lines() if line[0] != "home")
    assert held[0] == "home" or told[held] >= 2
    most = {"event": 1 + rows, "conference moved": 1 + rows}
    assert all(times <= most.get(line[0], 2) for line, times in told.items()), (
        "whatever was under way may come once more, under the same id"
    )
    with database.unit_of_work() as unit:
        assert unit.outbox.oldest_due(clock.now + timedelta(days=2)) is None, "nothing is left to send"
        for person in (DANA, PRIYA):
            events = unit.builtin_events.between(WORKSPACE, person.email, YEAR)
            expected = STATUSES.get(scene, [])
            assert [event.status for event in events] == expected
