"""Busy times of random calendars: ours are what Radicale's and Xandikos' own free-busy-query say (RFC 4791 7.10).

Known to be wrong, and therefore left to the other server or to an example of our own: Radicale takes all-day events
and floating times for UTC whatever the calendar's zone is, and both give a repeated all-day event without an end no
length. Xandikos passes over the added dates of an event without a rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.intervals import Interval, merge
from tests.caldav_bench import USER, a_connection, a_provider, an_object, stamp, zone_of_calendar
from tests.caldav_servers import PASSWORD, CalDavServer, radicale, xandikos
from tests.calendar_contract import PATIENCE_S, WINDOW

SERVERS = {"radicale": radicale, "xandikos": xandikos}
QUERY = (
    '<?xml version="1.0"?><C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
    f'<C:time-range start="{stamp(WINDOW.start)}" end="{stamp(WINDOW.end)}"/></C:free-busy-query>'
)


@pytest.fixture(scope="module", params=sorted(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as running:
        yield running


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


# ---------------------------------------------------------------- random calendars


FIRST_DAY = datetime(2027, 2, 15)  # noqa: DTZ001 - on the wall, in the event's own zone
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 4)),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={};BYDAY={}".format,
        st.integers(1, 3),
        st.lists(st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU")), min_size=1, unique=True).map(",".join),
    ),
    st.builds("FREQ=MONTHLY;BYDAY={}".format, st.sampled_from(("1MO", "2SU", "-1FR", "3WE"))),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from((1, 14, 28, 31, -1))),
    st.just("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    st.builds("FREQ=HOURLY;INTERVAL={}".format, st.integers(30, 60)),
    st.just("FREQ=YEARLY;BYMONTH=3;BYDAY=SU"),
)


@st.composite
def events(draw: st.DrawFn) -> Sequence[str]:
    """One event's lines: in a zone, in UTC, floating or all-day; once or repeated, with exceptions and changes."""
    day = FIRST_DAY + timedelta(days=draw(st.integers(0, 35)))
    flags = draw(
        st.sampled_from(
            ((), (), (), ("TRANSP:TRANSPARENT",), ("TRANSP:OPAQUE",), ("STATUS:TENTATIVE",), ("STATUS:CANCELLED",))
        )
    )
    if draw(st.integers(0, 4)) == 0:
        end = day + timedelta(days=draw(st.integers(1, 3)))
        lines = [f"DTSTART;VALUE=DATE:{day:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}", *flags]
        if draw(st.booleans()):
            lines.append(f"RRULE:FREQ=DAILY;INTERVAL={draw(st.integers(4, 9))};COUNT={draw(st.integers(1, 5))}")
        return lines

    rule = draw(st.one_of(st.none(), RULES))
    if rule is not None:
        # The first occurrence is one of the rule's: anything else is undefined (RFC 5545 3.8.5.3).
        day = next(iter(rrulestr(rule, dtstart=day)))
    # Neither in the nights of the clock changes nor over midnight: there the servers, and the RFC, disagree.
    zone = draw(st.sampled_from(ZONES))
    start = day + timedelta(minutes=15 * draw(st.integers(4 * 7, 4 * 19)))
    minutes = draw(st.sampled_from((15, 30, 60, 90, 240)))
    end = start + timedelta(minutes=minutes)
    prefix, suffix = draw(st.sampled_from(((f";TZID={zone}", ""), (f";TZID={zone}", ""), ("", "Z"), ("", ""))))

    def at(name: str, *walls: datetime) -> str:
        return f"{name}{prefix}:" + ",".join(f"{wall:%Y%m%dT%H%M%S}{suffix}" for wall in walls)

    lines = [at("DTSTART", start), draw(st.sampled_from((at("DTEND", end), f"DURATION:PT{minutes}M"))), *flags]
    if rule is None:
        return lines
    limit = draw(st.one_of(st.just(""), st.builds(";COUNT={}".format, st.integers(1, 30)), st.just("until")))
    until = start + timedelta(days=draw(st.integers(1, 40)))
    if limit == "until":  # in UTC where the start has a zone (RFC 5545 3.3.10), else as the start
        text = stamp(until.replace(tzinfo=UTC)) if prefix else f"{until:%Y%m%dT%H%M%S}{suffix}"
        limit = f";UNTIL={text}"
    lines.append(f"RRULE:{rule}{limit}")
    days = draw(st.lists(st.integers(0, 30), max_size=4, unique=True))
    if days:
        lines.append(at("EXDATE", *(start + timedelta(days=number) for number in days)))
    return lines


def told(server: CalDavServer, calendar: str) -> tuple[Interval, ...]:
    """The server's own answer, merged and cut to the window."""
    answer = server.ask("REPORT", calendar, USER, QUERY, {"Depth": "1"})
    (component,) = icalendar.Calendar.from_ical(answer).walk("VFREEBUSY")
    periods = component.get("FREEBUSY", [])
    return merge(
        Interval(max(period.start, WINDOW.start), min(period.end, WINDOW.end))
        for period in (periods if isinstance(periods, list) else [periods])
        if period.params.get("FBTYPE") != "FREE" and period.start < period.end
    )


@given(calendar=st.lists(events(), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_busy_times_are_what_the_server_says_itself(
    server: CalDavServer, executor: Executor, calendar: Sequence[Sequence[str]]
) -> None:
    url = server.new_calendar(USER, zone=zone_of_calendar("UTC"))  # where a whole day is the same to both
    for number, lines in enumerate(calendar):
        server.put(USER, url, an_object(*lines, uid=f"{number}@example"))
    provider = a_provider(executor)
    connection = a_connection(provider.sign_in(url, USER, PASSWORD).credentials, url)
    answer = provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert answer.unreadable is None
    assert answer.busy == told(server, url)
