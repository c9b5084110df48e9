"""*No-show* on the cards of Meetings that are over, and taking it back."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import ids
from bot.listeners.home import publish_if_opened, tell
from bot.listeners.people import person_of
from bot.services import Services


def register(app: App, services: Services) -> None:
    def mark(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        services.no_shows.mark(person, action["value"])
        if body.get("message"):
            tell(body, client, respond, "Noted as a no-show. Turns in pools are given back.")
        publish_if_opened(services, client, person)

    def take_back(ack: Ack, action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        services.no_shows.take_back(person, action["value"])
        publish_if_opened(services, client, person)

    app.action(ids.NO_SHOW)(mark)
    app.action(ids.UNDO_NO_SHOW)(take_back)
