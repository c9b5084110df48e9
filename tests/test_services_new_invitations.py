"""What a draft becomes: one Invitation, whoever picks the time, with a name and a link that nothing else has."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.ids import DraftId
from bot.domain.invitation import Draft, DraftStep, InvitationStatus
from bot.errors import FormError
from bot.services.new_invitations import free_tracking_id, invitation_of
from tests.cast import DANA, NOW, WORKSPACE

FIELDS: dict[str, Any] = {
    **wizard.defaults(DANA, NOW),
    f.PARTICIPANT_NAME: "Anna Ruiz",
    f.EMAIL: "anna@acme.com",
    f.SUBJECT: "Roadmap review",
    f.EMAIL_SUBJECT: "Roadmap review: pick a time",
    f.PROMOTE: False,
}


def draft(**changes: Any) -> Draft:
    return Draft(DraftId("d1"), WORKSPACE, DANA.user_id, DraftStep.LETTER, {**FIELDS, **changes}, NOW, NOW)


def made(of: Draft, status: InvitationStatus = InvitationStatus.ACTIVE) -> Any:
    details, rules, letter = wizard.details(of.fields), wizard.rules(of.fields, NOW), wizard.letter(of.fields)
    return invitation_of(of, details, rules, letter, status, NOW)


def test_it_ends_when_its_last_start_is_closer_than_the_notice() -> None:
    # Monday, 14 December, 16:30 in New York, less the hour of notice.
    assert made(draft()).expires_at == datetime(2026, 12, 14, 20, 30, tzinfo=UTC)
    assert made(draft(notice="0")).expires_at == datetime(2026, 12, 14, 21, 30, tzinfo=UTC)


def test_a_frame_without_room_for_a_start_is_over_at_once() -> None:
    assert made(draft(to="09:15")).expires_at == NOW


def test_each_has_an_id_a_link_and_a_tracking_id_of_its_own() -> None:
    one, other = made(draft()), made(draft(), InvitationStatus.SCHEDULED)
    assert (one.status, other.status) == (InvitationStatus.ACTIVE, InvitationStatus.SCHEDULED)
    assert not {one.id, one.token, one.tracking_id} & {other.id, other.token, other.tracking_id}


def test_nobody_invited_is_a_field_error() -> None:
    with pytest.raises(FormError) as refused:
        made(draft(email="anna"))
    assert list(refused.value.fields) == [f.EMAIL]


def test_a_tracking_id_that_is_taken_is_drawn_again() -> None:
    asked: list[str] = []

    def by_tracking_id(_workspace_id: str, tracking_id: str) -> object:
        asked.append(tracking_id)
        return object() if len(asked) < 3 else None

    unit: Any = SimpleNamespace(invitations=SimpleNamespace(by_tracking_id=by_tracking_id))
    assert free_tracking_id(unit, WORKSPACE) == asked[2]
    assert len(asked) == 3
