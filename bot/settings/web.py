"""Where the web process listens, and what the world calls it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.errors import SettingsError
from bot.variables import absolute_url


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the web process listens, and what the world calls it. `public_url` has no slash at its end."""

    host: str
    port: int
    public_url: str


def web_settings(values: Mapping[str, str], *, playground: bool) -> WebSettings:
    host, port = _host(values, playground=playground), _port(values)
    if "PUBLIC_URL" in values:
        public_url = absolute_url("PUBLIC_URL", values["PUBLIC_URL"])
        if urlsplit(public_url).path:
            raise SettingsError("PUBLIC_URL must end with the host or port: the product does not live under a path.")
    elif playground:
        public_url = f"http://{_in_url(host)}:{port}"
    else:
        raise SettingsError("PUBLIC_URL is missing: the https:// address under which customers reach this server.")
    return WebSettings(host, port, public_url)


def _in_url(loopback: str) -> str:
    if loopback == "localhost":
        return "127.0.0.1"
    return f"[{loopback}]" if ":" in loopback else loopback


def _port(values: Mapping[str, str]) -> int:
    port = values.get("PORT", "3000")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise SettingsError("PORT must be a number from 1 to 65535.")
    return int(port)


def _host(values: Mapping[str, str], *, playground: bool) -> str:
    host = values.get("HOST", "127.0.0.1")
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host):
            raise SettingsError("HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0.") from None
        is_loopback = host == "localhost"
    if playground and not is_loopback:
        raise SettingsError(
            "HOST must be 127.0.0.1 in the playground, where anybody may be anybody;"
            " for a real workspace set SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN."
        )
    return host
