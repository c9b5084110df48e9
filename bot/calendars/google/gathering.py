"""Many questions at once, and only so long: what has not come by then is not waited for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any, TypeVar

from bot.rest import Deadline

log = logging.getLogger(__name__)

Key = TypeVar("Key")
Answer = TypeVar("Answer")
Job = Callable[[], Answer]
Start = Callable[[], Sequence[Job[Answer]]]
"""What has to be known first; gives the jobs that can then be done side by side."""


def gather(executor: Executor, deadline: Deadline, starts: Mapping[Key, Start[Answer]]) -> dict[Key, list[Answer]]:
    """The answers of those who have given all of them in time. Nobody's start waits for another's.

    What has come by the deadline is taken, however late we look. A defect is logged, and one's own: the others answer.
    """
    starting: dict[Future[Sequence[Job[Answer]]], Key] = {executor.submit(start): key for key, start in starts.items()}
    answering: dict[Future[Answer], Key] = {}
    answers: dict[Key, list[Answer]] = {}
    failed: set[Key] = set()
    while starting or answering:
        left_s = deadline.left_s
        under_way: list[Future[Any]] = [*starting, *answering]
        done, _ = wait(under_way, timeout=left_s, return_when=FIRST_COMPLETED)
        if not (done or left_s):
            break
        for begun in [future for future in starting if future in done]:
            key = starting.pop(begun)
            answers[key] = []
            if _is_well(begun):
                answering |= {executor.submit(job): key for job in begun.result()}
            else:
                failed.add(key)
        for answered in [future for future in answering if future in done]:
            key = answering.pop(answered)
            if _is_well(answered):
                answers[key].append(answered.result())
            else:
                failed.add(key)
    unanswered: list[Future[Any]] = [*starting, *answering]
    for late in unanswered:
        late.cancel()
    incomplete = failed.union(answering.values())
    return {key: given for key, given in answers.items() if key not in incomplete}


def _is_well(done: Future[Any]) -> bool:
    failure = done.exception()
    if failure is not None:
        log.error("A Google calendar could not be read", exc_info=failure)
    return failure is None
