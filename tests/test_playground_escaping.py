"""What people type is written down as Slack writes it."""

from __future__ import annotations

import pytest

from bot.playground.cast import PRIYA, SALES
from bot.playground.escaping import escaped


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("1 < 2 & 3 > 2", "1 &lt; 2 &amp; 3 &gt; 2"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("anna@acme.com", "<mailto:anna@acme.com|anna@acme.com>"),
        ("Anna <anna@acme.com>", "Anna &lt;<mailto:anna@acme.com|anna@acme.com>&gt;"),
        ("@priya, please", f"<@{PRIYA.id}|priya>, please"),
        ("@priyanka @@priya x@priya", "@priyanka @@priya x@priya"),
        ("in #sales.", f"in <#{SALES.id}|sales>."),
        ("##sales #salesforce", "##sales #salesforce"),
        ("see https://example.com/a?b=c&d=e.", "see <https://example.com/a?b=c&amp;d=e>."),
        ("https://example.com/@priya", "<https://example.com/@priya>"),
        ("Zoë 🎉 שלום", "Zoë 🎉 שלום"),
        ("", ""),
    ],
)
def test_text_is_escaped_and_linked(typed: str, written: str) -> None:
    assert escaped(typed) == written
