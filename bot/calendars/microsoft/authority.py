"""Microsoft's authority (the OAuth endpoints of a tenant), asked by msal over our own HTTP."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.calendars.microsoft.errors import SERVICE, refusal
from bot.rest import Reply, Rest, RestError

if TYPE_CHECKING:
    from msal import ConfidentialClientApplication

STEP_S = 10.0
"""For one request of a sign-in or a renewal; the lease on a renewal lasts longer than two of them."""


class Authority:
    """`url` ends with the tenant. Every method raises RestError; answers are the token endpoint's, errors too."""

    def __init__(self, url: str, client_id: str, client_secret: str, scopes: Sequence[str], rest: Rest) -> None:
        self._url = url
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = list(scopes)
        self._rest = rest
        self._lock = threading.Lock()
        self._application: ConfidentialClientApplication | None = None

    def begin(self, state: str, redirect_uri: str, login_hint: str, more_scopes: Sequence[str] = ()) -> dict[str, Any]:
        """msal's flow: `auth_uri` is where to send the browser, the rest is to be kept secret until it is back."""
        application = self._msal()
        # msal would like the answer by POST; ours comes by GET like everybody's, guarded by PKCE and the state.
        warnings.filterwarnings("ignore", "response_mode=", UserWarning, "msal")
        flow: dict[str, Any] = application.initiate_auth_code_flow(
            [*self._scopes, *more_scopes],
            redirect_uri=redirect_uri,
            state=state,
            login_hint=login_hint or None,
            prompt="select_account",
        )
        return flow

    def redeem(self, flow: dict[str, Any], answer: Mapping[str, str]) -> dict[str, Any]:
        """What the code in the browser's answer is worth. Raises ValueError where the answer is to another flow."""
        result: dict[str, Any] = self._msal().acquire_token_by_auth_code_flow(flow, dict(answer))
        return result

    def refresh(self, refresh_token: str, more_scopes: Sequence[str] = ()) -> dict[str, Any]:
        result: dict[str, Any] = self._msal().acquire_token_by_refresh_token(
            refresh_token, [*self._scopes, *more_scopes]
        )
        return result

    def _msal(self) -> ConfidentialClientApplication:
        """One for all; made when first used, because it is slow to import and asks the authority about itself."""
        with self._lock:
            if self._application is None:
                from msal import ConfidentialClientApplication, TokenCache

                class NoCache(TokenCache):  # type: ignore[misc]  # msal has no types
                    """Keeps nobody's tokens: they belong to the database, encrypted."""

                    def add(self, event: object, now: object = None) -> None:
                        pass

                try:
                    self._application = ConfidentialClientApplication(
                        self._client_id,
                        client_credential=self._client_secret,
                        authority=self._url,
                        instance_discovery=False,  # the operator has named the authority: nobody else is asked about it
                        token_cache=NoCache(),
                        http_client=_Http(self._rest),
                    )
                except ValueError as error:
                    raise RestError(f"{SERVICE} does not know the tenant of MICROSOFT_AUTHORITY") from error
            return self._application


class _Http:
    """What msal asks with. Answers that are no JSON end here: msal would write them to the log, secrets and all."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> _Answer:
        return self._ask("GET", url, params, headers, None)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Answer:
        content_type = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, params, {**(headers or {}), **content_type}, urlencode(data or {}).encode())

    def close(self) -> None:
        """The connections are `Rest`'s."""

    def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: bytes | None,
    ) -> _Answer:
        asked = f"{url}?{urlencode(params)}" if params else url
        reply = self._rest.ask(method, asked, self._rest.deadline(STEP_S), headers=headers, body=body)
        if reply.status >= 500 or reply.status == 429:
            raise refusal(reply, self._rest.now())
        reply.json()
        return _Answer(reply)


class _Answer:
    """A reply in msal's terms (msal.oauth2cli.http.Response)."""

    def __init__(self, reply: Reply) -> None:
        self.status_code = reply.status
        self.text = reply.body.decode("utf-8", "replace")
        self.headers = reply.headers

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise RestError(f"{SERVICE} refused the sign-in ({self.status_code})", status=self.status_code)
