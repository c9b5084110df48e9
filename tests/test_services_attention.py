"""Deciding about an event while the worker writes it: neither undoes what the other has found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.event_copies import Finding, Trouble
from bot.errors import StaleStateError
from tests.at_once import meanwhile
from tests.cast import DANA
from tests.town import Town


def test_event_that_is_written_while_somebody_keeps_it_stays_written(town: Town, database_url: str) -> None:
    """Else it counts as still to be written, and is never read again."""
    town.stage.connect(DANA, provider="google")
    invitation = town.book()
    meeting = town.meeting(invitation)
    with town.stage.unit_of_work(write=True) as unit:
        [written] = unit.event_copies.of_meeting(meeting.id)
        failed = replace(written, written=None, check_at=None, finding=Finding(Trouble.NOT_WRITTEN, "Not now."))
        unit.event_copies.put(failed)
        unit.commit()
    with town.stage.unit_of_work(write=True) as unit:
        unit.event_copies.put(written)
        with meanwhile(lambda: town.stage.services.attention.keep(DANA, meeting.id), database_url) as kept:
            unit.commit()
            with pytest.raises(StaleStateError, match="in order"):
                kept.result()
    with town.stage.unit_of_work() as unit:
        assert unit.event_copies.of_meeting(meeting.id) == (written,)
