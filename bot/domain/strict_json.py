"""JSON read strictly: each complaint is a ValueError that begins with the path of the field and a colon.

Repeated keys, unknown keys, NaN and values of another type are refused, never guessed at.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

ROOT = "line"
"""What the whole value is called in complaints."""


_MOST_DIGITS = 20


def parsed(line: str | bytes) -> object:
    """The value of one line of JSON in UTF-8."""
    try:
        text = line.decode() if isinstance(line, bytes) else line
        return json.loads(
            text, object_pairs_hook=_without_repetition, parse_constant=_no_number, parse_int=_whole_number
        )
    except json.JSONDecodeError as exc:
        raise ValueError(f"{ROOT}: is not JSON ({exc.msg}, column {exc.colno})") from exc
    except UnicodeDecodeError as exc:
        raise ValueError(f"{ROOT}: is not UTF-8") from exc
    except RecursionError as exc:
        raise ValueError(f"{ROOT}: is nested too deeply") from exc


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"{twice}: is given twice")
    return found


def _no_number(name: str) -> object:
    raise ValueError(f"{ROOT}: {name} is not a number in JSON")


def _whole_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"{ROOT}: holds a number of {len(digits)} digits")
    return int(digits)


def fields_of(value: object, at: str, required: Sequence[str], optional: Sequence[str] = ()) -> dict[str, object]:
    """An object with all the required keys and none but the optional ones besides."""
    fields = mapping(value, at)
    below = "" if at == ROOT else f"{at}."
    for name in fields:
        if name not in required and name not in optional:
            raise ValueError(f"{below}{name}: is not a known key")
    for name in required:
        if name not in fields:
            raise ValueError(f"{below}{name}: is missing")
    return fields


def mapping(value: object, at: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{at}: must be an object")
    return value


def items(value: object, at: str) -> list[tuple[object, str]]:
    """The items of a list, each with its own path."""
    if not isinstance(value, list):
        raise ValueError(f"{at}: must be a list")
    return [(item, f"{at}[{number}]") for number, item in enumerate(value)]


def pair(value: object, at: str) -> tuple[object, object]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"{at}: must be a pair [start, end]")
    return value[0], value[1]


def text_of(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{at}: must be text")
    return value
