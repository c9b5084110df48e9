"""What people do with Team members and Rooms in step 1: alternatives, optional, remove, change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from blocks import ids, team
from bot.domain import fields as f
from bot.domain import seating
from bot.domain.ids import ROOM_PREFIX
from bot.domain.invitation import Draft
from bot.domain.people import Person
from bot.errors import FormError, StaleStateError
from bot.listeners import forms
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.services import Services


def register(app: App, services: Services, wizard: Wizard) -> None:
    drafts, seats = services.drafts, services.seating

    def choose(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """An entry of the menu beside a Team member or Room."""
        ack()
        person = person_of(services, context)
        choice, _, value = body["actions"][0]["selected_option"]["value"].partition("=")
        if choice == team.ALTERNATIVE:
            open_on_top(body, person, client, value)
            return
        change = seating.as_optional if choice == team.OPTIONAL else seating.without
        draft = kept(body, person)
        draft = drafts.follow(draft, {}, forms.acted_at(body), own=change(draft.fields, value))
        wizard.show(Screen(client, body["view"]), person, draft)

    def change_member(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        open_on_top(body, person_of(services, context), client, body["actions"][0]["value"])

    def open_on_top(body: Mapping[str, Any], person: Person, client: WebClient, value: str) -> None:
        """Slack's trigger lives three seconds: what was typed is kept first, which is quick."""
        draft = kept(body, person)
        view_of = team.change_member_view if seating.pool_of(value) else team.alternatives_view
        view = view_of(draft, value, seats.roster(person.workspace_id, draft.fields))
        client.views_push(trigger_id=body["trigger_id"], view=view)

    def kept(body: Mapping[str, Any], person: Person) -> Draft:
        draft = drafts.find(person.workspace_id, person.user_id, body["view"]["private_metadata"])
        try:
            return drafts.follow(draft, forms.values(body["view"]), forms.acted_at(body))
        except StaleStateError:
            return drafts.find(person.workspace_id, person.user_id, draft.id)

    def save_alternatives(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, draft, value = subject_of(view, context)
        field, others = forms.only_value(view)
        taken = seating.elsewhere(draft.fields, value)
        twice = [other for other in others or () if other in taken]
        if twice:
            names = seats.roster(person.workspace_id, {**draft.fields, f.MEMBERS: twice}).names
            who = " and ".join(names.get(other, "Somebody") for other in twice)
            raise FormError({field: f"{who} is chosen already. Choose each only once."})
        if not value.startswith(ROOM_PREFIX):
            seats.check_alternatives(person.workspace_id, others or ())
        draft = drafts.save(draft, seating.with_alternatives(draft.fields, value, others or ()))
        ack()
        wizard.show(below(client, view), person, draft)

    def save_member(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, draft, value = subject_of(view, context)
        _, member = forms.only_value(view)
        pool_id = seating.pool_of(value)
        by_hand = {pool: who for pool, who in (draft.fields.get(f.CHOSEN) or {}).items() if pool != pool_id}
        draft = drafts.save(draft, {f.CHOSEN: {**by_hand, pool_id: member} if member and pool_id else by_hand})
        ack()
        wizard.show(below(client, view), person, draft)

    def subject_of(view: Mapping[str, Any], context: BoltContext) -> tuple[Person, Draft, str]:
        person = person_of(services, context)
        draft_id, _, value = view["private_metadata"].partition(" ")
        return person, drafts.find(person.workspace_id, person.user_id, draft_id), value

    app.action(ids.MEMBER_MENU)(choose)
    app.action(ids.CHANGE_MEMBER)(change_member)
    app.view(ids.ALTERNATIVES_VIEW)(save_alternatives)
    app.view(ids.CHANGE_MEMBER_VIEW)(save_member)


def below(client: WebClient, view: Mapping[str, Any]) -> Screen:
    """The view under the one that has just been submitted; its hash is not known here."""
    return Screen(client, {"id": view.get("previous_view_id") or view["root_view_id"]})
