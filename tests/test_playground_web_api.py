"""The Web API as an app sees it: tokens, scopes, messages, people, conversations, and Slack's refusals."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.cast import APP, CAST, DANA, DEACTIVATED, GENERAL, GUEST, OTHER_BOT, PRIYA, SALES
from tests.pretend_app import MANIFEST, Doors, Workplace, modal, section, workplace


def refusal(call: Any, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    answer = refused.value.response.data
    assert isinstance(answer, dict)
    return answer


def error(call: Any, **arguments: Any) -> str:
    return str(refusal(call, **arguments)["error"])


def without_scopes(*dropped: str) -> dict[str, Any]:
    manifest = deepcopy(MANIFEST)
    scopes = manifest["oauth_config"]["scopes"]
    scopes["bot"] = [scope for scope in scopes["bot"] if scope not in dropped]
    return manifest


# ---------------------------------------------------------------- the door


def test_the_token_says_who_calls(place: Workplace) -> None:
    me = place.slack.auth_test()
    assert (me["user_id"], me["team"]) == (APP.id, "Northwind")
    assert "chat:write" in me.headers["x-oauth-scopes"]


def test_a_wrong_token_is_refused_and_a_missing_one_too(place: Workplace) -> None:
    url = place.playground.api_url
    assert error(WebClient("xoxb-wrong", base_url=url).auth_test) == "invalid_auth"
    assert error(WebClient(base_url=url).auth_test) == "not_authed"
    assert WebClient(base_url=url).api_test()["ok"]


def test_a_token_may_come_in_the_form(place: Workplace) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, body = place.fetch("/playground/api/auth.test", b"token=xoxb-playground", form)
    assert (status, json.loads(body)["ok"]) == (200, True)


def test_an_unknown_method_is_refused(place: Workplace) -> None:
    answer = refusal(place.slack.api_call, api_method="chat.sendTelegram")
    assert (answer["error"], answer["req_method"]) == ("unknown_method", "chat.sendTelegram")


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("application/json", b"\xff", "invalid_json"),
        ("application/x-www-form-urlencoded", b"\xff", "invalid_charset"),
        ("text/xml", b"<a/>", "invalid_post_type"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(place: Workplace, content_type: str, body: bytes, code: str) -> None:
    answer = place.fetch("/playground/api/auth.test", body, {"Content-Type": content_type})
    assert json.loads(answer[2]) == {"ok": False, "error": code}


def test_structures_come_as_json_or_in_a_form(place: Workplace) -> None:
    form = {"channel": SALES.id, "text": "x", "blocks": json.dumps([section("In a form")])}
    posted = place.slack.api_call("chat.postMessage", params=form)
    assert posted["message"]["blocks"][0]["text"]["text"] == "In a form"
    answer = refusal(place.slack.chat_postMessage, channel=SALES.id, text="x", blocks="{")
    assert answer["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("scope", "method", "arguments"),
    [
        ("chat:write", "chat.postMessage", {"channel": SALES.id, "text": "x"}),
        ("chat:write", "chat.update", {"channel": SALES.id, "ts": "1", "text": "x"}),
        ("chat:write", "chat.delete", {"channel": SALES.id, "ts": "1"}),
        ("users:read", "users.info", {"user": DANA.id}),
        ("users:read", "users.list", {}),
        ("channels:read", "conversations.info", {"channel": SALES.id}),
        ("channels:read", "conversations.list", {}),
        ("channels:read", "conversations.members", {"channel": SALES.id}),
        ("im:write", "conversations.open", {"users": DANA.id}),
    ],
)
def test_a_method_needs_its_scope(doors: Doors, scope: str, method: str, arguments: dict[str, str]) -> None:
    with workplace(doors, manifest=without_scopes(scope)) as place:
        answer = refusal(place.slack.api_call, api_method=method, json=arguments)
        assert (answer["error"], answer["needed"]) == ("missing_scope", scope)
        assert scope not in answer["provided"].split(",")


# ---------------------------------------------------------------- messages


def test_a_message_goes_to_a_channel_or_to_a_persons_dm(place: Workplace) -> None:
    in_channel = place.slack.chat_postMessage(channel=SALES.id, text="Hello")
    assert in_channel["channel"] == SALES.id
    in_dm = place.slack.chat_postMessage(channel=DANA.id, text="Hello")
    assert in_dm["channel"] == place.state()["dm"]["id"]
    again = place.slack.chat_postMessage(channel=in_dm["channel"], text="Again")
    assert float(again["ts"]) > float(in_dm["ts"])
    assert [message["text"] for message in place.state()["messages"][in_dm["channel"]]] == ["Hello", "Again"]


def test_a_dm_is_seen_by_its_owner_only(place: Workplace) -> None:
    channel = place.slack.chat_postMessage(channel=DANA.id, text="Secret")["channel"]
    assert channel not in place.state(PRIYA.id)["messages"]


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        (GENERAL.id, "not_in_channel"),
        ("C404", "channel_not_found"),
        ("#sales", "channel_not_found"),
        (OTHER_BOT.id, "cannot_dm_bot"),
        (DEACTIVATED.id, "user_disabled"),
    ],
)
def test_where_the_app_cannot_post(place: Workplace, channel: str, code: str) -> None:
    assert error(place.slack.chat_postMessage, channel=channel, text="x") == code


def test_the_app_can_post_once_it_was_added(place: Workplace) -> None:
    assert place.act("add_app", channel=GENERAL.id)["ok"]
    assert place.slack.chat_postMessage(channel=GENERAL.id, text="x")["ok"]
    assert place.slack.conversations_info(channel=GENERAL.id)["channel"]["is_member"]


def test_a_message_says_something_and_not_too_much(place: Workplace) -> None:
    assert error(place.slack.api_call, api_method="chat.postMessage", json={"channel": SALES.id}) == "no_text"
    assert error(place.slack.chat_postMessage, channel=SALES.id, text="x" * 40_001) == "msg_too_long"
    assert error(place.slack.api_call, api_method="chat.postMessage", json={"text": "x"}) == "invalid_arguments"
    wrong = {"channel": SALES.id, "text": ["x"]}
    assert error(place.slack.api_call, api_method="chat.postMessage", json=wrong) == "invalid_arguments"


def test_bad_blocks_are_named(place: Workplace) -> None:
    answer = refusal(place.slack.chat_postMessage, channel=SALES.id, text="x", blocks=[{"type": "section"}])
    assert answer["error"] == "invalid_blocks"
    assert answer["errors"] == answer["response_metadata"]["messages"]
    assert answer["errors"] == ["[ERROR] missing required field: text [json-pointer:/blocks/0]"]


def test_metadata_is_kept_and_checked(place: Workplace) -> None:
    metadata = {"event_type": "invitation_card", "event_payload": {"id": "42"}}
    posted = place.slack.chat_postMessage(channel=DANA.id, text="x", metadata=metadata)
    assert posted["message"]["metadata"] == metadata
    assert place.state()["messages"][posted["channel"]][0]["metadata"] == metadata
    assert (
        place.slack.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")["message"]["metadata"] == metadata
    )
    for wrong in (
        {"event_type": "x"},
        {"event_type": "x y", "event_payload": {}},
        {"event_type": "x", "event_payload": 1},
    ):
        answer = error(place.slack.chat_postMessage, channel=DANA.id, text="x", metadata=wrong)
        assert answer == "invalid_metadata_format"


def test_replies_gather_below_a_message(place: Workplace) -> None:
    parent = place.slack.chat_postMessage(channel=DANA.id, text="Card")
    place.slack.chat_postMessage(channel=DANA.id, text="Detail", thread_ts=parent["ts"])
    first, second = place.state()["messages"][parent["channel"]]
    assert (first["reply_count"], second["thread_ts"]) == (1, parent["ts"])
    answer = error(place.slack.chat_postMessage, channel=DANA.id, text="x", thread_ts="1.000000")
    assert answer == "cannot_reply_to_message"


def test_an_update_changes_what_it_names_and_keeps_the_rest(place: Workplace) -> None:
    posted = place.slack.chat_postMessage(channel=DANA.id, text="One", blocks=[section("one")])
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    updated = place.slack.chat_update(**where, text="Two")
    assert (updated["message"]["text"], updated["message"]["blocks"][0]["text"]["text"]) == ("Two", "one")
    place.slack.chat_update(**where, text="Two", blocks=[])
    (message,) = place.state()["messages"][posted["channel"]]
    assert (message["text"], message["blocks"], message["edited"]) == ("Two", [], True)
    assert error(place.slack.api_call, api_method="chat.update", json=where) == "no_text"


def test_an_update_tells_nobody_anew(place: Workplace) -> None:
    posted = place.slack.chat_postMessage(channel=DANA.id, text="One")
    place.act("read", channel=posted["channel"])
    place.slack.chat_update(channel=posted["channel"], ts=posted["ts"], text="Two")
    assert place.state()["dm"]["unread"] == 0


def test_only_its_own_messages_are_the_apps_to_change(place: Workplace) -> None:
    ts = place.act("say", channel=SALES.id, text="Mine")["ts"]
    assert error(place.slack.chat_update, channel=SALES.id, ts=ts, text="x") == "cant_update_message"
    assert error(place.slack.chat_delete, channel=SALES.id, ts=ts) == "cant_delete_message"
    assert error(place.slack.chat_update, channel=SALES.id, ts="1.000000", text="x") == "message_not_found"
    assert error(place.slack.chat_delete, channel=SALES.id, ts="1.000000") == "message_not_found"


def test_a_deleted_message_is_gone(place: Workplace) -> None:
    posted = place.slack.chat_postMessage(channel=DANA.id, text="Draft")
    assert place.slack.chat_delete(channel=posted["channel"], ts=posted["ts"])["ok"]
    assert place.state()["messages"][posted["channel"]] == []
    assert error(place.slack.chat_delete, channel=posted["channel"], ts=posted["ts"]) == "message_not_found"


def test_an_ephemeral_message_has_one_reader_and_cannot_be_changed(place: Workplace) -> None:
    posted = place.slack.chat_postEphemeral(channel=SALES.id, user=DANA.id, text="For you")
    last = place.state()["messages"][SALES.id][-1]
    assert (last["text"], last["ephemeral"]) == ("For you", True)
    assert all(message["text"] != "For you" for message in place.state(PRIYA.id)["messages"][SALES.id])
    where = {"channel": SALES.id, "ts": posted["message_ts"]}
    assert error(place.slack.chat_update, **where, text="x") == "message_not_found"
    dm = place.slack.chat_postMessage(channel=DANA.id, text="x")["channel"]
    assert error(place.slack.chat_postEphemeral, channel=dm, user=PRIYA.id, text="x") == "user_not_in_channel"


def test_a_permalink_leads_to_the_message(place: Workplace) -> None:
    posted = place.slack.chat_postMessage(channel=SALES.id, text="x")
    link = place.slack.chat_getPermalink(channel=SALES.id, message_ts=posted["ts"])["permalink"]
    assert link == f"{place.url}/playground/archives/{SALES.id}/p{posted['ts'].replace('.', '')}"
    assert error(place.slack.chat_getPermalink, channel=SALES.id, message_ts="1.000000") == "message_not_found"


def test_without_a_messages_tab_no_dm_is_sent(doors: Doors) -> None:
    manifest = MANIFEST | {"features": {**MANIFEST["features"], "app_home": {"home_tab_enabled": True}}}
    with workplace(doors, manifest=manifest) as place:
        assert error(place.slack.chat_postMessage, channel=DANA.id, text="x") == "messages_tab_disabled"
        assert place.slack.chat_postMessage(channel=SALES.id, text="x")["ok"]


# ---------------------------------------------------------------- people and conversations


def test_a_person_is_described_as_slack_does(place: Workplace) -> None:
    user = place.slack.users_info(user=PRIYA.id, include_locale=True)["user"]
    assert (user["tz"], user["tz_offset"], user["locale"]) == ("Europe/London", 0, "en-US")
    assert (user["profile"]["real_name"], user["profile"]["email"]) == ("Priya Raman", PRIYA.email)
    assert (user["is_admin"], user["is_bot"], user["deleted"], user["is_restricted"]) == (False, False, False, False)
    assert place.slack.users_info(user=DANA.id)["user"]["is_admin"]
    assert place.slack.users_info(user=DANA.id)["user"]["tz_offset"] == -5 * 3600
    assert place.slack.users_info(user=GUEST.id)["user"]["is_restricted"]
    assert place.slack.users_info(user=DEACTIVATED.id)["user"]["deleted"]
    assert place.slack.users_info(user=OTHER_BOT.id)["user"]["is_bot"]
    assert error(place.slack.users_info, user="U404") == "user_not_found"


def test_an_address_is_told_with_its_scope_only(doors: Doors) -> None:
    with workplace(doors, manifest=without_scopes("users:read.email")) as place:
        assert "email" not in place.slack.users_info(user=PRIYA.id)["user"]["profile"]


def test_lists_come_in_pages(place: Workplace) -> None:
    names: list[str] = []
    for page in place.slack.users_list(limit=3):
        assert len(page["members"]) <= 3
        names += [member["real_name"] for member in page["members"]]
    assert names == [actor.real_name for actor in CAST]


def test_conversations_are_listed_by_type(place: Workplace) -> None:
    assert [c["name"] for c in place.slack.conversations_list()["channels"]] == ["sales", "general"]
    assert [c["name"] for c in place.slack.users_conversations()["channels"]] == ["sales"]
    dm = place.slack.conversations_open(users=DANA.id)["channel"]["id"]
    assert [c["id"] for c in place.slack.conversations_list(types="im")["channels"]] == [dm]
    assert place.slack.conversations_info(channel=dm)["channel"]["user"] == DANA.id
    assert not place.slack.conversations_info(channel=GENERAL.id)["channel"]["is_member"]
    assert error(place.slack.conversations_info, channel="C404") == "channel_not_found"
    assert error(place.slack.conversations_info, channel=DANA.id) == "channel_not_found"


def test_members_include_the_app_where_it_is_one(place: Workplace) -> None:
    assert APP.id in place.slack.conversations_members(channel=SALES.id)["members"]
    assert APP.id not in place.slack.conversations_members(channel=GENERAL.id)["members"]


def test_a_dm_is_opened_with_one_living_person(place: Workplace) -> None:
    assert place.slack.conversations_open(users=[PRIYA.id])["channel"]["id"].startswith("D")
    assert place.slack.conversations_open(users=PRIYA.id, return_im=True)["already_open"]
    assert error(place.slack.conversations_open, users="U404") == "user_not_found"
    assert error(place.slack.conversations_open, users=[PRIYA.id, DANA.id]) == "missing_scope"
    assert error(place.slack.conversations_open, users=OTHER_BOT.id) == "cannot_dm_bot"


def test_a_view_may_come_in_a_form(place: Workplace) -> None:
    form = {"trigger_id": place.trigger(), "view": json.dumps(modal())}
    assert place.slack.api_call("views.open", params=form)["view"]["type"] == "modal"
