"""Templates in the wizard: chosen in the first view, saved from step 3."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks.templates import NO_TEMPLATE, REPLACE_NONE, USE_NONE, save_template_view, template_options
from blocks.wizard import notice_view
from bot.domain import fields as f
from bot.domain.invitation import Draft
from bot.domain.people import Person
from bot.listeners import forms
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.services import Services
from bot.services.templates import NAME, SHARED


def register(app: App, services: Services, wizard: Wizard) -> None:
    drafts, templates = services.drafts, services.templates

    def choose(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        draft = drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        shown = forms.values(view)
        wanted = shown.get(f.TEMPLATE)
        draft = drafts.use_template(person, draft, None if wanted == NO_TEMPLATE else wanted, shown)
        screen = Screen(client, view)
        wizard.show(screen, person, draft)
        wizard.offer_defaults(screen, person, draft)

    def ask(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        draft = drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        draft = drafts.save(draft, forms.values(view))
        client.views_push(trigger_id=body["trigger_id"], view=save_view(person, draft, None))

    def choose_replaced(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        view, person = body["view"], person_of(services, context)
        draft = drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        replaced = forms.all_values(view).get(ids.TEMPLATE_REPLACED)
        Screen(client, view).draw_over(save_view(person, draft, replaced))

    def save_view(person: Person, draft: Draft, replaced: str | None) -> View:
        changeable = [listed.template for listed in templates.list(person) if listed.may_change]
        proposed = str(draft.fields.get(f.SUBJECT) or "")
        chosen = next((template for template in changeable if template.id == replaced), None)
        return save_template_view(draft, changeable, proposed, chosen)

    def save(ack: Ack, view: dict[str, Any], context: BoltContext) -> None:
        person = person_of(services, context)
        draft = drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        chosen = forms.all_values(view)
        replaced = chosen.get(ids.TEMPLATE_REPLACED)
        with forms.fields_named({NAME: ids.TEMPLATE_NAME, SHARED: ids.TEMPLATE_SHARED}):
            template = templates.save(
                person,
                chosen.get(ids.TEMPLATE_NAME) or "",
                draft.fields,
                is_shared=bool(chosen.get(ids.TEMPLATE_SHARED)),
                overwrite=None if replaced in (None, NO_TEMPLATE) else replaced,
            )
        if chosen.get(ids.TEMPLATE_FAVOURITE):
            templates.set_favourite(person, template.id, True)
        if chosen.get(ids.TEMPLATE_DEFAULT):
            templates.set_default(person, template.id)
        said = f"“{template.name}” is saved. Choose it in the first view next time."
        ack(response_action="update", view=notice_view("Template saved", said, level="success"))

    def offer_to_use(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        found = [listed.template for listed in templates.list(person_of(services, context))]
        ack(options=template_options(found, USE_NONE, body.get("value") or ""))

    def offer_to_replace(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        found = [listed.template for listed in templates.list(person_of(services, context)) if listed.may_change]
        ack(options=template_options(found, REPLACE_NONE, body.get("value") or ""))

    app.action(f.TEMPLATE)(choose)
    app.action(ids.SAVE_TEMPLATE)(ask)
    app.action(ids.TEMPLATE_REPLACED)(choose_replaced)
    app.view(ids.SAVE_TEMPLATE_VIEW)(save)
    app.options(f.TEMPLATE)(offer_to_use)
    app.options(ids.TEMPLATE_REPLACED)(offer_to_replace)
