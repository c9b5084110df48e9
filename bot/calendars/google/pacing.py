"""Time while calls are under way: how seconds pass, and how many calls one mailbox gets at once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.calendars.google.faults import LATE, PAUSE, GoogleError
from bot.ports import Clock
from bot.rest import Deadline, Rest

AT_ONCE = 4
"""Calls at once for one mailbox: Google counts per user and minute, and answers a burst with 403."""
ATTEMPTS = 5
_FIRST_PAUSE_S = 0.25
_LONGEST_HOLD_S = 300.0
"""A wish for longer is tried again by then: nobody is unreadable for a day on one answer's word."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How seconds pass. `chance` is a number from 0 up to 1."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    chance: Callable[[], float] = random.random

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(self.monotonic() + seconds, self.monotonic)


def google_rest(clock: Clock, timing: Timing) -> Rest:
    return Rest("Google", clock=clock, monotonic=timing.monotonic, pause=timing.sleep, jitter=timing.chance)


@dataclass
class Lane:
    """One mailbox's calls: a few at once, and none while Google asks for a pause."""

    timing: Timing
    free_at: float = 0.0
    _places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_ONCE))

    @contextmanager
    def entered(self, deadline: Deadline) -> Iterator[None]:
        """Within a place of the lane. Raises GoogleError where there is none before the deadline."""
        pause_s = self.free_at - self.timing.monotonic()
        if pause_s > 0:
            if pause_s >= deadline.left_s:
                raise GoogleError(PAUSE)
            self.timing.sleep(pause_s)
        if not self._places.acquire(timeout=deadline.left_s):
            raise GoogleError(LATE)
        try:
            yield
        finally:
            self._places.release()

    def pause_s(self, attempt: int, wish_s: float | None, deadline: Deadline) -> float | None:
        """How long to wait before trying again, the first `attempt` being 0; None: it would be too late, or no use.

        As long as Google said, else twice as long each time; in both cases a little more by chance, so that those who
        were refused together do not come back together. Meanwhile the whole lane waits.
        """
        chance = self.timing.chance()
        pause_s = _FIRST_PAUSE_S * 2**attempt * (0.5 + chance)
        if wish_s is not None:
            pause_s = max(wish_s, 0.0) + _FIRST_PAUSE_S * chance
        self.free_at = max(self.free_at, self.timing.monotonic() + min(pause_s, _LONGEST_HOLD_S))
        return pause_s if attempt + 1 < ATTEMPTS and pause_s < deadline.left_s else None


class Lanes:
    """The lane of every mailbox, by connection."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()

    def of(self, connection_id: str) -> Lane:
        with self._lock:
            return self._lanes.setdefault(connection_id, Lane(self._timing))
