"""Outages of the database, as the worker's jobs see them: told once when they begin and once when they end."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from bot.ports import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=30)


@dataclass
class _Outage:
    reference: str
    began_at: datetime
    pause: timedelta
    ask_at: datetime


class Outages:
    """`answers` says whether the database can be worked with, and raises nothing. Safe to share between threads."""

    def __init__(self, answers: Callable[[], bool], clock: Clock) -> None:
        self._answers = answers
        self._clock = clock
        self._outage: _Outage | None = None
        self._lock = Lock()

    def is_over(self) -> bool:
        """Whether there is none, as far as is known. During one the database is asked again after a pause, twice as
        long each time; whoever hears False lets it be."""
        with self._lock:
            outage = self._outage
            if outage is None:
                return True
            if self._clock() < outage.ask_at:
                return False
            if self._answers():
                self._outage = None
                log.info(
                    "The database is back after %d s (reference %s)",
                    (self._clock() - outage.began_at).total_seconds(),
                    outage.reference,
                )
                return True
            outage.pause = min(2 * outage.pause, LONGEST_PAUSE)
            outage.ask_at = self._clock() + outage.pause
            return False

    def explains_failure(self) -> bool:
        """Asked after something has failed: whether the database is away, and so nothing else needs to be said."""
        with self._lock:
            if self._outage is None and not self._answers():
                now = self._clock()
                self._outage = _Outage(secrets.token_hex(4), now, FIRST_PAUSE, now + FIRST_PAUSE)
                log.error(
                    "The database cannot be reached, or its schema is not current. What there is to do waits; "
                    "it is asked again, every %d s in the end (reference %s)",
                    LONGEST_PAUSE.total_seconds(),
                    self._outage.reference,
                )
            return self._outage is not None
