"""The CalDAV adapter against real servers, Radicale and Xandikos."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest

from bot.domain.calendar import EventStatus, PartStat
from bot.domain.ids import ConnectionId, UserId
from bot.domain.intervals import Interval
from bot.errors import ConnectionRefusedByProviderError, DeliveryError
from bot.icalendar import calendar_text
from tests.caldav_bench import USER, CalDavBench, a_connection, a_provider, an_object, stamp
from tests.caldav_servers import PASSWORD, CalDavServer, radicale, xandikos
from tests.calendar_contract import (
    MEETING,
    NOON,
    PATIENCE_S,
    WINDOW,
    Bench,
    CalendarContract,
    Kind,
    an_event,
    facts,
)
from tests.faulty_caldav import FaultyCalDav, faulty_caldav, status

PRIVILEGES = "<current-user-privilege-set><privilege>{}</privilege></current-user-privilege-set>"
SERVERS = {"radicale": radicale, "xandikos": xandikos}


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


@pytest.fixture
def faulty() -> Iterator[FaultyCalDav]:
    with faulty_caldav() as server:
        yield server


@pytest.fixture
def caldav(server: CalDavServer, executor: Executor, faulty: FaultyCalDav) -> CalDavBench:
    return CalDavBench(server, faulty, executor)


def test_all_calendars_of_the_account_count(server: CalDavServer, executor: Executor) -> None:
    """Nobody has chosen any: an event in either calendar blocks."""
    hour = timedelta(hours=1)
    first, second = (server.new_calendar("priya@fox.example") for _ in range(2))
    for calendar, start in ((first, NOON + 30 * hour), (second, NOON + 50 * hour)):
        lines = (f"DTSTART:{stamp(start)}", "DURATION:PT1H")
        server.put("priya@fox.example", calendar, an_object(*lines, uid=calendar[-9:-1]))
    provider = a_provider(executor)
    account = provider.sign_in(server.url, "priya@fox.example", PASSWORD)
    connection = a_connection(account.credentials)
    assert {first, second} <= {unquote(info.id) for info in provider.calendars(connection)}
    found = provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert {Interval(start, start + hour) for start in (NOON + 30 * hour, NOON + 50 * hour)} <= set(found.busy)


def test_room_is_read_by_its_url_and_a_folder_is_no_room(server: CalDavServer, caldav: CalDavBench) -> None:
    caldav.put(Kind.BUSY, MEETING)
    gone, folder = f"{server.home_of(USER)}gone/", server.home_of(USER)
    asked = [caldav.calendar, gone, folder]
    found = caldav.provider.free_busy_of(caldav.connection, asked, WINDOW, timeout_s=PATIENCE_S)
    assert found[caldav.calendar].busy == (MEETING,)
    assert found[gone].unreadable
    assert found[folder].unreadable


def test_calendar_that_may_be_read_and_not_written_is_told(server: CalDavServer, caldav: CalDavBench) -> None:
    own, gone = caldav.calendar, f"{server.home_of(USER)}gone/"
    shared = server.new_calendar("priya@fox.example") if server.name == "radicale" else ""
    asked = [address for address in (own, gone, shared) if address]
    seen = caldav.provider.free_busy_of(caldav.connection, asked, WINDOW, timeout_s=PATIENCE_S)
    assert [address for address in asked if seen[address].readable] == [address for address in (own, shared) if address]
    told = caldav.provider.read_only(caldav.connection, asked, timeout_s=PATIENCE_S)
    assert told == ([shared] if shared else []), "of one that is not there nothing is known"


@pytest.mark.parametrize(
    ("privileges", "is_told"),
    [
        ("", False),
        ("<current-user-privilege-set/>", True),
        (PRIVILEGES.format("<read/>"), True),
        (PRIVILEGES.format("<C:read-free-busy/>"), True),
        (PRIVILEGES.format("<write-content/>"), False),
        (PRIVILEGES.format("<all/>"), False),
    ],
)
def test_only_a_server_that_says_so_makes_a_calendar_read_only(
    faulty: FaultyCalDav, executor: Executor, privileges: str, is_told: bool
) -> None:
    faulty.properties = privileges
    provider, connection = a_provider(executor), a_connection(faulty.access.to_json())
    told = provider.read_only(connection, [faulty.calendar], timeout_s=PATIENCE_S)
    assert told == ([faulty.calendar] if is_told else [])


def test_server_that_fails_is_not_said_to_allow_reading_alone(faulty: FaultyCalDav, executor: Executor) -> None:
    faulty.properties = PRIVILEGES.format("<read/>")
    faulty.faults = {"PROPFIND": status(500)}
    connection = a_connection(faulty.access.to_json())
    assert a_provider(executor).read_only(connection, [faulty.calendar], timeout_s=PATIENCE_S) == []


def test_calendar_that_is_gone_is_not_free(server: CalDavServer, caldav: CalDavBench) -> None:
    server.ask("DELETE", caldav.calendar, USER)
    found = caldav.provider.free_busy([caldav.connection], WINDOW, timeout_s=PATIENCE_S)[caldav.connection.id]
    assert found.unreadable
    with pytest.raises(DeliveryError):
        caldav.provider.write(caldav.connection, an_event())


def test_event_under_another_name_is_found_and_updated(server: CalDavServer, caldav: CalDavBench) -> None:
    """Somebody's client has stored the invitation under a name of its own, with the same uid."""
    event = an_event()
    server.put(USER, caldav.calendar, calendar_text(event, None).decode(), "stored-by-a-client")
    assert facts(caldav.provider.read(caldav.connection, event.uid)) == facts(event)
    caldav.provider.cancel(caldav.connection, replace(event, sequence=1))
    stored = caldav.provider.read(caldav.connection, event.uid)
    assert stored is not None
    assert stored.status is EventStatus.CANCELLED
    assert caldav.provider.read(caldav.connection, event.uid[:-1]) is None


def test_older_copy_changes_nothing_and_a_cancelled_event_counts_up(caldav: CalDavBench) -> None:
    event = replace(an_event(), sequence=3)
    caldav.provider.write(caldav.connection, event)
    caldav.provider.write(caldav.connection, replace(event, sequence=2, start=event.start - timedelta(hours=5)))
    assert facts(caldav.provider.read(caldav.connection, event.uid)) == facts(event)
    caldav.provider.cancel(caldav.connection, event)
    stored = caldav.provider.read(caldav.connection, event.uid)
    assert stored is not None
    assert (stored.sequence, stored.status, stored.transparent) == (4, EventStatus.CANCELLED, True)


def test_answers_given_in_the_calendar_survive_a_repeated_delivery(caldav: CalDavBench) -> None:
    caldav.provider.write(caldav.connection, an_event())
    caldav.answer(an_event().uid, "anna@acme.com", PartStat.ACCEPTED)
    caldav.provider.write(caldav.connection, an_event())
    stored = caldav.provider.read(caldav.connection, an_event().uid)
    assert stored is not None
    assert [who.answer for who in stored.attendees if who.email == "anna@acme.com"] == [PartStat.ACCEPTED]


def test_place_is_the_collection_however_it_is_written(caldav: CalDavBench) -> None:
    provider, connection = caldav.provider, caldav.connection
    same = provider.place(connection)
    escaped = caldav.calendar.rstrip("/").replace("@", "%40") if "@" in caldav.calendar else caldav.calendar.rstrip("/")
    somebody = replace(connection, id=ConnectionId("another"), user_id=UserId("U0PRIYA"), write_calendar=escaped)
    assert provider.place(somebody) == provider.place(connection, caldav.calendar) == same
    assert provider.place(caldav.other) != same
    unchosen = replace(connection, write_calendar="")
    default = [info.id for info in provider.calendars(connection) if info.is_primary]
    assert provider.place(unchosen) == provider.place(connection, default[0])
    assert provider.place(replace(unchosen, credentials="nonsense")) != same


def test_wrong_password_is_refused(server: CalDavServer, executor: Executor) -> None:
    if server.name == "xandikos":  # it asks nobody for a password without TLS
        return
    with pytest.raises(ConnectionRefusedByProviderError, match="app password"):
        a_provider(executor).sign_in(server.url, USER, "wrong")


class TestContract(CalendarContract):
    @pytest.fixture
    def bench(self, caldav: CalDavBench) -> Bench:
        return caldav
