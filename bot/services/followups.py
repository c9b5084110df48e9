"""What time alone brings about: expiry, completion, tidying up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.invitation import InvitationStatus
from bot.ports import Clock, UnitOfWorkFactory
from bot.services import invitation_rows
from bot.services.beginnings import KEPT

_BATCH = 100
_DONE_KEPT = timedelta(days=30)
_CLAIMS_KEPT = timedelta(days=7)
"""Longer than calendars are read back: what is past stands in nobody's way."""
_NONCES_KEPT = timedelta(days=400)
"""Longer than any time frame: a used nonce is never good again."""


class Followups:
    """Each method does one batch in transactions of its own and returns how many things it changed."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def expire(self) -> int:
        """ACTIVE → EXPIRED where no start of the grid is left; the inviter is told."""
        now, expired = self._clock(), 0
        with self._unit_of_work() as unit:
            due = unit.invitations.due_to_expire(now, _BATCH)
        for invitation in due:
            with self._unit_of_work(write=True) as unit:
                if unit.invitations.transition(invitation.id, InvitationStatus.ACTIVE, InvitationStatus.EXPIRED):
                    gone = replace(invitation, status=InvitationStatus.EXPIRED)
                    unit.pools.remove_turns(invitation.id, now)
                    unit.outbox.add(*invitation_rows.expired(gone, now))
                    unit.commit()
                    expired += 1
        return expired

    def complete(self) -> int:
        """SCHEDULED → COMPLETED after the end; card and Home follow."""
        now, completed = self._clock(), 0
        with self._unit_of_work() as unit:
            due = unit.meetings.due_to_complete(now, _BATCH)
        for meeting in due:
            with self._unit_of_work(write=True) as unit:
                invitation = unit.invitations.get(meeting.invitation_id)
                if invitation and unit.meetings.complete(meeting.id):
                    unit.outbox.add(*invitation_rows.changed(invitation, now))
                    unit.commit()
                    completed += 1
        return completed

    def prune(self) -> int:
        """Delete what nobody needs any more: old drafts, done deliveries, past claims, old nonces and readings."""
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            old = unit.drafts.delete_older(now - KEPT)
            for draft in old:
                unit.outbox.add(*invitation_rows.draft_gone(draft, now))
            pruned = (
                len(old)
                + unit.outbox.delete_done(now - _DONE_KEPT)
                + unit.claims.delete_older(now - _CLAIMS_KEPT)
                + unit.nonces.delete_older(now - _NONCES_KEPT)
                + unit.one_time.delete_older(now)
                + unit.busy_cache.delete_older(now - timedelta(days=1))
            )
            unit.commit()
        return pruned
