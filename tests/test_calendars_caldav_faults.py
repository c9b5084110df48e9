"""Everything that can go wrong with a CalDAV server: not available, with its reason, and never free."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

import pytest

from bot.domain.calendar import Connection, FreeBusy
from bot.domain.intervals import Interval
from bot.errors import CalendarUnreadableError, DeliveryError
from tests import faulty_caldav as faults
from tests.caldav_bench import USER, KeptCredentials, a_connection, a_provider, an_object, now
from tests.caldav_servers import PASSWORD
from tests.calendar_contract import DEADLINES_S, MEETING, PATIENCE_S, WINDOW, an_event
from tests.faulty_caldav import CALENDAR, Exchange, Fault, FaultyCalDav

BUSY = an_object("DTSTART:20270301T120000Z", "DTEND:20270301T130000Z")
MULTISTATUS = '<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{}</multistatus>'
ENDLESS = {"no answer", "headers in drips", "a body in drips", "a chunk in drips"}
PART = "<response><href>/calendars/work/1.ics</href>{}</response>"

FAULTS: dict[str, tuple[Fault, str]] = {
    "400": (faults.status(400), "does not understand"),
    "401": (faults.status(401, WWW_Authenticate='Basic realm="x"'), "no longer accepts the password"),
    "401 digest": (faults.status(401, WWW_Authenticate='Digest realm="x"'), "other than user name and password"),
    "403": (faults.status(403), "(403)"),
    "404": (faults.status(404), "not there any more (404)"),
    "405": (faults.status(405), "(405)"),
    "410": (faults.status(410), "not there any more (410)"),
    "429": (faults.status(429, Retry_After="7"), "asks to wait (429)"),
    "500": (faults.status(500), "(500)"),
    "502": (faults.status(502), "(502)"),
    "503": (faults.status(503), "(503)"),
    "503 with Retry-After": (faults.status(503, Retry_After="Mon, 01 Mar 2027 08:01:00 GMT"), "asks to wait (503)"),
    "507": (faults.status(507), "(507)"),
    "200 instead of 207": (faults.body(MULTISTATUS.format(""), code=200), "not CalDAV's"),
    "204": (faults.status(204), "not CalDAV's"),
    "HTML instead of XML": (faults.body("<html><body>Please sign in</body></html>", "text/html"), "not CalDAV's"),
    "HTML that calls itself XML": (faults.body("<!DOCTYPE html><html></html>"), "not CalDAV's"),
    "XHTML": (faults.body("<html/>", "application/xhtml+xml"), "not CalDAV's"),
    "XML of the wrong type": (faults.body(MULTISTATUS.format(""), "text/plain"), "not CalDAV's"),
    "another XML": (faults.body("<feed/>"), "not CalDAV's"),
    "nothing": (faults.body(""), "not CalDAV's"),
    "half an answer": (faults.half, "broke off"),
    "half an answer without a length": (faults.half_without_length, "not CalDAV's"),
    "a bomb of entities": (
        faults.body('<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><multistatus xmlns="DAV:">&b;</multistatus>'),
        "not CalDAV's",
    ),
    "a resource without href": (faults.body(MULTISTATUS.format("<response/>")), "not CalDAV's"),
    "an encoding that nobody knows": (faults.body('<?xml version="1.0" encoding="klingon"?><a/>'), "not CalDAV's"),
    "hanging up": (faults.hang_up, "broke off"),
    "not HTTP": (faults.not_http, "broke off"),
    "more than anybody can take": (faults.endless, "too large"),
    "no answer": (faults.stall, "in time"),
    "headers in drips": (faults.drip_headers, "in time"),
    "a body in drips": (faults.drip_body, "in time"),
    "a chunk in drips": (faults.drip_chunk, "in time"),
    "a redirect to another host": (faults.redirect("http://127.0.0.2:1/"), "another host"),
    "a redirect to itself": (faults.redirect(CALENDAR), "not CalDAV's"),
    "a redirect to a URL that is broken": (faults.redirect("http://[/"), "not CalDAV's"),
    "a redirect to a port that is none": (faults.redirect("http://127.0.0.1:99999/"), "not CalDAV's"),
    "a broken URL of a resource": (
        faults.body(MULTISTATUS.format("<response><href>http://[/</href></response>")),
        "not CalDAV's",
    ),
    "a redirect to no URL": (faults.redirect("javascript:alert(1)"), "not CalDAV's"),
}
ONLY_IN_REPORTS: dict[str, tuple[str, str]] = {
    "an object that is gone": (PART.format("<status>HTTP/1.1 404 Not Found</status>"), "(404)"),
    "more than the server gives": (PART.format("<status>HTTP/1.1 507 Insufficient Storage</status>"), "(507)"),
    "a status that is none": (PART.format("<status>fine</status>"), "not CalDAV's"),
    "an object without its text": (
        PART.format("<propstat><prop><getetag>1</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>"),
        "cannot be read",
    ),
    "a text that was refused": (
        PART.format(
            "<propstat><prop><C:calendar-data/></prop><status>HTTP/1.1 403 Forbidden</status></propstat>"
            "<propstat><prop><getetag>1</getetag></prop><status>HTTP/1.1 200 OK</status></propstat>"
        ),
        "cannot be read",
    ),
}


@pytest.fixture
def server() -> Iterator[FaultyCalDav]:
    with faults.faulty_caldav() as server:
        server.objects = [BUSY]
        yield server


@pytest.fixture
def executor(server: FaultyCalDav) -> Iterator[Executor]:
    """Its threads outlive a late answer, so the server lets go before they are waited for."""
    executor = ThreadPoolExecutor(8)
    yield executor
    server.released.set()
    executor.shutdown()


def connected(server: FaultyCalDav, name: str = "caldav-dana") -> Connection:
    return a_connection(server.access.to_json(), name=name)


def answer(
    server: FaultyCalDav, executor: Executor, credentials: KeptCredentials | None = None, timeout_s: float = PATIENCE_S
) -> FreeBusy:
    connection = connected(server)
    provider = a_provider(executor, credentials)
    return provider.free_busy([connection], WINDOW, timeout_s=timeout_s)[connection.id]


def patience_s(fault: str) -> float:
    """Short only where the answer never comes: a busy machine must not mistake another fault for lateness."""
    return 0.3 if fault in ENDLESS else PATIENCE_S


def reason(found: FreeBusy) -> str:
    """Why it is unreadable: a short phrase for a person, without a URL or a name of a calendar."""
    assert found.busy == ()
    assert found.unreadable
    assert len(found.unreadable) < 120
    assert "http" not in found.unreadable
    assert "Work" not in found.unreadable
    return found.unreadable


def test_good_server_is_read(server: FaultyCalDav, executor: Executor) -> None:
    assert answer(server, executor).busy == (MEETING,)


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_not_available_and_has_its_reason(
    server: FaultyCalDav, executor: Executor, fault: str, method: str
) -> None:
    server.faults[method], expected = FAULTS[fault]
    assert expected in reason(answer(server, executor, timeout_s=patience_s(fault)))


@pytest.mark.parametrize("fault", ONLY_IN_REPORTS)
def test_part_of_an_answer_is_no_answer(server: FaultyCalDav, executor: Executor, fault: str) -> None:
    inner, expected = ONLY_IN_REPORTS[fault]
    server.faults["REPORT"] = faults.body(MULTISTATUS.format(inner))
    assert expected in reason(answer(server, executor))


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("fault", FAULTS)
def test_room_behind_a_fault_is_not_available(
    server: FaultyCalDav, executor: Executor, fault: str, method: str
) -> None:
    server.faults[method], _ = FAULTS[fault]
    found = a_provider(executor).free_busy_of(connected(server), [server.calendar], WINDOW, timeout_s=patience_s(fault))
    reason(found[server.calendar])


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - ENDLESS))
def test_fault_stops_what_is_written_and_read(server: FaultyCalDav, executor: Executor, fault: str) -> None:
    provider, connection = a_provider(executor), connected(server)
    server.faults["PROPFIND"], _ = FAULTS[fault]
    with pytest.raises(DeliveryError):
        provider.write(connection, an_event())
    with pytest.raises(DeliveryError):
        provider.cancel(connection, an_event())
    with pytest.raises(CalendarUnreadableError):
        provider.read(connection, "meeting-1@inviteonce")
    with pytest.raises(CalendarUnreadableError):
        provider.calendars(connection)


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_no_title(server: FaultyCalDav, executor: Executor, fault: str, method: str) -> None:
    server.faults[method], _ = FAULTS[fault]
    with pytest.raises(CalendarUnreadableError):
        a_provider(executor).titles(connected(server), WINDOW, timeout_s=patience_s(fault))


@pytest.mark.parametrize("code", [401, 403, 409, 423, 500, 503, 507])
def test_event_that_is_not_taken_is_not_delivered(server: FaultyCalDav, executor: Executor, code: int) -> None:
    server.faults["PUT"] = faults.status(code, WWW_Authenticate="Basic")
    with pytest.raises(DeliveryError):
        a_provider(executor).write(connected(server), an_event())


@pytest.mark.parametrize("code", [403, 500, 502])
def test_event_behind_an_error_is_not_a_deleted_one(server: FaultyCalDav, executor: Executor, code: int) -> None:
    server.faults["GET"] = faults.status(code)
    with pytest.raises(CalendarUnreadableError):
        a_provider(executor).read(connected(server), "meeting-1@inviteonce")


def test_event_that_cannot_even_be_searched_for_is_not_a_deleted_one(server: FaultyCalDav, executor: Executor) -> None:
    server.faults["REPORT"] = faults.status(500)
    with pytest.raises(CalendarUnreadableError):
        a_provider(executor).read(connected(server), "meeting-1@inviteonce")


def test_late_calendar_leaves_the_others_their_time(server: FaultyCalDav, executor: Executor) -> None:
    with faults.faulty_caldav() as slow:
        slow.faults["PROPFIND"] = faults.stall
        ours, theirs = connected(server), connected(slow, "caldav-slow")
        for timeout_s in DEADLINES_S:
            found = a_provider(executor).free_busy([theirs, ours], WINDOW, timeout_s=timeout_s)
            assert "in time" in reason(found[theirs.id])
            if found[ours.id].readable:
                break
    assert found[ours.id].busy == (MEETING,)


def test_one_unreadable_calendar_makes_the_account_unreadable(server: FaultyCalDav, executor: Executor) -> None:
    def second_is_broken(exchange: Exchange) -> None:
        exchange.reply(500) if exchange.path != CALENDAR else exchange.well()

    listing = "".join(
        f"<response><href>{href}</href><propstat><prop><resourcetype><C:calendar/></resourcetype></prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
        for href in (CALENDAR, "/calendars/private/")
    )
    server.faults = {"PROPFIND": faults.body(MULTISTATUS.format(listing)), "REPORT": second_is_broken}
    assert "(500)" in reason(answer(server, executor))


@pytest.mark.parametrize("code", [401, 403, 423, 500, 503, 507])
@pytest.mark.parametrize("where", ["<status>{0}</status>", "<propstat><prop>{1}</prop><status>{0}</status></propstat>"])
def test_calendar_that_the_list_gives_an_error_for_is_not_free(
    server: FaultyCalDav, executor: Executor, where: str, code: int
) -> None:
    """RFC 4918 section 13: in an answer of 207 each resource, and each property, has a status of its own."""
    hidden = where.format(f"HTTP/1.1 {code} No", "<resourcetype/><displayname/>")
    second = f"<response><href>/calendars/private/</href>{hidden}</response>"
    server.faults = {"PROPFIND": faults.body(MULTISTATUS.format(faults.LISTED + second))}
    assert f"({code})" in reason(answer(server, executor))


@pytest.mark.parametrize(
    "told", ["", "<propstat><prop><displayname/></prop><status>HTTP/1.1 200 OK</status></propstat>"]
)
def test_calendar_of_which_the_list_does_not_say_what_it_is_is_not_free(
    server: FaultyCalDav, executor: Executor, told: str
) -> None:
    """RFC 4918 section 9.1: every property that was asked for is in the answer, or why it is not."""
    second = f"<response><href>/calendars/private/</href>{told}</response>"
    server.faults = {"PROPFIND": faults.body(MULTISTATUS.format(faults.LISTED + second))}
    assert "not CalDAV" in reason(answer(server, executor))


@pytest.mark.parametrize("code", [404, 410])
def test_resource_that_goes_while_it_is_listed_is_no_trouble(
    server: FaultyCalDav, executor: Executor, code: int
) -> None:
    gone = f"<response><href>/calendars/gone/</href><status>HTTP/1.1 {code} No</status></response>"
    server.faults = {"PROPFIND": faults.body(MULTISTATUS.format(faults.LISTED + gone))}
    assert answer(server, executor).busy == (MEETING,)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("FREEBUSY:20270301T120000Z/PT1H", (MEETING,)),
        ("FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270301T120000Z/20270301T130000Z", (MEETING,)),
        ("FREEBUSY;FBTYPE=FREE:20270301T120000Z/PT1H", ()),
        ("FREEBUSY:20270301T120000/PT1H", None),
    ],
)
def test_period_without_a_zone_is_not_taken_for_this_machines_own(
    server: FaultyCalDav, executor: Executor, period: str, expected: tuple[Interval, ...] | None
) -> None:
    """Where only free/busy is shared: RFC 4791 section 7.10, RFC 5545 section 3.8.2.6."""

    def free_busy_alone(exchange: Exchange) -> None:
        if b"free-busy-query" not in exchange.body:
            return exchange.reply(403)
        lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VFREEBUSY", "DTSTART:20270101T000000Z")
        lines += ("DTEND:20280101T000000Z", period, "END:VFREEBUSY", "END:VCALENDAR", "")
        return exchange.reply(200, "\r\n".join(lines), {"Content-Type": "text/calendar"})

    server.faults["REPORT"] = free_busy_alone
    found = answer(server, executor)
    if expected is None:
        reason(found)
    else:
        assert (found.readable, found.busy) == (True, expected)


SECOND_HOME = "<C:calendar-home-set><href>/calendars/</href><href>/team/</href></C:calendar-home-set>"
OWN = "<resourcetype><collection/><C:calendar/></resourcetype><owner><href>/me/</href></owner>"


def test_calendars_of_all_homes_count(server: FaultyCalDav, executor: Executor) -> None:
    """An account may have several (RFC 4791 section 6.2.1)."""
    listed = MULTISTATUS.format(faults.PROPERTIES.format("/team/own/", OWN))
    server.objects, server.properties_of_folders = [], SECOND_HOME
    server.pages[("PROPFIND", "/team/")] = faults.body(listed)
    server.pages[("REPORT", "/team/own/")] = faults.with_objects(BUSY)
    provider = a_provider(executor)
    connection = a_connection(provider.sign_in(server.url, USER, PASSWORD).credentials)
    assert [info.id for info in provider.calendars(connection)] == [server.calendar, f"{server.url}/team/own/"]
    assert provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id].busy == (MEETING,)
    server.pages[("PROPFIND", "/team/")] = faults.status(500)
    assert "(500)" in reason(provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id])


def test_account_without_any_calendar_is_not_free(server: FaultyCalDav, executor: Executor) -> None:
    server.faults["PROPFIND"] = faults.body(MULTISTATUS.format(""))
    assert "no calendar" in reason(answer(server, executor))


def test_unknown_host_and_closed_port_are_not_free(server: FaultyCalDav, executor: Executor) -> None:
    for url in ("http://bad..host", "http://127.0.0.1:9"):
        access = json.loads(server.access.to_json()) | {"host": url[7:].partition(":")[0], "homes": [f"{url}/"]}
        connection = a_connection(json.dumps(access))
        found = a_provider(executor).free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
        assert "cannot be reached" in reason(found)


@pytest.mark.parametrize("stored", ["", "{}", "[]", '{"addresses": 1}', "null", '{"addresses": [], "more": 1}'])
def test_credentials_that_make_no_sense_are_not_free(executor: Executor, stored: str) -> None:
    connection = a_connection(stored)
    reason(a_provider(executor).free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id])


# ---------------------------------------------------------------- waiting, and passwords


def test_server_that_asks_to_wait_is_left_alone(server: FaultyCalDav, executor: Executor) -> None:
    server.faults["PROPFIND"] = faults.status(429, Retry_After="7")
    provider, connection = a_provider(executor), connected(server)
    for _ in range(3):
        assert "asks to wait" in reason(provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id])
    assert len(server.asked) == 1
    with pytest.raises(DeliveryError) as refused:
        provider.write(connection, an_event())
    assert refused.value.retry_at is not None
    assert 7 <= (refused.value.retry_at - now()).total_seconds() < 7 * 1.25
    assert not refused.value.permanent


def test_rejected_password_breaks_the_connection_once_it_is_certain(server: FaultyCalDav, executor: Executor) -> None:
    credentials = KeptCredentials()
    server.faults["PROPFIND"] = faults.status(401, WWW_Authenticate="Basic")
    assert "no longer accepts" in reason(answer(server, executor, credentials)).lower()
    assert credentials.broken == [connected(server).id]
    assert len(server.asked) == 2, "asked again before anything is called broken"


def test_single_401_breaks_nothing(server: FaultyCalDav, executor: Executor) -> None:
    def once(exchange: Exchange) -> None:
        del exchange.server.faults["PROPFIND"]
        exchange.reply(401, headers={"WWW-Authenticate": "Basic"})

    credentials = KeptCredentials()
    server.faults["PROPFIND"] = once
    assert answer(server, executor, credentials).busy == (MEETING,)
    assert credentials.broken == []


def test_password_that_was_replaced_meanwhile_is_used(server: FaultyCalDav, executor: Executor) -> None:
    def new_password_only(exchange: Exchange) -> None:
        # "dana@fox.example:new" in Base64
        if exchange.headers["Authorization"] != "Basic ZGFuYUBmb3guZXhhbXBsZTpuZXc=":
            credentials.stored[connected(server).id] = json.dumps(
                json.loads(server.access.to_json()) | {"password": "new"}
            )
            exchange.reply(401, headers={"WWW-Authenticate": "Basic"})
        else:
            exchange.well()

    credentials = KeptCredentials()
    server.faults["PROPFIND"] = new_password_only
    assert answer(server, executor, credentials).busy == (MEETING,)
    assert credentials.broken == []


def test_password_never_shows(server: FaultyCalDav) -> None:
    shown = repr(server.access) + repr(server.access.login)
    assert server.access.password not in shown
