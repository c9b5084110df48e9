"""The way out: directly, or through the proxy that the environment names, as other HTTP clients read it.

`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in small or capital letters. This very machine is never asked
for through a proxy.
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from threading import Lock
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment
from urllib.request import proxy_bypass_environment as _bypasses  # type: ignore[attr-defined]  # typeshed leaves it out

import urllib3

from bot.patience import make_impatient

_POOLS, _CONNECTIONS = 8, 200
"""To each of so many hosts as many connections are kept as threads ask calendar systems at once."""


def proxy_for(url: str, proxies: Mapping[str, str]) -> str:
    """The proxy's URL; empty where the way is direct. `proxies` are by scheme, `no` holds the exceptions."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not proxy or _is_this_machine(host) or _bypasses(parts.netloc.rpartition("@")[2], dict(proxies)):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


class WaysOut:
    """Connections that are kept, by the way they take. `proxies` as the environment has them where none are given."""

    def __init__(self, tls: ssl.SSLContext | None, proxies: Mapping[str, str] | None = None) -> None:
        self._tls = tls
        self._proxies = getproxies_environment() if proxies is None else proxies
        self._direct = urllib3.PoolManager(_POOLS, maxsize=_CONNECTIONS, retries=False, ssl_context=tls)
        make_impatient(self._direct)
        self._through: dict[str, urllib3.ProxyManager] = {}
        self._lock = Lock()

    def to(self, url: str) -> urllib3.PoolManager:
        proxy = proxy_for(url, self._proxies)
        if not proxy:
            return self._direct
        with self._lock:
            if proxy not in self._through:
                self._through[proxy] = self._manager(proxy)
            return self._through[proxy]

    def _manager(self, proxy: str) -> urllib3.ProxyManager:
        parts = urlsplit(proxy)
        account = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
        manager = urllib3.ProxyManager(
            parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(),
            _POOLS,
            proxy_headers=urllib3.make_headers(proxy_basic_auth=account) if account else None,
            maxsize=_CONNECTIONS,
            retries=False,
            ssl_context=self._tls,
        )
        make_impatient(manager)
        return manager


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
