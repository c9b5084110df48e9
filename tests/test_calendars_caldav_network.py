"""Which machines may be reached for a calendar, and whom the password is shown."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from bot.calendars.caldav.network import Guard
from bot.calendars.caldav.server import Login
from bot.errors import ConnectionRefusedByProviderError
from tests import faulty_caldav as faults
from tests.caldav_bench import LOOPBACK, USER, a_connection, a_provider
from tests.caldav_servers import PASSWORD
from tests.calendar_contract import MEETING, PATIENCE_S, WINDOW
from tests.faulty_caldav import CALENDAR, FaultyCalDav
from tests.test_calendars_caldav_faults import BUSY

NOBODY = Guard()
OFFICE = Guard([ipaddress.ip_network("10.20.0.0/16"), ipaddress.ip_network("fd00:20::/64")])


@pytest.fixture
def server() -> Iterator[FaultyCalDav]:
    with faults.faulty_caldav() as server:
        server.objects = [BUSY]
        yield server


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:20::1", "ff02::1", "ff0e::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"),
    ],
)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    assert not NOBODY.admits(ipaddress.ip_address(address), encrypted=True)
    assert not NOBODY.admits(ipaddress.ip_address(address), encrypted=False)


@pytest.mark.parametrize("address", ["17.248.1.1", "2620:149::1", "::ffff:17.248.1.1"])
def test_public_address_is_for_https_only(address: str) -> None:
    assert NOBODY.admits(ipaddress.ip_address(address), encrypted=True)
    assert not NOBODY.admits(ipaddress.ip_address(address), encrypted=False)


def test_listed_network_may_be_reached_and_by_http_too() -> None:
    for address in ("10.20.3.4", "fd00:20::7", "::ffff:10.20.3.4"):
        assert OFFICE.admits(ipaddress.ip_address(address), encrypted=True)
        assert OFFICE.admits(ipaddress.ip_address(address), encrypted=False)
    assert not OFFICE.admits(ipaddress.ip_address("10.21.0.1"), encrypted=True)


# ---------------------------------------------------------------- connections


def test_server_at_home_is_refused_when_signing_in_and_never_asked(server: FaultyCalDav, executor: Executor) -> None:
    for url in (
        server.url,
        server.url.replace("127.0.0.1", "localhost"),
        server.url.replace("127.0.0.1", "2130706433"),
    ):
        with pytest.raises(ConnectionRefusedByProviderError, match="not allowed here"):
            a_provider(executor, guard=NOBODY).sign_in(url, USER, PASSWORD)
    assert server.asked == []


def test_server_that_moves_home_later_is_not_available(server: FaultyCalDav, executor: Executor) -> None:
    connection = a_connection(server.access.to_json())
    found = a_provider(executor, guard=OFFICE).free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert "not allowed here" in str(found.unreadable)
    assert server.asked == []


def test_redirect_leads_into_no_other_network(server: FaultyCalDav, executor: Executor) -> None:
    """The guard lets us to 127.0.0.1 only; the redirect before the password leads to a neighbour."""
    narrow = Guard([ipaddress.ip_network("127.0.0.1/32")])
    with socket.create_server(("127.0.0.2", 0)) as neighbour:
        server.faults["PROPFIND"] = faults.redirect(f"http://127.0.0.2:{neighbour.getsockname()[1]}/")
        with pytest.raises(ConnectionRefusedByProviderError, match="not allowed here"):
            a_provider(executor, guard=narrow).sign_in(server.url, USER, PASSWORD)
        neighbour.settimeout(0.1)
        with pytest.raises(TimeoutError):
            neighbour.accept()


def test_name_with_one_forbidden_address_is_forbidden(executor: Executor, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that stands for a public and for a private address, as in DNS rebinding."""
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("17.248.1.1", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(ConnectionRefusedByProviderError, match="not allowed here"):
        a_provider(executor, guard=NOBODY).sign_in("https://rebinding.example.com/dav/", USER, PASSWORD)


# ---------------------------------------------------------------- the password


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("caldav.icloud.com", "p42-caldav.icloud.com"),
        ("p42-caldav.icloud.com", "p07-caldav.icloud.com"),
        ("example.com", "dav.example.com"),
        ("DAV.example.com", "dav.EXAMPLE.com"),
        ("dav.example.com", "example.com"),
    ],
)
def test_password_is_for_the_provider_that_was_found(host: str, other: str) -> None:
    assert Login(host, USER, PASSWORD).is_for(other)


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("caldav.icloud.com", "caldav.icloud.com.evil.example"),
        ("caldav.icloud.com", "evil-icloud.com"),
        ("dav.example.com", "evil.com"),
        ("dav.example.com", "com"),
        ("anna.github.io", "eve.github.io"),
        ("example.com", "notexample.com"),
    ],
)
def test_password_is_for_nobody_else(host: str, other: str) -> None:
    assert not Login(host, USER, PASSWORD).is_for(other)


def test_password_does_not_follow_a_redirect_to_another_host(server: FaultyCalDav, executor: Executor) -> None:
    with faults.faulty_caldav() as thief:
        away = thief.url.replace("127.0.0.1", "localhost")
        for method in ("PROPFIND", "REPORT"):
            server.faults = {method: faults.redirect(f"{away}{CALENDAR}")}
            connection = a_connection(server.access.to_json())
            found = a_provider(executor).free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
            assert "another host" in str(found.unreadable)
        assert thief.asked == []


def test_room_on_another_host_does_not_get_the_password(server: FaultyCalDav, executor: Executor) -> None:
    with faults.faulty_caldav() as thief:
        room = thief.calendar.replace("127.0.0.1", "localhost")
        reader = a_connection(server.access.to_json())
        found = a_provider(executor).free_busy_of(reader, [room], WINDOW, timeout_s=PATIENCE_S)[room]
        assert "another host" in str(found.unreadable)
        assert thief.asked == []


def test_redirect_within_the_host_is_followed_with_everything(server: FaultyCalDav, executor: Executor) -> None:
    def moved(exchange: faults.Exchange) -> None:
        exchange.well() if exchange.path == CALENDAR else exchange.reply(308, headers={"Location": CALENDAR})

    server.faults["REPORT"] = moved
    listing = server.access.to_json().replace(CALENDAR, "/old/")
    connection = a_connection(listing)
    found = a_provider(executor, guard=LOOPBACK).free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert found.busy == (MEETING,)


# ---------------------------------------------------------------- signing in


def test_well_known_address_is_asked_without_the_password(server: FaultyCalDav, executor: Executor) -> None:
    account = a_provider(executor).sign_in(server.url, USER, PASSWORD)
    (first, path, headers), *later = server.asked
    assert (first, path) == ("PROPFIND", "/.well-known/caldav")
    assert "Authorization" not in headers
    assert all("Authorization" in headers for _, _, headers in later)
    assert account.address == USER


@pytest.mark.parametrize("where", ["{}", "{}/", "{}/me/", "{}/calendars/", "{}/calendars/work/", "  {}/dav  "])
def test_account_is_found_from_a_host_a_principal_and_a_calendar(
    server: FaultyCalDav, executor: Executor, where: str
) -> None:
    provider = a_provider(executor)
    account = provider.sign_in(where.format(server.url), USER, PASSWORD)
    connection = a_connection(account.credentials)
    assert [info.id for info in provider.calendars(connection)] == [server.calendar]
    assert provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id].busy == (MEETING,)


def test_wrong_password_says_what_to_do(server: FaultyCalDav, executor: Executor) -> None:
    server.faults["PROPFIND"] = faults.status(401, WWW_Authenticate="Basic")
    with pytest.raises(ConnectionRefusedByProviderError, match="app password"):
        a_provider(executor).sign_in(server.url, USER, PASSWORD)


def test_server_without_basic_says_so(server: FaultyCalDav, executor: Executor) -> None:
    server.faults["PROPFIND"] = faults.status(401, WWW_Authenticate="Digest realm=x")
    with pytest.raises(ConnectionRefusedByProviderError, match="HTTP Basic"):
        a_provider(executor).sign_in(server.url, USER, PASSWORD)


@pytest.mark.parametrize("code", [403, 404, 405, 500, 503])
def test_nothing_there_says_what_to_do(server: FaultyCalDav, executor: Executor, code: int) -> None:
    server.faults["PROPFIND"] = faults.status(code)
    with pytest.raises(ConnectionRefusedByProviderError) as refused:
        a_provider(executor).sign_in(server.url, USER, PASSWORD)
    assert "127.0.0.1" in str(refused.value) or "try again" in str(refused.value)


@pytest.mark.parametrize(
    ("where", "user"),
    [("", "dana"), ("", ""), ("", "dana@"), ("ftp://example.com", USER), ("https://", USER), ("http://[", USER),
     ("https://u:p@example.com/", USER), ("https://example.com:99999/", USER), ("not a host", USER),
     ("javascript:alert(1)", USER)],
)  # fmt: skip
def test_what_is_no_server_is_refused_kindly(executor: Executor, where: str, user: str) -> None:
    with pytest.raises(ConnectionRefusedByProviderError):
        a_provider(executor).sign_in(where, user, PASSWORD)
