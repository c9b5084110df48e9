"""Buttons on cards, in the DM and in App Home: resume, discard, resend, copy the link, cancel."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import dialogs, ids
from bot.domain.people import Person
from bot.listeners.buttons import on_press
from bot.listeners.home import publish_if_opened
from bot.listeners.people import person_of
from bot.listeners.wizard import Wizard
from bot.services import Services


def register(app: App, services: Services, wizard: Wizard) -> None:
    def resume(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        wizard.resume(client, body["trigger_id"], person_of(services, context), action["value"])

    def discard(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        services.drafts.discard(person.workspace_id, person.user_id, action["value"])
        if body.get("message"):  # a card whose draft was gone already would stay otherwise
            respond(delete_original=True)
        publish_if_opened(services, client, person)

    def resend(person: Person, invitation_id: str) -> str:
        services.invitations.resend(person, invitation_id)
        return "The invitation is on its way again."

    def cancel(person: Person, invitation_id: str) -> None:
        services.invitations.cancel(person, invitation_id)

    def copy_link(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        link = services.invitations.link(person_of(services, context), action["value"])
        client.views_open(trigger_id=body["trigger_id"], view=dialogs.copy_link(link))

    def ask_about_meeting(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        person = person_of(services, context)
        item = services.meetings.item(person, action["value"])
        client.views_open(trigger_id=body["trigger_id"], view=dialogs.cancel_meeting(item, person))

    def cancel_meeting(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        reason = view["state"]["values"][ids.CANCEL_REASON][ids.CANCEL_REASON].get("value") or ""
        services.meetings.cancel(person, view["private_metadata"], reason.strip())
        ack()
        publish_if_opened(services, client, person)

    app.action(ids.RESUME_DRAFT)(resume)
    app.action(ids.DISCARD_DRAFT)(discard)
    on_press(app, services, ids.RESEND_INVITATION, resend)
    app.action(ids.COPY_LINK)(copy_link)
    on_press(app, services, ids.CANCEL_INVITATION, cancel)
    app.action(ids.CANCEL_MEETING)(ask_about_meeting)
    app.view(ids.CANCEL_MEETING_VIEW)(cancel_meeting)
