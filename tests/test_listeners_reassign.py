"""*Reassign*, *Keep without*, *Take … instead* and *No-show*, with the real services behind the listeners."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import App

from blocks import ids
from bot.domain import fields as f
from bot.domain.activity import HomeState, Tab
from bot.domain.ids import ConnectionId, ResourceId
from bot.domain.intervals import Interval
from bot.domain.meeting import Meeting, MeetingStatus
from bot.domain.rooms import Room
from bot.errors import InviteOnceError
from storage.database import Database
from tests.block_kit import buttons, shown
from tests.cast import BEN, CHARLIE, DANA, PRIYA, WORKSPACE
from tests.listening import Watched, in_modal, latest, listening, pressed, send, submitted
from tests.modal_limits import assert_modal_within_limits
from tests.slack_web_api import WebApi
from tests.world import Stage


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Dana and Priya (or Ben) meet Anna at Atlas."""
    stage = Stage(sqlite_database.unit_of_work)
    stage.connect(DANA, PRIYA, BEN, CHARLIE)
    for slug, capacity in (("atlas", 8), ("cedar", 12)):
        address, owner = f"{slug}@rooms.example", ConnectionId("builtin-U0DANA")
        room = Room(ResourceId(f"room:{slug}"), WORKSPACE, slug.title(), address, owner, capacity)
        stage.calendar.shared.add(address)
        with stage.unit_of_work(write=True) as unit:
            unit.rooms.put(room)
            unit.commit()
    fields = {f.ALTERNATIVES: {PRIYA.user_id: [BEN.user_id]}, f.ROOMS: ["room:atlas"]}
    stage.book(stage.invite(members=[DANA.user_id, PRIYA.user_id], **fields))
    return stage


class NotYet(Future[Any]):
    """What has been done already, and is known only to whoever waits for it without patience."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._outcome: object = None
        self._error: Exception | None = None
        try:
            self._outcome = work()
        except (InviteOnceError, RuntimeError) as error:
            self._error = error

    def exception(self, timeout: float | None = None) -> BaseException | None:
        if not self.done():
            if self._error:
                self.set_exception(self._error)
            else:
                self.set_result(self._outcome)
        return super().exception(timeout)


class Late(Executor):
    """Done at once, and too late for those who wait some seconds; `then` happens right after it."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self._then = then

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = NotYet(lambda: fn(*args, **kwargs))
        self._then()
        return future


@pytest.fixture
def late_app(api: WebApi, stage: Stage) -> Iterator[App]:
    with Watched(4) as pool:
        yield listening(api, stage, pool, Late(), 0)


def meeting_of(stage: Stage) -> Meeting:
    with stage.unit_of_work() as unit:
        [(meeting, _)], _ = unit.meetings.page(
            WORKSPACE, visible_to=None, statuses=tuple(MeetingStatus), offset=0, limit=9
        )
    return meeting


def names(stage: Stage) -> list[str]:
    return [resource.removeprefix("U0").removeprefix("room:") for resource in meeting_of(stage).assigned]


def asked(app: App, api: WebApi, stage: Stage, out: str = "") -> dict[str, Any]:
    """*Reassign* on the card; the view once calendars have answered."""
    send(app, pressed(ids.REASSIGN, f"{meeting_of(stage).id} {out}".strip()))
    assert "Looking who is free then" in shown(latest(api, "views.open"))
    view = latest(api, "views.update")
    assert_modal_within_limits(view)
    return view


def chosen(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def test_alternative_is_proposed_and_one_press_takes_them(app: App, api: WebApi, stage: Stage) -> None:
    view = asked(app, api, stage, PRIYA.user_id)
    assert "Ben Okafor" in shown(view)
    answer = submitted(app, view, {})
    assert "Done: with Dana Fox, Ben Okafor, Atlas" in shown(answer["view"])
    assert names(stage) == ["DANA", "BEN", "atlas"]


def test_somebody_else_goes_before_who_was_proposed(app: App, api: WebApi, stage: Stage) -> None:
    view = asked(app, api, stage, PRIYA.user_id)
    submitted(app, view, {ids.REASSIGN_PERSON: chosen(CHARLIE.user_id)})
    assert names(stage) == ["DANA", "CHARLIE", "atlas"]


def test_whoever_is_not_free_is_named_at_the_field(app: App, api: WebApi, stage: Stage) -> None:
    meeting = meeting_of(stage)
    stage.calendar.busy[CHARLIE.email] = (Interval(meeting.start, meeting.end),)
    answer = submitted(app, asked(app, api, stage, PRIYA.user_id), {ids.REASSIGN_PERSON: chosen(CHARLIE.user_id)})
    assert answer["errors"] == {ids.REASSIGN_PERSON: "Charlie Moss is busy then. Choose another one."}
    assert names(stage) == ["DANA", "PRIYA", "atlas"]


def test_place_is_chosen_where_there_are_several_and_nobody_has_to_be_proposed(
    app: App, api: WebApi, stage: Stage
) -> None:
    view = asked(app, api, stage)
    assert "Who could come in place of *Dana Fox*? Name a colleague below" in shown(view)
    assert submitted(app, view, {})["errors"] == {ids.REASSIGN_PERSON: "Choose who comes instead."}
    action = {"type": "static_select", "action_id": ids.REASSIGN_OUT, "block_id": "b", **chosen("room:atlas")}
    body = pressed(ids.REASSIGN_OUT, "", view={**view, "id": "V1"})
    send(app, {**body, "actions": [action]})
    submitted(app, latest(api, "views.update"), {})
    assert names(stage) == ["DANA", "PRIYA", "cedar"]


def test_nobody_is_replaced_but_whose_place_the_view_was_drawn_for(app: App, api: WebApi, stage: Stage) -> None:
    """Another place is chosen, and *Reassign* pressed before the calendars have answered for it."""
    view = asked(app, api, stage)
    quickly = {ids.REASSIGN_OUT: chosen(PRIYA.user_id), ids.REASSIGN_PERSON: chosen(CHARLIE.user_id)}
    [(block, sentence)] = submitted(app, view, quickly)["errors"].items()
    assert block == f"{ids.REASSIGN_OUT}:{DANA.user_id}"
    assert "Press Reassign once more" in sentence
    assert names(stage) == ["DANA", "PRIYA", "atlas"]
    action = {"type": "static_select", "action_id": ids.REASSIGN_OUT, "block_id": block, **chosen(PRIYA.user_id)}
    send(app, {**pressed(ids.REASSIGN_OUT, "", view={**view, "id": "V1"}), "actions": [action]})
    again = latest(api, "views.update")
    assert [
        block["block_id"] for block in again["blocks"] if block.get("block_id", "").startswith(ids.REASSIGN_OUT)
    ] == [f"{ids.REASSIGN_OUT}:{PRIYA.user_id}"]
    submitted(app, again, {ids.REASSIGN_PERSON: chosen(CHARLIE.user_id)})
    assert names(stage) == ["DANA", "CHARLIE", "atlas"]


def test_slow_calendars_are_waited_for_even_where_it_was_done_at_that_very_moment(
    late_app: App, api: WebApi, stage: Stage
) -> None:
    """Priya gives up her own place, and may not see the meeting from that moment on."""
    answer = submitted(late_app, asked(late_app, api, stage, PRIYA.user_id), {}, person=PRIYA)
    assert answer["response_action"] == "update"
    assert "before anybody is told" in shown(answer["view"])
    assert "Done: with Dana Fox, Ben Okafor, Atlas" in shown(latest(api, "views.update"))
    assert names(stage) == ["DANA", "BEN", "atlas"]


def test_defect_after_the_acknowledgement_is_shown_and_logged_with_a_reference(
    late_app: App, api: WebApi, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("a defect of the test")

    view = asked(late_app, api, stage, PRIYA.user_id)
    stage.calendar.before_answer = fail
    with caplog.at_level(logging.ERROR):
        submitted(late_app, view, {})
    assert "Something went wrong on our side. Nothing was changed" in shown(latest(api, "views.update"))
    [record] = [record for record in caplog.records if "a listener failed" in record.getMessage()]
    assert record.__dict__["reference"]
    assert names(stage) == ["DANA", "PRIYA", "atlas"]


def test_meeting_is_kept_without_somebody_from_the_modal(app: App, api: WebApi, stage: Stage) -> None:
    view = asked(app, api, stage, PRIYA.user_id)
    [(label, action_id, value)] = [one for one in buttons(view["blocks"]) if one[1] == ids.DO_WITHOUT]
    assert label == "Keep without Priya Raman"
    in_modal(app, view, action_id, value or "")
    assert "Done: with Dana Fox, Atlas" in shown(latest(api, "views.update"))
    assert names(stage) == ["DANA", "atlas"]


def test_names_are_shown_as_they_are(app: App, api: WebApi, stage: Stage) -> None:
    stage.directory.known[WORKSPACE, DANA.user_id] = replace(DANA, name="Dana & Co")
    view = asked(app, api, stage, PRIYA.user_id)
    in_modal(app, view, ids.DO_WITHOUT, f"{meeting_of(stage).id} {PRIYA.resource_id}")
    assert "Done: with Dana &amp; Co, Atlas." in shown(latest(api, "views.update"))


def test_free_room_of_the_news_is_taken(app: App, stage: Stage) -> None:
    send(app, pressed(f"{ids.TAKE_ROOM}:0", f"{meeting_of(stage).id} room:atlas room:cedar"))
    assert names(stage) == ["DANA", "PRIYA", "cedar"]


def test_what_cannot_be_reassigned_says_so(app: App, api: WebApi, stage: Stage) -> None:
    stage.clock.now = meeting_of(stage).start
    send(app, pressed(ids.REASSIGN, meeting_of(stage).id))
    assert "begun already" in shown(latest(api, "views.open"))


def test_no_show_is_noted_and_taken_back_in_home(app: App, api: WebApi, stage: Stage) -> None:
    meeting = meeting_of(stage)
    stage.clock.now = meeting.end + timedelta(days=1)
    stage.services.followups.complete()
    day = meeting.start.date()
    stage.services.activity.home(DANA, HomeState(Tab.MEETINGS, 0, day, day))

    def labels() -> set[str]:
        return {label for label, _, _ in buttons(latest(api, "views.publish")["blocks"])}

    send(app, pressed(ids.NO_SHOW, meeting.id))
    assert meeting_of(stage).status is MeetingStatus.NO_SHOW
    assert "Undo no-show" in labels()
    send(app, pressed(ids.UNDO_NO_SHOW, meeting.id))
    assert meeting_of(stage).status is MeetingStatus.COMPLETED
    assert "No-show" in labels()


def test_days_are_chosen_in_home_and_kept_over_its_pages(app: App, api: WebApi, stage: Stage) -> None:
    meeting = meeting_of(stage)
    stage.clock.now = meeting.end + timedelta(days=3)
    stage.services.activity.home(DANA, HomeState(Tab.MEETINGS))

    def choose(action_id: str, day: str | None) -> str:
        body = pressed(action_id, "")
        send(app, {**body, "actions": [{**body["actions"][0], "type": "datepicker", "selected_date": day}]})
        return json.dumps(latest(api, "views.publish"))

    day = meeting.start.date().isoformat()
    assert "No meetings on these days" in choose(ids.MEETINGS_UNTIL, "2026-11-01")
    assert "Roadmap review" in choose(ids.MEETINGS_UNTIL, day)
    assert "Roadmap review" in choose(ids.MEETINGS_SINCE, day)
    send(app, pressed(ids.UPCOMING_MEETINGS, ""))
    assert "No upcoming meetings" in shown(latest(api, "views.publish"))
