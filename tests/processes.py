"""Processes that begin with the product imported: forked from one that did so once, and did nothing else."""

from __future__ import annotations

import multiprocessing
from multiprocessing.context import ForkServerContext

_IMPORTED = ["bot.app", "storage.database", "tests.doomed_worker", "tests.race", "tests.world"]


def prepared() -> ForkServerContext:
    """Where to start them; every process of the tests has a server of its own for it, until it ends."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context
