"""The playground over HTTP: the page, its JSON, the live stream, Slack's Web API and response URLs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.playground.acts import Acts
from bot.playground.calendar_view import DAYS_MOST, EventsOf, calendar_json
from bot.playground.cast import ACTORS, DANA, Actor
from bot.playground.guard import MAIL_POLICY, LoopbackOnly, is_from_own_page
from bot.playground.mailbox import Mailbox, details, html_part
from bot.playground.refusal import RefusalError
from bot.playground.responses import Responses
from bot.playground.screen import Screen
from bot.playground.story import Story
from bot.playground.web_api import WebApi

PAGE = Path(__file__).parent / "page"
_HEARTBEAT_S = 15.0
_BODY_MOST = 1_000_000
_T = TypeVar("_T")


class Routes:
    """The endpoints; `all` is what the product mounts beside its own.

    An act waits for the app while the app calls the Web API: each has threads of its own, so that neither
    can starve the other.
    """

    def __init__(
        self,
        story: Story,
        screen: Screen,
        acts: Acts,
        web_api: WebApi,
        responses: Responses,
        mailbox: Mailbox,
        events_of: EventsOf,
        scopes: str,
    ) -> None:
        self._story = story
        self._screen = screen
        self._acts = acts
        self._web_api = web_api
        self._responses = responses
        self._mailbox = mailbox
        self._events_of = events_of
        self._scopes = scopes
        self._act_threads = CapacityLimiter(64)
        self._api_threads = CapacityLimiter(32)

    @property
    def all(self) -> list[BaseRoute]:
        own = [Middleware(LoopbackOnly)]
        endpoints: list[tuple[str, Callable[[Request], object], str]] = [
            ("/playground", self._index, "GET"),
            ("/playground/state", self._state, "GET"),
            ("/playground/stream", self._stream, "GET"),
            ("/playground/act", self._act, "POST"),
            ("/playground/calendar", self._calendar, "GET"),
            ("/playground/mail/{mail_id}", self._mail, "GET"),
            ("/playground/mail/{mail_id}/html", self._mail_html, "GET"),
            ("/playground/api/{method}", self._api, "POST"),
            ("/playground/hooks/{token}", self._hook, "POST"),
            ("/playground/archives/{channel}/{ts}", self._permalink, "GET"),
        ]
        routes: list[BaseRoute] = [
            Route(path, endpoint, methods=[method], middleware=own) for path, endpoint, method in endpoints
        ]
        static = StaticFiles(directory=PAGE, check_dir=False)
        return [*routes, Mount("/playground/static", static, middleware=own)]

    # ---- the page

    async def _index(self, _: Request) -> Response:
        return FileResponse(PAGE / "index.html", media_type="text/html; charset=utf-8")

    async def _state(self, request: Request) -> Response:
        actor = _player(request)
        if actor is None:
            return PlainTextResponse("No such person.", status_code=404)
        return JSONResponse(await self._in_thread(self._api_threads, partial(self._screen.of, actor.id)))

    async def _stream(self, request: Request) -> Response:
        actor = _player(request)
        if actor is None:
            return PlainTextResponse("No such person.", status_code=404)
        return StreamingResponse(self._changes(actor.id), media_type="text/event-stream")

    async def _changes(self, user_id: str) -> AsyncIterator[str]:
        """The version at once, then after each change until the story is over; a comment keeps the line alive."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def watch(changed_user: str) -> None:
            if changed_user == user_id and not loop.is_closed():
                loop.call_soon_threadsafe(changed.set)

        with self._story.watched(watch):
            while not self._story.is_over:
                yield f"data: {json.dumps({'version': self._story.version_of(user_id)})}\n\n"
                while not changed.is_set():
                    try:
                        await asyncio.wait_for(changed.wait(), _HEARTBEAT_S)
                    except TimeoutError:
                        yield ": still here\n\n"
                changed.clear()

    async def _act(self, request: Request) -> Response:
        if not is_from_own_page(request):
            return PlainTextResponse("Only the playground's own page may do that.", status_code=403)
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return PlainTextResponse("Send JSON.", status_code=415)
        asked = _json_object(await _body(request))
        if asked is None:
            return PlainTextResponse("Send a JSON object.", status_code=400)
        return JSONResponse(await self._in_thread(self._act_threads, partial(self._acts.perform, asked)))

    async def _calendar(self, request: Request) -> Response:
        actor = _player(request)
        if actor is None:
            return PlainTextResponse("No such person.", status_code=404)
        try:
            today = self._story.now().astimezone(ZoneInfo(actor.time_zone)).date()
            asked = request.query_params.get("from")
            first = date.fromisoformat(asked) if asked else today
            days = min(max(int(request.query_params.get("days", "7")), 1), DAYS_MOST)
            shown = partial(calendar_json, actor, first, days, self._events_of)
            return JSONResponse(await self._in_thread(self._api_threads, shown))
        except (ValueError, OverflowError):
            return PlainTextResponse("Ask like this: ?user=…&from=2026-12-01&days=7", status_code=400)

    async def _mail(self, request: Request) -> Response:
        mail = self._mailbox.find(request.path_params["mail_id"])
        return JSONResponse(details(mail)) if mail else PlainTextResponse("No such mail.", status_code=404)

    async def _mail_html(self, request: Request) -> Response:
        mail = self._mailbox.find(request.path_params["mail_id"])
        if mail is None:
            return PlainTextResponse("No such mail.", status_code=404)
        headers = {"Content-Security-Policy": MAIL_POLICY}
        return Response(html_part(mail), media_type="text/html; charset=utf-8", headers=headers)

    # ---- Slack

    async def _api(self, request: Request) -> Response:
        call = partial(
            self._web_api.call,
            request.path_params["method"],
            request.headers.get("authorization"),
            request.headers.get("content-type", ""),
            await _body(request),
        )
        answer = await self._in_thread(self._api_threads, call)
        return JSONResponse(answer, headers={"X-OAuth-Scopes": self._scopes})

    async def _hook(self, request: Request) -> Response:
        body = _json_object(await _body(request))
        use = partial(self._responses.use, request.path_params["token"], body)
        try:
            await self._in_thread(self._api_threads, use)
        except RefusalError as refusal:
            status = 404 if refusal.code in {"expired_url", "used_url"} else 400
            return PlainTextResponse(refusal.code, status_code=status)
        return PlainTextResponse("ok")

    async def _permalink(self, request: Request) -> Response:
        place = f"{request.path_params['channel']}/{request.path_params['ts']}"
        return RedirectResponse(f"/playground#{place}", status_code=302)

    @staticmethod
    async def _in_thread(threads: CapacityLimiter, work: Callable[[], _T]) -> _T:
        return await to_thread.run_sync(work, limiter=threads)


def _player(request: Request) -> Actor | None:
    """Whose screen is asked for; nobody named: the Administrator's."""
    actor = ACTORS.get(request.query_params.get("user", DANA.id))
    return actor if actor is not None and actor.can_be_played else None


async def _body(request: Request) -> bytes:
    """The request's body; more than the limit is cut off, and then is no JSON any more."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _BODY_MOST:
            return b""
    return body


def _json_object(body: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
