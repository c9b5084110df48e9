"""*Find rooms in your directory* in Slack, with the real services behind the listeners."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import App

from blocks import ids
from blocks import setup_fields as form
from bot.domain.calendar import ExtraAccess
from bot.domain.room_directory import ListedRoom
from bot.errors import ConsentNeededError, InviteOnceError, NoRoomDirectoryError
from storage.database import Database
from tests.block_kit import buttons, shown
from tests.cast import BEN, CHARLIE, DANA, WORKSPACE
from tests.listening import in_modal, latest, opened, send, submitted
from tests.modal_limits import assert_modal_within_limits
from tests.slack_web_api import WebApi
from tests.world import Stage

ATLAS = ListedRoom("atlas@rooms.acme.com", "Atlas", 8, "Screen", "2nd floor")
NOVA = ListedRoom("nova@rooms.acme.com", "Nova")


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    stage = Stage(sqlite_database.unit_of_work)
    stage.connect()
    return stage


def labels(view: dict[str, Any]) -> set[str]:
    return {text for text, _, _ in buttons(view["blocks"])}


def listed(app: App, api: WebApi, stage: Stage, *rooms: ListedRoom, refusal: InviteOnceError | None = None) -> Any:
    """*Add rooms* after *Find rooms in your directory* was pressed."""
    stage.calendar.listed_rooms, stage.calendar.refusal = rooms, refusal
    stage.calendar.shared = {room.address for room in rooms}
    view = opened(app, api, ids.ADD_ROOMS)
    assert "Find rooms in your directory" in labels(view)
    in_modal(app, view, ids.FIND_ROOMS, "")
    drawn = latest(api, "views.update")
    assert_modal_within_limits(drawn)
    return drawn


def suggested(app: App, view: dict[str, Any], text: str, person: Any = DANA) -> list[str]:
    body = {
        "type": "block_suggestion",
        "team": {"id": WORKSPACE},
        "user": {"id": person.user_id, "team_id": WORKSPACE},
        "action_id": form.ROOMS_LISTED,
        "block_id": form.ROOMS_LISTED,
        "value": text,
        "view": {**view, "id": "V1"},
    }
    return [option["text"]["text"] for option in json.loads(send(app, body).body)["options"]]


def test_rooms_of_the_directory_are_searched_chosen_and_added(app: App, api: WebApi, stage: Stage) -> None:
    view = listed(app, api, stage, NOVA, ATLAS)
    assert "Asking for the rooms" in json.dumps(api.asked("views.update")[-2]["view"])
    assert "2 rooms can be added" in shown(view)
    assert suggested(app, view, "") == ["Atlas · 2nd floor · 8 seats · Screen", "Nova"]
    assert suggested(app, view, "nov") == ["Nova"]
    assert suggested(app, view, "", BEN) == [], "the list is Dana's"
    answer = submitted(app, view, {form.ROOMS_LISTED: {"selected_options": [{"value": ATLAS.key}]}})
    assert "*Atlas* · 8 seats · Screen" in shown(answer["view"])
    assert [room.address for room in stage.services.rooms.list(WORKSPACE)] == [ATLAS.address]
    assert suggested(app, view, "") == ["Nova"]


def test_nothing_chosen_and_nothing_pasted_is_refused(app: App, api: WebApi, stage: Stage) -> None:
    answer = submitted(app, listed(app, api, stage, ATLAS), {form.ROOM_ADDRESSES: {"value": None}})
    assert set(answer["errors"]) == {form.ROOM_ADDRESSES}


def test_list_that_is_too_old_is_said_to_be(app: App, api: WebApi, stage: Stage) -> None:
    view = listed(app, api, stage, ATLAS)
    stage.clock.advance(timedelta(hours=2))
    assert suggested(app, view, "") == []
    answer = submitted(app, view, {form.ROOMS_LISTED: {"selected_options": [{"value": ATLAS.key}]}})
    assert "too old by now. Press Add rooms again" in json.dumps(answer)
    assert stage.services.rooms.list(WORKSPACE) == ()


def test_directory_that_gives_nothing_says_why_and_pasting_goes_on(app: App, api: WebApi, stage: Stage) -> None:
    view = listed(app, api, stage, refusal=NoRoomDirectoryError("It has no list of rooms."))
    assert "It has no list of rooms." in shown(view)
    assert "Allow access" not in labels(view)
    assert submitted(app, view, {form.ROOM_ADDRESSES: {"value": " "}})["errors"]


def test_access_is_asked_for_where_it_is_missing(app: App, api: WebApi, stage: Stage) -> None:
    view = listed(app, api, stage, refusal=ConsentNeededError("It shows its list to nobody."))
    assert {"Allow access", "Find rooms in your directory"} <= labels(view)
    in_modal(app, view, ids.ALLOW_ROOM_DIRECTORY, f"builtin-{DANA.user_id}")
    pushed = latest(api, "views.push")
    assert_modal_within_limits(pushed)
    [link] = [block["elements"][0]["url"] for block in pushed["blocks"] if block["type"] == "actions"]
    visit = stage.services.sign_ins.look(link.rpartition("/")[2]).visit
    assert (visit.account, visit.extra) == (DANA.email, ExtraAccess.ROOM_DIRECTORY)


def test_who_has_no_calendar_is_told_to_connect_one(app: App, api: WebApi) -> None:
    in_modal(app, opened(app, api, ids.ADD_ROOMS, person=CHARLIE), ids.FIND_ROOMS, "", person=CHARLIE)
    assert "Connect a calendar first" in shown(latest(api, "views.push"))
    assert latest(api, "views.update") == latest(api, "views.open"), "what was typed there stays"


def test_what_came_of_adding_is_not_drawn_over_by_the_list(app: App, api: WebApi, stage: Stage) -> None:
    """The list comes when the form has been submitted already: Slack then says that the view is another one."""
    for state in ("looking", "listed"):
        api.will_answer("views.update", {"ok": True, "view": {"id": "V1", "hash": state}})
    listed(app, api, stage, ATLAS)
    assert [call.get("hash") for call in api.asked("views.update")] == [None, "looking"]
