"""App Home, as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from blocks import ids
from blocks.home import home_view, page_value, state_from
from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page, Tab
from bot.domain.ids import DraftId, InvitationId, MeetingId
from bot.domain.invitation import Draft
from tests.activity_cast import (
    DRAFT,
    NASTY,
    WORST,
    invitation_item,
    meeting_item,
    page,
    worst_invitation_item,
    worst_meeting_item,
)
from tests.block_kit import assert_within_limits, buttons, shown
from tests.cast import DANA, GUEST, PRIYA
from tests.golden import assert_golden

INVITATIONS = HomeState()
MEETINGS = HomeState(Tab.MEETINGS)
SETUP = HomeState(Tab.SETUP)
HOME_LIMIT = 100


def blocks(state: HomeState, of: Page) -> list[dict[str, Any]]:
    view = home_view(DANA, state, of).to_dict()
    assert view["type"] == "home"
    return list(view["blocks"])


def action_ids(of: list[dict[str, Any]]) -> list[str]:
    return [action_id for _, action_id, _ in buttons(of)]


@pytest.mark.parametrize(
    ("name", "state", "content"),
    [
        ("home_first_time", INVITATIONS, page(connected=False, active_invitations=0)),
        ("home_invitations", INVITATIONS, page([invitation_item()], drafts=(DRAFT,), total=20, active_invitations=20)),
        ("home_meetings", MEETINGS, page([meeting_item()], active_invitations=2, upcoming_meetings=1)),
    ],
)
def test_home_looks_like_this(name: str, state: HomeState, content: Page) -> None:
    assert_golden(name, home_view(DANA, state, content).to_dict())


def test_a_guest_is_offered_nothing_that_would_be_refused() -> None:
    empty = list(home_view(GUEST, MEETINGS, page(connected=False, drafts=(DRAFT,))).to_dict()["blocks"])
    assert buttons(empty) == []
    assert "Nothing here yet." in shown(empty)
    assigned = list(home_view(GUEST, MEETINGS, page([meeting_item()], upcoming_meetings=1)).to_dict()["blocks"])
    assert "Roadmap review" in shown(assigned)
    begun = {ids.INVITE, ids.SCHEDULE_ON_BEHALF, ids.CONNECT_CALENDAR, ids.TAB_INVITATIONS, ids.TAB_SETUP}
    assert begun.isdisjoint(action_ids(assigned))


def test_without_a_calendar_the_way_to_connect_one_comes_first() -> None:
    shown_first = blocks(INVITATIONS, page(connected=False))
    assert buttons(shown_first)[0] == ("Connect calendar", ids.CONNECT_CALENDAR, None)
    assert ids.CONNECT_CALENDAR not in action_ids(blocks(INVITATIONS, page()))


def test_a_workspace_without_a_calendar_system_is_told_so() -> None:
    told = blocks(INVITATIONS, page(connected=False, calendar_systems=()))
    assert "*No calendar system is set up for this workspace yet.*" in shown(told)
    assert ids.CONNECT_CALENDAR in action_ids(told)


@pytest.mark.parametrize(("state", "current"), [(INVITATIONS, "Invitations"), (MEETINGS, "Meetings"), (SETUP, "Setup")])
def test_the_current_tab_stands_out(state: HomeState, current: str) -> None:
    tabs = next(
        block["elements"]
        for block in blocks(state, page())
        if block["type"] == "actions" and block["elements"][0]["action_id"] == ids.TAB_INVITATIONS
    )
    assert [tab["text"]["text"] for tab in tabs] == ["Invitations", "Meetings", "Setup"]
    assert [tab["text"]["text"] for tab in tabs if tab.get("style") == "primary"] == [current]


def test_an_empty_tab_says_what_to_do_next() -> None:
    assert "*No invitations yet.* Type `/invite` in any conversation" in shown(blocks(INVITATIONS, page()))
    assert "Type `/inviteonce` in any" in shown(blocks(INVITATIONS, page(command="/inviteonce")))
    assert "*No upcoming meetings.*" in shown(blocks(MEETINGS, page()))


def test_no_open_invitation_is_not_none_at_all() -> None:
    told = shown(blocks(INVITATIONS, page(active_invitations=0, upcoming_meetings=1)))
    assert "*No open invitations.* Booked ones are under Meetings. Type `/invite`" in told


def test_a_page_that_has_emptied_leads_back() -> None:
    emptied = blocks(HomeState(Tab.INVITATIONS, 3), page(total=9))
    assert "This page is empty now." in shown(emptied)
    assert ("Previous", ids.PREVIOUS_PAGE, "invitations:1") in buttons(emptied)
    assert "Page 2 of 2" in shown(emptied)


@pytest.mark.parametrize(
    ("at", "total", "expected"),
    [
        (0, 8, []),
        (0, 9, [("Next", ids.NEXT_PAGE, "invitations:1")]),
        (1, 17, [("Previous", ids.PREVIOUS_PAGE, "invitations:0"), ("Next", ids.NEXT_PAGE, "invitations:2")]),
        (2, 17, [("Previous", ids.PREVIOUS_PAGE, "invitations:1")]),
    ],
)
def test_paging_leads_only_where_something_is(at: int, total: int, expected: list[Any]) -> None:
    paged = blocks(HomeState(Tab.INVITATIONS, at), page([invitation_item()], total=total))
    assert [button for button in buttons(paged) if button[1] in (ids.PREVIOUS_PAGE, ids.NEXT_PAGE)] == expected


@pytest.mark.parametrize(
    "state",
    [
        *(HomeState(tab, number) for tab in Tab for number in (0, 7)),
        HomeState(Tab.MEETINGS, 2, date(2026, 11, 1), date(2026, 11, 30)),
        HomeState(Tab.MEETINGS, 0, None, date(2026, 11, 30)),
    ],
)
def test_a_paging_button_leads_to_its_page(state: HomeState) -> None:
    assert state_from(page_value(state, state.page)) == state


@pytest.mark.parametrize("value", ["", "elsewhere:1", "invitations:", "invitations:-1", "invitations:x", ":::"])
def test_a_strange_value_leads_to_the_first_page(value: str) -> None:
    assert state_from(value).page == 0


def test_block_ids_are_unique_and_stay() -> None:
    """Whatever is pressed while Home is being published again still reaches us."""
    full = page(numbered(invitation_item(), 8), drafts=unlike(3), connected=False, total=99)
    first, second = (
        [block["block_id"] for block in blocks(INVITATIONS, full) if "block_id" in block] for _ in range(2)
    )
    assert first == second
    assert len(set(first)) == len(first)
    assert all("block_id" in block for block in blocks(INVITATIONS, full) if block["type"] == "actions")


def test_every_card_has_its_tracking_id() -> None:
    for state, item in ((INVITATIONS, invitation_item()), (MEETINGS, meeting_item())):
        assert "Tracking ID K7D2M9QX" in shown(blocks(state, page([item])))


def test_somebody_elses_invitation_names_the_inviter() -> None:
    view = home_view(PRIYA, INVITATIONS, page([invitation_item()])).to_dict()
    assert "Invited by Dana Fox" in shown(view["blocks"])
    assert "Invited by" not in shown(blocks(INVITATIONS, page([invitation_item()])))


def test_what_does_not_exist_yet_is_not_shown() -> None:
    words = shown(blocks(INVITATIONS, page([invitation_item()])) + blocks(MEETINGS, page([meeting_item()])))
    for missing in ("Search", "Extend"):
        assert missing not in words


def test_drafts_can_be_resumed_and_discarded_the_newest_few_are_shown() -> None:
    shown_drafts = blocks(INVITATIONS, page(drafts=unlike(8)))
    resumed = [value for _, action_id, value in buttons(shown_drafts) if action_id == ids.RESUME_DRAFT]
    assert resumed == [f"draft{number}" for number in range(5)]
    assert "and 3 older drafts" in shown(shown_drafts)


def unlike(number: int) -> tuple[Draft, ...]:
    return tuple(replace(DRAFT, id=DraftId(f"draft{index}")) for index in range(number))


def numbered(item: InvitationItem | MeetingItem, number: int) -> list[Any]:
    """So many items with ids of their own."""
    if isinstance(item, MeetingItem):
        return [replace(item, meeting=replace(item.meeting, id=MeetingId(f"meet{index}"))) for index in range(number)]
    invitation = item.invitation
    return [replace(item, invitation=replace(invitation, id=InvitationId(f"inv{index}"))) for index in range(number)]


@pytest.mark.parametrize("text", [WORST, NASTY, "👩🏽‍🚀🇳🇿", "\u202eשלום"])
@pytest.mark.parametrize("number", [1, 8, 40, 200])
def test_home_keeps_to_slacks_limits_at_any_size(text: str, number: int) -> None:
    crowd: tuple[tuple[HomeState, Any], ...] = (
        (HomeState(Tab.INVITATIONS, 1), worst_invitation_item(text)),
        (HomeState(Tab.MEETINGS, 1), worst_meeting_item(text)),
    )
    for state, item in crowd:
        full = page(
            numbered(item, number),
            drafts=unlike(50),
            connected=False,
            total=10_000,
            size=number,
            active_invitations=10_000,
        )
        drawn = blocks(state, full)
        assert_within_limits(drawn, HOME_LIMIT)
        assert ("Next", ids.NEXT_PAGE, f"{state.tab}:2") in buttons(drawn)
        assert (number < 20) == ("that do not fit on this page" not in shown(drawn))


def test_the_usual_page_fits_whole() -> None:
    """The services list eight at a time."""
    items = numbered(worst_meeting_item(WORST), 8)
    drawn = blocks(MEETINGS, page(items, drafts=unlike(9), connected=False, total=99))
    assert [action_id for action_id in action_ids(drawn) if action_id == ids.CANCEL_MEETING] == [ids.CANCEL_MEETING] * 8
