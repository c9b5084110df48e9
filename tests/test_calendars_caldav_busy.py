"""Busy times of random calendars: ours are what Radicale's and Xandikos' own free-busy-query say (RFC 4791 7.10).

Known to be wrong, and therefore left to the other server or to an example of our own: Radicale takes all-day events
and floating times for UTC whatever the calendar's zone is, and both give a repeated all-day event without an end no
length. Xandikos passes over the added dates of an event without a rule. Over a clock change, and only for an event that
lasts over it or begins in an hour that the clocks skip:

- Radicale adds a DURATION to the clock on the wall; hours and minutes are exact (RFC 5545 section 3.3.6).
- Both end every occurrence of an event with a rule at its DTEND's time on the wall; all of them last exactly as long as
  the first one (section 3.8.5.3). Where the wall's end is the later one, we take it as well.

The examples below hold our reading against theirs, so that nobody leaves out more than this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from dateutil.tz import datetime_exists
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


NIGHTS = {
    "America/New_York": datetime(2027, 3, 14),  # noqa: DTZ001 - on the wall, like all of these
    "Europe/Berlin": datetime(2027, 3, 28),  # noqa: DTZ001
    "Australia/Lord_Howe": datetime(2027, 4, 4),  # noqa: DTZ001 - back by half an hour
}
"""When clocks change within the window."""
FIRST_DAY = datetime(2027, 2, 15)  # noqa: DTZ001 - on the wall, in the event's own zone
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe")
LAST_DAY = datetime(2027, 4, 6)  # noqa: DTZ001
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


@dataclass(frozen=True)
class Drawn:
    """One event's lines, and whether an occurrence lasts over a clock change, or begins where there is no such time."""

    lines: Sequence[str]
    is_over_change: bool = False

    def is_told_wrongly_by(self, server: CalDavServer) -> bool:
        has_rule = any(line.startswith("RRULE") for line in self.lines)
        has_duration = any(line.startswith("DURATION") for line in self.lines)
        return self.is_over_change and (server.name == "radicale" if has_duration else has_rule)


def lasts_over_a_change(zone: str, first: datetime, length: timedelta, rule: str | None) -> bool:
    tz = ZoneInfo(zone)
    starts = [first] if rule is None else rrulestr(rule, dtstart=first).between(first, LAST_DAY, inc=True)
    return any(
        start.replace(tzinfo=tz).utcoffset() != (start + length).replace(tzinfo=tz).utcoffset()
        or not datetime_exists(start, tz)
        for start in starts
    )


@st.composite
def events(draw: st.DrawFn) -> Drawn:
    """In a zone, in UTC, floating or all-day; once or repeated, with exceptions and changes, by day and by night."""
    zone = draw(st.sampled_from(ZONES))
    day = FIRST_DAY + timedelta(days=draw(st.integers(0, 35)))
    if zone in NIGHTS and draw(st.integers(0, 2)) == 0:
        day = NIGHTS[zone] - timedelta(days=draw(st.integers(0, 2)))
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
        return Drawn(lines)

    rule = draw(st.one_of(st.none(), RULES))
    if rule is not None:
        # The first occurrence is one of the rule's: anything else is undefined (RFC 5545 3.8.5.3).
        day = next(iter(rrulestr(rule, dtstart=day)))
    start = day + timedelta(minutes=15 * draw(st.integers(0, 4 * 24 - 1)))
    minutes = draw(st.sampled_from((15, 30, 60, 90, 240)))
    end = start + timedelta(minutes=minutes)
    prefix, suffix = draw(st.sampled_from(((f";TZID={zone}", ""), (f";TZID={zone}", ""), ("", "Z"), ("", ""))))

    def at(name: str, *walls: datetime) -> str:
        return f"{name}{prefix}:" + ",".join(f"{wall:%Y%m%dT%H%M%S}{suffix}" for wall in walls)

    is_over_change = bool(prefix) and lasts_over_a_change(zone, start, timedelta(minutes=minutes), rule)
    lines = [at("DTSTART", start), draw(st.sampled_from((at("DTEND", end), f"DURATION:PT{minutes}M"))), *flags]
    if rule is None:
        return Drawn(lines, is_over_change)
    limit = draw(st.one_of(st.just(""), st.builds(";COUNT={}".format, st.integers(1, 30)), st.just("until")))
    until = start + timedelta(days=draw(st.integers(1, 40)))
    if limit == "until":  # in UTC where the start has a zone (RFC 5545 3.3.10), else as the start
        text = stamp(until.replace(tzinfo=UTC)) if prefix else f"{until:%Y%m%dT%H%M%S}{suffix}"
        limit = f";UNTIL={text}"
    lines.append(f"RRULE:{rule}{limit}")
    days = draw(st.lists(st.integers(0, 30), max_size=4, unique=True))
    if days:
        lines.append(at("EXDATE", *(start + timedelta(days=number) for number in days)))
    return Drawn(lines, is_over_change)


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
    server: CalDavServer, executor: Executor, calendar: Sequence[Drawn]
) -> None:
    told_rightly = [event.lines for event in calendar if not event.is_told_wrongly_by(server)]
    ours, theirs = both(server, executor, *told_rightly)
    assert ours == theirs


@pytest.mark.parametrize(
    ("lines", "starts_at", "hours", "wrong"),
    [
        (("DTSTART{}:20270313T230000", "DURATION:PT4H"), "20270314T040000Z", 4, ("radicale",)),
        (("DTSTART{}:20270314T023000", "DURATION:PT1H"), "20270314T073000Z", 1, ("radicale",)),
        (("DTSTART{}:20270313T230000", "DTEND{}:20270314T030000"), "20270314T040000Z", 3, ()),
        (
            (
                "DTSTART{}:20270312T230000",
                "DTEND{}:20270313T030000",
                "RRULE:FREQ=DAILY;COUNT=2",
                "EXDATE{}:20270312T230000",
            ),
            "20270314T040000Z",
            4,
            ("radicale", "xandikos"),
        ),
    ],
    ids=["a duration", "a duration in the skipped hour", "an end", "a rule with an end"],
)
def test_over_a_clock_change_the_standard_holds_and_the_servers_are_left_out_by_name(
    server: CalDavServer, executor: Executor, lines: Sequence[str], starts_at: str, hours: int, wrong: Sequence[str]
) -> None:
    """In New York, 23:00 to 03:00 in the night in which 02:00 is 03:00."""
    ours, theirs = both(server, executor, [line.replace("{}", ";TZID=America/New_York") for line in lines])
    start = datetime.strptime(starts_at, "%Y%m%dT%H%M%S%z")
    assert ours == (Interval(start, start + timedelta(hours=hours)),)
    assert (ours != theirs) == (server.name in wrong), "an exclusion that is needed no more, or another one"


def both(
    server: CalDavServer, executor: Executor, *calendar: Sequence[str]
) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """The busy times of these events as we read them, and as the server does."""
    url = server.new_calendar(USER, zone=zone_of_calendar("UTC"))  # where a whole day is the same to both
    for number, lines in enumerate(calendar):
        server.put(USER, url, an_object(*lines, uid=f"{number}@example"))
    provider = a_provider(executor)
    connection = a_connection(provider.sign_in(url, USER, PASSWORD).credentials, url)
    answer = provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert answer.unreadable is None
    return answer.busy, told(server, url)
