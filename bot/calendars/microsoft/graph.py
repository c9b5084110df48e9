"""One account's questions to Microsoft Graph: with its tokens, four at a time, by a deadline."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.calendars.microsoft.errors import ELSEWHERE, LATE, NONSENSE, RECONNECT, TOO_MANY, refusal, refuses_token
from bot.calendars.microsoft.tokens import Tokens
from bot.domain.calendar import Connection, ExtraAccess
from bot.errors import ConnectionBrokenError, DeliveryError
from bot.ports import Clock, Credentials
from bot.rest import Deadline, Reply, Rest, RestError

_AT_ONCE = 4
"""Requests that Graph serves at a time for one app and mailbox (learn.microsoft.com/graph/throttling-limits)."""
_MOST_PAGES = 40
_UTC = 'outlook.timezone="UTC"'
_PLAIN_TEXT = 'outlook.body-content-type="text"'


class Graph:
    """`renew` makes new credentials of stale ones, as `bot.ports.Credentials.renewed` wants it."""

    def __init__(
        self, url: str, rest: Rest, credentials: Credentials, renew: Callable[[str], str], clock: Clock
    ) -> None:
        self.url = url
        self.rest = rest
        self.credentials = credentials
        self.renew = renew
        self.clock = clock
        self._limits: defaultdict[str, threading.BoundedSemaphore] = defaultdict(
            lambda: threading.BoundedSemaphore(_AT_ONCE)
        )
        self._lock = threading.Lock()

    def limit_of(self, connection: Connection) -> threading.BoundedSemaphore:
        with self._lock:
            return self._limits[connection.account.casefold()]

    def session(self, connection: Connection, deadline: Deadline) -> Session:
        return Session(self, connection, deadline)


class Session:
    """A connection's requests until a deadline, from any thread. Every method raises RestError."""

    def __init__(self, graph: Graph, connection: Connection, deadline: Deadline) -> None:
        self.connection = connection
        self.deadline = deadline
        self._graph = graph
        self._limit = graph.limit_of(connection)
        self._lock = threading.Lock()
        self._credentials = ""

    @property
    def is_personal(self) -> bool:
        return self._tokens().is_personal

    def may(self, extra: ExtraAccess) -> bool:
        """Whether the account has granted that."""
        return extra in self._tokens().extras

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._asked("GET", self._url(path, parameters), repeatable=True).json()

    def pages(self, path: str, parameters: Mapping[str, str], *, beyond: str = TOO_MANY) -> Iterator[dict[str, Any]]:
        """The items of a collection, all of its pages. RestError may come at any of them, `beyond` after too many."""
        url = self._url(path, parameters)
        for _ in range(_MOST_PAGES):
            page = self._asked("GET", url, repeatable=True).json()
            items = page.get("value")
            if not isinstance(items, list):
                raise RestError(NONSENSE)
            yield from items
            following = page.get("@odata.nextLink")
            if following is None:
                return
            url = self._own(following)
        raise RestError(beyond)

    def ask(self, path: str, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a POST that changes nothing."""
        return self._asked("POST", self._url(path), question, repeatable=True).json()

    def send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> None:
        """Carry out a change that may be made twice."""
        self._asked(method, self._url(path), content, repeatable=True)

    def make(self, method: str, path: str, content: Mapping[str, Any]) -> dict[str, Any]:
        """What has come of a change that may be made twice."""
        return self._asked(method, self._url(path), content, repeatable=True).json()

    def _asked(
        self, method: str, url: str, content: Mapping[str, Any] | None = None, *, repeatable: bool = False
    ) -> Reply:
        body = None if content is None else json.dumps(content).encode()
        if not self._limit.acquire(timeout=self.deadline.left_s):
            raise RestError(LATE)
        try:
            tokens = self._tokens()
            reply = self._once(method, url, tokens, body, repeatable=repeatable)
            if reply.status == 401:
                tokens = self._tokens(refused=tokens)
                reply = self._once(method, url, tokens, body, repeatable=repeatable)
                if refuses_token(reply):
                    self._tokens(refused=tokens, renew=_broken)
        finally:
            self._limit.release()
        if not reply.ok:
            raise refusal(reply, self._graph.clock())
        return reply

    def _once(self, method: str, url: str, tokens: Tokens, body: bytes | None, *, repeatable: bool) -> Reply:
        headers = {
            "Authorization": f"Bearer {tokens.access}",
            "Accept": "application/json",
            "Prefer": f"{_UTC}, {_PLAIN_TEXT}",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._graph.rest.ask(method, url, self.deadline, headers=headers, body=body, repeatable=repeatable)

    def _tokens(self, refused: Tokens | None = None, renew: Callable[[str], str] | None = None) -> Tokens:
        """Fresh ones: renewed where they are about to expire, or where Graph has just `refused` these."""
        graph = self._graph
        with self._lock:
            try:
                kept = self._credentials or graph.credentials.current(self.connection)
                tokens = Tokens.load(kept)
                if tokens.is_stale(graph.clock()) or (refused is not None and tokens.access == refused.access):
                    kept = graph.credentials.renewed(self.connection, kept, renew or graph.renew)
                    tokens = Tokens.load(kept)
            except (ConnectionBrokenError, DeliveryError) as error:
                raise RestError(str(error).removesuffix("."), status=401) from error
            self._credentials = kept
            return tokens

    def _url(self, path: str, parameters: Mapping[str, str] | None = None) -> str:
        return f"{self._graph.url}{path}" + (f"?{urlencode(parameters)}" if parameters else "")

    def _own(self, link: object) -> str:
        """The next page's address, which must be Graph's own: the token goes with it."""
        mine, given = urlsplit(self._graph.url), urlsplit(str(link))
        if (given.scheme, given.netloc) != (mine.scheme, mine.netloc):
            raise RestError(ELSEWHERE)
        return str(link)


def _broken(_credentials: str) -> str:
    """What becomes of credentials whose new token is refused as well: only the person can help."""
    raise ConnectionBrokenError(f"{RECONNECT}. Connect the calendar again.")
