"""*Reassign*, *Keep without* and *Take … instead*, from cards and news; calendars are asked once the view is open."""

from __future__ import annotations

import re
from concurrent.futures import Executor, Future, wait
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks.elements import cut
from blocks.reassign import TITLE, about, looking_view, reassign_view, reassigning_view
from blocks.wizard import notice_view
from bot.domain.activity import MeetingItem
from bot.domain.people import Person
from bot.errors import FormError, InviteOnceError, NotFreeError
from bot.listeners import forms
from bot.listeners.buttons import on_press
from bot.listeners.home import publish_if_opened, tell
from bot.listeners.late import answer_late, reason
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.services import Services

_DEFECT = "Something went wrong on our side. Nothing was changed; try again."
_NAMES_LIMIT = 600
_NOT_YET = "I am still looking who is free for this place. Press Reassign once more in a moment."


def register(app: App, services: Services, looking: Executor, patience_s: float) -> None:
    reassigning = services.reassigning

    def ask(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        meeting_id, out = about(action["value"])
        outline = reassigning.outline(person, meeting_id, out)
        opened = client.views_open(trigger_id=body["trigger_id"], view=looking_view(outline, person))
        draw(Screen(client, opened["view"]), person, meeting_id, outline.out)

    def choose(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        """Whose place it is, where there are several."""
        ack()
        meeting_id, _ = about(body["view"]["private_metadata"])
        chosen = action["selected_option"]["value"]
        draw(Screen(client, body["view"]), person_of(services, context), meeting_id, chosen)

    def draw(screen: Screen, person: Person, meeting_id: str, out: str) -> None:
        try:
            shown = reassign_view(reassigning.substitutes(person, meeting_id, out), person)
        except InviteOnceError as error:
            shown = notice_view(TITLE, str(error))
        screen.draw_over(shown)

    def save(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person, chosen = person_of(services, context), forms.all_values(view)
        meeting_id, out = about(view["private_metadata"])
        if chosen.get(ids.REASSIGN_OUT) not in (None, out):
            raise FormError({ids.REASSIGN_OUT: _NOT_YET})
        field = ids.REASSIGN_ROOM if ids.REASSIGN_ROOM in chosen else ids.REASSIGN_PERSON
        came = chosen.get(field) or chosen.get(ids.REASSIGN_CAME)
        if not came:
            raise FormError({field: "Choose who comes instead."})
        pending = looking.submit(reassigning.reassign, person, meeting_id, out, came)
        done, _ = wait([pending], timeout=patience_s)
        if done:
            try:
                shown = done_view(pending.result())
            except NotFreeError as error:
                raise FormError({field: str(error)}) from error
            ack(response_action="update", view=shown)
        else:
            answer_late(ack, Screen(client, view), pending, reassigning_view(), lambda: outcome(pending))
        publish_if_opened(services, client, person)

    def outcome(pending: Future[MeetingItem]) -> View:
        error = pending.exception()
        return notice_view(TITLE, reason(error, _DEFECT)) if error else done_view(pending.result())

    def do_without(
        ack: Ack,
        body: dict[str, Any],
        action: dict[str, Any],
        context: BoltContext,
        client: WebClient,
        respond: Respond,
    ) -> None:
        ack()
        person = person_of(services, context)
        item = reassigning.do_without(person, *about(action["value"]))
        if body.get("view", {}).get("type") == "modal":
            Screen(client, body["view"]).draw_over(done_view(item))
        else:
            tell(body, client, respond, _done(item))
        publish_if_opened(services, client, person)

    def take_room(person: Person, choice: str) -> str:
        meeting_id, out, came = choice.split(" ")
        return _done(reassigning.reassign(person, meeting_id, out, came))

    app.action(ids.REASSIGN)(ask)
    app.action(ids.REASSIGN_OUT)(choose)
    app.view(ids.REASSIGN_VIEW)(save)
    app.action(ids.DO_WITHOUT)(do_without)
    on_press(app, services, re.compile(rf"^{ids.TAKE_ROOM}(:\d+)?$"), take_room)


def done_view(item: MeetingItem) -> View:
    return notice_view(TITLE, _done(item), level="success")


def _done(item: MeetingItem) -> str:
    """Who and what is in the Meeting by now."""
    names = [*(person.name for person, _ in item.members), *item.rooms]
    return f"Done: with {cut(', '.join(names), _NAMES_LIMIT)}. Everybody concerned is being told."
