"""Slack's requests, taken from Starlette to Bolt in the thread pool.

Bolt's own Starlette adapter dispatches on the event loop, where one slow listener holds up everybody.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus

from slack_bolt import App, BoltRequest
from starlette.responses import Response

SlackEndpoint = Callable[[bytes, str, Mapping[str, str]], Response]
"""Raw body, query string and headers → answer. Blocks: call it in a thread."""

log = logging.getLogger(__name__)

_SIGNED_WITH = {
    "x-slack-request-timestamp": re.compile("[0-9]{1,12}"),
    "x-slack-signature": re.compile("v0=[0-9a-f]{64}"),
}
"""How Slack writes them. Bolt refuses a request without them, and stumbles over others."""


def slack_endpoint(app: App) -> SlackEndpoint:
    """The endpoint of one Bolt app. A body that is no UTF-8 cannot carry a right signature: 401."""

    def dispatch(body: bytes, query: str, headers: Mapping[str, str]) -> Response:
        request = BoltRequest(
            body=body.decode("utf-8", errors="replace"),
            query=query,
            headers={name: [value] for name, value in headers.items() if _may_pass(name.lower(), value)},
        )
        answer = app.dispatch(request)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            log.warning("A request was refused: it is old, or its signature does not fit SLACK_SIGNING_SECRET.")
        return Response(
            content=answer.body, status_code=answer.status, headers=answer.first_headers_without_set_cookie()
        )

    return dispatch


def _may_pass(name: str, value: str) -> bool:
    return name not in _SIGNED_WITH or _SIGNED_WITH[name].fullmatch(value) is not None
