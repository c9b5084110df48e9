"""Whatever can be said can be stored: values come back equal, instants in UTC."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from bot.domain.activity import HomeState
from bot.domain.calendar import Event
from bot.domain.cells import BusyIndex
from bot.domain.delivery import Delivery
from bot.domain.ids import UserId
from bot.domain.intervals import Interval
from bot.domain.invitation import Draft, Invitation, Letter
from bot.domain.meeting import Meeting
from bot.ports import BusyReading
from storage.database import Database
from storage.types import BusyTimes, Document, Seconds
from tests import storage_strategies as every
from tests.storage_cast import HOUR, NOON, NORTHWIND, an_invitation

whatever = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)


@whatever
@given(value=every.drafts)
def test_every_draft_can_be_stored(database: Database, value: Draft) -> None:
    with database.unit_of_work(write=True) as unit:
        unit.drafts.add(value)
        assert _same(unit.drafts.get(value.id), value)


@whatever
@given(value=every.invitations)
def test_every_invitation_can_be_stored(database: Database, value: Invitation) -> None:
    with database.unit_of_work(write=True) as unit:
        unit.invitations.add(value)
        assert _same(unit.invitations.by_token(value.token), value)


@whatever
@given(value=every.meetings)
def test_every_meeting_can_be_stored(database: Database, value: Meeting) -> None:
    invitation = an_invitation()
    value = dataclasses.replace(value, invitation_id=invitation.id)
    with database.unit_of_work(write=True) as unit:
        unit.invitations.add(invitation)
        unit.meetings.add(value)
        assert _same(unit.meetings.get(value.id), value)


@whatever
@given(value=every.deliveries)
def test_every_delivery_can_be_stored(database: Database, value: Delivery) -> None:
    with database.unit_of_work(write=True) as unit:
        unit.homes.put(value.workspace_id, UserId(value.recipient), HomeState())  # else nothing is queued for it
        unit.outbox.add(value)
        assert _same(unit.outbox.pending(value.subject_id)[0], value)


@whatever
@given(value=every.events)
def test_every_event_can_be_stored(database: Database, value: Event) -> None:
    with database.unit_of_work(write=True) as unit:
        assert unit.builtin_events.put(NORTHWIND, "priya", value)
        assert not unit.builtin_events.put(NORTHWIND, "priya", value)
        assert _same(unit.builtin_events.get(NORTHWIND, "priya", value.uid), value)


@whatever
@given(value=every.readings)
def test_every_reading_can_be_stored(database: Database, value: BusyReading) -> None:
    with database.unit_of_work(write=True) as unit:
        unit.busy_cache.put(NORTHWIND, [value])
        assert _same(unit.busy_cache.get(NORTHWIND, [value.resource_id])[value.resource_id], value)


def test_instants_sort_as_time_does_whatever_zone_they_came_in(database: Database) -> None:
    """01:30 happens twice in New York on this day; the second is an hour after the first."""
    new_york = ZoneInfo("America/New_York")
    first = an_invitation(expires_at=datetime(2026, 11, 1, 1, 30, tzinfo=new_york))
    second = an_invitation(expires_at=datetime(2026, 11, 1, 1, 30, tzinfo=new_york, fold=1))
    with database.unit_of_work(write=True) as unit:
        unit.invitations.add(second)
        unit.invitations.add(first)
        assert [found.id for found in unit.invitations.due_to_expire(NOON, 2)] == [first.id, second.id]
        assert [found.id for found in unit.invitations.due_to_expire(first.expires_at.astimezone(UTC), 2)] == [first.id]


def test_instant_without_an_offset_is_refused(database: Database) -> None:
    with database.unit_of_work(write=True) as unit, pytest.raises(StatementError, match="UTC offset"):
        unit.invitations.add(an_invitation(created_at=datetime(2027, 1, 1)))  # noqa: DTZ001  # that is the point


def test_duration_of_a_fraction_of_a_second_is_refused() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        Seconds().process_bind_param(timedelta(milliseconds=1), sqlite.dialect())


def test_document_gives_instants_in_utc_at_every_depth() -> None:
    letter = Letter("", promoted=(datetime(2027, 1, 1, 12, tzinfo=ZoneInfo("Asia/Kathmandu")),))
    document = Document(tuple[Letter, ...])
    stored = document.process_bind_param((letter,), sqlite.dialect())
    (back,) = document.process_result_value(stored, sqlite.dialect())
    assert back == letter
    assert back.promoted[0].tzinfo is UTC


def test_busy_times_are_kept_as_the_index_the_engine_wants() -> None:
    index = BusyIndex.of([Interval(NOON, NOON + HOUR)] * 500)
    stored = BusyTimes().process_bind_param(index, sqlite.dialect())
    assert stored == index.to_bytes()
    assert BusyTimes().process_result_value(stored, sqlite.dialect()) == index


def test_unknown_choice_in_the_database_is_an_error(database: Database) -> None:
    with database.unit_of_work(write=True) as unit:
        invitation = an_invitation(status="unheard of")
        unit.invitations.add(invitation)
        with pytest.raises(ValueError, match="unheard of"):
            unit.invitations.get(invitation.id)


def _same(stored: Any, value: Any) -> bool:
    """Equal, and every instant that came back is in UTC itself."""
    return bool(stored == value) and all(instant.tzinfo is UTC for instant in _instants(stored))


def _instants(value: Any) -> list[datetime]:
    if isinstance(value, datetime):
        return [value]
    if isinstance(value, tuple):
        return [instant for item in value for instant in _instants(item)]
    if dataclasses.is_dataclass(value):
        return [instant for field in dataclasses.fields(value) for instant in _instants(getattr(value, field.name))]
    return []
