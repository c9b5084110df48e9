"""Strategies: every value that can be stored, for hypothesis.

Texts hold everything but NUL, which PostgreSQL refuses in any text, and lone surrogates, which are no characters.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.domain.calendar import Attendee, Event, EventStatus
from bot.domain.cells import BusyIndex
from bot.domain.delivery import Delivery, DeliveryKind
from bot.domain.intervals import Interval
from bot.domain.invitation import (
    Conferencing,
    ConferencingKind,
    DeliveryMethod,
    Details,
    Draft,
    DraftStep,
    Invitation,
    InvitationStatus,
    Letter,
    MessageRef,
    Participant,
    Seat,
    SeatKind,
    SlotRules,
)
from bot.domain.languages import LANGUAGES
from bot.domain.meeting import CanceledBy, Meeting, MeetingStatus, Move, Receipt
from bot.domain.timeframe import TimeFrame, TimeRange, Weekday
from bot.ports import BusyReading

ids = st.uuids().map(lambda number: number.hex)
numbers = st.integers(0, 2**31 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
zones = st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"])
instants = st.builds(
    lambda zone, seconds, microseconds: datetime.fromtimestamp(seconds, ZoneInfo(zone)).replace(
        microsecond=microseconds
    ),
    zones,
    st.integers(0, 2**32),
    st.integers(0, 999_999),
)
durations = st.integers(0, 96).map(lambda steps: timedelta(minutes=5 * steps))
times = st.builds(time, st.integers(0, 23), st.integers(0, 11).map(lambda steps: 5 * steps))
intervals = st.builds(
    lambda start, length: Interval(start, start.astimezone(UTC) + timedelta(microseconds=length)),
    instants,
    st.integers(1, 10**12),
)
resources = st.one_of(texts, texts.map("room:{}".format))
cards = st.none() | st.builds(MessageRef, channel_id=texts, ts=texts)


def tuples(of: st.SearchStrategy[Any], min_size: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    """A few different ones."""
    return st.lists(of, min_size=min_size, max_size=3, unique=True).map(tuple)


frames = st.builds(
    lambda dates, **rest: TimeFrame(min(dates), max(dates), **rest),
    st.tuples(*[st.dates(date(2000, 1, 1), date(2099, 12, 31))] * 2),
    weekdays=st.frozensets(st.sampled_from(Weekday), min_size=1),
    time_ranges=tuples(st.builds(TimeRange, times, times), 1),
    time_zone=zones,
)
rules = st.builds(
    SlotRules,
    frame=frames,
    spacing=st.none() | durations,
    notice=durations,
    buffer_before=durations,
    buffer_after=durations,
    respect_working_hours=st.booleans(),
)
details = st.builds(
    Details,
    subject=texts,
    duration=durations,
    seats=tuples(st.builds(Seat, st.sampled_from(SeatKind), tuples(resources, 1), st.none() | ids, st.booleans()), 1),
    optional_members=tuples(texts),
    description=texts,
    conferencing=st.builds(Conferencing, st.sampled_from(ConferencingKind), texts),
    location=texts,
)
letters = st.builds(
    Letter,
    subject=texts,
    message=texts,
    promote=st.booleans(),
    promoted=tuples(instants),
    delivery=st.sampled_from(DeliveryMethod),
    channel_id=st.none() | texts,
    language=st.sampled_from(list(LANGUAGES)),
    include_customer=st.booleans(),
)
invitations = st.builds(
    Invitation,
    id=ids,
    workspace_id=texts,
    tracking_id=texts,
    inviter_id=texts,
    participant=st.builds(Participant, texts, texts, texts, st.none() | zones),
    details=details,
    rules=rules,
    letter=letters,
    status=st.sampled_from(InvitationStatus),
    token=ids,
    created_at=instants,
    expires_at=instants,
    sent_at=st.none() | instants,
    opened_at=st.none() | instants,
    bounced_reason=texts,
    card=cards,
)
drafts = st.builds(
    Draft,
    id=ids,
    workspace_id=texts,
    owner_id=texts,
    step=st.sampled_from(DraftStep),
    fields=st.dictionaries(texts, st.none() | st.booleans() | texts | st.lists(texts, max_size=3), max_size=5),
    created_at=instants,
    updated_at=instants,
    revision=numbers,
    generation=numbers,
    card=cards,
)
meetings = st.builds(
    Meeting,
    id=ids,
    workspace_id=texts,
    invitation_id=ids,
    tracking_id=texts,
    start=instants,
    duration=durations,
    assigned=tuples(resources),
    status=st.sampled_from(MeetingStatus),
    created_at=instants,
    sequence=numbers,
    customer_zone=st.none() | zones,
    canceled_by=st.none() | st.sampled_from(CanceledBy),
    canceled_by_id=st.none() | texts,
    cancel_reason=texts,
    card=cards,
    join_url=texts,
    conference_id=texts,
    conference_problem=texts,
    receipts=tuples(st.builds(Receipt, resources, texts)),
    last_move=st.none() | st.builds(Move, instants, instants, numbers, st.booleans(), st.none() | texts, texts),
)
deliveries = st.builds(
    Delivery,
    id=ids,
    workspace_id=texts,
    kind=st.sampled_from(DeliveryKind),
    subject_id=ids,
    recipient=texts,
    created_at=instants,
    due_at=instants,
    about=texts,
    attempts=numbers,
    details=st.dictionaries(texts, texts, max_size=3),
)
attendees = st.builds(Attendee, texts, texts, st.booleans(), st.booleans())
events = st.builds(
    Event,
    uid=ids,
    sequence=numbers,
    start=instants,
    end=instants,
    summary=texts,
    organizer=attendees,
    attendees=tuples(attendees),
    description=texts,
    location=texts,
    url=texts,
    status=st.sampled_from(EventStatus),
    transparent=st.booleans(),
    created_at=st.none() | instants,
)
readings = st.builds(
    BusyReading,
    resource_id=resources,
    window=intervals,
    read_at=instants,
    busy=st.lists(intervals, max_size=1).map(BusyIndex.of),
    unreadable=st.none() | texts,
)
