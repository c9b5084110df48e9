"""How many of the pages behind a link are made at once: few, one after the other."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.limits import PREFIXES

AT_ONCE = 3
"""One computes while the others wait for the database."""

PATIENCE_S = 0.05
"""How long a request waits for its turn. Those before it may be waiting for calendars, which takes seconds."""


class Paced:
    """Lets those who read a page wait for their turn, but not for long. Everything else goes through.

    Python runs one thread at a time. Of eight pages that are made together a third of the work is changing places. A
    turn is over as soon as the answer begins: how fast it is taken is the visitor's business.
    """

    def __init__(self, app: ASGIApp, *, at_once: int = AT_ONCE, patience_s: float = PATIENCE_S) -> None:
        self._app = app
        self._turns = asyncio.Semaphore(at_once)
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not is_page or not scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, send)
            return
        has_turn = await self._turn_comes()

        def end_turn() -> None:
            nonlocal has_turn
            if has_turn:
                has_turn = False
                self._turns.release()

        async def send_after_turn(message: Message) -> None:
            end_turn()
            await send(message)

        try:
            await self._app(scope, receive, send_after_turn)
        finally:
            end_turn()

    async def _turn_comes(self) -> bool:
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._turns.acquire()
        except TimeoutError:
            return False
