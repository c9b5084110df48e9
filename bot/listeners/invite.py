"""The ways into the wizard: `/invite`, its other name, and the global shortcut."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import ids
from blocks.explanation import why_text
from bot.domain.command import Colleague, Help, Invite, Why, parse
from bot.listeners.people import person_of
from bot.listeners.wizard import Wizard
from bot.services import Services

_HELP = (
    "Invite somebody outside Slack to pick a time:\n"
    "• `{command}` opens the form\n"
    "• `{command} Anna Ruiz anna@acme.com Roadmap review 45m` fills it in: name, address, subject, duration\n"
    "• `{command} why K7D2M9QX` explains the count of an invitation, by its Tracking ID\n"
    "You see how many time slots are available at every step; nothing is sent before you press *Invite*."
)
_COLLEAGUE = (
    "I invite people who are *not* in this Slack, by email: try `{command} Anna Ruiz anna@acme.com`. "
    "To meet a colleague as well, choose them under *Team members*. "
    "To add a colleague to this conversation, use *Add people* in its settings."
)


def register(app: App, services: Services, wizard: Wizard) -> None:
    def invite(ack: Ack, command: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
        ack()
        match parse(command.get("text") or ""):
            case Help():
                respond(_HELP.format(command=command["command"]))
            case Why(tracking_id):
                invitation, report = services.invitations.why(person_of(services, context), tracking_id)
                respond(why_text(invitation, report))
            case Colleague():
                respond(_COLLEAGUE.format(command=command["command"]))
            case Invite(prefill, hints):
                person = person_of(services, context)
                wizard.start(client, command["trigger_id"], person, prefill, hints)

    def shortcut(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        wizard.start(client, body["trigger_id"], person_of(services, context))

    for name in ids.COMMANDS:
        app.command(name)(invite)
    app.global_shortcut(ids.INVITE_SHORTCUT)(shortcut)
