"""Scheduling on behalf: who picks the time, the pages of slots, the slot, and *Schedule*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Executor, Future, wait
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks.on_behalf import scheduled_view, scheduling_view, slot_view
from bot.domain import fields as f
from bot.domain.activity import MeetingItem
from bot.domain.invitation import Draft, DraftStep
from bot.domain.people import Person
from bot.domain.preferences import DefaultMethod
from bot.errors import CalendarUnreadableError, SlotTakenError
from bot.listeners import forms
from bot.listeners.late import answer_late, reason
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.services import Services

_METHODS = {ids.BEGIN_INVITATION: DefaultMethod.INVITE, ids.BEGIN_ON_BEHALF: DefaultMethod.ON_BEHALF}
_DEFECT = "Something went wrong on our side. Nothing was booked and nothing was lost; press Schedule again."


def register(app: App, services: Services, wizard: Wizard, scheduling: Executor, patience_s: float) -> None:
    """Calendars may take longer than the 3 s that Slack waits: after `patience_s` the outcome is drawn afterwards."""
    drafts, on_behalf = services.drafts, services.on_behalf

    def draft_of(view: Mapping[str, Any], person: Person) -> Draft:
        return drafts.find(person.workspace_id, person.user_id, view["private_metadata"])

    def begin(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        asked = draft_of(body["view"], person)
        # A draft of its own, so that closing it untouched leaves nothing behind.
        draft = drafts.begin(person, {**asked.fields, f.MODE: _METHODS[action["action_id"]].value})
        drafts.discard(person.workspace_id, person.user_id, asked.id)
        screen = Screen(client, body["view"])
        wizard.show(screen, person, draft)
        wizard.offer_defaults(screen, person, draft)

    def show_conflicts(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        draft = draft_of(body["view"], person)
        draft = drafts.save(draft, {f.SHOWS_TAKEN: not draft.fields.get(f.SHOWS_TAKEN), f.SLOT_PAGE: 0})
        wizard.show(Screen(client, body["view"]), person, draft)

    def turn_page(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        person = person_of(services, context)
        draft = drafts.save(draft_of(body["view"], person), {f.SLOT_PAGE: int(action["value"])})
        wizard.show(Screen(client, body["view"]), person, draft)

    def pick(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        draft, screen = draft_of(body["view"], person), Screen(client, body["view"])
        is_over = action["action_id"].startswith(ids.PICK_TAKEN_SLOT)
        try:
            fields = on_behalf.pick(draft, action["value"], over=is_over)
        except SlotTakenError:
            wizard.show(screen, person, draft)
            raise
        wizard.show(screen, person, drafts.save(draft, fields, step=DraftStep.CONFIRMATION))

    def schedule(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        draft = drafts.save(draft_of(view, person), forms.values(view))
        pending = scheduling.submit(on_behalf.schedule, person, draft, {})
        done, _ = wait([pending], timeout=patience_s)
        if done:
            ack(response_action="update", view=outcome(person, draft, pending))
            return
        answer_late(ack, Screen(client, view), pending, scheduling_view(), lambda: late(person, draft, pending))

    def outcome(person: Person, draft: Draft, pending: Future[MeetingItem]) -> View:
        """What was made, or what is left where the time has gone. Raises what else went wrong."""
        try:
            return scheduled_view(pending.result(), person)
        except (SlotTakenError, CalendarUnreadableError) as error:
            return refused(draft, str(error))

    def late(person: Person, draft: Draft, pending: Future[MeetingItem]) -> View:
        error = pending.exception()
        return refused(draft, reason(error, _DEFECT)) if error else outcome(person, draft, pending)

    def refused(draft: Draft, why: str) -> View:
        """The slots once more; what was typed is kept."""
        draft = drafts.save(draft, {}, step=DraftStep.SLOT)
        return slot_view(draft, wizard.counts.offers(draft), warnings=[why])

    for action_id in _METHODS:
        app.action(action_id)(begin)
    app.action(ids.SHOW_CONFLICTS)(show_conflicts)
    app.action(ids.EARLIER_DAYS)(turn_page)
    app.action(ids.LATER_DAYS)(turn_page)
    app.action(re.compile(rf"^({ids.PICK_SLOT}|{ids.PICK_TAKEN_SLOT})(:|$)"))(pick)
    app.view(ids.CONFIRMATION_VIEW)(schedule)
