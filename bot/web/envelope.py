"""Around every answer: security headers, and one page for everything that goes wrong."""

from __future__ import annotations

import logging
import secrets

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.rendering import Templates

log = logging.getLogger(__name__)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000"

_SORRY = {
    404: ("Page not found", "There is nothing at this address. Please check the link in your email."),
    405: ("That does not work here", "Please go back and use the buttons of the page."),
    413: ("That is too much", "What was sent is larger than we can take."),
    429: ("Please wait a minute", "This page was asked for too often just now. Nothing is lost: try again soon."),
    503: ("Please try again in a few minutes", "Something that this page needs does not answer just now."),
}


class SecurityHeaders:
    """Adds the headers that an answer has not set itself; HSTS only where the site is served over HTTPS."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _HSTS} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class ErrorPage:
    """Answers what nobody expected with a page that carries a reference; the log has the same one, and no path:
    links are secrets."""

    def __init__(self, app: ASGIApp, *, templates: Templates) -> None:
        self._app = app
        self._templates = templates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await self._app(scope, receive, watched_send)
        except Exception:
            reference = secrets.token_hex(4).upper()
            log.exception("a request failed", extra={"reference": reference})
            if started:
                raise
            title = "Something went wrong on our side"
            text = f"Please try again in a few minutes. If it keeps happening, mention reference {reference}."
            await self._templates.page("error.html", {"title": title, "text": text}, status=500)(scope, receive, send)


def sorry(templates: Templates, status: int, headers: dict[str, str] | None = None) -> Response:
    """The plain page for a request that cannot be answered: it tells nothing about what exists."""
    title, text = _SORRY.get(status, ("That did not work", "Please go back and try again."))
    return templates.page("error.html", {"title": title, "text": text}, status=status, headers=headers)
