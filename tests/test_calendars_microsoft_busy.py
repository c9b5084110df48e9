"""When people are busy, out of what Microsoft Graph says: every trap there is, and no fault that counts as free."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendars.microsoft import moments, schedules
from bot.calendars.microsoft.busy import united
from bot.calendars.microsoft.provider import MicrosoftCalendar
from bot.domain.calendar import Connection, FreeBusy
from bot.domain.intervals import Interval, merge
from bot.rest import RestError
from tests.calendar_contract import DEADLINES_S, HOUR, MEETING, MONDAY, NOON, PATIENCE_S, WINDOW
from tests.microsoft_bench import BERLIN, DANAS_ADDRESS, KeptCredentials, MicrosoftBench, microsoft_bench, midnight, utc
from tests.servers import DEADLINE_S
from tests.vendor_server import HALF, HALF_JSON, HTML, STALL, Request, Response

ATLAS = "atlas@fox.example"
STRANGER = "stranger@elsewhere.example"


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


def own(bench: MicrosoftBench, window: Interval = WINDOW, *calendars: str) -> FreeBusy:
    connection = bench.choose(*calendars)
    return bench.provider.free_busy([connection], window, timeout_s=PATIENCE_S)[connection.id]


def of(bench: MicrosoftBench, *addresses: str) -> dict[str, FreeBusy]:
    return dict(bench.provider.free_busy_of(bench.connection, addresses, WINDOW, timeout_s=PATIENCE_S))


# ---------------------------------------------------------------- what blocks


@pytest.mark.parametrize("show_as", ["tentative", "busy", "oof", "workingElsewhere", "unknown"])
def test_everything_but_free_blocks_by_schedule_and_by_event(bench: MicrosoftBench, show_as: str) -> None:
    bench.graph.mailbox(DANAS_ADDRESS).add(MEETING.start, MEETING.end, show_as="busy").show_as = show_as
    if show_as != "unknown":  # the merged view has no mark for it
        assert own(bench).busy == (MEETING,)
    assert own(bench, WINDOW, bench.mailbox.default).busy == (MEETING,)


def test_all_calendars_that_the_account_owns_count_and_nobody_elses(bench: MicrosoftBench) -> None:
    projects = bench.mailbox.add_calendar("Projects")
    theirs = bench.mailbox.add_calendar("Oli", owner="oli@fox.example")
    bench.mailbox.add(NOON, NOON + HOUR, calendar=projects)
    bench.mailbox.add(NOON + 2 * HOUR, NOON + 3 * HOUR, calendar=theirs)
    assert own(bench).busy == (MEETING,)


def test_a_calendar_of_which_graph_does_not_say_whose_it_is_counts(bench: MicrosoftBench) -> None:
    """`owner` is there "if set" (graph/api/resources/calendar)."""
    nobodys = bench.mailbox.calendars[bench.mailbox.add_calendar("Imported")]
    nobodys.owner, nobodys.can_share = "", False
    bench.mailbox.add(NOON, NOON + HOUR, calendar=nobodys.id)
    assert own(bench).busy == (MEETING,)


def test_only_the_chosen_calendars_count(bench: MicrosoftBench) -> None:
    projects = bench.mailbox.add_calendar("Projects")
    bench.mailbox.add(NOON, NOON + HOUR)
    bench.mailbox.add(NOON + 2 * HOUR, NOON + 3 * HOUR, calendar=projects)
    assert own(bench, WINDOW, projects).busy == (Interval(NOON + 2 * HOUR, NOON + 3 * HOUR),)
    assert len(own(bench, WINDOW, projects, bench.mailbox.default).busy) == 2


def test_a_chosen_calendar_that_is_gone_makes_the_account_unreadable(bench: MicrosoftBench) -> None:
    answer = own(bench, WINDOW, bench.mailbox.default, "AQMkGone")
    assert answer.busy == ()
    assert "does not know the calendar any more" in str(answer.unreadable)


def test_all_day_events_block_the_owners_day_in_every_calendar(bench: MicrosoftBench) -> None:
    projects = bench.mailbox.add_calendar("Projects")
    bench.mailbox.add_day(midnight(2027, 3, 28), calendar=projects)
    day = Interval(utc(2027, 3, 27, 23), utc(2027, 3, 28, 22))
    assert own(bench).busy == (day,)
    assert day.duration == timedelta(hours=23), "the clocks go forward in Berlin on that day"


@pytest.mark.parametrize("zone", ["UTC", "Customized Time Zone"])
def test_all_day_events_without_a_known_zone_block_the_day_of_anywhere(bench: MicrosoftBench, zone: str) -> None:
    item = bench.mailbox.add_day(midnight(2027, 3, 1), show_as="busy")
    item.zone = zone
    (found,) = own(bench, WINDOW, bench.mailbox.default).busy
    assert found == Interval(utc(2027, 2, 28, 10), utc(2027, 3, 2, 12))


def test_an_all_day_event_at_the_windows_edge_is_not_missed(bench: MicrosoftBench) -> None:
    bench.mailbox.zone = "Eastern Standard Time"
    bench.mailbox.add_day(midnight(2027, 3, 1))
    evening_there = Interval(utc(2027, 3, 2, 1), utc(2027, 3, 2, 2))
    assert own(bench, evening_there, bench.mailbox.default).busy != ()


def test_times_in_the_mailboxs_own_windows_zone_are_understood(bench: MicrosoftBench) -> None:
    """Where a server does not do what Prefer asks for; over the clock change of 28 March."""
    bench.graph.obeys_prefer = False
    for day in (26, 29):
        bench.mailbox.add(utc(2027, 3, day, 9), utc(2027, 3, day, 10))
    assert own(bench, WINDOW, bench.mailbox.default).busy == (
        Interval(utc(2027, 3, 26, 9), utc(2027, 3, 26, 10)),
        Interval(utc(2027, 3, 29, 9), utc(2027, 3, 29, 10)),
    )


def test_every_page_is_read(bench: MicrosoftBench) -> None:
    bench.graph.page_size = 7
    for hour in range(40):
        bench.mailbox.add(NOON + 2 * hour * HOUR, NOON + (2 * hour + 1) * HOUR)
    assert len(own(bench, WINDOW, bench.mailbox.default).busy) == 40


def test_a_personal_account_is_read_by_its_events(bench: MicrosoftBench) -> None:
    eva = bench.connect("eva@outlook.example", personal=True)
    bench.graph.mailbox("eva@outlook.example").add(NOON, NOON + HOUR)
    assert bench.provider.free_busy([eva], WINDOW, timeout_s=PATIENCE_S)[eva.id].busy == (MEETING,)
    assert bench.graph.http.asked("POST", "/getSchedule") == []
    answers = bench.provider.free_busy_of(eva, [DANAS_ADDRESS], WINDOW, timeout_s=PATIENCE_S)
    assert "personal" in str(answers[DANAS_ADDRESS].unreadable)


# ---------------------------------------------------------------- other people and rooms


def test_colleagues_and_rooms_are_read_as_far_as_they_share(bench: MicrosoftBench) -> None:
    bench.graph.mailbox(ATLAS, is_room=True).add(NOON, NOON + HOUR)
    bench.graph.mailbox("secret@fox.example", shares=False).add(NOON, NOON + HOUR)
    answers = of(bench, "Atlas@Fox.example", "oli@fox.example", "secret@fox.example", STRANGER, "not an address")
    assert answers["Atlas@Fox.example"].busy == (MEETING,)
    assert answers["oli@fox.example"] == FreeBusy()
    assert "not shared" in str(answers["secret@fox.example"].unreadable)
    assert "does not know this address" in str(answers[STRANGER].unreadable)
    assert "not an address" in str(answers["not an address"].unreadable)


def test_twenty_at_a_time_and_thirty_days_at_a_time(bench: MicrosoftBench) -> None:
    people = [f"person{number:02d}@fox.example" for number in range(45)]
    for address in people:
        bench.graph.mailbox(address).add(NOON, NOON + HOUR)
    assert {answer.busy for answer in of(bench, *people).values()} == {(MEETING,)}
    asked = [request.json() for request in bench.graph.http.asked("POST", "/getSchedule")]
    assert [len(one["schedules"]) for one in sorted(asked, key=str)] == [20, 20, 20, 20, 5, 5]
    spans = {(one["startTime"]["dateTime"], one["endTime"]["dateTime"]) for one in asked}
    assert spans == {("2027-02-22T00:00:00", "2027-03-24T00:00:00"), ("2027-03-24T00:00:00", "2027-04-05T00:00:00")}


@pytest.mark.parametrize("rest", [timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)])
def test_a_little_more_than_thirty_days_is_readable(bench: MicrosoftBench, rest: timedelta) -> None:
    """Graph refuses a window that is shorter than a mark of its view."""
    start = NOON - timedelta(days=30)
    bench.mailbox.add(NOON - HOUR, NOON + HOUR)
    window = Interval(start, NOON + rest)
    for asked in (
        bench.provider.free_busy([bench.connection], window, timeout_s=PATIENCE_S),
        bench.provider.free_busy_of(bench.connection, [DANAS_ADDRESS], window, timeout_s=PATIENCE_S),
    ):
        (answer,) = asked.values()
        assert answer.busy == (Interval(NOON - HOUR, NOON + HOUR),)


def test_no_mailbox_is_asked_more_than_four_things_at_a_time(bench: MicrosoftBench) -> None:
    for number in range(6):
        bench.mailbox.add_calendar(f"Calendar {number}")
    year = Interval(MONDAY, MONDAY + timedelta(days=360))
    four_are_there, arrived, lock = threading.Event(), 0, threading.Lock()
    plain = bench.graph.answer

    def slow(request: Request) -> Response:
        nonlocal arrived
        if not request.path.endswith("/calendars"):  # that one comes first, and alone
            with lock:
                arrived += 1
                if arrived == 4:
                    threading.Timer(0.05, four_are_there.set).start()  # a fifth would be there by then
            four_are_there.wait(DEADLINE_S)
        return plain(request)

    bench.graph.http.app = slow
    assert own(bench, year).readable
    assert bench.graph.http.peak == 4


def test_sharing_that_shows_no_items_still_blocks_by_its_view(bench: MicrosoftBench) -> None:
    shy = bench.graph.mailbox("shy@fox.example", view_only=True)
    shy.add(NOON, NOON + HOUR)
    shy.add(NOON + 2 * HOUR, NOON + 2 * HOUR + timedelta(minutes=7), show_as="tentative")
    assert of(bench, "shy@fox.example")["shy@fox.example"].busy == (
        MEETING,
        Interval(NOON + 2 * HOUR, NOON + 2 * HOUR + timedelta(minutes=10)),
    )


BUSY_ITEM = {
    "status": "Busy",
    "start": {"dateTime": "2027-03-01T12:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2027-03-01T13:00:00.0000000", "timeZone": "UTC"},
}


def scheduled(**facts: object) -> FreeBusy:
    day = Interval(MONDAY, MONDAY + timedelta(days=1))
    return schedules.answers({"value": [{"scheduleId": ATLAS, **facts}]}, [ATLAS], day)[ATLAS]


def test_an_item_between_the_views_marks_is_not_rounded(bench: MicrosoftBench) -> None:
    item = {**BUSY_ITEM, "end": {"dateTime": "2027-03-01T12:07:00.0000000", "timeZone": "UTC"}}
    view = "0" * 144 + "22" + "0" * 142
    assert scheduled(scheduleItems=[item], availabilityView=view).busy == (Interval(NOON, NOON + timedelta(minutes=7)),)


def test_what_the_view_shows_beside_the_items_blocks_too() -> None:
    view = "0" * 132 + "2" * 24 + "0" * 132
    assert scheduled(scheduleItems=[BUSY_ITEM], availabilityView=view).busy == (Interval(NOON - HOUR, NOON + HOUR),)


def test_a_view_of_another_raster_is_not_taken_at_our_word() -> None:
    assert scheduled(scheduleItems=[BUSY_ITEM], availabilityView="002200").busy == (MEETING,)
    assert scheduled(scheduleItems=[], availabilityView="000000").readable
    assert scheduled(scheduleItems=[], availabilityView="002200").unreadable


def test_a_free_item_is_free_however_it_is_spelled() -> None:
    for status in ("free", "Free"):
        assert scheduled(scheduleItems=[{**BUSY_ITEM, "status": status}]) == FreeBusy()


def test_an_item_outside_the_window_is_left_out() -> None:
    yesterday = (
        {"dateTime": "2027-02-28T12:00:00", "timeZone": "UTC"},
        {"dateTime": "2027-03-01T00:00:00", "timeZone": "UTC"},
    )
    assert scheduled(scheduleItems=[{**BUSY_ITEM, "start": yesterday[0], "end": yesterday[1]}]) == FreeBusy()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"availabilityView": "000"},
        {"scheduleItems": None, "availabilityView": None},
        {"scheduleItems": [{**BUSY_ITEM, "start": None}]},
        {"scheduleItems": [{**BUSY_ITEM, "start": {"dateTime": "2027-03-01T12:00:00.0000000"}}]},
        {"scheduleItems": [{**BUSY_ITEM, "start": {"dateTime": "soon", "timeZone": "UTC"}}]},
        {"scheduleItems": [{**BUSY_ITEM, "end": {"dateTime": "2027-03-01T11:00:00", "timeZone": "UTC"}}]},
        {"scheduleItems": [{**BUSY_ITEM, "start": {"dateTime": "2027-03-01T12:00:00", "timeZone": "Middle Earth"}}]},
        {"scheduleItems": [{key: BUSY_ITEM[key] for key in ("start", "end")}]},
        {"scheduleItems": "none"},
        {"error": {"message": "…", "responseCode": "ErrorProxyRequestProcessingFailed"}},
        {"error": {}, "scheduleItems": []},
        {"error": "yes"},
    ],
)
def test_a_schedule_that_makes_no_sense_is_unreadable(facts: dict[str, object]) -> None:
    answer = scheduled(**facts)
    assert answer.busy == ()
    assert answer.unreadable


def test_a_schedule_that_is_missing_is_unreadable() -> None:
    day = Interval(MONDAY, MONDAY + timedelta(days=1))
    value = {"value": [{"scheduleId": ATLAS, "scheduleItems": []}]}
    answers = schedules.answers(value, [ATLAS, DANAS_ADDRESS], day)
    assert answers[ATLAS].readable
    assert "only a part" in str(answers[DANAS_ADDRESS].unreadable)


@pytest.mark.parametrize("answer", [{}, {"value": None}, {"value": {}}, {"value": [1]}, {"value": [{}]}])
def test_an_answer_without_schedules_is_no_answer(answer: dict[str, object]) -> None:
    day = Interval(MONDAY, MONDAY + timedelta(days=1))
    try:
        found = schedules.answers(answer, [ATLAS], day)[ATLAS]
    except RestError:
        return
    assert found.unreadable


# ---------------------------------------------------------------- faults


FAULTS = {
    "401": (Response(401, {"error": {"code": "InvalidAuthenticationToken", "message": "…"}}), "sign-in"),
    "403": (Response(403, {"error": {"code": "ErrorAccessDenied", "message": "…"}}), "does not allow"),
    "404": (Response(404, {"error": {"code": "ErrorItemNotFound", "message": "…"}}), "does not know"),
    "no mailbox": (Response(404, {"error": {"code": "MailboxNotEnabledForRESTAPI", "message": "…"}}), "no mailbox"),
    "410": (Response(410, {"error": {"code": "gone", "message": "…"}}), "does not know"),
    "429": (Response(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": "120"}), "asks for a pause"),
    "500": (Response(500, {"error": {"code": "generalException"}}), "problem of its own"),
    "502": (Response(502, "<html>Bad Gateway</html>", {"Content-Type": "text/html"}), "problem of its own"),
    "503": (Response(503, None, {"Retry-After": "600"}), "problem of its own"),
    "302": (Response(302, None, {"Location": "https://login.example/"}), "did not accept"),
    "HTML": (HTML, "makes no sense"),
    "half an answer": (HALF, "broke off"),
    "half an object": (HALF_JSON, "makes no sense"),
    "a list": (Response(200, []), "makes no sense"),
    "null": (Response(200, b"null"), "makes no sense"),
    "nothing": (Response(200), "makes no sense"),
    "204": (Response(204), "makes no sense"),
    "no value": (Response(200, {"values": []}), "makes no sense"),
    "deep": (Response(200, b"[" * 100_000), "makes no sense"),
    "not UTF-8": (Response(200, b'{"value": "\xff"}'), "makes no sense"),
}


@pytest.mark.parametrize("path", ["/getSchedule", "/me/calendars", "/calendarView"])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_of_any_request_is_free(bench: MicrosoftBench, path: str, fault: str) -> None:
    response, words = FAULTS[fault]
    bench.mailbox.add_calendar("Projects")
    bench.graph.http.will_answer("", path, response)
    answer = own(bench)
    assert answer.busy == ()
    assert words in str(answer.unreadable)
    assert str(answer.unreadable).isprintable()
    if path == "/getSchedule":
        bench.credentials.broken.clear()
        assert {one.unreadable for one in of(bench, ATLAS, DANAS_ADDRESS).values()} == {answer.unreadable}


def test_one_fault_names_one_person_and_leaves_the_others_readable(bench: MicrosoftBench) -> None:
    bench.mailbox.has_mailbox = False
    answers = bench.provider.free_busy([bench.connection, bench.other], WINDOW, timeout_s=PATIENCE_S)
    assert "no mailbox" in str(answers[bench.connection.id].unreadable)
    assert answers[bench.other.id] == FreeBusy()


def test_one_chunk_that_fails_makes_the_whole_unreadable(bench: MicrosoftBench) -> None:
    bench.mailbox.add(NOON, NOON + HOUR)
    bench.graph.http.will_answer("POST", "/getSchedule", FAULTS["403"][0], times=1)
    answer = own(bench)
    assert answer.busy == ()
    assert answer.unreadable


def test_a_second_page_that_fails_makes_the_whole_unreadable(bench: MicrosoftBench) -> None:
    bench.graph.page_size = 1
    for hour in range(3):
        bench.mailbox.add(NOON + 2 * hour * HOUR, NOON + (2 * hour + 1) * HOUR)
    first = {"value": [], "@odata.nextLink": f"{bench.graph.url}/me/calendars/AQMkGone/calendarView"}
    bench.graph.http.will_answer("GET", f"{bench.mailbox.default}/calendarView", Response(200, first), times=1)
    assert own(bench, WINDOW, bench.mailbox.default).unreadable


@pytest.mark.parametrize("link", ["https://elsewhere.example/v1.0/me", "//elsewhere.example/", "/me", 7, {}])
def test_a_next_page_elsewhere_is_not_asked_for(bench: MicrosoftBench, link: object) -> None:
    page = {"value": [], "@odata.nextLink": link}
    bench.graph.http.will_answer("GET", "/calendarView", Response(200, page))
    assert "another server" in str(own(bench, WINDOW, bench.mailbox.default).unreadable)


def test_pages_without_an_end_are_given_up(bench: MicrosoftBench) -> None:
    page = {"value": [], "@odata.nextLink": f"{bench.graph.url}/me/calendars/x/calendarView"}
    bench.graph.http.will_answer("GET", "/calendarView", Response(200, page))
    assert "more events than can be read" in str(own(bench, WINDOW, bench.mailbox.default).unreadable)


def test_a_mailbox_without_a_default_calendar_is_no_answer(bench: MicrosoftBench) -> None:
    bench.graph.http.will_answer("GET", "/me/calendars", Response(200, {"value": []}))
    assert "only a part" in str(own(bench).unreadable)


@pytest.mark.parametrize(
    "wrong",
    [{"showAs": None}, {"start": None}, {"isAllDay": "no"}, {"end": {"dateTime": "x", "timeZone": "UTC"}}, None],
)
def test_an_event_that_makes_no_sense_makes_its_calendar_unreadable(bench: MicrosoftBench, wrong: object) -> None:
    good = {**{key: BUSY_ITEM[key] for key in ("start", "end")}, "isAllDay": False, "showAs": "busy"}
    event = {**good, **wrong} if isinstance(wrong, dict) else wrong
    bench.graph.http.will_answer("GET", "/calendarView", Response(200, {"value": [good, event]}))
    answer = own(bench, WINDOW, bench.mailbox.default)
    if wrong == {"isAllDay": "no"}:
        assert answer.busy != (), "nonsense that blocks rather than frees"
    else:
        assert answer.busy == ()
        assert "makes no sense" in str(answer.unreadable)


def test_who_does_not_answer_in_time_is_named_and_the_others_are_read(bench: MicrosoftBench) -> None:
    projects = bench.mailbox.add_calendar("Projects")
    chosen = replace(bench.connection, busy_calendars=(projects,))
    bench.graph.http.will_answer("GET", "/calendarView", STALL)
    for timeout_s in DEADLINES_S:
        answers = bench.provider.free_busy([chosen, bench.other], WINDOW, timeout_s=timeout_s)
        assert "did not answer in time" in str(answers[chosen.id].unreadable)
        if answers[bench.other.id].readable:
            break
    assert answers[bench.other.id] == FreeBusy()


def test_credentials_that_keep_us_waiting_do_not_keep_the_others(bench: MicrosoftBench) -> None:
    """Somebody else may be renewing them, for longer than anybody waits for an answer."""
    release = threading.Event()
    current = bench.credentials.current

    class Slow(KeptCredentials):
        def current(self, connection: Connection) -> str:
            if connection == bench.connection:
                release.wait(4 * DEADLINE_S)
            return current(connection)

    provider = MicrosoftCalendar(bench.sign_in, Slow(), bench.clock, bench.rest, graph_url=bench.graph.url)
    try:
        for timeout_s in DEADLINES_S:
            answers = provider.free_busy([bench.connection, bench.other], WINDOW, timeout_s=timeout_s)
            assert "did not answer in time" in str(answers[bench.connection.id].unreadable)
            if answers[bench.other.id].readable:
                break
    finally:
        release.set()
    assert answers[bench.other.id] == FreeBusy()


def test_no_answer_at_all_is_not_free() -> None:
    assert united([]).unreadable


def test_events_outside_the_window_are_left_out(bench: MicrosoftBench) -> None:
    bench.mailbox.add(NOON, NOON + HOUR)
    assert own(bench, Interval(NOON + HOUR, NOON + 2 * HOUR), bench.mailbox.default) == FreeBusy()


def test_nobody_listening_is_not_free() -> None:
    with microsoft_bench() as bench:
        connection = bench.connection
    answer = bench.provider.free_busy([connection], WINDOW, timeout_s=PATIENCE_S)[connection.id]
    assert answer.busy == ()
    assert "could not be reached" in str(answer.unreadable)


def test_a_pause_that_fits_is_made_and_the_answer_comes(bench: MicrosoftBench) -> None:
    pause = Response(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": "2"})
    bench.graph.http.will_answer("GET", "/calendarView", pause, times=2)
    assert own(bench, WINDOW, bench.mailbox.default).readable
    assert bench.pauses == [pytest.approx(2.1), pytest.approx(2.1)]


def test_a_pause_that_does_not_fit_is_not_made(bench: MicrosoftBench) -> None:
    bench.graph.http.will_answer("GET", "/calendarView", FAULTS["429"][0])
    assert own(bench, WINDOW, bench.mailbox.default).unreadable
    assert bench.pauses == []


def test_trouble_is_tried_again_with_growing_pauses(bench: MicrosoftBench) -> None:
    bench.graph.http.will_answer("GET", "/calendarView", Response(503), times=3)
    assert own(bench, WINDOW, bench.mailbox.default).readable
    assert bench.pauses == [pytest.approx(0.2), pytest.approx(0.4), pytest.approx(0.8)]


# ---------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("written", "zone", "instant"),
    [
        ("2027-03-01T14:00:00.0000000", "UTC", utc(2027, 3, 1, 14)),
        ("2027-03-01T14:00:00.1234567", "UTC", utc(2027, 3, 1, 14).replace(microsecond=123456)),
        ("2027-03-01T14:00:00", "tzone://Microsoft/Utc", utc(2027, 3, 1, 14)),
        ("2027-03-01T14:00", "UTC", utc(2027, 3, 1, 14)),
        ("2027-03-01T14:00:00.0000000", "Pacific Standard Time", utc(2027, 3, 1, 22)),
        ("2027-03-15T14:00:00.0000000", "Pacific Standard Time", utc(2027, 3, 15, 21)),
        ("2027-03-01T14:00:00.0000000", "Europe/Berlin", utc(2027, 3, 1, 13)),
        ("2027-03-01T14:00:00.0000000", "India Standard Time", utc(2027, 3, 1, 8, 30)),
        ("2027-03-01T14:00:00Z", "Pacific Standard Time", utc(2027, 3, 1, 14)),
        ("2027-03-01T14:00:00.5+02:00", "UTC", utc(2027, 3, 1, 12).replace(microsecond=500_000)),
    ],
)
def test_times_without_an_offset_are_meant_in_their_zone(written: str, zone: str, instant: datetime) -> None:
    assert moments.read({"dateTime": written, "timeZone": zone}) == instant


def test_an_hour_that_comes_twice_is_busy_for_both() -> None:
    start, end = ({"dateTime": f"2027-10-31T02:{minute}:00.0000000", "timeZone": BERLIN} for minute in ("10", "20"))
    assert moments.read(start) == utc(2027, 10, 31, 0, 10)
    assert moments.read(end, is_end=True) == utc(2027, 10, 31, 1, 20)


@given(
    st.datetimes(min_value=midnight(1970, 1, 1), max_value=midnight(2999, 1, 1)).map(lambda d: d.replace(microsecond=0))
)
def test_what_is_written_is_read(moment: datetime) -> None:
    instant = moment.replace(tzinfo=UTC)
    assert moments.read(moments.written(instant)) == instant


@given(st.integers(0, 200), st.integers(1, 10))
def test_chunks_are_the_window(days: int, minutes: int) -> None:
    window = Interval(MONDAY, MONDAY + timedelta(days=days, minutes=minutes))
    found = schedules.chunks(window)
    (whole,) = merge(found)
    assert whole.start == window.start
    assert timedelta() <= whole.end - window.end < timedelta(minutes=5), "at least as long as a mark of the view"
    assert all(timedelta(minutes=5) <= chunk.duration <= timedelta(days=30) for chunk in found)
    assert all(one.end == following.start for one, following in pairwise(found))
