"""People who have left Slack while an Invitation or a Meeting waits for them: nobody else would ever say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from bot.domain.delivery import News
from bot.domain.ids import ResourceId, UserId, WorkspaceId, is_room
from bot.domain.invitation import Invitation
from bot.domain.meeting import Meeting
from bot.domain.people import Person
from bot.errors import DeliveryError
from bot.ports import Clock, Directory, UnitOfWork, UnitOfWorkFactory
from bot.services import invitation_rows, meeting_rows

_BATCH = 100

Subject = TypeVar("Subject", Invitation, Meeting)
People = Mapping[ResourceId, Person]


class Departures:
    """Where Slack cannot be asked who is there, the next run asks."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, directory: Directory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock

    def tell(self) -> int:
        """Tell the inviters of open Invitations that can be booked no more because people have left, and of Meetings to
        come whose members have, each once; returns of how many."""
        return self._tell_of_invitations() + self._tell_of_meetings()

    def _tell_of_invitations(self) -> int:
        told = 0
        for workspace_id, invitations in self._batches(self._open_invitations):
            seats = {invitation.id: invitation.details.requirements for invitation in invitations}
            people = self._who(workspace_id, (who for asked in seats.values() for seat in asked for who in seat))
            for invitation in invitations:
                deserted = [
                    seat for seat in seats[invitation.id] if seat and all(_has_left(who, people) for who in seat)
                ]
                told += self._told(invitation, [who for seat in deserted for who in seat], people)
        return told

    def _tell_of_meetings(self) -> int:
        told = 0
        for workspace_id, meetings in self._batches(self._coming_meetings):
            people = self._who(workspace_id, (who for meeting in meetings for who in meeting.assigned))
            for meeting in meetings:
                told += self._told(meeting, [who for who in meeting.assigned if _has_left(who, people)], people)
        return told

    def _told(self, subject: Invitation | Meeting, missed: Sequence[ResourceId], people: People) -> bool:
        if not missed:
            return False
        now = self._clock()
        with self._unit_of_work(write=True) as unit:
            new = [who for who in missed if unit.nonces.use(f"departed:{subject.id}:{who}", now)]
            invitation = unit.invitations.get(subject.invitation_id) if isinstance(subject, Meeting) else subject
            if not new or invitation is None or _has_left(ResourceId(invitation.inviter_id), people):
                return False
            if isinstance(subject, Meeting):
                rows = [meeting_rows.member_left(subject, invitation, UserId(who), now) for who in new]
            else:
                names = ", ".join(dict.fromkeys(people[who].name for who in missed))
                rows = [invitation_rows.news(invitation, News.DEPARTED, now, {"text": names})]
            unit.outbox.add(*rows, *invitation_rows.changed(invitation, now))
            unit.commit()
        return True

    def _open_invitations(self, unit: UnitOfWork, last: Invitation | None) -> Sequence[Invitation]:
        return unit.invitations.active(after=last.id if last else None, limit=_BATCH)

    def _coming_meetings(self, unit: UnitOfWork, last: Meeting | None) -> Sequence[Meeting]:
        return unit.meetings.coming(self._clock(), after=last.id if last else None, limit=_BATCH)

    def _batches(
        self, read: Callable[[UnitOfWork, Subject | None], Sequence[Subject]]
    ) -> Iterator[tuple[WorkspaceId, Sequence[Subject]]]:
        """All of them, some of one workspace at a time."""
        last: Subject | None = None
        while True:
            with self._unit_of_work() as unit:
                batch = read(unit, last)
            by_workspace: defaultdict[WorkspaceId, list[Subject]] = defaultdict(list)
            for each in batch:
                by_workspace[each.workspace_id].append(each)
            yield from by_workspace.items()
            if len(batch) < _BATCH:
                return
            last = batch[-1]

    def _who(self, workspace_id: WorkspaceId, wanted: Iterable[ResourceId]) -> People:
        """By Slack's list, and those who are not in it one by one. Empty where Slack cannot be asked."""
        people = sorted({who for who in wanted if not is_room(who)})
        if not people:
            return {}
        try:
            listed = {person.resource_id: person for person in self._directory.everybody(workspace_id)}
            others = [UserId(who) for who in people if who not in listed]
            return listed | {person.resource_id: person for person in self._directory.named(workspace_id, others)}
        except DeliveryError:
            return {}


def _has_left(who: ResourceId, people: People) -> bool:
    return who in people and people[who].is_deactivated
