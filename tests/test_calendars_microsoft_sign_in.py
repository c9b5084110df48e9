"""Signing in at Microsoft, and staying so: msal against an authority over HTTPS, Graph with and without its tokens."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.calendars.microsoft.provider import MicrosoftCalendar
from bot.calendars.microsoft.sign_in import MicrosoftSignIn
from bot.calendars.microsoft.tokens import Tokens
from bot.domain.calendar import Account, ConnectionState, FreeBusy, SignIn
from bot.domain.ids import ConnectionId
from bot.errors import CalendarUnreadableError, ConnectionBrokenError, ConnectionRefusedByProviderError, DeliveryError
from bot.ports import SignInProvider, UnitOfWorkFactory
from bot.rest import Rest
from bot.services.credentials import StoredCredentials
from tests.calendar_contract import PATIENCE_S, WINDOW, an_event
from tests.microsoft_authority import CLIENT_ID, CLIENT_SECRET, PERSONAL_TENANT
from tests.microsoft_bench import DANAS_ADDRESS, MicrosoftBench, microsoft_bench
from tests.vendor_server import HALF, HALF_JSON, HTML, Response

REDIRECT = "https://meet.example/connect/callback/microsoft"
REFUSED = Response(401, {"error": {"code": "InvalidAuthenticationToken", "message": "…"}})


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


def signed_in(bench: MicrosoftBench, account: str = DANAS_ADDRESS) -> Account:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, account)
    answer = bench.authority.allow(begun.url, account)
    return bench.sign_in.finish(begun, REDIRECT, answer)


def refusal(bench: MicrosoftBench, begun: SignIn, answer: dict[str, str]) -> str:
    with pytest.raises(ConnectionRefusedByProviderError) as caught:
        bench.sign_in.finish(begun, REDIRECT, answer)
    return str(caught.value)


def read(bench: MicrosoftBench) -> FreeBusy:
    return bench.provider.free_busy([bench.connection], WINDOW, timeout_s=PATIENCE_S)[bench.connection.id]


# ---------------------------------------------------------------- signing in


def test_it_is_a_sign_in_provider(bench: MicrosoftBench) -> None:
    provider: SignInProvider = bench.sign_in
    assert (provider.key, provider.name) == (bench.provider.key, "Microsoft 365")


def test_the_browser_is_sent_with_pkce_the_state_the_hint_and_no_more_scopes_than_needed(bench: MicrosoftBench) -> None:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, DANAS_ADDRESS)
    asked = dict(parse_qsl(urlsplit(begun.url).query))
    assert begun.url.startswith(bench.authority.http.url)
    assert asked["state"] == "one-time-state"
    assert asked["redirect_uri"] == REDIRECT
    assert asked["login_hint"] == DANAS_ADDRESS
    assert asked["code_challenge_method"] == "S256"
    graph = bench.graph.http.url
    assert set(asked["scope"].split()) == {
        *("openid", "profile", "offline_access"),
        *(f"{graph}/Calendars.ReadWrite", f"{graph}/User.Read"),
    }
    verifier = json.loads(begun.secret)["code_verifier"]
    assert verifier not in begun.url


def test_two_sign_ins_share_nothing(bench: MicrosoftBench) -> None:
    first, second = (bench.sign_in.begin(state, REDIRECT, "") for state in ("state-1", "state-2"))
    assert json.loads(first.secret)["code_verifier"] != json.loads(second.secret)["code_verifier"]
    assert "login_hint" not in first.url


def test_somebody_who_allows_it_is_connected_by_the_address_of_the_mailbox(bench: MicrosoftBench) -> None:
    account = signed_in(bench)
    assert account.address == DANAS_ADDRESS
    tokens = Tokens.load(account.credentials)
    assert bench.authority.tokens[tokens.access] == DANAS_ADDRESS
    assert not tokens.is_personal
    assert tokens.expires_at - bench.clock() == timedelta(seconds=3599)
    assert tokens.access not in repr(account) + repr(tokens)


def test_another_process_can_finish_what_one_has_begun(bench: MicrosoftBench) -> None:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    rest = Rest("Microsoft 365", tls=bench.authority.client_ca, clock=bench.clock)
    other = MicrosoftSignIn(
        CLIENT_ID, CLIENT_SECRET, bench.clock, rest, authority=bench.authority.url, graph_url=bench.graph.url
    )
    kept = SignIn(begun.url, json.loads(json.dumps(begun.secret)))
    answer = bench.authority.allow(begun.url, DANAS_ADDRESS)
    assert other.finish(kept, REDIRECT, answer).address == DANAS_ADDRESS


def test_a_personal_account_is_known_as_one(bench: MicrosoftBench) -> None:
    bench.authority.tenants["eva@outlook.example"] = PERSONAL_TENANT
    assert Tokens.load(signed_in(bench, "eva@outlook.example").credentials).is_personal


def test_the_answer_to_another_sign_in_is_refused(bench: MicrosoftBench) -> None:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    answer = bench.authority.allow(begun.url, DANAS_ADDRESS)
    assert "Start again" in refusal(bench, begun, {**answer, "state": "another-state"})
    assert "Start again" in refusal(bench, begun, {"state": "one-time-state"})


def test_a_stolen_code_is_worth_nothing_without_the_verifier(bench: MicrosoftBench) -> None:
    mine, theirs = (bench.sign_in.begin("one-time-state", REDIRECT, "") for _ in range(2))
    code = bench.authority.allow(theirs.url, DANAS_ADDRESS)
    assert "took too long" in refusal(bench, mine, code)


def test_tokens_that_answer_another_request_are_refused(bench: MicrosoftBench) -> None:
    bench.authority.knows_the_nonce = False
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    assert "Start again" in refusal(bench, begun, bench.authority.allow(begun.url, DANAS_ADDRESS))


def test_a_code_works_once(bench: MicrosoftBench) -> None:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    answer = bench.authority.allow(begun.url, DANAS_ADDRESS)
    bench.sign_in.finish(begun, REDIRECT, answer)
    assert "took too long" in refusal(bench, begun, answer)


@pytest.mark.parametrize(
    ("error", "description", "words"),
    [
        ("access_denied", "AADSTS65004: User declined to consent to access the app.", "choose *Accept*"),
        ("access_denied", "AADSTS65001: needs permission that only an admin can grant", "*Accept*"),
        ("consent_required", "AADSTS65001: The user or administrator has not consented", "administrator"),
        ("invalid_client", "AADSTS7000215: Invalid client secret provided. Trace ID: 1f0e", "MICROSOFT_CLIENT_SECRET"),
        ("server_error", "AADSTS50000 <script>alert(1)</script>", "server_error"),
        ("<script>alert(1)</script>", "", "no reason given"),
    ],
)
def test_whoever_says_no_is_told_what_to_do(bench: MicrosoftBench, error: str, description: str, words: str) -> None:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    text = refusal(bench, begun, {"state": "one-time-state", "error": error, "error_description": description})
    assert words in text
    assert "<" not in text
    assert "Trace" not in text


def test_a_secret_that_has_run_out_names_its_setting(bench: MicrosoftBench) -> None:
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    answer = bench.authority.allow(begun.url, DANAS_ADDRESS)
    bench.authority.refusal = ("invalid_client", "AADSTS7000222: The provided client secret keys are expired.")
    assert "MICROSOFT_CLIENT_SECRET" in refusal(bench, begun, answer)


def test_an_organisation_that_grants_no_lasting_access_is_refused(bench: MicrosoftBench) -> None:
    bench.authority.stays_connected = False
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    assert "stay connected" in refusal(bench, begun, bench.authority.allow(begun.url, DANAS_ADDRESS))


def test_an_account_without_a_mailbox_is_refused(bench: MicrosoftBench) -> None:
    bench.mailbox.has_mailbox = False
    begun = bench.sign_in.begin("one-time-state", REDIRECT, "")
    assert "no mailbox" in refusal(bench, begun, bench.authority.allow(begun.url, DANAS_ADDRESS))


@pytest.mark.parametrize("answer", [HTML, HALF, HALF_JSON, Response(503), Response(404, {"error": "invalid_tenant"})])
def test_an_authority_that_cannot_be_asked_is_no_defect_of_ours(bench: MicrosoftBench, answer: Response) -> None:
    bench.authority.http.will_answer("GET", "/openid-configuration", answer)
    with pytest.raises(ConnectionRefusedByProviderError, match=r"^Microsoft 365 .*\. Try again in a minute\.$"):
        bench.sign_in.begin("one-time-state", REDIRECT, "")
    bench.authority.http.recover()
    assert bench.sign_in.begin("one-time-state", REDIRECT, "").url


def test_an_authority_with_a_strangers_certificate_is_not_trusted(bench: MicrosoftBench) -> None:
    sign_in = MicrosoftSignIn(
        CLIENT_ID, CLIENT_SECRET, bench.clock, Rest("Microsoft 365", clock=bench.clock), authority=bench.authority.url
    )
    with pytest.raises(ConnectionRefusedByProviderError, match="secure connection"):
        sign_in.begin("one-time-state", REDIRECT, "")


def test_revoking_raises_nothing_and_asks_nobody(bench: MicrosoftBench) -> None:
    asked = len(bench.authority.http.exchanges)
    bench.sign_in.revoke("not even credentials")
    assert len(bench.authority.http.exchanges) == asked


# ---------------------------------------------------------------- staying so


def test_a_token_about_to_expire_is_renewed_before_it_is_used(bench: MicrosoftBench) -> None:
    before = bench.tokens()
    bench.clock.advance(timedelta(minutes=56))
    assert read(bench).readable
    after = bench.tokens()
    assert after.access != before.access
    assert after.refresh != before.refresh
    used = {one.request.headers["authorization"] for one in bench.graph.http.exchanges}
    assert used == {f"Bearer {after.access}"}


def test_a_token_that_graph_refuses_is_renewed_once_for_all_requests_under_way(bench: MicrosoftBench) -> None:
    bench.authority.expire(bench.tokens().access)
    assert read(bench).readable
    assert bench.credentials.renewals == 1


def refusing(bench: MicrosoftBench, response: Response, times: int = 1000) -> set[ConnectionId]:
    """Which connections are broken once Graph has answered like this."""
    bench.graph.http.will_answer("", "/getSchedule", response, times)
    assert read(bench).readable == (times == 1)
    return bench.credentials.broken


def test_a_new_token_that_is_refused_too_breaks_the_connection(bench: MicrosoftBench) -> None:
    """Else nobody would be told to connect again."""
    assert refusing(bench, REFUSED) == {bench.connection.id}
    with pytest.raises(CalendarUnreadableError, match="sign-in"):
        bench.provider.calendars(bench.connection)


def test_a_token_that_is_refused_once_breaks_nothing(bench: MicrosoftBench) -> None:
    assert refusing(bench, REFUSED, times=1) == set()


@pytest.mark.parametrize(
    "response",
    [replace(HTML, status=401), Response(401), Response(401, {"error": {"code": "UnknownError", "message": ""}})],
)
def test_a_refusal_of_something_else_breaks_nothing(bench: MicrosoftBench, response: Response) -> None:
    """As Graph has for what an account may not use at all: connecting again would not help."""
    assert refusing(bench, response) == set()


def test_a_refresh_token_that_is_not_replaced_is_kept(bench: MicrosoftBench) -> None:
    bench.authority.rotates = False
    before = bench.tokens().refresh
    bench.clock.advance(timedelta(hours=2))
    assert read(bench).readable
    assert bench.tokens().refresh == before


@pytest.mark.parametrize("lifetime", ["soon", None, -5, 10**9])
def test_an_odd_expiry_is_kept_within_bounds(bench: MicrosoftBench, lifetime: object) -> None:
    tokens = bench.tokens().renewed({"access_token": "a", "expires_in": lifetime}, bench.clock())
    assert timedelta(minutes=1) <= tokens.expires_at - bench.clock() <= timedelta(days=1)


def test_a_token_said_to_live_for_years_is_not_believed(bench: MicrosoftBench) -> None:
    tokens = Tokens("access", "refresh", bench.clock() + timedelta(days=400))
    assert tokens.is_stale(bench.clock())


def test_withdrawn_access_breaks_the_connection_and_is_said_in_each_way(bench: MicrosoftBench) -> None:
    bench.authority.withdraw(DANAS_ADDRESS)
    answer = read(bench)
    assert answer.busy == ()
    assert "Connect the calendar again" in str(answer.unreadable)
    assert bench.connection.id in bench.credentials.broken
    with pytest.raises(DeliveryError, match="sign-in"):
        bench.provider.write(bench.connection, an_event())
    with pytest.raises(CalendarUnreadableError, match="sign-in"):
        bench.provider.read(bench.connection, "uid")


@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "login_required", "consent_required"])
def test_what_only_the_person_can_mend_breaks_the_connection(bench: MicrosoftBench, error: str) -> None:
    bench.authority.refusal = (error, "AADSTS50076: Due to a configuration change, you must use multi-factor.")
    with pytest.raises(ConnectionBrokenError, match="Connect the calendar again"):
        bench.sign_in.renew(bench.tokens().dump())


@pytest.mark.parametrize("error", ["invalid_client", "temporarily_unavailable", "server_error"])
def test_what_passes_or_an_operator_can_mend_does_not_break_it(bench: MicrosoftBench, error: str) -> None:
    bench.authority.refusal = (error, "AADSTS7000222: expired")
    bench.clock.advance(timedelta(hours=2))
    assert error in str(read(bench).unreadable)
    assert bench.connection.id not in bench.credentials.broken
    bench.authority.refusal = None
    bench.clock.advance(timedelta(minutes=1))


@pytest.mark.parametrize("answer", [HTML, HALF, HALF_JSON, Response(503), Response(429, {"error": "throttled"})])
def test_a_token_endpoint_out_of_order_does_not_break_it(
    bench: MicrosoftBench, answer: Response, caplog: pytest.LogCaptureFixture
) -> None:
    bench.authority.http.will_answer("POST", "/token", answer)
    bench.clock.advance(timedelta(hours=2))
    with caplog.at_level(logging.DEBUG):
        assert read(bench).unreadable
    assert bench.connection.id not in bench.credentials.broken


def test_half_a_token_answer_is_not_written_to_the_log(bench: MicrosoftBench, caplog: pytest.LogCaptureFixture) -> None:
    secret = b'{"token_type": "Bearer", "access_token": "eyJ-very-secret'
    bench.authority.http.will_answer("POST", "/token", Response(200, secret))
    with caplog.at_level(logging.DEBUG), pytest.raises(DeliveryError):
        bench.sign_in.renew(bench.tokens().dump())
    assert "very-secret" not in caplog.text


def test_no_token_is_ever_written_to_the_log(bench: MicrosoftBench, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        tokens = Tokens.load(bench.sign_in.renew(signed_in(bench).credentials))
        assert read(bench).readable
    for secret in (tokens.access, tokens.refresh, bench.tokens().access, CLIENT_SECRET):
        assert secret not in caplog.text


def test_credentials_that_make_no_sense_ask_for_a_new_connection(bench: MicrosoftBench) -> None:
    for nonsense in ("", "{}", "[]", '{"access_token": "a", "refresh_token": "b", "expires_at": "soon"}'):
        bench.credentials.kept[bench.connection.id] = nonsense
        assert "Connect the calendar again" in str(read(bench).unreadable)


def test_many_who_sign_in_at_once_share_one_msal_and_nothing_else(bench: MicrosoftBench) -> None:
    people = [f"person{number}@fox.example" for number in range(8)]
    start = threading.Barrier(len(people))

    def sign_in(address: str) -> str:
        start.wait()
        return signed_in(bench, address).address

    with ThreadPoolExecutor(len(people)) as pool:
        assert list(pool.map(sign_in, people)) == people
    assert len(bench.authority.http.asked("GET", "/openid-configuration")) == 1


# ---------------------------------------------------------------- with the product's own credentials


def test_processes_that_renew_at_once_use_up_one_refresh_token(
    bench: MicrosoftBench, unit_of_work: UnitOfWorkFactory
) -> None:
    """Microsoft's refresh tokens rotate: whoever came second with the old one would break the connection."""
    connection = replace(bench.connection, credentials=bench.tokens().dump())
    with unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        unit.commit()
    bench.clock.advance(timedelta(hours=2))
    processes = [
        MicrosoftCalendar(
            bench.sign_in,
            StoredCredentials(unit_of_work, bench.clock),
            bench.clock,
            bench.rest,
            graph_url=bench.graph.url,
        )
        for _ in range(4)
    ]
    start = threading.Barrier(len(processes))

    def read_free_busy(process: MicrosoftCalendar) -> FreeBusy:
        start.wait()
        return process.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]

    with ThreadPoolExecutor(len(processes)) as pool:
        answers = list(pool.map(read_free_busy, processes))
    assert answers == [FreeBusy()] * len(processes)
    assert len(bench.authority.http.asked("POST", "/token")) == 1


def test_withdrawn_access_marks_the_stored_connection_as_broken(
    bench: MicrosoftBench, unit_of_work: UnitOfWorkFactory
) -> None:
    connection = replace(bench.connection, credentials=bench.tokens().dump())
    with unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        unit.commit()
    bench.authority.withdraw(DANAS_ADDRESS)
    credentials = StoredCredentials(unit_of_work, bench.clock)
    provider = MicrosoftCalendar(bench.sign_in, credentials, bench.clock, bench.rest, graph_url=bench.graph.url)
    assert provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id].unreadable
    with unit_of_work() as unit:
        kept = unit.connections.get(connection.id)
    assert kept is not None
    assert kept.state is ConnectionState.BROKEN
