"""Rooms in Setup: added by pasting addresses, looked through, changed, removed."""

from __future__ import annotations

from concurrent.futures import Executor, Future, wait
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks import setup_fields as form
from blocks.setup_modal import page_in, page_of
from blocks.setup_rooms import add_rooms_view, added_rooms_view, checking_rooms_view, room_view, rooms_view
from blocks.wizard import notice_view
from bot.domain.people import Person
from bot.domain.rooms import Room
from bot.listeners import forms
from bot.listeners.home import publish_if_opened
from bot.listeners.late import answer_late, reason
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.services import Services
from bot.services.rooms import ADDRESSES, CAPACITY, EQUIPMENT, NAME, Failure

_NAMES = {NAME: form.ROOM_NAME, CAPACITY: form.ROOM_CAPACITY, EQUIPMENT: form.ROOM_EQUIPMENT}
_DEFECT = "Something went wrong on our side. The list of rooms shows what was added; try again with the others."
_Added = tuple[tuple[Room, ...], tuple[Failure, ...]]


def register(app: App, services: Services, checking: Executor, patience_s: float) -> None:
    """Looking up calendars may take longer than the 3 s that Slack waits: then the result is drawn afterwards."""
    rooms = services.rooms

    def ask(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=add_rooms_view())

    def add(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        pending = checking.submit(add_all, person, forms.all_values(view), view.get("private_metadata") or "")
        done, _ = wait([pending], timeout=patience_s)
        if done:
            with forms.fields_named({ADDRESSES: form.ROOM_ADDRESSES}):
                ack(response_action="update", view=result_view(pending))
        else:
            answer_late(ack, Screen(client, view), pending, checking_rooms_view(), lambda: late(pending))
        publish_if_opened(services, client, person)

    def late(pending: Future[_Added]) -> View:
        error = pending.exception()
        return notice_view("Add rooms", reason(error, _DEFECT)) if error else result_view(pending)

    def add_all(person: Person, typed: dict[str, Any], token: str) -> _Added:
        chosen = typed.get(form.ROOMS_LISTED) or []
        listed = services.room_directory.chosen(person, token, chosen) if chosen else ()
        return rooms.add(person, typed.get(form.ROOM_ADDRESSES) or "", listed)

    def result_view(pending: Future[_Added]) -> View:
        added, failures = pending.result()
        return added_rooms_view(added, [(failure.text, failure.reason) for failure in failures])

    def look(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=list_view(person_of(services, context), 0))

    def turn_page(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        number, _ = page_of(action["value"])
        Screen(client, body["view"]).draw_over(list_view(person_of(services, context), number))

    def edit(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        room = rooms.get(person.workspace_id, action["value"])
        client.views_push(trigger_id=body["trigger_id"], view=room_view(room, page_in(body["view"])[0]))

    def save(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, typed = person_of(services, context), forms.all_values(view)
        number, room_id = page_in(view)
        with forms.fields_named(_NAMES):
            rooms.change(
                person,
                room_id,
                name=typed.get(form.ROOM_NAME) or "",
                capacity=typed.get(form.ROOM_CAPACITY),
                equipment=typed.get(form.ROOM_EQUIPMENT) or "",
            )
        ack()
        refresh(client, person, view, number)

    def remove(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person, view = person_of(services, context), body["view"]
        rooms.remove(person, action["value"])
        Screen(client, view).draw_over(notice_view("Room", "The room is removed.", level="success"))
        refresh(client, person, view, page_in(view)[0])

    def refresh(client: WebClient, person: Person, view: dict[str, Any], number: int) -> None:
        """The list below, and App Home."""
        if view.get("previous_view_id"):
            Screen(client, {"id": view["previous_view_id"]}).draw_over(list_view(person, number))
        publish_if_opened(services, client, person)

    def list_view(person: Person, number: int) -> View:
        return rooms_view(rooms.list(person.workspace_id), number)

    app.action(ids.ADD_ROOMS)(ask)
    app.view(ids.ADD_ROOMS_VIEW)(add)
    app.action(ids.LIST_ROOMS)(look)
    app.action(ids.paged(ids.ROOMS_PAGE))(turn_page)
    app.action(ids.EDIT_ROOM)(edit)
    app.view(ids.ROOM_VIEW)(save)
    app.action(ids.REMOVE_ROOM)(remove)
