"""Several questions at once, until a deadline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from bot.calendars.microsoft.errors import LATE, NONSENSE
from bot.rest import Deadline, RestError

log = logging.getLogger(__name__)
_MOST_THREADS = 32

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


def answered(calls: Mapping[Key, Callable[[], Answer]], deadline: Deadline) -> Mapping[Key, Answer | RestError]:
    """Every call's answer, or why there is none: it failed, or was late. Raises nothing."""
    if not calls:
        return {}
    pool = ThreadPoolExecutor(min(_MOST_THREADS, len(calls)), thread_name_prefix="microsoft")
    futures = {key: pool.submit(call) for key, call in calls.items()}
    done, _ = wait(futures.values(), timeout=deadline.left_s)
    pool.shutdown(wait=False, cancel_futures=True)  # who is late ends soon: requests know the same deadline
    answers: dict[Key, Answer | RestError] = {}
    for key, future in futures.items():
        failure = future.exception() if future in done else RestError(LATE)
        if failure is None:
            answers[key] = future.result()
        elif isinstance(failure, RestError):
            answers[key] = failure
        else:  # a defect: the calendar is not readable, which must not keep the others from being read
            log.error("reading a calendar failed", exc_info=failure)
            answers[key] = RestError(NONSENSE)
    return answers
