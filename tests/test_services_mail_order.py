"""What the Customer reads comes in order and makes sense, whatever happens before a mail or while it is on its way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.invitation import Invitation
from bot.errors import DeliveryError
from bot.ports import UnitOfWorkFactory
from bot.services.meeting_rows import LINK_PATIENCE
from tests.cast import BEN, DANA, PRIYA
from tests.test_services_booking import FIRST
from tests.test_services_conferences import SlowMailServer
from tests.test_services_on_behalf import begun, picked, scheduled
from tests.test_services_rescheduling import booked, meeting_of, move
from tests.world import Stage

HOUR = timedelta(hours=1)


@pytest.fixture
def early(stage: Stage) -> tuple[Stage, Invitation]:
    """Booked by video; the confirmation waits for the link, which does not come."""
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], conferencing="zoom", working_hours=False)
    stage.deliver()
    stage.mailer.sent.clear()
    stage.conferences.failures = [DeliveryError("Zoom does not answer.")] * 9
    stage.book(invitation, FIRST)
    stage.deliver()
    assert stage.mailer.sent == []
    return stage, invitation


def with_slow_mail(unit_of_work: UnitOfWorkFactory) -> tuple[Stage, SlowMailServer]:
    mailer = SlowMailServer(lambda: None)
    mailer.meanwhile = None
    stage = Stage(unit_of_work, mailer=mailer)
    stage.connect()
    return stage, mailer


def later(stage: Stage) -> list[str]:
    """The subjects of all mails, once nobody waits for the link any more."""
    stage.clock.advance(LINK_PATIENCE)
    stage.deliver()
    return subjects(stage)


def subjects(stage: Stage) -> list[str]:
    return [mail["Subject"].partition(":")[0] for mail in stage.mailer.sent]


def text(stage: Stage, number: int) -> str:
    body = stage.mailer.sent[number].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def reassign(stage: Stage, invitation: Invitation) -> None:
    stage.services.reassigning.reassign(DANA, meeting_of(stage, invitation).id, PRIYA.user_id, BEN.user_id)


def test_who_moves_before_the_confirmation_is_sent_reads_the_new_time_in_it(early: tuple[Stage, Invitation]) -> None:
    stage, invitation = early
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    assert later(stage) == ["Booked"]
    assert "4:00 PM–4:30 PM" in text(stage, 0)


def test_there_and_back_before_the_confirmation_is_not_worth_a_word(early: tuple[Stage, Invitation]) -> None:
    stage, invitation = early
    move(stage, invitation, FIRST + HOUR)
    stage.deliver()
    move(stage, invitation, FIRST)
    stage.deliver()
    assert later(stage) == ["Booked"]
    assert "3:00 PM–3:30 PM" in text(stage, 0)


def test_who_comes_is_in_the_confirmation_that_is_still_to_be_sent(early: tuple[Stage, Invitation]) -> None:
    stage, invitation = early
    reassign(stage, invitation)
    stage.deliver()
    assert later(stage) == ["Booked"]
    assert BEN.name in text(stage, 0)
    assert PRIYA.name not in text(stage, 0)


def test_there_and_back_after_the_confirmation_is_not_worth_a_mail(stage: Stage) -> None:
    invitation = booked(stage)
    stage.mailer.sent.clear()
    move(stage, invitation, FIRST + HOUR)
    move(stage, invitation, FIRST)
    stage.deliver()
    assert subjects(stage) == []


@pytest.mark.parametrize(
    ("change", "follows", "words"),
    [
        (lambda stage, invitation: move(stage, invitation, FIRST + HOUR), "Moved", "4:00 PM–4:30 PM"),
        (reassign, f"{BEN.name} will meet you", BEN.name),
    ],
)
def test_what_changes_while_the_confirmation_is_on_its_way_follows_once(
    unit_of_work: UnitOfWorkFactory, change: Callable[[Stage, Invitation], object], follows: str, words: str
) -> None:
    stage, mailer = with_slow_mail(unit_of_work)
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id], working_hours=False)
    stage.deliver()
    mailer.sent.clear()
    stage.book(invitation, FIRST)
    mailer.meanwhile = lambda: change(stage, invitation)
    stage.deliver()
    assert subjects(stage) == ["Booked", follows]
    assert words not in text(stage, 0)
    assert words in text(stage, 1)
    assert later(stage) == ["Booked", follows]


def test_moved_back_while_word_of_the_move_is_on_its_way_is_told(unit_of_work: UnitOfWorkFactory) -> None:
    stage, mailer = with_slow_mail(unit_of_work)
    invitation = booked(stage)
    mailer.sent.clear()
    move(stage, invitation, FIRST + HOUR)
    mailer.meanwhile = lambda: move(stage, invitation, FIRST)
    stage.deliver()
    assert subjects(stage) == ["Moved", "Moved"]
    assert meeting_of(stage, invitation).start == FIRST
    assert text(stage, 1).index("4:00 PM–4:30 PM") < text(stage, 1).index("3:00 PM–3:30 PM"), "was, is"


def test_who_gets_no_confirmation_still_hears_of_a_move(stage: Stage) -> None:
    invitation = scheduled(stage, picked(stage, begun(stage)), confirms=False).invitation
    move(stage, invitation, meeting_of(stage, invitation).start + HOUR)
    stage.deliver()
    assert subjects(stage) == ["Moved"]
