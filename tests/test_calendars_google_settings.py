"""The settings of Google: both halves or none, and addresses that can be used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.calendars.google.client import API_URL, AUTH_URL, TOKEN_URL, GoogleClient
from bot.errors import SettingsError
from bot.settings import GoogleSettings, load

PAIR = {"GOOGLE_CLIENT_ID": "1-a.apps.googleusercontent.com", "GOOGLE_CLIENT_SECRET": "GOCSPX-hunter2"}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def google(**more: str) -> GoogleSettings:
    settings = load({**PAIR, **more}).google
    assert settings is not None
    return settings


def refusal(values: Mapping[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load(values)
    return str(caught.value)


def test_without_them_google_is_not_offered() -> None:
    assert load({}).google is None


def test_the_pair_is_enough() -> None:
    settings = google()
    assert (settings.api_url, settings.auth_url, settings.token_url) == (API_URL, AUTH_URL, TOKEN_URL)
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"GOOGLE_CLIENT_ID": "a"}, "GOOGLE_CLIENT_SECRET"),
        ({"GOOGLE_CLIENT_SECRET": "b"}, "GOOGLE_CLIENT_ID"),
        ({"GOOGLE_API_URL": "https://google.example"}, "GOOGLE_CLIENT_ID"),
        ({"GOOGLE_AUTH_URL": "https://google.example", "GOOGLE_CLIENT_ID": "a"}, "GOOGLE_CLIENT_SECRET"),
        ({"GOOGLE_TOKEN_URL": "https://google.example", "GOOGLE_CLIENT_SECRET": "b"}, "GOOGLE_CLIENT_ID"),
    ],
)
def test_half_of_them_names_the_other_half(given: dict[str, str], missing: str) -> None:
    assert refusal(given).startswith(f"{missing} is missing")


@pytest.mark.parametrize("name", ["GOOGLE_API_URL", "GOOGLE_AUTH_URL", "GOOGLE_TOKEN_URL"])
@pytest.mark.parametrize("url", ["google.example", "ftp://google.example", "https://a:b@google.example", "https://g?x"])
def test_a_wrong_address_is_refused_by_its_name(name: str, url: str) -> None:
    assert name in refusal({**PAIR, name: url})


def test_a_secret_of_two_words_is_refused_and_not_repeated() -> None:
    text = refusal({**PAIR, "GOOGLE_CLIENT_SECRET": "hunter2 hunter3"})
    assert "GOOGLE_CLIENT_SECRET" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("api_url", ["https://google.example", "https://google.example/calendar/v3"])
def test_the_address_of_the_api_may_name_the_calendar_or_not(api_url: str) -> None:
    assert GoogleClient("a", "b", api_url).calendar_url == "https://google.example/calendar/v3/"


def test_tokens_are_given_back_beside_the_place_where_they_are_got() -> None:
    assert GoogleClient("a", "b").revoke_url == "https://oauth2.googleapis.com/revoke"
