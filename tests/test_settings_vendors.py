"""The settings of Microsoft 365 and Zoom: all or none, and addresses that can be used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import load

MICROSOFT = {"MICROSOFT_CLIENT_ID": "5a1ef0b4-0c1a", "MICROSOFT_CLIENT_SECRET": "8Q~hunter2"}
ZOOM = {"ZOOM_ACCOUNT_ID": "acc", "ZOOM_CLIENT_ID": "cli", "ZOOM_CLIENT_SECRET": "hunter2"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(values: Mapping[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load(values)
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


def test_without_them_neither_is_offered() -> None:
    settings = load({})
    assert settings.microsoft is None
    assert settings.zoom is None


def test_the_defaults_are_microsofts_own_and_secrets_are_not_shown() -> None:
    microsoft = load(MICROSOFT).microsoft
    assert microsoft is not None
    assert microsoft.authority == "https://login.microsoftonline.com/common"
    assert microsoft.graph_url == "https://graph.microsoft.com/v1.0"
    assert "hunter2" not in repr(microsoft)


def test_the_defaults_are_zooms_own_and_secrets_are_not_shown() -> None:
    zoom = load(ZOOM).zoom
    assert zoom is not None
    assert (zoom.api_url, zoom.token_url) == ("https://api.zoom.us/v2", "https://zoom.us/oauth/token")
    assert "hunter2" not in repr(zoom)


@pytest.mark.parametrize("names", [tuple(MICROSOFT), tuple(ZOOM)])
def test_each_one_that_is_missing_is_named(names: tuple[str, ...]) -> None:
    everything = {**MICROSOFT, **ZOOM}
    for missing in names:
        text = refusal({name: everything[name] for name in names if name != missing})
        assert text.startswith(f"{missing} is missing, and ")


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("MICROSOFT_AUTHORITY", "MICROSOFT_CLIENT_ID"),
        ("MICROSOFT_GRAPH_URL", "MICROSOFT_CLIENT_ID"),
        ("ZOOM_API_URL", "ZOOM_ACCOUNT_ID"),
        ("ZOOM_TOKEN_URL", "ZOOM_ACCOUNT_ID"),
    ],
)
def test_an_address_alone_asks_for_the_rest_and_a_wrong_one_is_refused(name: str, missing: str) -> None:
    assert refusal({name: "https://vendor.example/x"}).startswith(f"{missing} is missing, and {name} is set")
    for wrong in (
        "vendor.example",
        "ftp://vendor.example",
        "https://a:b@vendor.example/x",
        "https://vendor.example/x?y",
    ):
        assert name in refusal({**MICROSOFT, **ZOOM, name: wrong})


@pytest.mark.parametrize(
    "authority", ["http://login.example/common", "https://login.example", "https://login.example/common/v2.0"]
)
def test_an_authority_is_https_and_ends_with_a_tenant(authority: str) -> None:
    assert "MICROSOFT_AUTHORITY" in refusal({**MICROSOFT, "MICROSOFT_AUTHORITY": authority})


def test_addresses_lose_the_slash_at_their_end() -> None:
    settings = load({**MICROSOFT, "MICROSOFT_AUTHORITY": "https://login.microsoftonline.us/contoso.onmicrosoft.us/"})
    assert settings.microsoft is not None
    assert settings.microsoft.authority == "https://login.microsoftonline.us/contoso.onmicrosoft.us"


def test_a_secret_of_two_words_is_refused() -> None:
    assert "MICROSOFT_CLIENT_SECRET" in refusal({**MICROSOFT, "MICROSOFT_CLIENT_SECRET": "hunter2 hunter2"})


def test_a_refused_start_leaves_no_key_behind(folder: Path) -> None:
    refusal({"ZOOM_CLIENT_ID": "cli"})
    refusal({"MICROSOFT_CLIENT_ID": "cli"})
    assert list(folder.iterdir()) == []
