"""Slack sends an event again when it has not heard our answer in time: the second one has no second effect."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

_REMEMBERED = 4096


class Redelivery(Middleware):
    """Stands behind the check of the signature.

    Remembers the bodies of late that were taken (or are being taken) by this process. What another process took
    is harmless twice: every effect is a compare-and-set. Bolt acknowledges an event before its listener runs, so what
    Slack sends again was either taken, or never came here.
    """

    def __init__(self) -> None:
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse:
        digest = hashlib.sha256(req.raw_body.encode()).hexdigest()
        if self._remember(digest) and "x-slack-retry-num" in req.headers:
            return BoltResponse(status=200, body="")
        return next()

    def _remember(self, digest: str) -> bool:
        """True where it was remembered already."""
        with self._lock:
            known = digest in self._taken
            self._taken[digest] = None
            self._taken.move_to_end(digest)
            while len(self._taken) > _REMEMBERED:
                self._taken.popitem(last=False)
        return known


def register(app: App) -> None:
    app.use(Redelivery())
