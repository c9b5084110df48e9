"""Text in the lines of a mail's text part."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_COLUMNS = 76
_FACT_INDENT = " " * 10


def paragraphs(text: str) -> Sequence[str]:
    return [paragraph.strip("\n") for paragraph in text.split("\n\n") if paragraph.strip()]


def wrapped(text: str) -> str:
    """`text` in lines that mail programs show whole; its own line breaks are kept, addresses stay in one piece."""
    lines = (textwrap.fill(line, _COLUMNS, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))
    return "\n".join(lines)


def indented(text: str) -> str:
    """`text` wrapped, its further lines set in under the first of a list of facts."""
    width = _COLUMNS - len(_FACT_INDENT)
    lines = [line for part in text.split("\n") for line in textwrap.wrap(part, width, break_long_words=False) or [""]]
    return ("\n" + _FACT_INDENT).join(lines)
