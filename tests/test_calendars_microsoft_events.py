"""Our events in Microsoft 365: written once, brought up to date without noise, cancelled, read back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.calendar import Attendee, Event, EventStatus, PartStat
from bot.domain.intervals import Interval
from bot.errors import CalendarUnreadableError, DeliveryError
from tests.calendar_contract import HOUR, MEETING, NOON, PATIENCE_S, an_event
from tests.graph_mailboxes import Item
from tests.microsoft_bench import DANAS_ADDRESS, OTHERS_ADDRESS, MicrosoftBench, microsoft_bench
from tests.vendor_server import HALF, HTML, Response

ANNA = "anna@acme.com"
ATLAS = Attendee("Atlas", "atlas@fox.example", is_room=True)
OLI = Attendee("Oli Fox", OTHERS_ADDRESS, optional=True)
EVENT = replace(an_event(), attendees=(*an_event().attendees, OLI, ATLAS))
TEAMS = replace(an_event(), conference="teams")
LOST = Response(504, {"error": {"code": "UnknownError", "message": "Gateway Timeout"}})


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        bench.graph.mailbox(ATLAS.email, name="Atlas", is_room=True)
        yield bench


def written(bench: MicrosoftBench, event: Event = EVENT) -> Item:
    bench.provider.write(bench.connection, event)
    return bench.mailbox.of_uid(event.uid)


def stored(bench: MicrosoftBench, uid: str = EVENT.uid) -> Event:
    event = bench.provider.read(bench.connection, uid)
    assert event is not None
    return event


def ours(bench: MicrosoftBench) -> list[Item]:
    return [item for item in bench.mailbox.items if item.properties]


def answers(event: Event) -> dict[str, PartStat]:
    return {attendee.email: attendee.answer for attendee in event.attendees}


# ---------------------------------------------------------------- what is written


def test_everybody_is_invited_once_but_the_owner_who_organizes(bench: MicrosoftBench) -> None:
    twice = replace(EVENT, attendees=(*EVENT.attendees, Attendee("Anna", "ANNA@acme.com"), Attendee("Nobody", "")))
    item = written(bench, twice)
    kinds = {one["emailAddress"]["address"].lower(): one["type"] for one in item.attendees}
    assert kinds == {ANNA: "required", OLI.email: "optional", ATLAS.email: "resource"}
    assert len(item.attendees) == 3
    assert sorted(address.lower() for address, _ in bench.graph.exchange.sent) == [ANNA, ATLAS.email, OLI.email]


def test_the_owner_is_not_invited_by_another_address_of_theirs(bench: MicrosoftBench) -> None:
    alias = Attendee("Dana Fox", "dana.fox@northwind.example")
    event = replace(EVENT, organizer=alias, attendees=(alias, *EVENT.attendees[1:]))
    for _ in range(2):
        assert alias.email not in {one["emailAddress"]["address"] for one in written(bench, event).attendees}
    assert bench.graph.http.asked("PATCH", "") == []


def test_a_room_is_the_place_where_none_is_named_and_its_answer_is_read_back(bench: MicrosoftBench) -> None:
    written(bench, replace(EVENT, location=""))
    event = stored(bench)
    assert event.location == "Atlas"
    assert answers(event)[ATLAS.email] is PartStat.ACCEPTED
    assert [attendee.email for attendee in event.attendees if attendee.is_room] == [ATLAS.email]


def test_a_room_that_is_given_up_is_not_the_place_any_more(bench: MicrosoftBench) -> None:
    item = written(bench, replace(EVENT, location="Atlas"))
    without = tuple(one for one in EVENT.attendees if not one.is_room)
    bench.provider.write(bench.connection, replace(EVENT, sequence=1, location="", attendees=without))
    assert item.location == ""


def test_a_room_that_is_taken_declines_and_that_is_read_back(bench: MicrosoftBench) -> None:
    bench.graph.mailbox(ATLAS.email).add(NOON, NOON + HOUR)
    written(bench)
    assert answers(stored(bench))[ATLAS.email] is PartStat.DECLINED


def test_the_owner_takes_part_and_optional_people_stay_optional(bench: MicrosoftBench) -> None:
    written(bench)
    event = stored(bench)
    assert answers(event)[DANAS_ADDRESS] is PartStat.ACCEPTED
    assert answers(event)[ANNA] is PartStat.NEEDS_ACTION
    assert [attendee.email for attendee in event.attendees if attendee.optional] == [OLI.email]


def test_a_link_of_the_event_is_part_of_its_text_once(bench: MicrosoftBench) -> None:
    url = "https://meet.example/m/secret"
    assert written(bench, replace(EVENT, url=url)).content.endswith(f"\n\n{url}")
    in_it = replace(EVENT, uid="other@inviteonce", description=f"Change it: {url}", url=url)
    assert written(bench, in_it).content.count(url) == 1


def test_a_long_subject_is_cut_and_that_is_no_reason_to_write_again(bench: MicrosoftBench) -> None:
    long = replace(EVENT, summary="x" * 400)
    assert len(written(bench, long).subject) == 255
    bench.provider.write(bench.connection, long)
    assert bench.graph.http.asked("PATCH", "") == []


def test_a_uid_with_a_quote_finds_its_own_event(bench: MicrosoftBench) -> None:
    odd = replace(EVENT, uid="o'brien') or ('a' eq 'a@inviteonce")
    written(bench)
    assert bench.provider.read(bench.connection, odd.uid) is None
    written(bench, odd)
    assert stored(bench, odd.uid).uid == odd.uid


def test_events_go_into_the_calendar_that_was_chosen(bench: MicrosoftBench) -> None:
    projects = bench.mailbox.add_calendar("Projects")
    connection = replace(bench.connection, write_calendar=projects)
    bench.provider.write(connection, EVENT)
    assert [item.calendar for item in ours(bench)] == [projects]
    assert bench.provider.read(connection, EVENT.uid) is not None


def test_an_event_stays_where_it_is_when_another_calendar_is_chosen_later(bench: MicrosoftBench) -> None:
    written(bench)
    connection = replace(bench.connection, write_calendar=bench.mailbox.add_calendar("Projects"))
    bench.provider.write(connection, replace(EVENT, sequence=1, start=NOON + HOUR, end=NOON + 2 * HOUR))
    assert [item.start for item in ours(bench)] == [NOON + HOUR]


def test_an_event_is_found_in_whichever_calendar_somebody_has_put_it(bench: MicrosoftBench) -> None:
    item = written(bench)
    item.calendar = bench.mailbox.add_calendar("Projects")
    assert stored(bench).start == EVENT.start
    assert bench.provider.known_as(bench.connection, EVENT.uid, timeout_s=PATIENCE_S) == item.uid
    bench.provider.write(bench.connection, replace(EVENT, sequence=1, start=NOON + HOUR, end=NOON + 2 * HOUR))
    assert [(one.calendar, one.start) for one in ours(bench)] == [(item.calendar, NOON + HOUR)]
    bench.provider.cancel(bench.connection, EVENT)
    assert ours(bench) == []


def test_an_event_is_not_gone_while_nobody_knows_where_it_could_be(bench: MicrosoftBench) -> None:
    written(bench).calendar = bench.mailbox.add_calendar("Projects")
    bench.graph.http.will_answer("GET", "/me/calendars", LOST)
    with pytest.raises(CalendarUnreadableError):
        bench.provider.read(bench.connection, EVENT.uid)
    with pytest.raises(DeliveryError):
        bench.provider.write(bench.connection, replace(EVENT, sequence=1))


def test_a_new_event_is_not_looked_for_in_every_calendar(bench: MicrosoftBench) -> None:
    bench.mailbox.add_calendar("Projects")
    written(bench)
    assert [one.path for one in bench.graph.http.asked("GET", "")] == ["/v1.0/me/events"]


def test_a_room_is_invited_and_not_written_into(bench: MicrosoftBench) -> None:
    for act in (bench.provider.write, bench.provider.cancel):
        with pytest.raises(DeliveryError, match="reserved by inviting it") as caught:
            act(bench.connection, EVENT, calendar=ATLAS.email)
        assert caught.value.permanent
    with pytest.raises(CalendarUnreadableError):
        bench.provider.read(bench.connection, EVENT.uid, calendar=ATLAS.email)


# ---------------------------------------------------------------- Teams


def test_the_conference_is_made_with_the_event_and_its_link_read_back(bench: MicrosoftBench) -> None:
    written(bench, TEAMS)
    event = stored(bench)
    assert event.conference == "teams"
    assert event.join_url.startswith("https://teams.microsoft.com/l/meetup-join/")


def test_a_conference_that_takes_its_time_has_no_link_yet(bench: MicrosoftBench) -> None:
    bench.graph.teams_is_slow = True
    written(bench, TEAMS)
    assert stored(bench).join_url == ""
    bench.graph.teams_is_slow = False
    assert stored(bench).join_url != ""


def test_no_change_costs_an_event_its_conference(bench: MicrosoftBench) -> None:
    """Whoever sends the text of an online meeting without Microsoft's part in it deletes the conference."""
    before = written(bench, TEAMS).join_url
    changed = replace(TEAMS, sequence=1, start=NOON + HOUR, end=NOON + 2 * HOUR, description="Another text")
    bench.provider.write(bench.connection, changed)
    assert stored(bench).join_url == before
    assert stored(bench).start == NOON + HOUR


def test_an_event_may_get_its_conference_later(bench: MicrosoftBench) -> None:
    written(bench)
    bench.provider.write(bench.connection, replace(EVENT, conference="teams"))
    assert stored(bench).join_url != ""


# ---------------------------------------------------------------- exactly once


def test_writing_the_same_again_asks_graph_to_change_nothing(bench: MicrosoftBench) -> None:
    for _ in range(3):
        for event in (EVENT, replace(TEAMS, uid="teams@inviteonce")):
            written(bench, event)
    assert len(bench.graph.http.asked("POST", "/me/events")) == 2
    assert bench.graph.http.asked("PATCH", "") == []
    assert len([what for _, what in bench.graph.exchange.sent if what == "invited"]) == 4


def test_attendees_who_have_not_changed_are_not_sent_again(bench: MicrosoftBench) -> None:
    written(bench)
    bench.provider.write(bench.connection, replace(EVENT, sequence=1, start=NOON + HOUR, end=NOON + 2 * HOUR))
    (change,) = bench.graph.http.asked("PATCH", "")
    assert {"attendees", "body", "transactionId"} & change.json().keys() == set()


def test_who_is_no_longer_in_it_is_taken_out(bench: MicrosoftBench) -> None:
    written(bench)
    bench.provider.write(bench.connection, replace(an_event(), sequence=1))
    assert set(answers(stored(bench))) == {DANAS_ADDRESS, ANNA}
    assert (OLI.email, "removed") in bench.graph.exchange.sent


def test_an_older_copy_that_comes_late_changes_nothing(bench: MicrosoftBench) -> None:
    newer = replace(EVENT, sequence=2, start=NOON + HOUR, end=NOON + 2 * HOUR)
    written(bench, newer)
    bench.provider.write(bench.connection, replace(EVENT, sequence=1))
    assert (stored(bench).sequence, stored(bench).start) == (2, newer.start)


def test_what_was_moved_by_hand_is_put_back_when_it_is_written_again(bench: MicrosoftBench) -> None:
    item = written(bench)
    item.start += HOUR
    item.end += HOUR
    assert stored(bench).start == NOON + HOUR
    bench.provider.write(bench.connection, EVENT)
    assert Interval(item.start, item.end) == MEETING


def test_what_was_made_an_all_day_event_by_hand_gets_its_hours_back(bench: MicrosoftBench) -> None:
    """Graph takes no other times than midnights for an event that it still believes to last all day."""
    item = written(bench)
    day = NOON.replace(hour=0, tzinfo=None)
    item.all_day, item.start, item.end = True, day, day + timedelta(days=1)
    bench.provider.write(bench.connection, replace(EVENT, sequence=1))
    assert not item.all_day
    assert Interval(item.start, item.end) == MEETING


@pytest.mark.parametrize("lost", [LOST, HALF, HTML])
def test_an_answer_that_is_lost_after_the_event_was_made_makes_no_second_one(
    bench: MicrosoftBench, lost: Response
) -> None:
    plain = bench.graph.answer
    spoiled: list[str] = []

    def losing(request: object) -> Response:
        answer = plain(request)  # type: ignore[arg-type]  # what the server hands on
        if answer.status == 201 and not spoiled:
            spoiled.append("once")
            return lost
        return answer

    bench.graph.http.app = losing
    bench.provider.write(bench.connection, EVENT)
    bench.provider.write(bench.connection, EVENT)
    assert spoiled
    assert len(ours(bench)) == 1


def test_two_workers_at_once_make_one_event(bench: MicrosoftBench) -> None:
    start = threading.Barrier(4)

    def write(_: int) -> None:
        start.wait()
        bench.provider.write(bench.connection, EVENT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(ours(bench)) == 1


def test_a_transaction_that_made_another_version_brings_that_one_up_to_date(bench: MicrosoftBench) -> None:
    """The event was made, its answer lost, and its time changed by hand before we looked again."""
    item = written(bench)
    hidden = bench.mailbox.items.pop(bench.mailbox.items.index(item))
    plain = bench.graph.answer

    def found_later(request: object) -> Response:
        answer = plain(request)  # type: ignore[arg-type]  # what the server hands on
        if answer.status == 409:
            bench.mailbox.items.append(hidden)
        return answer

    bench.graph.http.app = found_later
    bench.provider.write(bench.connection, EVENT)
    assert ours(bench) == [hidden]


def test_an_event_deleted_by_hand_is_made_again_when_it_is_written_again(bench: MicrosoftBench) -> None:
    """Graph still remembers the transaction of the one that is gone."""
    written(bench)
    bench.delete(EVENT.uid)
    written(bench)
    assert len(ours(bench)) == 1
    assert stored(bench).start == NOON


def test_an_event_deleted_by_hand_is_made_again_when_it_moves(bench: MicrosoftBench) -> None:
    written(bench)
    bench.delete(EVENT.uid)
    written(bench, replace(EVENT, sequence=1, start=NOON + HOUR, end=NOON + 2 * HOUR))
    first, second = (request.json()["transactionId"] for request in bench.graph.http.asked("POST", "/me/events"))
    assert first != second
    assert len(ours(bench)) == 1


# ---------------------------------------------------------------- cancelling


def test_cancelling_tells_everybody_and_releases_the_room(bench: MicrosoftBench) -> None:
    written(bench)
    bench.provider.cancel(bench.connection, replace(EVENT, sequence=1))
    assert ours(bench) == []
    assert bench.graph.mailbox(ATLAS.email).items == []
    told = {address for address, what in bench.graph.exchange.sent if what == "cancelled"}
    assert told == {ANNA, OLI.email, ATLAS.email}


def test_an_event_with_nobody_else_in_it_is_deleted(bench: MicrosoftBench) -> None:
    written(bench, replace(EVENT, attendees=(Attendee("Dana Fox", DANAS_ADDRESS),)))
    bench.provider.cancel(bench.connection, EVENT)
    assert ours(bench) == []


def test_an_event_that_somebody_else_organizes_by_now_is_deleted(bench: MicrosoftBench) -> None:
    written(bench).organizer = OTHERS_ADDRESS
    bench.provider.cancel(bench.connection, EVENT)
    assert ours(bench) == []
    assert bench.graph.http.asked("POST", "/cancel") == []


def test_an_event_that_goes_while_it_is_cancelled_is_done(bench: MicrosoftBench) -> None:
    written(bench)
    gone = Response(404, {"error": {"code": "ErrorItemNotFound", "message": "…"}})
    bench.graph.http.will_answer("POST", "/cancel", gone)
    bench.provider.cancel(bench.connection, EVENT)


@pytest.mark.parametrize("response", [replace(HTML, status=404), Response(404), Response(410, "gone")])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_graph_itself_does_not_call_gone_is_not(bench: MicrosoftBench, method: str, response: Response) -> None:
    """Some proxy's page would leave the attendees with an event that nobody cancels."""
    written(bench).organizer = DANAS_ADDRESS if method == "POST" else OTHERS_ADDRESS
    bench.graph.http.will_answer(method, "/me/events/", response)
    with pytest.raises(DeliveryError):
        bench.provider.cancel(bench.connection, EVENT)


def test_writing_a_cancelled_event_cancels_it(bench: MicrosoftBench) -> None:
    written(bench)
    bench.provider.write(bench.connection, replace(EVENT, status=EventStatus.CANCELLED, transparent=True))
    assert ours(bench) == []


def test_an_event_marked_as_cancelled_is_read_as_such_and_made_anew_when_written(bench: MicrosoftBench) -> None:
    item = written(bench)
    item.cancelled, item.show_as = True, "free"
    assert stored(bench).status is EventStatus.CANCELLED
    written(bench)
    assert stored(bench).status is EventStatus.CONFIRMED


# ---------------------------------------------------------------- when it does not work


@pytest.mark.parametrize(
    ("response", "words", "permanent"),
    [
        (Response(400, {"error": {"code": "ErrorInvalidRecipients", "message": "…"}}), "cannot be invited", True),
        (Response(403, {"error": {"code": "ErrorAccessDenied", "message": "…"}}), "does not allow it", False),
        (Response(404, {"error": {"code": "ErrorItemNotFound", "message": "…"}}), "does not know the calendar", False),
        (Response(410), "does not know the calendar", False),
        (Response(500), "problem of its own", False),
        (LOST, "problem of its own", False),
        (HALF, "broke off", False),
        (Response(409, {"error": {"code": "ErrorDuplicateTransactionId"}}), "did not accept", False),
    ],
)
def test_a_write_that_fails_says_why(bench: MicrosoftBench, response: Response, words: str, permanent: bool) -> None:
    bench.graph.http.will_answer("POST", "/me/events", response)
    with pytest.raises(DeliveryError, match=words) as caught:
        bench.provider.write(bench.connection, EVENT)
    assert caught.value.permanent is permanent
    assert str(caught.value).endswith(".")
    assert ours(bench) == []


def test_a_pause_that_is_too_long_is_left_to_the_outbox(bench: MicrosoftBench) -> None:
    pause = Response(429, {"error": {"code": "TooManyRequests"}}, {"Retry-After": "300"})
    bench.graph.http.will_answer("POST", "/me/events", pause)
    with pytest.raises(DeliveryError, match="asks for a pause") as caught:
        bench.provider.write(bench.connection, EVENT)
    assert caught.value.retry_at == bench.clock() + timedelta(minutes=5)
    assert bench.pauses == []


def test_an_address_that_graph_refuses_is_final(bench: MicrosoftBench) -> None:
    wrong = replace(EVENT, attendees=(*EVENT.attendees, Attendee("Nobody", "no address")))
    with pytest.raises(DeliveryError, match="cannot be invited") as caught:
        bench.provider.write(bench.connection, wrong)
    assert caught.value.permanent


@pytest.mark.parametrize(
    "answer", [HTML, HALF, Response(200, {"value": [{"id": "1"}]}), Response(200, {}), Response(403)]
)
def test_an_event_that_cannot_be_read_is_not_taken_for_deleted(bench: MicrosoftBench, answer: Response) -> None:
    written(bench)
    bench.graph.http.will_answer("GET", "/me/events", answer)
    with pytest.raises(CalendarUnreadableError) as caught:
        bench.provider.read(bench.connection, EVENT.uid)
    assert caught.value.names == (DANAS_ADDRESS,)
    with pytest.raises(DeliveryError):
        bench.provider.cancel(bench.connection, EVENT)
    with pytest.raises(DeliveryError):
        bench.provider.write(bench.connection, EVENT)
    assert len(ours(bench)) == 1


def test_what_is_read_is_in_utc_also_where_prefer_is_not_obeyed(bench: MicrosoftBench) -> None:
    written(bench)
    bench.graph.obeys_prefer = False
    assert (stored(bench).start, stored(bench).end) == (MEETING.start, MEETING.end)


def test_calendars_are_the_accounts_own_with_the_default_one_first(bench: MicrosoftBench) -> None:
    bench.mailbox.add_calendar("Oli", owner=OTHERS_ADDRESS)
    bench.mailbox.calendars[bench.mailbox.add_calendar("Birthdays")].can_edit = False
    bench.graph.page_size = 1
    found = bench.provider.calendars(bench.connection)
    assert [(one.name, one.is_primary, one.can_write) for one in found] == [
        ("Calendar", True, True),
        ("Birthdays", False, False),
    ]
