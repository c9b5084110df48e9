"""Pushes: calendar systems that offer it tell us when to read again. Without them, and beside them, events are polled.

Watched is every calendar with events to read, and no other. A push is known by its secret, and only makes a reading
come sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ConnectionId, new_link_token
from bot.domain.pushes import HOOKS, Notice, Push, Subscription, can_be_reached, renewal_at, retry_at
from bot.errors import DeliveryError
from bot.ports import CalendarProvider, Clock, PushingCalendar, UnitOfWorkFactory
from bot.services.reconcile import Reconcile

log = logging.getLogger(__name__)

_BATCH = 50
_LEASE = timedelta(minutes=5)
"""Longer than making or renewing one takes: what a killed worker began is tried again after that."""


@dataclass(frozen=True, slots=True)
class Knock:
    """One push as it came in: nobody knows yet whether it is one. `subscription_id` is empty where it names none."""

    secret: str
    notice: Notice
    subscription_id: str = ""


class Pushes:
    """`public_url` is where calendar systems are told to push to; `executor` asks them, several at once."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        providers: Mapping[str, CalendarProvider],
        reconcile: Reconcile,
        clock: Clock,
        public_url: str,
        executor: Executor,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._reconcile = reconcile
        self._clock = clock
        self._public_url = public_url
        self._executor = executor
        offers = can_be_reached(public_url)
        self._providers: Mapping[str, PushingCalendar] = {
            key: provider for key, provider in providers.items() if offers and isinstance(provider, PushingCalendar)
        }
        self._whole = tuple(key for key, provider in self._providers.items() if provider.watches_all)

    @property
    def systems(self) -> tuple[str, ...]:
        """The keys of the calendar systems that push to this installation."""
        return tuple(self._providers)

    # ------------------------------------------------------------ subscriptions

    def keep_up(self) -> int:
        """Make the subscriptions that are missing, renew those that are due, and end those about calendars without
        events to read; returns how many were made or renewed, or tried to be.

        Several workers share the work. What fails is logged and tried again later: polling goes on meanwhile.
        """
        if not self._providers:
            return 0
        with self._unit_of_work() as unit:
            due = unit.pushes.due(self.systems, self._whole, self._clock(), _BATCH)
            idle = unit.pushes.idle(self._whole, _BATCH)
        for push in idle:
            self._end_idle(push)
        tries = [self._executor.submit(self._keep_up_one, *calendar) for calendar in due]
        wait(tries)
        return sum(one.result() for one in tries)

    def end(self, connection: Connection) -> None:
        """Let the calendar system stop pushing, before the connection is removed. Best effort, raises nothing."""
        with self._unit_of_work() as unit:
            pushes = unit.pushes.of_connection(connection.id)
        for push in pushes:
            self._unwatch(connection, push)

    def _end_idle(self, push: Push) -> None:
        """Of two workers that do this, the second finds nothing to end."""
        with self._unit_of_work(write=True) as unit:
            connection = unit.connections.get(push.connection_id)
            unit.pushes.delete(push)
            unit.commit()
        if connection:
            self._unwatch(connection, push)

    def _unwatch(self, connection: Connection, push: Push) -> None:
        provider = self._providers.get(connection.provider)
        if push.subscription is None or provider is None or connection.state is ConnectionState.BROKEN:
            return
        try:
            provider.unwatch(replace(connection, write_calendar=push.calendar), push.subscription)
        except DeliveryError as error:
            log.info("A push could not be ended, and ends by itself: %s", error)

    def _keep_up_one(self, connection_id: ConnectionId, calendar: str) -> int:
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            connection = unit.connections.get(connection_id, lock=True)  # somebody may be disconnecting it
            seen = unit.pushes.get(connection_id, calendar)
            if connection is None or connection.provider not in self._providers:
                return 0
            if seen and seen.due_at > now:
                return 0  # another worker has been faster
            # Stored first: the calendar system may push before it has answered us.
            secret = seen.secret if seen else new_link_token()
            leased = Push(connection_id, connection.provider, calendar, secret, now + _LEASE)
            if seen:
                leased = replace(leased, subscription=seen.subscription, failures=seen.failures)
            if not unit.pushes.lease(leased, seen):
                return 0
            unit.commit()
        try:
            subscription = self._subscription(replace(connection, write_calendar=calendar), leased)
        except DeliveryError as error:
            self._put_off(leased, error)
        else:
            renewed_at = renewal_at(subscription, self._clock())
            self._store(replace(leased, subscription=subscription, due_at=renewed_at, failures=0))
        return 1

    def _subscription(self, connection: Connection, push: Push) -> Subscription:
        provider = self._providers[connection.provider]
        address = f"{self._public_url}{HOOKS}/{connection.provider}"
        if push.subscription is None:
            return provider.watch(connection, address, push.secret)
        return provider.renewed(connection, push.subscription, address, push.secret)

    def _put_off(self, push: Push, error: DeliveryError) -> None:
        log.info(
            "A calendar does not push, and is polled: %s",
            error,
            extra={"connection_id": push.connection_id, "failures": push.failures + 1},
        )
        later = retry_at(push.failures, self._clock())
        self._store(replace(push, due_at=max(later, error.retry_at or later), failures=push.failures + 1))

    def _store(self, push: Push) -> None:
        with self._unit_of_work(write=True) as unit:
            unit.pushes.put(push)  # where somebody has disconnected meanwhile, nobody knows its secret any more
            unit.commit()

    # ------------------------------------------------------------ what comes in

    def received(self, system: str, knocks: Sequence[Knock]) -> bool:
        """Take what a calendar system has sent; False, and no effect, where none of it is really from there."""
        secrets = tuple({knock.secret for knock in knocks if knock.secret})
        with self._unit_of_work() as unit:
            known = {push.secret: push for push in unit.pushes.by_secrets(secrets) if push.provider == system}
        notices: dict[tuple[ConnectionId, str], set[Notice]] = {}
        for knock in knocks:
            push = known.get(knock.secret)
            if push and _is_about(push, knock):
                notices.setdefault((push.connection_id, push.calendar), set()).add(knock.notice)
        for (connection_id, calendar), said in notices.items():
            if Notice.CHANGED in said:
                self._reconcile.nudge(connection_id)
            if said & {Notice.RENEW, Notice.ENDED}:
                self._renew_soon(connection_id, calendar, self._clock())
        return bool(known)

    def _renew_soon(self, connection_id: ConnectionId, calendar: str, at: datetime) -> None:
        with self._unit_of_work(write=True) as unit:
            push = unit.pushes.get(connection_id, calendar, lock=True)
            if push and push.due_at > at:
                unit.pushes.put(replace(push, due_at=at))
                unit.commit()


def _is_about(push: Push, knock: Knock) -> bool:
    """News of a subscription's end are about the one that we have, not about one before it."""
    if knock.notice in (Notice.CHANGED, Notice.BEGUN):
        return True
    return push.subscription is not None and knock.subscription_id == push.subscription.id
