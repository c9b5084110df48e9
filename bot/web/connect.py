"""The pages on which people connect a calendar, behind `/connect/<token>`.

A GET or HEAD changes nothing, with one exception that OAuth asks for: the provider's callback. Every step ends in a
redirect to the next page's own token, so that reloading and going back never send anything twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.domain.calendar import ExtraAccess
from bot.domain.connecting import VisitStage
from bot.errors import NotAllowedError, StaleStateError
from bot.services.sign_ins import LIFETIME, Departure, Page, SignIns
from bot.web.envelope import POLICY
from bot.web.forms import FORM_BYTES, Form, form_endpoint
from bot.web.rendering import Templates

COOKIE = "inviteonce_connect"
_CALLBACKS = "/connect/callback"
_TEMPLATES = {
    VisitStage.CHOOSE: "connect.html",
    VisitStage.CONFIRM: "connect_confirm.html",
    VisitStage.DONE: "connect_done.html",
}


class ConnectPages:
    """`public_url` is what the browser knows this site by."""

    def __init__(self, sign_ins: SignIns, templates: Templates, public_url: str) -> None:
        self._sign_ins = sign_ins
        self._templates = templates
        self._public_url = public_url.lower()
        self._is_https = self._public_url.startswith("https://")
        # A form's answer may redirect to the provider, and the provider on to the company's own sign-in page.
        elsewhere = "https:" if self._is_https else "https: http:"
        self._headers = {
            "Content-Security-Policy": POLICY.replace("form-action 'self'", f"form-action 'self' {elsewhere}"),
            # With `no-referrer` a browser would not say of our own forms that they come from here.
            "Referrer-Policy": "same-origin",
        }

    def routes(self) -> list[Route]:
        return [
            Route(f"{_CALLBACKS}/{{provider}}", self.callback),
            Route("/connect/{token}", self.show),
            Route("/connect/{token}", form_endpoint(self.submit), methods=["POST"], max_body_size=FORM_BYTES),
        ]

    def show(self, request: Request) -> Response:
        try:
            return self._present(self._sign_ins.look(request.path_params["token"]))
        except StaleStateError as error:
            return self._start_again(str(error))

    def submit(self, request: Request, form: Form) -> Response:
        """One of the page's buttons."""
        token = request.path_params["token"]
        if not self._comes_from_here(request.headers):
            return self._start_again("This form was sent by another site, so nothing has been done.", status=403)
        try:
            next_step = self._step(token, form)
        except StaleStateError as error:
            return self._start_again(str(error))
        except NotAllowedError as error:
            return self._present_again(token, str(error))
        if isinstance(next_step, str):
            return _see(f"/connect/{next_step}")
        response = _see(next_step.url)
        response.set_cookie(
            COOKIE,
            next_step.browser,
            max_age=int(LIFETIME.total_seconds()),
            path=_CALLBACKS,
            httponly=True,
            samesite="lax",
            secure=self._is_https,
        )
        return response

    def callback(self, request: Request) -> Response:
        """Where the provider sends the browser back to. A HEAD is nobody who has signed in."""
        if request.method != "GET":
            return Response(status_code=405, headers={"Allow": "GET"})
        answer, browser = dict(request.query_params), request.cookies.get(COOKIE, "")
        try:
            token = self._sign_ins.arrive(request.path_params["provider"], answer, browser)
        except StaleStateError as error:
            return self._start_again(str(error))
        response = _see(f"/connect/{token}")
        response.delete_cookie(COOKIE, path=_CALLBACKS, httponly=True, samesite="lax", secure=self._is_https)
        return response

    def _step(self, token: str, form: Form) -> Departure | str:
        nonce = form.get("nonce", "")
        match form.get("step"):
            case "sign-in":
                return self._sign_ins.begin(token, nonce, form.get("provider", ""))
            case "password":
                server, user = form.get("server", "").strip(), form.get("user", "").strip()
                provider, password = form.get("provider", ""), form.get("password", "")
                return self._sign_ins.sign_in(token, nonce, provider, server, user, password)
            case "confirm":
                return self._sign_ins.confirm(token, nonce)
            case _:
                return self._sign_ins.decline(token, nonce)

    def _comes_from_here(self, headers: Mapping[str, str]) -> bool:
        """By what browsers say of a form's origin (Fetch Metadata; RFC 6454 for older ones). Where none is said, the
        nonce alone decides."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        if origin is None:
            return True
        return origin.lower() == self._public_url or urlsplit(origin).netloc == headers.get("host")

    # ------------------------------------------------------------ pages

    def _present(self, page: Page, notice: str = "", status: int = 200) -> Response:
        visit = page.visit
        words = {
            "name": page.person.name,
            "email": page.person.email,
            "workspace": page.workspace,
            "workspace_id": visit.workspace_id,
            "buttons": [system for system in page.offers if not system.needs_password],
            "forms": [system for system in page.offers if system.needs_password],
            "system": page.system,
            "account": visit.account,
            "server": visit.server,
            "user": visit.user or visit.account or page.person.email,
            "problem": _plain(notice or visit.problem),
            "is_at_form": bool(visit.user and not notice),
            "nonce": page.nonce,
            "is_for_rooms": visit.extra is ExtraAccess.ROOM_DIRECTORY,
        }
        return self._templates.page(_TEMPLATES[visit.stage], words, status=status, headers=self._headers)

    def _present_again(self, token: str, notice: str) -> Response:
        try:
            return self._present(self._sign_ins.look(token), notice, 400)
        except StaleStateError as error:
            return self._start_again(str(error))

    def _start_again(self, text: str, status: int = 410) -> Response:
        words = {"text": _plain(text)}
        return self._templates.page("connect_again.html", words, status=status, headers=self._headers)


def _see(url: str) -> Response:
    return RedirectResponse(url, status_code=303)


def _plain(text: str) -> str:
    """A sentence that Slack would show with marks, without them."""
    return re.sub(r"\*(\S[^*]*)\*", r"\1", text)
