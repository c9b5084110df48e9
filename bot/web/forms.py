"""Request bodies, read whole on the event loop and handed to a plain function in the thread pool."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FORM_BYTES = 16 * 1024
SLACK_BYTES = 1024 * 1024
_FIELDS = 20

Form = Mapping[str, str]
Endpoint = Callable[[Request], Awaitable[Response]]
RawEndpoint = Callable[[bytes, str, Mapping[str, str]], Response]
"""Body, query string and headers → answer: raw, because a signature covers the very bytes. May block."""


def form_endpoint(handler: Callable[[Request, Form], Response]) -> Endpoint:
    """The handler gets the URL-encoded fields, each name's first value. More than a form of ours has is a 400."""

    async def read_then_answer(request: Request) -> Response:
        body = (await request.body()).decode("utf-8", "replace")
        try:
            pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=_FIELDS)
        except ValueError as exc:
            raise HTTPException(400) from exc
        return await run_in_threadpool(handler, request, dict(reversed(pairs)))

    return read_then_answer


def raw_endpoint(answer: RawEndpoint) -> Endpoint:
    """The raw request in the thread pool: a listener that takes a second must not hold up the others."""

    async def read_then_answer(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(answer, body, request.url.query, request.headers)

    return read_then_answer
