"""Deliveries that fail for good are told to whom it concerns, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.delivery import GIVE_UP_AFTER, DeliveryKind
from bot.domain.invitation import Invitation
from bot.errors import DeliveryError
from tests.cast import DANA, PRIYA
from tests.test_services_booking import FIRST
from tests.test_services_rescheduling import booked, meeting_of, move
from tests.world import Stage

HOUR = timedelta(hours=1)


def untold(stage: Stage) -> list[tuple[object, ...]]:
    return [line for line in stage.notifier.told if line[0] == "news" and line[2] == "untold"]


def cancel(stage: Stage, invitation: Invitation) -> None:
    stage.services.meetings.cancel(DANA, meeting_of(stage, invitation).id, "")


def reassign(stage: Stage, invitation: Invitation) -> None:
    meeting = meeting_of(stage, invitation)
    stage.services.reassigning.do_without(DANA, meeting.id, PRIYA.resource_id)


@pytest.mark.parametrize("act", [lambda stage, it: move(stage, it, FIRST + HOUR), cancel, reassign])
def test_the_inviter_hears_once_of_a_mail_that_did_not_arrive(
    stage: Stage, act: Callable[[Stage, Invitation], object]
) -> None:
    invitation = booked(stage)
    act(stage, invitation)
    stage.mailer.failures.append(DeliveryError("550 no such user", permanent=True))
    stage.deliver()
    stage.clock.now += GIVE_UP_AFTER
    stage.deliver()
    assert untold(stage) == [("news", DANA.user_id, "untold", "550 no such user")]


def test_a_refused_confirmation_is_told(stage: Stage) -> None:
    invitation = stage.invite()
    stage.deliver()
    stage.book(invitation)
    stage.mailer.failures.append(DeliveryError("550 no such user", permanent=True))
    stage.deliver()
    assert untold(stage) == [("news", DANA.user_id, "untold", "550 no such user")]


def test_a_mail_that_is_tried_again_is_not_told_before_it_is_given_up(stage: Stage) -> None:
    invitation = stage.invite()
    stage.deliver()
    stage.book(invitation)
    stage.mailer.failures += [DeliveryError("4xx, busy")] * 3
    stage.deliver()
    assert untold(stage) == []
    stage.clock.now += GIVE_UP_AFTER
    stage.deliver()
    assert untold(stage) == [("news", DANA.user_id, "untold", "4xx, busy")]


def test_the_inviter_hears_of_a_channel_that_could_not_be_told(stage: Stage) -> None:
    invitation = stage.invite(channel="C0SALES")
    stage.deliver()
    stage.book(invitation)
    [note] = [one for one in stage.services.deliveries.claim("one") if one.kind is DeliveryKind.SLACK_CHANNEL]
    stage.services.deliveries.put_off(note, "one", DeliveryError("The channel is archived.", permanent=True))
    stage.clock.now += timedelta(minutes=2)
    stage.deliver()
    told = [line for line in stage.notifier.told if line[0] == "news" and line[2] == "no_note"]
    assert told == [("news", DANA.user_id, "no_note", "C0SALES The channel is archived.")]


def test_whoever_has_lost_the_row_to_another_worker_tells_nothing(stage: Stage) -> None:
    invitation = stage.invite()
    stage.deliver()
    stage.book(invitation)
    claimed = stage.services.deliveries.claim("slow")
    [letter] = [one for one in claimed if one.kind is DeliveryKind.MAIL_CONFIRMATION]
    stage.clock.now += timedelta(minutes=2)
    stage.services.deliveries.claim("another")
    stage.services.deliveries.put_off(letter, "slow", DeliveryError("550 no such user", permanent=True))
    stage.deliver()
    assert untold(stage) == []


def test_somebody_who_has_left_slack_is_a_line_in_the_log_and_no_defect(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    invitation = stage.invite()
    stage.deliver()
    stage.book(invitation)
    gone = stage.directory.known.pop((DANA.workspace_id, DANA.user_id))
    stage.mailer.sent.clear()
    stage.deliver()
    waiting = pending(stage, invitation)
    assert waiting
    assert len(caplog.records) == len(waiting)
    assert {(one.levelname, one.getMessage(), one.exc_info) for one in caplog.records} == {
        ("WARNING", "A delivery waits, for Slack does not know somebody whom it is about", None)
    }
    stage.directory.known[DANA.workspace_id, DANA.user_id] = gone
    stage.clock.now += HOUR
    stage.deliver()
    assert pending(stage, invitation) == []
    assert len(stage.mailer.sent) == 1, "the confirmation"


def pending(stage: Stage, invitation: Invitation) -> list[object]:
    with stage.unit_of_work() as unit:
        return [*unit.outbox.pending(invitation.id), *unit.outbox.pending(meeting_of(stage, invitation).id)]


def test_the_link_to_pass_on_is_there_while_the_meeting_is(stage: Stage) -> None:
    invitation = booked(stage)
    assert stage.services.invitations.link(DANA, invitation.id).endswith(invitation.token)
