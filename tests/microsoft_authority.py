"""A pretend Microsoft authority over HTTPS: OpenID configuration, code flow with PKCE, refresh tokens that rotate.

learn.microsoft.com/entra/identity-platform: v2-protocols-oidc, v2-oauth2-auth-code-flow.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import trustme

from tests.vendor_server import Request, Response, VendorServer, vendor_server

CLIENT_ID = "5a1ef0b4-0c1a-4bb0-8f52-8a1f2f1c7e11"
CLIENT_SECRET = "a client secret of the tests"
WORK_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


@dataclass
class Grant:
    """What somebody has allowed: whose account, for which request of the browser."""

    account: str
    asked: Mapping[str, str]


class Authority:
    """`tokens` and `scopes` are shared with the pretend Graph: access token to account, and to what it is good for."""

    def __init__(self, tokens: dict[str, str], scopes: dict[str, str]) -> None:
        self.tokens = tokens
        self.scopes = scopes
        self.withheld: set[str] = set()
        """Scopes that an administrator does not allow, or does not allow any more."""
        self.tenants: dict[str, str] = {}
        self.codes: dict[str, Grant] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.refusal: tuple[str, str] | None = None
        """The error and its description that the token endpoint answers with."""
        self.rotates = True
        self.stays_connected = True
        self.knows_the_nonce = True
        self.client_ca: ssl.SSLContext
        self.http: VendorServer
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"{self.http.url}/common"

    def allow(self, url: str, account: str) -> dict[str, str]:
        """What a person's browser comes back with who signs in at `url` and allows everything."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{next(self._numbers)}"
        self.codes[code] = Grant(account, asked)
        return {"code": code, "state": asked["state"]}

    def grant(self, account: str, nonce: str = "", scope: str = "") -> dict[str, Any]:
        """Tokens for an account, as the token endpoint gives them; `scope` is what is asked for."""
        number = next(self._numbers)
        access, refresh = f"access-{number}", f"refresh-{number}"
        self.tokens[access] = account
        asked = [one for one in scope.split() if one not in ("openid", "profile", "offline_access")]
        self.scopes[access] = " ".join(one for one in asked if one.rpartition("/")[2] not in self.withheld)
        self.refresh_tokens[refresh] = account
        return {
            "token_type": "Bearer",
            "expires_in": 3599,
            "ext_expires_in": 3599,
            "scope": self.scopes[access],
            "access_token": access,
            "refresh_token": refresh,
            "id_token": _id_token(self.tenants.get(account, WORK_TENANT), account, nonce),
        }

    def expire(self, access: str) -> None:
        self.tokens.pop(access, None)

    def withdraw(self, account: str) -> None:
        """The person changes the password, or takes the permission back."""
        for tokens in (self.tokens, self.refresh_tokens):
            for token in [token for token, whose in tokens.items() if whose == account]:
                del tokens[token]

    def answer(self, request: Request) -> Response:
        base = f"{self.http.url}/{WORK_TENANT}"
        if request.path == "/common/v2.0/.well-known/openid-configuration":
            return Response(
                200,
                {
                    "issuer": f"{self.http.url}/{{tenantid}}/v2.0",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                },
            )
        if request.method == "POST" and request.path.endswith("/oauth2/v2.0/token"):
            return self._token(request.form())
        return Response(404, {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found."})

    def _token(self, form: Mapping[str, str]) -> Response:
        if self.refusal:
            return _refusal(*self.refusal)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refusal("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        if form["grant_type"] == "refresh_token":
            account = self.refresh_tokens.get(form["refresh_token"])
            if account is None:
                return _refusal("invalid_grant", "AADSTS70000: The provided grant has expired or was revoked.")
            if any(scope.rpartition("/")[2] in self.withheld for scope in form["scope"].split()):
                return _refusal("invalid_grant", "AADSTS65001: The user or administrator has not consented to use it.")
            answer = self.grant(account, scope=form["scope"])
            if self.rotates:
                del self.refresh_tokens[form["refresh_token"]]
            else:
                del answer["refresh_token"]
            return Response(200, answer)
        grant = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            grant is None
            or challenge.rstrip(b"=").decode() != grant.asked["code_challenge"]
            or form["redirect_uri"] != grant.asked["redirect_uri"]
        ):
            return _refusal("invalid_grant", "AADSTS54005: OAuth2 Authorization code was already redeemed.")
        nonce = grant.asked["nonce"] if self.knows_the_nonce else "another"
        answer = self.grant(grant.account, nonce, grant.asked["scope"])
        if not self.stays_connected:
            del answer["refresh_token"]
        return Response(200, answer)


@contextmanager
def authority_server(tokens: dict[str, str], scopes: dict[str, str]) -> Iterator[Authority]:
    """With a certificate that only `authority.client_ca` trusts."""
    ca = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(server_side)
    authority = Authority(tokens, scopes)
    authority.client_ca = ssl.create_default_context()
    ca.configure_trust(authority.client_ca)
    with vendor_server(authority.answer, server_side) as authority.http:
        yield authority


def _refusal(error: str, description: str, status: int = 400) -> Response:
    return Response(status, {"error": error, "error_description": f"{description} Trace ID: 0f1e", "error_codes": [1]})


def _id_token(tenant: str, account: str, nonce: str) -> str:
    claims = {"tid": tenant, "preferred_username": account, "aud": CLIENT_ID, "nonce": nonce}
    parts = ({"alg": "none"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), ""])
