"""The clock."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The present instant, aware, UTC."""

    def __call__(self) -> datetime: ...
