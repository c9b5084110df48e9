"""Setup and scheduling on behalf in Slack, with the real services behind the listeners."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt import App

from blocks import ids
from blocks import setup_fields as form
from bot.domain import fields as f
from bot.domain.calendar import FreeBusy
from bot.domain.ids import PoolId, UserId
from bot.domain.languages import ENGLISH
from bot.domain.pools import Cycle, PoolKind, PoolMethod
from bot.domain.preferences import DefaultMethod
from bot.domain.timeframe import Weekday
from storage.database import Database
from tests.block_kit import buttons, shown
from tests.cast import BEN, DANA, PRIYA, SALES, WORKSPACE
from tests.listening import TRIGGER, Watched, in_modal, latest, listening, opened, pressed, send, submitted
from tests.modal_limits import assert_modal_within_limits
from tests.servers import eventually
from tests.slack_web_api import WebApi
from tests.world import Stage


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    stage = Stage(sqlite_database.unit_of_work)
    stage.connect()
    return stage


# ---------------------------------------------------------------- oneself


def test_working_hours_are_typed_and_kept(app: App, api: WebApi, stage: Stage) -> None:
    view = opened(app, api, ids.EDIT_HOURS)
    assert_modal_within_limits(view)
    typed = {
        form.hours_field(Weekday.FRI): {"value": "9-12, 13-15"},
        form.hours_field(Weekday.SAT): {"value": None},
        form.HOURS_DATES: {"value": "2026-12-24 off"},
    }
    assert submitted(app, view, typed) == {}
    hours = stage.services.preferences.get(DANA).working_hours
    assert hours is not None
    assert hours.time_zone == DANA.time_zone
    assert len(dict(hours.weekly)[Weekday.FRI]) == 2
    assert Weekday.SAT not in dict(hours.weekly)
    assert [(day.isoformat(), ranges) for day, ranges in hours.overrides] == [("2026-12-24", ())]


@pytest.mark.parametrize("name", ["/invite", "/inviteonce", "/book-a-customer"])
def test_the_command_of_the_settings_is_answered_beside_the_usual_ones(
    api: WebApi, sqlite_database: Database, name: str
) -> None:
    stage = Stage(sqlite_database.unit_of_work, command="/book-a-customer")
    with Watched(2) as pool:
        app = listening(api, stage, pool, pool)
        typed = {"command": name, "text": "help", "team_id": WORKSPACE, "user_id": DANA.user_id}
        send(app, {**typed, "trigger_id": TRIGGER, "response_url": f"{api.url}/api/response_url"})
    [answer] = api.asked("response_url")
    assert f"`{name} Anna Ruiz anna@acme.com" in answer["text"]


def test_working_hours_have_a_clock_of_their_own(app: App, api: WebApi, stage: Stage) -> None:
    typed = {form.HOURS_ZONE: {"selected_option": {"value": "Asia/Kathmandu"}}}
    assert submitted(app, opened(app, api, ids.EDIT_HOURS), typed) == {}
    again = opened(app, api, ids.EDIT_HOURS)
    assert "Asia/Kathmandu" in json.dumps(again)
    assert submitted(app, again, {}) == {}
    hours = stage.services.preferences.get(DANA).working_hours
    assert hours is not None
    assert hours.time_zone == "Asia/Kathmandu"
    assert stage.services.preferences.get(DANA).time_zone is None


def test_senseless_hours_are_refused_at_their_day(app: App, api: WebApi, stage: Stage) -> None:
    view = opened(app, api, ids.EDIT_HOURS)
    field = form.hours_field(Weekday.MON)
    answer = submitted(app, view, {field: {"value": "whenever"}, form.HOURS_DATES: {"value": "Xmas off"}})
    assert set(answer["errors"]) == {field, form.HOURS_DATES}
    assert stage.services.preferences.get(DANA).working_hours is None


def test_preferences_steer_what_invite_begins_with(app: App, api: WebApi, stage: Stage) -> None:
    view = opened(app, api, ids.EDIT_PREFERENCES)
    typed = {
        form.PREFERRED_METHOD: {"selected_option": {"value": DefaultMethod.ON_BEHALF.value}},
        form.PREFERRED_CHANNEL: {"selected_conversation": SALES},
        form.PREFERRED_ZONE: {"selected_option": {"value": "Asia/Kathmandu"}},
        form.PREFERRED_LANGUAGE: {"selected_option": {"value": ENGLISH}},
    }
    assert submitted(app, view, typed) == {}
    draft = stage.services.drafts.begin(DANA, {})
    wanted = {f.MODE: "on_behalf", f.CHANNEL: SALES, f.TIME_ZONE: "Asia/Kathmandu", f.LANGUAGE: ENGLISH}
    assert {name: draft.fields[name] for name in wanted} == wanted


def test_what_is_as_slack_has_it_follows_slack(app: App, api: WebApi, stage: Stage) -> None:
    assert submitted(app, opened(app, api, ids.EDIT_PREFERENCES), {}) == {}
    assert stage.services.preferences.get(DANA).language is None


def test_a_channel_without_the_app_is_refused_and_nothing_is_kept(app: App, api: WebApi, stage: Stage) -> None:
    view = opened(app, api, ids.EDIT_PREFERENCES)
    answer = submitted(app, view, {form.PREFERRED_CHANNEL: {"selected_conversation": "C0ELSEWHERE"}})
    assert set(answer["errors"]) == {form.PREFERRED_CHANNEL}
    assert stage.services.preferences.get(DANA).channel_id is None


def test_whoever_wants_to_be_asked_is_asked(app: App, api: WebApi, stage: Stage) -> None:
    stage.services.preferences.set_method(DANA, DefaultMethod.ASK)
    command = {"command": "/invite", "text": "Anna Ruiz anna@acme.com", "team_id": WORKSPACE, "user_id": DANA.user_id}
    send(app, {**command, "trigger_id": TRIGGER, "response_url": f"{api.url}/hook"})
    view = latest(api, "views.open")
    assert "Who picks the time?" in shown(view)
    in_modal(app, view, ids.BEGIN_ON_BEHALF, "")
    drawn = latest(api, "views.update")
    assert (drawn["callback_id"], drawn["title"]["text"]) == (ids.PARTICIPANT_VIEW, "Schedule on behalf")
    assert "Anna Ruiz" in json.dumps(drawn)


def test_whoever_is_asked_has_the_short_way_too(app: App, api: WebApi, stage: Stage) -> None:
    stage.services.preferences.set_method(DANA, DefaultMethod.ASK)
    text = "Anna Ruiz anna@acme.com Roadmap review"
    command = {"command": "/invite", "text": text, "team_id": WORKSPACE, "user_id": DANA.user_id}
    send(app, {**command, "trigger_id": TRIGGER, "response_url": f"{api.url}/hook"})
    in_modal(app, latest(api, "views.open"), ids.BEGIN_INVITATION, "")
    eventually(lambda: "Use my defaults" in shown(latest(api, "views.update")), "the short way is offered")


def asked(app: App, api: WebApi, text: str) -> str:
    """What the command answers."""
    command = {"command": "/invite", "text": text, "team_id": WORKSPACE, "user_id": DANA.user_id, "api_app_id": "A1"}
    send(app, {**command, "trigger_id": TRIGGER, "response_url": f"{api.url}/api/response_url"})
    eventually(lambda: bool(api.asked("response_url")), "an answer")
    return str(api.asked("response_url")[-1]["text"])


def test_the_command_leads_to_the_settings(app: App, api: WebApi, stage: Stage) -> None:
    assert f"slack://app?team={WORKSPACE}&id=A1&tab=home" in asked(app, api, "settings")
    assert "Working hours" in shown(latest(api, "views.publish"))


def test_the_command_says_whether_all_is_well(app: App, api: WebApi, stage: Stage) -> None:
    assert asked(app, api, "doctor").startswith("*All is well.*")


# ---------------------------------------------------------------- rooms


def test_pasted_rooms_are_added_or_say_why_not(app: App, api: WebApi, stage: Stage) -> None:
    def shared(reader: Any, addresses: Any, window: Any, *, timeout_s: float) -> dict[str, FreeBusy]:
        known = {"atlas@rooms.acme.com": FreeBusy()}
        return {address: known.get(address, FreeBusy(unreadable="not shared")) for address in addresses}

    stage.calendar.free_busy_of = shared  # type: ignore[method-assign]  # a calendar that knows one room
    view = opened(app, api, ids.ADD_ROOMS)
    pasted = '"Room Atlas" <atlas@rooms.acme.com>, borealis@rooms.acme.com'
    answer = submitted(app, view, {form.ROOM_ADDRESSES: {"value": pasted}})
    words = shown(answer["view"])
    assert "*Room Atlas*" in words
    assert "borealis@rooms.acme.com: Its calendar cannot be read" in words
    [room] = stage.services.rooms.list(WORKSPACE)
    view = opened(app, api, ids.LIST_ROOMS, "0")
    in_modal(app, view, ids.EDIT_ROOM, room.id)
    edit = latest(api, "views.push")
    typed = {form.ROOM_NAME: {"value": "Atlas"}, form.ROOM_CAPACITY: {"value": "8"}}
    assert submitted(app, edit, typed, previous_view_id="V1") == {}
    assert "*Atlas* · 8 seats" in shown(latest(api, "views.update"))
    in_modal(app, edit, ids.REMOVE_ROOM, room.id)
    assert stage.services.rooms.list(WORKSPACE) == ()


def test_an_empty_paste_is_refused_at_its_field(app: App, api: WebApi) -> None:
    answer = submitted(app, opened(app, api, ids.ADD_ROOMS), {form.ROOM_ADDRESSES: {"value": " "}})
    assert set(answer["errors"]) == {form.ROOM_ADDRESSES}


# ---------------------------------------------------------------- pools


def created(app: App, api: WebApi, name: str = "Sales") -> dict[str, Any]:
    view = opened(app, api, ids.CREATE_PEOPLE_POOL)
    members = {"selected_users": [PRIYA.user_id, BEN.user_id]}
    channel = {"selected_conversation": SALES}
    typed = {form.POOL_NAME: {"value": name}, form.POOL_MEMBERS: members, form.POOL_CHANNEL: channel}
    return submitted(app, view, typed)


def test_an_administrator_creates_a_pool_and_changes_it(app: App, api: WebApi, stage: Stage) -> None:
    view = created(app, api)["view"]
    assert "Next: *Priya Raman*" in shown(view)
    [pool] = stage.services.pools.list(WORKSPACE)
    assert pool.channel_id == SALES
    in_modal(app, view, ids.ADD_POOL_MEMBERS, pool.id)
    adding = latest(api, "views.push")
    assert submitted(app, adding, {form.POOL_MEMBERS: {"selected_users": [DANA.user_id]}}, previous_view_id="V1") == {}
    twice = submitted(app, adding, {form.POOL_MEMBERS: {"selected_users": [DANA.user_id]}})
    assert set(twice["errors"]) == {form.POOL_MEMBERS}
    menu = pressed(ids.LEDGER_MENU, None, view={**view, "id": "V1"})
    menu["actions"][0]["selected_option"] = {"value": f"{form.MEMBER_INACTIVE}:{pool.id}:{BEN.user_id}"}
    send(app, menu)
    assert stage.services.pools.get(WORKSPACE, pool.id).active == (PRIYA.resource_id, DANA.resource_id)
    in_modal(app, view, ids.EDIT_POOL, pool.id)
    changed = latest(api, "views.push")
    assert submitted(app, changed, {form.POOL_NAME: {"value": "Demos"}}, previous_view_id="V1") == {}
    assert stage.services.pools.get(WORKSPACE, pool.id).name == "Demos"
    elsewhere = {form.POOL_CHANNEL: {"selected_conversation": "C0ELSEWHERE"}}
    assert set(submitted(app, changed, elsewhere)["errors"]) == {form.POOL_CHANNEL}
    assert submitted(app, changed, {form.POOL_CHANNEL: {"selected_conversation": SALES}}, previous_view_id="V1") == {}
    assert f"<#{SALES}>" in shown(latest(api, "views.update"))
    in_modal(app, view, ids.DELETE_POOL, pool.id)
    assert stage.services.pools.list(WORKSPACE) == ()


def test_a_name_that_is_taken_is_refused_at_its_field(app: App, api: WebApi) -> None:
    created(app, api)
    assert set(created(app, api, "sales")["errors"]) == {form.POOL_NAME}


def test_members_look_but_change_nothing(app: App, api: WebApi, stage: Stage) -> None:
    created(app, api)
    [pool] = stage.services.pools.list(WORKSPACE)
    view = opened(app, api, ids.OPEN_POOL, pool.id, person=PRIYA)
    assert "Next: *Priya Raman*" in shown(view)
    in_modal(app, view, ids.DELETE_POOL, pool.id, PRIYA)
    assert "administrators" in shown(latest(api, "views.push"))
    assert stage.services.pools.get(WORKSPACE, PoolId(pool.id))


def test_the_ledger_stays_at_its_page_and_the_list_below_loses_what_is_deleted(
    app: App, api: WebApi, stage: Stage
) -> None:
    crowd = [replace(BEN, user_id=UserId(f"U0N{number:02}"), name=f"Ana {number:02}") for number in range(45)]
    stage.directory.known |= {(WORKSPACE, person.user_id): person for person in crowd}
    members = [person.resource_id for person in crowd]
    rules = {"method": PoolMethod.STRICT, "cycle": Cycle.MONTHLY}
    pool = stage.services.pools.create(DANA, name="Sales", kind=PoolKind.PEOPLE, members=members, **rules)
    in_modal(app, opened(app, api, ids.OPEN_POOL, pool.id), f"{ids.POOL_PAGE}:1", f"1:{pool.id}")
    second = latest(api, "views.update")
    menu = pressed(ids.LEDGER_MENU, None, view={**second, "id": "V1"})
    menu["actions"][0]["selected_option"] = {"value": f"{form.MEMBER_INACTIVE}:{pool.id}:{members[25]}"}
    send(app, menu)
    assert "Page 2 of 3" in shown(latest(api, "views.update"))
    send(app, pressed(ids.DELETE_POOL, pool.id, view={**second, "id": "V2", "previous_view_id": "V1"}))
    assert api.asked("views.update")[-1]["view_id"] == "V1"
    assert "No pools yet" in shown(latest(api, "views.update"))


def test_what_cannot_be_done_in_a_third_view_is_said_in_its_place(app: App, api: WebApi, stage: Stage) -> None:
    """Slack takes no fourth one on top of it."""
    view = created(app, api)["view"]
    [pool] = stage.services.pools.list(WORKSPACE)
    in_modal(app, view, ids.EDIT_POOL, pool.id)
    change = latest(api, "views.push")
    stage.services.pools.delete(DANA, pool.id)
    typed = {form.POOL_NAME: {"value": "Demos"}}
    second = submitted(app, change, typed, previous_view_id="V1", root_view_id="V1")
    assert second["response_action"] == "push"
    third = submitted(app, change, typed, previous_view_id="V1", root_view_id="V0")
    assert third["response_action"] == "update"
    assert "not there any more" in shown(third["view"])


# ---------------------------------------------------------------- templates


def test_the_list_of_templates_stays_at_its_page_while_one_of_them_is_renamed(
    app: App, api: WebApi, stage: Stage
) -> None:
    for number in range(25):
        stage.services.templates.save(DANA, f"Demo {number:02}", {})
    [*_, last] = stage.services.setup.templates(DANA)
    in_modal(app, opened(app, api, ids.LIST_TEMPLATES, "0"), f"{ids.TEMPLATES_PAGE}:1", "1:")
    menu = pressed(ids.TEMPLATE_MENU, None, view={**latest(api, "views.update"), "id": "V1"})
    menu["actions"][0]["selected_option"] = {"value": f"{form.TEMPLATE_EDIT}:{last.template.id}"}
    send(app, menu)
    renamed = {ids.TEMPLATE_NAME: {"value": "Tour"}}
    assert submitted(app, latest(api, "views.push"), renamed, previous_view_id="V1") == {}
    assert "Page 2 of 2" in shown(latest(api, "views.update"))
    assert "*Tour*" in shown(latest(api, "views.update"))


def test_templates_are_marked_renamed_shared_and_deleted(app: App, api: WebApi, stage: Stage) -> None:
    template = stage.services.templates.save(DANA, "Demo", {f.SUBJECT: "Product demo"})

    def choose(what: str) -> None:
        menu = pressed(ids.TEMPLATE_MENU, None)
        menu["actions"][0]["selected_option"] = {"value": f"{what}:{template.id}"}
        send(app, menu)

    choose(form.TEMPLATE_FAVOURITE)
    choose(form.TEMPLATE_DEFAULT)
    [item] = stage.services.setup.templates(DANA)
    assert (item.is_favourite, item.is_default) == (True, True)
    choose(form.TEMPLATE_EDIT)
    edited = latest(api, "views.open")
    assert '"initial_value": "Demo"' in json.dumps(edited)
    shared = {ids.TEMPLATE_SHARED: {"selected_options": [{"value": "on"}]}}
    [error] = submitted(app, edited, {ids.TEMPLATE_NAME: {"value": None}, **shared})["errors"].values()
    assert error == "Give the template a name, for example Demo."
    assert submitted(app, edited, {ids.TEMPLATE_NAME: {"value": "Tour"}, **shared}) == {}
    [item] = stage.services.setup.templates(DANA)
    assert (item.template.name, item.template.is_shared, item.is_default) == ("Tour", True, True)
    choose(form.TEMPLATE_DELETE)
    question = latest(api, "views.open")
    assert "Delete *Tour*?" in shown(question)
    assert submitted(app, question, {}) == {}
    assert stage.services.setup.templates(DANA) == ()


# ---------------------------------------------------------------- on behalf


def test_from_the_button_to_the_meeting(app: App, api: WebApi, stage: Stage) -> None:
    view = opened(app, api, ids.SCHEDULE_ON_BEHALF)
    assert view["title"]["text"] == "Schedule on behalf"
    answer = submitted(app, view, {f.PARTICIPANT_NAME: {"value": "Anna Ruiz"}, f.EMAIL: {"value": "anna@acme.com"}})
    answer = submitted(app, answer["view"], {f.SUBJECT: {"value": "Roadmap review"}})
    slots = answer["view"]
    assert_modal_within_limits(slots)
    assert "Step 2 of 3 · Select an available time slot" in shown(slots)
    in_modal(app, slots, ids.LATER_DAYS, "1")
    assert "Mon 7 Dec" in shown(latest(api, "views.update"))
    label, action_id, value = next(each for each in buttons(slots["blocks"]) if each[1].startswith(ids.PICK_SLOT))
    assert label == "09:00"
    in_modal(app, slots, action_id, str(value))
    confirmation = latest(api, "views.update")
    assert_modal_within_limits(confirmation)
    done = submitted(app, confirmation, {f.CONFIRMATION: {"value": "See you then."}})
    assert "Meeting with *Anna Ruiz* scheduled" in shown(done["view"])
    stage.deliver()
    assert [mail["To"] for mail in stage.mailer.sent] == ["Anna Ruiz <anna@acme.com>"]


def test_a_time_that_went_meanwhile_leads_back_to_what_is_left(app: App, api: WebApi, stage: Stage) -> None:
    view = opened(app, api, ids.SCHEDULE_ON_BEHALF)
    answer = submitted(app, view, {f.PARTICIPANT_NAME: {"value": "Anna Ruiz"}, f.EMAIL: {"value": "anna@acme.com"}})
    slots = submitted(app, answer["view"], {f.SUBJECT: {"value": "Roadmap review"}})["view"]
    _, action_id, value = next(each for each in buttons(slots["blocks"]) if each[1].startswith(ids.PICK_SLOT))
    in_modal(app, slots, action_id, str(value))
    confirmation = latest(api, "views.update")
    stage.book(stage.invite())
    left = submitted(app, confirmation, {f.CONFIRMATION: {"value": "See you then."}})["view"]
    assert left["callback_id"] == ids.SLOT_VIEW
    assert "This time is not free any more" in shown(left)
    assert value not in [each[2] for each in buttons(left["blocks"])]
    in_modal(app, left, ids.SHOW_CONFLICTS, "")
    assert "another meeting made here (cannot be booked over)" in shown(latest(api, "views.update"))
