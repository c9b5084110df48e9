"""Signing in at Microsoft with the browser, and renewing what came of it (OAuth 2 with PKCE, by msal)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.calendars.microsoft.authority import STEP_S, Authority
from bot.calendars.microsoft.errors import MALFORMED, NO_MAILBOX, SERVICE, refusal
from bot.calendars.microsoft.tokens import Tokens, expiry
from bot.domain.calendar import Account, ExtraAccess, SignIn
from bot.errors import ConnectionBrokenError, ConnectionRefusedByProviderError
from bot.ports import Clock
from bot.rest import Rest, RestError

KEY = "microsoft"
AUTHORITY = "https://login.microsoftonline.com/common"
GRAPH_URL = "https://graph.microsoft.com/v1.0"
SCOPES = ("Calendars.ReadWrite", "User.Read")
"""`Calendars.ReadWrite`: to read when people are busy, theirs and their colleagues', and to write our events.
`User.Read`: the address of the account, to show whose calendar it is. msal adds `openid` and `profile` (whether the
account belongs to an organisation) and `offline_access` (to stay connected)."""
EXTRA_SCOPES = {ExtraAccess.ROOM_DIRECTORY: "Place.Read.All"}
"""Asked for when somebody wants what they are for; an administrator has to agree (*admin consent*)."""

_CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts (learn.microsoft.com/entra/identity-platform/id-token-claims-reference)."""
_ASK_AGAIN = frozenset({"invalid_grant", "interaction_required", "login_required", "consent_required"})
"""Only the person can mend these, by signing in again."""
_ADMIN = ("AADSTS65001", "AADSTS90094", "AADSTS900941", "AADSTS650052", "AADSTS650056")
"""An administrator has to allow the app first."""
_NOT_GRANTED = (
    f"{SERVICE} was not allowed to show its list of rooms. An administrator of {SERVICE} has to agree to it. "
    "Your calendar stays connected as it was."
)


class MicrosoftSignIn:
    """A `SignInProvider`. `rest` reaches the authority and Graph alike."""

    key = KEY
    name = SERVICE

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        clock: Clock,
        rest: Rest,
        *,
        authority: str = AUTHORITY,
        graph_url: str = GRAPH_URL,
    ) -> None:
        resource = urlsplit(graph_url)
        self._resource = f"{resource.scheme}://{resource.netloc}"
        scopes = [f"{self._resource}/{scope}" for scope in SCOPES]
        self._authority = Authority(authority, client_id, client_secret, scopes, rest)
        self._clock = clock
        self._rest = rest
        self._graph_url = graph_url

    def begin(self, state: str, redirect_uri: str, login_hint: str, extra: ExtraAccess | None = None) -> SignIn:
        """Raises ConnectionRefusedByProviderError where Microsoft cannot be reached."""
        try:
            flow = self._authority.begin(state, redirect_uri, login_hint, self._scopes_of({extra} if extra else ()))
        except RestError as error:
            raise _refused(error) from error
        return SignIn(flow["auth_uri"], json.dumps(flow), extra)

    def finish(self, sign_in: SignIn, redirect_uri: str, answer: Mapping[str, str]) -> Account:
        try:
            result = self._authority.redeem(json.loads(sign_in.secret), answer)
        except (RuntimeError, *MALFORMED) as error:  # msal's: another state, another nonce, no code, no id token
            raise ConnectionRefusedByProviderError(
                f"This sign-in to {SERVICE} does not belong to the one that was begun. Start again from Slack."
            ) from error
        except RestError as error:
            raise _refused(error) from error
        if "access_token" not in result:
            raise ConnectionRefusedByProviderError(_why_not(result, sign_in.extra))
        if "refresh_token" not in result:
            raise ConnectionRefusedByProviderError(
                f"{SERVICE} does not let InviteOnce stay connected. Ask an administrator to allow it, then try again."
            )
        now = self._clock()
        is_personal = (result.get("id_token_claims") or {}).get("tid") == _CONSUMERS
        extras = granted({sign_in.extra} if sign_in.extra else (), result)
        if sign_in.extra and sign_in.extra not in extras:
            raise ConnectionRefusedByProviderError(_NOT_GRANTED)
        tokens = Tokens(result["access_token"], result["refresh_token"], expiry(result, now), is_personal, extras)
        return Account(self._address(tokens), tokens.dump())

    def renew(self, stale: str) -> str:
        """Credentials with a new access token: what `Credentials.renewed` calls.

        Raises ConnectionBrokenError where only the person can help, DeliveryError where waiting may.
        """
        tokens = Tokens.load(stale)
        try:
            answer = self._authority.refresh(tokens.refresh, self._scopes_of(tokens.extras))
            if tokens.extras and answer.get("error") in _ASK_AGAIN:
                # Perhaps an administrator has withdrawn the extra alone: the calendar goes on without it.
                tokens = replace(tokens, extras=frozenset())
                answer = self._authority.refresh(tokens.refresh)
        except RestError as error:
            raise error.as_delivery_error() from error
        if "access_token" in answer:
            kept = replace(tokens, extras=granted(tokens.extras, answer))
            return kept.renewed(answer, self._clock()).dump()
        if answer.get("error") in _ASK_AGAIN:
            raise ConnectionBrokenError(
                f"{SERVICE} asks you to sign in again: a password was changed, or the access was withdrawn. "
                "Connect the calendar again."
            )
        raise RestError(f"{SERVICE} did not renew the sign-in ({_error(answer)})").as_delivery_error()

    def revoke(self, credentials: str) -> None:
        """Nothing: Microsoft can only end all sessions of a person at once, everywhere, which nobody asked for."""

    def _scopes_of(self, extras: Iterable[ExtraAccess]) -> list[str]:
        return [f"{self._resource}/{EXTRA_SCOPES[extra]}" for extra in sorted(extras)]

    def _address(self, tokens: Tokens) -> str:
        """The account's own address, once it is known to have a calendar. Raises ConnectionRefusedByProviderError."""
        try:
            me = self._get("/me?$select=mail,userPrincipalName", tokens)
            self._get("/me/calendar?$select=id", tokens)
        except RestError as error:
            if str(error) == NO_MAILBOX:
                raise ConnectionRefusedByProviderError(
                    f"This account has no mailbox in {SERVICE}, so it has no calendar. Sign in with the one you use."
                ) from error
            raise _refused(error) from error
        address = str(me.get("mail") or me.get("userPrincipalName") or "")
        if "@" not in address:
            raise ConnectionRefusedByProviderError("This account has no email address. Sign in with another one.")
        return address

    def _get(self, path: str, tokens: Tokens) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {tokens.access}", "Accept": "application/json"}
        deadline = self._rest.deadline(STEP_S)
        reply = self._rest.ask("GET", f"{self._graph_url}{path}", deadline, headers=headers, repeatable=True)
        if not reply.ok:
            raise refusal(reply, self._clock())
        return reply.json()


def granted(asked: Iterable[ExtraAccess], answer: Mapping[str, Any]) -> frozenset[ExtraAccess]:
    """The extras that the token endpoint's answer names, also where somebody has granted them before; those that were
    asked for where it names nothing (RFC 6749, 5.1)."""
    named = answer.get("scope")
    if not isinstance(named, str):
        return frozenset(asked)
    scopes = {scope.rpartition("/")[2].casefold() for scope in named.split()}
    return frozenset(extra for extra, scope in EXTRA_SCOPES.items() if scope.casefold() in scopes)


def _why_not(result: Mapping[str, Any], extra: ExtraAccess | None) -> str:
    """A sentence about an error of the authority, with its name but without its description's ids."""
    description = str(result.get("error_description") or "")
    if result.get("error") == "access_denied" and extra:
        return _NOT_GRANTED
    if result.get("error") == "access_denied":
        return f"{SERVICE} was not allowed to share the calendar. Start again from Slack, and choose *Accept*."
    if any(number in description for number in _ADMIN) or result.get("error") == "consent_required":
        return f"In your organisation an administrator has to allow InviteOnce in {SERVICE} first. Ask for it, please."
    if result.get("error") == "invalid_client":
        return f"{SERVICE} does not accept MICROSOFT_CLIENT_SECRET: ask whoever runs InviteOnce to renew it."
    if result.get("error") == "invalid_grant":
        return "The sign-in took too long. Start again from Slack."
    return f"Signing in to {SERVICE} did not work ({_error(result)}). Start again from Slack."


def _error(answer: Mapping[str, Any]) -> str:
    name = str(answer.get("error") or "no reason given")
    return name if name.replace("_", "").replace(" ", "").isalnum() else "no reason given"


def _refused(error: RestError) -> ConnectionRefusedByProviderError:
    return ConnectionRefusedByProviderError(f"{error.sentence} Try again in a minute.")
