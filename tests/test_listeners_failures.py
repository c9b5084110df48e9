"""What people are told when something goes wrong, and what the log keeps."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain.invitation import Draft, DraftStep
from bot.domain.report import SlotReport
from tests.servers import DEADLINE_S, eventually
from tests.slack_modal import command
from tests.wizard_stage import WizardStage, wizard_stage

SORRY = re.compile(r"Something went wrong on our side\. Nothing was lost; try again\. \(Reference ([0-9a-f]{8})\)")


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


def test_references_differ(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    stage.drafts.refusals[DraftStep.PARTICIPANT] = SecretError("x")
    assert reference(json.dumps(modal.submit())) != reference(json.dumps(modal.submit()))
