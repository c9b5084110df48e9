"""Google's tokens: how they are kept, got, renewed and given back (OAuth 2, RFC 6749 and 7009; PKCE, RFC 7636)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.calendars.google.client import GoogleClient
from bot.calendars.google.faults import NOT_UNDERSTOOD, TROUBLE, Fault, GoogleError, Meaning, refusal, unanswered
from bot.errors import ConnectionBrokenError
from bot.rest import Reply, Rest, RestError

PATIENCE_S = 10.0
_SOON = timedelta(minutes=1)
_UNTOLD = timedelta(minutes=5)
_LONGEST = timedelta(days=1)

_NO_CREDENTIALS = "This connection holds no sign-in that can be used. Connect the calendar again."
_BROKEN = "Google no longer accepts this connection: it was withdrawn, or has expired. Connect the calendar again."
_WRONG_CLIENT = Meaning(
    Fault.REFUSED,
    "Google does not accept this installation",
    "An administrator should check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET.",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a connection's credentials hold. `scopes` are those that were granted; empty where Google did not say."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()

    def is_stale(self, now: datetime) -> bool:
        return now >= self.expires_at - _SOON

    def text(self) -> str:
        """To be kept encrypted."""
        kept = {"access_token": self.access_token, "refresh_token": self.refresh_token}
        return json.dumps({**kept, "expiry": self.expires_at.isoformat(), "scopes": sorted(self.scopes)})


def tokens_from(credentials: str) -> Tokens:
    """What `Tokens.text` wrote. Raises ConnectionBrokenError where it is anything else."""
    try:
        kept = json.loads(credentials)
        expires_at = datetime.fromisoformat(kept["expiry"])
        scopes = frozenset(map(str, kept.get("scopes", ())))
        tokens = Tokens(str(kept["access_token"]), str(kept["refresh_token"]), expires_at, scopes)
    except (ValueError, KeyError, TypeError) as error:
        raise ConnectionBrokenError(_NO_CREDENTIALS) from error
    if not tokens.refresh_token or expires_at.utcoffset() is None:
        raise ConnectionBrokenError(_NO_CREDENTIALS)
    return tokens


def refused(_credentials: str) -> str:
    """What becomes of credentials that have just been renewed, and are not accepted: a ConnectionBrokenError."""
    raise ConnectionBrokenError(_BROKEN)


class InvalidGrantError(GoogleError):
    """The code or the refresh token is not, or no longer, good for anything (RFC 6749, 5.2)."""


class TokenEndpoint:
    """Where codes and refresh tokens are exchanged. Raises GoogleError."""

    def __init__(self, client: GoogleClient, rest: Rest) -> None:
        self._client = client
        self._rest = rest

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens for a callback's code; `refresh_token` is empty where Google gave none."""
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return self._tokens({**form, "redirect_uri": redirect_uri})

    def renewed(self, credentials: str) -> str:
        """Credentials with a new access token. Raises ConnectionBrokenError where Google has withdrawn the grant."""
        former = tokens_from(credentials)
        try:
            return self._tokens({"grant_type": "refresh_token", "refresh_token": former.refresh_token}, former).text()
        except InvalidGrantError as error:
            raise ConnectionBrokenError(_BROKEN) from error

    def revoke(self, credentials: str) -> None:
        """Give the grant back; where that fails, the log says so and nothing else happens."""
        try:
            form = {"token": tokens_from(credentials).refresh_token}
            answer = self._post(self._client.revoke_url, form)
        except (GoogleError, ConnectionBrokenError) as error:
            log.info("Google could not be told to withdraw a connection: %s", error)
            return
        if answer.status >= 400:
            log.info("Google did not withdraw a connection", extra={"status": answer.status})

    def _tokens(self, form: Mapping[str, str], former: Tokens | None = None) -> Tokens:
        client = {"client_id": self._client.client_id, "client_secret": self._client.client_secret}
        answer = self._post(self._client.token_url, {**form, **client})
        if answer.status >= 500 or answer.status == 429:
            raise refusal(answer, self._rest.now())
        try:
            said = answer.json()
        except RestError as error:
            raise GoogleError(NOT_UNDERSTOOD) from error
        if not answer.ok:
            raise _token_refusal(said.get("error"))
        return self._understood(said, former)

    def _understood(self, said: Mapping[str, Any], former: Tokens | None) -> Tokens:
        access_token = said.get("access_token")
        refresh_token = said.get("refresh_token") or (former.refresh_token if former else "")
        is_bearer = str(said.get("token_type", "")).lower() == "bearer"
        if not is_bearer or not isinstance(access_token, str) or not isinstance(refresh_token, str):
            raise GoogleError(NOT_UNDERSTOOD)
        if not _fits_a_header(access_token):
            raise GoogleError(NOT_UNDERSTOOD)
        scope = said.get("scope")
        scopes = frozenset(scope.split()) if isinstance(scope, str) else former.scopes if former else frozenset[str]()
        return Tokens(access_token, refresh_token, self._rest.now() + _lifetime(said.get("expires_in")), scopes)

    def _post(self, url: str, form: Mapping[str, str]) -> Reply:
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        deadline = self._rest.deadline(PATIENCE_S)
        try:
            return self._rest.ask("POST", url, deadline, headers=headers, body=urlencode(form).encode())
        except RestError as error:
            raise unanswered(error) from error


def _fits_a_header(value: str) -> bool:
    return value != "" and value.isascii() and value.isprintable() and " " not in value


def _lifetime(expires_in: object) -> timedelta:
    """What Google says, within reason; short where it says nothing of use, for then asking again is right."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float) or not 0 < expires_in < 1e9:
        return _UNTOLD
    return min(timedelta(seconds=expires_in), _LONGEST)


def _token_refusal(code: object) -> GoogleError:
    """RFC 6749, 5.2, and Google's own codes."""
    if code == "invalid_grant":
        return InvalidGrantError(
            Meaning(Fault.SIGN_IN, "Google no longer accepts this sign-in", "Please sign in again.")
        )
    if code in ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "org_internal"):
        return GoogleError(_WRONG_CLIENT)
    if code in ("temporarily_unavailable", "internal_failure", "server_error"):
        return GoogleError(TROUBLE)
    if code in ("admin_policy_enforced", "access_denied"):
        return GoogleError(
            Meaning(
                Fault.REFUSED, "the account’s organisation does not allow it", "Its administrator can allow the app."
            )
        )
    return GoogleError(Meaning(Fault.REFUSED, "Google refused to sign in"))
