"""How often the pages behind a link may be asked for: budgets in this process's memory, far above what people need."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from math import ceil

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.ports import Clock
from bot.web.envelope import sorry
from bot.web.rendering import Templates

PREFIXES = ("/i/", "/m/")
"""What the pages behind a link begin with."""

_KEPT = 20_000
"""Of the addresses, or links, that were seen last. One that is forgotten has a full budget again."""

_LINK_KEPT = 64
"""Characters: a link of ours has 46. An address may have 64 KiB, and so many of those would fill the memory."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_second` from then on."""

    burst: int
    per_second: float


PAGES = Rate(6_000, 60)
"""Pages read, by one address or through one link. An office of a thousand people behind one address may open its
invitations at the same moment, choose, change their minds and come back, six pages each, and as much again in two
minutes; a process serves about 300 pages a second, and 20 s of that are the most that one address gets of it."""

FORMS = Rate(2_000, 20)
"""Forms sent (confirm, cancel) by one address. The same office, twice each; a form makes us ask calendar systems,
which have limits of their own."""

FORMS_OF_LINK = Rate(300, 1)
"""Forms sent through one link: one person's, who needs one, and perhaps some colleagues'."""

UNKNOWN_COSTS = 20
"""An address that leads nowhere counts as so many pages: somebody is guessing. 300 guesses, then three a second; a
link is a secret of 256 bits, and people who mistype one do it a few times."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What is granted: of pages to an address, and to a link; of forms to an address; of forms to a link."""

    pages: Rate = PAGES
    forms: Rate = FORMS
    forms_of_link: Rate = FORMS_OF_LINK


class Budgets:
    """One budget of this rate for each key, as a token bucket that is kept as the moment at which it will be full.

    The `most` keys that were charged last are remembered.
    """

    def __init__(self, rate: Rate, most: int = _KEPT) -> None:
        self._most = most
        self._burst_s = rate.burst / rate.per_second
        self._each_s = 1 / rate.per_second
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, key: str, now: datetime) -> float:
        """Seconds until there is enough for one more; 0 where there is."""
        return max(0.0, self._debt_s(key, now) + self._each_s - self._burst_s)

    def charge(self, key: str, now: datetime, cost: int = 1) -> None:
        """Take it, down to nothing."""
        debt_s = min(self._debt_s(key, now) + cost * self._each_s, self._burst_s)
        self._full_at[key] = now.timestamp() + debt_s
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)

    def _debt_s(self, key: str, now: datetime) -> float:
        # At most all of it, should the machine's clock have been put back.
        return min(max(0.0, self._full_at.get(key, 0.0) - now.timestamp()), self._burst_s)


class RateLimited:
    """Answers 429 with `Retry-After` where an address or a link has used up its budget. Everything else goes through.

    The address is the one that the server tells: behind a proxy the Customer's, as far as the server trusts the proxy
    (`FORWARDED_ALLOW_IPS`). All of this happens on the event loop, one request after the other.
    """

    def __init__(self, app: ASGIApp, *, templates: Templates, clock: Clock, rates: Rates) -> None:
        self._app = app
        self._templates = templates
        self._clock = clock
        self._pages, self._pages_of_link = Budgets(rates.pages), Budgets(rates.pages)
        self._forms, self._forms_of_link = Budgets(rates.forms), Budgets(rates.forms_of_link)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        now, address, link = self._clock(), _address(scope), link_of(scope["path"])
        is_form = scope["method"] not in ("GET", "HEAD")
        of_address, of_link = (self._forms, self._forms_of_link) if is_form else (self._pages, self._pages_of_link)
        # Guessing uses up the pages, and then the forms may not be guessed with either.
        asked = ((of_address, address), (of_link, link), (self._pages, address))
        wait_s = max(budgets.wait_s(key, now) for budgets, key in asked if key)
        if wait_s:
            headers = {"Retry-After": str(ceil(wait_s))}
            await sorry(self._templates, 429, headers)(scope, receive, send)
            return
        for budgets, key in asked[:2]:
            if key:
                budgets.charge(key, now)

        async def watched_send(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 404 and address:
                self._pages.charge(address, now, UNKNOWN_COSTS)
            await send(message)

        await self._app(scope, receive, watched_send)


def _address(scope: Scope) -> str:
    """The client's; of IPv6 the network, for everybody has 2^64 of those. Empty where there is none, on a socket."""
    client = scope.get("client")
    if not client:
        return ""
    host = str(client[0])
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


def link_of(path: str) -> str:
    """`/i/token` of `/i/token/book`; of what is longer than any link of ours only the beginning is kept."""
    return "/".join(path.split("/", 3)[:3])[:_LINK_KEPT]
