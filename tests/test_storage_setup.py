"""Rooms, templates and preferences come back as they were, to those who may see them."""

from __future__ import annotations

import dataclasses
from datetime import time
from typing import Any

import pytest

from bot.domain.ids import ChannelId, ConnectionId, ResourceId, TemplateId, new_id
from bot.domain.preferences import DefaultMethod, Preferences
from bot.domain.rooms import Room
from bot.domain.templates import Template
from bot.domain.timeframe import TimeRange, Weekday
from bot.domain.working_hours import WorkingHours
from bot.errors import NameTakenError
from bot.ports import UnitOfWorkFactory
from tests.storage_cast import ATLAS, BEN, DANA, GLOBEX, NORTHWIND, PRIYA

HOURS = WorkingHours.of("Asia/Kathmandu", {Weekday.MON: (TimeRange(time(9, 15), time(0)),), Weekday.SUN: ()})


def a_room(room_id: str = ATLAS, **changes: Any) -> Room:
    room = Room(ResourceId(room_id), NORTHWIND, "Atlas", "atlas@rooms.example", ConnectionId("danas"))
    return dataclasses.replace(room, **changes)


def a_template(**changes: Any) -> Template:
    template = Template(TemplateId(new_id()), NORTHWIND, DANA, "Demo", {"duration": "45", "promote": True}, 1, 14)
    return dataclasses.replace(template, **changes)


def test_room_comes_back_as_it_was(unit_of_work: UnitOfWorkFactory) -> None:
    room = a_room(capacity=12, equipment="Screen, whiteboard")
    with unit_of_work(write=True) as unit:
        unit.rooms.put(room)
        assert unit.rooms.get(ATLAS) == room
        renamed = dataclasses.replace(room, name="Titan", capacity=None)
        unit.rooms.put(renamed)
        assert unit.rooms.by_ids([ATLAS, ResourceId("room:unknown")]) == {ATLAS: renamed}


def test_workspace_lists_its_own_rooms_by_name(unit_of_work: UnitOfWorkFactory) -> None:
    nova = a_room("room:nova", name="nova", address="nova@rooms.example")
    elsewhere = a_room("room:elsewhere", workspace_id=GLOBEX)
    with unit_of_work(write=True) as unit:
        for room in (nova, a_room(), elsewhere):
            unit.rooms.put(room)
        assert list(unit.rooms.of_workspace(NORTHWIND)) == [a_room(), nova]


def test_removed_room_is_in_no_list_and_is_still_known(unit_of_work: UnitOfWorkFactory) -> None:
    removed = a_room(is_removed=True)
    with unit_of_work(write=True) as unit:
        unit.rooms.put(removed)
        assert list(unit.rooms.of_workspace(NORTHWIND)) == []
        assert unit.rooms.by_ids([ATLAS]) == {ATLAS: removed}
        assert unit.rooms.at_address(NORTHWIND, removed.address) == removed
        assert unit.rooms.at_address(GLOBEX, removed.address) is None


def test_address_is_there_once_in_a_workspace(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work(write=True) as unit:
        unit.rooms.put(a_room())
        with pytest.raises(NameTakenError):
            unit.rooms.put(a_room("room:again", name="Another name"))


def test_template_comes_back_as_it_was_until_it_is_deleted(unit_of_work: UnitOfWorkFactory) -> None:
    template = a_template(name="Zoë ‏שלום 🎉", fields={"days": ["0"], "channel": None, "ranges": [["09:00", "12:00"]]})
    with unit_of_work(write=True) as unit:
        unit.templates.put(template)
        assert unit.templates.get(template.id) == template
        shared = dataclasses.replace(template, is_shared=True, fields={})
        unit.templates.put(shared)
        assert unit.templates.get(template.id) == shared
        unit.templates.delete(template.id)
        assert unit.templates.get(template.id) is None


def test_people_see_their_own_templates_and_the_shared_ones(unit_of_work: UnitOfWorkFactory) -> None:
    mine, hers, shared = a_template(name="zulu"), a_template(owner_id=PRIYA), a_template(owner_id=BEN, is_shared=True)
    elsewhere = a_template(workspace_id=GLOBEX, is_shared=True)
    shared = dataclasses.replace(shared, name="Alpha")
    with unit_of_work(write=True) as unit:
        for template in (mine, hers, shared, elsewhere):
            unit.templates.put(template)
        assert list(unit.templates.visible_to(NORTHWIND, DANA)) == [shared, mine]


def test_marks_are_each_persons_and_forget_what_is_gone(unit_of_work: UnitOfWorkFactory) -> None:
    mine, shared = a_template(), a_template(owner_id=PRIYA, is_shared=True)
    with unit_of_work(write=True) as unit:
        assert unit.templates.marks(NORTHWIND, DANA) == (frozenset(), None)
        unit.templates.put(mine)
        unit.templates.put(shared)
        unit.templates.set_marks(NORTHWIND, DANA, frozenset({mine.id}), None)
        unit.templates.set_marks(NORTHWIND, DANA, frozenset({mine.id, shared.id}), shared.id)
        assert unit.templates.marks(NORTHWIND, DANA) == ({mine.id, shared.id}, shared.id)
        assert unit.templates.marks(NORTHWIND, BEN) == (frozenset(), None)
        unit.templates.put(dataclasses.replace(shared, is_shared=False))
        assert unit.templates.marks(NORTHWIND, DANA) == ({mine.id}, None)
        unit.templates.delete(mine.id)
        assert unit.templates.marks(NORTHWIND, DANA) == (frozenset(), None)


def test_preferences_come_back_as_they_were_and_unset_is_none(unit_of_work: UnitOfWorkFactory) -> None:
    chosen = Preferences(HOURS, "Asia/Kathmandu", DefaultMethod.ASK, ChannelId("C0SALES"), "de")
    with unit_of_work(write=True) as unit:
        assert unit.preferences.get(NORTHWIND, DANA) == Preferences()
        unit.preferences.put(NORTHWIND, DANA, Preferences(language="en"))
        unit.preferences.put(NORTHWIND, DANA, chosen)
        unit.preferences.put(GLOBEX, PRIYA, chosen)
        assert unit.preferences.of_users(NORTHWIND, [DANA, PRIYA]) == {DANA: chosen, PRIYA: Preferences()}
