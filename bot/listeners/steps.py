"""What people do in the wizard's views: submit, go back, change a field, close."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from blocks import ids
from bot.domain import fields as f
from bot.domain.invitation import Draft, DraftStep
from bot.domain.people import Person
from bot.domain.presets import Preset, preset_dates
from bot.domain.relaxations import Change
from bot.domain.timeframe import zone_names
from bot.domain.wizard import another_range, one_range_less
from bot.errors import FormError, NotFoundError, StaleStateError
from bot.listeners import forms
from bot.listeners.matching import any_of
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.ports import Clock
from bot.services import Services

_STEP_OF_VIEW = {
    ids.PARTICIPANT_VIEW: DraftStep.PARTICIPANT,
    ids.DETAILS_VIEW: DraftStep.DETAILS,
    ids.TIME_FRAME_VIEW: DraftStep.TIME_FRAME,
    ids.LETTER_VIEW: DraftStep.LETTER,
    ids.METHOD_VIEW: DraftStep.PARTICIPANT,
    ids.SLOT_VIEW: DraftStep.SLOT,
    ids.CONFIRMATION_VIEW: DraftStep.CONFIRMATION,
}
_BEFORE = {
    DraftStep.DETAILS: DraftStep.PARTICIPANT,
    DraftStep.TIME_FRAME: DraftStep.DETAILS,
    DraftStep.LETTER: DraftStep.TIME_FRAME,
    DraftStep.SLOT: DraftStep.DETAILS,
    DraftStep.CONFIRMATION: DraftStep.SLOT,
}
_PRESETS = {
    ids.PRESET_THIS_WEEK: Preset.THIS_WEEK,
    ids.PRESET_NEXT_WEEK: Preset.NEXT_WEEK,
    ids.PRESET_NEXT_TWO_WEEKS: Preset.NEXT_TWO_WEEKS,
}
_TELLING_FIELDS = (
    f.MEMBERS,
    f.ROOMS,
    *f.STEP_FIELDS["time_frame"],
    f.PROMOTE,
    f.PROMOTED,
    f.DELIVERY,
    ids.UPDATE_PREVIEW,
)
"""Elements whose every use saves the draft and draws its step again."""


def register(app: App, services: Services, wizard: Wizard, clock: Clock) -> None:
    drafts = services.drafts

    def draft_of(view: Mapping[str, Any], person: Person) -> Draft:
        return drafts.find(person.workspace_id, person.user_id, view["private_metadata"])

    def submit(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        draft = services.steps.submit(
            person, draft_of(view, person), _STEP_OF_VIEW[view["callback_id"]], forms.values(view)
        )
        counts = wizard.counts.of(draft)
        ack(response_action="update", view=wizard.view(person, draft, next(counts)))
        if draft.step is DraftStep.LETTER:
            drafts.show_card(draft)
        wizard.finish(Screen(client, view), person, draft, counts)

    def go_back(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        left = _STEP_OF_VIEW[view["callback_id"]]
        draft = drafts.save(draft_of(view, person), forms.values(view), step=_BEFORE[left])
        if left is DraftStep.TIME_FRAME:
            drafts.show_card(draft)
        wizard.show(Screen(client, view), person, draft)

    def follow(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        try:
            draft = drafts.latest(person.workspace_id, person.user_id, view["private_metadata"])
            draft = drafts.follow(draft, forms.values(view), forms.acted_at(body))
        except StaleStateError:
            return  # the later action brings all fields as they are now, and draws them
        wizard.show(Screen(client, view), person, draft)

    def choose_preset(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person, action = body["view"], person_of(services, context), body["actions"][0]
        fields = forms.values(view)
        zone = fields.get(f.TIME_ZONE)
        today = clock().astimezone(ZoneInfo(zone if zone in zone_names() else person.time_zone)).date()
        start, end = preset_dates(_PRESETS[action["action_id"]], today)
        dates = {f.START_DATE: start.isoformat(), f.END_DATE: end.isoformat()}
        draft = drafts.follow(draft_of(view, person), fields, forms.acted_at(body), own=dates)
        wizard.show(Screen(client, view), person, draft)

    def use_defaults(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """Through all steps up to the letter, or to the first that cannot be left as it is."""
        ack()
        view, person = body["view"], person_of(services, context)
        draft = drafts.save(draft_of(view, person), forms.values(view))
        hints = []
        try:
            for step in (DraftStep.PARTICIPANT, DraftStep.DETAILS, DraftStep.TIME_FRAME):
                draft = services.steps.submit(person, draft, step, {})
        except FormError as error:
            draft, hints = drafts.find(person.workspace_id, person.user_id, draft.id), [str(error)]
        else:
            drafts.show_card(draft)
        wizard.show(Screen(client, view), person, draft, hints)

    def relax(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        change, _, value = body["actions"][0]["value"].partition("=")
        change_by(body, context, client, lambda draft: services.steps.relaxed(draft, Change(change), value))

    def add_range(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        change_by(body, context, client, lambda draft: another_range(draft.fields))

    def remove_range(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        change_by(body, context, client, lambda draft: one_range_less(draft.fields))

    def change_by(
        body: Mapping[str, Any],
        context: BoltContext,
        client: WebClient,
        own: Callable[[Draft], Mapping[str, Any]],
    ) -> None:
        """Set what a button is for, over what the form shows, and draw the step again."""
        view, person = body["view"], person_of(services, context)
        draft, shown = draft_of(view, person), forms.values(view)
        own_fields = own(replace(draft, fields={**draft.fields, **shown}))
        try:
            draft = drafts.follow(draft, shown, forms.acted_at(body), own=own_fields)
        except StaleStateError:
            return
        wizard.show(Screen(client, view), person, draft)

    def resume(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        chosen = drafts.find(person.workspace_id, person.user_id, body["actions"][0]["value"])
        leave(view, person)
        wizard.show(Screen(client, view), person, chosen)

    def discard(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        drafts.discard(person.workspace_id, person.user_id, body["actions"][0]["value"])
        draft = draft_of(view, person)
        if is_touched(draft, view):
            draft = drafts.save(draft, forms.values(view))
        wizard.show(Screen(client, view), person, draft)

    def closed(ack: Ack, view: dict[str, Any], context: BoltContext) -> None:
        ack()
        leave(view, person_of(services, context))

    def leave(view: Mapping[str, Any], person: Person) -> None:
        """Keep what was typed and show the card; a modal that was not touched leaves nothing behind."""
        try:
            draft = draft_of(view, person)
        except NotFoundError:
            return  # sent or discarded by another window
        if is_touched(draft, view):
            drafts.show_card(drafts.save(draft, forms.values(view)))
        else:
            drafts.discard(person.workspace_id, person.user_id, draft.id)

    # Bolt asks one listener after the other whether a request is theirs: what comes most often stands first.
    app.action(any_of(_TELLING_FIELDS))(follow)
    app.view(any_of((ids.PARTICIPANT_VIEW, ids.DETAILS_VIEW, ids.TIME_FRAME_VIEW)))(submit)
    app.view_closed(any_of(_STEP_OF_VIEW))(closed)
    app.action(ids.BACK)(go_back)
    for action_id in _PRESETS:
        app.action(action_id)(choose_preset)
    app.action(re.compile(rf"^{ids.RELAX}(:\d+)?$"))(relax)
    app.action(ids.USE_DEFAULTS)(use_defaults)
    app.action(ids.ADD_RANGE)(add_range)
    app.action(ids.REMOVE_RANGE)(remove_range)
    app.action(ids.RESUME_IN_WIZARD)(resume)
    app.action(ids.DISCARD_IN_WIZARD)(discard)


def is_touched(draft: Draft, view: Mapping[str, Any]) -> bool:
    """Whether the person has changed anything: saved before, or different now from what was filled in for them."""
    return draft.revision > 0 or any(
        (value or None) != (draft.fields.get(name) or None) for name, value in forms.values(view).items()
    )
