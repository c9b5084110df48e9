"""The outbox gives each row to one worker at a time, and forgets none."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from bot.domain.activity import HomeState
from bot.domain.delivery import LANES, LEASE, Delivery, DeliveryKind
from bot.domain.ids import DeliveryId
from bot.ports import UnitOfWorkFactory
from storage.database import Database
from tests.servers import DEADLINE_S, eventually
from tests.storage_cast import BEN, DANA, DAY, GLOBEX, HOUR, NOON, NORTHWIND, PRIYA, a_delivery


def test_due_rows_are_leased_oldest_first_in_the_order_they_were_added(unit_of_work: UnitOfWorkFactory) -> None:
    older, one, two, future = (a_delivery(due_at=due) for due in (NOON - HOUR, NOON, NOON, NOON + HOUR))
    with unit_of_work(write=True) as unit:
        unit.outbox.add()
        unit.outbox.add(one, two, older, future)
        assert list(unit.outbox.claim(NOON, "worker", 10)) == [older, one, two]
        assert list(unit.outbox.claim(NOON, "other", 10)) == []


def test_app_home_that_nobody_has_opened_takes_no_row(unit_of_work: UnitOfWorkFactory) -> None:
    """In a pool of hundreds most have not."""
    homes = {who: a_delivery(kind=DeliveryKind.SLACK_HOME, recipient=who) for who in (DANA, PRIYA, BEN)}
    elsewhere = a_delivery(kind=DeliveryKind.SLACK_HOME, workspace_id=GLOBEX)
    card = a_delivery(kind=DeliveryKind.SLACK_CARD, recipient=BEN)
    with unit_of_work(write=True) as unit:
        for who in (DANA, PRIYA):
            unit.homes.put(NORTHWIND, who, HomeState())
        unit.outbox.add(elsewhere)
        unit.outbox.add(*homes.values(), card, elsewhere)
        assert list(unit.outbox.pending(card.subject_id)) == [homes[DANA], homes[PRIYA], card]


def test_limit_is_kept(unit_of_work: UnitOfWorkFactory) -> None:
    rows = [a_delivery(f"subject {number}") for number in range(5)]
    with unit_of_work(write=True) as unit:
        unit.outbox.add(*rows)
        assert list(unit.outbox.claim(NOON, "worker", 2)) == rows[:2]
        assert list(unit.outbox.claim(NOON, "worker", 2)) == rows[2:4]


def test_lease_that_ran_out_goes_to_another_worker_and_is_lost_to_the_first(unit_of_work: UnitOfWorkFactory) -> None:
    row = a_delivery()
    with unit_of_work(write=True) as unit:
        unit.outbox.add(row)
        unit.outbox.claim(NOON, "first", 1)
        almost = NOON + LEASE - LEASE / 60
        assert list(unit.outbox.claim(almost, "second", 1)) == []
        assert list(unit.outbox.claim(NOON + LEASE, "second", 1)) == [row]
        assert not unit.outbox.done(row.id, "first", NOON + LEASE)
        assert not unit.outbox.retry(row.id, "first", NOON + DAY, "late")
        assert not unit.outbox.fail(row.id, "first", NOON + LEASE, "late")
        assert unit.outbox.done(row.id, "second", NOON + LEASE)
        assert not unit.outbox.done(row.id, "second", NOON + LEASE)


def test_lease_that_ran_out_but_was_not_taken_still_counts(unit_of_work: UnitOfWorkFactory) -> None:
    row = a_delivery()
    with unit_of_work(write=True) as unit:
        unit.outbox.add(row)
        unit.outbox.claim(NOON, "slow", 1)
        assert unit.outbox.done(row.id, "slow", NOON + HOUR)


def test_rows_of_one_subject_are_not_under_way_twice(unit_of_work: UnitOfWorkFactory) -> None:
    first, second, stranger = a_delivery(), a_delivery(), a_delivery("another")
    with unit_of_work(write=True) as unit:
        unit.outbox.add(first)
        assert list(unit.outbox.claim(NOON, "worker", 10)) == [first]
        unit.outbox.add(second, stranger)
        assert list(unit.outbox.claim(NOON, "other", 10)) == [stranger]
        unit.outbox.done(first.id, "worker", NOON)
        assert list(unit.outbox.claim(NOON, "other", 10)) == [second]


def test_rows_of_one_subject_wait_for_those_of_their_kinds_alone(unit_of_work: UnitOfWorkFactory) -> None:
    letter, mail, card, news = (
        a_delivery(kind=kind)
        for kind in (
            DeliveryKind.MAIL_CONFIRMATION,
            DeliveryKind.MAIL_RESCHEDULED,
            DeliveryKind.SLACK_CARD,
            DeliveryKind.SLACK_DM,
        )
    )
    mails, others = LANES
    with unit_of_work(write=True) as unit:
        unit.outbox.add(letter, card)
        assert list(unit.outbox.claim(NOON, "worker", 10, mails)) == [letter]
        assert unit.outbox.oldest_due(NOON, mails) is None
        assert unit.outbox.oldest_due(NOON, others) == NOON
        assert list(unit.outbox.claim(NOON, "worker", 10, others)) == [card]
        unit.outbox.add(mail, news)
        for kinds in LANES:
            assert list(unit.outbox.claim(NOON, "other", 10, kinds)) == []
        unit.outbox.done(card.id, "worker", NOON)
        assert list(unit.outbox.claim(NOON, "other", 10, mails)) == []
        assert list(unit.outbox.claim(NOON, "other", 10, others)) == [news]
        unit.outbox.done(letter.id, "worker", NOON)
        assert list(unit.outbox.claim(NOON, "other", 10, mails)) == [mail]


def test_every_kind_is_in_one_lane() -> None:
    assert sorted(kind for kinds in LANES for kind in kinds) == sorted(DeliveryKind)


def test_nobody_finishes_what_they_do_not_hold(unit_of_work: UnitOfWorkFactory) -> None:
    row = a_delivery()
    with unit_of_work(write=True) as unit:
        unit.outbox.add(row)
        assert not unit.outbox.done(row.id, "worker", NOON)
        assert not unit.outbox.done(DeliveryId("unknown"), "worker", NOON)
        assert list(unit.outbox.pending(row.subject_id)) == [row]


def test_retried_row_is_due_again_at_its_time_with_one_attempt_more(unit_of_work: UnitOfWorkFactory) -> None:
    row = a_delivery()
    with unit_of_work(write=True) as unit:
        unit.outbox.add(row)
        unit.outbox.claim(NOON, "worker", 1)
        assert unit.outbox.retry(row.id, "worker", NOON + HOUR, "421 try later")
        assert list(unit.outbox.claim(NOON, "worker", 1)) == []
        tried = dataclasses.replace(row, due_at=NOON + HOUR, attempts=1)
        assert list(unit.outbox.claim(NOON + HOUR, "worker", 1)) == [tried]


def test_done_and_given_up_rows_are_not_pending_and_go_when_old(unit_of_work: UnitOfWorkFactory) -> None:
    done, failed, waiting = rows = (a_delivery(), a_delivery(), a_delivery())
    with unit_of_work(write=True) as unit:
        unit.outbox.add(*rows, a_delivery("another"))
        unit.outbox.claim(NOON, "worker", 10)
        assert unit.outbox.done(done.id, "worker", NOON)
        assert unit.outbox.fail(failed.id, "worker", NOON, "550 no such mailbox")
        assert list(unit.outbox.pending("subject")) == [waiting]
        assert unit.outbox.delete_done(NOON) == 0
        assert unit.outbox.delete_done(NOON + DAY) == 2
        assert list(unit.outbox.pending("subject")) == [waiting]


def test_oldest_due_is_the_first_that_can_be_claimed(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        assert unit.outbox.oldest_due(NOON) is None
        for subject, due_at in (("late", NOON + DAY), ("now", NOON), ("early", NOON - HOUR)):
            unit.outbox.add(a_delivery(subject, due_at=due_at))
        assert unit.outbox.oldest_due(NOON - DAY) is None
        assert unit.outbox.oldest_due(NOON) == NOON - HOUR
        unit.outbox.claim(NOON, "worker", 1)
        assert unit.outbox.oldest_due(NOON) == NOON
        unit.outbox.claim(NOON, "worker", 1)
        assert unit.outbox.oldest_due(NOON) is None
        assert unit.outbox.oldest_due(NOON + LEASE) == NOON - HOUR


def test_workers_at_once_get_every_row_once(database: Database) -> None:
    rows = [a_delivery(f"subject {number}") for number in range(200)]
    with database.unit_of_work(write=True) as unit:
        unit.outbox.add(*rows)
        unit.commit()

    def work(worker: str) -> list[DeliveryId]:
        claimed: list[DeliveryId] = []
        while True:
            with database.unit_of_work(write=True) as unit:
                batch = unit.outbox.claim(NOON, worker, 7)
                unit.commit()
            if not batch:
                return claimed
            claimed += [delivery.id for delivery in batch]

    with ThreadPoolExecutor(8) as pool:
        got = [delivery_id for claimed in pool.map(work, map(str, range(8))) for delivery_id in claimed]
    assert sorted(got) == sorted(row.id for row in rows)


def test_rows_of_one_subject_go_to_one_of_two_workers_who_claim_at_once(
    postgres_database: Database, postgres_url: str
) -> None:
    """Else both post its card, or its news comes in another order. More rows than fit into one batch."""
    rows = [a_delivery() for _ in range(6)]
    with postgres_database.unit_of_work(write=True) as unit:
        unit.outbox.add(*rows)
        unit.commit()

    def claim() -> Sequence[Delivery]:
        with postgres_database.unit_of_work(write=True) as unit:
            claimed = unit.outbox.claim(NOON, "other", 3)
            unit.commit()
        return claimed

    with ThreadPoolExecutor(1) as pool:
        with postgres_database.unit_of_work(write=True) as unit:
            assert list(unit.outbox.claim(NOON, "worker", 3)) == rows[:3]
            others = pool.submit(claim)
            eventually(lambda: others.done() or somebody_waits(postgres_url), "the other worker claims")
            unit.commit()
        assert list(others.result(DEADLINE_S)) == []


def somebody_waits(url: str) -> bool:
    """Whether a transaction waits for another one."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(url) as administrator:
        return administrator.execute(waiting).fetchone() is not None
