"""Answers that stay good for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from bot.ports import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """At most `size` answers, each for `lifetime`; the oldest makes room. Safe between threads."""

    def __init__(self, clock: Clock, lifetime: timedelta, size: int) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._size = size
        self._answers: OrderedDict[K, tuple[datetime, V]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """The answer, or None where there is none that is recent enough."""
        return self.several([key]).get(key)

    def several(self, keys: Iterable[K]) -> dict[K, V]:
        """The answers that there are and that are recent enough."""
        begun_by = self._clock() - self._lifetime
        found = {}
        with self._lock:
            for key in keys:
                known = self._answers.get(key)
                if known is None:
                    continue
                given_at, answer = known
                if given_at <= begun_by:
                    del self._answers[key]
                else:
                    found[key] = answer
        return found

    def put(self, key: K, answer: V) -> None:
        now = self._clock()
        with self._lock:
            self._answers.pop(key, None)
            self._answers[key] = (now, answer)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)

    def __len__(self) -> int:
        return len(self._answers)
