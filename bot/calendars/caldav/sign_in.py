"""An account's principal, home and calendars, found from what a person knows (RFC 6764, RFC 4791 section 6.2.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.calendars.caldav import errors
from bot.calendars.caldav.access import Access
from bot.calendars.caldav.errors import CalDavError, RejectedLoginError
from bot.calendars.caldav.listing import Collection, collections, is_same
from bot.calendars.caldav.multistatus import CALDAV, DAV, Resource
from bot.calendars.caldav.objects import address
from bot.calendars.caldav.records import FindServices, Service
from bot.calendars.caldav.server import Login, Server
from bot.calendars.caldav.session import Session
from bot.errors import ConnectionRefusedByProviderError, ServerToConfirmError

_PRINCIPAL = f"{DAV}current-user-principal"
_HOME = f"{CALDAV}calendar-home-set"
_ADDRESSES = f"{CALDAV}calendar-user-address-set"
_WELL_KNOWN = "/.well-known/caldav"
_USUAL_PATHS = ("/", "/remote.php/dav/", "/dav/")
"""Where servers are whose administrators have not set up the well-known address; the second is Nextcloud's."""
_KNOWN_SERVERS = {
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), "https://caldav.icloud.com/"),
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), "https://caldav.fastmail.com/"),
}

_DOMAIN = re.compile(r"(?!.*\.\d+$)[^\s/:@\[\]?#.]+(\.[^\s/:@\[\]?#.]+)+")
"""A name with a dot: neither a URL, nor one with a port, nor an IP address."""

_NO_ADDRESS = "Please give your email address as the user name, or the address of your calendar server."
_NOT_A_SERVER = "This is no server's address. It reads like caldav.example.com, or https://example.com/dav/."
_NOT_ACCEPTED = (
    "{} does not accept this user name and password. iCloud, Fastmail and others want an app password, made in your "
    "account's security settings."
)
_NOTHING_FOUND = "No calendar account was found at {}. Give the CalDAV address that its help pages or settings show."
_ELSEWHERE = (
    "{} says that its calendars are at {}. If you know that name, type the password once more and connect: "
    "it is filled in as the server. Nothing has been sent there yet."
)
_TROUBLE = "It did not work: {}. Check the server's address, or try again in a few minutes."


@dataclass(frozen=True, slots=True)
class _Principal:
    """Who the server says has signed in; its URL is missing where it is a calendar that was asked."""

    url: str
    homes: tuple[str, ...]
    addresses: tuple[str, ...]


def sign_in(
    server: Server, find: FindServices, where: str, user: str, password: str, deadline: float
) -> tuple[Access, str]:
    """The access to keep, and the account's own address.

    Raises ConnectionRefusedByProviderError; ServerToConfirmError where the account can only be at a server that its
    domain names in DNS and that is not the domain's own: nobody but the person can say that it is theirs.
    """
    where, user = where.strip(), user.strip()
    domain = _domain(where, user)
    named = find(domain) if domain else ()
    within = [url for one in named if one.is_within(domain) for url in _at(one)]
    candidates = [*within, *_candidates(where, user)]
    trouble: CalDavError | None = None
    for candidate in candidates:
        try:
            url = _context(server, candidate, deadline)
            session = Session(server, Login(urlsplit(url).hostname or "", user, password), deadline)
            principal = _principal(session, url)
            found = collections(session, principal.homes, principal.url)
        except RejectedLoginError as error:
            raise ConnectionRefusedByProviderError(_rejection(error)) from error
        except CalDavError as error:
            # That it is not here says less than any other trouble.
            trouble = error if trouble is None or trouble.status == 404 else trouble
            continue
        return _access(session, url, principal, found)
    assert trouble is not None, "there is a candidate, and it has failed"
    if elsewhere := next((one for one in named if not one.is_within(domain)), None):
        text = _ELSEWHERE.format(domain, elsewhere.host)
        raise ServerToConfirmError(text, f"{elsewhere.root}{elsewhere.path}") from trouble
    host = urlsplit(candidates[0]).hostname
    if trouble.permanent and trouble.status:
        raise ConnectionRefusedByProviderError(_NOTHING_FOUND.format(host)) from trouble
    raise ConnectionRefusedByProviderError(_TROUBLE.format(trouble)) from trouble


def _domain(where: str, user: str) -> str:
    """Whose records are asked for: the address's domain, or a bare name that was given as the server."""
    domain = (where or user.partition("@")[2]).lower().rstrip(".")
    is_found_without = not where and domain in _KNOWN_SERVERS
    return domain if _DOMAIN.fullmatch(domain) and not is_found_without else ""


def _at(service: Service) -> Sequence[str]:
    """Where to look at a server that DNS names (RFC 6764 section 6)."""
    paths = (service.path,) if service.path else (_WELL_KNOWN, *_USUAL_PATHS)
    return [f"{service.root}{path}" for path in paths]


def _candidates(where: str, user: str) -> Sequence[str]:
    """Where to look, best first: the URL itself, the well-known address of the host or the domain, usual paths."""
    if not where:
        domain = user.rpartition("@")[2].lower() if "@" in user else ""
        if not domain:
            raise ConnectionRefusedByProviderError(_NO_ADDRESS)
        return [_KNOWN_SERVERS.get(domain) or f"https://{domain}{_WELL_KNOWN}"]
    try:
        parts = urlsplit(where if "://" in where else f"https://{where}")
        _ = parts.port
    except ValueError as error:
        raise ConnectionRefusedByProviderError(_NOT_A_SERVER) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ConnectionRefusedByProviderError(_NOT_A_SERVER)
    root = f"{parts.scheme}://{parts.netloc}"
    if parts.path in ("", "/"):
        return [f"{root}{_WELL_KNOWN}", *(f"{root}{path}" for path in _USUAL_PATHS)]
    return [f"{root}{parts.path}", f"{root}{_WELL_KNOWN}"]


def _context(server: Server, url: str, deadline: float) -> str:
    """Where the URL leads, asked without a password: the host that is named there gets it then."""
    try:
        answer = Session(server, None, deadline).send("PROPFIND", url, {"Depth": "0"})
    except RejectedLoginError as error:
        return error.url
    if answer.status >= 300:
        raise errors.refusal(answer.status)
    return answer.url


def _principal(session: Session, url: str) -> _Principal:
    """Raises CalDavError where nobody is to be found there."""
    asked = _one(session, url)
    if (principals := asked.hrefs(_PRINCIPAL)) and not is_same(principals[0], asked.url):
        asked = _one(session, principals[0])
    addresses = tuple(address(href) for href in asked.hrefs(_ADDRESSES) if href.lower().startswith("mailto:"))
    if homes := asked.hrefs(_HOME):
        return _Principal(asked.url, tuple(dict.fromkeys(homes)), addresses)
    if f"{CALDAV}calendar" in asked.kinds(f"{DAV}resourcetype"):
        return _Principal("", (asked.url,), addresses)
    raise CalDavError(errors.NOT_CALDAV, status=404, permanent=True)


def _one(session: Session, url: str) -> Resource:
    for resource in session.propfind(url, (_PRINCIPAL, _HOME, _ADDRESSES, f"{DAV}resourcetype"), depth=0):
        return resource
    raise CalDavError(errors.NOT_CALDAV)


def _access(session: Session, url: str, principal: _Principal, found: Sequence[Collection]) -> tuple[Access, str]:
    """Events are written to the calendar that was named, else to the first of one's own that lets us write."""
    assert session.login is not None
    user = session.login.user
    default = min(
        found, key=lambda one: (not is_same(one.url, url), not (one.is_owned and one.can_write), not one.can_write)
    )
    own = (user.lower(), *principal.addresses) if "@" in user else principal.addresses
    access = Access(
        host=session.login.host,
        user=user,
        password=session.login.password,
        principal=principal.url,
        homes=principal.homes,
        default_calendar=default.url,
        addresses=tuple(dict.fromkeys(own)),
    )
    return access, user if "@" in user else next(iter(principal.addresses), user)


def _rejection(error: RejectedLoginError) -> str:
    if str(error) == errors.NO_BASIC:
        return _TROUBLE.format(error)
    return _NOT_ACCEPTED.format(urlsplit(error.url).hostname)
