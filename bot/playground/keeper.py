"""Keeps the story in a file, so that a restart goes on where it was."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

_GATHER_S = 0.2
"""How long changes are gathered before they are written."""

log = logging.getLogger(__name__)


class Keeper:
    """Writes `snapshot()` to `path` soon after each `changed()`: a whole file or none."""

    def __init__(self, path: Path | None, snapshot: Callable[[], Any]) -> None:
        self._path = path
        self._snapshot = snapshot
        self._pending: threading.Timer | None = None
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def load(self) -> Any:
        """What was kept, or None where there is nothing that can be read."""
        if self._path is None or not self._path.exists():
            return None
        try:
            return json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            log.warning("The playground's saved state cannot be read; starting afresh.")
            return None

    def changed(self) -> None:
        with self._lock:
            if self._path is None or self._pending is not None:
                return
            self._pending = threading.Timer(_GATHER_S, self.save)
            self._pending.daemon = True
            self._pending.start()

    def save(self) -> None:
        """Write now."""
        with self._lock:
            if self._pending is not None:
                self._pending.cancel()
            self._pending = None
        if self._path is None:
            return
        with self._writing:
            text = json.dumps(self._snapshot(), ensure_ascii=False)
            beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                beside.write_text(text, encoding="utf-8")
                beside.replace(self._path)
            except OSError:
                log.warning("The playground's state cannot be saved; it lasts until the next restart.")
