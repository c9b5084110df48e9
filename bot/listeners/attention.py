"""Buttons where an event or a conference is not as it should be: write it again, or keep it as it is."""

from __future__ import annotations

from slack_bolt import App

from blocks import ids
from bot.domain.people import Person
from bot.listeners.buttons import on_press
from bot.services import Services


def register(app: App, services: Services) -> None:
    def write_again(person: Person, meeting_id: str) -> str:
        services.attention.write_again(person, meeting_id)
        return "We are writing it again. The card shows how it went."

    def keep(person: Person, meeting_id: str) -> str:
        services.attention.keep(person, meeting_id)
        return "It stays as it is. Nobody is told anything."

    on_press(app, services, ids.WRITE_EVENT_AGAIN, write_again)
    on_press(app, services, ids.KEEP_EVENT, keep)
