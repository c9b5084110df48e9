"""*Reschedule* in Slack: a page of slots, the slot, a note, and the meeting has moved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import App

from blocks import ids
from bot.domain.invitation import Invitation
from bot.domain.wizard import instant_text
from bot.listeners import failures, moving
from storage.database import Database
from tests.block_kit import buttons, shown
from tests.cast import CHARLIE, DANA, PRIYA, WORKSPACE
from tests.listening import TRIGGER, Watched, bolt, pressed, send
from tests.modal_limits import assert_modal_within_limits
from tests.slack_web_api import WebApi, web_api
from tests.test_listeners_reassign import Late
from tests.test_services_booking import FIRST
from tests.test_services_rescheduling import HOUR, meeting_of, put
from tests.world import Stage

LATER = FIRST + HOUR


@pytest.fixture
def invitation(house: Stage) -> Invitation:
    invitation = house.invite(members=[DANA.user_id, PRIYA.user_id], working_hours=False)
    house.book(invitation, FIRST)
    house.deliver()
    return invitation


@pytest.fixture
def api() -> Iterator[WebApi]:
    with web_api() as api:
        opened = {"ok": True, "view": {"id": "V0MOVE", "hash": "1", "type": "modal"}}
        for _ in range(9):
            api.will_answer("views.open", opened)
        yield api


def app_of(house: Stage, api: WebApi, pool: Watched, patience_s: float = 30, calendars: Executor | None = None) -> App:
    app = bolt(api, pool)
    failures.register(app)
    moving.register(app, house.services, calendars or pool, patience_s)
    return app


@pytest.fixture
def app(house: Stage, api: WebApi) -> Iterator[App]:
    with Watched(4) as pool:
        yield app_of(house, api, pool)


def in_modal(metadata: str, callback_id: str = ids.MOVE_SLOT_VIEW) -> dict[str, Any]:
    view = {"id": "V0MOVE", "hash": "2", "type": "modal", "callback_id": callback_id, "private_metadata": metadata}
    return {"view": view}


def submission(metadata: str, note: str | None = None) -> dict[str, Any]:
    state = {ids.MOVE_NOTE: {ids.MOVE_NOTE: {"type": "plain_text_input", "value": note}}}
    return {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": DANA.user_id, "team_id": WORKSPACE},
        "trigger_id": TRIGGER,
        "view": {
            "id": "V0MOVE",
            "hash": "3",
            "type": "modal",
            "callback_id": ids.MOVE_VIEW,
            "private_metadata": metadata,
            "state": {"values": state},
        },
    }


def chosen(app: App, api: WebApi, meeting_id: str) -> dict[str, Any]:
    """The view after a slot was pressed."""
    slot = instant_text(LATER)
    send(app, pressed(f"{ids.PICK_MOVE_SLOT}:{slot}", slot, **in_modal(meeting_id)))
    view: dict[str, Any] = api.asked("views.update")[-1]["view"]
    assert_modal_within_limits(view)
    return view


def test_reschedule_opens_at_once_and_fills_in_the_slots(
    app: App, api: WebApi, house: Stage, invitation: Invitation
) -> None:
    meeting = meeting_of(house, invitation)
    send(app, pressed(ids.RESCHEDULE_MEETING, meeting.id))
    [opened] = api.asked("views.open")
    assert "Looking into everybody’s calendar" in shown(opened["view"])
    [drawn] = api.asked("views.update")
    view = drawn["view"]
    assert_modal_within_limits(view)
    slots = [value for _, action, value in buttons(view["blocks"]) if action.startswith(ids.PICK_MOVE_SLOT)]
    assert instant_text(LATER) in slots
    assert instant_text(FIRST) not in slots
    assert "available time slots" in shown(view)
    assert "Times of day are in America/New_York, then for Anna Ruiz in Europe/Madrid." in shown(view)


def test_slots_come_page_by_page(app: App, api: WebApi, house: Stage, invitation: Invitation) -> None:
    meeting = meeting_of(house, invitation)
    send(app, pressed(ids.MOVE_LATER_DAYS, "1", **in_modal(meeting.id)))
    view = api.asked("views.update")[-1]["view"]
    assert "Page 2 of 3" in shown(view)
    labels = [label for label, _, _ in buttons(view["blocks"])]
    assert "Earlier days" in labels
    assert "Later days" in labels


def test_slot_and_note_move_the_meeting(app: App, api: WebApi, house: Stage, invitation: Invitation) -> None:
    meeting = meeting_of(house, invitation)
    view = chosen(app, api, meeting.id)
    assert view["submit"]["text"] == "Reschedule"
    assert "From: ~<!date^" in shown(view)
    answer = json.loads(send(app, submission(view["private_metadata"], " The room is being painted. ")).body)
    assert answer["response_action"] == "update"
    assert_modal_within_limits(answer["view"])
    assert "Meeting with *Anna Ruiz* moved" in shown(answer["view"])
    moved = meeting_of(house, invitation)
    assert moved.start == LATER
    assert moved.last_move is not None
    assert (moved.last_move.by_id, moved.last_move.note) == (DANA.user_id, "The room is being painted.")


def test_other_time_leads_back_to_the_slots(app: App, api: WebApi, house: Stage, invitation: Invitation) -> None:
    meeting = meeting_of(house, invitation)
    metadata = chosen(app, api, meeting.id)["private_metadata"]
    send(app, pressed(ids.MOVE_OTHER_TIME, meeting.id, **in_modal(metadata, ids.MOVE_VIEW)))
    assert "Select a new time" in shown(api.asked("views.update")[-1]["view"])


def test_slot_that_is_gone_shows_what_is_left(app: App, api: WebApi, house: Stage, invitation: Invitation) -> None:
    meeting = meeting_of(house, invitation)
    metadata = chosen(app, api, meeting.id)["private_metadata"]
    put(house, PRIYA.email, LATER, HOUR)
    answer = json.loads(send(app, submission(metadata)).body)
    assert answer["response_action"] == "update"
    assert "This time has just been taken" in shown(answer["view"])
    slots = [value for _, _, value in buttons(answer["view"]["blocks"])]
    assert instant_text(LATER) not in slots
    assert meeting_of(house, invitation).start == FIRST


def test_meeting_that_was_moved_meanwhile_is_not_moved_again(
    app: App, api: WebApi, house: Stage, invitation: Invitation
) -> None:
    meeting = meeting_of(house, invitation)
    metadata = chosen(app, api, meeting.id)["private_metadata"]
    house.services.moves.move(PRIYA, meeting.id, LATER + HOUR, FIRST, "")
    answer = json.loads(send(app, submission(metadata)).body)
    assert answer["response_action"] == "update"
    assert "has changed in the meantime. Here is how things stand now." in shown(answer["view"])
    assert f"Now: <!date^{int((LATER + HOUR).timestamp())}" in shown(answer["view"])
    assert meeting_of(house, invitation).start == LATER + HOUR


def test_meeting_that_has_begun_says_so(app: App, api: WebApi, house: Stage, invitation: Invitation) -> None:
    house.clock.now = FIRST + timedelta(minutes=1)
    send(app, pressed(ids.RESCHEDULE_MEETING, meeting_of(house, invitation).id))
    [notice] = api.asked("views.open")
    assert "begun already" in shown(notice["view"])


def test_meeting_that_is_cancelled_while_calendars_are_asked_says_so_instead_of_asking_on(
    api: WebApi, sqlite_database: Database
) -> None:
    stage = Stage(sqlite_database.unit_of_work)
    stage.connect()
    invitation = stage.invite(members=[DANA.user_id, PRIYA.user_id])
    stage.book(invitation)
    meeting = meeting_of(stage, invitation)
    stage.clock.now += HOUR  # what was read for the booking is old by now
    stage.calendar.before_answer = lambda: stage.services.meetings.cancel(PRIYA, meeting.id, "")
    with Watched(4) as pool:
        send(app_of(stage, api, pool), pressed(ids.RESCHEDULE_MEETING, meeting.id))
    assert "Looking into everybody’s calendar" in shown(api.asked("views.open")[0]["view"])
    assert "cannot be moved" in shown(api.asked("views.update")[-1]["view"])


@pytest.mark.parametrize("action_id", [ids.RESCHEDULE_MEETING, ids.MOVE_LATER_DAYS])
def test_strangers_may_not(app: App, api: WebApi, house: Stage, invitation: Invitation, action_id: str) -> None:
    meeting_id = meeting_of(house, invitation).id
    where = in_modal(meeting_id) if action_id == ids.MOVE_LATER_DAYS else {}
    value = "1" if where else meeting_id
    send(app, pressed(action_id, value, person=CHARLIE, **where))
    told = [call["view"] for _, call in api.calls if "view" in call]
    assert all("Anna" not in shown(view) for view in told)
    assert any("no such meeting" in shown(view) for view in told)


def test_slow_calendars_are_answered_later(api: WebApi, house: Stage, invitation: Invitation) -> None:
    with Watched(4) as pool:
        app = app_of(house, api, pool, patience_s=0)
        meeting = meeting_of(house, invitation)
        metadata = chosen(app, api, meeting.id)["private_metadata"]
        answer = json.loads(send(app, submission(metadata)).body)
    assert answer["response_action"] == "update"
    last = [shown(call["view"]) for name, call in api.calls if name == "views.update"]
    assert "Meeting with *Anna Ruiz* moved" in shown(answer["view"]) + last[-1]
    assert meeting_of(house, invitation).start == LATER


def test_whatever_becomes_of_a_slow_move_is_drawn_over_the_view_that_waits(
    api: WebApi, house: Stage, invitation: Invitation
) -> None:
    """The slot is gone, and when it comes to showing what is left the meeting has begun."""

    def begin() -> None:
        house.clock.now = FIRST

    meeting = meeting_of(house, invitation)
    with Watched(4) as pool:
        metadata = chosen(app_of(house, api, pool), api, meeting.id)["private_metadata"]
        put(house, PRIYA.email, LATER, HOUR)
        send(app_of(house, api, pool, 0, Late(begin)), submission(metadata))
    last = [shown(call["view"]) for name, call in api.calls if name == "views.update"]
    assert "begun already" in last[-1]
