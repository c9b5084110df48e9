"""What the tests' databases have in common."""

from __future__ import annotations

from base64 import urlsafe_b64encode

KEYS = (urlsafe_b64encode(b"the tests' own encryption key 32").decode(),)
"""Encryption keys, newest first: fixed, so that every process of a test has the same."""
