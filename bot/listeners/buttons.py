"""Buttons that act at once on what their value names, say that it was done, and bring App Home up to date."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from bot.domain.people import Person
from bot.listeners.home import publish_if_opened, tell
from bot.listeners.people import person_of
from bot.services import Services


def on_press(
    app: App,
    services: Services,
    action_id: str | re.Pattern[str],
    act: Callable[[Person, str], str | None],
    *,
    speaks_in_home: bool = True,
) -> None:
    """`act` gets who pressed and the button's value. It returns what to say, or None where the change shows by itself;
    where it does in App Home alone, the button is not to speak there."""

    def pressed(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        said = act(person, action["value"])
        if said and (speaks_in_home or body.get("message")):
            tell(body, client, respond, said)
        publish_if_opened(services, client, person)

    app.action(action_id)(pressed)
