"""Delivery: claims rows of the outbox, re-reads the state, sends, marks done.

State and events happen exactly once (an event's UID derives from its Meeting). A mail or a DM is repeated
only where a process dies between the other side's OK and our commit; the repeat carries the same Message-ID
or metadata id, both made from the row's id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from bot.domain.delivery import Delivery, DeliveryKind, is_given_up, next_attempt
from bot.errors import DeliveryError, NotFoundError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services.setbacks import note_failure

log = logging.getLogger(__name__)

_BATCH = 20

Carrier = Callable[[Delivery], None]
"""Sends one row; raises DeliveryError, and NotFoundError where Slack does not know somebody of it. A row whose
time has passed (cancelled meanwhile) is simply not sent."""


class Deliveries:
    """The outbox's worker side. `carriers` has one for every kind."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, carriers: Mapping[DeliveryKind, Carrier], clock: Clock) -> None:
        missing = set(DeliveryKind) - set(carriers)
        if missing:
            raise ValueError(f"nobody carries {', '.join(sorted(missing))}")
        self._unit_of_work = unit_of_work
        self._carriers = carriers
        self._clock = clock

    def claim(self, worker: str, kinds: Collection[DeliveryKind] = tuple(DeliveryKind)) -> Sequence[Delivery]:
        """Lease what is due of these kinds to this worker; costs one read while nothing is."""
        now = self._clock()
        with self._unit_of_work() as unit:
            if unit.outbox.oldest_due(now, kinds) is None:
                return ()
        with self._unit_of_work(write=True) as unit:
            claimed = unit.outbox.claim(now, worker, _BATCH, kinds)
            unit.commit()
        return claimed

    def carry_out(self, delivery: Delivery, worker: str) -> None:
        """Send one claimed row and mark it done, or put it off where the other side did not take it."""
        try:
            self._carriers[delivery.kind](delivery)
        except DeliveryError as error:
            self.put_off(delivery, worker, error)
            return
        except NotFoundError as error:  # people leave Slack; an administrator may bring them back
            named = {"delivery_id": delivery.id, "kind": delivery.kind}
            log.warning("A delivery waits, for Slack does not know somebody whom it is about", extra=named)
            self.put_off(delivery, worker, DeliveryError(str(error)))
            return
        with self._unit_of_work(write=True) as unit:
            unit.outbox.done(delivery.id, worker, self._clock())
            unit.commit()

    def put_off(self, delivery: Delivery, worker: str, error: DeliveryError) -> None:
        """Try again later, or, where that cannot help, give up and tell whom it concerns."""
        now = self._clock()
        gives_up = error.permanent or is_given_up(delivery.created_at, now)
        with self._unit_of_work(write=True) as unit:
            if gives_up:
                is_ours = unit.outbox.fail(delivery.id, worker, now, str(error))
            else:
                due_at = max(error.retry_at or now, next_attempt(delivery.attempts + 1, now))
                is_ours = unit.outbox.retry(delivery.id, worker, due_at, str(error))
            if not is_ours:
                return  # whoever has the row by now tells of it
            unit.outbox.add(*note_failure(unit, delivery, str(error), now, is_given_up=gives_up))
            unit.commit()
