"""Why there is no time, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.relaxations import Change, Relaxation
from bot.domain.report import Restriction, SlotReport
from bot.errors import CalendarUnreadableError, FormError
from bot.services.explanations import no_times_text
from tests.activity_cast import INVITATION
from tests.cast import CHARLIE, DANA, NOW
from tests.world import Stage

NONE = SlotReport(search=INVITATION.search, starts=(), restrictions=(), unreadable=(), read_at=NOW)
LONGER = Relaxation(Change.DAYS, "3", 17)
EARLIER = Relaxation(Change.HOURS, "08:00-18:00", 2)


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (
            replace(NONE, unreadable=("Charlie Moss",)),
            "No times are available. The calendar of Charlie Moss cannot be read, so it counts as busy. "
            "Try again in a minute, connect it, or choose other people.",
        ),
        (
            replace(NONE, unreadable=("Charlie Moss", "Atlas")),
            "No times are available. The calendars of Charlie Moss and Atlas cannot be read, so they count as busy. "
            "Try again in a minute, connect them, or choose other people.",
        ),
        (
            replace(NONE, unreadable=("Charlie Moss", "Atlas"), relaxations=(LONGER,)),
            "No times are available. The calendars of Charlie Moss and Atlas cannot be read, so they count as busy. "
            "This alone would help: 3 more days (+17).",
        ),
        (
            replace(NONE, unreadable=tuple("ABCDE"), relaxations=(LONGER, EARLIER)),
            "No times are available. The calendars of A, B, C and 2 more cannot be read, so they count as busy. "
            "Any one of these alone would help: 3 more days (+17) or 08:00–18:00 (+2).",
        ),
        (
            replace(NONE, stuck=(("Sales", "Priya Raman"),)),
            "No times are available. Sales: next is Priya Raman, who has no available time. "
            "Make the time frame longer, or choose other people.",
        ),
        (
            replace(NONE, search=replace(NONE.search, requirements=NONE.search.requirements * 2)),
            "No times are available. There are more places to fill than different people, or rooms, to fill them. "
            "Choose other people, or fewer.",
        ),
        (
            replace(NONE, relaxations=(LONGER,)),
            "No times are available. This alone would help: 3 more days (+17).",
        ),
        (
            replace(NONE, restrictions=(Restriction("Atlas", 22),)),
            "No times are available. Without Atlas there would be 22: "
            "make the time frame longer, or choose other people.",
        ),
        (
            NONE,
            "No times are available, and no single change would help. Choose another time frame, or other people.",
        ),
    ],
)
def test_zero_says_why_and_what_to_do(report: SlotReport, words: str) -> None:
    assert no_times_text(report) == words


def test_unreadable_calendar_is_named_where_next_and_invite_are_refused(stage: Stage) -> None:
    with pytest.raises(FormError, match="The calendar of Charlie Moss cannot be read, so it counts as busy"):
        stage.draft(members=[DANA.user_id, CHARLIE.user_id])
    draft = stage.draft()
    stage.calendar.unreadable[DANA.email] = "no answer"
    with pytest.raises(CalendarUnreadableError, match="The calendar of Dana Fox cannot be read"):
        stage.services.invitations.send(DANA, draft, {})
