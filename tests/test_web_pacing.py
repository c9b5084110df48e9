"""Few pages and forms are worked on at once, and nobody waits long for that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import pytest
from starlette.types import Message, Receive, Scope, Send

from bot.web.pacing import Paced
from tests.servers import DEADLINE_S

PAGE = "/i/secret"
AT_ONCE = 2


class Desk:
    """An app that answers each request as soon as it is told to, and sends the answer when it is taken."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_answer = asyncio.Event()
        self.is_taken = asyncio.Event()
        self.is_taken.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while scope["method"] == "POST" and (await receive())["more_body"]:
            pass
        self.begun.append(scope["visitor"])
        await self.may_answer.wait()
        if scope["visitor"] == "unlucky":
            raise RuntimeError("a defect")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.is_taken.wait()


def asking(desk: Desk, patience_s: float = DEADLINE_S) -> Callable[..., asyncio.Task[None]]:
    """Asks for a page, or does what is said, as this visitor."""
    paced = Paced(desk, at_once=AT_ONCE, page_patience_s=patience_s, form_patience_s=patience_s)

    def ask(
        visitor: str, path: str = PAGE, method: str = "GET", body: Iterable[Awaitable[bytes]] = ()
    ) -> asyncio.Task[None]:
        scope = {"type": "http", "path": path, "method": method, "visitor": visitor}
        return asyncio.ensure_future(paced(scope, _parts(body), _taken))

    return ask


def _parts(body: Iterable[Awaitable[bytes]]) -> Receive:
    left = iter(body)

    async def receive() -> Message:
        part = next(left, None)
        more = await part if part else b""
        return {"type": "http.request", "body": more, "more_body": part is not None}

    return receive


async def _taken(_message: Message) -> None:
    pass


async def settled() -> None:
    """Everybody has got as far as they can by themselves."""
    for _ in range(20):
        await asyncio.sleep(0)


def on_a_loop(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await story()

    asyncio.run(told())


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_few_are_worked_on_at_once_in_the_order_they_were_asked_for(method: str) -> None:
    async def story() -> None:
        desk = Desk()
        ask = asking(desk)
        visits = [ask(visitor, method=method) for visitor in "abcde"]
        await settled()
        assert desk.begun == ["a", "b"]
        desk.may_answer.set()
        await asyncio.gather(*visits)
        assert desk.begun == ["a", "b", "c", "d", "e"]

    on_a_loop(story)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_has_waited_long_enough_goes_without_a_turn(method: str) -> None:
    async def story() -> None:
        desk = Desk()
        ask = asking(desk, patience_s=0.01)
        visits = [ask(visitor, method=method) for visitor in "abcde"]
        while len(desk.begun) < len(visits):
            await asyncio.sleep(0.001)
        desk.may_answer.set()
        await asyncio.gather(*visits)
        desk.may_answer.clear()
        again = [ask(visitor, method=method) for visitor in "fg"]
        await settled()
        assert desk.begun[5:] == ["f", "g"], "who went without one has given none back"
        desk.may_answer.set()
        await asyncio.gather(*again)

    on_a_loop(story)


def test_turn_is_over_when_the_answer_begins_however_slowly_it_is_taken() -> None:
    async def story() -> None:
        desk = Desk()
        desk.may_answer.set()
        desk.is_taken.clear()
        ask = asking(desk)
        visits = [ask(visitor) for visitor in "abc"]
        await settled()
        assert desk.begun == ["a", "b", "c"]
        desk.is_taken.set()
        await asyncio.gather(*visits)

    on_a_loop(story)


def test_turn_of_a_form_begins_when_all_of_it_is_there_however_slowly_it_comes() -> None:
    async def story() -> None:
        desk = Desk()
        desk.may_answer.set()
        ask, rest = asking(desk), asyncio.get_running_loop().create_future()
        slow = [ask(visitor, method="POST", body=[rest]) for visitor in "ab"]
        await settled()
        await ask("c")
        assert desk.begun == ["c"]
        rest.set_result(b"nonce=1")
        await asyncio.gather(*slow)
        assert desk.begun == ["c", "a", "b"]

    on_a_loop(story)


def test_defect_and_visitor_who_goes_away_give_their_turn_back() -> None:
    async def story() -> None:
        desk = Desk()
        ask = asking(desk)
        unlucky, hasty, waiting = ask("unlucky"), ask("hasty"), ask("waiting")
        await settled()
        hasty.cancel()
        waiting.cancel()
        desk.may_answer.set()
        results = await asyncio.gather(unlucky, hasty, waiting, return_exceptions=True)
        assert [type(result) for result in results] == [RuntimeError, *[asyncio.CancelledError] * 2]
        desk.may_answer.clear()
        visits = [ask(visitor) for visitor in "abc"]
        await settled()
        assert desk.begun == ["unlucky", "hasty", "a", "b"]
        desk.may_answer.set()
        await asyncio.gather(*visits)

    on_a_loop(story)


@pytest.mark.parametrize(("path", "method"), [("/healthz", "GET"), ("/slack/events", "POST")])
def test_nothing_else_waits(path: str, method: str) -> None:
    async def story() -> None:
        desk = Desk()
        ask = asking(desk)
        visits = [ask(visitor) for visitor in "abc"]
        await settled()
        visits.append(ask("other", path, method))
        await settled()
        assert desk.begun == ["a", "b", "other"]
        desk.may_answer.set()
        await asyncio.gather(*visits)

    on_a_loop(story)
