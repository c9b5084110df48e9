"""Google as somebody else understands it: the same adapter against the npm package `@emulators/google`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest

from bot.calendars.google.provider import GoogleCalendar
from bot.calendars.google.sign_in import GoogleSignIn
from bot.domain.calendar import Account, Connection
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.errors import ConnectionRefusedByProviderError
from tests.calendar_contract import MEETING, PATIENCE_S, WINDOW, an_event
from tests.cast import ManualClock
from tests.emulated_google import DANA, KICKOFF_ID, REDIRECT_URI, EmulatedGoogle, emulating
from tests.google_bench import HeldCredentials
from tests.servers import DEADLINE_S

CLOCK = ManualClock()
KICKOFF = Interval(datetime(2027, 3, 2, 9, tzinfo=UTC), datetime(2027, 3, 2, 9, 30, tzinfo=UTC))


@pytest.fixture
def google() -> Iterator[EmulatedGoogle]:
    with emulating() as google:
        yield google


@pytest.fixture
def sign_in(google: EmulatedGoogle) -> GoogleSignIn:
    return GoogleSignIn(google.client, CLOCK)


@pytest.fixture
def account(google: EmulatedGoogle, sign_in: GoogleSignIn) -> Account:
    begun = sign_in.begin("state-1", REDIRECT_URI, DANA)
    answer = google.consent(begun.url)
    assert answer["state"] == "state-1"
    return sign_in.finish(begun, REDIRECT_URI, answer)


@pytest.fixture
def credentials(account: Account) -> HeldCredentials:
    return HeldCredentials({"dana": account.credentials})


@pytest.fixture
def dana(account: Account) -> Connection:
    return Connection(ConnectionId("dana"), WorkspaceId("T1"), UserId("U1"), "google", account.address)


@pytest.fixture
def provider(google: EmulatedGoogle, credentials: HeldCredentials) -> Iterator[GoogleCalendar]:
    with ThreadPoolExecutor(4) as executor:
        yield GoogleCalendar(google.client, credentials, CLOCK, executor)


def busy(provider: GoogleCalendar, connection: Connection) -> tuple[Interval, ...]:
    answer = provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert answer.readable
    return answer.busy


def events(google: EmulatedGoogle, credentials: HeldCredentials) -> list[dict[str, Any]]:
    token = json.loads(credentials.held["dana"])["access_token"]
    url = f"{google.url}/calendar/v3/calendars/primary/events"
    with urlopen(Request(url, headers={"authorization": f"Bearer {token}"}), timeout=DEADLINE_S) as response:  # noqa: S310
        found: list[dict[str, Any]] = json.load(response)["items"]
        return found


def test_account_is_known_by_its_address(account: Account) -> None:
    assert account.address == DANA


def test_code_is_worth_nothing_without_its_verifier(google: EmulatedGoogle, sign_in: GoogleSignIn) -> None:
    begun = sign_in.begin("state-1", REDIRECT_URI, DANA)
    stolen = replace(begun, secret=sign_in.begin("state-2", REDIRECT_URI, DANA).secret)
    with pytest.raises(ConnectionRefusedByProviderError, match="expired or was used before"):
        sign_in.finish(stolen, REDIRECT_URI, google.consent(begun.url))


def test_code_is_good_once(google: EmulatedGoogle, sign_in: GoogleSignIn) -> None:
    begun = sign_in.begin("state-1", REDIRECT_URI, DANA)
    answer = google.consent(begun.url)
    sign_in.finish(begun, REDIRECT_URI, answer)
    with pytest.raises(ConnectionRefusedByProviderError, match="expired or was used before"):
        sign_in.finish(begun, REDIRECT_URI, answer)


def test_calendars_are_listed_own_ones_first(provider: GoogleCalendar, dana: Connection) -> None:
    found = provider.calendars(dana)
    assert [(info.id, info.is_primary, info.can_write) for info in found] == [
        (DANA, True, True),
        ("work@group.example", False, True),
        ("team@group.example", False, False),
    ]


def test_busy_times_are_read(provider: GoogleCalendar, dana: Connection) -> None:
    assert busy(provider, dana) == (KICKOFF,)


def test_calendar_that_is_left_out_is_unreadable(provider: GoogleCalendar, dana: Connection) -> None:
    """The emulator leaves out whom it does not know, without a word."""
    answers = provider.free_busy_of(dana, [DANA, "ben@fox.example"], WINDOW, timeout_s=PATIENCE_S)
    assert answers[DANA].busy == (KICKOFF,)
    assert answers["ben@fox.example"].unreadable == "Google left this calendar out of its answer"


def test_written_event_takes_its_time(
    google: EmulatedGoogle, provider: GoogleCalendar, credentials: HeldCredentials, dana: Connection
) -> None:
    provider.write(dana, an_event())
    assert busy(provider, dana) == (MEETING, KICKOFF)
    (written,) = [event for event in events(google, credentials) if event["summary"] == an_event().summary]
    assert {guest["email"] for guest in written["attendees"]} == {who.email for who in an_event().attendees}


def test_cancelled_event_gives_its_time_back(provider: GoogleCalendar, dana: Connection) -> None:
    kickoff = replace(an_event(f"{KICKOFF_ID}@inviteonce", KICKOFF), sequence=1)
    for _ in range(2):
        provider.cancel(dana, kickoff)
        assert busy(provider, dana) == ()


def test_token_is_renewed(provider: GoogleCalendar, credentials: HeldCredentials, dana: Connection) -> None:
    kept = json.loads(credentials.held["dana"])
    credentials.held["dana"] = json.dumps({**kept, "expiry": (CLOCK() - timedelta(hours=1)).isoformat()})
    assert busy(provider, dana) == (KICKOFF,)
    assert credentials.renewals == ["dana"]
    assert json.loads(credentials.held["dana"])["refresh_token"] == kept["refresh_token"]


def test_revoked_connection_is_broken(
    sign_in: GoogleSignIn, provider: GoogleCalendar, credentials: HeldCredentials, account: Account, dana: Connection
) -> None:
    sign_in.revoke(account.credentials)
    kept = json.loads(account.credentials)
    credentials.held["dana"] = json.dumps({**kept, "expiry": (CLOCK() - timedelta(hours=1)).isoformat()})
    answer = provider.free_busy([dana], WINDOW, timeout_s=PATIENCE_S)[dana.id]
    assert answer.unreadable == "the connection is broken"
    assert credentials.broken == {"dana"}
