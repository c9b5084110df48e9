"""Deciding about an event while the worker writes it: neither undoes what the other has found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.domain.event_copies import EventCopy, Finding, Trouble
from bot.domain.ids import MeetingId
from bot.errors import StaleStateError
from bot.ports import UnitOfWork
from bot.services.attention import AttentionDesk
from bot.services.events import Events
from storage.database import Database
from tests.cast import DANA
from tests.town import Town
from tests.world import PUBLIC_URL


@dataclass
class _Interrupted:
    """Event copies between whose reading and storing something happens."""

    copies: Any
    meanwhile: Callable[[], object]

    def of_meeting(self, meeting_id: MeetingId, *, with_withdrawn: bool = False) -> Sequence[EventCopy]:
        found: Sequence[EventCopy] = self.copies.of_meeting(meeting_id, with_withdrawn=with_withdrawn)
        self.meanwhile()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.copies, name)


def test_event_that_is_written_while_somebody_keeps_it_stays_written(postgres_database: Database) -> None:
    """Else it counts as still to be written, and is never read again."""
    town = Town(postgres_database.unit_of_work)
    town.stage.connect(DANA, provider="google")
    invitation = town.book()
    meeting = town.meeting(invitation)
    with postgres_database.unit_of_work(write=True) as unit:
        [copy] = unit.event_copies.of_meeting(meeting.id)
        failed = replace(copy, written=None, check_at=None, finding=Finding(Trouble.NOT_WRITTEN, "Not now."))
        unit.event_copies.put(failed)
        unit.commit()

    @contextmanager
    def interrupted(*, write: bool = False) -> Iterator[UnitOfWork]:
        with postgres_database.unit_of_work(write=write) as unit:
            if write:
                unit.event_copies = _Interrupted(  # type: ignore[assignment]  # all that is asked of it
                    unit.event_copies, lambda: town.stage.services.reconcile.written(failed, meeting)
                )
            yield unit

    events = Events(interrupted, town.stage.directory, town.stage.systems, PUBLIC_URL)
    desk = AttentionDesk(interrupted, town.stage.services.meetings, events, town.stage.clock)
    with pytest.raises(StaleStateError, match="in order"):
        desk.keep(DANA, meeting.id)
    with postgres_database.unit_of_work() as unit:
        [stored] = unit.event_copies.of_meeting(meeting.id)
    assert (stored.written, stored.finding) == (meeting.sequence, None)
    assert stored.check_at is not None
