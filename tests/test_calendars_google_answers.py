"""Whatever JSON comes back: it is understood, or it is an error with a reason. Never a free calendar by accident."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.calendars.google.busy import understood
from bot.calendars.google.events import body_of, changes, event_from
from bot.calendars.google.faults import GoogleError, refusal
from bot.rest import Reply
from tests.calendar_contract import MEETING, WINDOW, an_event
from tests.cast import NOW
from tests.google_discovery import complaints, document
from tests.searches import proven

DANA, BEN = "dana@fox.example", "ben@fox.example"
EVENT = an_event()

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([DANA, "UTC"])
instants = st.sampled_from(
    [
        "2027-03-01T12:00:00Z",
        "2027-03-01T13:00:00+01:00",
        "2027-03-02",
        "2027-03-01T12:00:00",
        "0001-01-01T00:00:00+14:00",
    ]
)
names = st.sampled_from(
    [
        *(
            "calendars",
            "busy",
            "errors",
            "reason",
            "start",
            "end",
            "timeMin",
            "timeMax",
            "dateTime",
            "date",
            "timeZone",
        ),
        *(
            "attendees",
            "email",
            "responseStatus",
            "organizer",
            "conferenceData",
            "createRequest",
            "status",
            "requestId",
        ),
        *("statusCode", "entryPoints", "entryPointType", "uri", "extendedProperties", "private", "inviteonceSequence"),
        *("error", "details", "created", "source", "url", "summary", "hangoutLink", DANA, BEN),
    ]
)
values = st.recursive(
    leaves | instants,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)
answers = st.dictionaries(names, values, max_size=8)


@proven
@given(answers)
def test_any_answer_about_busy_times_is_understood_or_unreadable(answer: dict[str, Any]) -> None:
    found = understood(answer, [DANA, BEN], WINDOW)
    assert list(found) == [DANA, BEN]
    for who, told in found.items():
        if told.readable:
            assert isinstance(answer["calendars"][who]["busy"], list)
            assert not answer["calendars"][who].get("errors")


@proven
@given(values)
def test_any_calendar_in_an_answer_is_understood_or_unreadable(calendar: Any) -> None:
    told = understood({"calendars": {DANA: calendar}}, [DANA], WINDOW)[DANA]
    if told.readable:
        assert isinstance(calendar["busy"], list)
        assert bool(told.busy) == any(period["start"] != period["end"] for period in calendar["busy"])


@proven
@given(values, values)
def test_no_busy_time_is_lost(start: Any, end: Any) -> None:
    """One that makes no sense takes the whole calendar with it, and not itself out of it."""
    good = {"start": "2027-03-01T12:00:00Z", "end": "2027-03-01T13:00:00Z"}
    told = understood({"calendars": {DANA: {"busy": [good, {"start": start, "end": end}]}}}, [DANA], WINDOW)[DANA]
    assert not told.readable or any(interval.contains(MEETING) for interval in told.busy)


@proven
@given(answers)
def test_any_event_is_read_or_an_error(found: dict[str, Any]) -> None:
    with suppress(GoogleError):
        event = event_from(found, EVENT.uid, lambda: "Europe/Berlin")
        assert event.start.tzinfo is event.end.tzinfo is UTC


@proven
@given(answers)
def test_any_event_can_be_made_ours_again(found: dict[str, Any]) -> None:
    changed = changes(found, EVENT, DANA)
    assert list(complaints("body", changed, {"$ref": "Event"}, document(), is_request=True)) == []
    assert changes({**body_of(EVENT, DANA), "id": "x"}, EVENT, DANA) == {}


@proven
@given(st.integers(300, 599), st.binary(max_size=40) | answers.map(lambda answer: json.dumps(answer).encode()))
def test_any_refusal_has_a_reason(status: int, body: bytes) -> None:
    error = refusal(Reply("Google", status, {"retry-after": "soon"}, body), NOW)
    assert error.reason
    assert str(error).endswith(".")
