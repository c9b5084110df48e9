"""The worker's clock: one run of a job at a time, and only what is worth a word in the log."""

from __future__ import annotations

import logging
import socket
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from bot.domain.delivery import MAILS, Delivery, DeliveryKind, News
from bot.mail.smtp import SmtpMailer
from bot.outages import Outages
from bot.ports import UnitOfWorkFactory
from bot.worker import Worker
from tests.cast import CHARLIE, DANA, PRIYA, ManualClock
from tests.servers import DEADLINE_S, eventually
from tests.test_services_booking import FIRST
from tests.test_services_rescheduling import meeting_of, move
from tests.town import ids
from tests.world import Stage

PATIENCE_S = 60


class SlowDeliveries:
    """Whoever claims waits until they are let go."""

    def __init__(self) -> None:
        self.claims = 0
        self.may_go = Event()

    def claim(self, worker: str, kinds: Collection[DeliveryKind]) -> Sequence[Delivery]:
        self.claims += 1
        assert self.may_go.wait(PATIENCE_S)
        return ()


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_tick_that_finds_the_last_one_at_work_says_nothing_until_that_takes_long(
    unit_of_work: UnitOfWorkFactory, caplog: pytest.LogCaptureFixture
) -> None:
    slow, stopwatch = SlowDeliveries(), Stopwatch()
    deliveries: Any = slow
    services = replace(Stage(unit_of_work).services, deliveries=deliveries)
    worker = Worker(services, Outages(lambda: True, ManualClock()), monotonic=stopwatch)
    caplog.set_level(logging.WARNING)
    worker.start()
    try:
        eventually(lambda: slow.claims == 1, "the job runs")
        stopwatch.seconds += 301
        eventually(lambda: bool(caplog.records), "a further tick has come")
        for _ in range(3):
            worker._scheduler.get_job("deliver_all").func()
        assert caplog.messages == ["The job deliver_all has been running for more than 300 s"]
        assert slow.claims == 1
        slow.may_go.set()
        eventually(lambda: slow.claims > 1, "the next run begins")
    finally:
        slow.may_go.set()
        worker.stop()
    assert len(caplog.messages) == 1


def test_mail_server_that_hangs_holds_up_no_message_and_no_mail_is_lost(unit_of_work: UnitOfWorkFactory) -> None:
    """It takes every connection and says nothing, and more than 20 mails wait for it."""
    with ExitStack() as sockets:
        server = sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
        server.settimeout(DEADLINE_S)
        url = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        stage = Stage(unit_of_work, mailer=SmtpMailer(url, "invites@northwind.example", timeout_s=10 * DEADLINE_S))
        stage.connect()

        def hang(mails: int) -> None:
            for _ in range(mails):
                sockets.enter_context(server.accept()[0])

        def told(what: str) -> list[object]:
            """Whom, or of which Invitation."""
            return [line[1] for line in stage.notifier.told if what in (line[0], *line[2:3])]

        worker = Worker(stage.services, Outages(lambda: True, stage.clock))
        worker.start()
        try:
            ours = stage.invite(members=ids(DANA, PRIYA), optional_members=ids(CHARLIE), working_hours=False)
            hang(1)
            stage.book(ours, FIRST)
            hang(1)  # the confirmation; after it comes the mail to Charlie, who has no calendar
            eventually(lambda: {*told(News.BOOKED)} == {DANA.user_id, PRIYA.user_id}, "both hear of the booking")
            *others, theirs = [stage.invite() for _ in range(18)]
            hang(6)  # hands are not free for any other mail
            move(stage, ours, FIRST + timedelta(hours=1))
            eventually(lambda: {*told(News.MOVED)} == {DANA.user_id, PRIYA.user_id}, "both hear of the move")
            stage.book(theirs)
            eventually(lambda: told(News.BOOKED).count(DANA.user_id) == 2, "Dana hears of another meeting")
            everything = {each.id for each in (ours, *others, theirs)}
            eventually(lambda: {*told("details")} == everything, "every card is there, with its thread")
        finally:
            sockets.close()
            worker.stop()
        with unit_of_work() as unit:
            waiting = [unit.outbox.pending(each.id) for each in (meeting_of(stage, ours), *others)]
    kinds = [[delivery.kind for delivery in rows if delivery.kind in MAILS] for rows in waiting]
    to_charlie = [DeliveryKind.MAIL_MEMBER] * 2  # one for each change; whichever finds him in the picture says nothing
    assert kinds == [[DeliveryKind.MAIL_CONFIRMATION, *to_charlie], *[[DeliveryKind.MAIL_INVITATION]] * 17]
