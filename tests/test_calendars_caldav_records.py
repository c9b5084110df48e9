"""CalDAV servers found by DNS (RFC 6764): asked of a real DNS server, and signed in to where the person agrees."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import dns.rcode
import pytest

from bot.calendars.caldav.network import Guard, guarded_pools
from bot.calendars.caldav.provider import CalDavCalendar
from bot.calendars.caldav.records import DnsServices, Service
from bot.calendars.caldav.server import Server
from bot.errors import ConnectionRefusedByProviderError, ServerToConfirmError
from tests import faulty_caldav as faults
from tests.caldav_bench import LOOPBACK, USER, KeptCredentials, now
from tests.caldav_servers import PASSWORD
from tests.dns_server import DnsServer, another_answer, cut, dns_server, garbage, refuse, silence
from tests.faulty_caldav import FaultyCalDav, faulty_caldav
from tests.servers import eventually

DOMAIN = "fox.example"
SECURE, PLAIN = f"_caldavs._tcp.{DOMAIN}.", f"_caldav._tcp.{DOMAIN}."
NOBODY = Guard()


@pytest.fixture
def names() -> Iterator[DnsServer]:
    with dns_server() as names:
        yield names


@pytest.fixture
def server() -> Iterator[FaultyCalDav]:
    with faulty_caldav() as server:
        yield server


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def find(names: DnsServer, *, plain: bool = False) -> list[Service]:
    return list(DnsServices(plain=plain, patience_s=20.0, resolver=names.resolver)(DOMAIN))


# ---------------------------------------------------------------- records


def test_server_and_its_path_are_found(names: DnsServer) -> None:
    names.records = {(SECURE, "SRV"): ["0 1 443 dav.fox.example."], (SECURE, "TXT"): ['"path=/dav/"']}
    [found] = find(names)
    assert found == Service("dav.fox.example", 443, "/dav/")
    assert found.root == "https://dav.fox.example"


def test_priority_goes_first_then_weight_and_three_are_enough(names: DnsServer) -> None:
    names.records[SECURE, "SRV"] = [
        "20 1 443 last.fox.example.",
        "10 1 8443 light.fox.example.",
        "10 60 443 heavy.fox.example.",
        "30 1 443 never.fox.example.",
    ]
    assert [one.root for one in find(names)] == [
        "https://heavy.fox.example",
        "https://light.fox.example:8443",
        "https://last.fox.example",
    ]


def test_service_that_is_said_not_to_be_there_is_not(names: DnsServer) -> None:
    names.records[SECURE, "SRV"] = ["0 0 0 ."]
    assert find(names) == []


@pytest.mark.parametrize("target", [r"a\032b.fox.example.", r"a\@b.fox.example.", r"a\/b.example.", "-a.example."])
def test_target_that_is_no_host_is_left_out(names: DnsServer, target: str) -> None:
    names.records[SECURE, "SRV"] = [f"0 1 443 {target}"]
    assert find(names) == []


@pytest.mark.parametrize(
    ("texts", "path"),
    [
        (['"path=/dav/"'], "/dav/"),
        (['"v=1" "PATH=/dav/"'], "/dav/"),
        (['"path=dav/"'], ""),
        (['"path=//evil.example/"'], "//evil.example/"),
        (['"path=/a b"'], ""),
        (['"path=/\\010"'], ""),
        (['"path=/\\228"'], ""),
        (['"v=spf1 -all"'], ""),
        ([], ""),
    ],
)
def test_path_is_taken_only_where_it_is_one(names: DnsServer, texts: list[str], path: str) -> None:
    names.records = {(SECURE, "SRV"): ["0 1 443 dav.fox.example."], (SECURE, "TXT"): texts}
    [found] = find(names)
    assert (found.host, found.path) == ("dav.fox.example", path)


def test_servers_without_tls_are_asked_for_only_where_they_are_allowed(names: DnsServer) -> None:
    names.records = {(PLAIN, "SRV"): ["0 1 8080 dav.fox.example."], (PLAIN, "TXT"): ['"path=/dav/"']}
    assert find(names) == []
    assert {name for name, _ in names.asked} == {SECURE}
    [found] = find(names, plain=True)
    assert (found.root, found.path) == ("http://dav.fox.example:8080", "/dav/")


FAULTS = {
    "no such name": None,
    "server failure": refuse(dns.rcode.SERVFAIL),
    "refused": refuse(dns.rcode.REFUSED),
    "no record": refuse(dns.rcode.NOERROR),
    "half an answer": cut,
    "garbage": garbage,
    "no answer": silence,
    "another answer": another_answer,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_looked_up_is_as_if_it_were_not_there(names: DnsServer, fault: str) -> None:
    names.fault = FAULTS[fault]
    assert list(DnsServices(patience_s=0.2, resolver=names.resolver)(DOMAIN)) == []
    eventually(lambda: names.asked != [], "the question arrives, though perhaps after we have given up")


@pytest.mark.parametrize("domain", ["bad..example", "x" * 64 + ".example", "a." * 200 + "example", "\ud800.example"])
def test_domain_that_cannot_be_is_asked_of_nobody(names: DnsServer, domain: str) -> None:
    assert list(DnsServices(resolver=names.resolver)(domain)) == []
    assert names.asked == []


def test_machine_without_a_resolver_finds_nothing() -> None:
    def broken() -> None:
        raise OSError("no resolv.conf")

    assert list(DnsServices(resolver=broken)(DOMAIN)) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "is_within"),
    [("fox.example", True), ("dav.fox.example", True), ("notfox.example", False), ("fox.example.evil.example", False)],
)
def test_only_names_of_the_domain_are_its_own(host: str, is_within: bool) -> None:
    assert Service(host, 443).is_within(DOMAIN) is is_within


# ---------------------------------------------------------------- signing in


@pytest.fixture
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of `.example` are this machine's."""
    resolve = socket.getaddrinfo

    def resolved(host: str, *given: object, **more: object) -> object:
        return resolve("127.0.0.1" if host.endswith(".example") else host, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def a_provider(names: DnsServer, executor: Executor, guard: Guard = LOOPBACK) -> CalDavCalendar:
    found = DnsServices(plain=guard is LOOPBACK, patience_s=20.0, resolver=names.resolver)
    return CalDavCalendar(Server(guarded_pools(guard), now), KeptCredentials(), executor, found)


@pytest.mark.usefixtures("on_loopback")
def test_account_is_found_at_the_server_that_the_domain_names(
    names: DnsServer, server: FaultyCalDav, executor: Executor
) -> None:
    names.records = {
        (PLAIN, "SRV"): [f"0 1 {server.server_port} dav.fox.example."],
        (PLAIN, "TXT"): ['"path=/calendars/"'],
    }
    account = a_provider(names, executor).sign_in("", USER, PASSWORD)
    assert account.address == USER
    assert "dav.fox.example" in account.credentials
    (method, path, headers), *_ = server.asked
    assert (method, path) == ("PROPFIND", "/calendars/")
    assert "Authorization" not in headers


@pytest.mark.usefixtures("on_loopback")
def test_without_a_path_the_well_known_address_of_that_server_is_asked(
    names: DnsServer, server: FaultyCalDav, executor: Executor
) -> None:
    names.records[PLAIN, "SRV"] = [f"0 1 {server.server_port} dav.fox.example."]
    a_provider(names, executor).sign_in(DOMAIN, USER, PASSWORD)
    assert server.asked[0][1] == "/.well-known/caldav"


@pytest.mark.usefixtures("on_loopback")
def test_server_elsewhere_is_shown_before_anything_is_sent_to_it(
    names: DnsServer, server: FaultyCalDav, executor: Executor
) -> None:
    names.records = {
        (PLAIN, "SRV"): [f"0 1 {server.server_port} dav.hoster.example."],
        (PLAIN, "TXT"): ['"path=/calendars/"'],
    }
    provider = a_provider(names, executor)
    with pytest.raises(
        ServerToConfirmError, match=r"fox\.example says that its calendars are at dav\.hoster\.ex"
    ) as asked:
        provider.sign_in("", USER, PASSWORD)
    assert asked.value.server == f"http://dav.hoster.example:{server.server_port}/calendars/"
    assert server.asked == []
    provider.sign_in(asked.value.server, USER, PASSWORD)
    assert server.asked


@pytest.mark.usefixtures("on_loopback")
def test_named_server_on_a_forbidden_address_is_not_connected_to(
    names: DnsServer, server: FaultyCalDav, executor: Executor
) -> None:
    names.records[SECURE, "SRV"] = [f"0 1 {server.server_port} dav.fox.example."]
    with pytest.raises(ConnectionRefusedByProviderError, match="not allowed here"):
        a_provider(names, executor, NOBODY).sign_in("", USER, PASSWORD)
    assert server.asked == []


@pytest.mark.usefixtures("on_loopback")
def test_named_server_that_is_away_leaves_the_other_ways(
    names: DnsServer, server: FaultyCalDav, executor: Executor
) -> None:
    """The first is out of order, the second has the account."""
    names.records[PLAIN, "SRV"] = ["0 1 9 away.fox.example.", f"1 1 {server.server_port} dav.fox.example."]
    assert a_provider(names, executor).sign_in("", USER, PASSWORD).address == USER


@pytest.mark.parametrize("where", ["http://127.0.0.1:{}", "127.0.0.1:{}", "http://127.0.0.1:{}/me/", "127.0.0.1"])
def test_address_that_is_given_in_full_is_not_looked_up(
    names: DnsServer, server: FaultyCalDav, executor: Executor, where: str
) -> None:
    provider = a_provider(names, executor)
    try:
        provider.sign_in(where.format(server.server_port), USER, PASSWORD)
    except ConnectionRefusedByProviderError:
        assert not where.startswith("http:")
    assert names.asked == []


def test_provider_that_everybody_knows_is_not_looked_up(
    names: DnsServer, executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **more: resolve("127.0.0.1", port, **more))
    with pytest.raises(ConnectionRefusedByProviderError, match="not allowed here"):
        a_provider(names, executor, NOBODY).sign_in("", "dana@icloud.com", PASSWORD)
    assert names.asked == []


@pytest.mark.usefixtures("on_loopback")
def test_wrong_password_is_wrong_at_the_named_server_too(
    names: DnsServer, server: FaultyCalDav, executor: Executor
) -> None:
    names.records[PLAIN, "SRV"] = [f"0 1 {server.server_port} dav.fox.example."]
    server.faults["PROPFIND"] = faults.status(401, WWW_Authenticate="Basic")
    with pytest.raises(ConnectionRefusedByProviderError, match="app password"):
        a_provider(names, executor).sign_in("", USER, PASSWORD)
