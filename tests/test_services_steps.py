"""The wizard's steps: each is refused or leads to the next, and the number follows every change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain import fields as f
from bot.domain.intervals import Interval
from bot.domain.invitation import DraftStep
from bot.domain.relaxations import Change
from bot.errors import DeliveryError, FormError
from tests.cast import BEN, CHARLIE, DANA, GONE, GUEST, NOW, PRIYA, ROBOT
from tests.world import ANNA, Stage


def test_steps_lead_to_the_letter_with_proposals(stage: Stage) -> None:
    draft = stage.draft()
    assert draft.step is DraftStep.LETTER
    assert draft.fields[f.EMAIL_SUBJECT] == "Roadmap review: pick a time with Dana Fox"
    assert draft.fields[f.PROMOTED] == [
        "2026-11-30T14:00:00Z",
        "2026-11-30T17:00:00Z",
        "2026-12-01T14:00:00Z",
        "2026-12-01T17:00:00Z",
        "2026-12-02T14:00:00Z",
        "2026-12-02T17:00:00Z",
    ]


def test_own_email_subject_survives_going_back(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = drafts.save(stage.draft(), {f.EMAIL_SUBJECT: "Coffee?"}, step=DraftStep.TIME_FRAME)
    draft = stage.services.steps.submit(DANA, draft, DraftStep.TIME_FRAME, {f.START_DATE: "2026-12-07"})
    assert draft.fields[f.EMAIL_SUBJECT] == "Coffee?"
    assert draft.fields[f.PROMOTED][0] == "2026-12-07T14:00:00Z"


def test_proposed_subject_follows_a_new_subject(stage: Stage) -> None:
    draft = stage.services.steps.submit(DANA, stage.draft(), DraftStep.DETAILS, {f.SUBJECT: "Demo"})
    draft = stage.services.steps.submit(DANA, draft, DraftStep.TIME_FRAME, {})
    assert draft.fields[f.EMAIL_SUBJECT] == "Demo: pick a time with Dana Fox"


def test_fifteen_minutes_are_spaced_by_fifteen(stage: Stage) -> None:
    assert stage.draft(duration="15").fields[f.SPACING] == "15"
    assert stage.draft(duration="20").fields[f.SPACING] == "30"


def test_count_follows_the_fields(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = stage.draft(end_date="2026-11-30")
    assert stage.services.steps.count(draft).count == 16
    draft = drafts.save(draft, {f.TO: "12:00"})
    assert stage.services.steps.count(draft).count == 6
    draft = drafts.save(draft, {f.END_DATE: "2026-12-01"})
    assert stage.services.steps.count(draft).count == 12


def test_changing_a_field_asks_no_calendar_again(stage: Stage) -> None:
    draft = stage.draft()
    reads = stage.calendar.reads
    for end in ("2026-12-04", "2026-12-20", "2026-12-31"):
        draft = stage.services.drafts.save(draft, {f.END_DATE: end})
        stage.services.steps.count(draft)
    assert stage.calendar.reads == reads


def test_old_readings_are_read_again(stage: Stage) -> None:
    draft = stage.draft()
    reads = stage.calendar.reads
    stage.clock.advance(timedelta(minutes=6))
    stage.services.steps.count(draft)
    assert stage.calendar.reads == reads + 1


def test_cost_names_the_person(stage: Stage) -> None:
    stage.calendar.busy[PRIYA.email] = (Interval(NOW, NOW + timedelta(days=2)),)
    report = stage.services.steps.count(stage.draft(members=[DANA.user_id, PRIYA.user_id]))
    assert [restriction.name for restriction in report.restrictions] == ["Priya Raman"]


def test_working_hours_are_the_members_own(stage: Stage) -> None:
    both = stage.draft(members=[DANA.user_id, PRIYA.user_id], end_date="2026-11-30")
    assert stage.services.steps.count(both).count == 6, "09:00 to 12:00 in New York is 14:00 to 17:00 in London"
    ignoring = stage.services.drafts.save(both, {f.WORKING_HOURS: False})
    assert stage.services.steps.count(ignoring).count == 16


def test_member_without_a_calendar_is_unreadable_by_name(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = drafts.begin(DANA, {**ANNA, f.MEMBERS: [CHARLIE.user_id]})
    draft = stage.services.steps.submit(DANA, draft, DraftStep.DETAILS, {})
    assert stage.services.steps.count(draft).unreadable == ("Charlie Moss",)
    with pytest.raises(FormError, match="Charlie Moss") as refused:
        stage.services.steps.submit(DANA, draft, DraftStep.TIME_FRAME, {})
    assert list(refused.value.fields) == [f.END_DATE]


def test_zero_is_refused_at_the_end_date(stage: Stage) -> None:
    stage.calendar.busy[DANA.email] = (Interval(NOW, NOW + timedelta(days=40)),)
    with pytest.raises(FormError, match="No times are available") as refused:
        stage.draft()
    assert list(refused.value.fields) == [f.END_DATE]


@pytest.mark.parametrize("who", [ROBOT, GONE])
def test_bots_and_deactivated_people_are_named(stage: Stage, who: object) -> None:
    drafts = stage.services.drafts
    draft = drafts.begin(DANA, ANNA)
    with pytest.raises(FormError, match=who.name) as refused:  # type: ignore[attr-defined]
        stage.services.steps.submit(DANA, draft, DraftStep.DETAILS, {f.MEMBERS: [DANA.user_id, who.user_id]})  # type: ignore[attr-defined]
    assert list(refused.value.fields) == [f.MEMBERS]


def test_refused_step_keeps_what_was_typed(stage: Stage) -> None:
    drafts = stage.services.drafts
    draft = drafts.begin(DANA, {})
    with pytest.raises(FormError):
        stage.services.steps.submit(DANA, draft, DraftStep.PARTICIPANT, {f.PARTICIPANT_NAME: "Anna", f.EMAIL: "anna@"})
    kept = drafts.find(DANA.workspace_id, DANA.user_id, draft.id)
    assert (kept.fields[f.PARTICIPANT_NAME], kept.fields[f.EMAIL]) == ("Anna", "anna@")


def test_active_invitation_to_the_same_address_is_pointed_out(stage: Stage) -> None:
    invitation = stage.invite()
    draft = stage.services.drafts.begin(DANA, {**ANNA, f.EMAIL: "ANNA@acme.com"})
    (warning,) = stage.services.steps.warnings(DANA, draft)
    assert invitation.tracking_id in warning
    theirs = stage.services.drafts.begin(BEN, {**ANNA})
    assert stage.services.steps.warnings(BEN, theirs) == ()


def test_slack_that_does_not_answer_is_said_at_the_field(stage: Stage) -> None:
    draft = stage.services.drafts.begin(DANA, ANNA)
    stage.directory.failure = DeliveryError("Slack did not answer. Try again in a minute.")
    with pytest.raises(FormError, match="Slack did not answer"):
        stage.services.steps.submit(DANA, draft, DraftStep.DETAILS, {})


def test_guests_can_be_members(stage: Stage) -> None:
    draft = stage.services.drafts.begin(DANA, ANNA)
    fields = {f.MEMBERS: [DANA.user_id, GUEST.user_id]}
    assert stage.services.steps.submit(DANA, draft, DraftStep.DETAILS, fields).step is DraftStep.TIME_FRAME


def test_a_relaxation_brings_what_it_promised(stage: Stage) -> None:
    drafts = stage.services.drafts
    stage.calendar.busy[PRIYA.email] = (Interval(NOW, NOW + timedelta(days=3)),)
    draft = stage.draft(members=[DANA.user_id, PRIYA.user_id], end_date="2026-12-03")
    report = stage.services.steps.count(draft)
    assert {each.change for each in report.relaxations} >= {Change.OPTIONAL, Change.DAYS}
    for each in report.relaxations:
        pressed = drafts.follow(draft, {}, 1.0, own=stage.services.steps.relaxed(draft, each.change, each.value))
        assert stage.services.steps.count(pressed).count == report.count + each.gain, each.text
        draft = drafts.save(pressed, draft.fields)


def test_zero_names_what_alone_would_help(stage: Stage) -> None:
    stage.calendar.busy[PRIYA.email] = (Interval(NOW, NOW + timedelta(days=40)),)
    with pytest.raises(FormError, match=r"alone would help: Make Priya Raman optional \(\+\d+\)"):
        stage.draft(members=[DANA.user_id, PRIYA.user_id])


def test_working_hours_cost_by_name(stage: Stage) -> None:
    report = stage.services.steps.count(stage.draft(members=[DANA.user_id, PRIYA.user_id], end_date="2026-11-30"))
    assert [(each.name, each.costs) for each in report.hours] == [("Priya Raman", 10)]
    assert report.notice_costs == 0
