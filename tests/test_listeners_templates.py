"""Templates in the wizard: chosen in the first view, saved from step 3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain import fields as f
from bot.domain.ids import TemplateId
from bot.domain.templates import Template
from bot.services.templates import Listed
from tests.cast import DANA
from tests.modal_limits import assert_modal_within_limits
from tests.servers import eventually
from tests.slack_modal import Modal
from tests.wizard_stage import WizardStage, wizard_stage


def template(number: int, name: str) -> Listed:
    kept = Template(TemplateId(f"t{number}"), DANA.workspace_id, DANA.user_id, name, {}, 0, 14)
    return Listed(kept, is_favourite=False, is_default=False, may_change=True)


@pytest.fixture
def stage() -> Iterator[WizardStage]:
    with wizard_stage() as ready:
        ready.templates.listed = [template(1, "Roadmap review"), template(2, "Demo")]
        yield ready


def test_without_templates_the_first_view_asks_for_none(stage: WizardStage) -> None:
    stage.templates.listed = []
    assert "Template" not in stage.invite("").text


def test_a_template_fills_in_the_rest_and_keeps_the_customer(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    modal.type("Company", "Acme")
    modal.choose("Template", "selected_option", {"value": "t2"})
    stage.drawn(modal)
    fields = stage.only_draft().fields
    assert (fields[f.SUBJECT], fields[f.COMPANY], fields[f.EMAIL]) == ("From template t2", "Acme", "anna@acme.com")
    stage.drawn(modal, 2)
    assert "Use my defaults · 34 available time slots" in modal.buttons


def test_a_hundred_and_twenty_templates_of_long_names_fit(stage: WizardStage) -> None:
    stage.templates.listed = [template(number, f"{number} {'x' * 80}") for number in range(120)]
    modal = stage.invite("")
    assert_modal_within_limits(modal.view)
    stage.drafts.stored.clear()
    assert_modal_within_limits(save_view(stage, stage.at_step_3()).view)


def save_view(stage: WizardStage, modal: Modal) -> Modal:
    modal.press("Save as template")
    eventually(lambda: bool(stage.screens.pushed), "a view is pushed")
    return Modal(stage.app, stage.screens.pushed[-1])


def test_step_3_is_saved_as_a_template_with_its_marks(stage: WizardStage) -> None:
    top = save_view(stage, stage.at_step_3())
    assert_modal_within_limits(top.view)
    top.type("Template name", "Reviews")
    for label in ("Who can use it", "Favourite", "Default"):
        top._put(label, "selected_options", [{"value": "on"}])
    answer = top.submit()
    assert "“Reviews” is saved." in json.dumps(answer, ensure_ascii=False)
    assert stage.templates.saved == [("Reviews", True, None)]
    assert stage.templates.marked == [("favourite", "t1"), ("default", "t1")]


def test_a_template_is_replaced_and_a_missing_name_is_said_at_its_field(stage: WizardStage) -> None:
    top = save_view(stage, stage.at_step_3())
    top._put("Replaces", "selected_option", {"value": "t2"})
    top.submit()
    assert stage.templates.saved == [("Roadmap review", False, "t2")]
    again = Modal(stage.app, stage.screens.pushed[-1])
    again.type("Template name", "")
    [error] = again.submit()["errors"].values()
    assert error == "Give the template a name."


def test_whoever_replaces_a_template_keeps_its_name_and_whose_it_is(stage: WizardStage) -> None:
    ours = replace(template(2, "Demo").template, is_shared=True)
    stage.templates.listed[1] = replace(stage.templates.listed[1], template=ours)
    top = save_view(stage, stage.at_step_3())
    top.choose("Replaces", "selected_option", {"value": "t2"})
    eventually(lambda: bool(stage.screens.drawn), "the view is drawn again")
    Modal(stage.app, stage.screens.drawn[-1]).submit()
    assert stage.templates.saved == [("Demo", True, "t2")]


def test_more_templates_than_a_list_takes_are_found_by_typing(stage: WizardStage) -> None:
    stage.templates.listed = [template(number, f"Demo {number}") for number in range(120)]
    modal = stage.invite("")
    assert [option["value"] for option in modal.suggest("Template", "demo 117")["options"]] == ["t117"]
    assert len(modal.suggest("Template", "")["options"]) == 100
    stage.drafts.stored.clear()
    top = save_view(stage, stage.at_step_3())
    assert [option["value"] for option in top.suggest("Replaces", "DEMO 99")["options"]] == ["t99"]
