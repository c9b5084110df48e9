"""Templates in Setup: favourite, default, name, delete."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks import setup_fields as form
from blocks.setup_modal import page_in, page_of
from blocks.setup_templates import delete_template_view, edit_template_view, templates_view
from bot.domain.people import Person
from bot.listeners import forms
from bot.listeners.home import publish_if_opened
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.services import Services
from bot.services.templates import NAME, SHARED

_ASKING = {form.TEMPLATE_EDIT: edit_template_view, form.TEMPLATE_DELETE: delete_template_view}


def register(app: App, services: Services) -> None:
    templates = services.templates

    def choose(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        what, _, template_id = action["selected_option"]["value"].partition(":")
        if what in _ASKING:
            ask(body, client, _ASKING[what](templates.get(person, template_id), page_in(body["view"])[0]))
            return
        marked = next((item for item in services.setup.templates(person) if item.template.id == template_id), None)
        if what == form.TEMPLATE_FAVOURITE:
            templates.set_favourite(person, template_id, not (marked and marked.is_favourite))
        else:
            templates.set_default(person, None if marked and marked.is_default else template_id)
        refresh(body, client, person)

    def ask(body: dict[str, Any], client: WebClient, view: View) -> None:
        in_modal = body["view"]["type"] == "modal"
        open_view = client.views_push if in_modal else client.views_open
        open_view(trigger_id=body["trigger_id"], view=view)

    def edit(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, typed = person_of(services, context), forms.all_values(view)
        with forms.fields_named({NAME: ids.TEMPLATE_NAME, SHARED: ids.TEMPLATE_SHARED}):
            name, is_shared = typed[ids.TEMPLATE_NAME], bool(typed[ids.TEMPLATE_SHARED])
            templates.change(person, page_in(view)[1], name=name, is_shared=is_shared)
        ack()
        refresh_below(view, client, person)

    def delete(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        templates.delete(person, page_in(view)[1])
        ack()
        refresh_below(view, client, person)

    def refresh_below(view: dict[str, Any], client: WebClient, person: Person) -> None:
        """The list from which the modal was opened, where it was, and App Home."""
        if view.get("previous_view_id"):
            shown = templates_view(services.setup.templates(person), page_in(view)[0])
            Screen(client, {"id": view["previous_view_id"]}).draw_over(shown)
        publish_if_opened(services, client, person)

    def look(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        items = services.setup.templates(person_of(services, context))
        client.views_open(trigger_id=body["trigger_id"], view=templates_view(items, 0))

    def turn_page(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        items = services.setup.templates(person_of(services, context))
        Screen(client, body["view"]).draw_over(templates_view(items, page_of(action["value"])[0]))

    def refresh(body: dict[str, Any], client: WebClient, person: Person) -> None:
        """The list that was pressed in, and App Home."""
        view = body["view"]
        if view["type"] == "modal":
            Screen(client, view).draw_over(templates_view(services.setup.templates(person), page_in(view)[0]))
        publish_if_opened(services, client, person)

    app.action(ids.TEMPLATE_MENU)(choose)
    app.view(ids.EDIT_TEMPLATE_VIEW)(edit)
    app.view(ids.DELETE_TEMPLATE_VIEW)(delete)
    app.action(ids.LIST_TEMPLATES)(look)
    app.action(ids.paged(ids.TEMPLATES_PAGE))(turn_page)
