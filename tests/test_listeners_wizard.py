"""The wizard in Slack, step by step: whole payloads through a real Bolt app."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain import wizard as rules
from bot.domain.invitation import Draft, DraftStep
from bot.domain.relaxations import Change, Relaxation
from bot.domain.report import SlotReport
from bot.errors import CalendarUnreadableError, FormError, NoSlotsError, NotFoundError
from tests.cast import BEN, DANA, NOW
from tests.modal_limits import assert_modal_within_limits
from tests.servers import DEADLINE_S, eventually
from tests.slack_modal import Modal
from tests.wizard_stage import FakeDrafts, WizardStage, report, wizard_stage


@pytest.fixture
def stage() -> Iterator[WizardStage]:
    with wizard_stage() as ready:
        yield ready


@pytest.fixture
def hasty() -> Iterator[WizardStage]:
    """A stage that shows "counting" as soon as a count is not there at once: `counting.is_slow`."""
    with wizard_stage(patience_s=0.0) as ready:
        yield ready


# ---------------------------------------------------------------- forward and back


def test_four_views_lead_to_a_sent_invitation(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    modal.type("Personal message", "See you soon")
    answer = modal.submit()
    assert answer["response_action"] == "update"
    assert "Invitation sent to *Anna Ruiz*" in modal.text
    assert "K7D2M9QX" in modal.text
    [sent] = stage.invitations.sent
    assert (sent[f.PARTICIPANT_NAME], sent[f.SUBJECT], sent[f.MESSAGE]) == (
        "Anna Ruiz",
        "Roadmap review",
        "See you soon",
    )
    assert_modal_within_limits(modal.view)


def test_every_step_is_within_slacks_limits(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com Roadmap review")
    for _ in range(3):
        assert_modal_within_limits(modal.view)
        modal.submit()
        if f.EMAIL_SUBJECT not in modal.text:
            stage.only_draft(fields={f.EMAIL_SUBJECT: "Pick a time"})
    assert_modal_within_limits(modal.view)


def test_back_keeps_what_was_typed_and_shows_the_step_before(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    modal.submit()
    modal.type("Subject", "Half a subj")
    modal.press("Back")
    stage.drawn(modal)
    assert modal.view["callback_id"] == "wizard_participant"
    assert modal.block("Participant name")["element"]["initial_value"] == "Anna Ruiz"
    assert stage.only_draft().fields[f.SUBJECT] == "Half a subj"


def test_leaving_step_2_shows_the_card_in_both_directions(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    assert stage.drafts.carded == []
    modal.press("Back")
    eventually(lambda: stage.drafts.carded == ["draft1"], "the card is queued on going back")
    stage.drawn(modal)
    modal.submit()
    modal.submit()
    eventually(lambda: stage.drafts.carded == ["draft1"] * 2, "the card is queued on going on")


def test_field_errors_stand_at_their_fields_and_the_view_stays(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    stage.drafts.refusals[DraftStep.TIME_FRAME] = FormError({f.END_DATE: "No times are available. Make it longer."})
    answer = modal.submit()
    assert answer == {
        "response_action": "errors",
        "errors": {modal.block("End date")["block_id"]: "No times are available. Make it longer."},
    }


def test_an_active_invitation_to_the_same_address_is_pointed_out(stage: WizardStage) -> None:
    stage.drafts.told = ("There is an active invitation to anna@acme.com already.",)
    modal = stage.invite("Anna Ruiz anna@acme.com")
    modal.submit()
    assert "There is an active invitation to anna@acme.com already." in modal.text


def test_somebody_elses_draft_is_not_there(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    modal.user_id = BEN.user_id
    answer = modal.submit()
    assert answer["response_action"] == "push"
    assert "not there any more" in json.dumps(answer["view"])


def test_where_all_is_filled_in_the_defaults_lead_straight_to_step_3(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com Roadmap review")
    assert "Use my defaults · 34 available time slots" in modal.buttons
    assert_modal_within_limits(modal.view)
    modal.type("Company", "Acme")
    stage.only_draft(fields={f.EMAIL_SUBJECT: "Pick a time", f.PROMOTED: ["2026-12-01T14:00:00Z"]})
    modal.press("Use my defaults · 34 available time slots")
    stage.drawn(modal)
    assert modal.view["callback_id"] == "wizard_letter"
    assert stage.only_draft().fields[f.COMPANY] == "Acme"
    eventually(lambda: stage.drafts.carded == ["draft1"], "the card is queued")


@pytest.mark.parametrize(("text", "count"), [("Anna Ruiz anna@acme.com", 34), ("Anna anna@acme.com Review", 0)])
def test_defaults_are_not_offered_where_something_is_missing(stage: WizardStage, text: str, count: int) -> None:
    stage.sees_no_defaults = True
    stage.drafts.counting = lambda draft: report(count)
    modal = stage.invite(text)
    stage.finish()
    assert not any("Use my defaults" in button for button in modal.buttons)
    assert not stage.screens.drawn


def test_defaults_that_no_longer_do_lead_to_the_step_that_says_why(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com Roadmap review")
    stage.drafts.refusals[DraftStep.TIME_FRAME] = FormError({f.END_DATE: "No times are available any more."})
    modal.press("Use my defaults · 34 available time slots")
    stage.drawn(modal)
    assert modal.view["callback_id"] == "wizard_time_frame"
    assert "No times are available any more." in modal.text


# ---------------------------------------------------------------- the live count


@pytest.mark.parametrize(
    ("label", "key", "value", "field", "kept"),
    [
        ("Start date", "selected_date", "2026-12-03", f.START_DATE, "2026-12-03"),
        ("End date", "selected_date", "2026-12-09", f.END_DATE, "2026-12-09"),
        ("From", "selected_time", "10:00", f.FROM, "10:00"),
        ("To", "selected_time", "00:00", f.TO, "00:00"),
        ("Days", "selected_options", [{"value": "2"}], f.DAYS, ["2"]),
        ("Time zone", "selected_option", {"value": "Asia/Tokyo"}, f.TIME_ZONE, "Asia/Tokyo"),
        ("Slot spacing", "selected_option", {"value": "duration"}, f.SPACING, "duration"),
        ("Minimum notice", "selected_option", {"value": "0"}, f.NOTICE, "0"),
        ("Buffer before", "selected_option", {"value": "5"}, f.BUFFER_BEFORE, "5"),
        ("Buffer after", "selected_option", {"value": "10"}, f.BUFFER_AFTER, "10"),
        ("Respect working hours", "selected_options", [], f.WORKING_HOURS, False),
    ],
)
def test_the_count_follows_every_field(
    stage: WizardStage, label: str, key: str, value: Any, field: str, kept: Any
) -> None:
    modal = stage.at_step_2()
    stage.drafts.counting = lambda draft: report(7)
    modal.choose(label, key, value)
    stage.drawn(modal)
    assert "7 available time slots" in modal.text
    assert stage.only_draft().fields[field] == kept


@pytest.mark.parametrize("preset", ["This week", "Next week", "Next 2 weeks"])
def test_a_preset_sets_both_dates_in_new_blocks_and_leaves_the_rest(stage: WizardStage, preset: str) -> None:
    modal = stage.at_step_2()
    before = {b["block_id"] for b in modal.view["blocks"] if b["type"] == "input"}
    modal.choose("From", "selected_time", "10:15")
    stage.drawn(modal)
    modal.press(preset)
    stage.drawn(modal, 2)
    after = {b["block_id"] for b in modal.view["blocks"] if b["type"] == "input"}
    assert {f.START_DATE, f.END_DATE} <= {block.partition(":")[0] for block in after - before}
    dates = {
        "This week": ("2026-11-30", "2026-12-06"),
        "Next week": ("2026-12-07", "2026-12-13"),
        "Next 2 weeks": ("2026-12-07", "2026-12-20"),
    }
    assert (
        modal.values[modal.block("Start date")["block_id"]][f.START_DATE]["selected_date"],
        modal.values[modal.block("End date")["block_id"]][f.END_DATE]["selected_date"],
    ) == dates[preset]
    assert modal.values[modal.block("From")["block_id"]][f.FROM]["selected_time"] == "10:15"


def test_fields_that_make_no_sense_show_the_sentence_and_no_number(stage: WizardStage) -> None:
    modal = stage.at_step_2()

    def refuse(draft: Draft) -> SlotReport:
        raise FormError({f.END_DATE: "The end date is before the start date."})

    stage.drafts.counting = refuse
    modal.choose("End date", "selected_date", "2020-01-01")
    stage.drawn(modal)
    assert "The end date is before the start date." in modal.text
    assert "available time slot" not in modal.text


def test_a_count_at_hand_is_shown_and_nobody_is_asked(stage: WizardStage) -> None:
    def refuse(draft: Draft) -> SlotReport:
        raise AssertionError("it was at hand")

    modal = stage.at_step_2()
    stage.drafts.counting, stage.drafts.at_hand = refuse, report(9)
    modal.choose("From", "selected_time", "10:00")
    stage.drawn(modal)
    assert "9 available time slots" in modal.text


def test_the_title_of_step_3_keeps_the_count_in_view(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    assert modal.view["title"]["text"] == "Invite to self-schedule", "calendars have to be asked, and nobody waits"
    stage.drafts.at_hand = report(9)
    modal.choose("Delivery", "selected_option", {"text": {"type": "plain_text", "text": "-"}, "value": "link"})
    stage.drawn(modal)
    assert modal.view["title"]["text"] == "9 free times"


def test_a_slow_count_shows_counting_first_and_the_number_afterwards(hasty: WizardStage) -> None:
    modal = hasty.at_step_2()
    gate = threading.Event()

    def slow(draft: Draft) -> SlotReport:
        assert gate.wait(DEADLINE_S)
        return report(9)

    hasty.drafts.counting, hasty.counting.is_slow = slow, True
    modal.choose("From", "selected_time", "10:00")
    hasty.drawn(modal)
    assert "Counting the available times…" in modal.text
    assert "available time slot" not in modal.text
    gate.set()
    hasty.drawn(modal, 2)
    assert "9 available time slots" in modal.text


def test_step_1_answers_in_time_though_calendars_are_slow(hasty: WizardStage) -> None:
    modal = hasty.invite("Anna Ruiz anna@acme.com Roadmap review")
    modal.submit()
    gate = threading.Event()

    def slow(draft: Draft) -> SlotReport:
        assert gate.wait(DEADLINE_S)
        return report(9)

    hasty.drafts.counting, hasty.counting.is_slow = slow, True
    modal.submit()
    assert "Counting the available times…" in modal.text
    hasty.screens.hash = "h-after-ack"
    gate.set()
    hasty.drawn(modal)
    assert "9 available time slots" in modal.text


def test_a_count_that_reaches_slack_before_its_acknowledgement_is_drawn_again_after_it(hasty: WizardStage) -> None:
    modal = hasty.invite("Anna Ruiz anna@acme.com Roadmap review")
    modal.submit()
    gate, updates = threading.Event(), []

    def slow(draft: Draft) -> SlotReport:
        assert gate.wait(DEADLINE_S)
        return report(9)

    def acknowledged_late(view: dict[str, Any]) -> None:
        updates.append(view)
        if len(updates) == 2:  # the first was drawn too early: now the "counting" view has hidden it
            hasty.screens.hash = "h-after-ack"

    hasty.drafts.counting, hasty.counting.is_slow = slow, True
    modal.submit()  # Slack has our answer, and is slow to apply it: the old hash still holds
    hasty.screens.at_update = acknowledged_late
    gate.set()
    eventually(lambda: len(hasty.screens.drawn) == 2, "the number is drawn, and drawn again")
    assert all("9 available time slots" in json.dumps(view) for view in hasty.screens.drawn)
    assert [update.get("hash") is None for update in hasty.api.asked("views.update")[-3:]] == [False, False, True]


def test_only_the_newest_count_is_shown_when_an_older_one_comes_last(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    old_is_counting, let_old_finish = threading.Event(), threading.Event()

    def counting(draft: Draft) -> SlotReport:
        if draft.fields[f.FROM] == "10:00":
            old_is_counting.set()
            assert let_old_finish.wait(DEADLINE_S)
            return report(10)
        return report(11)

    stage.drafts.counting = counting
    modal.choose("From", "selected_time", "10:00")
    assert old_is_counting.wait(DEADLINE_S)
    modal.choose("From", "selected_time", "11:00")
    stage.drawn(modal)
    let_old_finish.set()
    stage.finish()
    assert len(stage.screens.drawn) == 1
    assert "11 available time slots" in modal.text


def test_an_older_update_that_was_on_its_way_does_not_hide_the_newest(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    old_is_on_its_way, let_old_arrive = threading.Event(), threading.Event()

    def hold_the_old(view: dict[str, Any]) -> None:
        if "10 available" in json.dumps(view):
            old_is_on_its_way.set()
            assert let_old_arrive.wait(DEADLINE_S)

    stage.screens.at_update = hold_the_old
    stage.drafts.counting = lambda draft: report(int(draft.fields[f.FROM][:2]))
    modal.choose("From", "selected_time", "10:00")
    assert old_is_on_its_way.wait(DEADLINE_S)
    modal.choose("From", "selected_time", "11:00")
    stage.drawn(modal)
    let_old_arrive.set()
    stage.finish()
    assert len(stage.screens.drawn) == 1
    assert "11 available time slots" in modal.text


def test_an_older_count_is_not_shown_while_a_newer_one_is_still_counting(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    both_are_counting, let_old_finish, let_new_finish = threading.Barrier(3), threading.Event(), threading.Event()
    old_is_done = threading.Event()

    def counting(draft: Draft) -> SlotReport:
        hour = int(draft.fields[f.FROM][:2])
        both_are_counting.wait(DEADLINE_S)
        assert (let_old_finish if hour == 10 else let_new_finish).wait(DEADLINE_S)
        return report(hour)

    def is_newest(draft: Draft) -> bool:
        answer = FakeDrafts.is_newest(stage.drafts, draft)
        if draft.fields[f.FROM] == "10:00":
            old_is_done.set()
        return answer

    stage.drafts.counting = counting
    stage.drafts.is_newest = is_newest  # type: ignore[method-assign]  # the fake tells when it is asked
    modal.choose("From", "selected_time", "10:00")
    modal.choose("From", "selected_time", "11:00")
    both_are_counting.wait(DEADLINE_S)
    let_old_finish.set()
    assert old_is_done.wait(DEADLINE_S)
    let_new_finish.set()
    stage.finish()
    assert ["11 available" in json.dumps(view) for view in stage.screens.drawn] == [True]


def test_an_older_update_without_a_hash_is_put_right_by_whoever_sent_it(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    old_is_on_its_way, let_old_arrive = threading.Event(), threading.Event()

    def hold_the_old(view: dict[str, Any]) -> None:
        last = stage.api.asked("views.update")[-1]
        if "10 available" in json.dumps(view) and last.get("hash") is None:
            old_is_on_its_way.set()
            assert let_old_arrive.wait(DEADLINE_S)

    stage.screens.at_update = hold_the_old
    stage.drafts.counting = lambda draft: report(int(draft.fields[f.FROM][:2]))
    stage.screens.hash = "something else was drawn"
    modal.choose("From", "selected_time", "10:00")
    assert old_is_on_its_way.wait(DEADLINE_S)
    modal.hash = stage.screens.hash
    modal.choose("From", "selected_time", "11:00")
    stage.drawn(modal)
    assert "11 available time slots" in modal.text
    let_old_arrive.set()
    stage.finish()
    assert [d for d in stage.screens.drawn if "10 available" in json.dumps(d)], "the old one did arrive"
    assert "11 available time slots" in json.dumps(stage.screens.drawn[-1])


def test_an_action_that_was_overtaken_on_its_way_to_us_changes_nothing(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    stage.drafts.counting = lambda draft: report(int(draft.fields[f.FROM][:2]))
    modal.choose("From", "selected_time", "11:00", action_ts="1796000002.000100")
    stage.drawn(modal)
    modal.choose("From", "selected_time", "10:00", action_ts="1796000001.000100")
    stage.finish()
    assert len(stage.screens.drawn) == 1
    assert stage.only_draft().fields[f.FROM] == "11:00"


def test_a_view_that_was_closed_meanwhile_is_no_failure(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    stage.screens.is_open = False
    modal.choose("From", "selected_time", "10:00")
    eventually(lambda: bool(stage.api.asked("views.update")), "the update is tried")
    stage.finish()
    assert not stage.screens.pushed


# ---------------------------------------------------------------- ways out, ranges


def test_a_way_out_is_one_press_and_keeps_what_was_chosen_just_before(stage: WizardStage) -> None:
    helpful = (Relaxation(Change.DAYS, "3", 17), Relaxation(Change.OPTIONAL, "U0PRIYA", 9, "Priya Raman"))
    stage.drafts.counting = lambda draft: report(34, relaxations=helpful)
    modal = stage.at_step_2()
    stage.only_draft(fields={f.MEMBERS: [DANA.user_id, "U0PRIYA"]})
    modal.choose("From", "selected_time", "10:00")
    stage.drawn(modal)
    modal.press("3 more days (+17)")
    stage.drawn(modal, 2)
    assert modal.values[modal.block("End date")["block_id"]][f.END_DATE]["selected_date"] == "2026-12-17"
    assert modal.values[modal.block("From")["block_id"]][f.FROM]["selected_time"] == "10:00"
    modal.press("Make Priya Raman optional (+9)")
    stage.drawn(modal, 3)
    fields = stage.only_draft().fields
    assert (fields[f.MEMBERS], fields[f.OPTIONAL_MEMBERS]) == ([DANA.user_id], ["U0PRIYA"])


def test_up_to_three_ranges_of_time_are_added_and_taken_away(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    modal.press("Add a time range")
    stage.drawn(modal)
    modal.choose("Second range · To", "selected_time", "21:00")
    stage.drawn(modal, 2)
    modal.press("Add a time range")
    stage.drawn(modal, 3)
    ranges = rules.rules(stage.only_draft().fields, NOW).frame.time_ranges
    assert [f"{r.start:%H:%M}-{r.end:%H:%M}" for r in ranges] == ["09:00-17:00", "18:00-21:00", "22:00-00:00"]
    modal.press("Remove the third range")
    stage.drawn(modal, 4)
    assert len(rules.rules(stage.only_draft().fields, NOW).frame.time_ranges) == 2


# ---------------------------------------------------------------- step 3


def test_why_nothing_was_sent_is_said_in_front_of_the_step_which_stays(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    for refusal in (
        NoSlotsError("The invitation was not sent. No times are available."),
        CalendarUnreadableError("The calendar of Priya Raman cannot be read.", ["Priya Raman"]),
        NotFoundError("This invitation has been sent already."),
    ):
        stage.invitations.refusal = refusal
        answer = modal.submit()
        assert answer["response_action"] == "push"
        assert str(refusal) in json.dumps(answer["view"])
        assert_modal_within_limits(answer["view"])
    assert modal.view["callback_id"] == "wizard_letter"
    assert len(stage.drafts.stored) == 1


@pytest.mark.parametrize("closes", [False, True])
def test_slow_calendars_show_sending_first_and_the_outcome_afterwards(hasty: WizardStage, closes: bool) -> None:
    modal = hasty.at_step_3()
    gate = threading.Event()
    hasty.invitations.before_answer = lambda: gate.wait(DEADLINE_S)
    hasty.counting.is_slow = True
    answer = modal.submit()
    assert answer["response_action"] == "update"
    assert "Sending…" in modal.text
    assert_modal_within_limits(modal.view)
    hasty.screens.is_open = not closes
    hasty.screens.hash = "h-after-ack"
    gate.set()
    if not closes:
        hasty.drawn(modal)
        assert "Invitation sent to *Anna Ruiz*" in modal.text
    eventually(lambda: len(hasty.invitations.sent) == 1, "it is sent once")


def test_a_late_refusal_brings_step_3_back_with_the_reason_and_all_that_was_typed(hasty: WizardStage) -> None:
    modal = hasty.at_step_3()
    gate = threading.Event()
    hasty.invitations.before_answer = lambda: gate.wait(DEADLINE_S)
    hasty.counting.is_slow = True
    hasty.invitations.refusal = NoSlotsError("The invitation was not sent. No times are available.")
    modal.type("Personal message", "Typed just now")
    modal.submit()
    hasty.screens.hash = "h-after-ack"
    gate.set()
    hasty.drawn(modal)
    assert modal.view["callback_id"] == "wizard_letter"
    assert "The invitation was not sent. No times are available." in modal.text
    assert modal.block("Personal message")["element"]["initial_value"] == "Typed just now"
    hasty.invitations.refusal = None
    hasty.counting.is_slow = False
    modal.typed = {}
    assert "Invitation sent" in json.dumps(modal.submit())


def test_a_defect_while_sending_brings_step_3_back_too(hasty: WizardStage, caplog: pytest.LogCaptureFixture) -> None:
    modal = hasty.at_step_3()
    gate = threading.Event()
    hasty.invitations.before_answer = lambda: gate.wait(DEADLINE_S)
    hasty.counting.is_slow = True
    hasty.invitations.refusal = RuntimeError("a defect")
    modal.submit()
    hasty.screens.hash = "h-after-ack"
    gate.set()
    hasty.drawn(modal)
    assert modal.view["callback_id"] == "wizard_letter"
    assert "Nothing was sent" in modal.text
    eventually(lambda: "RuntimeError" in caplog.text, "the log has the defect")
    assert "a defect" not in caplog.text


def test_an_error_at_the_channel_stands_at_the_channel(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    stage.invitations.refusal = FormError({f.CHANNEL: "Add InviteOnce to that channel first."})
    assert modal.submit()["errors"] == {f.CHANNEL: "Add InviteOnce to that channel first."}


def test_a_link_to_pass_on_is_shown_at_once(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    modal.choose("Delivery", "selected_option", {"value": "link"})
    stage.drawn(modal)
    modal.submit()
    assert "https://meet.example/i/secret" in modal.text


def test_the_preview_follows_the_text_on_a_button(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    assert "Hello Anna Ruiz" in modal.text
    modal.type("Personal message", "Looking forward!")
    modal.press("Update preview")
    stage.drawn(modal)
    assert "Hello Anna Ruiz,\\n\\nLooking forward!" in modal.text


def test_slots_to_promote_are_searched_among_the_available_ones(stage: WizardStage) -> None:
    modal = stage.at_step_3()
    found = modal.suggest("Times to promote", "wed 9:")
    assert found == {"options": []}
    found = modal.suggest("Times to promote", "wed 09:30")
    assert [o["value"] for group in found["option_groups"] for o in group["options"]] == ["2026-12-02T14:30:00Z"]


def test_time_zones_are_searched(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    values = [option["value"] for option in modal.suggest("Time zone", "new york")["options"]]
    assert values == ["America/New_York"]
    assert modal.suggest("Time zone", "")["options"][0]["value"] == DANA.time_zone
    assert modal.suggest("Time zone", "no such place")["options"] == []


# ---------------------------------------------------------------- closing, resuming


def test_a_modal_closed_untouched_leaves_nothing_behind(stage: WizardStage) -> None:
    stage.invite("Anna Ruiz anna@acme.com Roadmap review").close()
    eventually(lambda: not stage.drafts.stored, "the draft is discarded")
    assert stage.drafts.carded == []


def test_a_modal_closed_after_typing_keeps_it_and_shows_the_card(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    modal.type("Company", "Acme")
    modal.close()
    eventually(lambda: stage.drafts.carded == ["draft1"], "the card is queued")
    assert stage.only_draft().fields[f.COMPANY] == "Acme"


def test_invalid_text_is_kept_too(stage: WizardStage) -> None:
    modal = stage.invite("")
    modal.type("Email address", "anna@")
    modal.close()
    eventually(lambda: stage.drafts.carded == ["draft1"], "the card is queued")
    assert stage.only_draft().fields[f.EMAIL] == "anna@"


def test_closing_a_later_step_shows_the_card_with_what_was_chosen(stage: WizardStage) -> None:
    modal = stage.at_step_2()
    modal.close()
    eventually(lambda: stage.drafts.carded == ["draft1"], "the card is queued")
    assert stage.only_draft().step is DraftStep.TIME_FRAME


def test_closing_what_was_discarded_elsewhere_is_quiet(stage: WizardStage) -> None:
    modal = stage.invite("Anna Ruiz anna@acme.com")
    stage.drafts.stored.clear()
    modal.close()
    stage.finish()
    assert not stage.drafts.carded
    assert not stage.screens.pushed


def unfinished(stage: WizardStage, step: DraftStep) -> Draft:
    """A draft of Dana's that was left at this step."""
    draft = stage.drafts.begin(DANA, {f.PARTICIPANT_NAME: "Boris", f.EMAIL: "boris@acme.com", f.SUBJECT: "Renewal"})
    draft = replace(draft, step=step, revision=5)
    stage.drafts.stored[draft.id] = draft
    return draft


@pytest.mark.parametrize(
    ("step", "callback_id"),
    [
        (DraftStep.PARTICIPANT, "wizard_participant"),
        (DraftStep.DETAILS, "wizard_details"),
        (DraftStep.TIME_FRAME, "wizard_time_frame"),
        (DraftStep.LETTER, "wizard_letter"),
    ],
)
def test_resume_leads_to_the_step_where_it_was_left(stage: WizardStage, step: DraftStep, callback_id: str) -> None:
    draft = unfinished(stage, step)
    modal = stage.invite("")
    modal.press("Resume")
    stage.drawn(modal)
    assert modal.view["callback_id"] == callback_id
    assert modal.view["private_metadata"] == draft.id
    eventually(lambda: list(stage.drafts.stored) == [draft.id], "the empty new draft is gone")


def test_resume_of_a_draft_that_was_sent_meanwhile_is_explained(stage: WizardStage) -> None:
    unfinished(stage, DraftStep.DETAILS)
    modal = stage.invite("")
    stage.drafts.stored.pop("draft1")
    modal.press("Resume")
    eventually(lambda: bool(stage.screens.pushed), "a notice is pushed")
    assert "not there any more" in json.dumps(stage.screens.pushed)
    assert "draft2" in stage.drafts.stored


def test_discard_takes_the_draft_off_the_list_and_keeps_what_was_typed(stage: WizardStage) -> None:
    unfinished(stage, DraftStep.DETAILS)
    modal: Modal = stage.invite("")
    modal.type("Company", "Acme")
    modal.press("Discard")
    stage.drawn(modal)
    assert "Boris" not in modal.text
    assert modal.block("Company")["element"]["initial_value"] == "Acme"
    assert list(stage.drafts.stored) == ["draft2"]
