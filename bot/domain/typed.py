"""What people type, made fit to keep."""

from __future__ import annotations

import unicodedata
from typing import Any


def line(value: Any) -> str:
    """One line: white space folded, control characters gone, so that nothing reaches a mail header."""
    text = unicodedata.normalize("NFC", str(value or ""))
    return " ".join("".join(c if unicodedata.category(c) not in ("Cc", "Cs") else " " for c in text).split())


def lines(value: Any) -> str:
    """Several lines: control characters other than the line feed gone."""
    text = str(value or "").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
