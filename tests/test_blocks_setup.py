"""Setup and scheduling on behalf at their largest, and what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from blocks import ids
from blocks.home import home_view
from blocks.on_behalf import confirmation_view, method_view, scheduled_view, slot_view
from blocks.setup_hours import hours_summary, hours_view, preferences_view
from blocks.setup_pool_forms import add_members_view, create_pool_view, edit_pool_view
from blocks.setup_pools import pool_view, pools_view
from blocks.setup_rooms import add_rooms_view, added_rooms_view, room_view, rooms_view
from blocks.setup_templates import delete_template_view, edit_template_view, templates_view
from bot.domain import fields as f
from bot.domain.activity import HomeState, Tab
from bot.domain.calendar import Connection
from bot.domain.connecting import ConnectionItem
from bot.domain.ids import ChannelId, ConnectionId, ResourceId, TemplateId
from bot.domain.ledger import Tally, ledger
from bot.domain.on_behalf import DAYS_A_PAGE, MOST_A_PAGE, Offer, OfferPage, Picked
from bot.domain.pools import Cycle, PoolKind, PoolMember, PoolMethod
from bot.domain.preferences import DefaultMethod, Preferences
from bot.domain.rooms import Room
from bot.domain.setup import MemberPage, PoolItem, SetupPage, TemplateItem
from bot.domain.templates import Template
from bot.domain.timeframe import TimeRange, Weekday
from bot.domain.working_hours import WorkingHours, default_working_hours
from tests.activity_cast import DETAILS, DRAFT, NASTY, WORST, meeting_item, page, worst_meeting_item
from tests.block_kit import assert_within_limits, buttons, shown
from tests.cast import DANA, NOW, PRIYA, WORKSPACE
from tests.modal_limits import assert_modal_within_limits
from tests.pool_cast import a_pool

LONG = "M" * 80
HOURS = WorkingHours.of(
    "Europe/London",
    {Weekday.MON: (TimeRange(time(9), time(12)), TimeRange(time(13), time(17)))},
    {date(2026, 1, 1) + timedelta(days=2 * n): () for n in range(150)},
)


def room(number: int = 1, name: str = "Atlas") -> Room:
    equipment = "Screen" if name == "Atlas" else name
    return Room(ResourceId(f"room:{number}"), WORKSPACE, name, "atlas@rooms.acme.com", ConnectionId("c1"), 8, equipment)


def pool_item(size: int, name: str = "Sales", **changes: Any) -> PoolItem:
    members = tuple(
        PoolMember(ResourceId(f"U{n:04}"), NOW - timedelta(days=n), active=bool(n % 10)) for n in range(size)
    )
    pool = replace(a_pool(), name=name, members=members, **changes)
    tallies = {member.resource_id: Tally(n % 7, n % 3, NOW) for n, member in enumerate(members)}
    return PoolItem(ledger(pool, tallies, NOW), {member.resource_id: name for member in members})


def template_item(number: int = 1, name: str = "Demo") -> TemplateItem:
    template = Template(TemplateId(f"t{number}"), WORKSPACE, DANA.user_id, name, {}, 0, 14, is_shared=True)
    return TemplateItem(template, name, is_own=False, may_change=True, is_favourite=True, is_default=True)


def setup_page(text: str = "Sales", size: int = 3, people: int = 4) -> SetupPage:
    connection = Connection(ConnectionId("c1"), WORKSPACE, DANA.user_id, "google", text)
    return SetupPage(
        now=NOW,
        connections=tuple(
            ConnectionItem(replace(connection, id=ConnectionId(f"c{n}")), text) for n in range(min(size, 12))
        ),
        is_one_click=False,
        preferences=Preferences(channel_id=ChannelId("C0SALES")),
        hours=HOURS,
        time_zone="Europe/London",
        language="en",
        rooms=tuple(room(n, text) for n in range(size)),
        pools=tuple(
            replace(item, ledger=replace(item.ledger, pool=replace(item.ledger.pool, id=f"p{n}")))
            for n in range(min(size, 8))
            for item in [pool_item(people, text)]
        ),
        pool_count=size,
        templates=tuple(template_item(n, text) for n in range(size)),
    )


def setup_home(reader: Any, of: SetupPage, **changes: Any) -> list[dict[str, Any]]:
    return list(home_view(reader, HomeState(Tab.SETUP), page(setup=of, **changes)).to_dict()["blocks"])


@pytest.mark.parametrize("text", [LONG, WORST, NASTY])
def test_setup_fits_whatever_there_is(text: str) -> None:
    """500 members a pool, 60 rooms, pools and templates."""
    broken = tuple(item.connection for item in setup_page(text, 3).connections)
    blocks = setup_home(DANA, setup_page(text, 60, 500), connected=False, broken=broken)
    assert_within_limits([block for block in blocks if (block.get("accessory") or {}).get("type") != "overflow"], 100)
    assert len(blocks) <= 100
    assert "<!channel>" not in shown(blocks)


def test_an_empty_setup_says_how_to_begin() -> None:
    words = shown(setup_home(DANA, replace(setup_page(size=0), rooms=(), pools=(), templates=(), pool_count=0)))
    for beginning in ("No calendar is connected", "No rooms yet", "No pools yet", "No templates yet"):
        assert beginning in words


def test_the_language_is_said_whether_it_was_chosen_or_not() -> None:
    page = setup_page()
    assert "*Language:* English (15:00, 1 December), as in your Slack profile\n" in shown(setup_home(DANA, page))
    chosen = replace(page, language="en-US", preferences=replace(page.preferences, language="en-US"))
    assert "*Language:* English, US (3:00 PM, December 1)\n" in shown(setup_home(DANA, chosen))


def test_members_read_pools_and_administrators_change_them() -> None:
    of = setup_page()
    assert {ids.CREATE_PEOPLE_POOL, ids.CREATE_ROOM_POOL} <= {
        pressed for _, pressed, _ in buttons(setup_home(DANA, of))
    }
    seen = {pressed for _, pressed, _ in buttons(setup_home(PRIYA, of))}
    assert ids.OPEN_POOL in seen
    assert not {ids.CREATE_PEOPLE_POOL, ids.CREATE_ROOM_POOL} & seen
    shared = pool_view(
        MemberPage(pool_item(5), tuple(ResourceId(f"U{n:04}") for n in range(5)), 0, 1, may_change=False)
    )
    assert buttons(shared.to_dict()["blocks"]) == []
    assert not [block for block in shared.to_dict()["blocks"] if block.get("accessory")]


def test_the_ledger_says_who_is_next_and_why_and_who_comes_then() -> None:
    item = pool_item(4)
    names = {ResourceId(f"U{n:04}"): name for n, name in enumerate(("Eve", "Ana", "Raj", "Dev"))}
    view = pool_view(MemberPage(replace(item, names=names), tuple(names), 0, 1, may_change=True)).to_dict()
    words = shown(view)
    assert "Next: *Raj* (0 received, as others have; joined first)\nIf you book now: Raj, Ana, Raj" in words
    assert "The average is 1 received." in words
    assert "*Eve* · inactive\n0 received · joined" in words
    assert "3 received · joined" in words


def test_whoever_rests_because_they_have_left_slack_is_said_to() -> None:
    item = pool_item(1)
    (member,) = item.ledger.pool.members
    pool = replace(item.ledger.pool, members=(replace(member, has_left=True),))
    page = MemberPage(replace(item, ledger=ledger(pool, {}, NOW)), (member.resource_id,), 0, 1, may_change=True)
    assert "inactive while deactivated in Slack" in shown(pool_view(page).to_dict())


@pytest.mark.parametrize("text", [LONG, WORST, NASTY])
def test_every_modal_fits_at_its_largest(text: str) -> None:
    item = pool_item(500, text)
    members = tuple(member.resource_id for member in item.ledger.pool.members)
    rooms = [room(n, text) for n in range(60)]
    views = [
        pool_view(MemberPage(item, members[:20], 3, 25, may_change=True)),
        pools_view(
            [replace(item, ledger=replace(item.ledger, pool=replace(item.ledger.pool, id=f"p{n}"))) for n in range(8)],
            1,
            3,
        ),
        create_pool_view(PoolKind.PEOPLE),
        create_pool_view(PoolKind.ROOMS),
        edit_pool_view(item.ledger.pool),
        add_members_view(item.ledger.pool),
        add_rooms_view(),
        added_rooms_view(rooms, [(text, text * 3)] * 60),
        rooms_view(rooms, 1),
        room_view(rooms[0], 2),
        templates_view([template_item(n, text) for n in range(60)], 1),
        edit_template_view(template_item(1, text).template, 0),
        delete_template_view(template_item(1, text).template, 0),
        hours_view(HOURS, NOW),
        preferences_view(setup_page(text), NOW),
        method_view(DRAFT, [text]),
    ]
    for view in views:
        drawn = view.to_dict()
        assert_modal_within_limits(drawn)
        assert "<!channel>" not in shown([b for b in drawn["blocks"] if b["type"] != "input"])


def test_every_address_that_was_not_added_is_shown_with_its_reason() -> None:
    failures = [(f"room-{number}@rooms.acme.example", "This calendar cannot be read. " * 6) for number in range(100)]
    text = shown(added_rooms_view([], failures).to_dict()["blocks"])
    assert all(address in text for address, _ in failures)


def test_hours_in_a_line() -> None:
    assert hours_summary(default_working_hours("UTC")) == "Mon–Fri 09:00–17:00 · Sat, Sun off (UTC)"
    assert hours_summary(HOURS).splitlines()[0] == "Mon 09:00–12:00, 13:00–17:00 · Tue–Sun off (Europe/London)"
    assert "and 147 more" in hours_summary(HOURS)


# ---------------------------------------------------------------- on behalf

MIDNIGHT = datetime(2026, 12, 1, 5, tzinfo=UTC)


def offers(text: str, number: int, *, days: int, taken: bool) -> OfferPage:
    """So many days of so many starts each, all of them taken, or none."""
    listed = tuple(
        (
            date(2026, 12, 1) + timedelta(days=day),
            tuple(
                Offer(
                    MIDNIGHT + timedelta(days=day, minutes=5 * n),
                    (f"{text}{n}: {text}",) * 3 if taken else (),
                    n % 2 == 0,
                )
                for n in range(number)
            ),
        )
        for day in range(days)
    )
    return OfferPage("America/New_York", listed, 1, 6, 0 if taken else number * days, taken, (text,) * 9)


@pytest.mark.parametrize("text", [LONG, WORST, NASTY])
@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("days", [1, DAYS_A_PAGE])
def test_as_many_slots_as_a_page_has_fit(text: str, taken: bool, days: int) -> None:
    draft = replace(DRAFT, fields={**DRAFT.fields, f.CUSTOMER_ZONE: "Australia/Lord_Howe", f.PARTICIPANT_NAME: text})
    view = slot_view(draft, offers(text, MOST_A_PAGE // days, days=days, taken=taken), warnings=[text] * 3).to_dict()
    assert_modal_within_limits(view)
    assert "<!channel>" not in shown([block for block in view["blocks"] if block["type"] != "actions"])


def test_what_cannot_be_booked_over_has_no_button() -> None:
    free, over, never = (MIDNIGHT + timedelta(hours=hour) for hour in (10, 11, 12))
    day = (
        Offer(free),
        Offer(over, ("Dana Fox: Lunch",)),
        Offer(never, ("Priya Raman: another meeting made here",), False),
    )
    of = OfferPage("America/New_York", ((date(2026, 12, 1), day),), 0, 1, 1, True)
    blocks = slot_view(DRAFT, of).to_dict()["blocks"]
    assert [label for label, action, _ in buttons(blocks) if action.startswith("pick_")] == ["10:00", "⚠ 11:00"]
    words = shown(blocks)
    assert "11:00: Dana Fox: Lunch" in words
    assert "12:00: Priya Raman: another meeting made here (cannot be booked over)" in words
    assert "*1 available time slot*" in words


@pytest.mark.parametrize("text", [LONG, WORST, NASTY])
def test_the_confirmation_fits(text: str) -> None:
    fields = {**DRAFT.fields, f.PARTICIPANT_NAME: text, f.CUSTOMER_ZONE: "Europe/Madrid", f.CONFIRMATION: text * 30}
    details = replace(DETAILS, subject=text)
    picked = Picked(Offer(MIDNIGHT, (f"{text}: {text}",) * 9), details, (text,) * 30)
    assert_modal_within_limits(confirmation_view(replace(DRAFT, fields=fields), picked, DANA).to_dict())
    assert_modal_within_limits(scheduled_view(worst_meeting_item(text), DANA).to_dict())


def test_the_last_view_says_who_tells_the_customer() -> None:
    item = meeting_item()
    silent = replace(item, invitation=replace(item.invitation, letter=replace(item.invitation.letter, confirms=False)))
    assert "anna@acme.com" in shown(scheduled_view(item, DANA).to_dict())
    assert "tell them the time yourself" in shown(scheduled_view(silent, DANA).to_dict())


def test_whoever_likes_to_schedule_has_that_button_stand_out() -> None:
    for method, label in (
        (DefaultMethod.ON_BEHALF, "Schedule on behalf"),
        (DefaultMethod.ASK, "Invite to self-schedule"),
    ):
        blocks = home_view(DANA, HomeState(), page(method=method)).to_dict()["blocks"]
        [row] = [block for block in blocks if block.get("block_id") == "invite"]
        assert [e["text"]["text"] for e in row["elements"] if e.get("style") == "primary"] == [label]


def test_a_pool_of_rooms_has_no_turns() -> None:
    item = pool_item(3, kind=PoolKind.ROOMS, method=PoolMethod.POOLED, cycle=Cycle.CONTINUOUS)
    words = shown(pool_view(MemberPage(item, (), 0, 1, may_change=True)).to_dict())
    assert "Add rooms to it" in words
    assert "Each booking reserves the first that is free" in words
    assert "received" not in words


def test_an_empty_pool_of_rooms_speaks_of_rooms() -> None:
    item = pool_item(0, kind=PoolKind.ROOMS, method=PoolMethod.POOLED, cycle=Cycle.CONTINUOUS)
    words = shown(pool_view(MemberPage(item, (), 0, 1, may_change=True)).to_dict())
    assert "No rooms are in it yet." in words
    assert "No room is active in it." in words
    assert "Nobody" not in words
