"""How connections look in Slack: the way into the browser, Setup, the banner, and direct messages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from blocks import ids
from blocks.connection_news import connection_news
from blocks.connections import (
    broken_banner,
    calendars_view,
    chosen_calendars,
    connect_view,
    connection_blocks,
    loading_view,
)
from bot.domain.calendar import CalendarInfo, Connection, ConnectionState
from bot.domain.connecting import ConnectionItem
from bot.domain.delivery import ConnectionNews
from bot.domain.ids import ConnectionId
from tests.activity_cast import NASTY
from tests.block_kit import shown
from tests.cast import DANA, NOW
from tests.modal_limits import assert_modal_within_limits
from tests.slack_modal import initial_values

CONNECTION = Connection(
    ConnectionId("c1"), DANA.workspace_id, DANA.user_id, "google", DANA.email, "a refresh token", connected_at=NOW
)
BROKEN = replace(CONNECTION, state=ConnectionState.BROKEN)
OWN = CalendarInfo("own", "Dana", is_primary=True)
TEAM = CalendarInfo("https://cal.example/" + "x" * 3000, "Team", is_owned=False)
HOLIDAYS = CalendarInfo("holidays", "Holidays", is_owned=False, can_write=False)


def item(connection: Connection = CONNECTION, *, ago: timedelta | None = None, unreadable: str = "") -> ConnectionItem:
    return ConnectionItem(connection, "Google", NOW - ago if ago is not None else None, unreadable or None)


def setup(*items: ConnectionItem, is_one_click: bool = False) -> str:
    return json.dumps(
        [block.to_dict() for block in connection_blocks(items, NOW, is_one_click=is_one_click)], ensure_ascii=False
    )


def test_link_is_a_button_that_opens_the_browser() -> None:
    view = connect_view("https://meet.example/connect/abc").to_dict()
    assert_modal_within_limits(view)
    [button] = [element for block in view["blocks"] for element in block.get("elements", []) if "url" in element]
    assert button["url"] == "https://meet.example/connect/abc"
    assert "submit" not in view


def test_out_of_the_wizard_it_leads_back_there() -> None:
    view = connect_view("https://meet.example/connect/abc", "draft1").to_dict()
    assert (view["submit"]["text"], view["private_metadata"]) == ("I have connected it", "draft1")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=12), "read 12 s ago"),
        (timedelta(minutes=4, seconds=50), "read 4 min ago"),
        (timedelta(hours=30), "read 30 h ago"),
        (timedelta(seconds=-3), "read just now"),
        (timedelta(seconds=4), "read just now"),
    ],
)
def test_setup_says_when_it_was_read(ago: timedelta, words: str) -> None:
    assert words in setup(item(ago=ago))


def test_setup_shows_account_system_and_choice() -> None:
    text = setup(item(replace(CONNECTION, busy_calendars=("a", "b"), write_calendar="a")))
    for words in ("*dana@northwind.example* · Google", "the 2 calendars that you chose", "the calendar that you chose"):
        assert words in text
    assert "a refresh token" not in text
    assert "all calendars of the account" in setup(item())


def test_setup_says_why_a_calendar_could_not_be_read() -> None:
    assert "Could not be read 12 s ago: no answer" in setup(item(ago=timedelta(seconds=12), unreadable="no answer"))


def test_broken_connection_offers_to_reconnect_and_nothing_to_choose() -> None:
    text = setup(item(BROKEN))
    assert "not accepted any more" in text
    assert ids.RECONNECT in text
    assert ids.CHOOSE_CALENDARS not in text


def test_without_a_connection_setup_offers_to_connect() -> None:
    assert "No calendar is connected" in setup()
    assert "Connect calendar" in setup()
    assert "Connect another calendar" in setup(item())


def test_playground_has_one_calendar_and_nothing_to_choose() -> None:
    text = setup(item(), is_one_click=True)
    assert ids.DISCONNECT in text
    for absent in (ids.CHOOSE_CALENDARS, ids.RECONNECT, ids.CONNECT_CALENDAR):
        assert absent not in text


def test_banner_names_what_is_broken() -> None:
    assert broken_banner(()) == []
    [banner] = broken_banner([BROKEN])
    assert DANA.email in str(banner.to_dict())
    assert ids.RECONNECT in str(banner.to_dict())


# ---------------------------------------------------------------- choosing


def test_only_writable_calendars_are_offered_to_write_to() -> None:
    view = calendars_view(CONNECTION, [HOLIDAYS, TEAM, OWN]).to_dict()
    assert_modal_within_limits(view)
    busy, write = (block["element"] for block in view["blocks"] if block["type"] == "input")
    assert [option["text"]["text"] for option in busy["options"]] == ["Dana", "Holidays", "Team"]
    assert [option["text"]["text"] for option in write["options"]] == ["The account’s own calendar", "Dana", "Team"]


def test_what_is_chosen_is_shown_and_read_back() -> None:
    chosen = replace(CONNECTION, busy_calendars=(TEAM.id, "gone"), write_calendar=TEAM.id)
    view = calendars_view(chosen, [OWN, TEAM, HOLIDAYS]).to_dict()
    assert chosen_calendars(initial_values(view)) == ((TEAM.key,), TEAM.key)
    untouched = calendars_view(CONNECTION, [OWN, TEAM, HOLIDAYS]).to_dict()
    assert chosen_calendars(initial_values(untouched)) == ((), "")


def test_account_without_calendars_has_its_own_to_write_to() -> None:
    view = calendars_view(CONNECTION, []).to_dict()
    assert_modal_within_limits(view)
    assert chosen_calendars(initial_values(view)) == ((), "")


def test_hundreds_of_calendars_fit() -> None:
    many = [CalendarInfo(f"{number}", NASTY * 5) for number in range(300)]
    assert_modal_within_limits(calendars_view(CONNECTION, many).to_dict())
    assert_modal_within_limits(loading_view().to_dict())


# ---------------------------------------------------------------- direct messages


def test_owner_reads_what_was_connected_and_can_remove_it() -> None:
    message = connection_news(ConnectionNews.CONNECTED, CONNECTION, "Google")
    text = shown({"blocks": message.block_dicts()})
    assert "*dana@northwind.example* connected" in text
    assert "Not you?" in text
    assert (message.text, "Remove" in text) == ("dana@northwind.example connected", True)


def test_owner_of_a_broken_one_reads_what_to_do() -> None:
    message = connection_news(ConnectionNews.BROKEN, BROKEN, "Google")
    text = shown({"blocks": message.block_dicts()})
    assert "Until you connect it again" in text
    assert "Reconnect" in text


@pytest.mark.parametrize("news", list(ConnectionNews))
def test_accounts_with_nasty_names_style_nothing(news: ConnectionNews) -> None:
    nasty = replace(CONNECTION, account=NASTY * 10)
    message = connection_news(news, nasty, NASTY)
    for text in (message.text, str(message.block_dicts()), setup(item(nasty))):
        assert "<!channel>" not in text
        assert "<https" not in text
