"""From what a person typed to values: every bad input gets a sentence at its field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.invitation import Conferencing, ConferencingKind, DeliveryMethod
from bot.errors import FormError
from tests.cast import DANA, NOW, PRIYA

FILLED: dict[str, Any] = {
    **wizard.defaults(DANA, NOW),
    f.PARTICIPANT_NAME: "Anna Ruiz",
    f.EMAIL: "anna@acme.com",
    f.SUBJECT: "Roadmap review",
    f.EMAIL_SUBJECT: "Roadmap review: pick a time",
    f.PROMOTED: ["2026-12-01T15:00:00Z"],
}


def errors_of(step: Any, *arguments: Any) -> dict[str, str]:
    with pytest.raises(FormError) as refused:
        step(*arguments)
    return refused.value.fields


def test_defaults_are_those_of_the_product() -> None:
    fields = wizard.defaults(DANA, NOW)
    assert (fields[f.START_DATE], fields[f.END_DATE]) == ("2026-11-30", "2026-12-14")
    assert (fields[f.FROM], fields[f.TO], fields[f.DAYS]) == ("09:00", "17:00", ["0", "1", "2", "3", "4"])
    assert (fields[f.DURATION], fields[f.SPACING], fields[f.NOTICE]) == ("30", "30", "60")
    assert (fields[f.MEMBERS], fields[f.TIME_ZONE]) == (["U0DANA"], "America/New_York")
    assert fields[f.WORKING_HOURS] is True


def test_default_dates_are_the_inviters_own() -> None:
    late_sunday_in_new_york = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
    assert wizard.defaults(DANA, late_sunday_in_new_york)[f.START_DATE] == "2026-11-29"
    assert wizard.defaults(PRIYA, late_sunday_in_new_york)[f.START_DATE] == "2026-11-30"


def test_defaults_become_values() -> None:
    rules = wizard.rules(FILLED, NOW)
    assert rules.notice == timedelta(hours=1)
    assert rules.spacing == timedelta(minutes=30)
    assert wizard.details(FILLED).requirements == (("U0DANA",),)
    assert wizard.letter(FILLED).delivery is DeliveryMethod.EMAIL


@pytest.mark.parametrize(
    "address",
    [
        *("", "anna", "anna@", "@acme.com", "anna@acme", "a b@acme.com", "anna@ac..me.com", "an..na@acme.com"),
        # A mail header cannot hold these, or no server would take them.
        *(
            "anna.@acme.com",
            ".anna@acme.com",
            "anna@-acme.com",
            "anna@acme-.com",
            "anna@127.0.0.1",
            "a" * 65 + "@b.com",
        ),
    ],
)
def test_bad_address_is_named_at_its_field(address: str) -> None:
    assert list(errors_of(wizard.participant, {**FILLED, f.EMAIL: address})) == [f.EMAIL]


@pytest.mark.parametrize("address", ["o'neil+x@sub.a-b.co.uk", "a" * 64 + "@b.com", "anna@acme.xn--p1ai"])
def test_unusual_address_is_taken(address: str) -> None:
    assert wizard.participant({**FILLED, f.EMAIL: address}).email == address


def test_line_breaks_in_an_address_are_no_second_header() -> None:
    fields = {**FILLED, f.EMAIL: "anna@acme.com\r\nBcc: eve@evil.example"}
    assert list(errors_of(wizard.participant, fields)) == [f.EMAIL]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna \r\n Ruiz ", "Anna Ruiz"),
        ("Anna\x0bRuiz\x00", "Anna Ruiz"),
        ("Anna \u202eRuiz\u2028", "Anna Ruiz"),
        ("עדי כהן", "עדי כהן"),
        ("Zoë 🦊", "Zoë 🦊"),
        ("<!channel>", "<!channel>"),
    ],
)
def test_names_are_one_line(typed: str, kept: str) -> None:
    assert wizard.participant({**FILLED, f.PARTICIPANT_NAME: typed}).name == kept


def test_name_of_300_characters_is_refused_at_its_field() -> None:
    assert list(errors_of(wizard.participant, {**FILLED, f.PARTICIPANT_NAME: "x" * 300})) == [f.PARTICIPANT_NAME]


@pytest.mark.parametrize("minutes", ["0", "7", "37", "481", "485", "-5", "x", "", None, "５"])
def test_durations_are_multiples_of_five_up_to_eight_hours(minutes: str | None) -> None:
    assert list(errors_of(wizard.details, {**FILLED, f.DURATION: minutes})) == [f.DURATION]


def test_empty_subject_and_nobody_are_refused_together() -> None:
    assert set(errors_of(wizard.details, {**FILLED, f.SUBJECT: " ", f.MEMBERS: []})) == {f.SUBJECT, f.MEMBERS}


def test_nobody_is_required_and_optional_at_once() -> None:
    fields = {**FILLED, f.OPTIONAL_MEMBERS: ["U0DANA"]}
    assert list(errors_of(wizard.details, fields)) == [f.OPTIONAL_MEMBERS]


@pytest.mark.parametrize("link", ["", "acme.com/meet", "javascript:alert(1)", "https://", "https://a b"])
def test_a_link_must_be_one(link: str) -> None:
    fields = {**FILLED, f.CONFERENCING: "link", f.CONFERENCING_DETAIL: link}
    assert list(errors_of(wizard.details, fields)) == [f.CONFERENCING_DETAIL]


def test_detail_of_another_kind_is_forgotten() -> None:
    fields = {**FILLED, f.CONFERENCING: "in_person", f.CONFERENCING_DETAIL: "https://meet.example/1"}
    assert wizard.details(fields).conferencing == Conferencing(ConferencingKind.IN_PERSON, "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({f.START_DATE: "2026-12-05", f.END_DATE: "2026-12-04"}, f.END_DATE),
        ({f.START_DATE: "2026-11-01", f.END_DATE: "2026-11-02"}, f.END_DATE),
        ({f.END_DATE: "2028-11-02"}, f.END_DATE),
        ({f.START_DATE: "2064-11-30", f.END_DATE: "2064-12-14"}, f.END_DATE),
        ({f.START_DATE: "9999-12-01", f.END_DATE: "9999-12-31"}, f.END_DATE),
        ({f.END_DATE: None}, f.END_DATE),
        ({f.DAYS: []}, f.DAYS),
        ({f.FROM: "09:02"}, f.FROM),
        ({f.TO: None}, f.TO),
        ({f.TIME_ZONE: "Mars/Olympus"}, f.TIME_ZONE),
        ({f.SPACING: "0"}, f.SPACING),
    ],
)
def test_bad_time_frames_are_named_at_their_field(changes: dict[str, Any], field: str) -> None:
    assert list(errors_of(wizard.rules, {**FILLED, **changes}, NOW)) == [field]


def test_the_past_is_judged_in_the_frames_zone() -> None:
    fields = {**FILLED, f.START_DATE: "2026-11-29", f.END_DATE: "2026-11-29"}
    still_sunday_in_new_york = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
    assert wizard.rules(fields, still_sunday_in_new_york).frame.end_date.isoformat() == "2026-11-29"
    assert list(errors_of(wizard.rules, fields, NOW)) == [f.END_DATE]


def test_same_as_duration_is_no_spacing_of_its_own() -> None:
    assert wizard.rules({**FILLED, f.SPACING: "duration"}, NOW).spacing is None


def test_promotion_without_times_is_refused() -> None:
    assert list(errors_of(wizard.letter, {**FILLED, f.PROMOTED: []})) == [f.PROMOTED]
    assert wizard.letter({**FILLED, f.PROMOTED: [], f.PROMOTE: False}).promoted == ()


def test_eleven_times_are_too_many_to_promote() -> None:
    times = [f"2026-12-01T{hour:02}:00:00Z" for hour in range(11)]
    assert list(errors_of(wizard.letter, {**FILLED, f.PROMOTED: times})) == [f.PROMOTED]
