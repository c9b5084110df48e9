"""The worker: APScheduler as a clock; what there is to do stands in tables."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from itertools import groupby
from threading import Lock

from apscheduler.schedulers.background import BackgroundScheduler

from bot.domain.delivery import LANES, LEASE, Delivery, DeliveryKind
from bot.errors import DeliveryError
from bot.outages import Outages
from bot.services import Services

log = logging.getLogger(__name__)

POLL = timedelta(seconds=0.5)
_MINUTE = timedelta(minutes=1)
_HANDS = 8
"""For each lane."""
_TICKS = 1_000
"""Of one job at a time; all but one find it running and are over at once."""
_LONG_S = 300.0
"""A run that takes so long is worth a line in the log."""
_HOLD = LEASE / 2
"""A row is begun only in the first half of its lease: a send may take as long as the other half."""


class Worker:
    """Delivers, expires, completes, reconciles and prunes. Several may run at once, in one process or many.

    While the database is away, nothing is tried but to reach it, more and more rarely.
    """

    def __init__(
        self,
        services: Services,
        outages: Outages,
        *,
        name: str | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._outages = outages
        self._monotonic = monotonic
        self._name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
        self._lanes = [_Lane(kinds) for kinds in LANES]
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": _TICKS, "misfire_grace_time": None}
        )

    def start(self) -> None:
        """Begin in the background; returns at once."""
        followups = self._services.followups
        jobs: Sequence[tuple[Callable[[], object], timedelta]] = (
            (self.deliver_all, POLL),
            (followups.expire, _MINUTE),
            (followups.complete, _MINUTE),
            (self._services.broken_connections.remind, _MINUTE),
            (followups.prune, timedelta(hours=1)),
            (self._services.departures.tell, timedelta(hours=1)),
            (self._services.reconcile.read_due, timedelta(seconds=15)),
            (self._services.pushes.keep_up, _MINUTE),
        )
        for job, every in jobs:
            self._scheduler.add_job(self._guarded(job), "interval", seconds=every.total_seconds(), id=job.__name__)
        self._scheduler.start()

    def stop(self) -> None:
        """Finish what is under way, start nothing new."""
        self._scheduler.shutdown(wait=True)
        for lane in self._lanes:
            lane.hands.shutdown(wait=True)

    def deliver_all(self) -> int:
        """Begin to carry out what is due, as far as hands are free; returns how many rows it claimed.

        A mail server that hangs holds up mails only, each of them one hand.
        """
        claimed_in_all = 0
        while claimed := sum(map(self._deliver_some, self._lanes)):
            claimed_in_all += claimed
        return claimed_in_all

    def _deliver_some(self, lane: _Lane) -> int:
        claimed = self._services.deliveries.claim(self._name, lane.kinds) if lane.has_free_hands() else ()
        # One subject's deliveries one after the other: a card is not posted twice, news comes in order.
        by_subject = sorted(claimed, key=lambda delivery: delivery.subject_id)
        until = self._monotonic() + _HOLD.total_seconds()
        for _, batch in groupby(by_subject, key=lambda delivery: delivery.subject_id):
            lane.under_way.append(lane.hands.submit(self._carry_out, tuple(batch), until))
        return len(claimed)

    def _carry_out(self, batch: Sequence[Delivery], until: float) -> None:
        for delivery in batch:
            if self._monotonic() > until:
                return  # the lease is nearly over: whoever claims the rest next carries it
            try:
                self._services.deliveries.carry_out(delivery, self._name)
            except Exception:
                if self._outages.explains_failure():
                    return  # the leases will be over: whoever claims the rows then carries them
                reference = secrets.token_hex(4)
                log.exception(
                    "A delivery failed (reference %s)",
                    reference,
                    extra={"delivery_id": delivery.id, "kind": delivery.kind},
                )
                error = DeliveryError(f"Something went wrong on our side (reference {reference}).")
                self._services.deliveries.put_off(delivery, self._name, error)

    def _guarded(self, job: Callable[[], object]) -> Callable[[], None]:
        """The job, with its failures logged under a reference: the next run tries again.

        One run at a time. That a tick finds the last one at work is normal; that it has been for long is said, once.
        """
        turn, late = Lock(), Lock()
        began_at = 0.0

        def run() -> None:
            nonlocal began_at
            if not turn.acquire(blocking=False):
                if self._monotonic() - began_at > _LONG_S and late.acquire(blocking=False):
                    log.warning("The job %s has been running for more than %d s", job.__name__, _LONG_S)
                return
            began_at = self._monotonic()
            try:
                if self._outages.is_over():
                    job()
            except Exception:
                if not self._outages.explains_failure():
                    log.exception("The job %s failed (reference %s)", job.__name__, secrets.token_hex(4))
            finally:
                if late.locked():
                    late.release()
                turn.release()

        return run


class _Lane:
    """Hands that carry deliveries of these kinds, and no others."""

    def __init__(self, kinds: Collection[DeliveryKind]) -> None:
        self.kinds = kinds
        self.hands = ThreadPoolExecutor(_HANDS, thread_name_prefix="deliver")
        self.under_way: list[Future[None]] = []

    def has_free_hands(self) -> bool:
        self.under_way = [future for future in self.under_way if not future.done()]
        return len(self.under_way) < _HANDS
