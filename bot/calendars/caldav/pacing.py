"""An account's pace at its server: a few requests at once, and none while the server has asked for a pause."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.calendars.caldav.errors import LATE, CalDavError, refusal
from bot.ports import Clock
from bot.rest import wished_wait

AT_ONCE = 4
"""Requests of one account at once: small servers have few workers, and large ones count per account."""
_FIRST_WAIT = timedelta(seconds=30)
_SHORTEST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass
class Lane:
    """One account at one host. `refusals` is how often it was told to wait since it last got an answer."""

    places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))
    users: int = 0
    refusals: int = 0
    closed_until: datetime | None = None


class Pacing:
    """Every account's lane, by host and user name. Thread-safe. `chance` is a number from 0 up to 1."""

    def __init__(self, clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._chance = chance
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, host: str, user: str, deadline: float) -> Iterator[Lane]:
        """Within a place of the lane; `deadline` is a reading of `time.monotonic`.

        Raises CalDavError while the server has asked this account to wait, and where no place gets free in time.
        """
        key = (host, user)
        with self._lock:
            lane = self._lanes.setdefault(key, Lane())
            lane.users += 1
        try:
            self._mind_the_wait(lane)
            if not lane.places.acquire(timeout=max(0.0, deadline - time.monotonic())):
                raise CalDavError(LATE)
            try:
                self._mind_the_wait(lane)  # whoever was ahead may have been told to wait
                yield lane
            finally:
                lane.places.release()
        finally:
            with self._lock:
                lane.users -= 1
                if not lane.users and not lane.refusals:
                    self._lanes.pop(key, None)

    def refused(self, lane: Lane, retry_after: str) -> datetime:
        """Close the lane for as long as the header says, else for longer each time; until when.

        A little longer by chance, so that those who were refused together do not come back together.
        """
        now = self._clock()
        with self._lock:
            unsaid = min(_FIRST_WAIT * 2 ** min(lane.refusals, 10), _LONGEST_WAIT)
            wish = wished_wait(retry_after, now)
            wait = unsaid if wish is None else min(max(wish, _SHORTEST_WAIT), _LONGEST_WAIT)
            until = now + wait * (1 + self._chance() / 4)
            lane.refusals += 1
            lane.closed_until = max(until, lane.closed_until or until)
            return lane.closed_until

    def answered(self, lane: Lane) -> None:
        """The server takes requests of this account again; one that was under way when it refused says nothing."""
        with self._lock:
            if lane.closed_until is None or lane.closed_until <= self._clock():
                lane.refusals = 0

    def _mind_the_wait(self, lane: Lane) -> None:
        if lane.closed_until is not None and self._clock() < lane.closed_until:
            raise refusal(429, lane.closed_until)
