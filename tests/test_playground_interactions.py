"""What people do reaches the app signed and in Slack's shapes; what it answers reaches them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from bot.playground.app_link import signature
from bot.playground.cast import DANA, DEACTIVATED, GENERAL, GUEST, MATEO, OTHER_BOT, PRIYA, SALES
from bot.playground.submissions import TROUBLE
from tests.pretend_app import (
    JSON,
    MANIFEST,
    Doors,
    Got,
    Workplace,
    actions,
    button,
    field_of,
    home,
    modal,
    option,
    plain,
    section,
    typing,
    workplace,
)
from tests.servers import DEADLINE_S, eventually


def last(place: Workplace, channel: str, user: str = DANA.id) -> JSON:
    message: JSON = place.state(user)["messages"][channel][-1]
    return message


def post(place: Workplace, *blocks: JSON) -> JSON:
    """A message from the app in #sales, as `where`."""
    ts = place.slack.chat_postMessage(channel=SALES.id, text="Card", blocks=list(blocks))["ts"]
    return {"channel": SALES.id, "ts": ts}


# ---------------------------------------------------------------- the wire


def test_the_signature_is_slacks() -> None:
    """The example of Slack's documentation on verifying requests."""
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        "%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == expected


# ---------------------------------------------------------------- commands


def test_a_command_reaches_the_app_with_all_its_fields(place: Workplace) -> None:
    assert place.act("command", channel=SALES.id, text="  /invite  Anna <Ruiz> anna@acme.com & co ")["ok"]
    (command,) = place.app.of_kind("command")
    assert command["command"] == "/invite"
    assert command["text"] == "Anna <Ruiz> anna@acme.com & co"
    assert (command["team_domain"], command["is_enterprise_install"]) == ("northwind", "false")
    assert {"token", "team_id", "channel_id", "user_name", "api_app_id", "response_url", "trigger_id"} <= set(command)


def test_both_names_of_the_command_reach_the_app(place: Workplace) -> None:
    place.act("command", channel=SALES.id, text="/invite")
    place.act("command", channel=SALES.id, text="/inviteonce help")
    assert [(c["command"], c["text"]) for c in place.app.of_kind("command")] == [
        ("/invite", ""),
        ("/inviteonce", "help"),
    ]


def test_in_the_dm_the_channel_is_called_directmessage(place: Workplace) -> None:
    place.act("command", channel=place.state()["dm"]["id"], text="/invite")
    assert place.app.of_kind("command")[0]["channel_name"] == "directmessage"


def test_an_unknown_command_is_answered_by_slack(place: Workplace) -> None:
    assert place.act("command", channel=SALES.id, text="/dance now")["ok"]
    assert place.app.got == []
    assert (last(place, SALES.id)["name"], last(place, SALES.id)["ephemeral"]) == ("Slackbot", True)


def test_people_channels_and_addresses_are_escaped_where_the_manifest_says_so(doors: Doors) -> None:
    manifest = deepcopy(MANIFEST)
    manifest["features"]["slash_commands"][0]["should_escape"] = True
    with workplace(doors, manifest=manifest) as place:
        place.act("command", channel=SALES.id, text="/invite @priya a&b anna@acme.com #sales @priyanka")
        text = place.app.of_kind("command")[0]["text"]
        assert text == (
            f"<@{PRIYA.id}|priya> a&amp;b <mailto:anna@acme.com|anna@acme.com> <#{SALES.id}|sales> @priyanka"
        )


def test_a_text_answer_is_for_one_persons_eyes(place: Workplace) -> None:
    place.app.answers["command"] = PlainTextResponse("Like this: /invite Anna anna@acme.com")
    place.act("command", channel=SALES.id, text="/invite help")
    assert last(place, SALES.id)["text"].startswith("Like this")
    assert last(place, SALES.id)["ephemeral"]
    assert not last(place, SALES.id, PRIYA.id)["text"].startswith("Like this")


def test_a_json_answer_may_be_for_everybody(place: Workplace) -> None:
    place.app.answers["command"] = {"response_type": "in_channel", "text": "Hello all", "blocks": [section()]}
    place.act("command", channel=GENERAL.id, text="/invite")
    assert last(place, GENERAL.id, PRIYA.id)["text"] == "Hello all"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"text": "x", "blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"txt": "x"}, "invalid_payload"),
        ([], "not a JSON object"),
        (PlainTextResponse("{", media_type="application/json"), "Expecting"),
    ],
)
def test_a_bad_answer_is_shown_to_the_developer(place: Workplace, answer: Any, problem: str) -> None:
    place.app.answers["command"] = answer
    assert place.act("command", channel=SALES.id, text="/invite")["ok"]
    assert problem in place.state()["problems"][0]["text"]


def test_an_empty_json_answer_says_nothing(place: Workplace) -> None:
    before = place.state()["messages"]
    place.app.answers["command"] = {}
    assert place.act("command", channel=SALES.id, text="/invite")["ok"]
    assert place.state()["messages"] == before
    assert place.playground.problems == ()


def test_a_failing_app_is_said_to_have_failed(place: Workplace) -> None:
    place.app.answers["command"] = PlainTextResponse("oops", status_code=500)
    place.act("command", channel=SALES.id, text="/invite")
    assert "dispatch_failed" in last(place, SALES.id)["text"]


def test_a_slow_app_is_said_to_be_slow(place: Workplace) -> None:
    given_up = Event()
    place.app.answers["command"] = lambda _: given_up.wait(DEADLINE_S) and None
    place.lose_patience()
    place.act("command", channel=SALES.id, text="/invite")
    given_up.set()
    assert "operation_timeout" in last(place, SALES.id)["text"]


# ---------------------------------------------------------------- response URLs


def hook(place: Workplace, url: str, body: Any) -> tuple[int, str]:
    status, _, text = place.fetch(url.removeprefix(place.url), body)
    return status, text


def test_a_response_url_answers_in_private_or_in_the_channel(place: Workplace) -> None:
    place.act("command", channel=GENERAL.id, text="/invite")
    url = place.app.of_kind("command")[0]["response_url"]
    assert hook(place, url, {"text": "Private"}) == (200, "ok")
    assert last(place, GENERAL.id)["ephemeral"]
    assert hook(place, url, {"text": "Public", "response_type": "in_channel"}) == (200, "ok")
    assert last(place, GENERAL.id, PRIYA.id)["text"] == "Public"


def test_a_response_url_is_good_for_five_answers_and_thirty_minutes(place: Workplace) -> None:
    place.act("command", channel=SALES.id, text="/invite")
    url = place.app.of_kind("command")[0]["response_url"]
    assert [hook(place, url, {"text": str(n)})[0] for n in range(5)] == [200] * 5
    assert hook(place, url, {"text": "6"}) == (404, "used_url")
    place.act("command", channel=SALES.id, text="/invite")
    late = place.app.of_kind("command")[1]["response_url"]
    place.clock.move(timedelta(minutes=30, seconds=1))
    assert hook(place, late, {"text": "x"}) == (404, "expired_url")
    assert hook(place, f"{place.url}/playground/hooks/none", {"text": "x"})[0] == 404


def test_a_bad_body_at_a_response_url_is_refused(place: Workplace) -> None:
    place.act("command", channel=SALES.id, text="/invite")
    url = place.app.of_kind("command")[0]["response_url"]
    assert hook(place, url, {"text": "x", "colour": "red"}) == (400, "invalid_payload")
    assert hook(place, url, {}) == (400, "no_text")
    assert hook(place, url, b"{") == (400, "invalid_payload")
    assert hook(place, url, {"text": "x", "blocks": [{}]}) == (400, "invalid_blocks")
    assert hook(place, url, {"replace_original": True, "text": "x"}) == (400, "message_not_found")


def test_a_pressed_messages_url_replaces_and_deletes_it(place: Workplace) -> None:
    where = post(place, actions(button()))
    place.act("block_action", where=where, block_id="x", action_id="press", value={})
    url = place.app.of_kind("block_actions")[0]["response_url"]
    assert hook(place, url, {"replace_original": True, "text": "Done"})[0] == 200
    assert (last(place, SALES.id)["text"], last(place, SALES.id)["blocks"]) == ("Done", [])
    assert hook(place, url, {"delete_original": True})[0] == 200
    assert last(place, SALES.id)["ts"] != where["ts"]


# ---------------------------------------------------------------- shortcuts


def test_a_global_shortcut_has_slacks_shape(place: Workplace) -> None:
    place.trigger(PRIYA.id)
    (payload,) = place.app.of_kind("shortcut")
    assert payload["callback_id"] == "invite"
    assert payload["user"] == {"id": PRIYA.id, "username": "priya", "name": "priya", "team_id": "T0PLAYGRND"}
    assert payload["team"] == {"id": "T0PLAYGRND", "domain": "northwind"}
    assert {"trigger_id", "action_ts", "token", "enterprise", "is_enterprise_install"} <= set(payload)


def test_a_message_shortcut_carries_the_message(place: Workplace) -> None:
    ts = place.act("say", channel=SALES.id, text="Call anna@acme.com")["ts"]
    assert place.act("message_shortcut", callback_id="invite_from_message", channel=SALES.id, ts=ts)["ok"]
    (payload,) = place.app.of_kind("message_action")
    assert (payload["message"]["text"], payload["message"]["user"]) == (
        "Call <mailto:anna@acme.com|anna@acme.com>",
        DANA.id,
    )
    assert (payload["channel"], payload["message_ts"]) == ({"id": SALES.id, "name": "sales"}, ts)
    assert payload["response_url"]


@pytest.mark.parametrize(
    ("do", "details"),
    [
        ("shortcut", {"callback_id": "other"}),
        ("shortcut", {"callback_id": "invite_from_message"}),
        ("message_shortcut", {"callback_id": "invite", "channel": SALES.id, "ts": "1"}),
        ("message_shortcut", {"callback_id": "invite_from_message", "channel": SALES.id, "ts": "1"}),
    ],
)
def test_a_shortcut_that_is_not_there_does_nothing(place: Workplace, do: str, details: JSON) -> None:
    answer = place.act(do, **details)
    assert not answer["ok"]
    assert answer["error"]
    assert place.app.got == []


def test_a_failing_app_shows_slacks_sentence(place: Workplace) -> None:
    place.app.answers["shortcut"] = PlainTextResponse("oops", status_code=500)
    assert place.act("shortcut", callback_id="invite")["error"] == TROUBLE


# ---------------------------------------------------------------- block actions


def test_a_button_in_a_message_has_slacks_shape(place: Workplace) -> None:
    where = post(place, actions(button(value="42", style="primary")))
    assert place.act("block_action", user=PRIYA.id, where=where, block_id="x", action_id="press", value={})["ok"]
    (payload,) = place.app.of_kind("block_actions")
    (action,) = payload["actions"]
    assert {key: action[key] for key in ("type", "block_id", "action_id", "value", "style", "text")} == {
        "type": "button",
        "block_id": "x",
        "action_id": "press",
        "value": "42",
        "style": "primary",
        "text": plain("Press"),
    }
    assert payload["container"] == {
        "type": "message",
        "message_ts": where["ts"],
        "channel_id": SALES.id,
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": SALES.id, "name": "sales"}
    assert payload["message"]["ts"] == where["ts"]
    assert payload["message"]["bot_id"]
    assert payload["state"] == {"values": {}}
    assert payload["response_url"].startswith(place.url)
    assert payload["user"]["id"] == PRIYA.id
    assert "view" not in payload


def test_a_button_in_a_modal_carries_the_view_and_its_values(place: Workplace) -> None:
    view = place.open(modal(field_of(typing()), actions(button())))
    place.act("input", view_id=view["id"], block_id="b", action_id="a", value={"value": "typed"})
    place.act("block_action", where={"view_id": view["id"]}, block_id="x", action_id="press", value={})
    (payload,) = place.app.of_kind("block_actions")
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    assert payload["view"]["state"]["values"]["b"]["a"]["value"] == "typed"
    assert (payload["view"]["hash"], payload["view"]["app_installed_team_id"]) == (view["hash"], "T0PLAYGRND")
    assert not {"message", "channel", "response_url"} & set(payload)


def test_a_button_in_home_carries_home(place: Workplace) -> None:
    view = place.slack.views_publish(user_id=DANA.id, view=home(actions(button())))["view"]
    assert place.act("block_action", where={"view_id": view["id"]}, block_id="x", action_id="press", value={})["ok"]
    assert place.app.of_kind("block_actions")[0]["view"]["type"] == "home"


def test_an_ephemeral_message_is_not_carried(place: Workplace) -> None:
    ts = place.slack.chat_postEphemeral(channel=SALES.id, user=DANA.id, text="x", blocks=[actions(button())])[
        "message_ts"
    ]
    where = {"channel": SALES.id, "ts": ts}
    assert not place.act("block_action", user=PRIYA.id, where=where, block_id="x", action_id="press", value={})["ok"]
    assert place.act("block_action", where=where, block_id="x", action_id="press", value={})["ok"]
    (payload,) = place.app.of_kind("block_actions")
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload


@pytest.mark.parametrize(
    ("element", "value", "told"),
    [
        (
            {"type": "static_select", "options": [option("1"), option("2")]},
            {"selected_option": {"value": "2"}},
            {"selected_option": option("2")},
        ),
        ({"type": "datepicker"}, {"selected_date": "2026-12-24"}, {"selected_date": "2026-12-24"}),
        ({"type": "timepicker"}, {"selected_time": "09:30"}, {"selected_time": "09:30"}),
        ({"type": "users_select"}, {"selected_user": PRIYA.id}, {"selected_user": PRIYA.id}),
        (
            {"type": "conversations_select"},
            {"selected_conversation": SALES.id},
            {"selected_conversation": SALES.id},
        ),
        (
            {"type": "checkboxes", "options": [option("1"), option("2")]},
            {"selected_options": [{"value": "1"}]},
            {"selected_options": [option("1")]},
        ),
        (
            {"type": "radio_buttons", "options": [option("1"), option("2")]},
            {"selected_option": {"value": "1"}},
            {"selected_option": option("1")},
        ),
    ],
)
def test_a_choice_is_told_and_kept(place: Workplace, element: JSON, value: JSON, told: JSON) -> None:
    view = place.open(modal(actions({**element, "action_id": "a"})))
    assert place.act("block_action", where={"view_id": view["id"]}, block_id="x", action_id="a", value=value)["ok"]
    (payload,) = place.app.of_kind("block_actions")
    assert told.items() <= payload["actions"][0].items()
    assert payload["view"]["state"]["values"]["x"]["a"] == {"type": element["type"], **told}
    assert place.state()["modals"][0]["values"]["x"]["a"] == {"type": element["type"], **told}


def test_an_overflow_menu_tells_its_option(place: Workplace) -> None:
    where = post(place, actions({"type": "overflow", "action_id": "a", "options": [option("1"), option("2")]}))
    act: JSON = {"where": where, "block_id": "x", "action_id": "a"}
    assert place.act("block_action", **act, value={"selected_option": {"value": "2"}})["ok"]
    assert place.app.of_kind("block_actions")[0]["actions"][0]["selected_option"] == option("2")
    assert not place.act("block_action", **act, value={"selected_option": {"value": "3"}})["ok"]


def test_a_choice_in_a_message_is_kept_for_each_person(place: Workplace) -> None:
    where = post(place, actions({"type": "datepicker", "action_id": "d"}, button()))
    place.act("block_action", where=where, block_id="x", action_id="d", value={"selected_date": "2026-12-24"})
    for user in (DANA.id, PRIYA.id):
        place.act("block_action", user=user, where=where, block_id="x", action_id="press", value={})
    _, danas, priyas = place.app.of_kind("block_actions")
    assert danas["state"]["values"]["x"]["d"]["selected_date"] == "2026-12-24"
    assert priyas["state"]["values"]["x"]["d"]["selected_date"] is None


def test_an_input_tells_the_app_only_where_it_dispatches(place: Workplace) -> None:
    quiet = place.open(modal(field_of(typing())))
    act: JSON = {"block_id": "b", "action_id": "a", "value": {"value": "x"}}
    assert not place.act("block_action", where={"view_id": quiet["id"]}, **act)["ok"]
    assert place.act("input", view_id=quiet["id"], **act)["ok"]
    assert place.app.of_kind("block_actions") == []
    loud = place.open(modal(field_of(typing(), dispatch_action=True)))
    assert place.act("block_action", where={"view_id": loud["id"]}, **act)["ok"]
    assert place.app.of_kind("block_actions")[0]["actions"][0]["value"] == "x"


def test_what_is_not_there_cannot_be_pressed(place: Workplace) -> None:
    view = place.open(modal(actions(button())))
    for where, block_id, action_id in (
        ({"view_id": "V404"}, "x", "press"),
        ({"view_id": view["id"]}, "y", "press"),
        ({"view_id": view["id"]}, "x", "other"),
        ({"channel": SALES.id, "ts": "1"}, "x", "press"),
        ({"channel": "C404", "ts": "1"}, "x", "press"),
        ({}, "x", "press"),
    ):
        assert not place.act("block_action", where=where, block_id=block_id, action_id=action_id, value={})["ok"]
    someone_else = place.act(
        "block_action", user=PRIYA.id, where={"view_id": view["id"]}, block_id="x", action_id="press", value={}
    )
    assert not someone_else["ok"]
    assert place.app.of_kind("block_actions") == []


def test_a_hundred_people_at_once_do_not_block_each_other(doors: Doors) -> None:
    """The app calls back while its requests wait, and here one server serves both."""
    with workplace(doors, on_one_server=True) as place:
        place.app.answers["command"] = lambda got: place.slack.api_test() and None
        with ThreadPoolExecutor(100) as crowd:
            asked = [crowd.submit(place.act, "command", channel=SALES.id, text="/invite") for _ in range(100)]
            assert all(one.result()["ok"] for one in asked)
        assert len(place.app.of_kind("command")) == 100
        assert all(message["name"] != "Slackbot" for message in place.state()["messages"][SALES.id])


# ---------------------------------------------------------------- suggestions


def external(place: Workplace, **more: Any) -> JSON:
    view = place.open(modal(field_of({"type": "external_select", "action_id": "zone", **more})))
    return {"where": {"view_id": view["id"]}, "block_id": "b", "action_id": "zone"}


def test_the_app_proposes_options(place: Workplace) -> None:
    place.app.answers["block_suggestion"] = {"options": [option("berlin")]}
    where = external(place, min_query_length=1)
    answer = place.act("suggest", **where, query="Ber")
    assert answer["options"] == [option("berlin")]
    (payload,) = place.app.of_kind("block_suggestion")
    assert (payload["value"], payload["action_id"], payload["block_id"]) == ("Ber", "zone", "b")
    assert payload["container"]["type"] == "view"
    chosen: JSON = {"view_id": where["where"]["view_id"], "block_id": "b", "action_id": "zone"}
    assert place.act("input", **chosen, value={"selected_option": {"value": "berlin"}})["ok"]
    assert not place.act("input", **chosen, value={"selected_option": {"value": "paris"}})["ok"]


def test_groups_may_be_proposed(place: Workplace) -> None:
    groups = [{"label": plain("Europe"), "options": [option("berlin")]}]
    place.app.answers["block_suggestion"] = {"option_groups": groups}
    assert place.act("suggest", **external(place, min_query_length=0), query="")["option_groups"] == groups


def test_a_short_query_is_not_asked(place: Workplace) -> None:
    assert place.act("suggest", **external(place), query="Be")["options"] == []
    assert place.app.of_kind("block_suggestion") == []


@pytest.mark.parametrize(
    "answer",
    [
        {"options": [option(str(n)) for n in range(101)]},
        {"options": [{"text": plain("x")}]},
        {"options": [option("x" * 151, "x")]},
        {"choices": []},
        {},
        [],
        PlainTextResponse("oops", status_code=500),
        PlainTextResponse("oops"),
    ],
)
def test_bad_options_are_refused(place: Workplace, answer: Any) -> None:
    place.app.answers["block_suggestion"] = answer
    assert not place.act("suggest", **external(place), query="Berlin")["ok"]


def test_no_options_is_an_answer(place: Workplace) -> None:
    place.app.answers["block_suggestion"] = {"options": []}
    assert place.act("suggest", **external(place), query="Atlantis") == {"ok": True, "options": [], "option_groups": []}


def test_a_fixed_list_asks_nobody(place: Workplace) -> None:
    view = place.open(modal(field_of({"type": "static_select", "action_id": "a", "options": [option("1")]})))
    assert not place.act("suggest", where={"view_id": view["id"]}, block_id="b", action_id="a", query="x")["ok"]


# ---------------------------------------------------------------- events and people


def test_opening_home_is_an_event(place: Workplace) -> None:
    assert place.act("open_home", tab="home")["ok"]
    (envelope,) = place.app.wait_for("app_home_opened")
    assert (envelope["type"], envelope["event"]["tab"], envelope["event"]["user"]) == (
        "event_callback",
        "home",
        DANA.id,
    )
    assert envelope["event"]["channel"] == place.state()["dm"]["id"]
    assert "view" not in envelope["event"]
    assert {"event_id", "event_time", "team_id", "api_app_id", "authorizations"} <= set(envelope)
    published = place.slack.views_publish(user_id=DANA.id, view=home())["view"]
    place.act("open_home", tab="home")
    assert place.app.wait_for("app_home_opened", 2)[1]["event"]["view"]["id"] == published["id"]


def test_an_event_is_sent_again_until_it_is_answered_with_200(place: Workplace) -> None:
    place.app.answers["app_home_opened"] = lambda got: (
        None if got.headers.get("x-slack-retry-num") == "2" else PlainTextResponse("oops", status_code=500)
    )
    place.act("open_home", tab="home")
    envelopes = place.app.wait_for("app_home_opened", 3)
    assert len({envelope["event_id"] for envelope in envelopes}) == 1
    retries = [(got.headers.get("x-slack-retry-num"), got.headers.get("x-slack-retry-reason")) for got in place.app.got]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert all(got.is_signed for got in place.app.got)
    assert place.playground.problems == ()


def test_slack_gives_an_event_up_after_three_retries(place: Workplace) -> None:
    place.app.answers["app_home_opened"] = PlainTextResponse("oops", status_code=500)
    place.act("open_home", tab="home")
    eventually(lambda: bool(place.playground.problems), "the event is given up")
    assert len(place.app.of_kind("app_home_opened")) == 4


def test_events_that_nobody_subscribed_to_are_not_sent(doors: Doors) -> None:
    manifest = MANIFEST | {"settings": {"event_subscriptions": {"bot_events": ["message.im"]}}}
    with workplace(doors, manifest=manifest) as place:
        place.act("open_home", tab="home")
        place.act("say", channel=place.state()["dm"]["id"], text="Hello & <you>")
        (envelope,) = place.app.wait_for("message")
        assert (envelope["event"]["text"], envelope["event"]["channel_type"]) == ("Hello &amp; &lt;you&gt;", "im")
        assert place.app.of_kind("app_home_opened") == []


def test_the_app_hears_channels_that_it_is_in(place: Workplace) -> None:
    place.act("say", channel=GENERAL.id, text="Not for the app")
    ts = place.act("say", channel=SALES.id, text="For the app")["ts"]
    place.act("say", channel=SALES.id, text="A reply", thread_ts=ts)
    first, second = place.app.wait_for("message", 2)
    texts = {event["event"]["text"]: event["event"].get("thread_ts") for event in (first, second)}
    assert texts == {"For the app": None, "A reply": ts}


def test_saying_nothing_or_nowhere_is_refused(place: Workplace) -> None:
    assert not place.act("say", channel=SALES.id, text="  ")["ok"]
    assert not place.act("say", channel="C404", text="x")["ok"]
    assert not place.act("say", channel=SALES.id, text="x", thread_ts="1")["ok"]
    dm = place.state(PRIYA.id)["dm"]["id"]
    assert not place.act("say", channel=dm, text="Into somebody else's DM")["ok"]


@pytest.mark.parametrize("user", [DEACTIVATED.id, OTHER_BOT.id, "U404"])
def test_bots_and_leavers_cannot_be_played(place: Workplace, user: str) -> None:
    assert not place.act("say", user=user, channel=SALES.id, text="x")["ok"]
    assert place.fetch(f"/playground/state?user={user}")[0] == 404


@pytest.mark.parametrize("user", [DANA.id, PRIYA.id, MATEO.id, GUEST.id])
def test_everybody_else_can(place: Workplace, user: str) -> None:
    assert place.act("say", user=user, channel=SALES.id, text="x")["ok"]


def test_each_action_needs_its_parts(place: Workplace) -> None:
    assert not place.act("dance")["ok"]
    assert not place.act("command", channel=SALES.id)["ok"]
    assert not place.act("say", channel=3, text="x")["ok"]
    assert not place.act("block_action", where="here", block_id="b", action_id="a")["ok"]
    assert not place.act("open_home", tab="cellar")["ok"]
    assert not place.act("add_app", channel=place.state()["dm"]["id"])["ok"]


def test_what_is_read_is_no_longer_unread(place: Workplace) -> None:
    before = place.state()["unread"][SALES.id]
    place.slack.chat_postMessage(channel=SALES.id, text="x")
    assert place.state()["unread"][SALES.id] == before + 1
    place.act("read", channel=SALES.id)
    assert place.state()["unread"][SALES.id] == 0
    assert place.state(PRIYA.id)["unread"][SALES.id] > 0


def test_every_request_is_signed(place: Workplace) -> None:
    seen: list[Got] = place.app.got
    place.act("command", channel=SALES.id, text="/invite Zoë 🎉 zoe@acme.com")
    place.trigger()
    place.act("open_home", tab="home")
    place.app.wait_for("app_home_opened")
    assert [got.is_signed for got in seen] == [True] * 3
    assert json.dumps(seen[0].payload, ensure_ascii=False).count("Zoë 🎉") == 1
