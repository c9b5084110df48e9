"""Connecting in Slack, with the real services: what opens, what is stored, what is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from slack_bolt import App

from blocks import ids
from blocks.connections import calendars_view
from bot.domain.calendar import Account, CalendarInfo, Connection
from bot.errors import CalendarUnreadableError
from storage.database import Database
from tests.block_kit import shown
from tests.cast import DANA, PRIYA, WORKSPACE
from tests.connect_cast import FakeSignIn, FakeSystem, token_of
from tests.listening import TRIGGER, in_message, pressed, send
from tests.modal_limits import assert_modal_within_limits
from tests.slack_modal import initial_values
from tests.slack_web_api import WebApi
from tests.world import Stage

OWN = CalendarInfo("own", "Dana", is_primary=True)
TEAM = CalendarInfo("team", "Team", is_owned=False)


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem("google", [OWN, TEAM])


@pytest.fixture
def stage(sqlite_database: Database, system: FakeSystem) -> Stage:
    return Stage(sqlite_database.unit_of_work, systems={"google": system}, sign_in=(FakeSignIn(),))


@pytest.fixture
def connection(stage: Stage) -> Connection:
    return stage.services.connections.store(DANA, "google", Account(DANA.email, "a refresh token"))


def only_view(api: WebApi, method: str) -> dict[str, Any]:
    [call] = api.asked(method)
    view: dict[str, Any] = call["view"] if isinstance(call["view"], dict) else json.loads(call["view"])
    assert_modal_within_limits(view)
    return view


def link_in(view: Mapping[str, Any]) -> str:
    [url] = [element["url"] for block in view["blocks"] for element in block.get("elements", []) if "url" in element]
    return str(url)


def submitted(view: Mapping[str, Any], values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": DANA.user_id, "team_id": WORKSPACE},
        "trigger_id": TRIGGER,
        "view": {**view, "id": "V2", "state": {"values": values}, **more},
    }


def test_every_press_in_home_opens_a_fresh_link(app: App, api: WebApi, stage: Stage) -> None:
    for _ in range(2):
        send(app, pressed(ids.CONNECT_CALENDAR, person=PRIYA))
    links = [
        link_in(call["view"] if isinstance(call["view"], dict) else json.loads(call["view"]))
        for call in api.asked("views.open")
    ]
    assert len(set(links)) == 2
    for link in links:
        assert stage.services.sign_ins.look(token_of(link)).person == PRIYA


def test_pressed_in_a_direct_message_it_opens_too(app: App, api: WebApi, connection: Connection) -> None:
    send(app, pressed(ids.RECONNECT, connection.id, **in_message(api)))
    page = link_in(only_view(api, "views.open"))
    assert page.startswith("https://meet.example/connect/")


def test_pressed_in_the_wizard_it_comes_on_top_and_leads_back(app: App, api: WebApi, stage: Stage) -> None:
    draft = stage.services.drafts.begin(DANA, {})
    wizard = {"id": "V1", "type": "modal", "callback_id": ids.PARTICIPANT_VIEW, "private_metadata": draft.id}
    send(app, pressed(ids.CONNECT_CALENDAR, draft.id, view=wizard))
    view = only_view(api, "views.push")
    assert view["private_metadata"] == draft.id
    stage.services.connections.store(DANA, "google", Account(DANA.email, "a refresh token"))
    answer = send(app, submitted(view, {}, previous_view_id="V1"))
    assert (answer.status, answer.body) == (200, "")
    [drawn] = api.asked("views.update")
    assert drawn["view_id"] == "V1"
    assert "Participant name" in json.dumps(drawn["view"])


def test_opening_the_page_is_acknowledged(app: App, api: WebApi) -> None:
    assert send(app, pressed(ids.OPEN_CONNECT_PAGE)).status == 200
    assert api.calls == []


def test_nobody_reconnects_what_is_not_theirs(app: App, api: WebApi, connection: Connection) -> None:
    send(app, pressed(ids.RECONNECT, connection.id, person=PRIYA))
    assert "not connected any more" in shown(only_view(api, "views.open"))


# ---------------------------------------------------------------- choosing calendars


def test_calendars_are_asked_for_while_a_modal_is_open_and_kept_when_saved(
    app: App, api: WebApi, stage: Stage, connection: Connection
) -> None:
    api.will_answer("views.open", {"ok": True, "view": {"id": "V2", "hash": "h"}})
    send(app, pressed(ids.CHOOSE_CALENDARS, connection.id))
    assert [method for method, _ in api.calls] == ["views.open", "views.update"]
    view = only_view(api, "views.update")
    values = initial_values(view)
    values[ids.BUSY_CALENDARS][ids.BUSY_CALENDARS]["selected_options"] = [{"value": TEAM.key}]
    values[ids.WRITE_CALENDAR][ids.WRITE_CALENDAR]["selected_option"] = {"value": TEAM.key}
    assert send(app, submitted(view, values)).body == ""
    chosen = stage.services.connections.find(DANA, connection.id)
    assert (chosen.busy_calendars, chosen.write_calendar) == ((TEAM.id,), TEAM.id)


def test_provider_that_does_not_answer_is_said_in_the_modal(
    app: App, api: WebApi, system: FakeSystem, connection: Connection
) -> None:
    system.failure = CalendarUnreadableError("Google did not answer. Try again in a minute.")
    api.will_answer("views.open", {"ok": True, "view": {"id": "V2", "hash": "h"}})
    send(app, pressed(ids.CHOOSE_CALENDARS, connection.id))
    assert "Google did not answer" in shown(only_view(api, "views.update"))


def test_calendar_gone_since_the_modal_was_opened_is_said(
    app: App, api: WebApi, stage: Stage, system: FakeSystem, connection: Connection
) -> None:
    view = calendars_view(connection, [OWN, TEAM]).to_dict()
    values = initial_values(view)
    values[ids.BUSY_CALENDARS][ids.BUSY_CALENDARS]["selected_options"] = [{"value": TEAM.key}]
    system.listed = (OWN,)
    send(app, submitted(view, values))
    assert "not there any more" in json.dumps([parameters for _, parameters in api.calls])
    assert stage.services.connections.find(DANA, connection.id) == connection


# ---------------------------------------------------------------- removing


def test_remove_in_the_message_removes_and_says_so(app: App, api: WebApi, stage: Stage, connection: Connection) -> None:
    send(app, pressed(ids.DISCONNECT, connection.id, **in_message(api)))
    [said] = api.asked("response_url")
    assert said["text"] == "dana@northwind.example is disconnected, and its sign-in is erased."
    assert said["replace_original"] is True
    assert not stage.services.connections.is_connected(DANA.workspace_id, DANA.user_id)


def test_disconnect_in_setup_brings_home_up_to_date(
    app: App, api: WebApi, stage: Stage, connection: Connection
) -> None:
    stage.services.activity.home(DANA, None)
    send(app, pressed(ids.DISCONNECT, connection.id))
    [published] = api.asked("views.publish")
    assert "Connect your calendar to begin" in json.dumps(published["view"])


def test_removing_twice_says_that_it_is_gone(app: App, api: WebApi, connection: Connection) -> None:
    send(app, pressed(ids.DISCONNECT, connection.id))
    send(app, pressed(ids.DISCONNECT, connection.id))
    assert "not connected any more" in shown(only_view(api, "views.open"))
