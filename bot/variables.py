"""Environment variables: which were given, and the kinds of value that several of them share."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bot.dotenv import read_dotenv
from bot.errors import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ANYWHERE: tuple[Network, ...] = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))


def given(environ: Mapping[str, str], dotenv: Path | None) -> Mapping[str, str]:
    """The variables that say something: the environment beats the file, and an empty value is a missing one."""
    from_file = read_dotenv(dotenv) if dotenv else {}
    return {name: value.strip() for source in (from_file, environ) for name, value in source.items() if value.strip()}


def one_of(values: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The choice that was made, in any case of letters; the first one where nothing was said."""
    written = values.get(name, choices[0])
    chosen = next((choice for choice in choices if choice.lower() == written.lower()), None)
    if chosen is None:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}.")
    return chosen


def absolute_url(name: str, value: str) -> str:
    """An http(s) URL with a host, without credentials, query, fragment or a slash at its end."""
    parts = split_url(name, value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise SettingsError(f"{name} must be an http:// or https:// address.")
    if "?" in value or "#" in value:
        raise SettingsError(f"{name} must be an address without ? or #.")
    return value.rstrip("/")


def split_url(name: str, value: str) -> SplitResult:
    """The parts of a URL whose host and port can be read."""
    try:
        parts = urlsplit(single_line(name, value))
        well_formed = parts.port != 0 and " " not in value
    except ValueError:
        well_formed = False
    if not well_formed:
        raise SettingsError(f"{name} is not a well-formed URL.")
    return parts


def single_line(name: str, value: str) -> str:
    """The value, which may end up in a header."""
    if not value.isprintable():
        raise SettingsError(f"{name} must be one line without control characters.")
    return value


def one_word(name: str, value: str) -> str:
    """The value, which goes into a header or a signature as it is."""
    if not (value.isascii() and value.isprintable() and " " not in value):
        raise SettingsError(f"{name} must be one word, exactly as it was shown to you.")
    return value


def networks(values: Mapping[str, str], name: str) -> tuple[Network, ...]:
    """Networks in CIDR notation, separated by commas; none where the variable is missing."""
    found: list[Network] = []
    for written in single_line(name, values.get(name, "")).split(","):
        try:
            found.extend([ipaddress.ip_network(written.strip())] if written.strip() else [])
        except ValueError as error:
            raise SettingsError(
                f"{name}: {written.strip()} is not a network. Write networks as 10.20.0.0/16, with commas between them."
            ) from error
    return tuple(found)
