"""Free/busy objects (VFREEBUSY) that somebody keeps in a calendar: they count, as RFC 4791 section 7.10 has it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.calendar import FreeBusy
from bot.domain.intervals import Interval
from tests import faulty_caldav as faults
from tests.caldav_bench import USER, a_connection, a_provider, an_object
from tests.caldav_servers import PASSWORD, xandikos
from tests.calendar_contract import HOUR, MEETING, NOON, PATIENCE_S, WINDOW
from tests.faulty_caldav import Exchange, FaultyCalDav

EVENT = an_object("DTSTART:20270301T150000Z", "DTEND:20270301T160000Z")
LATER = Interval(NOON + 3 * HOUR, NOON + 4 * HOUR)
ONLY = "<C:supported-calendar-component-set>{}</C:supported-calendar-component-set>"
EVENTS_ALONE = ONLY.format('<C:comp name="VEVENT"/><C:comp name="VTODO"/>')
BOTH = ONLY.format('<C:comp name="VEVENT"/><C:comp name="VFREEBUSY"/>')


def an_object_with(*periods: str) -> str:
    """As a client stores it; without DTSTART and DTEND, which need not be there."""
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VFREEBUSY", "UID:times@example")
    lines += ("DTSTAMP:20270101T000000Z", "ORGANIZER:mailto:dana@fox.example", *periods)
    return "\r\n".join((*lines, "END:VFREEBUSY", "END:VCALENDAR", ""))


@pytest.fixture
def server() -> Iterator[FaultyCalDav]:
    with faults.faulty_caldav() as server:
        yield server


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def answer(server: FaultyCalDav, executor: Executor) -> FreeBusy:
    connection = a_connection(server.access.to_json())
    return a_provider(executor).free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]


def queries(server: FaultyCalDav) -> int:
    return [method for method, _, _ in server.asked].count("REPORT")


def test_they_count_at_a_real_server(tmp_path: Path, executor: Executor) -> None:
    with xandikos(tmp_path) as server:
        url = server.new_calendar(USER)
        server.put(USER, url, an_object_with("FREEBUSY:20270301T120000Z/PT1H"))
        server.put(USER, url, EVENT)
        provider = a_provider(executor)
        connection = a_connection(provider.sign_in(url, USER, PASSWORD).credentials, url)
        found = provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
        assert found == FreeBusy(busy=(MEETING, LATER))
        assert provider.free_busy_of(connection, [url], WINDOW, timeout_s=PATIENCE_S)[url] == found
        besides = provider.busy_besides(connection, ["by-hand@example"], WINDOW, timeout_s=PATIENCE_S)
        assert list(besides) == [MEETING]


@pytest.mark.parametrize(
    ("period", "busy"),
    [
        ("FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20270301T120000Z/20270301T130000Z", (MEETING,)),
        ("FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270301T120000Z/PT1H", (MEETING,)),
        ("FREEBUSY;FBTYPE=X-NEW:20270301T120000Z/PT1H", (MEETING,)),
        ("FREEBUSY:20270301T120000Z/PT1H,20270301T150000Z/PT1H", (MEETING, LATER)),
        ("FREEBUSY;FBTYPE=FREE:20270301T120000Z/PT1H", ()),
        ("FREEBUSY:20200301T120000Z/PT1H", ()),
        ("COMMENT:Nothing is known", ()),
    ],
)
def test_every_period_that_is_not_free_blocks(
    server: FaultyCalDav, executor: Executor, period: str, busy: tuple[Interval, ...]
) -> None:
    server.objects = [an_object_with(period)]
    assert answer(server, executor) == FreeBusy(busy=busy)


@pytest.mark.parametrize(
    "period",
    [
        "FREEBUSY:20270301T120000/PT1H",
        "FREEBUSY:20270301T120000Z",
        "FREEBUSY:soon",
        "FREEBUSY:20270301T130000Z/20270301T120000Z",
        "FREEBUSY:20270301T120000Z/-PT1H",
    ],
)
def test_what_is_not_understood_is_not_free(server: FaultyCalDav, executor: Executor, period: str) -> None:
    server.objects = [EVENT, an_object_with(period)]
    assert "cannot be read" in str(answer(server, executor).unreadable)


@pytest.mark.parametrize(("properties", "asked"), [("", 2), (ONLY.format(""), 2), (BOTH, 2), (EVENTS_ALONE, 1)])
def test_they_are_asked_for_where_they_may_be_kept(
    server: FaultyCalDav, executor: Executor, properties: str, asked: int
) -> None:
    """Everything may be where the server does not say (RFC 4791 section 5.2.3)."""
    server.properties, server.objects = properties, [EVENT]
    assert answer(server, executor) == FreeBusy(busy=(LATER,))
    assert queries(server) == asked


@pytest.mark.parametrize("code", [400, 500, 501, 503])
def test_question_that_is_refused_is_not_free(server: FaultyCalDav, executor: Executor, code: int) -> None:
    server.properties, server.objects = BOTH, [EVENT]
    server.faults["REPORT"] = lambda exchange: exchange.reply(code) if exchange.kind == "VFREEBUSY" else exchange.well()
    assert f"({code})" in str(answer(server, executor).unreadable)


def test_server_that_cannot_look_for_them_is_asked_for_its_own_sum(server: FaultyCalDav, executor: Executor) -> None:
    """`supported-filter` is a 403 (RFC 4791 section 7.8); a free-busy-query counts them by itself."""

    def unfiltered(exchange: Exchange) -> None:
        if b"free-busy-query" in exchange.body:
            covering = ("DTSTART:20270101T000000Z", "DTEND:20280101T000000Z", "FREEBUSY:20270301T120000Z/PT1H")
            exchange.reply(200, an_object_with(*covering), {"Content-Type": "text/calendar"})
        elif exchange.kind == "VFREEBUSY":
            exchange.reply(403)
        else:
            exchange.well()

    server.faults["REPORT"] = unfiltered
    assert answer(server, executor) == FreeBusy(busy=(MEETING,))
