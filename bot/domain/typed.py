"""What people type: made fit to keep, and what others wrote made fit to be shown."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def line(value: Any) -> str:
    """One line, composed (NFC): white space folded, nothing in it that breaks lines or turns the text around it."""
    return one_line(unicodedata.normalize("NFC", str(value or "")))


def lines(value: Any) -> str:
    """Several lines, each ended by a line feed: nothing else in them that is not read."""
    return plain(str(value or "")).strip()


def one_line(text: str) -> str:
    """`text` fit for a header or a heading: nothing invisible that breaks lines or turns the direction of others."""
    return " ".join(plain(text).split())


def plain(text: str) -> str:
    """`text` without control characters, lone surrogates and direction overrides; line ends become `\\n`.

    Direction embeddings and overrides (Unicode UAX 9) would reorder what stands around them; text that is
    simply written from right to left is kept.
    """
    unix = _LINE_ENDS.sub("\n", text)
    if unix.isascii() and unix.isprintable():
        return unix
    return "".join(c for c in unix if c in "\n\t" or not _is_disruptive(c))


def _is_disruptive(character: str) -> bool:
    return (
        unicodedata.category(character) in ("Cc", "Cs")
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
