"""CalDAV servers that a domain names in DNS: SRV records, and TXT records with a path (RFC 6764 sections 3 to 6).

Nobody vouches for what DNS says, so it is a hint: what cannot be looked up is as if it were not there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dns.resolver import Resolver

PATIENCE_S = 2.0
"""For one question; most sign-ins have none of these records, and wait for the answer that says so."""
_MOST_SERVERS = 3
_SECURE, _PLAIN = "_caldavs._tcp", "_caldav._tcp"
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PATH = re.compile(r"/[!-~]{0,512}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A server that a domain names. `path` is empty where the domain does not say it."""

    host: str
    port: int
    path: str = ""
    encrypted: bool = True

    @property
    def root(self) -> str:
        """Its URL, without a slash at the end."""
        scheme, usual = ("https", 443) if self.encrypted else ("http", 80)
        return f"{scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")

    def is_within(self, domain: str) -> bool:
        """Whether the name is the domain's own: then its certificate says that the domain is meant."""
        return self.host == domain or self.host.endswith(f".{domain}")


FindServices = Callable[[str], Sequence[Service]]
"""The servers that a domain names, best first; none where it names none, or nobody can tell."""


def no_services(_domain: str) -> Sequence[Service]:
    return ()


class DnsServices:
    """`FindServices` by the machine's own resolver. `plain`: servers without TLS as well."""

    def __init__(
        self, *, plain: bool = False, patience_s: float = PATIENCE_S, resolver: Callable[[], Resolver] | None = None
    ) -> None:
        self._names = ((_SECURE, True), *([(_PLAIN, False)] if plain else []))
        self._patience_s = patience_s
        self._resolver = resolver

    def __call__(self, domain: str) -> Sequence[Service]:
        return [one for name, encrypted in self._names for one in self._services(f"{name}.{domain}.", encrypted)]

    def _services(self, name: str, encrypted: bool) -> Sequence[Service]:
        from dns.rdtypes.ANY.TXT import TXT
        from dns.rdtypes.IN.SRV import SRV

        records = [one for one in self._asked(name, "SRV") if isinstance(one, SRV)]
        if not records:
            return ()
        path = _path(text for one in self._asked(name, "TXT") if isinstance(one, TXT) for text in one.strings)
        ordered = sorted(records, key=lambda one: (one.priority, -one.weight))
        named = [(one.target.to_text(omit_final_dot=True).lower(), one.port) for one in ordered]
        # A target of "." says that there is no such service.
        usable = [(host, port) for host, port in named if _HOST.fullmatch(host) and port]
        return [Service(host, port, path, encrypted) for host, port in usable[:_MOST_SERVERS]]

    def _asked(self, name: str, kind: str) -> Iterable[object]:
        from dns.exception import DNSException
        from dns.resolver import Resolver

        try:
            resolver = self._resolver() if self._resolver else Resolver()
            return resolver.resolve(name, kind, lifetime=self._patience_s, search=False)
        except (DNSException, OSError, ValueError) as error:
            # No such name or record, no answer in time, garbage, no resolver, a name that cannot be: all the same.
            log.debug("no %s record: %s", kind, type(error).__name__)
            return ()


def _path(texts: Iterable[bytes]) -> str:
    """The value of the first `path=` (RFC 6764 section 4); empty where there is none that can be used."""
    for text in texts:
        key, _, value = text.decode("ascii", "replace").partition("=")
        if key.lower() == "path" and _PATH.fullmatch(value):
            return value
    return ""
