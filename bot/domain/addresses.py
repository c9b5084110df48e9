"""Email addresses, as far as mail servers agree about them."""

from __future__ import annotations

import re

_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LAST_LABEL = r"(?=[^.]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@(?:{_LABEL}\.)+{_LAST_LABEL}")


def is_address(text: str) -> bool:
    """Whether mail can be sent to it: ASCII, a dot-atom (RFC 5321, 4.1.2), @, a domain with a dot."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None
