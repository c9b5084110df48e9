"""What we say to Microsoft Graph, and what our pretend Graph says, is of Microsoft's own types.

A story is played, every request and reply in it becomes a constant of its documented type, and Microsoft's
`@microsoft/microsoft-graph-types` and the TypeScript compiler judge them. So the tests of this provider argue with
words that the real Graph would use. Types for whole requests, which the package has not, are put together from its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.calendars.microsoft import payloads, schedules
from bot.domain.calendar import Attendee, ExtraAccess, FreeBusy
from bot.domain.intervals import Interval
from tests.calendar_contract import HOUR, NOON, PATIENCE_S, WINDOW, an_event
from tests.microsoft_bench import DANAS_ADDRESS, OTHERS_ADDRESS, MicrosoftBench, microsoft_bench, midnight, utc
from tests.npm import installed
from tests.servers import ROOT

ROOM = Attendee("Atlas", "atlas@fox.example", is_room=True)

PRELUDE = """import type { Calendar, DateTimeTimeZone, Event, Room, ScheduleInformation, Subscription, User } \
from "@microsoft/microsoft-graph-types";
type Page<T> = { value: T[]; "@odata.nextLink"?: string };
type GetSchedule = {
  schedules: string[]; startTime: DateTimeTimeZone; endTime: DateTimeTimeZone; availabilityViewInterval?: number;
};
type Cancel = { comment?: string };
type GraphError = { error: { code: string; message: string } };
type Name<T> = keyof T;
"""
TYPES = (
    # method, path, the request's type, the reply's
    ("GET", r"/me", "", "User"),
    ("GET", r"/me/calendar", "", "Calendar"),
    ("GET", r"/me/calendars", "", "Page<Calendar>"),
    ("GET", r"/me/calendars/.+/calendarView", "", "Page<Event>"),
    ("GET", r"/me(/calendars/.+)?/events", "", "Page<Event>"),
    ("GET", r"/places/microsoft.graph.room", "", "Page<Room>"),
    ("POST", r"/me(/calendars/.+)?/events", "Event", "Event"),
    ("PATCH", r"/me/events/.+", "Event", "Event"),
    ("POST", r"/me/events/.+/cancel", "Cancel", ""),
    ("DELETE", r"/me/events/.+", "", ""),
    ("POST", r"/me/calendar/getSchedule", "GetSchedule", "Page<ScheduleInformation>"),
    ("POST", r"/subscriptions", "Subscription", "Subscription"),
    ("PATCH", r"/subscriptions/.+", "Subscription", "Subscription"),
    ("DELETE", r"/subscriptions/.+", "", ""),
)


@pytest.fixture
def bench() -> Iterator[MicrosoftBench]:
    with microsoft_bench() as bench:
        yield bench


def play(bench: MicrosoftBench) -> None:
    """Everything that is ever asked: signing in, reading, inviting, moving, answers, cancelling, and being refused."""
    bench.graph.mailbox(ROOM.email, is_room=True)
    begun = bench.sign_in.begin("state", "https://meet.example/callback", "")
    bench.sign_in.finish(begun, "https://meet.example/callback", bench.authority.allow(begun.url, DANAS_ADDRESS))
    projects = bench.mailbox.add_calendar("Projects")
    bench.mailbox.add(NOON, NOON + HOUR, show_as="oof", calendar=projects)
    bench.mailbox.add_day(midnight(2027, 3, 2), show_as="workingElsewhere")
    bench.graph.page_size = 2
    bench.provider.free_busy([bench.connection], WINDOW, timeout_s=PATIENCE_S)
    bench.provider.titles(bench.connection, WINDOW, timeout_s=PATIENCE_S)
    bench.graph.mailbox(OTHERS_ADDRESS).shares_details = True
    bench.graph.mailbox(OTHERS_ADDRESS).add(NOON, NOON + HOUR, subject="Interview")
    bench.provider.titles_of(bench.connection, OTHERS_ADDRESS, WINDOW, timeout_s=PATIENCE_S)
    people = [OTHERS_ADDRESS, ROOM.email, "stranger@elsewhere.example"]
    bench.provider.free_busy_of(bench.connection, people, WINDOW, timeout_s=PATIENCE_S)
    everybody = (*an_event().attendees, Attendee("Oli Fox", OTHERS_ADDRESS, optional=True), ROOM)
    event = replace(an_event(), attendees=everybody, conference="teams", url="https://meet.example/m/secret")
    later = replace(event, sequence=1, start=NOON + HOUR, end=NOON + 2 * HOUR, attendees=everybody[:2])
    plain = replace(event, uid="plain@inviteonce", conference="", transparent=True)
    for connection in (bench.connection, replace(bench.connection, write_calendar=projects)):
        for one in (event, plain, later, replace(plain, sequence=1, description="Another text")):
            bench.provider.write(connection, one)
            bench.provider.read(connection, one.uid)
        for one in (later, plain):
            bench.provider.cancel(connection, one)
        bench.provider.write(connection, replace(plain, uid="alone@inviteonce", attendees=()))
        bench.provider.cancel(connection, replace(plain, uid="alone@inviteonce"))
    for name in ("Atlas", "Nova", "Orbit"):
        bench.graph.place(name, f"{name}@fox.example", capacity=8, tags=["whiteboard"], displayDeviceName="Screen")
    bench.provider.rooms(bench.connect(DANAS_ADDRESS, ExtraAccess.ROOM_DIRECTORY))
    address, secret = "https://meet.example/hooks/microsoft", "a secret"
    watched = bench.provider.watch(bench.connection, address, secret)
    longer = bench.provider.renewed(bench.connection, watched, address, secret)
    for _ in range(2):
        bench.provider.unwatch(bench.connection, longer)


def constants(bench: MicrosoftBench) -> str:
    """The story as TypeScript. What follows an `@` is a note of the protocol's, and no property."""
    lines = [PRELUDE]

    def constant(value: Any, kind: str) -> None:
        lines.append(f"export const c{len(lines)}: {kind} = {json.dumps(value, indent=1)};")

    for exchange in bench.graph.http.exchanges:
        request, response = exchange.request, exchange.response
        path = request.path.removeprefix("/v1.0")
        fitting = [
            (asked, answered)
            for method, pattern, asked, answered in TYPES
            if method == request.method and re.fullmatch(pattern, path)
        ]
        assert len(fitting) == 1, f"{request.method} {path}"
        asked, answered = fitting[0]
        assert bool(request.body) == bool(asked), path
        if asked:
            constant(request.json(), asked)
        if response.status >= 400:
            constant(response.body, "GraphError")
        elif answered:
            constant(response.body, answered)
        for name in request.query.get("$select", "").split(","):
            if name:
                kind = answered.removeprefix("Page<").removesuffix(">")
                constant(name, f"Name<{kind}>")
    return "\n".join(lines)


def complaints(tmp_path: Path, *texts: str) -> list[str]:
    """What the compiler has against each of them; nothing is good."""
    folder = installed(ROOT / "tests" / "graph_check")
    (tmp_path / "node_modules").symlink_to(folder / "node_modules")
    names = [f"story{number}.ts" for number in range(len(texts))]
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", ""]
    command = ["node", str(folder / "node_modules" / "typescript" / "bin" / "tsc"), *options, *names]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    lines = done.stdout.splitlines()
    return ["\n".join(line for line in lines if line.startswith(name)) for name in names]


def test_everything_we_say_and_hear_is_of_microsofts_own_types(bench: MicrosoftBench, tmp_path: Path) -> None:
    play(bench)
    text = constants(bench)
    said = {(one.request.method, one.request.path.rsplit("/", 1)[-1]) for one in bench.graph.http.exchanges}
    assert {("POST", "events"), ("POST", "cancel"), ("POST", "getSchedule"), ("GET", "calendarView")} <= said
    assert ("GET", "microsoft.graph.room") in said
    assert text.count("GraphError =") >= 1, "somebody was refused in it"
    assert complaints(tmp_path, text) == [""]


MISTAKES = (
    ('"showAs": "busy"', '"showAs": "occupied"'),
    ('"type": "resource"', '"type": "room"'),
    ('"transactionId"', '"transactionID"'),
    ('"dateTime"', '"datetime"'),
    ('"availabilityViewInterval": 5', '"availabilityViewInterval": "5"'),
    ('"onlineMeetingProvider": "teamsForBusiness"', '"onlineMeetingProvider": "teams"'),
    ('"singleValueExtendedProperties"', '"singleValueExtendedProperty"'),
    ('"expirationDateTime"', '"expirationDatetime"'),
    ('"clientState"', '"clientSecret"'),
    ('Name<Event> = "isOnlineMeeting"', 'Name<Event> = "isOnline"'),
)


def test_the_check_finds_mistakes(bench: MicrosoftBench, tmp_path: Path) -> None:
    """What Microsoft's types do not know, the compiler refuses."""
    play(bench)
    text = constants(bench)
    assert [right for right, _ in MISTAKES if right not in text] == []
    found = complaints(tmp_path, *(text.replace(right, wrong) for right, wrong in MISTAKES))
    assert [wrong for (_, wrong), complaint in zip(MISTAKES, found, strict=True) if not complaint] == []


# ---------------------------------------------------------------- documented replies

SCHEDULE_REPLY = {
    "value": [
        {
            "scheduleId": "adelev@fox.example",
            "availabilityView": "000220000",
            "scheduleItems": [
                {
                    "isPrivate": False,
                    "status": "Busy",
                    "subject": "Let's go for lunch",
                    "location": "Harry's Bar",
                    "start": {"dateTime": "2027-03-15T12:00:00.0000000", "timeZone": "Pacific Standard Time"},
                    "end": {"dateTime": "2027-03-15T14:00:00.0000000", "timeZone": "Pacific Standard Time"},
                }
            ],
            "workingHours": {"timeZone": {"name": "Pacific Standard Time"}},
        },
        {
            "scheduleId": "alexw@fox.example",
            "availabilityView": "",
            "scheduleItems": [],
            "error": {"message": "The result set contains too many calendar entries.", "responseCode": "5006"},
        },
    ]
}
"""Of the shape in learn.microsoft.com/graph/outlook-get-free-busy-schedule: capital statuses, local times."""

EVENT_REPLY: dict[str, Any] = {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users('dana')/events/$entity",
    "@odata.etag": 'W/"ZlnW4RIAV06KYYwlrfNZvQAAKGWwbw=="',
    "id": "AAMkAGIAAAoZDOFAAA=",
    "createdDateTime": "2026-11-30T08:15:36.2447482Z",
    "originalStartTimeZone": "Pacific Standard Time",
    "iCalUId": "040000008200E00074C5B7101A82E00800000000",
    "isAllDay": False,
    "isCancelled": False,
    "isOrganizer": True,
    "subject": "Roadmap review",
    "showAs": "tentative",
    "body": {"contentType": "html", "content": "<html><body>Does noon work?</body></html>"},
    "start": {"dateTime": "2027-03-01T12:00:00.0000000", "timeZone": "Pacific Standard Time"},
    "end": {"dateTime": "2027-03-01T14:00:00.0000000", "timeZone": "Pacific Standard Time"},
    "location": {"displayName": "Atlas", "locationType": "default", "uniqueId": "Atlas", "uniqueIdType": "private"},
    "attendees": [
        {
            "type": "required",
            "status": {"response": "tentativelyAccepted", "time": "2026-11-30T09:00:00Z"},
            "emailAddress": {"name": "Anna Ruiz", "address": "Anna@acme.com"},
        },
        {"type": "required", "emailAddress": {"name": "Nobody knows", "address": "new@acme.com"}},
    ],
    "organizer": {"emailAddress": {"name": "Dana Fox", "address": DANAS_ADDRESS}},
    "isOnlineMeeting": True,
    "onlineMeetingProvider": "teamsForBusiness",
    "onlineMeeting": {"joinUrl": "https://teams.microsoft.com/l/meetup-join/19%3a", "conferenceId": "177513992"},
    "singleValueExtendedProperties": [{"id": payloads.UID.upper(), "value": "meeting-1@inviteonce"}],
}


def test_a_documented_schedule_is_understood() -> None:
    week = Interval(utc(2027, 3, 15), utc(2027, 3, 16))
    found = schedules.answers(SCHEDULE_REPLY, ["AdeleV@fox.example", "alexw@fox.example"], week)
    noon_in_summer_time = utc(2027, 3, 15, 19)
    lunch = Interval(noon_in_summer_time, noon_in_summer_time + timedelta(hours=2))
    assert lunch in found["AdeleV@fox.example"].busy
    assert found["alexw@fox.example"] == FreeBusy(unreadable="the calendar has more events than can be read")


def test_a_documented_event_is_understood() -> None:
    found = payloads.found(EVENT_REPLY, DANAS_ADDRESS)
    assert found.event.start == utc(2027, 3, 1, 20)
    assert found.event.join_url.startswith("https://teams.microsoft.com/")
    assert found.event.created_at == utc(2026, 11, 30, 8, 15).replace(second=36, microsecond=244748)
    assert {one.email: one.answer.value for one in found.event.attendees} == {
        DANAS_ADDRESS: "accepted",
        "Anna@acme.com": "tentative",
        "new@acme.com": "needs-action",
    }


def test_documented_replies_are_of_the_types_themselves(tmp_path: Path) -> None:
    def without_notes(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without_notes(one) for key, one in value.items() if not key.startswith("@")}
        return [without_notes(one) for one in value] if isinstance(value, list) else value

    schedule, event = json.dumps(SCHEDULE_REPLY).replace('"Busy"', '"busy"'), json.dumps(without_notes(EVENT_REPLY))
    text = f"{PRELUDE}\nexport const a: Page<ScheduleInformation> = {schedule};\nexport const b: Event = {event};\n"
    assert complaints(tmp_path, text) == [""]
