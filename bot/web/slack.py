"""Slack's requests, taken from Starlette to Bolt in the thread pool.

Bolt's own Starlette adapter dispatches on the event loop, where one slow listener holds up everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slack_bolt import App, BoltRequest
from starlette.responses import Response

SlackEndpoint = Callable[[bytes, str, Mapping[str, str]], Response]
"""Raw body, query string and headers → answer. Blocks: call it in a thread."""


def slack_endpoint(app: App) -> SlackEndpoint:
    """The endpoint of one Bolt app. A body that is no UTF-8 cannot carry a right signature: 401."""

    def dispatch(body: bytes, query: str, headers: Mapping[str, str]) -> Response:
        request = BoltRequest(
            body=body.decode("utf-8", errors="replace"),
            query=query,
            headers={name: [value] for name, value in headers.items()},
        )
        answer = app.dispatch(request)
        return Response(
            content=answer.body, status_code=answer.status, headers=answer.first_headers_without_set_cookie()
        )

    return dispatch
