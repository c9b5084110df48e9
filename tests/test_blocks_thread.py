"""What stands below an Invitation's card, in its thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from blocks.thread import invitation_details
from bot.domain.timeframe import Weekday
from tests.activity_cast import DETAILS, INVITATION, NASTY, START, WORST, invitation_item, worst_invitation_item
from tests.block_kit import assert_within_limits, shown

LETTER = replace(INVITATION.letter, promoted=(START,))


def details(**changes: object) -> str:
    return shown(invitation_details(invitation_item(**changes)).block_dicts())


def on(*days: Weekday) -> str:
    """What is said of these weekdays."""
    frame = replace(INVITATION.rules.frame, weekdays=frozenset(days))
    return details(rules=replace(INVITATION.rules, frame=frame))


def test_all_that_was_sent_can_be_looked_up() -> None:
    text = details(letter=LETTER, details=replace(DETAILS, description="Bring the plan."))
    for part in (
        "Anna Ruiz · anna@acme.com · Europe/Madrid",
        "Shall we meet?",
        "> A personal message.",
        f"<!date^{int(START.timestamp())}^",
        "Mon 30 Nov – Mon 14 Dec, Mon–Fri 09:00–17:00 (America/New_York)",
        "30 minutes, one every 30 minutes · at least 1 hour ahead",
        "> Bring the plan.",
        "Tracking ID K7D2M9QX",
    ):
        assert part in text


def test_nothing_promoted_lists_no_times() -> None:
    assert "Times in the email" not in details(letter=replace(LETTER, promote=False))


def test_the_customers_link_is_not_in_it() -> None:
    assert INVITATION.token not in str(invitation_details(invitation_item()).block_dicts())


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((Weekday.MON,), "Mon 09"),
        ((Weekday.MON, Weekday.TUE), "Mon, Tue 09"),
        ((Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.SAT), "Mon–Wed, Sat 09"),
        (tuple(Weekday), "Mon–Sun 09"),
    ],
)
def test_weekdays_that_follow_each_other_are_a_span(days: tuple[Weekday, ...], said: str) -> None:
    assert f", {said}:00" in on(*days)


def test_buffers_are_named_where_there_are_any() -> None:
    rules = replace(INVITATION.rules, buffer_before=timedelta(minutes=10))
    assert "kept free before: 10 minutes, after: none" in details(rules=rules)


def test_what_people_wrote_is_only_text() -> None:
    text = details(
        letter=replace(LETTER, subject=NASTY, message=NASTY), participant=replace(INVITATION.participant, name=NASTY)
    )
    assert "<!channel>" not in text
    assert "<https://evil.example" not in text


@pytest.mark.parametrize("text", [WORST, "👩🏽‍🚀", "\u202e"])
def test_the_largest_is_within_slacks_limits(text: str) -> None:
    item = worst_invitation_item(text)
    letter = replace(
        LETTER,
        subject=(text * 200)[:200],
        message=(text * 3000)[:3000],
        promoted=tuple(START + timedelta(days=day) for day in range(10)),
    )
    described = replace(item.invitation.details, description=(text * 3000)[:3000])
    item = replace(item, invitation=replace(item.invitation, letter=letter, details=described))
    assert_within_limits(invitation_details(item).block_dicts(), 50)
