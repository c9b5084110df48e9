"""The ASGI app: routes, and what stands around all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.errors import DeliveryError, NotFoundError
from bot.ports import Clock
from bot.services.sign_ins import SignIns
from bot.web.booking import RETRY_AFTER_S, Booking, CustomerPages
from bot.web.connect import ConnectPages
from bot.web.envelope import ErrorPage, SecurityHeaders, sorry
from bot.web.forms import SLACK_BYTES, Endpoint
from bot.web.hooks import Hooks, PushDesk
from bot.web.limits import RateLimited, Rates
from bot.web.member_moves import MemberMovePages
from bot.web.members import MemberLinks, MemberPages
from bot.web.metrics import Measured, RequestMetrics
from bot.web.pacing import Paced
from bot.web.rendering import Templates
from bot.web.rescheduling import CustomerMoves, ReschedulePages

PLAYGROUND = "/playground"

Readiness = Callable[[], Sequence[str]]
"""What is missing before requests can be served, in sentences; empty when ready."""


def web_app(
    *,
    booking: Booking,
    slack_endpoint: Endpoint,
    readiness: Readiness,
    clock: Clock,
    extra_routes: Sequence[BaseRoute] = (),
    sign_ins: SignIns | None = None,
    member_links: MemberLinks | None = None,
    customer_moves: CustomerMoves | None = None,
    pushes: PushDesk | None = None,
    public_url: str = "",
    rates: Rates | None = None,
) -> Starlette:
    """Everything that is served over HTTP.

    `sign_ins` connects calendars, `member_links` shows Meetings to their members, `customer_moves` lets the Customer
    reschedule, `pushes` takes what calendar systems push; where one is left out, its pages are not there. `public_url`
    decides on HSTS, `rates` on who asks too often. `extra_routes` come first; where the playground is among them, `/`
    leads to it.
    """
    templates, metrics = Templates(), RequestMetrics()
    pages = CustomerPages(booking, templates, clock, offers_moves=customer_moves is not None)
    routes: list[BaseRoute] = [
        *extra_routes,
        Route("/", _front_door(templates, extra_routes)),
        Route("/slack/events", slack_endpoint, methods=["POST"], max_body_size=SLACK_BYTES),
        *(ReschedulePages(customer_moves, pages).routes() if customer_moves else ()),
        *pages.routes(),
        *(_member_pages(member_links, templates, clock) if member_links else ()),
        *(ConnectPages(sign_ins, templates, public_url).routes() if sign_ins else ()),
        *(Hooks(pushes).routes() if pushes else ()),
        Route("/healthz", _alive),
        Route("/readyz", _ready(readiness)),
        Route("/metrics", metrics.answer),
        Mount("/static", _KeptFiles(directory=str(files("bot.web").joinpath("static"))), name="static"),
    ]

    def unknown(_request: Request, _exc: Exception) -> Response:
        return sorry(templates, 404)

    def later(_request: Request, _exc: Exception) -> Response:
        return sorry(templates, 503, {"Retry-After": str(RETRY_AFTER_S)})

    def refused(_request: Request, exc: Exception) -> Response:
        status, headers = (exc.status_code, exc.headers) if isinstance(exc, HTTPException) else (500, None)
        return sorry(templates, status, dict(headers or {}))

    return Starlette(
        routes=routes,
        exception_handlers={NotFoundError: unknown, DeliveryError: later, HTTPException: refused},
        middleware=[
            Middleware(Measured, metrics=metrics, routes=_templates_by_endpoint(routes)),
            Middleware(SecurityHeaders, is_https=public_url.lower().startswith("https://")),
            Middleware(ErrorPage, templates=templates),
            Middleware(RateLimited, templates=templates, clock=clock, rates=rates or Rates()),
            Middleware(Paced),
        ],
    )


class _KeptFiles(StaticFiles):
    """Files whose address names their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _front_door(templates: Templates, extra_routes: Sequence[BaseRoute]) -> Callable[[Request], Response]:
    has_playground = any(getattr(route, "path", "").startswith(PLAYGROUND) for route in extra_routes)

    def front_door(_request: Request) -> Response:
        if has_playground:
            return RedirectResponse(PLAYGROUND, status_code=302)
        return templates.page("front.html", {})

    return front_door


def _member_pages(links: MemberLinks, templates: Templates, clock: Clock) -> Sequence[BaseRoute]:
    pages = MemberPages(links, templates, clock)
    return [*pages.routes(), *MemberMovePages(links, pages).routes()]


def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


def _ready(readiness: Readiness) -> Callable[[Request], Response]:
    def ready(_request: Request) -> Response:
        missing = readiness()
        return PlainTextResponse("\n".join(missing or ["ready"]) + "\n", status_code=503 if missing else 200)

    return ready


def _templates_by_endpoint(routes: Sequence[BaseRoute]) -> dict[object, str]:
    return {route.endpoint: route.path for route in routes if isinstance(route, Route)}
