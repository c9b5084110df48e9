"""*No-show* on the cards of Meetings that are over, and taking it back."""

from __future__ import annotations

from slack_bolt import App

from blocks import ids
from bot.domain.people import Person
from bot.listeners.buttons import on_press
from bot.services import Services


def register(app: App, services: Services) -> None:
    def mark(person: Person, meeting_id: str) -> str:
        services.no_shows.mark(person, meeting_id)
        return "Noted as a no-show. Turns in pools are given back."

    def take_back(person: Person, meeting_id: str) -> None:
        services.no_shows.take_back(person, meeting_id)

    on_press(app, services, ids.NO_SHOW, mark, speaks_in_home=False)
    on_press(app, services, ids.UNDO_NO_SHOW, take_back)
