"""Our event in a Google calendar: written once, kept as it should be, read back with what people and rooms did."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.calendar import Attendee, Event, EventStatus, PartStat
from bot.domain.ids import new_id
from bot.errors import CalendarUnreadableError, DeliveryError
from tests.calendar_contract import DAY, HOUR, an_event
from tests.google_bench import COLLEAGUE, OWNER, GoogleBench, benched
from tests.google_server import Reply, as_json, error

ROOM = Attendee("Atlas", "atlas@resource.example", is_room=True)
MEETING_ID = new_id()
EVENT = replace(an_event(f"{MEETING_ID}@inviteonce"), attendees=(*an_event().attendees, ROOM))
MEET = replace(EVENT, conference="meet")
LINK = "https://meet.google.com/abc-defg-hij"


@pytest.fixture
def bench() -> Iterator[GoogleBench]:
    with benched() as bench:
        yield bench


def written(bench: GoogleBench, event: Event = EVENT) -> dict[str, Any]:
    """Write it; the event as Google has it then."""
    bench.provider.write(bench.connection, event)
    return bench.event(event.uid)


def read(bench: GoogleBench, event: Event = EVENT) -> Event:
    found = bench.provider.read(bench.connection, event.uid)
    assert found is not None
    return found


def answers(event: Event) -> dict[str, PartStat]:
    return {attendee.email: attendee.answer for attendee in event.attendees}


# ---------------------------------------------------------------- writing


def test_id_is_the_meetings_own_and_the_ical_uid_is_googles(bench: GoogleBench) -> None:
    assert written(bench)["id"] == MEETING_ID
    (insert,) = bench.google.requests("POST")
    assert "iCalUID" not in insert.body


@pytest.mark.parametrize("uid", ["x@inviteonce", "Meeting-Ä@inviteonce", "zzzzzz@inviteonce", ""])
def test_any_uid_makes_an_id_that_google_takes(bench: GoogleBench, uid: str) -> None:
    event = replace(EVENT, uid=uid)
    bench.provider.write(bench.connection, event)
    assert read(bench, event).uid == uid


def test_google_tells_everybody(bench: GoogleBench) -> None:
    written(bench)
    written(bench, replace(EVENT, sequence=1, start=EVENT.start + HOUR, end=EVENT.end + HOUR))
    bench.provider.cancel(bench.connection, replace(EVENT, sequence=2))
    assert bench.google.told == ["POST all", "PATCH all", "PATCH none", "deleted all"]


def test_nobody_is_told_twice(bench: GoogleBench) -> None:
    for _ in range(3):
        written(bench, MEET)
    for _ in range(3):
        bench.provider.cancel(bench.connection, replace(MEET, sequence=1))
    assert [line for line in bench.google.told if line.endswith("all")] == ["POST all", "deleted all"]


def test_event_goes_where_the_connection_writes(bench: GoogleBench) -> None:
    work = bench.google.calendar(OWNER, "work@group.example")
    connection = replace(bench.connection, write_calendar=work.id)
    bench.provider.write(connection, EVENT)
    assert list(work.events) == [MEETING_ID]
    assert bench.own.events == {}
    assert bench.provider.read(connection, EVENT.uid) is not None


def test_calendar_of_somebody_else_is_not_written(bench: GoogleBench) -> None:
    bench.others.readers.add(OWNER)
    with pytest.raises(DeliveryError, match="Choose another one in Setup"):
        bench.provider.write(bench.connection, EVENT, calendar=bench.others.id)


def test_whoever_holds_the_event_takes_part_and_the_others_are_asked(bench: GoogleBench) -> None:
    guests = {guest["email"]: guest for guest in written(bench)["attendees"]}
    assert guests[OWNER]["responseStatus"] == "accepted"
    assert guests["anna@acme.com"]["responseStatus"] == "needsAction"
    assert guests[ROOM.email]["resource"] is True


def test_optional_and_transparent_are_said(bench: GoogleBench) -> None:
    event = replace(EVENT, attendees=(Attendee("", "carl@fox.example", optional=True),), transparent=True)
    assert written(bench, event)["attendees"] == [
        {"email": "carl@fox.example", "responseStatus": "needsAction", "optional": True}
    ]
    found = read(bench, event)
    assert found.transparent
    assert found.attendees[0].optional


def test_older_version_changes_nothing(bench: GoogleBench) -> None:
    written(bench, replace(EVENT, sequence=2, location="Booth"))
    assert written(bench)["location"] == "Booth"
    assert len(bench.google.told) == 1


def test_event_that_somebody_changed_is_written_again(bench: GoogleBench) -> None:
    event = written(bench)
    event |= {"summary": "Lunch", "start": {"date": "2027-03-02"}, "end": {"date": "2027-03-03"}, "colorId": "7"}
    event["attendees"].pop(0)
    event.pop("location")
    written(bench)
    found = read(bench)
    assert (found.summary, found.start, found.end, found.location) == (
        EVENT.summary,
        EVENT.start,
        EVENT.end,
        EVENT.location,
    )
    assert set(answers(found)) == {attendee.email for attendee in EVENT.attendees}
    assert event["colorId"] == "7"  # what is not ours stays
    assert "date" not in event["start"]


def test_answers_outlive_a_change_of_words_but_not_of_time(bench: GoogleBench) -> None:
    written(bench)
    bench.answer(EVENT.uid, "anna@acme.com", PartStat.ACCEPTED)
    guests = (*EVENT.attendees, Attendee("Carl", "carl@fox.example"))
    written(bench, replace(EVENT, sequence=1, summary="Roadmap", attendees=guests))
    assert answers(read(bench))["anna@acme.com"] is PartStat.ACCEPTED
    later = replace(EVENT, sequence=2, start=EVENT.start + DAY, end=EVENT.end + DAY, attendees=guests[1:])
    written(bench, later)
    moved = [request.body for request in bench.google.requests("PATCH")][-1]
    assert {guest["email"]: guest["responseStatus"] for guest in moved["attendees"]}["anna@acme.com"] == "needsAction"


def test_deleted_event_keeps_its_id_and_is_brought_back(bench: GoogleBench) -> None:
    written(bench)
    bench.delete(EVENT.uid)
    assert written(bench)["status"] == "confirmed"
    assert read(bench).status is EventStatus.CONFIRMED
    assert len(bench.own.events) == 1


def test_older_copy_does_not_bring_back_what_was_cancelled(bench: GoogleBench) -> None:
    written(bench)
    bench.provider.cancel(bench.connection, replace(EVENT, sequence=1))
    assert written(bench)["status"] == "cancelled"


def test_cancelling_what_was_deleted_by_hand_is_done(bench: GoogleBench) -> None:
    written(bench)
    bench.delete(EVENT.uid)
    bench.provider.cancel(bench.connection, replace(EVENT, sequence=1))
    assert bench.google.told == ["POST all", "PATCH none"]


def test_deleted_event_that_may_not_be_touched_is_cancelled_all_the_same(bench: GoogleBench) -> None:
    written(bench)
    bench.delete(EVENT.uid)
    bench.google.go_wrong("PATCH", error(403, "forbidden"))
    bench.provider.cancel(bench.connection, replace(EVENT, sequence=1))


# ---------------------------------------------------------------- 409


def hidden_at_first(bench: GoogleBench, times: int = 1) -> None:
    """Google does not show the event at first, as when two workers write it at once."""
    bench.google.go_wrong("GET .*/events/", error(404, "notFound"), times)


def test_taken_id_is_success_only_if_the_event_is_there_as_it_should_be(bench: GoogleBench) -> None:
    written(bench)
    hidden_at_first(bench)
    written(bench)
    assert bench.google.told == ["POST all"]


def test_taken_id_of_a_moved_event_moves_it_back(bench: GoogleBench) -> None:
    event = written(bench)
    event["start"] = {"dateTime": "2027-03-01T18:00:00Z"}
    hidden_at_first(bench)
    written(bench)
    assert read(bench).start == EVENT.start


def test_taken_id_of_a_deleted_event_brings_it_back(bench: GoogleBench) -> None:
    written(bench)
    bench.delete(EVENT.uid)
    hidden_at_first(bench)
    assert written(bench)["status"] == "confirmed"


def test_taken_id_of_an_event_that_is_not_shown_is_tried_again_later(bench: GoogleBench) -> None:
    """With another id there could be two events for one Meeting."""
    written(bench)
    hidden_at_first(bench, times=2)
    with pytest.raises(DeliveryError, match="does not show it") as caught:
        written(bench)
    assert not caught.value.permanent
    assert len(bench.own.events) == 1


def test_insert_whose_answer_was_lost_is_not_done_twice(bench: GoogleBench) -> None:
    bench.provider.write(bench.connection, EVENT)
    bench.google.go_wrong("POST .*/events", replace(as_json(200, {"id": "x" * 99}), cut=True), times=1)
    second = replace(EVENT, uid=f"{new_id()}@inviteonce")
    bench.provider.write(bench.connection, second)
    assert len(bench.own.events) == 2


def test_many_writers_make_one_event(bench: GoogleBench) -> None:
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(bench.provider.write, bench.connection, MEET) for _ in range(16)]:
            future.result()
    assert len(bench.own.events) == 1
    assert bench.google.told == ["POST all"]


# ---------------------------------------------------------------- Meet


def test_meet_is_asked_for_by_an_id_of_the_meetings(bench: GoogleBench) -> None:
    written(bench, MEET)
    (insert,) = bench.google.requests("POST")
    assert insert.query["conferenceDataVersion"] == ["1"]
    assert insert.body["conferenceData"]["createRequest"] == {
        "requestId": f"{MEETING_ID}-1",
        "conferenceSolutionKey": {"type": "hangoutsMeet"},
    }


def test_link_is_there_as_soon_as_google_has_made_it(bench: GoogleBench) -> None:
    written(bench, MEET)
    first, second = read(bench, MEET), read(bench, MEET)
    assert (first.conference, first.join_url) == ("meet", "")
    assert (second.conference, second.join_url) == ("meet", LINK)


def test_conference_outlives_a_move(bench: GoogleBench) -> None:
    written(bench, MEET)
    for _ in range(2):
        read(bench, MEET)
    written(bench, replace(MEET, sequence=1, start=MEET.start + HOUR, end=MEET.end + HOUR))
    assert read(bench, MEET).join_url == LINK
    assert [request.query["conferenceDataVersion"] for request in bench.google.requests("PATCH")] == [["0"]]


def test_conference_that_failed_is_asked_for_by_a_new_id(bench: GoogleBench) -> None:
    bench.google.meet = "failure"
    written(bench, MEET)
    for _ in range(2):
        assert read(bench, MEET).join_url == ""
    bench.google.meet = "success"
    written(bench, MEET)
    for _ in range(2):
        last = read(bench, MEET)
    assert last.join_url == LINK
    assert bench.event(MEET.uid)["conferenceData"]["createRequest"]["requestId"] == f"{MEETING_ID}-2"


def test_conference_under_way_is_not_asked_for_again(bench: GoogleBench) -> None:
    bench.google.meet = "pending"
    for _ in range(3):
        written(bench, MEET)
    assert bench.google.requests("PATCH") == []


def test_event_without_meet_has_no_conference(bench: GoogleBench) -> None:
    written(bench)
    found = read(bench)
    assert (found.conference, found.join_url) == ("", "")


# ---------------------------------------------------------------- reading


def test_what_people_and_rooms_answered(bench: GoogleBench) -> None:
    written(bench)
    bench.answer(EVENT.uid, "anna@acme.com", PartStat.TENTATIVE)
    found = read(bench)
    assert answers(found) == {
        OWNER: PartStat.ACCEPTED,
        "anna@acme.com": PartStat.TENTATIVE,
        ROOM.email: PartStat.ACCEPTED,
    }
    assert [attendee.is_room for attendee in found.attendees] == [False, False, True]
    assert found.organizer.email == OWNER


def test_sequence_is_ours(bench: GoogleBench) -> None:
    written(bench, replace(EVENT, sequence=3))
    assert read(bench).sequence == 3


ELEVEN = datetime(2027, 3, 14, 15, 0, tzinfo=UTC)
EDGES: dict[str, tuple[dict[str, str], datetime]] = {
    "with an offset": ({"dateTime": "2027-03-14T11:00:00-04:00"}, ELEVEN),
    "with an offset beside a zone": ({"dateTime": "2027-03-14T11:00:00-04:00", "timeZone": "Asia/Tokyo"}, ELEVEN),
    "naive with a zone": ({"dateTime": "2027-03-14T11:00:00", "timeZone": "America/New_York"}, ELEVEN),
    "naive in the calendar's zone": ({"dateTime": "2027-03-14T11:00:00"}, ELEVEN),
    "with a fraction": ({"dateTime": "2027-03-14T15:00:00.000Z"}, ELEVEN),
    "a day of the calendar": ({"date": "2027-03-14"}, datetime(2027, 3, 14, 5, tzinfo=UTC)),
    "a day of another zone": ({"date": "2027-03-14", "timeZone": "UTC"}, datetime(2027, 3, 14, tzinfo=UTC)),
}


@pytest.mark.parametrize("name", EDGES)
def test_time_is_understood(bench: GoogleBench, name: str) -> None:
    edge, instant = EDGES[name]
    bench.google.go_wrong("GET .*/events/", as_json(200, {**written(bench), "start": edge}))
    assert read(bench).start == instant


def test_all_day_event_lasts_the_owners_days(bench: GoogleBench) -> None:
    """23 hours in New York, on the day the clocks go forward."""
    event = written(bench)
    event |= {"start": {"date": "2027-03-14"}, "end": {"date": "2027-03-15"}}
    found = read(bench)
    assert found.end - found.start == timedelta(hours=23)


SENSELESS: dict[str, dict[str, Any]] = {
    "no start": {"start": None},
    "start that is none": {"start": "now"},
    "neither time nor date": {"start": {}},
    "no time at all": {"start": {"dateTime": "soon"}},
    "unknown zone": {"start": {"dateTime": "2027-03-14T11:00:00", "timeZone": "Mars/Olympus"}},
    "zone that is a path": {"start": {"dateTime": "2027-03-14T11:00:00", "timeZone": "../../etc/passwd"}},
    "before all time": {"end": {"dateTime": "0001-01-01T00:00:00+14:00"}},
    "attendees left out": {"attendeesOmitted": True},
    "attendees that are none": {"attendees": ["anna@acme.com"]},
    "addresses that are none": {"attendees": [{"email": 7}]},
    "words that are none": {"summary": ["Lunch"]},
    "another event": {"id": "somebodyelses"},
}


@pytest.mark.parametrize("name", SENSELESS)
def test_event_that_makes_no_sense_is_unreadable(bench: GoogleBench, name: str) -> None:
    event = {**written(bench), **SENSELESS[name]}
    bench.google.go_wrong("GET .*/events/", as_json(200, event))
    with pytest.raises(CalendarUnreadableError):
        read(bench)


@pytest.mark.parametrize("name", sorted(set(SENSELESS) - {"attendees left out", "another event"}))
def test_event_that_makes_no_sense_is_written_again(bench: GoogleBench, name: str) -> None:
    event = {**written(bench), **SENSELESS[name]}
    bench.google.go_wrong("GET .*/events/", as_json(200, event), times=1)
    written(bench)
    assert bench.google.told == ["POST all", "PATCH all"]
    assert answers(read(bench)).keys() == answers(EVENT).keys()


def test_every_script_comes_back_as_it_was_written(bench: GoogleBench) -> None:
    event = replace(
        EVENT, summary="打ち合わせ 🤝 “Ünïcode” & <b>", description="Ω\n\ttab", location="\u202eright to left"
    )
    written(bench, event)
    found = read(bench, event)
    assert (found.summary, found.description, found.location) == (event.summary, event.description, event.location)


def test_calendar_id_may_hold_what_an_address_may_not(bench: GoogleBench) -> None:
    odd = bench.google.calendar(OWNER, "a/b?c#d%20e@group.example")
    bench.provider.write(bench.connection, EVENT, calendar=odd.id)
    assert list(odd.events) == [MEETING_ID]


def test_deleted_event_of_which_only_the_id_is_left_is_not_there(bench: GoogleBench) -> None:
    bench.google.go_wrong("GET .*/events/", as_json(200, {"id": MEETING_ID, "status": "cancelled"}))
    assert bench.provider.read(bench.connection, EVENT.uid) is None


def test_cancelled_event_is_told_from_one_that_never_was(bench: GoogleBench) -> None:
    written(bench)
    bench.delete(EVENT.uid)
    found = read(bench)
    assert found.status is EventStatus.CANCELLED
    assert found.transparent


# ---------------------------------------------------------------- what the outbox hears


@pytest.mark.parametrize(
    ("reply", "is_permanent"),
    [
        (error(400, "invalid"), True),
        (error(403, "forbidden"), True),
        (error(403, "insufficientPermissions"), False),
        (error(404, "notFound"), False),
        (error(500, "backendError"), False),
        (Reply(200, b"<html>"), False),
    ],
)
def test_permanent_is_what_trying_again_cannot_mend(bench: GoogleBench, reply: Reply, is_permanent: bool) -> None:
    bench.google.go_wrong("POST .*/events", reply)
    with pytest.raises(DeliveryError) as caught:
        written(bench)
    assert caught.value.permanent is is_permanent


def test_googles_wish_for_a_pause_reaches_the_outbox(bench: GoogleBench) -> None:
    bench.google.go_wrong("GET", replace(error(429, "rateLimitExceeded"), headers={"retry-after": "120"}))
    with pytest.raises(DeliveryError) as caught:
        written(bench)
    assert caught.value.retry_at == bench.clock() + timedelta(minutes=2)


def test_event_in_a_calendar_that_the_account_has_no_more_is_not_known_to_be_gone(bench: GoogleBench) -> None:
    """Google has one answer for both: no such event, and no such calendar for you."""
    projects = bench.google.calendar(OWNER, "projects@group.calendar.google.com")
    connection = replace(bench.connection, write_calendar=projects.id)
    bench.provider.write(connection, an_event())
    projects.owner = COLLEAGUE
    with pytest.raises(CalendarUnreadableError, match="does not know this calendar"):
        bench.provider.read(connection, an_event().uid)
    projects.readers.clear()
    with pytest.raises(CalendarUnreadableError, match="does not know this calendar"):
        bench.provider.read(connection, an_event().uid)
    projects.readers.add(OWNER)
    projects.owner = OWNER
    assert bench.provider.read(connection, "another@inviteonce") is None
