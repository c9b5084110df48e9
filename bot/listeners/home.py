"""App Home: published when it is opened, and again when something is pressed in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import ids
from blocks.elements import paragraph
from blocks.home import home_view, state_from
from blocks.wizard import NOTE_LIMIT, notice_view
from bot.domain import fields as f
from bot.domain.activity import HomeState, Tab
from bot.domain.people import Person
from bot.domain.preferences import DefaultMethod
from bot.listeners.people import person_of
from bot.listeners.wizard import Wizard
from bot.services import Services

_TABS = {ids.TAB_INVITATIONS: Tab.INVITATIONS, ids.TAB_MEETINGS: Tab.MEETINGS, ids.TAB_SETUP: Tab.SETUP}
_PLACES = {**_TABS, ids.UPCOMING_MEETINGS: Tab.MEETINGS}
_METHODS = {ids.INVITE: DefaultMethod.INVITE, ids.SCHEDULE_ON_BEHALF: DefaultMethod.ON_BEHALF}


def register(app: App, services: Services, wizard: Wizard) -> None:
    def opened(event: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        if event.get("tab") == "home":
            publish(services, client, person_of(services, context))

    def begin(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        method = {f.MODE: _METHODS[action["action_id"]].value}
        wizard.start(client, body["trigger_id"], person_of(services, context), method)

    def turn_to_tab(ack: Ack, action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        publish(services, client, person_of(services, context), HomeState(_PLACES[action["action_id"]]))

    def turn_to_page(ack: Ack, action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        publish(services, client, person_of(services, context), state_from(action.get("value") or ""))

    def choose_days(ack: Ack, action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        day = date.fromisoformat(action["selected_date"]) if action.get("selected_date") else None
        name = "since" if action["action_id"] == ids.MEETINGS_SINCE else "until"
        state = replace(services.activity.state(person), tab=Tab.MEETINGS, page=0, **{name: day})
        publish(services, client, person, state)

    app.event("app_home_opened")(opened)
    app.action(ids.MEETINGS_SINCE)(choose_days)
    app.action(ids.MEETINGS_UNTIL)(choose_days)
    app.action(ids.UPCOMING_MEETINGS)(turn_to_tab)
    for action_id in _METHODS:
        app.action(action_id)(begin)
    for action_id in _TABS:
        app.action(action_id)(turn_to_tab)
    app.action(ids.PREVIOUS_PAGE)(turn_to_page)
    app.action(ids.NEXT_PAGE)(turn_to_page)


def publish(services: Services, client: WebClient, person: Person, state: HomeState | None = None) -> None:
    """Show App Home at this place, or where the person was last; not where they have turned elsewhere meanwhile, for
    that is being drawn, too."""
    shown, page = services.activity.home(person, state)
    if services.activity.is_at(person, shown):
        client.views_publish(user_id=person.user_id, view=home_view(person, shown, page))


def publish_if_opened(services: Services, client: WebClient, person: Person) -> None:
    """Bring App Home up to date for somebody who has ever looked at it."""
    if services.activity.has_home(person):
        publish(services, client, person)


def tell(body: Mapping[str, Any], client: WebClient, respond: Respond, text: str, *, level: str = "success") -> None:
    """Say something to the person who pressed a button: beside the message, or in a modal where there is none.

    `text` is plain: marks and names in it are shown as they are.
    """
    if body.get("message"):
        respond(paragraph(text, NOTE_LIMIT), replace_original=False)
        return
    in_modal = (body.get("view") or {}).get("type") == "modal"
    open_view = client.views_push if in_modal else client.views_open
    open_view(trigger_id=body["trigger_id"], view=notice_view("InviteOnce", text, level=level))
