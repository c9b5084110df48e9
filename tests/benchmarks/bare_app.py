"""A Bolt app that opens an empty view, hears of closed ones and does nothing else, served through Starlette's thread
pool: what Bolt needs by itself.

`python -m tests.benchmarks.bare_app PORT SLACK_API_URL FOLDER -`
"""

from __future__ import annotations

import re
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
from slack_bolt import Ack, App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.benchmarks.product import SIGNING_SECRET

VIEW = {"type": "modal", "title": {"type": "plain_text", "text": "Nothing"}, "blocks": []}


def main() -> None:
    port, api_url, *_ = sys.argv[1:]
    app = App(
        client=WebClient(token="xoxb-bench", base_url=api_url),
        signing_secret=SIGNING_SECRET,
        token_verification_enabled=False,
        listener_executor=ThreadPoolExecutor(32),
    )

    @app.command("/invite")
    def invite(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=VIEW)

    @app.view_closed(re.compile(""))
    def closed(ack: Ack) -> None:
        ack()

    async def events(request: Request) -> Response:
        # Bolt's own adapter dispatches on the event loop, which would do 90 a second.
        bolt_request = to_bolt_request(request, await request.body())
        return to_starlette_response(await run_in_threadpool(app.dispatch, bolt_request))

    routes = [
        Route("/slack/events", events, methods=["POST"]),
        Route("/healthz", lambda _request: PlainTextResponse("alive")),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(port), log_config=None, access_log=False)


if __name__ == "__main__":
    main()
