"""The ways into the wizard."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest

from bot.domain import fields as f
from bot.errors import DeliveryError
from tests.cast import DANA, GUEST, PRIYA
from tests.modal_limits import assert_modal_within_limits
from tests.servers import eventually
from tests.slack_modal import Modal, command, dispatch
from tests.wizard_stage import WizardStage, wizard_stage


@pytest.fixture
def stage() -> Iterator[WizardStage]:
    with wizard_stage() as ready:
        yield ready


def said(stage: WizardStage, text: str, user_id: str = DANA.user_id) -> str:
    """What the command answers for the person's eyes only."""
    before = len(stage.api.calls)
    command(stage.app, text, user_id, response_url=f"{stage.api.url}/api/response_url")
    eventually(lambda: len(stage.api.asked("response_url")) > 0, "an answer")
    assert len(stage.api.calls) > before
    assert "views.open" not in [method for method, _ in stage.api.calls]
    [answer] = stage.api.asked("response_url")
    assert answer.get("response_type", "ephemeral") == "ephemeral"
    return str(answer["text"])


@pytest.mark.parametrize("name", ["/invite", "/inviteonce"])
def test_whichever_command_reaches_the_app_opens_the_first_view(stage: WizardStage, name: str) -> None:
    command(stage.app, "", name=name)
    eventually(lambda: bool(stage.screens.opened), "a view is opened")
    [view] = stage.screens.opened
    assert view["submit"]["text"] == "Continue"
    assert_modal_within_limits(view)


def test_arguments_fill_in_the_fields(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com Roadmap review 45m")
    assert modal.block("Participant name")["element"]["initial_value"] == "Anna Ruiz"
    assert modal.block("Email address")["element"]["initial_value"] == "anna@acme.com"
    modal.submit()
    assert modal.block("Subject")["element"]["initial_value"] == "Roadmap review"
    assert modal.block("Duration")["element"]["initial_option"]["value"] == "45"


def test_a_signed_request_over_http_is_taken_and_a_forged_one_is_not(stage: WizardStage) -> None:
    body = urlencode(
        {
            "command": "/invite",
            "text": "Anna Ruiz anna@acme.com",
            "team_id": DANA.workspace_id,
            "user_id": DANA.user_id,
            "trigger_id": "t1",
            "response_url": f"{stage.api.url}/api/response_url",
        }
    )
    sent_at = str(int(time.time()))

    def request(secret: bytes) -> BoltRequest:
        signature = "v0=" + hmac.new(secret, f"v0:{sent_at}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-signature": signature,
            "x-slack-request-timestamp": sent_at,
        }
        return BoltRequest(body=body, headers=dict(headers))

    assert stage.app.dispatch(request(b"wrong")).status == 401
    assert stage.app.dispatch(request(b"s3cret")).status == 200
    eventually(lambda: len(stage.screens.opened) == 1, "the one view is opened")


def test_the_global_shortcut_opens_the_first_view(stage: WizardStage) -> None:
    dispatch(stage.app, {"type": "shortcut", "callback_id": "invite_to_self_schedule", "trigger_id": "t1"})
    eventually(lambda: bool(stage.screens.opened), "a view is opened")
    assert stage.screens.opened[0]["callback_id"] == "wizard_participant"


@pytest.mark.parametrize("word", ["help", "HELP", " help "])
def test_help_alone_explains_the_command(stage: WizardStage, word: str) -> None:
    assert "`/invite Anna Ruiz anna@acme.com Roadmap review 45m`" in said(stage, word)
    assert not stage.drafts.stored


def test_a_colleague_gets_a_kind_hint(stage: WizardStage) -> None:
    assert "Team members" in said(stage, "<@U0PRIYA|priya>")
    assert not stage.drafts.stored


def test_a_guest_is_refused_kindly_behind_the_command(stage: WizardStage) -> None:
    assert "Only members" in said(stage, "Anna anna@acme.com", GUEST.user_id)


@pytest.mark.parametrize("word", ["doctor", "settings"])
def test_a_guest_is_not_sent_to_a_setup_that_they_do_not_have(stage: WizardStage, word: str) -> None:
    answer = said(stage, word, GUEST.user_id)
    assert "Only members" in answer
    assert "Setup" not in answer


def test_a_guest_is_refused_kindly_behind_the_shortcut(stage: WizardStage) -> None:
    payload = {"type": "shortcut", "callback_id": "invite_to_self_schedule", "trigger_id": "t1"}
    dispatch(stage.app, payload, GUEST.user_id)
    eventually(lambda: bool(stage.screens.opened), "a view is opened")
    assert "Only members" in json.dumps(stage.screens.opened)


def test_slack_not_answering_is_said_and_nothing_opened(stage: WizardStage) -> None:
    stage.directory.failure = DeliveryError("Slack cannot be asked right now. Try again in a minute.")
    assert said(stage, "Anna anna@acme.com") == "Slack cannot be asked right now. Try again in a minute."


def test_a_trigger_that_was_too_old_leaves_no_draft_behind(stage: WizardStage) -> None:
    stage.api.refuses("views.open", "expired_trigger_id")
    command(stage.app, "Anna anna@acme.com", response_url=f"{stage.api.url}/api/response_url")
    eventually(lambda: bool(stage.api.asked("response_url")), "an answer")
    assert "try again" in stage.api.asked("response_url")[0]["text"]
    assert not stage.drafts.stored


def test_a_duration_that_cannot_be_is_pointed_out(stage: WizardStage) -> None:
    modal = stage.invite("Anna anna@acme.com Roadmap 37m")
    assert "multiples of 5 minutes" in modal.text
    assert stage.only_draft().fields[f.SUBJECT] == "Roadmap"
    assert stage.only_draft().fields[f.DURATION] == "30"


def test_open_drafts_are_offered_again_where_nothing_was_given(stage: WizardStage) -> None:
    stage.drafts.begin(DANA, {f.PARTICIPANT_NAME: "Boris"})
    assert stage.invite("").buttons[:2] == ["Resume", "Discard"]
    assert "Resume" not in stage.invite("Anna anna@acme.com").buttons


def test_without_a_calendar_the_first_view_asks_to_connect_one(stage: WizardStage) -> None:
    stage.connections.connected = False
    modal = stage.invite("Anna Ruiz anna@acme.com")
    assert "Connect calendar" in modal.buttons
    assert "submit" not in modal.view
    assert stage.only_draft().fields[f.EMAIL] == "anna@acme.com"


def test_without_a_calendar_system_the_first_view_names_the_settings(stage: WizardStage) -> None:
    stage.connections.connected = False
    stage.connections.systems = ()
    modal = stage.invite("")
    assert "GOOGLE_CLIENT_ID" in modal.text
    assert modal.buttons == []


def test_each_invite_is_a_draft_of_its_own(stage: WizardStage) -> None:
    first: Modal = stage.invite("Anna anna@acme.com")
    second = stage.invite("Boris boris@acme.com")
    assert first.view["private_metadata"] != second.view["private_metadata"]


def test_a_message_opens_the_wizard_with_what_it_says(stage: WizardStage) -> None:
    text = "Demo\nfor Boris Berg <mailto:b@acme.com|b>"
    message = {"type": "message", "user": PRIYA.user_id, "ts": "1.0", "text": text}
    payload = {"type": "message_action", "callback_id": "invite_to_meeting", "trigger_id": "t1", "message": message}
    payload |= {"channel": {"id": "C1", "name": "x"}, "response_url": "http://127.0.0.1:9/never"}
    stage.sees_no_defaults = True
    assert dispatch(stage.app, payload).status == 200
    eventually(lambda: bool(stage.screens.opened), "a view is opened")
    fields = stage.only_draft().fields
    assert (fields[f.PARTICIPANT_NAME], fields[f.EMAIL], fields[f.SUBJECT]) == ("Boris Berg", "b@acme.com", "Demo")


def test_a_message_without_an_address_says_so_and_keeps_its_first_line(stage: WizardStage) -> None:
    message = {"type": "message", "bot_id": "B1", "ts": "1.0", "text": "Call the new lead"}
    payload = {"type": "message_action", "callback_id": "invite_to_meeting", "trigger_id": "t1", "message": message}
    payload |= {"channel": {"id": "C1", "name": "x"}, "response_url": "http://127.0.0.1:9/never"}
    assert dispatch(stage.app, payload).status == 200
    eventually(lambda: bool(stage.screens.opened), "a view is opened")
    assert "There is no email address in that message." in json.dumps(stage.screens.opened[-1])
    assert stage.only_draft().fields[f.SUBJECT] == "Call the new lead"
