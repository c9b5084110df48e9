"""One exchange with a CalDAV server: sent, redirected where that is safe, and received whole or not at all."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as HttpTimeoutError

from bot.calendars.caldav import errors
from bot.calendars.caldav.errors import CalDavError, RejectedLoginError, refusal
from bot.calendars.caldav.network import ForbiddenAddressError
from bot.calendars.caldav.pacing import Lane, Pacing
from bot.ports import Clock

MAX_BYTES = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 307, 308})
_SHARED_SITES = ("icloud.com",)
"""Sites whose hosts are one server: iCloud keeps people on partitions such as p42-caldav.icloud.com."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks, and the `host` that was found for them: no other site ever sees the password."""

    host: str
    user: str
    password: str = field(repr=False)

    def is_for(self, host: str) -> bool:
        """The same host, one below or above it, or another of the same provider's."""
        mine, other = self.host.lower(), host.lower()
        return (
            mine == other
            or other.endswith(f".{mine}")
            or (mine.endswith(f".{other}") and "." in other)
            or any(mine.endswith(f".{site}") and other.endswith(f".{site}") for site in _SHARED_SITES)
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `url` is where it came from in the end; header names are in small letters."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Server:
    """All CalDAV servers there are, over shared connections. Thread-safe; who is told to wait, waits."""

    def __init__(self, pools: PoolManager, clock: Clock) -> None:
        self._pools = pools
        self._pacing = Pacing(clock)

    def send(
        self,
        method: str,
        url: str,
        *,
        login: Login | None,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """The answer, whatever its status but 401, 429 and a 503 with Retry-After.

        `deadline` is a reading of `time.monotonic`. Raises CalDavError.
        """
        for _ in range(_MAX_REDIRECTS + 1):
            host = _host_of(url)
            if login is not None and not login.is_for(host):
                raise CalDavError(errors.ELSEWHERE, permanent=True)
            with self._pacing.entered(host, login.user if login else "", deadline) as lane:
                answer = self._exchange(method, url, _headers(headers, login), body, deadline)
                self._judge(answer, lane)
            if answer.status in _REDIRECTS and (location := answer.headers.get("location")):
                target = joined(url, location)
                if urlsplit(url).scheme == "https" != urlsplit(target).scheme:
                    raise CalDavError(errors.ELSEWHERE, permanent=True)
                url = target
                continue
            return answer
        raise CalDavError(errors.NOT_CALDAV)

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        try:
            response = self._response(method, url, headers, body, deadline)
            try:
                return Answer(
                    response.status,
                    url,
                    {name.lower(): value for name, value in response.headers.items()},
                    _read(response),
                )
            except BaseException:
                response.close()  # what is left of the answer must not be taken for the next one
                raise
            finally:
                response.release_conn()
        except ForbiddenAddressError as error:
            raise CalDavError(errors.FORBIDDEN, permanent=True) from error
        except NewConnectionError as error:  # urllib3 counts it among the time-outs
            raise CalDavError(errors.UNREACHABLE) from error
        except HttpTimeoutError as error:
            raise CalDavError(errors.LATE) from error
        except SSLError as error:
            raise CalDavError(errors.CERTIFICATE) from error
        except LocationValueError as error:
            raise CalDavError(errors.NOT_CALDAV, permanent=True) from error
        except ProtocolError as error:
            raise CalDavError(errors.BROKEN_OFF) from error
        except HTTPError as error:
            raise CalDavError(errors.UNREACHABLE) from error

    def _response(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> BaseHTTPResponse:
        """Up to the headers. A kept connection that the server has closed meanwhile costs one more try."""
        for is_last_try in (False, True):
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise CalDavError(errors.LATE)
            try:
                return self._pools.urlopen(
                    method,
                    url,
                    body=body or None,
                    headers=headers,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=Timeout(total=remaining),
                )
            except ProtocolError:
                if is_last_try:
                    raise
        raise AssertionError("the last try returns or raises")

    def _judge(self, answer: Answer, lane: Lane) -> None:
        if answer.status == 401:
            offered = answer.headers.get("www-authenticate", "basic")
            raise RejectedLoginError(errors.REJECTED if "basic" in offered.lower() else errors.NO_BASIC, answer.url)
        retry_after = answer.headers.get("retry-after")
        if answer.status == 429 or (answer.status == 503 and retry_after is not None):
            raise refusal(answer.status, self._pacing.refused(lane, retry_after or ""))
        self._pacing.answered(lane)


def joined(base: str, reference: str) -> str:
    """The URL that the server means by a reference. Raises CalDavError where it is none."""
    try:
        url = urljoin(base, reference)
        _ = urlsplit(url).port
    except ValueError as error:
        raise CalDavError(errors.NOT_CALDAV) from error
    return url


def _host_of(url: str) -> str:
    parts = urlsplit(joined(url, ""))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise CalDavError(errors.NOT_CALDAV, permanent=True)
    return parts.hostname


def _headers(headers: Mapping[str, str] | None, login: Login | None) -> dict[str, str]:
    sent = {"User-Agent": "InviteOnce", "Accept-Encoding": "gzip", **(headers or {})}
    if login is not None:
        sent["Authorization"] = "Basic " + b64encode(f"{login.user}:{login.password}".encode()).decode()
    return sent


def _read(response: BaseHTTPResponse) -> bytes:
    """The whole body, of bearable size."""
    received = bytearray()
    while chunk := response.read1(_CHUNK, decode_content=True):
        received += chunk
        if len(received) > MAX_BYTES:
            raise CalDavError(errors.TOO_LARGE)
    return bytes(received)
