"""Connecting calendars: the button wherever it stands, and what Setup and direct messages offer."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import connections as views
from blocks import ids
from blocks.elements import name
from blocks.wizard import notice_view
from bot.errors import InviteOnceError
from bot.listeners.home import publish_if_opened, tell
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.services import Services

_CONNECTED = "Your calendar is connected."


def register(app: App, services: Services, wizard: Wizard) -> None:
    connections = services.connections

    def connect(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
        ack()
        if not connections.systems:
            tell(body, client, respond, connections.missing_text, level="warning")
        elif connections.is_one_click:
            connect_at_once(body, context, client, respond)
        else:
            show_link(body, context, client)

    def connect_at_once(body: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
        person = person_of(services, context)
        connections.connect_builtin(person)
        view = body.get("view") or {}
        if view.get("type") == "modal":
            wizard.refresh(client, view, person)
        elif not view:
            tell(body, client, respond, _CONNECTED)
        publish_if_opened(services, client, person)

    def reconnect(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        show_link(body, context, client, action["value"])

    def show_link(
        body: dict[str, Any], context: BoltContext, client: WebClient, connection_id: str | None = None
    ) -> None:
        link = services.sign_ins.link(person_of(services, context), connection_id)
        view = body.get("view") or {}
        if view.get("type") == "modal":
            is_wizard = view.get("callback_id") == ids.PARTICIPANT_VIEW
            draft_id = view.get("private_metadata", "") if is_wizard else ""
            client.views_push(trigger_id=body["trigger_id"], view=views.connect_view(link, draft_id))
        else:
            client.views_open(trigger_id=body["trigger_id"], view=views.connect_view(link))

    def return_to_wizard(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        below = {"id": view["previous_view_id"], "private_metadata": view["private_metadata"]}
        wizard.refresh(client, below, person_of(services, context))

    def ask_for_calendars(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        person = person_of(services, context)
        screen = Screen(client, client.views_open(trigger_id=body["trigger_id"], view=views.loading_view())["view"])
        try:
            connection, calendars = connections.calendars(person, action["value"])
        except InviteOnceError as error:
            screen.draw_over(notice_view("Choose calendars", str(error), level="warning"))
        else:
            screen.draw_over(views.calendars_view(connection, calendars))

    def choose_calendars(ack: Ack, view: dict[str, Any], context: BoltContext) -> None:
        ack()  # the provider is asked once more, which may take longer than Slack waits
        person, connection_id = person_of(services, context), view["private_metadata"]
        connections.choose(person, connection_id, *views.chosen_calendars(view["state"]["values"]))

    def disconnect(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        connection = connections.disconnect(person, action["value"])
        if body.get("message"):
            respond(f"{name(connection.account)} is disconnected, and its sign-in is erased.", replace_original=True)
        publish_if_opened(services, client, person)

    def seen(ack: Ack) -> None:
        """A button that is a link: the browser has opened it."""
        ack()

    app.action(ids.CONNECT_CALENDAR)(connect)
    app.action(ids.RECONNECT)(reconnect)
    app.action(ids.OPEN_CONNECT_PAGE)(seen)
    app.view(ids.CONNECT_VIEW)(return_to_wizard)
    app.action(ids.CHOOSE_CALENDARS)(ask_for_calendars)
    app.view(ids.CALENDARS_VIEW)(choose_calendars)
    app.action(ids.DISCONNECT)(disconnect)
