"""The language nearest to what Slack says of somebody."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.languages import AMERICAN, ENGLISH, LANGUAGES, language_of


@pytest.mark.parametrize("locale", ["en-US", "en_US", "EN-us"])
def test_americans_are_written_to_as_americans(locale: str) -> None:
    assert language_of(locale) == AMERICAN


@pytest.mark.parametrize("locale", ["en-GB", "en", "de-DE", "", None, 7])
def test_everybody_else_in_the_english_that_all_of_them_read(locale: Any) -> None:
    assert language_of(locale) == ENGLISH


def test_each_language_is_its_own_nearest() -> None:
    assert [language_of(tag) for tag in LANGUAGES] == list(LANGUAGES)
