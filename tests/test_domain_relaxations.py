"""Relaxations against brute force: what a button promises is what its press brings."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.explain import explained_slots, hours_costs
from bot.domain.ids import ResourceId
from bot.domain.intervals import Interval
from bot.domain.invitation import slot_search
from bot.domain.relaxations import Change, Relaxation, relaxations, relaxed, tireless, variations
from bot.domain.slots import Calendar, available_slots
from bot.domain.working_hours import default_working_hours
from tests import oracle
from tests.cast import DANA

NOW = datetime(2026, 12, 7, 6, 40, tzinfo=UTC)
PEOPLE = tuple(ResourceId(name) for name in ("U0ANA", "U0BEN", "U0CLEO"))
ROOMS = tuple(ResourceId(f"room:{name}") for name in ("atlas", "borealis", "crater"))
OF_SIZE = {ROOMS[0]: (ROOMS[1], ROOMS[2]), ROOMS[1]: (ROOMS[2],)}


def filled(**changes: Any) -> dict[str, Any]:
    return {
        **wizard.defaults(DANA, NOW),
        f.SUBJECT: "Roadmap review",
        f.START_DATE: "2026-12-07",
        f.END_DATE: "2026-12-08",
        f.TIME_ZONE: "UTC",
        **changes,
    }


def random_fields(dice: random.Random) -> dict[str, Any]:
    members = dice.sample(PEOPLE, dice.randint(1, 3))
    spare = [who for who in PEOPLE if who not in members]
    rooms = dice.sample(ROOMS[:2], dice.randint(0, 2))
    second = dice.choice([(None, None), ("14:00", "23:30")])
    return filled(
        **{
            f.MEMBERS: members,
            f.ALTERNATIVES: {members[0]: spare} if spare and dice.random() < 0.5 else {},
            f.ROOMS: rooms,
            f.END_DATE: dice.choice(["2026-12-07", "2026-12-09", "2026-12-12"]),
            f.DAYS: dice.choice([["0"], ["0", "2", "4"], ["0", "1", "2", "3", "4"]]),
            f.FROM: dice.choice(["00:00", "00:30", "09:00"]),
            f.TO: dice.choice(["11:00", "12:30", "00:00"]),
            f.FROM_2: second[0],
            f.TO_2: second[1],
            f.SPACING: dice.choice(["30", "45", "duration"]),
            f.NOTICE: dice.choice(["0", "60", "1440"]),
            f.BUFFER_BEFORE: dice.choice(["0", "15"]),
            f.WORKING_HOURS: dice.random() < 0.7,
        }
    )


def random_calendars(dice: random.Random) -> dict[ResourceId, Calendar]:
    calendars = {}
    for who in (*PEOPLE, *ROOMS):
        busy = []
        for _ in range(dice.randint(0, 12)):
            start = NOW + timedelta(minutes=dice.randint(0, 30_000))
            busy.append(Interval(start, start + timedelta(minutes=dice.randint(5, 900))))
        hours = default_working_hours(dice.choice(["Europe/Berlin", "America/New_York"])) if who in PEOPLE else None
        calendars[who] = Calendar(tuple(busy), hours, readable=dice.random() > 0.1)
    return calendars


def counted(fields: Mapping[str, Any], calendars: Mapping[ResourceId, Calendar]) -> int:
    """By brute force, as the wizard would ask with these fields."""
    rules = wizard.rules(fields, NOW)
    if not rules.respect_working_hours:
        calendars = {who: replace(calendar, working_hours=None) for who, calendar in calendars.items()}
    return len(oracle.slots(slot_search(wizard.details(fields), rules), calendars, NOW))


def found(fields: Mapping[str, Any], calendars: Mapping[ResourceId, Calendar]) -> tuple[Relaxation, ...]:
    rules = wizard.rules(fields, NOW)
    if not rules.respect_working_hours:
        calendars = {who: replace(calendar, working_hours=None) for who, calendar in calendars.items()}
    details = wizard.details(fields)
    explained = explained_slots(slot_search(details, rules), calendars, NOW)
    return relaxations(
        details,
        rules,
        calendars,
        NOW,
        OF_SIZE,
        without_hours=tireless(calendars),
        present=len(explained.slots.starts),
        offered=explained.offered,
        notice_costs=explained.notice_costs,
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_press_brings_exactly_what_the_button_promises(seed: int) -> None:
    dice = random.Random(seed)
    fields, calendars = random_fields(dice), random_calendars(dice)
    present = counted(fields, calendars)
    for relaxation in found(fields, calendars):
        of_size = OF_SIZE.get(ResourceId(relaxation.value), ())
        pressed = {**fields, **relaxed(fields, relaxation.change, relaxation.value, of_size)}
        assert counted(pressed, calendars) == present + relaxation.gain, relaxation
        assert relaxation.gain > 0


@pytest.mark.parametrize("seed", range(15))
def test_no_single_change_that_was_left_out_brings_more(seed: int) -> None:
    dice = random.Random(seed)
    fields, calendars = random_fields(dice), random_calendars(dice)
    present, best = counted(fields, calendars), found(fields, calendars)
    gains = {}
    for change, _, _ in variations(wizard.details(fields), wizard.rules(fields, NOW), OF_SIZE):
        of_size = OF_SIZE.get(ResourceId(change.value), ())
        pressed = {**fields, **relaxed(fields, change.change, change.value, of_size)}
        gains[change.change, change.value] = counted(pressed, calendars) - present
    days = [gain for (change, _), gain in gains.items() if change is Change.DAYS and gain > 0]
    others = [gain for (change, _), gain in gains.items() if change is not Change.DAYS and gain > 0]
    assert [each.gain for each in best] == sorted([*others, *days[:1]], reverse=True)[:3]


@pytest.mark.parametrize("seed", range(15))
def test_notice_and_each_persons_hours_cost_what_leaving_them_out_brings(seed: int) -> None:
    dice = random.Random(seed)
    fields, calendars = random_fields(dice), random_calendars(dice)
    search = slot_search(wizard.details(fields), wizard.rules(fields, NOW))
    present = len(oracle.slots(search, calendars, NOW))
    without = len(oracle.slots(replace(search, notice=timedelta()), calendars, NOW))
    assert explained_slots(search, calendars, NOW).notice_costs == without - present
    for who, cost in hours_costs(search, calendars, NOW, sorted(search.resources), present=present).items():
        tireless = {**calendars, who: replace(calendars[who], working_hours=None)}
        assert cost == len(oracle.slots(search, tireless, NOW)) - present


def test_nobody_is_made_optional_where_nobody_else_would_be_left() -> None:
    fields = filled(**{f.MEMBERS: [PEOPLE[0]], f.ROOMS: [ROOMS[0]]})
    changes = {change.change for change, _, _ in variations(wizard.details(fields), wizard.rules(fields, NOW), {})}
    assert Change.OPTIONAL not in changes
    assert Change.WITHOUT_ROOM in changes


def test_a_press_on_an_old_button_means_nothing_any_more() -> None:
    fields = filled(**{f.MEMBERS: [PEOPLE[0]]})
    assert relaxed(fields, Change.OPTIONAL, PEOPLE[1]) == {}
    assert relaxed(fields, Change.OPTIONAL, PEOPLE[0]) == {}, "somebody has to be there"
    assert relaxed(fields, Change.ANY_ROOM, ROOMS[0], ROOMS) == {}
    assert relaxed(fields, Change.DAYS, "x") == {}
    assert relaxed({**fields, f.END_DATE: "9999-12-31"}, Change.DAYS, "3") == {}, "there is no later day"


def test_whoever_is_made_optional_is_still_invited_and_the_alternatives_go() -> None:
    fields = filled(**{f.MEMBERS: [PEOPLE[0], PEOPLE[1]], f.ALTERNATIVES: {PEOPLE[1]: [PEOPLE[2]]}})
    after = relaxed(fields, Change.OPTIONAL, PEOPLE[1])
    assert after == {f.MEMBERS: [PEOPLE[0]], f.OPTIONAL_MEMBERS: [PEOPLE[1]], f.ALTERNATIVES: {}}


@pytest.mark.parametrize(
    ("ranges", "wider"),
    [
        ([("09:00", "17:00")], "08:00-18:00"),
        ([("00:30", "23:30")], "00:00-00:00"),
        ([("09:00", "12:00"), ("14:00", "17:00")], "08:00-18:00"),
        ([("22:00", "02:00")], "21:00-02:00"),
        ([("09:00", "00:00")], "08:00-00:00"),
        ([("09:00", "09:00")], None),
        ([("00:00", "00:00")], None),
    ],
)
def test_hours_grow_as_far_as_the_day_has_any(ranges: list[tuple[str, str]], wider: str | None) -> None:
    fields = filled()
    for names, values in zip(f.RANGES, ranges, strict=False):
        fields |= dict(zip(names, values, strict=True))
    changes = [c for c, _, _ in variations(wizard.details(fields), wizard.rules(fields, NOW), {})]
    assert [c.value for c in changes if c.change is Change.HOURS] == ([wider] if wider else [])


def test_the_mildest_extension_that_brings_anything_is_offered() -> None:
    fields = filled(**{f.MEMBERS: [PEOPLE[0]], f.NOTICE: "0", f.TO: "10:00", f.FROM: "10:00", f.WORKING_HOURS: False})
    away = Calendar(busy=(Interval(NOW - timedelta(days=1), NOW + timedelta(days=6)),))
    changes = found(fields, {PEOPLE[0]: away})
    assert [(each.change, each.value) for each in changes] == [(Change.DAYS, "7")]
    assert changes[0].text == "7 more days"
    start = available_slots(
        slot_search(wizard.details(fields), wizard.rules({**fields, f.END_DATE: "2026-12-15"}, NOW)),
        {PEOPLE[0]: away},
        NOW,
    ).starts[0]
    assert start > NOW + timedelta(days=6)


def test_wider_hours_name_every_range_so_that_nobody_reads_them_as_one() -> None:
    fields = filled()
    for names, values in zip(f.RANGES, [("09:00", "12:00"), ("14:00", "17:00")], strict=False):
        fields |= dict(zip(names, values, strict=True))
    [hours] = [
        c for c, _, _ in variations(wizard.details(fields), wizard.rules(fields, NOW), {}) if c.change is Change.HOURS
    ]
    assert hours.text == "08:00–12:00, 14:00–18:00"
