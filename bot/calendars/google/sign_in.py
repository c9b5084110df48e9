"""Connecting a Google account in the browser (OAuth 2 authorization code with PKCE, RFC 6749 and 7636).

Google's side: developers.google.com/identity/protocols/oauth2/web-server.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from bot.calendars.google.calls import calendar_list
from bot.calendars.google.client import EXTRA_SCOPES, SCOPES, GoogleClient
from bot.calendars.google.faults import GoogleError
from bot.calendars.google.pacing import Timing, google_rest
from bot.calendars.google.tokens import PATIENCE_S, InvalidGrantError, TokenEndpoint, Tokens
from bot.domain.calendar import Account, ExtraAccess, SignIn
from bot.errors import ConnectionRefusedByProviderError
from bot.ports import Clock

_NOT_ALLOWED = "You did not let InviteOnce use your Google Calendar. Start again from Slack when you are ready."
_BLOCKED = (
    "Your organisation does not let InviteOnce use Google Calendar. Ask its Google administrator to allow the app."
)
_NOT_GRANTED = (
    "Google was not allowed to show your organisation’s list of rooms. Your calendar stays connected as it was. "
    "Start again from Slack when you are ready, and leave every box ticked."
)
_FAILED = "Google could not sign you in. Start again from Slack."
_TOO_LATE = "This sign-in has expired or was used before. Start again from Slack."
_BOXES = "InviteOnce needs every permission on Google’s list. Start again from Slack, and leave every box ticked."
_NOT_LASTING = (
    "Google gave access for an hour only. Remove InviteOnce at https://myaccount.google.com/connections,"
    " then start again from Slack."
)
_NOBODY = "Google did not say whose calendar this is. Start again from Slack with an account that has a calendar."


class GoogleSignIn:
    """A `SignInProvider`. The secret of a sign-in is its PKCE verifier."""

    key = "google"
    name = "Google"

    def __init__(self, client: GoogleClient, clock: Clock, timing: Timing | None = None) -> None:
        self._client = client
        self._rest = google_rest(clock, timing or Timing())
        self._endpoint = TokenEndpoint(client, self._rest)

    def begin(self, state: str, redirect_uri: str, login_hint: str, extra: ExtraAccess | None = None) -> SignIn:
        """`offline` with `consent`, for without them Google gives no refresh token the second time.

        What the account has granted before is granted again with it (incremental authorization), extras too.
        """
        verifier = secrets.token_urlsafe(64)
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(_wanted(extra)),
            "include_granted_scopes": "true",
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
            **({"login_hint": login_hint} if login_hint else {}),
        }
        return SignIn(f"{self._client.auth_url}?{urlencode(query)}", verifier, extra)

    def finish(self, sign_in: SignIn, redirect_uri: str, answer: Mapping[str, str]) -> Account:
        if "error" in answer:
            not_allowed = _NOT_GRANTED if sign_in.extra else _NOT_ALLOWED
            raise ConnectionRefusedByProviderError(
                {"access_denied": not_allowed, "admin_policy_enforced": _BLOCKED}.get(answer["error"], _FAILED)
            )
        if not answer.get("code"):
            raise ConnectionRefusedByProviderError(_FAILED)
        try:
            tokens = self._endpoint.exchange(answer["code"], sign_in.secret, redirect_uri)
            self._check(tokens, sign_in.extra)
            return Account(self._address(tokens), tokens.text())
        except InvalidGrantError as error:
            raise ConnectionRefusedByProviderError(_TOO_LATE) from error
        except GoogleError as error:
            raise ConnectionRefusedByProviderError(str(error)) from error

    def revoke(self, credentials: str) -> None:
        self._endpoint.revoke(credentials)

    def _check(self, tokens: Tokens, extra: ExtraAccess | None) -> None:
        """People may untick single permissions."""
        if extra and EXTRA_SCOPES[extra] not in tokens.scopes:
            raise ConnectionRefusedByProviderError(_NOT_GRANTED)
        if tokens.scopes and not tokens.scopes.issuperset(SCOPES):
            raise ConnectionRefusedByProviderError(_BOXES)
        if not tokens.refresh_token:
            raise ConnectionRefusedByProviderError(_NOT_LASTING)

    def _address(self, tokens: Tokens) -> str:
        """The primary calendar goes by the account's address, so no further permission is needed to know it."""
        deadline = self._rest.deadline(PATIENCE_S)
        listed = calendar_list(lambda request: self._api.send(request, tokens.access_token, deadline))
        primary = next((entry for entry in listed if entry.get("primary") is True), {})
        for name in (primary.get("id"), primary.get("summary")):
            if isinstance(name, str) and "@" in name:
                return name
        raise ConnectionRefusedByProviderError(_NOBODY)

    @cached_property
    def _api(self) -> Any:
        from bot.calendars.google.api import calendar_api  # takes a sixth of a second: when first needed

        return calendar_api(self._client.calendar_url, self._rest)


def _wanted(extra: ExtraAccess | None) -> tuple[str, ...]:
    return (*SCOPES, EXTRA_SCOPES[extra]) if extra else SCOPES
