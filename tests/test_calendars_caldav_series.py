"""Single calendar objects as busy times: what random calendars do not hold, or servers disagree about."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.calendars.caldav.errors import UnreadableObjectError
from bot.calendars.caldav.objects import Owner
from bot.calendars.caldav.recurrence import Allowance
from bot.calendars.caldav.series import busy_times, titled_times
from bot.calendars.caldav.zones import Place
from bot.domain.intervals import Interval, merge
from tests.caldav_bench import USER, an_object, stamp
from tests.calendar_contract import WINDOW

NEW_YORK = Owner(Place(ZoneInfo("America/New_York")), frozenset({USER}))
SOMEWHERE = Owner(Place(None), frozenset({USER}))
AT_NINE = ("DTSTART;TZID=America/New_York:20270301T090000", "DURATION:PT1H")
NEXT_EVENT = ("END:VEVENT", "BEGIN:VEVENT", "UID:by-hand@example", "DTSTAMP:20270101T000000Z")


def busy(*lines: str, owner: Owner = NEW_YORK, window: Interval = WINDOW) -> list[str]:
    """The starts and ends, as `start/end` in UTC."""
    return spans(an_object(*lines), owner, window)


def spans(text: str, owner: Owner = NEW_YORK, window: Interval = WINDOW) -> list[str]:
    found = merge(busy_times(text, window, owner, Allowance()))
    return [f"{stamp(interval.start)}/{stamp(interval.end)}" for interval in found]


def test_occurrences_keep_their_wall_clock_time_over_the_clock_change() -> None:
    assert busy(*AT_NINE, "RRULE:FREQ=WEEKLY;COUNT=3") == [
        "20270301T140000Z/20270301T150000Z",
        "20270308T140000Z/20270308T150000Z",
        "20270315T130000Z/20270315T140000Z",
    ]


def test_night_of_the_clock_change_ends_with_the_later_reading() -> None:
    """22:00 to 06:00, eight hours on the wall: seven hours that night, and eight in every other, for whom it is told
    by the wall; by RFC 5545 the other nights would have seven too."""
    lines = ("DTSTART;TZID=America/New_York:20270313T220000", "DTEND;TZID=America/New_York:20270314T060000")
    assert busy(*lines, "RRULE:FREQ=DAILY;COUNT=2") == [
        "20270314T030000Z/20270314T100000Z",
        "20270315T020000Z/20270315T100000Z",
    ]


def test_days_of_a_duration_are_days_on_the_wall() -> None:
    assert busy("DTSTART;TZID=America/New_York:20270313T220000", "DURATION:P1DT1H") == [
        "20270314T030000Z/20270315T030000Z"
    ]


def test_time_that_the_clocks_skip_still_blocks() -> None:
    assert busy("DTSTART;TZID=America/New_York:20270314T023000", "DURATION:PT30M") == [
        "20270314T073000Z/20270314T080000Z"
    ]


def test_all_day_is_the_day_where_the_calendar_lives() -> None:
    assert busy("DTSTART;VALUE=DATE:20270314") == ["20270314T050000Z/20270315T040000Z"]
    assert busy("DTSTART;VALUE=DATE:20270312", "RRULE:FREQ=DAILY;COUNT=2") == ["20270312T050000Z/20270314T050000Z"]


def test_all_day_somewhere_blocks_the_day_everywhere() -> None:
    assert busy("DTSTART;VALUE=DATE:20270314", owner=SOMEWHERE) == ["20270313T100000Z/20270315T120000Z"]
    assert busy("DTSTART:20270314T090000", "DURATION:PT1H", owner=SOMEWHERE) == ["20270313T190000Z/20270314T220000Z"]


def test_object_may_say_where_its_times_are_meant() -> None:
    text = an_object("DTSTART:20270312T090000", "DURATION:PT1H").replace(
        "VERSION:2.0", "VERSION:2.0\r\nX-WR-TIMEZONE:Europe/Berlin"
    )
    assert spans(text, SOMEWHERE) == ["20270312T080000Z/20270312T090000Z"]
    assert spans(text, NEW_YORK) == ["20270312T140000Z/20270312T150000Z"]


def test_added_dates_and_periods_block() -> None:
    lines = (
        "RDATE;TZID=America/New_York:20270320T110000,20270321T110000",
        "RDATE;VALUE=PERIOD:20270322T110000Z/PT3H,20270323T110000Z/20270323T130000Z",
    )
    assert busy(*AT_NINE, *lines) == [
        "20270301T140000Z/20270301T150000Z",
        "20270320T150000Z/20270320T160000Z",
        "20270321T150000Z/20270321T160000Z",
        "20270322T110000Z/20270322T140000Z",
        "20270323T110000Z/20270323T130000Z",
    ]


def test_exception_in_utc_or_another_zone_is_the_same_instant() -> None:
    daily = (*AT_NINE, "RRULE:FREQ=DAILY;COUNT=3")
    assert busy(*daily, "EXDATE:20270302T140000Z", "EXDATE;TZID=Europe/Berlin:20270303T150000") == [
        "20270301T140000Z/20270301T150000Z"
    ]


def test_exception_that_fits_nothing_frees_nothing() -> None:
    assert len(busy(*AT_NINE, "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20270302", "EXDATE:20270303T140000")) == 3


def test_changed_occurrence_moves_and_may_be_released() -> None:
    series = (*AT_NINE, "RRULE:FREQ=DAILY;COUNT=3", *NEXT_EVENT)
    second = "RECURRENCE-ID;TZID=America/New_York:20270302T090000"
    moved = ("DTSTART;TZID=America/New_York:20270310T150000", "DURATION:PT2H")
    others = ["20270301T140000Z/20270301T150000Z", "20270303T140000Z/20270303T150000Z"]
    assert busy(*series, second, *moved) == [*others, "20270310T200000Z/20270310T220000Z"]
    assert busy(*series, "RECURRENCE-ID:20270302T140000Z", *moved, "TRANSP:TRANSPARENT") == others
    assert busy(*series, second, *moved, "STATUS:CANCELLED") == others
    assert busy(*series, second, *moved, f"ATTENDEE;PARTSTAT=DECLINED:MAILTO:{USER.upper()}") == others


def test_changed_occurrence_blocks_even_where_the_series_does_not() -> None:
    series = (*AT_NINE, "RRULE:FREQ=DAILY;COUNT=3", "TRANSP:TRANSPARENT", *NEXT_EVENT)
    assert busy(*series, "RECURRENCE-ID:20270302T140000Z", "DTSTART:20270302T140000Z", "DURATION:PT1H") == [
        "20270302T140000Z/20270302T150000Z"
    ]


def titles(*lines: str) -> list[str]:
    return [title for _, title in sorted(titled_times(an_object(*lines), WINDOW, NEW_YORK, Allowance()))]


def test_changed_occurrence_has_its_own_title() -> None:
    series = (*AT_NINE, "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Stand-up", *NEXT_EVENT)
    changed = ("RECURRENCE-ID:20270302T140000Z", "DTSTART:20270302T140000Z", "DURATION:PT1H")
    assert titles(*series, *changed, "SUMMARY:Farewell\\, Ben") == ["Stand-up", "Farewell, Ben", "Stand-up"]
    assert titles(*series, *changed, "SUMMARY:Dentist", "CLASS:PRIVATE") == ["Stand-up", "", "Stand-up"]
    assert titles(*series[:-4], "CLASS:PRIVATE", *NEXT_EVENT, *changed, "SUMMARY:Dentist") == ["", "", ""]


@pytest.mark.parametrize("kind", ["PRIVATE", "CONFIDENTIAL", "private", "X-FAMILY"])
def test_what_is_not_for_everybody_is_not_shown(kind: str) -> None:
    assert titles(*AT_NINE, "SUMMARY:Dentist", f"CLASS:{kind}") == [""]
    assert busy(*AT_NINE, "SUMMARY:Dentist", f"CLASS:{kind}") != []
    assert titles(*AT_NINE, "SUMMARY:Release", "CLASS:PUBLIC") == ["Release"]


def test_changed_occurrence_without_its_series_is_an_event() -> None:
    assert busy("RECURRENCE-ID:20270302T140000Z", "DTSTART:20270302T140000Z", "DURATION:PT1H") == [
        "20270302T140000Z/20270302T150000Z"
    ]


def test_only_the_owners_own_no_counts() -> None:
    assert busy(*AT_NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:somebody@else.example") != []
    assert busy(*AT_NINE, f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{USER}") != []
    declined = f"ATTENDEE;PARTSTAT=DECLINED:mailto:{USER}"
    assert busy(*AT_NINE, declined) == []
    assert busy(*AT_NINE, declined, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{USER}") != [], "invited twice, and coming"
    assert busy(*AT_NINE, declined, f"ATTENDEE:mailto:{USER.upper()}") != [], "invited twice, and yet to answer"


def test_event_without_length_keeps_nobody_busy() -> None:
    assert busy("DTSTART:20270301T090000Z") == []
    assert busy("DTSTART:20270301T090000Z", "DTEND:20270301T090000Z") == []


def test_old_series_still_blocks_today() -> None:
    assert len(busy("DTSTART:19990301T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")) == 42
    assert len(busy("DTSTART:19990301T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;INTERVAL=2")) == 3
    assert len(busy("DTSTART:19990301T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=20000")) == 42


def test_long_event_that_began_before_the_window_blocks() -> None:
    window = Interval(datetime(2027, 3, 10, tzinfo=UTC), datetime(2027, 3, 11, tzinfo=UTC))
    lines = ("DTSTART;VALUE=DATE:20270105", "DTEND;VALUE=DATE:20270401", "RRULE:FREQ=YEARLY")
    assert busy(*lines, window=window) == ["20270105T050000Z/20270401T040000Z"]


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("W. Europe Standard Time", "20270301T080000Z"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "20270301T080000Z"),
        ("/example.org/20270101_1/America/Argentina/Buenos_Aires", "20270301T120000Z"),
    ],
)
@pytest.mark.filterwarnings("ignore::icalendar.error.GloballyUniqueTZIDGuessed")
def test_zone_may_have_other_names(zone: str, start: str) -> None:
    assert busy(f'DTSTART;TZID="{zone}":20270301T090000', "DURATION:PT1H")[0].startswith(start)


def test_zone_of_an_object_is_its_own_and_nobody_elses() -> None:
    def with_offset(offset: str) -> str:
        definition = (
            "BEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
            f"TZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        )
        text = an_object('DTSTART;TZID="Home":20270301T090000', "DURATION:PT1H")
        return text.replace("BEGIN:VEVENT", f"{definition}BEGIN:VEVENT")

    assert spans(with_offset("+0300")) == ["20270301T060000Z/20270301T070000Z"]
    assert spans(with_offset("-0500")) == ["20270301T140000Z/20270301T150000Z"]


UNREADABLE = {
    "no start": ("DURATION:PT1H",),
    "a broken start": ("DTSTART:tomorrow", "DURATION:PT1H"),
    "two starts": ("DTSTART:20270301T090000Z", "DTSTART:20270302T090000Z", "DURATION:PT1H"),
    "a start that is a duration": ("DTSTART:PT1H", "DURATION:PT1H"),
    "a broken end": ("DTSTART:20270301T090000Z", "DTEND:later"),
    "an end before the start": ("DTSTART:20270301T090000Z", "DTEND:20270301T080000Z"),
    "a negative duration": ("DTSTART:20270301T090000Z", "DURATION:-PT1H"),
    "a duration that is a date": ("DTSTART:20270301T090000Z", "DURATION:20270301T100000Z"),
    "a rule without frequency": (*AT_NINE, "RRULE:BYDAY=MO"),
    "a rule of no sense": (*AT_NINE, "RRULE:FREQ=SOMETIMES"),
    "a rule with a step of nothing": (*AT_NINE, "RRULE:FREQ=DAILY;INTERVAL=0"),
    "a rule of another calendar": (*AT_NINE, "RRULE:RSCALE=CHINESE;FREQ=YEARLY;SKIP=FORWARD"),
    "a rule with an unknown part": (*AT_NINE, "RRULE:FREQ=DAILY;X-EVERY=OTHER"),
    "every second": ("DTSTART:20270101T000000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY"),
    "every second from time to time": (*AT_NINE, "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
    "every second of some days": (
        *AT_NINE,
        "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60)))
        + ";BYSECOND=" + ",".join(map(str, range(60))),
    ),
    "every minute since long ago, counted": (
        "DTSTART:20000101T000000Z", "DURATION:PT1M", "RRULE:FREQ=MINUTELY;COUNT=999999999",
    ),
    "a broken exception": (*AT_NINE, "RRULE:FREQ=DAILY", "EXDATE:yesterday"),
    "a broken added date": (*AT_NINE, "RDATE:some day"),
    "an added day to a time": (*AT_NINE, "RDATE;VALUE=DATE:20270305"),
    "a zone that nobody defines": ("DTSTART;TZID=Nowhere/At All:20270301T090000", "DURATION:PT1H"),
    "a change to all that follow": (
        *AT_NINE, "RRULE:FREQ=DAILY", *NEXT_EVENT, "RECURRENCE-ID;RANGE=THISANDFUTURE:20270302T140000Z", *AT_NINE,
    ),
    "a broken change": (*AT_NINE, "RRULE:FREQ=DAILY", *NEXT_EVENT, "RECURRENCE-ID:then", *AT_NINE),
    "a line of no sense": (*AT_NINE, "and so on"),
    "a year of no sense": ("DTSTART:00000101T000000Z", "DURATION:PT1H"),
}  # fmt: skip


@pytest.mark.parametrize("fault", sorted(UNREADABLE))
def test_object_of_no_sense_is_unreadable_not_empty(fault: str) -> None:
    began = time.thread_time()
    with pytest.raises(UnreadableObjectError):
        busy(*UNREADABLE[fault])
    assert time.thread_time() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\r\n",
        "<html></html>",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270301T090000Z\r\nEND:VEVENT\r\n",
        an_object(*AT_NINE)[:-30],
        an_object(*AT_NINE).replace("END:VEVENT\r\n", ""),
        "/etc/hostname",
    ],
)
def test_text_that_is_no_calendar_is_unreadable_not_empty(text: str) -> None:
    with pytest.raises(UnreadableObjectError):
        spans(text)


def test_rule_for_a_day_that_never_comes_ends() -> None:
    began = time.thread_time()
    assert busy(*AT_NINE, "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30") == ["20270301T140000Z/20270301T150000Z"]
    assert busy(*AT_NINE, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=5") == ["20270301T140000Z/20270301T150000Z"]
    with pytest.raises(UnreadableObjectError):  # some more of them in one calendar are no accident
        busy(*AT_NINE, *["RRULE:FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=3"] * 3)
    assert time.thread_time() - began < 60


def test_other_lines_of_no_sense_do_no_harm() -> None:
    lines = ("X-VENDOR;=:1", "GEO:nowhere", "PRIORITY:high", "CREATED:long ago", "ATTACH;VALUE=BINARY:%%")
    assert len(busy(*AT_NINE, *lines[1:])) == 1


def test_a_years_worth_of_meetings_is_read_in_good_time() -> None:
    allowance = Allowance()
    began = time.thread_time()
    for number in range(300):
        text = an_object("DTSTART:20170301T090000Z", "DURATION:PT15M", "RRULE:FREQ=DAILY", uid=str(number))
        assert sum(1 for _ in busy_times(text, WINDOW, NEW_YORK, allowance)) == 42
    assert time.thread_time() - began < 10


def test_end_of_time_is_far_away() -> None:
    assert busy("DTSTART;VALUE=DATE:99991230", "RRULE:FREQ=DAILY") == []


def test_window_is_half_open() -> None:
    start = datetime(2027, 3, 1, 14, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert busy(*AT_NINE, window=Interval(start + hour, start + 2 * hour)) == []
    assert busy(*AT_NINE, window=Interval(start - hour, start)) == []
