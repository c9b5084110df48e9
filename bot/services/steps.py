"""The wizard's steps: from one to the next, with the number of slots always at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bot.domain import fields as f
from bot.domain import promotion, wizard
from bot.domain.ids import ResourceId
from bot.domain.invitation import Draft, DraftStep
from bot.domain.on_behalf import is_on_behalf
from bot.domain.people import Person
from bot.domain.relaxations import Change, relaxed
from bot.domain.report import SlotReport
from bot.errors import FormError, StaleStateError
from bot.ports import Clock, Directory, UnitOfWorkFactory
from bot.services.availability import FRESH, RECENT
from bot.services.conferences import Conferences
from bot.services.drafts import DRAFT_GONE, Drafts
from bot.services.explanations import Explanations, no_times_text
from bot.services.readings import NotAtHandError
from bot.services.seating import Seating, check_members, turns_of


class Steps:
    """As with Drafts: every method that changes a Draft returns the new one."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        directory: Directory,
        drafts: Drafts,
        explanations: Explanations,
        seating: Seating,
        conferences: Conferences,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._drafts = drafts
        self._explanations = explanations
        self._seating = seating
        self._conferences = conferences
        self._clock = clock

    def submit(self, person: Person, draft: Draft, step: DraftStep, fields: Mapping[str, Any]) -> Draft:
        """Keep one step's fields, and go on to the next step where they are valid; else raise FormError."""
        draft = self._drafts.save(draft, fields)
        if step is DraftStep.PARTICIPANT:
            wizard.participant(draft.fields)
            return self._drafts.save(draft, {}, step=DraftStep.DETAILS)
        if step is DraftStep.DETAILS:
            return self._submit_details(draft)
        if step is DraftStep.TIME_FRAME:
            return self._submit_time_frame(person, draft)
        raise StaleStateError(DRAFT_GONE)

    def count(self, draft: Draft, *, fresh: bool = False) -> SlotReport:
        """The live number and what explains it. Raises FormError while the fields do not make sense."""
        details = self._seating.details(draft.workspace_id, draft.fields)
        rules = wizard.rules(draft.fields, self._clock())
        max_age = FRESH if fresh else RECENT
        return self._explanations.report(draft.workspace_id, draft.owner_id, details, rules, max_age=max_age)

    def count_at_hand(self, draft: Draft) -> SlotReport | None:
        """What `count` says of the newest draft; None where a later save exists, or where calendars or Slack have to be
        asked, which takes seconds. Raises FormError."""
        with self._unit_of_work() as unit:
            if unit.drafts.revision(draft.id) != draft.revision:
                return None
            try:
                details = self._seating.details(draft.workspace_id, draft.fields, unit)
                rules = wizard.rules(draft.fields, self._clock())
                findings = self._explanations.findings(
                    draft.workspace_id, draft.owner_id, details, rules, max_age=RECENT, within=unit
                )
            except NotAtHandError:
                return None
        report = self._explanations.explained(findings)
        # It may have been saved while that was counted.
        return None if self._drafts.is_overtaken(draft) else report

    def relaxed(self, draft: Draft, change: Change, value: str) -> dict[str, Any]:
        """The fields that a relaxation sets; empty where it means nothing any more."""
        of_size: Sequence[ResourceId] = ()
        if change is Change.ANY_ROOM:
            rooms = self._explanations.rooms_of_size(draft.workspace_id, wizard.details(draft.fields))
            of_size = rooms.get(ResourceId(value), ())
        return relaxed(draft.fields, change, value, of_size)

    def renew_turns(self, person: Person, draft: Draft) -> tuple[Draft, SlotReport, Mapping[str, str]]:
        """Step 3 with those whose turn it is by now, what that leaves, and by their pools' names the names of those who
        were not shown before: of all, where everybody was. Raises FormError."""
        shown = draft.fields.get(f.TURNS) or {}
        turns = turns_of(self._seating.details_now(draft.workspace_id, draft.fields).seats)
        draft = self._drafts.save(draft, {f.TURNS: turns})
        moved = {pool_id: who for pool_id, who in turns.items() if shown.get(pool_id) != who}
        names = self._seating.names_of_turns(draft.workspace_id, moved or turns)
        report = self.count(draft)
        return self._to_letter(person, draft, report), report, names

    def warnings(self, person: Person, draft: Draft) -> tuple[str, ...]:
        """What the person should know before going on; nothing here is forbidden."""
        email = str(draft.fields.get(f.EMAIL) or "")
        visible_to = None if person.is_admin else person.user_id
        with self._unit_of_work() as unit:
            active = unit.invitations.active_for(draft.workspace_id, email, visible_to=visible_to)
        return tuple(
            f"There is an active invitation to {invitation.participant.email} already: "
            f"{invitation.details.subject} ({invitation.tracking_id}). You can still send another one."
            for invitation in active[:1]
        )

    def _submit_details(self, draft: Draft) -> Draft:
        details = self._seating.details_now(draft.workspace_id, draft.fields)
        check_members(draft.fields, partial(self._directory.person, draft.workspace_id))
        self._seating.check_rooms(draft.workspace_id, draft.fields)
        self._conferences.check(draft.workspace_id, draft.owner_id, details)
        fields: dict[str, Any] = {f.TURNS: turns_of(details.seats)}
        if draft.fields[f.DURATION] == "15" and draft.step is DraftStep.DETAILS and draft.fields[f.SPACING] == "30":
            fields[f.SPACING] = "15"
        if is_on_behalf(draft.fields):
            return self._drafts.save(draft, {**fields, f.SLOT_PAGE: 0}, step=DraftStep.SLOT, regenerate=True)
        draft = self._drafts.save(draft, fields, step=DraftStep.TIME_FRAME, regenerate=True)
        try:
            rules = wizard.rules(draft.fields, self._clock())
        except FormError:
            return draft  # an old draft's frame may be in the past by now; step 2 says so
        self._explanations.warm(draft.workspace_id, draft.owner_id, details, rules)
        return draft

    def _submit_time_frame(self, person: Person, draft: Draft) -> Draft:
        report = self.count(draft)
        if not report.count:
            raise FormError({f.END_DATE: no_times_text(report)})
        return self._to_letter(person, draft, report)

    def _to_letter(self, person: Person, draft: Draft, report: SlotReport) -> Draft:
        details = wizard.details(draft.fields)
        proposed = promotion.propose(report.starts, report.search.duration, report.search.frame.time_zone)
        fields = wizard.with_proposals(draft, details, person, proposed)
        return self._drafts.save(draft, fields, step=DraftStep.LETTER, regenerate=True)
