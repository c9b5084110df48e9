"""People who have left Slack while an Invitation waits for them: nobody else would ever say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.delivery import News
from bot.domain.ids import InvitationId, ResourceId, UserId, WorkspaceId, is_room
from bot.domain.invitation import Invitation
from bot.domain.people import Person
from bot.errors import DeliveryError
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services import invitation_rows

_BATCH = 100


class Departures:
    def __init__(self, unit_of_work: UnitOfWorkFactory, directory: Directory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock

    def tell(self) -> int:
        """Tell the inviters of open Invitations that can be booked no more because people have left, each once; returns
        of how many. Where Slack cannot be asked who is there, the next run asks."""
        told = 0
        for workspace_id, invitations in self._open_ones():
            wanted = {who for invitation in invitations for who in _people(invitation)}
            try:
                people = self._who(workspace_id, sorted(wanted))
            except DeliveryError:
                continue
            for invitation in invitations:
                told += self._told(invitation, people)
        return told

    def _told(self, invitation: Invitation, people: Mapping[ResourceId, Person]) -> bool:
        missed = [
            who
            for candidates in invitation.details.requirements
            if candidates and all(who in people and people[who].is_deactivated for who in candidates)
            for who in candidates
        ]
        if not missed:
            return False
        now = self._clock()
        names = ", ".join(dict.fromkeys(people[who].name for who in missed))
        with self._unit_of_work(write=True) as unit:
            # One at a time, so that all are marked as told of.
            if not [who for who in missed if unit.nonces.use(f"departed:{invitation.id}:{who}", now)]:
                return False
            unit.outbox.add(
                invitation_rows.news(invitation, News.DEPARTED, now, {"text": names}),
                *invitation_rows.changed(invitation, now),
            )
            unit.commit()
        return True

    def _open_ones(self) -> Iterator[tuple[WorkspaceId, Sequence[Invitation]]]:
        """ACTIVE Invitations, some of one workspace at a time."""
        after: InvitationId | None = None
        while True:
            with self._unit_of_work() as unit:
                batch = unit.invitations.active(after=after, limit=_BATCH)
            by_workspace: defaultdict[WorkspaceId, list[Invitation]] = defaultdict(list)
            for invitation in batch:
                by_workspace[invitation.workspace_id].append(invitation)
            yield from by_workspace.items()
            if len(batch) < _BATCH:
                return
            after = batch[-1].id

    def _who(self, workspace_id: WorkspaceId, wanted: Sequence[ResourceId]) -> Mapping[ResourceId, Person]:
        """Slack is asked for its list, and for those by name who are not in it. Raises DeliveryError."""
        if not wanted:
            return {}
        listed = {person.resource_id: person for person in self._directory.everybody(workspace_id)}
        others = [UserId(who) for who in wanted if who not in listed]
        return listed | {person.resource_id: person for person in self._directory.named(workspace_id, others)}


def _people(invitation: Invitation) -> Iterator[ResourceId]:
    return (who for candidates in invitation.details.requirements for who in candidates if not is_room(who))
