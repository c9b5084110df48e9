"""Templates in the wizard: chosen in the first view, saved from step 3."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from blocks import ids
from blocks.templates import NO_TEMPLATE, save_template_view
from blocks.wizard import notice_view
from bot.domain import fields as f
from bot.errors import FormError
from bot.listeners import forms
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.services import Services
from bot.services.templates import NAME


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
        changeable = [listed.template for listed in templates.list(person) if listed.may_change]
        proposed = str(draft.fields.get(f.SUBJECT) or "")
        client.views_push(trigger_id=body["trigger_id"], view=save_template_view(draft, changeable, proposed))

    def save(ack: Ack, view: dict[str, Any], context: BoltContext) -> None:
        person = person_of(services, context)
        draft = drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        chosen = forms.all_values(view)
        replaced = chosen.get(ids.TEMPLATE_REPLACED)
        try:
            template = templates.save(
                person,
                chosen.get(ids.TEMPLATE_NAME) or "",
                draft.fields,
                is_shared=bool(chosen.get(ids.TEMPLATE_SHARED)),
                overwrite=None if replaced in (None, NO_TEMPLATE) else replaced,
            )
        except FormError as error:
            sentence = error.fields.get(NAME)
            raise FormError({ids.TEMPLATE_NAME: sentence} if sentence else error.fields) from error
        if chosen.get(ids.TEMPLATE_FAVOURITE):
            templates.set_favourite(person, template.id, True)
        if chosen.get(ids.TEMPLATE_DEFAULT):
            templates.set_default(person, template.id)
        said = f"“{template.name}” is saved. Choose it in the first view next time."
        ack(response_action="update", view=notice_view("Template saved", said, level="success"))

    app.action(f.TEMPLATE)(choose)
    app.action(ids.SAVE_TEMPLATE)(ask)
    app.view(ids.SAVE_TEMPLATE_VIEW)(save)
