"""Templates hold everything but the Customer, and the days relative to the day of use."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.domain import fields as f
from bot.domain.ids import WorkspaceId
from bot.errors import FormError, NotAllowedError, NotFoundError
from tests.cast import BEN, DANA, PRIYA
from tests.world import Stage

FIELDS = {
    f.PARTICIPANT_NAME: "Anna Ruiz",
    f.EMAIL: "anna@acme.com",
    f.COMPANY: "Acme",
    f.CUSTOMER_ZONE: "Europe/Madrid",
    f.SUBJECT: "Demo",
    f.DURATION: "45",
    f.MEMBERS: ["U0DANA", "pool:sales"],
    f.START_DATE: "2026-12-07",
    f.END_DATE: "2026-12-18",
    f.TIME_ZONE: "America/New_York",
    f.DAYS: ["0", "1"],
    f.PROMOTE: True,
    f.PROMOTED: ["2026-12-07T14:00:00Z"],
    f.EMAIL_SUBJECT: "Demo: pick a time with Dana Fox",
    f.MESSAGE: "See you soon",
    "proposed": {f.EMAIL_SUBJECT: "Demo: pick a time with Dana Fox", f.PROMOTED: ["2026-12-07T14:00:00Z"]},
    "some_later_field": {"any": ["thing"]},
}
KEPT = {
    f.SUBJECT: "Demo",
    f.DURATION: "45",
    f.MEMBERS: ["U0DANA", "pool:sales"],
    f.TIME_ZONE: "America/New_York",
    f.DAYS: ["0", "1"],
    f.PROMOTE: True,
    f.MESSAGE: "See you soon",
    "some_later_field": {"any": ["thing"]},
}


def test_template_keeps_everything_but_the_customer_and_the_dates(stage: Stage) -> None:
    template = stage.services.templates.save(DANA, " Demo\n45 ", FIELDS)
    assert (template.name, template.owner_id, template.is_shared) == ("Demo 45", DANA.user_id, False)
    assert template.fields == KEPT
    assert (template.starts_in_days, template.span_days) == (7, 11)
    assert stage.services.templates.get(DANA, template.id) == template


@pytest.mark.parametrize(("start", "end"), [("2026-12-07", "9999-12-31"), ("9999-12-01", "9999-12-31")])
def test_a_template_of_a_frame_without_end_can_be_used_on_every_later_day(stage: Stage, start: str, end: str) -> None:
    template = stage.services.templates.save(DANA, "Demo", {**FIELDS, f.START_DATE: start, f.END_DATE: end})
    fields = stage.services.templates.apply(template, DANA, date(2036, 12, 7))
    assert "2036-12-07" < fields[f.START_DATE] < fields[f.END_DATE] < "2040-01-01"


def test_frame_lies_relative_to_the_day_of_use(stage: Stage) -> None:
    template = stage.services.templates.save(DANA, "Demo", FIELDS)
    fields = stage.services.templates.apply(template, DANA, date(2028, 2, 25))
    assert (fields[f.START_DATE], fields[f.END_DATE]) == ("2028-03-03", "2028-03-14")
    assert fields[f.PROMOTED] == []
    assert {name: fields[name] for name in KEPT} == KEPT
    assert f.EMAIL not in fields


def test_day_of_saving_is_the_frames_own(stage: Stage) -> None:
    """At 03:00 UTC on 1 December it is still November in New York."""
    stage.clock.now = datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert stage.services.templates.save(DANA, "Demo", FIELDS).starts_in_days == 7
    assert stage.services.templates.save(DANA, "Here", {**FIELDS, f.TIME_ZONE: "Asia/Tokyo"}).starts_in_days == 6
    assert stage.services.templates.save(DANA, "Odd", {**FIELDS, f.TIME_ZONE: None}).starts_in_days == 7


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        ("2026-11-20", "2026-12-04", (0, 4)),
        ("2026-11-01", "2026-11-20", (0, 14)),
        ("2026-12-07", "2026-12-01", (7, 14)),
        (None, "soon", (0, 14)),
        ("2026-11-30", "2026-11-30", (0, 0)),
    ],
)
def test_frame_that_has_begun_or_makes_no_sense_begins_on_the_day_of_use(
    stage: Stage, start: str | None, end: str, kept: tuple[int, int]
) -> None:
    template = stage.services.templates.save(DANA, "Demo", {**FIELDS, f.START_DATE: start, f.END_DATE: end})
    assert (template.starts_in_days, template.span_days) == kept


def test_what_the_person_wrote_over_a_proposal_stays(stage: Stage) -> None:
    template = stage.services.templates.save(DANA, "Demo", {**FIELDS, f.EMAIL_SUBJECT: "Come and see"})
    assert template.fields[f.EMAIL_SUBJECT] == "Come and see"


def test_draft_of_a_template_counts_as_the_one_it_was_made_from(stage: Stage) -> None:
    draft = stage.draft(duration="45", members=[DANA.user_id, BEN.user_id])
    template = stage.services.templates.save(DANA, "Demo", draft.fields)
    fields = stage.services.templates.apply(template, DANA, date(2026, 11, 30))
    again = stage.services.drafts.begin(DANA, {**fields, f.PARTICIPANT_NAME: "Bo", f.EMAIL: "bo@acme.com"})
    assert stage.services.steps.count(again).starts == stage.services.steps.count(draft).starts


def test_private_templates_are_the_owners_and_shared_ones_everybodys(stage: Stage) -> None:
    templates = stage.services.templates
    private = templates.save(PRIYA, "Mine", FIELDS)
    shared = templates.save(PRIYA, "Ours", FIELDS, is_shared=True)
    assert [one.template for one in templates.list(PRIYA)] == [private, shared]
    assert [(one.template, one.may_change) for one in templates.list(BEN)] == [(shared, False)]
    assert [(one.template, one.may_change) for one in templates.list(DANA)] == [(shared, True)]
    with pytest.raises(NotFoundError):
        templates.get(DANA, private.id)
    with pytest.raises(NotFoundError):
        templates.apply(private, BEN, date(2026, 12, 1))


def test_other_workspaces_templates_are_not_there(stage: Stage) -> None:
    template = stage.services.templates.save(DANA, "Ours", FIELDS, is_shared=True)
    stranger = DANA.__class__(WorkspaceId("T0ELSE"), DANA.user_id, "Dana", "", "UTC", is_admin=True)
    assert stage.services.templates.list(stranger) == ()
    with pytest.raises(NotFoundError):
        stage.services.templates.get(stranger, template.id)


def test_overwriting_is_for_the_owner_and_administrators(stage: Stage) -> None:
    templates = stage.services.templates
    shared = templates.save(PRIYA, "Ours", FIELDS, is_shared=True)
    private = templates.save(PRIYA, "Mine", FIELDS)
    with pytest.raises(NotAllowedError):
        templates.save(BEN, "Ours", FIELDS, overwrite=shared.id)
    with pytest.raises(NotFoundError):
        templates.save(DANA, "Mine", FIELDS, overwrite=private.id)
    changed = templates.save(DANA, "Ours", {f.SUBJECT: "New"}, is_shared=True, overwrite=shared.id)
    assert (changed.id, changed.owner_id, changed.fields) == (shared.id, PRIYA.user_id, {f.SUBJECT: "New"})
    assert templates.change(PRIYA, shared.id, name="Ours too", is_shared=False).fields == {f.SUBJECT: "New"}
    assert templates.list(BEN) == ()


def test_an_administrator_takes_no_colleagues_template_from_everybody(stage: Stage) -> None:
    templates = stage.services.templates
    shared = templates.save(PRIYA, "Ours", FIELDS, is_shared=True)
    for attempt in (
        lambda: templates.save(DANA, "Ours", FIELDS, overwrite=shared.id),
        lambda: templates.change(DANA, shared.id, name="Ours", is_shared=False),
    ):
        with pytest.raises(FormError) as refused:
            attempt()
        assert set(refused.value.fields) == {"is_shared"}
    assert templates.get(BEN, shared.id) == shared


def test_deleting_is_for_the_owner_and_administrators(stage: Stage) -> None:
    templates = stage.services.templates
    shared = templates.save(PRIYA, "Ours", FIELDS, is_shared=True)
    with pytest.raises(NotAllowedError):
        templates.delete(BEN, shared.id)
    templates.delete(DANA, shared.id)
    templates.delete(DANA, shared.id)
    assert templates.list(PRIYA) == ()


@pytest.mark.parametrize("name", ["", " \t", "x" * 81, "DEMO"])
def test_name_is_required_short_and_once_for_each_person(stage: Stage, name: str) -> None:
    templates = stage.services.templates
    demo = templates.save(DANA, "Demo", FIELDS)
    other = templates.save(DANA, "Other", FIELDS)
    for attempt in (
        lambda: templates.save(DANA, name, FIELDS),
        lambda: templates.change(DANA, other.id, name=name, is_shared=True),
    ):
        with pytest.raises(FormError) as refused:
            attempt()
        assert set(refused.value.fields) == {"name"}
    assert templates.save(PRIYA, "Demo", FIELDS).id != demo.id
    assert templates.save(DANA, "demo", FIELDS, overwrite=demo.id).id == demo.id


def test_favourites_and_the_default_come_first_and_are_each_persons(stage: Stage) -> None:
    templates = stage.services.templates
    alpha, beta, gamma = (templates.save(PRIYA, name, FIELDS, is_shared=True) for name in ("Alpha", "Beta", "Gamma"))
    templates.set_favourite(BEN, beta.id, True)
    templates.set_default(BEN, gamma.id)
    assert [one.template for one in templates.list(BEN)] == [gamma, beta, alpha]
    assert [one.template for one in templates.list(PRIYA)] == [alpha, beta, gamma]
    assert (stage.services.beginnings.read(BEN).template, stage.services.beginnings.read(PRIYA).template) == (
        gamma,
        None,
    )
    templates.set_favourite(BEN, beta.id, False)
    templates.set_default(BEN, None)
    assert [one.template for one in templates.list(BEN)] == [alpha, beta, gamma]


def test_marks_go_with_what_they_were_set_on(stage: Stage) -> None:
    templates = stage.services.templates
    shared = templates.save(PRIYA, "Ours", FIELDS, is_shared=True)
    templates.set_default(BEN, shared.id)
    templates.change(PRIYA, shared.id, name="Mine", is_shared=False)
    assert stage.services.beginnings.read(BEN).template is None
    for attempt in (templates.set_default, lambda person, which: templates.set_favourite(person, which, True)):
        with pytest.raises(NotFoundError):
            attempt(BEN, shared.id)
