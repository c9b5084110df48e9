"""Google, Microsoft 365, Zoom and CalDAV: whose calendars and conferences are offered, and where they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.calendars.google.client import API_URL, AUTH_URL, TOKEN_URL
from bot.calendars.microsoft.sign_in import AUTHORITY, GRAPH_URL
from bot.conferencing import zoom
from bot.errors import SettingsError
from bot.variables import Network, absolute_url, one_word


@dataclass(frozen=True, slots=True)
class CalDavSettings:
    """Where CalDAV servers may be besides the public internet; there plain http is allowed too."""

    allowed_networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """The OAuth client, and where Google is. No address ends with a slash."""

    client_id: str
    client_secret: SecretStr
    api_url: str
    auth_url: str
    token_url: str


@dataclass(frozen=True, slots=True)
class MicrosoftSettings:
    """The app registration, and where Microsoft is. `authority` ends with the tenant. No address ends with a slash."""

    client_id: str
    client_secret: SecretStr
    authority: str
    graph_url: str


@dataclass(frozen=True, slots=True)
class ZoomSettings:
    """A server-to-server OAuth app, and where Zoom is. No address ends with a slash."""

    account_id: str
    client_id: str
    client_secret: SecretStr
    api_url: str
    token_url: str


def google_settings(values: Mapping[str, str]) -> GoogleSettings | None:
    """None where nothing was said about Google."""
    addresses = {"GOOGLE_API_URL": API_URL, "GOOGLE_AUTH_URL": AUTH_URL, "GOOGLE_TOKEN_URL": TOKEN_URL}
    given_ones = _all_or_none(values, "Google", ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"), addresses)
    if given_ones is None:
        return None
    client_id, secret = given_ones
    api_url, auth_url, token_url = (_address(values, name, usual) for name, usual in addresses.items())
    return GoogleSettings(client_id, SecretStr(secret), api_url, auth_url, token_url)


def microsoft_settings(values: Mapping[str, str]) -> MicrosoftSettings | None:
    """None where nothing was said about Microsoft."""
    addresses = {"MICROSOFT_AUTHORITY": AUTHORITY, "MICROSOFT_GRAPH_URL": GRAPH_URL}
    pair = ("MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET")
    given_ones = _all_or_none(values, "Microsoft 365", pair, addresses)
    if given_ones is None:
        return None
    client_id, secret = given_ones
    authority, graph_url = (_address(values, name, usual) for name, usual in addresses.items())
    if not authority.startswith("https://") or len(urlsplit(authority).path.split("/")) != 2:
        raise SettingsError(f"MICROSOFT_AUTHORITY must be an https:// address with one tenant, as {AUTHORITY}.")
    return MicrosoftSettings(client_id, SecretStr(secret), authority, graph_url)


def zoom_settings(values: Mapping[str, str]) -> ZoomSettings | None:
    """None where nothing was said about Zoom."""
    addresses = {"ZOOM_API_URL": zoom.API_URL, "ZOOM_TOKEN_URL": zoom.TOKEN_URL}
    names = ("ZOOM_ACCOUNT_ID", "ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET")
    given_ones = _all_or_none(values, "Zoom", names, addresses)
    if given_ones is None:
        return None
    account_id, client_id, secret = given_ones
    api_url, token_url = (_address(values, name, usual) for name, usual in addresses.items())
    return ZoomSettings(account_id, client_id, SecretStr(secret), api_url, token_url)


def _all_or_none(
    values: Mapping[str, str], vendor: str, names: tuple[str, ...], beside: Collection[str]
) -> tuple[str, ...] | None:
    """What the `names` say, or None where nothing was said, also about what may stand `beside` them."""
    said = next((name for name in (*names, *beside) if name in values), None)
    if said is None:
        return None
    missing = next((name for name in names if name not in values), None)
    if missing is not None:
        all_of_them, none = ("both", "neither") if len(names) == 2 else (f"all {len(names)}", "none")
        raise SettingsError(
            f"{missing} is missing, and {said} is set: give {all_of_them}, or {none} to do without {vendor}."
        )
    return tuple(one_word(name, values[name]) for name in names)


def _address(values: Mapping[str, str], name: str, usual: str) -> str:
    return absolute_url(name, values.get(name, usual))
