"""Signing in at a calendar provider: from a button in Slack through the browser and back.

The browser carries no Slack identity. A one-time token does, bound to a workspace and a user, and each step takes
the token of the one before: what was used, copied or replayed finds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.calendar import Account, ExtraAccess, SignIn
from bot.domain.connecting import CalendarSystem, Visit, VisitStage
from bot.domain.ids import new_link_token, token_hash
from bot.domain.people import Person
from bot.errors import (
    ConnectionRefusedByProviderError,
    DeliveryError,
    NotAllowedError,
    ServerToConfirmError,
    StaleStateError,
)
from bot.ports import Clock, Directory, PasswordProvider, SignInProvider, UnitOfWorkFactory
from bot.services.connections import Connections
from bot.services.nonces import Nonces

LIFETIME = timedelta(minutes=10)
TRIES = 5
"""How many passwords may be tried before somebody has to come from Slack again."""

_LINK = "connect"
_USED = (
    "This link has been used already, or it is too old. Go back to Slack and press *Connect calendar* again: "
    "each link is good once, for ten minutes."
)
_TOO_MANY = "That did not work several times. Go back to Slack and press *Connect calendar* to try again."
_ANOTHER_ACCOUNT = "You have signed in as {}. Sign in as {}, whose directory it is about; nothing has been changed."
_ONCE_MORE = "Please press the button once more. The page had become too old."


@dataclass(frozen=True, slots=True)
class Page:
    """What the page behind a link shows: whose calendar, of which workspace, and what can be connected."""

    visit: Visit
    person: Person
    workspace: str
    offers: tuple[CalendarSystem, ...]
    system: str
    """The name of the visit's calendar system."""
    nonce: str


@dataclass(frozen=True, slots=True)
class Departure:
    """To the provider: `url`, and a secret for the browser to bring back from there."""

    url: str
    browser: str


class SignIns:
    """Every method raises StaleStateError for a link that is used, too old or unknown: which one is not said."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        connections: Connections,
        nonces: Nonces,
        clock: Clock,
        public_url: str,
        sign_in: Sequence[SignInProvider] = (),
        password: Sequence[PasswordProvider] = (),
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._connections = connections
        self._nonces = nonces
        self._clock = clock
        self._public_url = public_url
        self._sign_in = {provider.key: provider for provider in sign_in}
        self._password = {provider.key: provider for provider in password}

    # ------------------------------------------------------------ the page

    def link(self, person: Person, connection_id: str | None = None, extra: ExtraAccess | None = None) -> str:
        """A fresh URL for this person; with a connection, to connect that one again, or to ask it for `extra`."""
        visit = Visit(person.workspace_id, person.user_id, extra=extra)
        if connection_id is not None:
            known = self._connections.find(person, connection_id)
            visit = replace(visit, provider=known.provider, account=known.account)
        return f"{self._public_url}/connect/{self._lead_to(visit)}"

    def look(self, token: str) -> Page:
        """Changes nothing, however often it is called and by whom."""
        with self._unit_of_work() as unit:
            stored = unit.one_time.look(token, _LINK, self._clock())
        visit = _visit(stored)
        offers = self._connections.offers
        again = tuple(system for system in offers if system.key == visit.provider)
        return Page(
            visit=visit,
            person=self._directory.person(visit.workspace_id, visit.user_id),
            workspace=self._directory.workspace_name(visit.workspace_id),
            offers=again or offers,
            system=again[0].name if again else "",
            nonce=self._nonces.issue(_subject(token)),
        )

    # ------------------------------------------------------------ steps; each takes the link

    def begin(self, token: str, nonce: str, provider: str) -> Departure | str:
        """Off to the provider; or the token of the page that says why not."""
        page = self._before(token, nonce)
        system = self._sign_in.get(provider)
        if system is None or page.visit.stage is not VisitStage.CHOOSE:
            raise NotAllowedError(_ONCE_MORE)
        visit = self._take(token)
        state, browser = new_link_token(), new_link_token()
        try:
            sign_in = system.begin(state, self._callback(provider), visit.account or page.person.email, visit.extra)
        except (ConnectionRefusedByProviderError, DeliveryError) as error:
            return self._lead_to(replace(visit, problem=str(error), server="", user=""))
        kept = {
            "visit": visit.dump(),
            "url": sign_in.url,
            "secret": sign_in.secret,
            "browser": token_hash(browser),
        }
        with self._unit_of_work(write=True) as unit:
            unit.one_time.add(state, _state_of(provider), json.dumps(kept), self._clock() + LIFETIME)
            unit.commit()
        return Departure(sign_in.url, browser)

    def arrive(self, provider: str, answer: Mapping[str, str], browser: str) -> str:
        """Back from the provider with its answer, in whichever process; the token of the page that comes next."""
        system = self._sign_in.get(provider)
        with self._unit_of_work(write=True) as unit:
            stored = unit.one_time.take(answer.get("state", ""), _state_of(provider), self._clock())
            unit.commit()
        if system is None or stored is None:
            raise StaleStateError(_USED)
        kept = json.loads(stored)
        visit = Visit.load(kept["visit"])
        sign_in = SignIn(kept["url"], kept["secret"], visit.extra)
        try:
            account = system.finish(sign_in, self._callback(provider), answer)
        except (ConnectionRefusedByProviderError, DeliveryError) as error:
            return self._lead_to(replace(visit, problem=str(error), server="", user=""))
        if visit.extra and account.address.casefold() != visit.account.casefold():
            self._connections.revoke(provider, account)
            problem = _ANOTHER_ACCOUNT.format(account.address, visit.account)
            return self._lead_to(replace(visit, problem=problem))
        # Somebody may have been sent to the provider by somebody else's link: then they are asked.
        return self._arrived(visit, provider, account, is_same_browser=token_hash(browser) == kept["browser"])

    def sign_in(self, token: str, nonce: str, provider: str, server: str, user: str, password: str) -> str:
        """Try a password; the token of the page that comes next."""
        page = self._before(token, nonce)
        system = self._password.get(provider)
        if system is None or page.visit.stage is not VisitStage.CHOOSE:
            raise NotAllowedError(_ONCE_MORE)
        visit = self._take(token)
        try:
            account = system.sign_in(server, user, password)
        except ServerToConfirmError as error:  # no password has been tried
            return self._lead_to(replace(visit, problem=str(error), server=error.server, user=user))
        except (ConnectionRefusedByProviderError, DeliveryError) as error:
            if visit.tries + 1 >= TRIES:
                raise StaleStateError(_TOO_MANY) from error
            failed = replace(visit, problem=str(error), server=server, user=user, tries=visit.tries + 1)
            return self._lead_to(failed)
        return self._arrived(visit, provider, account, is_same_browser=True)

    def confirm(self, token: str, nonce: str) -> str:
        """Connect the account although its address is another one than in Slack; the token of the last page."""
        page = self._before(token, nonce)
        if page.visit.stage is not VisitStage.CONFIRM:
            raise NotAllowedError(_ONCE_MORE)
        visit = self._take(token)
        return self._connect(visit, page.person, visit.provider, Account(visit.account, visit.credentials))

    def decline(self, token: str, nonce: str) -> str:
        """Not this account: forget it, and choose again; the token of the first page."""
        page = self._before(token, nonce)
        if page.visit.stage is not VisitStage.CONFIRM:
            raise NotAllowedError(_ONCE_MORE)
        visit = self._take(token)
        self._connections.revoke(visit.provider, Account(visit.account, visit.credentials))
        return self._lead_to(Visit(visit.workspace_id, visit.user_id, tries=visit.tries))

    def _arrived(self, visit: Visit, provider: str, account: Account, *, is_same_browser: bool) -> str:
        person = self._directory.person(visit.workspace_id, visit.user_id)
        is_own_address = account.address.casefold() == person.email.casefold()
        is_known = self._connections.is_known(person, provider, account.address)
        if is_same_browser and (is_own_address or is_known):
            return self._connect(visit, person, provider, account)
        asked = replace(
            visit,
            stage=VisitStage.CONFIRM,
            provider=provider,
            account=account.address,
            credentials=account.credentials,
            problem="",
        )
        return self._lead_to(asked)

    def _connect(self, visit: Visit, person: Person, provider: str, account: Account) -> str:
        self._connections.store(person, provider, account, is_consent=visit.extra is not None)
        done = Visit(visit.workspace_id, visit.user_id, VisitStage.DONE, provider, account.address, extra=visit.extra)
        return self._lead_to(done)

    # ------------------------------------------------------------ tokens

    def _before(self, token: str, nonce: str) -> Page:
        """The page that a form was sent from; everything that may fail without taking the link comes here."""
        page = self.look(token)
        if self._nonces.id_of(nonce, _subject(token)) is None:
            raise NotAllowedError(_ONCE_MORE)
        return page

    def _take(self, token: str) -> Visit:
        with self._unit_of_work(write=True) as unit:
            stored = unit.one_time.take(token, _LINK, self._clock())
            unit.commit()
        return _visit(stored)

    def _lead_to(self, visit: Visit) -> str:
        token = new_link_token()
        with self._unit_of_work(write=True) as unit:
            unit.one_time.add(token, _LINK, visit.dump(), self._clock() + LIFETIME)
            unit.commit()
        return token

    def _callback(self, provider: str) -> str:
        return f"{self._public_url}/connect/callback/{provider}"


def _visit(stored: str | None) -> Visit:
    if stored is None:
        raise StaleStateError(_USED)
    return Visit.load(stored)


def _subject(token: str) -> str:
    return f"connect:{token_hash(token)}"


def _state_of(provider: str) -> str:
    """A state is good for the provider that it was made for, and for no other."""
    return f"state:{provider}"
