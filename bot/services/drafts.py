"""Drafts: what the wizard holds, kept from the first view to *Invite* or *Discard*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import fields as f
from bot.domain import wizard
from bot.domain.ids import DraftId, UserId, WorkspaceId, new_id
from bot.domain.invitation import Draft, DraftStep
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.templates import Template
from bot.domain.timeframe import zone_names
from bot.errors import NotAllowedError, NotFoundError, StaleStateError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services import invitation_rows
from bot.services.beginnings import Beginning, Beginnings, resumable
from bot.services.latest_drafts import LatestDrafts
from bot.services.templates import Templates

DRAFT_GONE = "This draft is not there any more: it was sent or discarded. Start a new one."

ONLY_MEMBERS = "Only members of this workspace can send invitations. Ask a colleague to invite for you."
"""To guests and external people."""


class Drafts:
    """Every method that takes a Draft returns the new one; the old value is history."""

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        templates: Templates,
        beginnings: Beginnings,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._templates = templates
        self._beginnings = beginnings
        self._clock = clock
        self._latest = LatestDrafts()

    def begin(self, person: Person, prefill: Mapping[str, Any], beginning: Beginning | None = None) -> Draft:
        """A new Draft with every default filled in. Raises NotAllowedError for guests and external people.

        `beginning` is what has been read of the person's already.
        """
        if not person.may_invite:
            raise NotAllowedError(ONLY_MEMBERS)
        now = self._clock()
        known = beginning or self._beginnings.read(person, with_drafts=False)
        fields = self._begun_with(person, known.preferences, known.template)
        draft = Draft(
            id=DraftId(new_id()),
            workspace_id=person.workspace_id,
            owner_id=person.user_id,
            step=DraftStep.PARTICIPANT,
            fields={**fields, f.MODE: known.preferences.method.value, **prefill},
            created_at=now,
            updated_at=now,
        )
        with self._unit_of_work(write=True) as unit:
            unit.drafts.add(draft)
            unit.commit()
        return draft

    def use_template(self, person: Person, draft: Draft, template_id: str | None, shown: Mapping[str, Any]) -> Draft:
        """Fill in all but the Customer anew; None: with the product's own defaults. Raises NotFoundError.

        A subject that was given stays where the template has none.
        """
        template = self._templates.get(person, template_id) if template_id else None
        customer = {name: draft.fields.get(name) for name in f.STEP_FIELDS["participant"]}
        preferences = self._beginnings.read(person, with_drafts=False).preferences
        fields = {**self._begun_with(person, preferences, template), **customer}
        subject = fields.get(f.SUBJECT) or draft.fields.get(f.SUBJECT) or ""
        return self.save(draft, {**fields, **shown, f.SUBJECT: subject, f.TEMPLATE: template_id}, regenerate=True)

    def _begun_with(self, person: Person, own: Preferences, template: Template | None) -> dict[str, Any]:
        now = self._clock()
        person = replace(person, time_zone=own.time_zone or person.time_zone, locale=own.language or person.locale)
        fields = wizard.defaults(person, now)
        if template:
            zone = template.fields.get(f.TIME_ZONE)
            today = now.astimezone(ZoneInfo(zone if zone in zone_names() else person.time_zone)).date()
            fields |= {**self._templates.apply(template, person, today), f.TEMPLATE: template.id}
        return {**fields, f.CHANNEL: fields.get(f.CHANNEL) or own.channel_id}

    def find(self, workspace_id: WorkspaceId, user_id: UserId, draft_id: str) -> Draft:
        """Raises NotFoundError where it is gone, sent, or somebody else's."""
        with self._unit_of_work() as unit:
            draft = unit.drafts.get(DraftId(draft_id))
        if draft is None or not _is_of(draft, workspace_id, user_id):
            raise NotFoundError(DRAFT_GONE)
        return draft

    def latest(self, workspace_id: WorkspaceId, user_id: UserId, draft_id: str) -> Draft:
        """What `find` gives, or what another process has replaced since: for `follow`, which would notice."""
        known = self._latest.get(DraftId(draft_id))
        if known and _is_of(known, workspace_id, user_id):
            return known
        return self.find(workspace_id, user_id, draft_id)

    def open_drafts(self, workspace_id: WorkspaceId, user_id: UserId) -> tuple[Draft, ...]:
        """Drafts of the last 7 days that hold at least a name or an address, newest first."""
        with self._unit_of_work() as unit:
            return resumable(unit, workspace_id, user_id, self._clock())

    def save(
        self, draft: Draft, fields: Mapping[str, Any], *, step: DraftStep | None = None, regenerate: bool = False
    ) -> Draft:
        """Keep what was chosen or typed, valid or not. Of two saves at once, both sets of fields are kept."""
        while True:
            changed = self._changed(draft, fields, step=step, regenerate=regenerate)
            if self._replaced(draft, changed):
                return changed
            draft = self.find(draft.workspace_id, draft.owner_id, draft.id)

    def follow(
        self, draft: Draft, shown: Mapping[str, Any], acted_at: float, *, own: Mapping[str, Any] | None = None
    ) -> Draft:
        """Keep a field action: what the form `shown` then holds, and over it what the app sets of its `own`.

        `acted_at` is Slack's `action_ts`. An action that was overtaken on its way brings old fields, so they are left
        alone; what it sets is wanted all the same, and without any of that it raises StaleStateError. Decided in the
        same compare-and-set as the saving, so that no later action can slip in between.
        """
        own = own or {}
        while True:
            latest = float(draft.fields.get(f.ACTED_AT) or 0)
            if acted_at < latest:
                if not own:
                    raise StaleStateError("A later change has been saved already.")
                shown, acted_at = {}, latest
            changed = self._changed(draft, {**shown, **own, f.ACTED_AT: acted_at}, regenerate=bool(own))
            if self._replaced(draft, changed):
                return changed
            draft = self.find(draft.workspace_id, draft.owner_id, draft.id)

    def is_newest(self, draft: Draft) -> bool:
        """False where a later save exists: then this one's count must not be shown any more."""
        with self._unit_of_work() as unit:
            return unit.drafts.revision(draft.id) == draft.revision

    def is_overtaken(self, draft: Draft) -> bool:
        """Whether this process has saved a later one; asks no database."""
        latest = self._latest.get(draft.id)
        return latest is not None and latest.revision > draft.revision

    def show_card(self, draft: Draft) -> None:
        """Queue the draft's card: posted once, then updated in place."""
        with self._unit_of_work(write=True) as unit:
            unit.outbox.add(invitation_rows.draft_card(draft, self._clock()))
            unit.commit()

    def discard(self, workspace_id: WorkspaceId, user_id: UserId, draft_id: str) -> None:
        """Delete it, and its card. Discarding twice is discarding once."""
        with self._unit_of_work(write=True) as unit:
            draft = unit.drafts.get(DraftId(draft_id))
            if draft and _is_of(draft, workspace_id, user_id) and (gone := unit.drafts.delete(draft.id)):
                unit.outbox.add(*invitation_rows.draft_gone(gone, self._clock()))
                unit.commit()

    def _changed(
        self, draft: Draft, fields: Mapping[str, Any], *, step: DraftStep | None = None, regenerate: bool
    ) -> Draft:
        return replace(
            draft,
            fields={**draft.fields, **fields},
            step=step or draft.step,
            revision=draft.revision + 1,
            generation=draft.generation + regenerate,
            updated_at=self._clock(),
        )

    def _replaced(self, before: Draft, after: Draft) -> bool:
        """False where somebody else has saved since `before`: nothing has changed then."""
        with self._unit_of_work(write=True) as unit:
            if not unit.drafts.replace(after, expected_revision=before.revision):
                return False
            unit.commit()
        self._latest.put(after)
        return True


def _is_of(draft: Draft, workspace_id: WorkspaceId, user_id: UserId) -> bool:
    return (draft.workspace_id, draft.owner_id) == (workspace_id, user_id)
