"""Single values as Slack's fields hold them, read: minutes, clocks, dates, instants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.errors import FormError


def duration_of(text: Any) -> timedelta | None:
    """Minutes as text → a duration; None unless a multiple of 5 up to 8 hours."""
    minutes = minutes_of(text)
    if minutes is None or not timedelta() < minutes <= timedelta(hours=8) or minutes % timedelta(minutes=5):
        return None
    return minutes


def minutes_of(value: Any) -> timedelta | None:
    text = str(value or "")
    return timedelta(minutes=int(text)) if text.isascii() and text.isdigit() and len(text) <= 6 else None


def date_of(value: Any) -> date | None:
    try:
        return date.fromisoformat(value or "")
    except ValueError:
        return None


def clock_of(value: Any) -> time | None:
    try:
        clock = time.fromisoformat(value or "")
    except ValueError:
        return None
    return clock if clock.minute % 5 == 0 and not clock.second else None


def instant_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instants(texts: Sequence[str]) -> tuple[datetime, ...]:
    """Instants as `instant_text` writes them, in order, each once."""
    return tuple(sorted({datetime.fromisoformat(text).astimezone(UTC) for text in texts}))


def refuse(errors: Mapping[str, str]) -> None:
    if errors:
        raise FormError(errors)
