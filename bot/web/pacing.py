"""How many of the requests behind a link are worked on at once: few, one after the other."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.limits import PREFIXES

AT_ONCE = 3
"""One computes while the others wait for the database."""

PAGE_PATIENCE_S = 0.05
"""How long a page waits for its turn. Those before it may be waiting for calendars, which takes seconds."""

FORM_PATIENCE_S = 0.1
"""The same for a form, which makes four times the work."""


class Paced:
    """Lets everybody wait for their turn, but not for long. What is behind no link goes through.

    Python runs one thread at a time. Of eight pages that are made together a third of the work is changing places, and
    of eight confirmations some take twice as long as others. A turn begins when the whole request is there, and is over
    when the answer begins: how fast they come and go is the visitor's business.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        at_once: int = AT_ONCE,
        page_patience_s: float = PAGE_PATIENCE_S,
        form_patience_s: float = FORM_PATIENCE_S,
    ) -> None:
        self._app = app
        self._turns = asyncio.Semaphore(at_once)
        self._page_patience_s = page_patience_s
        self._form_patience_s = form_patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        turn = _Turn(self._turns)

        async def receive_before_turn() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                await turn.come(self._form_patience_s)
            return message

        async def send_after_turn(message: Message) -> None:
            turn.end()
            await send(message)

        is_form = scope["method"] not in ("GET", "HEAD")
        if not is_form:
            await turn.come(self._page_patience_s)
        try:
            await self._app(scope, receive_before_turn if is_form else receive, send_after_turn)
        finally:
            turn.end()


class _Turn:
    """One request's, if it gets any."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns = turns
        self._is_ours = False

    async def come(self, patience_s: float) -> None:
        """Return when it is there, or patience is over."""
        try:
            async with asyncio.timeout(patience_s):
                self._is_ours = await self._turns.acquire()
        except TimeoutError:
            self._is_ours = False

    def end(self) -> None:
        if self._is_ours:
            self._is_ours = False
            self._turns.release()
