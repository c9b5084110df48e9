"""Rules from which the grammar of Block Kit is put together.

A rule gets a JSON value and its JSON pointer, and yields a sentence for each thing that is wrong,
in the manner of Slack's `response_metadata.messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any

Rule = Callable[[Any, str], Iterator[str]]


def fault(text: str, at: str) -> str:
    return f"[ERROR] {text} [json-pointer:{at}]"


def string(most: int, *, least: int = 1) -> Rule:
    """Text of `least` to `most` characters."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield fault("must provide a string", at)
        elif len(value) < least:
            yield fault(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield fault(f"must be less than {most + 1} characters", at)

    return check


def boolean(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield fault("must provide a boolean", at)


def whole(least: int, most: int) -> Rule:
    """A JSON integer within the bounds, both included."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield fault("must provide a number", at)
        elif not least <= value <= most:
            yield fault(f"must be between {least} and {most}", at)

    return check


def decimal_text(value: Any, at: str) -> Iterator[str]:
    """A number as text, as `number_input` wants its bounds."""
    if not isinstance(value, str) or not re.fullmatch(r"-?\d+(\.\d+)?", value):
        yield fault("must provide a number as a string", at)


def one_of(*allowed: str) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if value not in allowed:
            yield fault(f"must be one of: {', '.join(allowed)}", at)

    return check


def iso_date(value: Any, at: str) -> Iterator[str]:
    """`YYYY-MM-DD`, a day that exists."""
    try:
        well_formed = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        well_formed = False
    if not well_formed:
        yield fault("must be a date in the format YYYY-MM-DD", at)


def clock_time(value: Any, at: str) -> Iterator[str]:
    """`HH:mm` on the 24-hour clock."""
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        yield fault("must be a time in the format HH:mm", at)


def web_address(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str) or not re.fullmatch(r"(https?|mailto|slack):\S+", value) or len(value) > 3000:
        yield fault("invalid url", at)


def anything(value: Any, at: str) -> Iterator[str]:
    yield from ()


def listing(rule: Rule, most: int, *, least: int = 1) -> Rule:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield fault("must provide an array", at)
            return
        if len(value) < least:
            yield fault(f"no fewer than {least} items allowed", at)
        if len(value) > most:
            yield fault(f"no more than {most} items allowed", at)
        for index, item in enumerate(value):
            yield from rule(item, f"{at}/{index}")

    return check


def shape(required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with exactly these keys; unknown ones are refused."""
    parts = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", at)
            return
        for key in required:
            if key not in value:
                yield fault(f"missing required field: {key}", at)
        for key, part in value.items():
            if key in parts:
                yield from parts[key](part, f"{at}/{key}")
            else:
                yield fault(f"invalid additional property: {key}", at)

    return check


def typed(shapes: Mapping[str, Rule], allowed: Collection[str] | None = None) -> Rule:
    """An object whose `type` chooses its shape; `allowed` narrows the types down for one place."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield fault("must provide an object", at)
            return
        kind = value.get("type")
        if kind is None:
            yield fault("missing required field: type", at)
        elif not isinstance(kind, str) or kind not in shapes or (allowed is not None and kind not in allowed):
            yield fault(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from shapes[kind](value, at)

    return check
