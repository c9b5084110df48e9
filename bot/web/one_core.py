"""One core for all threads of a web process, where the system is Linux.

Python computes in one thread at a time. Linux spreads the threads over all cores all the same: whichever goes on finds
nothing of what it needs near its core, and often that core has to be woken first. Kept together they take a fifth less
of the processor for each request, and answer as much sooner.

No core is ours alone, though: when other programs want the same one, all threads move to one that is freer.
"""

from __future__ import annotations

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

log = logging.getLogger("bot")

_LOOK_S = 1.0
"""Between two looks at who else uses the core."""
_IDLE = 0.05
"""The share of a core below which a process need not care who else is there."""
_FREER = 0.25
"""By so great a share of its time another core must be freer: a move costs what lies near the old one."""
_PROCESSOR = 36
"""Where a thread ran last, in proc_pid_stat(5), counted from behind its name."""
_IDLE_AND_WAITING = slice(3, 5)
_WITHOUT_GUESTS = 8
"""Of the times in proc_stat(5): those of guests are in the first two already."""

Shares = Mapping[int, float]
"""What part of its time each core works for other programs: 0 to 1."""


def keep_together() -> None:
    """Keep this process's threads on one core from now on, those to come included. Elsewhere than on Linux, or where
    the system does not let us, nothing happens."""
    if sys.platform != "linux":
        return
    try:
        allowed = os.sched_getaffinity(0)
        if len(allowed) < 2:
            return
        core = OneCore(allowed, _here(), busy_s=_busy_s, used_s=time.process_time, move=move_threads)
        core.gather()
    except OSError as error:
        log.debug("Threads stay on all cores.", extra={"error": type(error).__name__})
        return
    Thread(target=_watch, args=(core,), name="one-core", daemon=True).start()


class OneCore:
    """`busy_s` tells for how many seconds each core has been at work so far, `used_s` this process. `move` lets all
    threads run on some cores only.

    Raises OSError where the system does not tell, or does not let us choose.
    """

    def __init__(
        self,
        allowed: Collection[int],
        core: int,
        *,
        busy_s: Callable[[], Mapping[int, float]],
        used_s: Callable[[], float],
        move: Callable[[Collection[int]], None],
    ) -> None:
        self.core = core
        self._allowed = allowed
        self._busy_s = busy_s
        self._used_s = used_s
        self._move = move
        self._before = busy_s(), used_s()

    def gather(self) -> None:
        """Bring every thread to the core. A thread that is made later begins where its maker is."""
        self._move({self.core})

    def look(self, seconds: float) -> None:
        """Choose again, `seconds` after the last look."""
        (busy_before, used_before), (busy, used) = self._before, (self._busy_s(), self._used_s())
        self._before = busy, used
        ours_s = used - used_before
        if ours_s < _IDLE * seconds:
            return
        others = {
            core: max(0.0, busy[core] - busy_before[core] - (ours_s if core == self.core else 0.0)) / seconds
            for core in self._allowed
            if core in busy and core in busy_before
        }
        self.core = freest(self.core, others)
        self.gather()


def freest(core: int, others: Shares) -> int:
    """The core itself, or one that is clearly freer; any of those, lest all who leave a core meet on the next."""
    if not others:
        return core
    least = min(others.values())
    if others.get(core, 1.0) - least < _FREER:
        return core
    return secrets.choice([each for each, share in others.items() if share - least < _IDLE])


def move_threads(cores: Collection[int]) -> None:
    """Let all threads of this process run on these cores only. Raises OSError."""
    if sys.platform == "linux":
        for thread in os.listdir("/proc/self/task"):
            with suppress(ProcessLookupError):  # it has ended meanwhile
                if os.sched_getaffinity(int(thread)) != set(cores):
                    os.sched_setaffinity(int(thread), cores)


def busy_times(lines: Iterable[str], ticks_a_second: int) -> dict[int, float]:
    """For how many seconds each core has been at work since the machine started, out of proc_stat(5)."""
    found = {}
    for line in lines:
        name, *ticks = line.split()
        if name.startswith("cpu") and name != "cpu":
            spent = [int(each) for each in ticks[:_WITHOUT_GUESTS]]
            found[int(name[3:])] = (sum(spent) - sum(spent[_IDLE_AND_WAITING])) / ticks_a_second
    return found


def _busy_s() -> dict[int, float]:
    return busy_times(Path("/proc/stat").read_text().splitlines(), os.sysconf("SC_CLK_TCK"))


def _here() -> int:
    """The core on which the process's first thread ran last: where the system has found room for it."""
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[_PROCESSOR])


def _watch(core: OneCore) -> None:
    never, at = Event(), time.monotonic()
    try:
        while not never.wait(_LOOK_S):
            before, at = at, time.monotonic()
            core.look(at - before)
    except OSError as error:
        log.debug("Threads stay where they are.", extra={"error": type(error).__name__})
