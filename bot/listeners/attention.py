"""Buttons where an event or a conference is not as it should be: write it again, or keep it as it is."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import ids
from bot.listeners.home import publish_if_opened, tell
from bot.listeners.people import person_of
from bot.services import Services


def register(app: App, services: Services) -> None:
    def write_again(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        services.attention.write_again(person, action["value"])
        tell(body, client, respond, "We are writing it again. The card shows how it went.")
        publish_if_opened(services, client, person)

    def keep(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        services.attention.keep(person, action["value"])
        tell(body, client, respond, "It stays as it is. Nobody is told anything.")
        publish_if_opened(services, client, person)

    app.action(ids.WRITE_EVENT_AGAIN)(write_again)
    app.action(ids.KEEP_EVENT)(keep)
