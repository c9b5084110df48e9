"""*Invite*, pressed in step 3: answered in time, however long the calendars take."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, Future, wait
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.models.views import View

from blocks import ids
from blocks.elements import slots
from blocks.wizard import sending_view, sent_view
from bot.domain.invitation import DeliveryMethod, Draft, Invitation
from bot.domain.people import Person
from bot.domain.wording import joined
from bot.errors import InviteOnceError, TurnMovedError
from bot.listeners import forms
from bot.listeners.late import answer_late, reason
from bot.listeners.people import person_of
from bot.listeners.screen import Screen
from bot.listeners.wizard import Wizard
from bot.services import Services

_DEFECT = "Something went wrong on our side. Nothing was sent and nothing was lost; press Invite again."


def register(app: App, services: Services, wizard: Wizard, sending: Executor, patience_s: float) -> None:
    """Calendars may take longer than the 3 s that Slack waits: after `patience_s` the outcome is drawn afterwards."""

    def invite(ack: Ack, view: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        person = person_of(services, context)
        draft = services.drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        draft = services.drafts.save(draft, forms.values(view))
        pending = sending.submit(services.invitations.send, person, draft, {})
        done, _ = wait([pending], timeout=patience_s)
        moved = pending.exception() if done else None
        if isinstance(moved, TurnMovedError):
            ack(response_action="update", view=refused(person, draft, moved))
            return
        if done:
            ack(response_action="update", view=sent(person, pending.result()))
            return
        answer_late(ack, Screen(client, view), pending, sending_view(), lambda: outcome(person, draft, pending))

    def outcome(person: Person, draft: Draft, pending: Future[Invitation]) -> View:
        error = pending.exception()
        return refused(person, draft, error) if error else sent(person, pending.result())

    def sent(person: Person, invitation: Invitation) -> View:
        by_link = invitation.letter.delivery is DeliveryMethod.LINK
        return sent_view(invitation, services.invitations.link(person, invitation.id) if by_link else None)

    def refused(person: Person, draft: Draft, error: BaseException) -> View:
        """Step 3 as it was left, with the reason above it; with whose turn it is by now where that has moved on."""
        if isinstance(error, TurnMovedError):
            try:
                draft, report, turns = services.steps.renew_turns(person, draft)
            except InviteOnceError as refusal:
                return wizard.view(person, draft, hints=[str(error), str(refusal)])
            turns = turns or {error.pool: error.person}  # all have been chosen by hand since, on another screen
            count = f"{slots(report.count)} with {joined([*turns.values()])}"
            return wizard.view(person, draft, hints=[_moved(turns), count])
        return wizard.view(person, draft, hints=[reason(error, _DEFECT)])

    app.view(ids.LETTER_VIEW)(invite)


def _moved(turns: Mapping[str, str]) -> str:
    """Whose turn it is in which pools: not as the refusal has it, for that names one, and others may be next since."""
    (pool, person), *others = turns.items()
    more = "".join(f", in {pool} {person}’s" for pool, person in others)
    return f"In {pool} it is {person}’s turn by now{more}. Look at the new count, then press Invite once more."
