"""What is drawn from fields is read back as the same fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from blocks.details import details_view
from blocks.letter import letter_view
from blocks.live_count import Counting
from blocks.on_behalf import confirmation_view
from blocks.participant import participant_view
from blocks.templates import NO_TEMPLATE
from blocks.time_frame import time_frame_view
from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.calendar_choice import DEFAULT, CalendarChoice, CalendarOffer
from bot.domain.ids import DraftId, TemplateId
from bot.domain.invitation import ConferencingKind, DeliveryMethod, Draft, DraftStep
from bot.domain.languages import LANGUAGES
from bot.domain.on_behalf import Offer, Picked
from bot.domain.templates import Template
from bot.listeners.forms import error_blocks, values
from tests.activity_cast import DETAILS
from tests.cast import DANA, NOW, WORKSPACE
from tests.modal_limits import assert_modal_within_limits
from tests.slack_modal import initial_values

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=400)
PEOPLE = st.lists(st.from_regex(r"U[A-Z0-9]{6}", fullmatch=True), unique=True, max_size=5)
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
DATES = st.dates().map(str)
ROOMS = st.lists(st.from_regex(r"(room|pool):[a-z0-9]{6}", fullmatch=True), unique=True, max_size=3)
TIMES = st.times().map(lambda time: time.strftime("%H:%M"))
MINUTES = st.integers(0, 20_000).map(str)
OFFERED = [
    kind.value
    for kind in (ConferencingKind.NONE, ConferencingKind.LINK, ConferencingKind.PHONE, ConferencingKind.IN_PERSON)
]
INSTANTS = st.integers(0, 10_000).map(lambda n: wizard.instant_text(NOW + n * timedelta(minutes=5)))

DEMO = Template(TemplateId("t1"), WORKSPACE, DANA.user_id, "Demo", {}, starts_in_days=0, span_days=14)

WORK = CalendarOffer("google-1/0123456789abcdef", "Work", DANA.email)
CALENDARS = CalendarChoice(offers=(WORK,))

FIELDS: dict[str, st.SearchStrategy[Any]] = {
    f.PARTICIPANT_NAME: LINES,
    f.EMAIL: st.one_of(LINES, st.emails()),
    f.COMPANY: LINES,
    f.CUSTOMER_ZONE: st.none() | ZONES,
    f.TEMPLATE: st.sampled_from([None, NO_TEMPLATE, DEMO.id]),
    f.SUBJECT: LINES,
    f.DURATION: st.integers(1, 96).map(lambda n: str(5 * n)),
    f.MEMBERS: PEOPLE,
    f.OPTIONAL_MEMBERS: PEOPLE,
    f.DESCRIPTION: LINES,
    f.CONFERENCING: st.sampled_from(OFFERED),
    f.CONFERENCING_DETAIL: LINES,
    f.LOCATION: LINES,
    f.ROOMS: ROOMS,
    f.START_DATE: st.none() | DATES,
    f.END_DATE: st.none() | DATES,
    f.DAYS: st.sets(st.sampled_from("0123456")).map(sorted),
    **{boundary: st.none() | TIMES for boundaries in f.RANGES for boundary in boundaries},
    f.TIME_ZONE: st.none() | ZONES,
    f.SPACING: st.just("duration") | st.integers(1, 96).map(lambda n: str(5 * n)),
    f.NOTICE: MINUTES,
    f.BUFFER_BEFORE: MINUTES,
    f.BUFFER_AFTER: MINUTES,
    f.WORKING_HOURS: st.booleans(),
    f.EMAIL_SUBJECT: LINES,
    f.MESSAGE: LINES,
    f.PROMOTE: st.booleans(),
    f.PROMOTED: st.sets(INSTANTS, max_size=10).map(sorted),
    f.DELIVERY: st.sampled_from([method.value for method in DeliveryMethod]),
    f.LANGUAGE: st.sampled_from(list(LANGUAGES)),
    f.INCLUDE_CUSTOMER: st.booleans(),
    f.CALENDAR: st.sampled_from([DEFAULT, WORK.value]),
    f.CHANNEL: st.none() | st.just("C0SALES"),
    f.CONFIRMS: st.booleans(),
    f.CONFIRMATION: LINES,
}
PICKED = Picked(Offer(NOW), DETAILS, ("Dana Fox",))
DRAFT = Draft(DraftId("d1"), WORKSPACE, DANA.user_id, DraftStep.PARTICIPANT, {}, NOW, NOW)


@given(st.fixed_dictionaries(FIELDS), st.integers(0, 1000))
def test_every_view_gives_back_the_fields_it_was_drawn_from(fields: dict[str, Any], generation: int) -> None:
    draft = replace(DRAFT, fields=fields, generation=generation)
    views = {
        "participant": participant_view(draft, NOW, templates=[DEMO]),
        "details": details_view(draft),
        "time_frame": time_frame_view(draft, Counting(), NOW),
        "letter": letter_view(draft, "preview", calendars=CALENDARS),
        "confirmation": confirmation_view(draft, PICKED, DANA, calendars=CALENDARS),
    }
    hidden = {boundary for names in f.RANGES[wizard.range_count(fields) :] for boundary in names}
    for step, view in views.items():
        drawn = view.to_dict()
        assert_modal_within_limits(drawn)
        read = values({**drawn, "state": {"values": initial_values(drawn)}})
        assert read == {name: fields[name] for name in f.STEP_FIELDS[step] if name not in hidden}


def test_every_field_of_the_wizard_has_a_place() -> None:
    assert set(FIELDS) == {name for names in f.STEP_FIELDS.values() for name in names}


def test_a_view_without_state_has_no_values() -> None:
    assert values({"state": None}) == {}
    assert values({}) == {}


def test_what_is_no_field_of_the_wizard_is_left_alone() -> None:
    assert values({"state": {"values": {"b": {"other_app": {"type": "plain_text_input", "value": "x"}}}}}) == {}


def test_an_error_finds_its_block_whatever_the_generation() -> None:
    view = {"state": {"values": {"subject": {}, "end_date:17": {}}}}
    assert error_blocks(view, {"end_date": "Too early."}) == {"end_date:17": "Too early."}


def test_an_error_of_another_step_is_said_at_the_first_field() -> None:
    view = {"state": {"values": {"email_subject:2": {}, "message": {}}}}
    assert error_blocks(view, {"end_date": "In the past.", "email_subject": "Empty."}) == {
        "email_subject:2": "In the past. Empty."
    }
