"""The iCalendar files and iTIP messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import icalendar
import pytest

from bot.domain.calendar import Attendee, EventStatus, PartStat
from bot.icalendar import calendar_text
from tests import customer_cast as cast


def unfolded(text: bytes) -> list[str]:
    return text.decode().replace("\r\n ", "").split("\r\n")


def test_request_has_everything_a_calendar_needs() -> None:
    lines = unfolded(calendar_text(cast.event(), "REQUEST"))
    assert lines[0] == "BEGIN:VCALENDAR"
    for line in (
        "VERSION:2.0",
        "METHOD:REQUEST",
        "UID:m1@inviteonce",
        "SEQUENCE:0",
        "DTSTAMP:20261125T090000Z",
        "DTSTART:20261201T150000Z",
        "DTEND:20261201T153000Z",
        "SUMMARY:Roadmap review",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
    ):
        assert line in lines
    assert any(line.startswith("PRODID:") for line in lines)
    assert any(line.startswith("ORGANIZER") and line.endswith("mailto:dana@fox.example") for line in lines)


def test_every_attendee_keeps_servers_from_mailing_and_is_asked() -> None:
    attendees = [line for line in unfolded(calendar_text(cast.event(), "REQUEST")) if line.startswith("ATTENDEE")]
    assert len(attendees) == 3
    assert all("SCHEDULE-AGENT=CLIENT" in line for line in attendees)
    organizer, optional, customer = attendees
    assert "PARTSTAT=ACCEPTED" in organizer
    assert "ROLE=OPT-PARTICIPANT" in optional
    assert "PARTSTAT=NEEDS-ACTION" in customer
    assert "ROLE=REQ-PARTICIPANT" in customer
    assert "RSVP=TRUE" in customer
    assert "CUTYPE=INDIVIDUAL" in customer


def test_answer_that_was_given_is_kept() -> None:
    event = replace(cast.event(), attendees=(Attendee("Anna", "anna@acme.com", answer=PartStat.DECLINED),))
    assert "PARTSTAT=DECLINED" in calendar_text(event, None).decode().replace("\r\n ", "")


def test_room_is_a_room() -> None:
    event = replace(cast.event(), attendees=(Attendee("Atlas", "atlas@fox.example", is_room=True),))
    (line,) = [line for line in unfolded(calendar_text(event, None)) if line.startswith("ATTENDEE")]
    assert "CUTYPE=ROOM" in line
    assert "ROLE=NON-PARTICIPANT" in line


def test_cancelled_event_is_transparent_and_newer() -> None:
    event = replace(cast.event(), status=EventStatus.CANCELLED, transparent=True, sequence=1)
    lines = unfolded(calendar_text(event, "CANCEL"))
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "TRANSP:TRANSPARENT", "SEQUENCE:1"} <= set(lines)


def test_stored_copy_has_no_method() -> None:
    assert b"METHOD" not in calendar_text(cast.event(), None)


def test_published_event_names_nobody_else() -> None:
    text = calendar_text(cast.event(), "PUBLISH")
    assert b"ATTENDEE" not in text
    assert b"priya" not in text.lower()


def test_same_event_gives_the_same_bytes() -> None:
    assert calendar_text(cast.event(), "REQUEST") == calendar_text(cast.event(), "REQUEST")


def test_times_in_any_zone_are_written_in_utc() -> None:
    start = datetime(2026, 12, 1, 16, tzinfo=timezone(timedelta(hours=1)))
    event = replace(cast.event(), start=start, end=start + timedelta(minutes=30))
    assert b"DTSTART:20261201T150000Z" in calendar_text(event, None)


HOSTILE = [
    "a; b, c \\ d",
    "line\r\nATTENDEE:mailto:eve@evil.example\nX-EVIL:1",
    "😀" * 100,
    "مرحبا بالعالم " * 20,
    'quote " caret ^ colon : semi ;',
    "\u202eevil\u202c \x00\x07 \ud800 end",
    "<script>alert(1)</script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_stays_text(text: str) -> None:
    event = replace(
        cast.event(),
        summary=text,
        description=text,
        location=text,
        organizer=Attendee(text, "dana@fox.example"),
        attendees=(Attendee(text, "anna@acme.com"),),
    )
    raw = calendar_text(event, "REQUEST")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    (parsed,) = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert not any(name.startswith("X-") for name in parsed)
    assert str(parsed["attendee"]) == "mailto:anna@acme.com"


def test_description_comes_back_as_it_was() -> None:
    text = "Bring: pens, paper; and \\ one more\nSecond line — 😀 ü"
    (parsed,) = icalendar.Calendar.from_ical(calendar_text(replace(cast.event(), description=text), "REQUEST")).walk(
        "VEVENT"
    )
    assert str(parsed["description"]) == text
