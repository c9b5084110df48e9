"""*Reschedule* on a Meeting's card: the pages of slots, the slot, and the move."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import Executor, Future, wait
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks.moving import confirm_view, looking_view, moved_view, moving_view, slots_view
from blocks.wizard import notice_view
from bot.domain.activity import MeetingItem
from bot.domain.people import Person
from bot.domain.wizard import instants
from bot.errors import CalendarUnreadableError, InviteOnceError, SlotTakenError, StaleStateError
from bot.listeners.home import publish_if_opened
from bot.listeners.late import answer_late
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.services import Services

_TITLE = "Reschedule"
_DEFECT = "Something went wrong on our side. Nothing was moved; please try again."


def register(app: App, services: Services, moving: Executor, patience_s: float) -> None:
    """Calendars may take longer than the 3 s that Slack waits: after `patience_s` the outcome is drawn afterwards."""
    moves = services.moves

    def begin(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        item = moves.item(person, action["value"])
        answer = client.views_open(trigger_id=body["trigger_id"], view=looking_view(item, person))
        show_page(Screen(client, answer["view"]), person, item.meeting.id)

    def turn_page(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        meeting_id, number = body["view"]["private_metadata"], int(action["value"])
        show_page(Screen(client, body["view"]), person_of(services, context), meeting_id, number)

    def other_time(
        ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient
    ) -> None:
        ack()
        show_page(Screen(client, body["view"]), person_of(services, context), action["value"])

    def pick(ack: Ack, body: dict[str, Any], action: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person = person_of(services, context)
        item = moves.item(person, body["view"]["private_metadata"])
        Screen(client, body["view"]).draw(confirm_view(item, instants([action["value"]])[0], person))

    def move(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        meeting_id, *times = view["private_metadata"].split()
        start, was = (instants([text])[0] for text in times)
        pending = moving.submit(moves.move, person, meeting_id, start, was, _note(view))
        done, _ = wait([pending], timeout=patience_s)
        if done:
            ack(response_action="update", view=outcome(person, meeting_id, pending))
        else:
            answer_late(ack, Screen(client, view), pending, moving_view(), lambda: late(person, meeting_id, pending))
        publish_if_opened(services, client, person)

    def show_page(screen: Screen, person: Person, meeting_id: str, number: int = 0) -> None:
        try:
            page = moves.page(person, meeting_id, number)
            shown = slots_view(moves.item(person, meeting_id), page, person)
        except InviteOnceError as error:  # what has become of it while calendars were asked
            shown = notice_view(_TITLE, str(error))
        screen.draw(shown)

    def outcome(person: Person, meeting_id: str, pending: Future[MeetingItem]) -> View:
        """What was done, or how things stand where the time has gone, or the meeting has moved. Raises what else went
        wrong."""
        try:
            return moved_view(pending.result(), person)
        except (SlotTakenError, CalendarUnreadableError, StaleStateError) as error:
            page = moves.page(person, meeting_id)
            return slots_view(moves.item(person, meeting_id), page, person, warnings=[str(error)])

    def late(person: Person, meeting_id: str, pending: Future[MeetingItem]) -> View:
        """The same, where nobody waits for an answer any more: what goes wrong is said in the view."""
        error = pending.exception()
        if error and not isinstance(error, InviteOnceError):
            return notice_view(_TITLE, _DEFECT)
        try:
            return outcome(person, meeting_id, pending)
        except InviteOnceError as error:
            return notice_view(_TITLE, str(error))

    app.action(ids.RESCHEDULE_MEETING)(begin)
    app.action(ids.MOVE_EARLIER_DAYS)(turn_page)
    app.action(ids.MOVE_LATER_DAYS)(turn_page)
    app.action(ids.MOVE_OTHER_TIME)(other_time)
    app.action(re.compile(rf"^{ids.PICK_MOVE_SLOT}(:|$)"))(pick)
    app.view(ids.MOVE_VIEW)(move)


def _note(view: Mapping[str, Any]) -> str:
    return (view["state"]["values"][ids.MOVE_NOTE][ids.MOVE_NOTE].get("value") or "").strip()
