"""The languages that Customers are written to, as BCP 47 tags."""

from __future__ import annotations

from typing import Any

ENGLISH = "en"
AMERICAN = "en-US"

LANGUAGES = {ENGLISH: "English (15:00, 1 December)", AMERICAN: "English, US (3:00 PM, December 1)"}
"""Tag → how a person chooses it."""


def language_of(locale: Any) -> str:
    """The one of our languages nearest to a locale as Slack gives it, like `en-US` or `de_DE`."""
    return AMERICAN if str(locale or "").replace("_", "-").lower() == AMERICAN.lower() else ENGLISH
