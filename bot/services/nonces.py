"""Nonces: signed when a page is shown, stored only when used."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence


class Nonces:
    """Makes and checks nonces with an HMAC (RFC 2104, SHA-256); the first key signs, all of them verify."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = [hashlib.sha256(b"inviteonce nonce\0" + key).digest() for key in keys]

    def issue(self, subject: str) -> str:
        """A new nonce that is good once for `subject`."""
        value = secrets.token_urlsafe(16)
        return f"{value}.{_seal(self._keys[0], subject, value)}"

    def id_of(self, nonce: str, subject: str) -> str | None:
        """What to store when it is used; None where it is not ours or for something else."""
        value, _, seal = nonce.partition(".")
        if any(hmac.compare_digest(_seal(key, subject, value).encode(), seal.encode()) for key in self._keys):
            return hashlib.sha256(f"{subject}\0{value}".encode()).hexdigest()
        return None


def _seal(key: bytes, subject: str, value: str) -> str:
    return hmac.new(key, f"{subject}\0{value}".encode(), hashlib.sha256).hexdigest()
