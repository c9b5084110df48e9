"""Several people's free/busy at once: each on its own, all by one deadline."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any, TypeVar

from bot.calendars.caldav import errors
from bot.domain.calendar import FreeBusy
from bot.domain.intervals import Interval, merge
from bot.errors import InviteOnceError

log = logging.getLogger(__name__)

Key = TypeVar("Key", bound=Hashable)
Read = Callable[[], Sequence[Interval]]
"""Asks one calendar."""
Find = Callable[[], Sequence[Read]]
"""Finds out which calendars there are to be asked."""


def free_busy(executor: Executor, asked: Mapping[Key, Find], deadline: float) -> dict[Key, FreeBusy]:
    """An answer for every key: all its calendars' busy times, or why one of them could not be read.

    `deadline` is a reading of `time.monotonic`. Nobody waits for anybody else; raises nothing.
    """
    left = dict.fromkeys(asked, 1)
    busy: dict[Key, list[Interval]] = {key: [] for key in asked}
    failed: dict[Key, str] = {}
    finds = {executor.submit(find): key for key, find in asked.items()}
    reads: dict[Future[Sequence[Interval]], Key] = {}
    while (finds or reads) and (remaining := deadline - time.monotonic()) > 0:
        pending: list[Future[Any]] = [*finds, *reads]
        done, _ = wait(pending, remaining, FIRST_COMPLETED)
        for find in [future for future in finds if future in done]:
            key = finds.pop(find)
            if (error := find.exception()) is not None:
                failed[key] = _reason(error)
                continue
            started = [executor.submit(read) for read in find.result()]
            reads.update(dict.fromkeys(started, key))
            left[key] += len(started) - 1
        for read in [future for future in reads if future in done]:
            key = reads.pop(read)
            if (error := read.exception()) is not None:
                failed[key] = _reason(error)
                continue
            busy[key].extend(read.result())
            left[key] -= 1
    late: list[Future[Any]] = [*finds, *reads]
    for future in late:
        future.cancel()
    return {key: _answer(failed.get(key), left[key], busy[key]) for key in asked}


def _answer(failure: str | None, left: int, busy: Sequence[Interval]) -> FreeBusy:
    if failure is None and left:
        failure = errors.LATE
    return FreeBusy(unreadable=failure) if failure is not None else FreeBusy(busy=merge(busy))


def _reason(error: BaseException) -> str:
    """A short reason for people. A defect of ours is one as well: a calendar that made us fail is not free."""
    if isinstance(error, InviteOnceError):
        return str(error)
    log.error("A CalDAV calendar could not be read", exc_info=error)
    return errors.UNREADABLE
