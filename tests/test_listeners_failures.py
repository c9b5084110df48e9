"""What people are told when something goes wrong, and what the log keeps."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from http.client import BadStatusLine
from types import SimpleNamespace
from typing import Any, cast
from urllib.error import URLError

import pytest
from slack_bolt import BoltContext, Respond
from slack_sdk import WebClient

from blocks import ids
from bot.domain.invitation import Draft, DraftStep
from bot.domain.report import SlotReport
from bot.errors import DeliveryError
from bot.listeners import failures
from bot.slack.acknowledgement import KeptAck
from tests.cast import DANA
from tests.servers import DEADLINE_S, eventually
from tests.slack_modal import command, dispatch
from tests.wizard_stage import WizardStage, wizard_stage

SORRY = re.compile(r"Something went wrong on our side\. Nothing was lost; try again\. \(Reference ([0-9a-f]{8})\)")


PRESSED_IN_HOME = {
    "type": "block_actions",
    "view": {"id": "V0HOME", "type": "home"},
    "actions": [{"type": "button", "action_id": ids.INVITE, "block_id": "b"}],
}


@pytest.fixture
def stage() -> Iterator[WizardStage]:
    with wizard_stage() as ready:
        yield ready


class SecretError(Exception):
    """A defect whose text holds what no log may."""


def defect(*_: Any) -> Any:
    raise SecretError("anna@acme.com")


def reference(text: str) -> str:
    found = SORRY.search(text)
    assert found, text
    return found[1]


def test_a_defect_behind_a_submission_is_pushed_in_front_of_the_form(
    stage: WizardStage, caplog: pytest.LogCaptureFixture
) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    stage.drafts.refusals[DraftStep.PARTICIPANT] = SecretError("anna@acme.com")
    answer = modal.submit()
    assert answer["response_action"] == "push"
    shown = reference(json.dumps(answer["view"]))
    [record] = [r for r in caplog.records if r.name == "bot.listeners.failures"]
    assert record.levelno == logging.ERROR
    assert record.reference == shown  # type: ignore[attr-defined]  # an extra of ours
    assert "SecretError" in record.getMessage()
    assert "in submit" in record.getMessage()
    assert "anna@acme.com" not in record.getMessage()


def test_a_defect_behind_an_action_is_pushed_in_front_of_the_form(stage: WizardStage) -> None:
    modal = stage.at_step_2()

    def broken(draft: Draft) -> SlotReport:
        raise SecretError("x")

    stage.drafts.counting = broken
    modal.choose("From", "selected_time", "10:00")
    eventually(lambda: bool(stage.screens.pushed), "a notice is pushed")
    assert reference(json.dumps(stage.screens.pushed))


def test_a_listener_that_fails_right_after_its_acknowledgement_has_acknowledged(stage: WizardStage) -> None:
    stage.directory.person = defect  # type: ignore[method-assign]  # the fake breaks
    asked_at = time.monotonic()
    assert command(stage.app, "", response_url=f"{stage.api.url}/api/response_url").status == 200
    assert time.monotonic() - asked_at < DEADLINE_S / 2, "Slack gives up after 3 s, and Bolt here after much longer"


def test_a_defect_behind_the_command_is_told_to_the_person_only(stage: WizardStage) -> None:
    stage.drafts.begin = defect  # type: ignore[method-assign]  # the fake breaks
    command(stage.app, "", response_url=f"{stage.api.url}/api/response_url")
    eventually(lambda: bool(stage.api.asked("response_url")), "an answer")
    assert reference(stage.api.asked("response_url")[0]["text"])


def test_a_defect_behind_a_search_offers_nothing(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    stage.drafts.counting = defect
    assert modal.suggest("Times to promote", "") == {"options": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ok": False, "error": "ratelimited"}, 429),
        ("<html>oops", 502),
        ({"ok": False, "error": "internal_error"}, 200),
        ({"ok": False, "error": "service_unavailable"}, 200),
    ],
)
def test_where_slack_is_busy_nobody_is_told_that_it_is_our_fault(
    stage: WizardStage, body: dict[str, Any] | str, status: int
) -> None:
    stage.api.will_answer("views.open", body, status)
    command(stage.app, "", response_url=f"{stage.api.url}/api/response_url")
    eventually(lambda: bool(stage.api.asked("response_url")), "an answer")
    assert stage.api.asked("response_url")[0]["text"].endswith("try again in a minute.")


def test_what_slack_says_is_in_the_log(stage: WizardStage, caplog: pytest.LogCaptureFixture) -> None:
    stage.api.refuses("views.open", "invalid_auth")
    command(stage.app, "", response_url=f"{stage.api.url}/api/response_url")
    eventually(lambda: bool(stage.api.asked("response_url")), "an answer")
    [record] = [r for r in caplog.records if r.name == "bot.listeners.failures"]
    assert "Slack says invalid_auth" in record.getMessage()


def test_a_full_stack_of_views_is_no_defect(stage: WizardStage, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        stage.api.refuses("views.open", "push_limit_reached")
    dispatch(stage.app, {"trigger_id": "1.2", **PRESSED_IN_HOME})
    eventually(lambda: bool(stage.api.asked("chat.postMessage")), "a message")
    [message] = stage.api.asked("chat.postMessage")
    assert message["text"] == "Slack shows three windows on top of each other, and no more. Close one and try again."
    assert not caplog.records


@pytest.mark.parametrize("no_answer", [TimeoutError(), URLError("nobody there")])
def test_whoever_presses_a_button_is_told_where_slack_opens_no_view_in_time(no_answer: OSError) -> None:
    told: list[str] = []

    def hang(**_: Any) -> None:
        raise no_answer

    context = BoltContext(ack=KeptAck(), response_url="https://slack.example/response")
    context.ack()
    failures.show(
        no_answer,
        {"type": "block_actions", "trigger_id": "1.2"},
        context,
        cast(WebClient, SimpleNamespace(views_open=hang)),
        cast(Respond, lambda text, **_: told.append(text)),
    )
    assert told[0].endswith("try again in a minute.")


@pytest.mark.parametrize("shortcut", [{"type": "shortcut", "callback_id": "invite_to_self_schedule"}, PRESSED_IN_HOME])
def test_whoever_cannot_be_shown_a_view_is_told_in_a_direct_message(
    stage: WizardStage, shortcut: dict[str, Any]
) -> None:
    for _ in range(2):
        stage.api.refuses("views.open", "expired_trigger_id")
    dispatch(stage.app, {"trigger_id": "1.2", **shortcut})
    eventually(lambda: bool(stage.api.asked("chat.postMessage")), "a message")
    [message] = stage.api.asked("chat.postMessage")
    assert message["channel"] == DANA.user_id
    assert message["text"] == "That took too long for Slack. Please try again."
    assert message["unfurl_links"] in ("0", False)


@pytest.mark.parametrize("no_answer", [TimeoutError(), URLError("nobody there"), BadStatusLine("oops")])
def test_the_last_message_may_fail_as_well(no_answer: Exception) -> None:
    asked: list[str] = []

    def hang(**call: Any) -> None:
        asked.append(call.get("channel", ""))
        raise no_answer

    context = BoltContext(ack=KeptAck(), user_id=DANA.user_id)
    context.ack()
    client = cast(WebClient, SimpleNamespace(views_open=hang, chat_postMessage=hang))
    failures.show(no_answer, {"type": "shortcut", "trigger_id": "1.2"}, context, client, cast(Respond, None))
    assert asked == ["", DANA.user_id]


def test_names_in_what_is_said_mention_nobody(stage: WizardStage) -> None:
    stage.directory.failure = DeliveryError("<!channel> of Tom & Jerry is busy.")
    command(stage.app, "Anna anna@acme.com", response_url=f"{stage.api.url}/api/response_url")
    eventually(lambda: bool(stage.api.asked("response_url")), "an answer")
    assert stage.api.asked("response_url")[0]["text"] == "&lt;!channel&gt; of Tom &amp; Jerry is busy."


def test_references_differ(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    stage.drafts.refusals[DraftStep.PARTICIPANT] = SecretError("x")
    assert reference(json.dumps(modal.submit())) != reference(json.dumps(modal.submit()))
