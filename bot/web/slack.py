"""Slack's requests, taken from Starlette to Bolt: a thread for each, and the answer as soon as it is given.

Bolt's own Starlette adapter dispatches on the event loop, where one slow listener holds up everybody. In the thread
pool it would take two threads a request, of which one looks every 10 ms whether the other has acknowledged.
"""

from __future__ import annotations

import asyncio
import binascii
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from http import HTTPStatus

from slack_bolt import App, BoltRequest, BoltResponse
from starlette.requests import Request
from starlette.responses import Response

from bot.slack.acknowledgement import KeptAck
from bot.slack.turns import Turns
from bot.web.forms import Endpoint

log = logging.getLogger(__name__)

_ANYTHING = re.compile(".*")
_HEADERS = {
    "content-type": _ANYTHING,
    "x-slack-request-timestamp": re.compile("[0-9]{1,12}"),
    "x-slack-signature": re.compile("v0=[0-9a-f]{64}"),
    "x-slack-retry-num": _ANYTHING,
}
"""What is passed on, as Slack writes it. Bolt refuses a request without a signature, and stumbles over what is none."""

_PAYLOAD = b"payload="

_NOT_SLACKS = (ValueError, TypeError, AttributeError, RecursionError)
"""What Bolt raises when it looks into a body that is no JSON, or no object, before anybody has looked who signed it."""

_PATIENCE_S = 0.25
"""How long a request waits for its turn. Slack waits 3 s for the answer."""


def slack_endpoint(app: App, turns: Turns) -> Endpoint:
    """The endpoint of one Bolt app, whose listeners run in `turns`.

    It answers when a listener has acknowledged; what that does afterwards holds up nobody but the thread.
    """

    def dispatch(body: bytes, headers: Mapping[str, str], answer: Callable[[BoltResponse], object]) -> None:
        try:
            request = SlackRequest(body, headers, answer)
        except _NOT_SLACKS:
            answer(BoltResponse(status=HTTPStatus.BAD_REQUEST, body="This is no request of Slack's."))
            return
        done = app.dispatch(request)
        if done.status == HTTPStatus.UNAUTHORIZED:
            log.warning("A request was refused: it is old, or its signature does not fit SLACK_SIGNING_SECRET.")
        answer(done)

    async def receive(request: Request) -> Response:
        body, loop = await request.body(), asyncio.get_running_loop()
        answered: asyncio.Future[BoltResponse] = loop.create_future()

        def settle(answer: BoltResponse | BaseException) -> None:
            if answered.done():
                return
            if isinstance(answer, BaseException):
                answered.set_exception(answer)
            else:
                answered.set_result(answer)

        def hand_over(answer: BoltResponse | BaseException) -> None:
            if not answered.done():
                with suppress(RuntimeError):  # the server has stopped: nobody is there to be answered
                    loop.call_soon_threadsafe(settle, answer)

        def tell_of_failure(_kind: object, error: BaseException | None, _trace: object) -> bool:
            if error:
                hand_over(error)
            return True

        def work() -> None:
            with ExitStack() as afterwards:
                afterwards.push(tell_of_failure)
                dispatch(body, request.headers, hand_over)

        turns.submit(work)
        hurry = loop.call_later(_PATIENCE_S, turns.hurry, work)
        try:
            given = await answered
        finally:
            hurry.cancel()
        return Response(given.body, given.status, given.first_headers_without_set_cookie())

    return receive


class SlackRequest(BoltRequest):
    """Bolt's request of a raw body. One that is no UTF-8 cannot carry a right signature.

    A view's state comes as JSON within a form, a third of its characters escaped: Python's own decoder would take
    longer for it than all the rest of an acknowledgement.
    """

    def __init__(
        self, body: bytes, headers: Mapping[str, str], on_acknowledged: Callable[[BoltResponse], object]
    ) -> None:
        passed: dict[str, str | Sequence[str]] = {
            name: value
            for name, pattern in _HEADERS.items()
            if (value := headers.get(name)) is not None and pattern.fullmatch(value)
        }
        raw = body.decode("utf-8", errors="replace")
        payload = _payload(body) if body.startswith(_PAYLOAD) else raw
        super().__init__(body=payload, headers=passed, context={"ack": KeptAck(on_acknowledged)})
        self.raw_body = raw  # what is signed


def _payload(form: bytes) -> str:
    """The value of the form's first field, decoded in C: quoted-printable is URL encoding but for its sign."""
    value = form.removeprefix(_PAYLOAD).partition(b"&")[0].replace(b"+", b" ")
    return binascii.a2b_qp(value.replace(b"=", b"=3D").replace(b"%", b"=")).decode("utf-8", errors="replace")
