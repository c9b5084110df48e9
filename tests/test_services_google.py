"""The services with Google calendars: one event that Google invites to, with Meet, and nobody invited twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.calendar import Connection
from bot.domain.ids import ConnectionId
from bot.domain.invitation import ConferencingKind
from bot.domain.people import Person
from bot.errors import CalendarUnreadableError
from storage.database import Database
from tests.cast import BEN, DANA, PRIYA
from tests.google_bench import GoogleBench, benched
from tests.google_server import PretendCalendar, error
from tests.world import Stage, patient

LINK = "https://meet.google.com/abc-defg-hij"


@dataclass
class GoogleStage:
    """Dana, Priya and Ben work with Google."""

    stage: Stage
    bench: GoogleBench
    calendars: dict[str, PretendCalendar]

    def book(self, *members: Person) -> dict[str, Any]:
        """From the invitation to the event, which is in one calendar only."""
        fields = {f.MEMBERS: [member.user_id for member in members], f.CONFERENCING: ConferencingKind.MEET.value}
        self.stage.book(self.stage.invite(DANA, **fields))
        self.stage.deliver()
        (event,) = [event for calendar in self.calendars.values() for event in calendar.events.values()]
        return event

    def confirmation(self) -> EmailMessage:
        """After the time that it waits for the link to join."""
        for _ in range(2):
            self.stage.clock.advance(timedelta(minutes=1))
            self.stage.services.reconcile.read_due()
            self.stage.deliver()
        [message] = [message for message in self.stage.mailer.sent if message["Subject"].startswith("Booked")]
        return message


@pytest.fixture
def google(sqlite_database: Database) -> Iterator[GoogleStage]:
    with benched() as bench:
        stage = Stage(sqlite_database.unit_of_work, clock=bench.clock, systems={"google": patient(bench.provider)})
        calendars = {}
        for person in (DANA, PRIYA, BEN):
            calendars[person.email] = bench.google.account(person.email, person.time_zone)
            held = bench.connect(f"google-{person.user_id}", person.email)
            with stage.unit_of_work(write=True) as unit:
                unit.connections.put(
                    Connection(ConnectionId(held.id), person.workspace_id, person.user_id, "google", person.email)
                )
                unit.commit()
        yield GoogleStage(stage, bench, calendars)


def test_one_event_invites_everybody(google: GoogleStage) -> None:
    event = google.book(DANA, PRIYA)
    assert {guest["email"] for guest in event["attendees"]} == {DANA.email, PRIYA.email, "anna@acme.com"}
    assert list(google.calendars[DANA.email].events) == [event["id"]]
    assert google.bench.google.told == ["POST all"]


def test_our_mail_invites_nobody_again(google: GoogleStage) -> None:
    google.book(DANA, PRIYA)
    assert "text/calendar" not in {part.get_content_type() for part in google.confirmation().walk()}
    assert len(google.stage.mailer.sent) == 1


def test_meet_is_in_the_event_and_in_the_mail(google: GoogleStage) -> None:
    event = google.book(DANA)
    assert event["hangoutLink"] == LINK
    text = google.confirmation().get_body(("plain",))
    assert text is not None
    assert LINK in text.get_content()


def test_booked_time_is_busy_for_the_next_customer(google: GoogleStage) -> None:
    first = google.book(DANA)
    second = google.stage.invite(DANA, **{f.EMAIL: "carl@elsewhere.example"})
    starts = {
        start.isoformat().replace("+00:00", "Z") for start in google.stage.services.booking.look(second.token).starts
    }
    assert starts
    assert first["start"]["dateTime"] not in starts


def test_calendar_that_fails_at_confirm_books_nothing(google: GoogleStage) -> None:
    invitation = google.stage.invite(DANA)
    booking = google.stage.services.booking
    start = booking.look(invitation.token).starts[0]
    nonce = booking.nonce(invitation.token)
    google.bench.google.go_wrong("freeBusy", error(403, "forbidden"))
    with pytest.raises(CalendarUnreadableError):
        booking.confirm(invitation.token, start, nonce, "Europe/Madrid")
    google.stage.deliver()
    assert google.calendars[DANA.email].events == {}
