"""JSON over HTTP with a vendor's service: within a deadline, with the pauses it asks for, whole or not at all.

Every way in which there is no usable answer is a `RestError`, whose text is a clause fit for a person: it is read
after "could not be read:".
"""

from __future__ import annotations

import json
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ProxyError, SSLError
from urllib3.exceptions import TimeoutError as HttpTimeoutError

from bot.errors import DeliveryError, InviteOnceError
from bot.proxies import WaysOut

MAX_BYTES = 32 * 1024 * 1024
_CHUNK = 64 * 1024
_ATTEMPTS = 4
_FIRST_PAUSE_S = 0.2
_WAIT_IF_UNSAID = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(days=1)
_REFUSED_UNDONE = frozenset({429, 503})
"""Nothing was done: asking again is harmless, whatever was asked."""
_PASSING = frozenset({500, 502, 504})
"""Perhaps it was done: only what is harmless twice is asked again."""
_FINAL = frozenset({400, 405, 406, 413, 414, 415, 422})
"""The request itself is at fault, and will be next time."""


class RestError(InviteOnceError):
    """No usable answer. `status` is the HTTP status if it came to one, `code` the service's own name for it."""

    def __init__(self, text: str, *, status: int = 0, code: str = "", retry_at: datetime | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.retry_at = retry_at

    @property
    def sentence(self) -> str:
        text = str(self)
        return f"{text[:1].upper()}{text[1:]}."

    def as_delivery_error(self) -> DeliveryError:
        """The same for the outbox."""
        return DeliveryError(self.sentence, permanent=self.status in _FINAL, retry_at=self.retry_at)


@contextmanager
def delivering() -> Iterator[None]:
    """What fails meanwhile is a DeliveryError, for the outbox."""
    try:
        yield
    except RestError as error:
        raise error.as_delivery_error() from error


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock by which all must be done."""

    ends_at: float
    monotonic: Callable[[], float]

    @property
    def left_s(self) -> float:
        return max(0.0, self.ends_at - self.monotonic())


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of any status; header names are in small letters."""

    service: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The object within. Raises RestError for everything else: a proxy's page, half an object, a list."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise RestError(f"{self.service} gave an answer that makes no sense", status=self.status) from error
        if not isinstance(value, dict):
            raise RestError(f"{self.service} gave an answer that makes no sense", status=self.status)
        return value

    def retry_at(self, now: datetime) -> datetime | None:
        """When the service wants to be asked again, by its Retry-After."""
        wait = wished_wait(self.headers.get("retry-after", ""), now)
        if wait is None and self.status == 429:
            wait = _WAIT_IF_UNSAID
        return None if wait is None else now + wait


def wished_wait(retry_after: str, now: datetime) -> timedelta | None:
    """How long Retry-After asks to wait, up to a day; None where it makes no sense.

    Seconds or an HTTP date (RFC 9110 section 10.2.3), or ISO 8601, as some have it.
    """
    wish = retry_after.strip()
    wait = timedelta(seconds=int(wish[:10])) if wish.isdecimal() else _until(wish, now)
    return None if wait is None else min(max(wait, timedelta()), _LONGEST_WAIT)


class Rest:
    """Asks one service, from any thread. `pause`, `monotonic` and `jitter` (from 0 to 1) are the tests' to change, and
    so are the `proxies`, which the environment names."""

    def __init__(
        self,
        service: str,
        *,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self.service = service
        self._clock = clock
        self._monotonic = monotonic
        self._pause = pause
        self._jitter = jitter
        self._ways_out = WaysOut(tls, proxies)

    def now(self) -> datetime:
        return self._clock()

    def deadline(self, seconds: float) -> Deadline:
        return Deadline(self._monotonic() + seconds, self._monotonic)

    def ask(
        self,
        method: str,
        url: str,
        deadline: Deadline,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """The answer of any status, the last one where the service asked for pauses. Raises RestError.

        `repeatable`: doing it twice is doing it once, so it may be sent again where nobody knows what became of it.
        """
        attempt = 0
        while True:
            attempt += 1
            pause_s = _FIRST_PAUSE_S * 2 ** (attempt - 1) * (0.5 + self._jitter())
            try:
                reply = self._exchange(method, url, headers or {}, body, deadline)
            except RestError:
                if not repeatable or not self._has_paused(pause_s, attempt, deadline):
                    raise
                continue
            if reply.status not in _REFUSED_UNDONE and not (repeatable and reply.status in _PASSING):
                return reply
            now = self._clock()
            wish = reply.retry_at(now) if "retry-after" in reply.headers else None
            if wish is not None:
                pause_s = (wish - now).total_seconds() + self._jitter() * _FIRST_PAUSE_S
            if not self._has_paused(pause_s, attempt, deadline):
                return reply

    def _has_paused(self, pause_s: float, attempt: int, deadline: Deadline) -> bool:
        """Whether another attempt makes sense, after a pause that has been made."""
        if attempt >= _ATTEMPTS or pause_s >= deadline.left_s:
            return False
        self._pause(pause_s)
        return True

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, deadline: Deadline
    ) -> Reply:
        left_s = deadline.left_s
        if left_s <= 0:
            raise RestError(f"{self.service} did not answer in time")
        try:
            response = self._ways_out.to(url).request(
                method,
                url,
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=left_s),
            )
            try:
                content = self._received(response)
            except BaseException:
                response.close()  # what is left of half an answer must not be taken for the next one
                raise
            response.release_conn()
        except (HTTPError, OSError) as error:
            raise RestError(_reason(self.service, error)) from error
        named = {name.lower(): value for name, value in response.headers.items()}
        return Reply(self.service, response.status, named, content)

    def _received(self, response: urllib3.BaseHTTPResponse) -> bytes:
        content = bytearray()
        while piece := response.read1(_CHUNK, decode_content=True):
            content += piece
            if len(content) > MAX_BYTES:
                raise RestError(f"{self.service} gave an answer that is too large to be read")
        return bytes(content)


# Most specific first.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (ProxyError, "could not be reached through the proxy"),
    (NewConnectionError, "could not be reached"),
    (HttpTimeoutError, "did not answer in time"),
    (SSLError, "could not be reached over a secure connection"),
    (ProtocolError, "broke off in the middle of its answer"),
)


def _reason(service: str, error: Exception) -> str:
    words = next((words for kind, words in _REASONS if isinstance(error, kind)), "could not be reached")
    return f"{service} {words}"


def _until(wish: str, now: datetime) -> timedelta | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(wish)
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return None
