"""*Find rooms in your directory* in *Add rooms*: look them up, search them, and ask for access where it is missing."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from blocks import ids
from blocks import setup_fields as form
from blocks.room_directory import allow_directory_view, listed_options
from blocks.setup_rooms import add_rooms_view
from bot.domain.calendar import ExtraAccess
from bot.errors import StaleStateError
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.services import Services


def register(app: App, services: Services) -> None:
    directory = services.room_directory

    def find(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person, screen = person_of(services, context), Screen(client, body["view"])
        screen.draw_over(add_rooms_view(is_looking=True))
        found = None
        try:
            found = directory.look_up(person)
        finally:
            # Not over what has become of the form, where it was submitted meanwhile.
            screen.draw(add_rooms_view(found))

    def offer(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        person, token = person_of(services, context), body["view"].get("private_metadata") or ""
        try:
            found = directory.search(person, token, body.get("value") or "")
        except StaleStateError:
            found = ()  # pressing *Add rooms* says why
        ack(options=listed_options(found))

    def allow(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        link = services.sign_ins.link(person, action["value"], ExtraAccess.ROOM_DIRECTORY)
        client.views_push(trigger_id=body["trigger_id"], view=allow_directory_view(link))

    app.action(ids.FIND_ROOMS)(find)
    app.options(form.ROOMS_LISTED)(offer)
    app.action(ids.ALLOW_ROOM_DIRECTORY)(allow)
