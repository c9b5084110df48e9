"""Calendar systems to connect, as fakes: one with a sign-in in the browser, one with a password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.domain.calendar import Account, CalendarInfo, Connection, ExtraAccess, SignIn
from bot.errors import ConnectionRefusedByProviderError, InviteOnceError, ServerToConfirmError
from bot.ports import UnitOfWorkFactory
from tests.cast import DANA
from tests.fakes import FakeCalendar
from tests.world import PUBLIC_URL, Stage

AUTHORITY = "https://sign-in.google.example/auth"
PASSWORD = "app-password-of-dana"
REFRESH_TOKEN = "refresh-token-of-dana"
VERIFIER = "pkce-verifier-of-dana"


@dataclass
class FakeSignIn:
    """Google, with one account that everybody signs in to. `failures` are raised first, wherever asked."""

    address: str = DANA.email
    key: str = "google"
    name: str = "Google"
    failures: list[InviteOnceError] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)

    def begin(self, state: str, redirect_uri: str, login_hint: str, extra: ExtraAccess | None = None) -> SignIn:
        self._fail()
        asked = {"state": state, "redirect_uri": redirect_uri, "login_hint": login_hint, "extra": extra or ""}
        return SignIn(f"{AUTHORITY}?{urlencode(asked)}", VERIFIER, extra)

    def finish(self, sign_in: SignIn, redirect_uri: str, answer: Mapping[str, str]) -> Account:
        self._fail()
        assert (sign_in.secret, redirect_uri) == (VERIFIER, f"{PUBLIC_URL}/connect/callback/{self.key}")
        if "code" not in answer:
            raise ConnectionRefusedByProviderError("Google was not allowed to share the calendar. Try again.")
        return Account(self.address, f"{REFRESH_TOKEN} {sign_in.extra}" if sign_in.extra else REFRESH_TOKEN)

    def revoke(self, credentials: str) -> None:
        self.revoked.append(credentials)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


@dataclass
class FakePassword:
    """CalDAV, with one account."""

    address: str = DANA.email
    key: str = "caldav"
    name: str = "CalDAV"
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    elsewhere: str = ""
    """Where the address's domain says that the calendars are."""

    def sign_in(self, server: str, user: str, password: str) -> Account:
        self.asked.append((server, user, password))
        if self.elsewhere and server != self.elsewhere:
            raise ServerToConfirmError(f"Its calendars are at {self.elsewhere}. Is that right?", self.elsewhere)
        if password != PASSWORD:
            raise ConnectionRefusedByProviderError("The server does not accept this password. Check it, or make one.")
        return Account(self.address, f"https://{user}:{password}@{server}")


class FakeSystem(FakeCalendar):
    """A calendar provider with this key, whose account has these calendars."""

    def __init__(self, key: str, calendars: Sequence[CalendarInfo] = ()) -> None:
        super().__init__()
        self.key = key
        self.listed = tuple(calendars)
        self.failure: InviteOnceError | None = None

    def calendars(self, connection: Connection) -> Sequence[CalendarInfo]:
        if self.failure:
            raise self.failure
        return self.listed


def connect_stage(unit_of_work: UnitOfWorkFactory) -> tuple[Stage, FakeSignIn, FakePassword]:
    """A workspace with Google and CalDAV set up, and nobody connected."""
    google, caldav = FakeSignIn(), FakePassword()
    systems = {key: FakeSystem(key) for key in ("google", "caldav")}
    return Stage(unit_of_work, systems=systems, sign_in=(google,), password=(caldav,)), google, caldav


def token_of(link: str) -> str:
    """The token in a link of ours."""
    prefix, _, token = link.rpartition("/")
    assert prefix == f"{PUBLIC_URL}/connect"
    return token


def state_in(url: str) -> str:
    """The one-time state that a provider was sent."""
    [state] = parse_qs(urlsplit(url).query)["state"]
    return state
