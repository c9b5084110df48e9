"""The wizard's views: words, limits, and what they do with hostile content."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from slack_sdk.models.views import View

from blocks.details import details_view
from blocks.letter import letter_view, slot_groups
from blocks.live_count import Count, Counting, Uncountable, spread_blocks
from blocks.participant import participant_view, unconnected_view
from blocks.time_frame import time_frame_view
from blocks.wizard import notice_view, sent_view
from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.ids import DraftId, InvitationId, ResourceId, TrackingId
from bot.domain.invitation import Draft, DraftStep, Invitation, InvitationStatus
from bot.domain.relaxations import Change, Relaxation
from bot.domain.report import Restriction
from tests.cast import DANA, NOW, WORKSPACE
from tests.modal_limits import assert_modal_within_limits
from tests.wizard_stage import report, restricted

NASTY = (
    "x" * 300,
    "👩‍👩‍👧‍👦" * 100,
    "🇩🇪" * 200,
    "שלום עולם " * 60,
    "\u202eevil\u202c" * 60,
    "<!channel> <@U0DANA> <https://evil.example|click>" * 10,
    "&" * 3000,
    "```\n*bold* _it_ ~no~ `code`\n> quote",
    "<script>alert(1)</script>\x00\x07",
    " \t\n ",
    "",
)


def draft(step: DraftStep = DraftStep.PARTICIPANT, **fields: Any) -> Draft:
    return Draft(
        DraftId("d1"), WORKSPACE, DANA.user_id, step, {**wizard.defaults(DANA, NOW), **fields}, NOW, NOW, generation=4
    )


def labels(view: View) -> list[str]:
    return [block["label"]["text"] for block in view.to_dict()["blocks"] if block["type"] == "input"]


def words(view: View) -> str:
    return json.dumps(view.to_dict(), ensure_ascii=False)


def step_2(count: Count, **fields: Any) -> View:
    return time_frame_view(draft(**fields), count, NOW)


def invitation(name: str, delivery: str) -> Invitation:
    fields = draft(
        **{
            f.PARTICIPANT_NAME: name,
            f.EMAIL: "anna@acme.com",
            f.SUBJECT: "Roadmap review",
            f.EMAIL_SUBJECT: "Pick one",
        },
        **{f.PROMOTE: False, f.DELIVERY: delivery},
    ).fields
    return Invitation(
        InvitationId("i1"), WORKSPACE, TrackingId("K7D2M9QX"), DANA.user_id, wizard.participant(fields),
        wizard.details(fields), wizard.rules(fields, NOW), wizard.letter(fields), InvitationStatus.ACTIVE, "secret",
        NOW, NOW,
    )  # fmt: skip


def test_fields_have_the_names_people_know() -> None:
    assert labels(participant_view(draft(), NOW)) == ["Participant name", "Email address", "Company", "Their time zone"]
    assert labels(details_view(draft())) == [
        "Subject", "Duration", "Team members", "Optional team members", "Description", "Conferencing",
        "Link or phone number", "Location", "Rooms",
    ]  # fmt: skip
    assert labels(step_2(Counting())) == [
        "Start date", "End date", "Days", "From", "To", "Time zone", "Slot spacing", "Minimum notice",
        "Buffer before", "Buffer after", "Respect working hours",
    ]  # fmt: skip
    assert labels(letter_view(draft(), "Hello")) == [
        "Email subject", "Personal message", "Promote specific time slots in the email", "Times to promote",
        "Delivery", "Language of the email", "Customer in the event", "Calendar", "Notification channel",
    ]  # fmt: skip


def test_views_submit_with_the_words_people_know() -> None:
    views = [participant_view(draft(), NOW), details_view(draft()), step_2(Counting()), letter_view(draft(), "")]
    assert [view.to_dict()["submit"]["text"] for view in views] == ["Continue", "Next", "Next", "Invite"]
    assert [("Back" in words(view)) for view in views] == [False, True, True, True]


def test_a_view_carries_the_drafts_id_and_nothing_else() -> None:
    views = [participant_view(draft(), NOW), details_view(draft()), step_2(Counting()), letter_view(draft(), "")]
    assert {view.to_dict()["private_metadata"] for view in views} == {"d1"}
    assert all(view.to_dict()["notify_on_close"] for view in views)


@pytest.mark.parametrize("text", NASTY)
def test_no_content_exceeds_a_limit_or_comes_to_life(text: str) -> None:
    hostile = draft(
        **dict.fromkeys(
            (f.PARTICIPANT_NAME, f.EMAIL, f.COMPANY, f.SUBJECT, f.DESCRIPTION, f.CONFERENCING_DETAIL, f.LOCATION), text
        ),
        **{f.EMAIL_SUBJECT: text, f.MESSAGE: text * 20},
    )
    views = [
        participant_view(hostile, NOW, drafts=[hostile, replace(hostile, id=DraftId("d2"))], hints=[text or "hint"]),
        details_view(hostile, warnings=[text or "warning"]),
        time_frame_view(
            hostile, report(34, restrictions=restricted((text, 3)), unreadable=(text, text, "A", "B")), NOW
        ),
        time_frame_view(hostile, Uncountable(text or "Choose a day."), NOW),
        letter_view(hostile, text * 20, warnings=[text or "warning"]),
        notice_view("Please note", text or "notice"),
        unconnected_view(hostile, text or "none"),
        sent_view(invitation((text.strip() or "Anna")[:150], "link"), "https://meet.example/i/secret"),
    ]
    for view in views:
        drawn = view.to_dict()
        assert_modal_within_limits(drawn)
        for shown in _mrkdwn(drawn):
            assert "<!channel>" not in shown
            assert "<@U0DANA>" not in shown
            assert "<https://evil" not in shown
            assert "\u202e" not in shown


def _mrkdwn(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [text for part in value.values() for text in _mrkdwn(part)]
    return [text for part in value for text in _mrkdwn(part)] if isinstance(value, list) else []


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(34, "34 available time slots"), (1, "1 available time slot"), (0, "No times are available")],
)
def test_the_count_reads_as_people_know_it_and_comes_first(count: int, sentence: str) -> None:
    blocks = step_2(report(count)).to_dict()["blocks"]
    assert blocks[1]["text"]["text"] == sentence


def test_nothing_else_in_step_2_speaks_of_slots_by_number() -> None:
    view = step_2(report(250, restrictions=restricted(("Room Atlas", 22), ("Priya", 9)))).to_dict()
    text = json.dumps(view)
    assert text.count("time slots") == 1
    assert "Slot spacing" in text


@pytest.mark.parametrize(
    ("count", "title"),
    [
        (report(34), "34 free times"),
        (report(1), "1 free time"),
        (report(0), "No free times"),
        (report(8928), "8,928 free times"),
        (Counting(), "Counting…"),
        (Uncountable("Choose a day."), "Invite to self-schedule"),
    ],
)
def test_the_title_of_step_2_keeps_the_count_in_view(count: Count, title: str) -> None:
    assert step_2(count).to_dict()["title"]["text"] == title


def test_while_counting_no_number_is_shown() -> None:
    drawn = step_2(Counting()).to_dict()
    assert drawn["blocks"][1]["text"]["text"] == "Counting the available times…"
    assert "available time slot" not in words(step_2(Counting()))
    assert not any(character.isdigit() for character in drawn["title"]["text"])
    assert not any(block.get("block_id") in ("count_why", "count_by_day") for block in drawn["blocks"])


def test_a_frame_that_makes_no_sense_shows_the_sentence_in_place_of_a_number() -> None:
    text = words(step_2(Uncountable("The end date is before the start date.")))
    assert "The end date is before the start date." in text
    assert "available" not in text.replace("Counting", "")


def test_what_restricts_most_is_named_with_its_price() -> None:
    costs = restricted(("Room Atlas", 22), ("Priya", 9), ("Ben", 4), ("Charlie", 1))
    text = words(step_2(report(34, restrictions=costs)))
    assert "*Room Atlas* costs 22 · *Priya* costs 9 · *Ben* costs 4" in text
    assert "Charlie" not in text


def test_notice_and_working_hours_are_named_with_their_price() -> None:
    costs = restricted(("Room Atlas", 22), ("Priya", 9))
    text = words(step_2(report(34, restrictions=costs, notice_costs=3, hours=restricted(("Ben", 6)))))
    assert "*Room Atlas* costs 22 · *Priya* costs 9 · notice 3 · working hours of *Ben* 6" in text


def test_what_would_help_has_a_button_each_with_what_it_would_bring() -> None:
    helpful = (
        Relaxation(Change.ANY_ROOM, "room:1", 22, "Room Atlas"),
        Relaxation(Change.DAYS, "3", 17),
        Relaxation(Change.OPTIONAL, "U0PRIYA", 9, "Priya"),
    )
    view = step_2(report(34, relaxations=helpful)).to_dict()
    assert_modal_within_limits(view)
    [row] = [block for block in view["blocks"] if block.get("block_id") == "relaxations"]
    assert [(button["text"]["text"], button["value"]) for button in row["elements"]] == [
        ("Any room of this size (+22)", "any_room=room:1"),
        ("3 more days (+17)", "days=3"),
        ("Make Priya optional (+9)", "optional=U0PRIYA"),
    ]


def test_zero_for_want_of_different_people_says_so() -> None:
    none = report(0)
    one, another = ResourceId("U0DANA"), ResourceId("U0PRIYA")
    too_few = replace(none, search=replace(none.search, requirements=((one,), (one, another), (another,))))
    assert "There are more places to fill than different people" in words(step_2(too_few))
    enough = replace(none, search=replace(none.search, requirements=((one,), (one, another))))
    assert "There are more places" not in words(step_2(enough))


def test_zero_says_that_one_change_alone_would_help_or_that_none_would() -> None:
    helpful = (Relaxation(Change.DAYS, "3", 17),)
    assert "This alone would help:" in words(step_2(report(0, relaxations=helpful)))
    assert "Any one of these alone would help:" in words(step_2(report(0, relaxations=helpful * 2)))
    assert "No single change alone would help: choose" in words(step_2(report(0)))


def test_a_second_and_a_third_range_have_labels_of_their_own() -> None:
    three = {f.FROM_2: "18:00", f.TO_2: "20:00", f.FROM_3: "21:00", f.TO_3: "22:00"}
    view = step_2(Counting(), **three)
    assert [label for label in labels(view) if label.endswith(("From", "To"))] == [
        "From", "To", "Second range · From", "Second range · To", "Third range · From", "Third range · To",
    ]  # fmt: skip
    assert "Add a time range" not in words(view)
    assert "Remove the third range" in words(view)
    assert "Remove the" not in words(step_2(Counting()))


def test_an_unreadable_calendar_is_named() -> None:
    text = words(step_2(report(0, unreadable=("Mateo Silva",))))
    assert "The calendar of *Mateo Silva* cannot be read, so it counts as busy." in text


def test_at_zero_a_pool_whose_next_in_line_has_no_time_is_named_with_that_person() -> None:
    text = words(step_2(report(0, stuck=(("Sales", "Priya Raman"),))))
    assert "*Sales*: next is *Priya Raman*, who has no available time." in text


@pytest.mark.parametrize("name", ["x" * 80, "&" * 80])
def test_twenty_pools_with_long_names_and_no_time_still_fit(name: str) -> None:
    restrictions = tuple(Restriction(name, 9) for _ in range(20))
    explained = report(
        0, unreadable=(name,) * 20, stuck=((name, name),) * 20, restrictions=restrictions, hours=restrictions
    )
    view = step_2(replace(explained, notice_costs=3, clock_changes=(date(2026, 3, 29),) * 4))
    assert_modal_within_limits(view.to_dict())
    assert "more of the pools." in words(view)


def test_unreadable_calendars_are_named_in_whole_words() -> None:
    """A name cut within an "&amp;" would be shown as that."""
    names = tuple(f"{number} {'Salt & Pepper ' * 5}" for number in range(12))
    text = words(step_2(report(0, unreadable=names)))
    assert "Salt &amp; Pepper and 8 more." in text


def test_a_clock_change_is_pointed_out_and_the_zone_named() -> None:
    text = words(step_2(report(3, clock_changes=(date(2027, 3, 14),))))
    assert "The clocks in America/New_York change on Sun 14 Mar." in text
    assert "Times of day are in America/New_York" in text


def test_an_old_reading_tells_its_age_and_a_fresh_one_does_not() -> None:
    assert "calendars read 3 minutes ago" in words(step_2(report(3, read_at=NOW - timedelta(minutes=3, seconds=20))))
    assert " ago" not in words(step_2(report(3, read_at=NOW - timedelta(seconds=59))))


def test_each_day_is_a_line_with_a_bar_and_a_number() -> None:
    [block] = spread_blocks(report(20))
    lines = block.to_dict()["text"]["text"].split("\n")[2:-1]
    assert [line.split() for line in lines] == [
        ["Tue", "1", "Dec", "█" * 16, "8"],
        ["Wed", "2", "Dec", "█" * 16, "8"],
        ["Thu", "3", "Dec", "█" * 8, "4"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_at_most_14_days_are_drawn_and_the_rest_counted() -> None:
    [block] = spread_blocks(report(26 * 8))
    lines = block.to_dict()["text"]["text"].split("\n")[2:-1]
    assert len(lines) == 15
    assert lines[-1] == "and 12 more days"
    [block] = spread_blocks(report(15 * 8))
    assert "and 1 more day\n" in block.to_dict()["text"]["text"]


def test_no_bars_where_nothing_is_available() -> None:
    assert not spread_blocks(report(0))
    assert not spread_blocks(Counting())


def test_every_duration_up_to_8_hours_can_be_chosen_common_ones_first() -> None:
    [block] = [b for b in details_view(draft()).to_dict()["blocks"] if b.get("block_id") == f.DURATION]
    groups = block["element"]["option_groups"]
    assert [option["value"] for option in groups[0]["options"]] == ["15", "20", "30", "45", "60", "90", "120"]
    every = sorted(int(option["value"]) for group in groups for option in group["options"])
    assert every == list(range(5, 481, 5))
    assert block["element"]["initial_option"]["text"]["text"] == "30 minutes"


def test_a_length_that_is_none_of_the_usual_ones_is_kept() -> None:
    view = step_2(Counting(), **{f.NOTICE: "85", f.SPACING: "25"}).to_dict()
    chosen = {b["block_id"]: b["element"].get("initial_option") for b in view["blocks"] if b["type"] == "input"}
    assert chosen[f"{f.NOTICE}:4"]["value"] == "85"
    assert chosen[f"{f.SPACING}:4"]["value"] == "25"


def test_fields_that_the_app_may_set_get_a_new_block_when_it_does() -> None:
    before = {b["block_id"] for b in step_2(Counting()).to_dict()["blocks"] if b["type"] == "input"}
    later = time_frame_view(replace(draft(), generation=5), Counting(), NOW).to_dict()
    after = {b["block_id"] for b in later["blocks"] if b["type"] == "input"}
    fields = (*f.STEP_FIELDS["time_frame"][:5], *f.STEP_FIELDS["time_frame"][9:])
    assert after - before == {f"{field}:5" for field in fields}


def test_what_slack_would_refuse_to_begin_with_goes_into_a_plain_field() -> None:
    kinds = {
        text: participant_view(draft(**{f.EMAIL: text}), NOW).to_dict()["blocks"][2]["element"]["type"]
        for text in ("", "anna@acme.com", "anna@acme", "anna")
    }
    assert kinds == {
        "": "email_text_input",
        "anna@acme.com": "email_text_input",
        "anna@acme": "plain_text_input",
        "anna": "plain_text_input",
    }


def test_the_description_warns_that_the_customer_reads_it() -> None:
    assert "Everyone in the event reads this, the customer too." in words(details_view(draft()))


def test_without_a_calendar_the_modal_says_so_and_carries_the_button() -> None:
    view = unconnected_view(draft(), None)
    assert "Connect calendar" in words(view)
    assert "submit" not in view.to_dict()


def test_without_a_calendar_system_the_settings_are_named_and_no_button_promises_more() -> None:
    text = words(unconnected_view(draft(), "Set GOOGLE_CLIENT_ID."))
    assert "Set GOOGLE_CLIENT_ID." in text
    assert "Connect calendar" not in text


def test_at_most_three_drafts_are_offered() -> None:
    drafts = [replace(draft(**{f.PARTICIPANT_NAME: f"Customer {n}"}), id=DraftId(f"d{n}")) for n in range(5)]
    text = words(participant_view(draft(), NOW, drafts=drafts))
    assert "Customer 2" in text
    assert "Customer 3" not in text


def test_a_mail_is_confirmed_with_its_tracking_id_and_no_link() -> None:
    text = words(sent_view(invitation("Anna Ruiz", "email"), None))
    assert "Invitation sent to *Anna Ruiz*" in text
    assert "K7D2M9QX" in text
    assert "https://" not in text


def test_a_link_to_pass_on_is_shown() -> None:
    assert "https://meet.example/i/secret" in words(
        sent_view(invitation("Anna Ruiz", "link"), "https://meet.example/i/secret")
    )


def test_the_preview_is_not_cluttered_with_the_customers_links() -> None:
    mail = "Join: https://meet.acme.com/x\n\n  9:00 AM\n  https://a.example/i/s3cret/20261201T140000Z\n\nMore times:\nhttps://a.example/i/s3cret\n"
    text = words(letter_view(draft(), mail))
    assert "s3cret" not in text
    assert "9:00 AM → link\\n\\nMore times: → link\\n" in text
    assert "Join: https://meet.acme.com/x" in text


def test_slots_to_promote_are_found_by_day_and_time() -> None:
    starts = report(24).starts
    assert [group.to_dict()["label"]["text"] for group in slot_groups(starts, "America/New_York", "")] == [
        "Tue 1 Dec", "Wed 2 Dec", "Thu 3 Dec",
    ]  # fmt: skip
    [found] = slot_groups(starts, "America/New_York", "wed 10:30")
    assert [option["value"] for option in found.to_dict()["options"]] == ["2026-12-02T15:30:00Z"]
    assert not slot_groups(starts, "America/New_York", "sunday")


def test_of_many_slots_slack_gets_a_hundred() -> None:
    groups = slot_groups(report(400).starts, "America/New_York", "")
    assert sum(len(group.to_dict()["options"]) for group in groups) == 100


def test_the_hour_that_comes_twice_is_told_apart_by_its_offset() -> None:
    late = report(1).starts[0].replace(month=11, day=1, hour=5, minute=30)
    groups = slot_groups([late, late + timedelta(hours=1)], "America/New_York", "")
    assert [option["text"]["text"] for option in groups[0].to_dict()["options"]] == [
        "Sun 1 Nov, 01:30 (UTC-0400)",
        "Sun 1 Nov, 01:30 (UTC-0500)",
    ]
