"""What every calendar system keeps: the contract of `bot.ports.CalendarProvider`, as tests to inherit.

A provider's test module says how its world is arranged, and gets all of them:

    class TestGoogle(CalendarContract):
        @pytest.fixture
        def bench(self, …) -> Bench:
            return GoogleBench(…)

The bench works by the provider's own means (its API, its files, its fake server), never through the provider
under test. What a system has no notion of, its bench answers with False; the test then has nothing to say.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import pytest

from bot.domain.calendar import Attendee, Connection, Event, EventStatus, PartStat
from bot.domain.intervals import Interval, merge
from bot.errors import CalendarUnreadableError, ConsentNeededError, DeliveryError, NoRoomDirectoryError
from bot.ports import CalendarProvider
from bot.ports.calendars import ItemisedCalendar, TitledCalendar

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MONDAY = datetime(2027, 3, 1, tzinfo=UTC)
NOON = MONDAY + 12 * HOUR
WINDOW = Interval(MONDAY - 7 * DAY, MONDAY + 35 * DAY)
"""Over the clock changes of 2027 in America and in Europe."""
MEETING = Interval(NOON, NOON + HOUR)
PATIENCE_S = 60.0
"""Far more than any provider needs on a busy machine."""
DEADLINES_S = (1.0, 5.0, 20.0, PATIENCE_S)
"""For those who are late by each of them, beside others who are read by one: how soon, only the machine knows."""


class Kind(StrEnum):
    """What may stand in a calendar, from its owner's point of view."""

    BUSY = "busy"
    TENTATIVE = "tentative"
    ALL_DAY = "all-day, busy"
    WEEKLY = "busy, every week for three weeks"
    TRANSPARENT = "transparent"
    CANCELLED = "cancelled"
    DECLINED = "declined by the owner"
    ALL_DAY_FREE = "all-day, transparent"


BLOCKING = (Kind.BUSY, Kind.TENTATIVE)
FREE = (Kind.TRANSPARENT, Kind.CANCELLED, Kind.DECLINED)


class Bench(Protocol):
    """A provider, two people with empty calendars, and a hand that reaches into their calendars."""

    @property
    def provider(self) -> CalendarProvider: ...

    @property
    def connection(self) -> Connection: ...

    @property
    def other(self) -> Connection:
        """Somebody else's."""

    def put(self, kind: Kind, interval: Interval, *, title: str = "", is_private: bool = False) -> bool:
        """Put an event into `connection`'s calendar; False where the system knows no such thing.

        `WEEKLY` takes place in the interval and in the two weeks after it, at the same UTC time.
        """

    def all_day(self, kind: Kind) -> Interval | None:
        """Put an all-day event; the instants of that local day, or None where there is no such thing."""

    def answer(self, uid: str, email: str, answer: PartStat) -> bool:
        """The attendee answers, in the event in `connection`'s calendar."""

    def delete(self, uid: str) -> bool:
        """Somebody deletes the event by hand."""

    def furnish(self, name: str, address: str, capacity: int) -> bool:
        """Put a room into the directory, which `connection` may read from now on; everybody sees when it is busy."""

    def break_down(self) -> bool:
        """From now on the system answers with errors; False where that cannot be."""

    def stall(self) -> bool:
        """From now on the system accepts questions and answers nothing."""


def an_event(uid: str = "meeting-1@inviteonce", at: Interval = MEETING) -> Event:
    return Event(
        uid=uid,
        sequence=0,
        start=at.start,
        end=at.end,
        summary="Roadmap review (Anna Ruiz)",
        organizer=Attendee("Dana Fox", "dana@fox.example"),
        attendees=(Attendee("Dana Fox", "dana@fox.example"), Attendee("Anna Ruiz", "anna@acme.com")),
        description="What comes next; and when, \\ exactly?\n\nTracking ID: K7D2M9QX",
        location="Atlas, 2nd floor",
        created_at=MONDAY - DAY,
    )


def facts(event: Event | None) -> tuple[object, ...]:
    """What of an event has to come back as it was written."""
    assert event is not None
    addresses = sorted(attendee.email.lower() for attendee in event.attendees)
    return event.uid, event.start, event.end, event.summary, event.location, event.status, event.transparent, addresses


def busy(bench: Bench, window: Interval = WINDOW) -> tuple[Interval, ...]:
    """The connection's busy times, which must be readable, inside the window, and tidy."""
    answer = bench.provider.free_busy([bench.connection], window, timeout_s=PATIENCE_S)[bench.connection.id]
    assert answer.unreadable is None
    assert answer.busy == merge(answer.busy)
    return answer.busy


def titles(bench: Bench, window: Interval = WINDOW) -> list[tuple[Interval, str]]:
    assert isinstance(bench.provider, TitledCalendar)
    return sorted(bench.provider.titles(bench.connection, window, timeout_s=PATIENCE_S))


def besides(bench: Bench, *uids: str, window: Interval = MEETING) -> list[Interval]:
    """What blocks beside the events of these uids, whatever the system calls them."""
    provider, connection = bench.provider, bench.connection
    assert isinstance(provider, ItemisedCalendar)
    names = {*uids, *(provider.known_as(connection, uid, timeout_s=PATIENCE_S) for uid in uids)}
    return sorted(provider.busy_besides(connection, names, window, timeout_s=PATIENCE_S))


class CalendarContract:
    """Inherit it in a class named `Test…`, with a fixture `bench`."""

    @pytest.fixture
    def bench(self) -> Bench:
        raise NotImplementedError("say how the provider's world is arranged")

    # ------------------------------------------------------------ free/busy

    def test_empty_calendar_is_free_and_readable(self, bench: Bench) -> None:
        assert busy(bench) == ()

    @pytest.mark.parametrize("kind", BLOCKING)
    def test_blocks(self, bench: Bench, kind: Kind) -> None:
        was_put = bench.put(kind, MEETING)
        assert busy(bench) == ((MEETING,) if was_put else ())

    @pytest.mark.parametrize("kind", FREE)
    def test_does_not_block(self, bench: Bench, kind: Kind) -> None:
        bench.put(kind, MEETING)
        assert busy(bench) == ()

    def test_what_is_outside_the_window_does_not_show(self, bench: Bench) -> None:
        bench.put(Kind.BUSY, MEETING)
        assert busy(bench, Interval(MEETING.end, MEETING.end + HOUR)) == ()
        assert busy(bench, Interval(MEETING.start - HOUR, MEETING.start)) == ()

    def test_event_that_reaches_into_the_window_shows(self, bench: Bench) -> None:
        if bench.put(Kind.BUSY, MEETING):
            (found,) = busy(bench, Interval(NOON + HOUR / 2, NOON + 3 * HOUR))
            assert found.contains(Interval(NOON + HOUR / 2, MEETING.end))

    def test_every_week_blocks_across_a_clock_change(self, bench: Bench) -> None:
        if bench.put(Kind.WEEKLY, MEETING):
            assert busy(bench) == tuple(Interval(NOON + n * 7 * DAY, NOON + n * 7 * DAY + HOUR) for n in range(3))

    def test_all_day_blocks_the_owners_day(self, bench: Bench) -> None:
        day = bench.all_day(Kind.ALL_DAY)
        assert busy(bench) == (() if day is None else (day,))

    def test_all_day_blocks_as_its_own_flag_says(self, bench: Bench) -> None:
        bench.all_day(Kind.ALL_DAY_FREE)
        assert busy(bench) == ()

    def test_everybody_asked_has_an_answer_of_their_own(self, bench: Bench) -> None:
        was_put = bench.put(Kind.BUSY, MEETING)
        answers = bench.provider.free_busy([bench.connection, bench.other], WINDOW, timeout_s=PATIENCE_S)
        assert answers.keys() == {bench.connection.id, bench.other.id}
        assert answers[bench.connection.id].busy == ((MEETING,) if was_put else ())
        assert answers[bench.other.id].readable
        assert answers[bench.other.id].busy == ()

    def test_nobody_asked_is_nobody_answered(self, bench: Bench) -> None:
        assert bench.provider.free_busy([], WINDOW, timeout_s=PATIENCE_S) == {}
        assert bench.provider.free_busy_of(bench.connection, [], WINDOW, timeout_s=PATIENCE_S) == {}

    def test_calendar_that_nobody_shares_is_unreadable(self, bench: Bench) -> None:
        address = "stranger@nowhere.example"
        answers = bench.provider.free_busy_of(bench.connection, [address], WINDOW, timeout_s=PATIENCE_S)
        assert answers.keys() == {address}
        assert answers[address].unreadable
        assert answers[address].busy == ()

    # ------------------------------------------------------------ calendars

    def test_calendars_begin_with_ones_own(self, bench: Bench) -> None:
        found = bench.provider.calendars(bench.connection)
        assert found[0].is_owned
        assert [info for info in found if info.is_primary and info.can_write] != []
        assert len({info.id for info in found}) == len(found)

    # ------------------------------------------------------------ the directory of rooms

    def test_directory_lists_its_rooms_by_name_and_they_can_be_read(self, bench: Bench) -> None:
        bench.furnish("Nova", "nova@rooms.fox.example", 4)
        bench.furnish("Atlas", "atlas@rooms.fox.example", 12)
        found = bench.provider.rooms(bench.connection)
        assert [room.name for room in found] == ["Atlas", "Nova"]
        assert [room.capacity or seats for room, seats in zip(found, (12, 4), strict=True)] == [12, 4]
        addresses = [room.address for room in found]
        answers = bench.provider.free_busy_of(bench.connection, addresses, WINDOW, timeout_s=PATIENCE_S)
        assert {address: answers[address].unreadable for address in addresses} == dict.fromkeys(addresses)

    def test_no_directory_is_said_in_words_and_is_never_an_empty_list(self, bench: Bench) -> None:
        with pytest.raises((NoRoomDirectoryError, ConsentNeededError)) as refused:
            bench.provider.rooms(bench.connection)
        assert str(refused.value).endswith(".")

    # ------------------------------------------------------------ events

    def test_event_comes_back_as_it_was_written(self, bench: Bench) -> None:
        event = an_event()
        bench.provider.write(bench.connection, event)
        stored = bench.provider.read(bench.connection, event.uid)
        assert facts(stored) == facts(event)
        assert stored is not None
        assert event.description in stored.description
        assert busy(bench) == (MEETING,)

    def test_event_is_written_into_the_named_calendar(self, bench: Bench) -> None:
        event = an_event()
        (primary, *_) = [info for info in bench.provider.calendars(bench.connection) if info.is_primary]
        bench.provider.write(bench.connection, event, calendar=primary.id)
        assert facts(bench.provider.read(bench.connection, event.uid, calendar=primary.id)) == facts(event)

    def test_writing_twice_is_writing_once(self, bench: Bench) -> None:
        event = an_event()
        for _ in range(3):
            bench.provider.write(bench.connection, event)
        assert facts(bench.provider.read(bench.connection, event.uid)) == facts(event)
        assert busy(bench) == (MEETING,)

    def test_two_events_are_two(self, bench: Bench) -> None:
        later = an_event("meeting-2@inviteonce", Interval(NOON + 3 * HOUR, NOON + 4 * HOUR))
        for event in (an_event(), later):
            bench.provider.write(bench.connection, event)
        assert busy(bench) == (MEETING, Interval(later.start, later.end))

    def test_our_event_is_told_from_others_at_the_same_time(self, bench: Bench) -> None:
        """Free/busy would merge them."""
        event = an_event()
        bench.provider.write(bench.connection, event)
        assert besides(bench) == [MEETING]
        assert besides(bench, event.uid) == []
        assert bench.put(Kind.BUSY, MEETING)
        assert besides(bench, event.uid) == [MEETING]
        assert besides(bench, event.uid, window=Interval(MEETING.end, MEETING.end + HOUR)) == []

    @pytest.mark.parametrize("kind", FREE)
    def test_what_does_not_block_is_nothing_beside_ours(self, bench: Bench, kind: Kind) -> None:
        bench.put(kind, MEETING)
        assert besides(bench, "meeting-1@inviteonce") == []

    def test_events_that_cannot_be_read_are_none_to_be_left_out(self, bench: Bench) -> None:
        if bench.break_down():
            with pytest.raises(CalendarUnreadableError):
                besides(bench, "meeting-1@inviteonce")

    def test_event_moves_with_its_next_version(self, bench: Bench) -> None:
        event = an_event()
        moved = replace(event, sequence=1, start=NOON + DAY, end=NOON + DAY + HOUR, location="Booth")
        bench.provider.write(bench.connection, event)
        bench.provider.write(bench.connection, moved)
        assert facts(bench.provider.read(bench.connection, event.uid)) == facts(moved)
        assert busy(bench) == (Interval(moved.start, moved.end),)

    def test_cancelling_releases_the_time(self, bench: Bench) -> None:
        event = an_event()
        bench.provider.write(bench.connection, event)
        for _ in range(2):
            bench.provider.cancel(bench.connection, replace(event, sequence=1))
            stored = bench.provider.read(bench.connection, event.uid)
            assert stored is None or stored.status is EventStatus.CANCELLED
            assert busy(bench) == ()

    def test_cancelling_what_is_not_there_is_done(self, bench: Bench) -> None:
        bench.provider.cancel(bench.connection, an_event())
        assert busy(bench) == ()

    def test_event_that_never_was_is_none(self, bench: Bench) -> None:
        assert bench.provider.read(bench.connection, "never-was@inviteonce") is None

    def test_event_deleted_by_hand_is_none_or_cancelled(self, bench: Bench) -> None:
        event = an_event()
        bench.provider.write(bench.connection, event)
        if bench.delete(event.uid):
            stored = bench.provider.read(bench.connection, event.uid)
            assert stored is None or stored.status is EventStatus.CANCELLED
            assert busy(bench) == ()

    @pytest.mark.parametrize("answer", [PartStat.ACCEPTED, PartStat.TENTATIVE, PartStat.DECLINED])
    def test_attendees_answer_is_read_back(self, bench: Bench, answer: PartStat) -> None:
        event = an_event()
        bench.provider.write(bench.connection, event)
        if bench.answer(event.uid, "anna@acme.com", answer):
            stored = bench.provider.read(bench.connection, event.uid)
            assert stored is not None
            assert {who.email: who.answer for who in stored.attendees}["anna@acme.com"] is answer

    # ------------------------------------------------------------ titles

    @pytest.mark.parametrize("kind", [Kind.BUSY, Kind.TENTATIVE])
    def test_ones_own_events_have_titles(self, bench: Bench, kind: Kind) -> None:
        was_put = bench.put(kind, MEETING, title="Dentist; and \\ après")
        assert titles(bench) == ([(MEETING, "Dentist; and \\ après")] if was_put else [])
        assert titles(bench, Interval(MEETING.end, MEETING.end + HOUR)) == []

    @pytest.mark.parametrize("kind", FREE)
    def test_what_does_not_block_has_no_title(self, bench: Bench, kind: Kind) -> None:
        bench.put(kind, MEETING, title="Perhaps")
        assert titles(bench) == []

    def test_private_event_keeps_its_title_to_itself(self, bench: Bench) -> None:
        was_put = bench.put(Kind.BUSY, MEETING, title="Dentist", is_private=True)
        assert titles(bench) == []
        assert busy(bench) == ((MEETING,) if was_put else ())

    def test_event_without_a_title_has_none(self, bench: Bench) -> None:
        bench.put(Kind.BUSY, MEETING)
        assert [title for _, title in titles(bench) if not title] == []

    def test_nobody_elses_events_have_titles(self, bench: Bench) -> None:
        bench.put(Kind.BUSY, MEETING, title="Dentist")
        assert isinstance(bench.provider, TitledCalendar)
        assert list(bench.provider.titles(bench.other, WINDOW, timeout_s=PATIENCE_S)) == []
        for account in (bench.connection.account, "stranger@nowhere.example"):
            try:
                seen = bench.provider.titles_of(bench.other, account, WINDOW, timeout_s=PATIENCE_S)
            except CalendarUnreadableError:
                seen = []
            assert list(seen) == []

    def test_broken_system_has_no_titles_and_says_so(self, bench: Bench) -> None:
        bench.put(Kind.BUSY, MEETING, title="Dentist")
        if bench.break_down():
            with pytest.raises(CalendarUnreadableError):
                titles(bench)

    # ------------------------------------------------------------ when it does not work

    def test_broken_system_is_not_available_never_free(self, bench: Bench) -> None:
        if not bench.break_down():
            return
        people = [bench.connection, bench.other]
        for answer in bench.provider.free_busy(people, WINDOW, timeout_s=PATIENCE_S).values():
            assert answer.unreadable
            assert answer.busy == ()
        asked = ["colleague@fox.example"]
        seen = bench.provider.free_busy_of(bench.connection, asked, WINDOW, timeout_s=PATIENCE_S)
        assert all(answer.unreadable for answer in seen.values())
        assert list(seen) == asked

    def test_broken_system_says_so_of_everything_else(self, bench: Bench) -> None:
        bench.furnish("Atlas", "atlas@rooms.fox.example", 12)
        if not bench.break_down():
            return
        with pytest.raises(CalendarUnreadableError):
            bench.provider.calendars(bench.connection)
        with pytest.raises(CalendarUnreadableError):
            bench.provider.rooms(bench.connection)
        with pytest.raises(CalendarUnreadableError):
            bench.provider.read(bench.connection, "meeting-1@inviteonce")
        with pytest.raises(DeliveryError):
            bench.provider.write(bench.connection, an_event())
        with pytest.raises(DeliveryError):
            bench.provider.cancel(bench.connection, an_event())

    def test_late_answer_is_not_available(self, bench: Bench) -> None:
        if not bench.stall():
            return
        began = time.monotonic()
        answers = bench.provider.free_busy([bench.connection], WINDOW, timeout_s=0.3)
        assert answers[bench.connection.id].unreadable
        assert time.monotonic() - began < PATIENCE_S / 2
