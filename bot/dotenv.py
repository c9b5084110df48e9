"""The `.env` file: one `NAME=value` a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.errors import SettingsError

_ASSIGNMENT = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_LITERAL = re.compile(r"'(?P<text>[^']*)'")
_QUOTED = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"')
_COMMENT = re.compile(r"\s*(?:#.*)?")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\"": '"', r"\\": "\\"}


def read_dotenv(path: Path) -> Mapping[str, str]:
    """The file's names and values; none where there is no such file. Raises SettingsError naming the line.

    Read much as a shell would: `export` may stand before a name, 'single quotes' keep every character,
    "double quotes" know backslash escapes, a bare value ends before ` #`. But `$` has no meaning here.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path} cannot be read: it has to be a UTF-8 text file that this user may read.") from exc
    values = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if _COMMENT.fullmatch(line):
            continue
        assignment = _ASSIGNMENT.fullmatch(line.strip())
        value = _value(assignment["value"]) if assignment else None
        if assignment is None or value is None:
            raise SettingsError(f"{path}, line {number}: write NAME=value, with matching quotes if there are any.")
        values[assignment["name"]] = value
    return values


def _value(written: str) -> str | None:
    """What a value stands for; None where its quotes do not match."""
    if not written.startswith(("'", '"')):
        return re.split(r"(?:^|\s)#", written, maxsplit=1)[0].rstrip()
    literal, quoted = _LITERAL.match(written), _QUOTED.match(written)
    match = literal or quoted
    if match is None or not _COMMENT.fullmatch(written, match.end()):
        return None
    if literal:
        return literal["text"]
    return re.sub(r"\\.", lambda escape: _ESCAPES.get(escape[0], escape[0]), match["text"])
