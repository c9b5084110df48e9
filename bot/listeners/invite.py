"""The ways into the wizard: `/invite`, its other name, and the two shortcuts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk import WebClient

from blocks import ids
from blocks.checkup import checkup_text
from blocks.explanation import why_text
from bot.domain import fields as f
from bot.domain.activity import HomeState, Tab
from bot.domain.command import Colleague, Doctor, Help, Invite, Settings, Why, parse
from bot.domain.ids import UserId
from bot.domain.message import prefill
from bot.domain.people import Person
from bot.errors import DeliveryError, NotAllowedError, NotFoundError
from bot.listeners.home import publish
from bot.listeners.matching import any_of
from bot.listeners.people import person_of
from bot.listeners.wizard import Wizard
from bot.services import Services
from bot.services.drafts import ONLY_MEMBERS

_HELP = (
    "Invite somebody outside Slack to pick a time:\n"
    "• `{command}` opens the form\n"
    "• `{command} Anna Ruiz anna@acme.com Roadmap review 45m` fills it in: name, address, subject, duration\n"
    "• `{command} why K7D2M9QX` explains the count of an invitation, by its Tracking ID\n"
    "• `{command} settings` leads to your calendars, hours and habits; `{command} doctor` checks that all is well\n"
    "You see how many time slots are available at every step; nothing is sent before you press *Invite*."
)
_COLLEAGUE = (
    "I invite people who are *not* in this Slack, by email: try `{command} Anna Ruiz anna@acme.com`. "
    "To meet a colleague as well, choose them under *Team members*. "
    "To add a colleague to this conversation, use *Add people* in its settings."
)
_SETTINGS = (
    "Your calendars, hours and habits are under *Setup* in <slack://app?team={team}&id={app}&tab=home|App Home>."
)
# docs.slack.dev/interactivity/deep-linking

_NO_ADDRESS = "There is no email address in that message. Type whom to invite."


def register(app: App, services: Services, wizard: Wizard, command_name: str) -> None:
    def invite(ack: Ack, command: dict[str, Any], context: BoltContext, client: WebClient, respond: Respond) -> None:
        ack()
        match parse(command.get("text") or ""):
            case Help():
                respond(_HELP.format(command=command["command"]))
            case Settings():
                publish(services, client, member(context), HomeState(Tab.SETUP))
                respond(_SETTINGS.format(team=command["team_id"], app=command["api_app_id"]))
            case Doctor():
                person = member(context)
                respond(checkup_text(services.checkups.of(person)))
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

    def message_shortcut(ack: Ack, body: dict[str, Any], context: BoltContext, client: WebClient) -> None:
        ack()
        person, message = person_of(services, context), body["message"]
        fields = prefill(message, author_of(person, message))
        hints = () if f.EMAIL in fields else (_NO_ADDRESS,)
        wizard.start(client, body["trigger_id"], person, fields, hints)

    def member(context: BoltContext) -> Person:
        """Who is acting, if they have a *Setup* of their own. Raises NotAllowedError for guests and external people."""
        person = person_of(services, context)
        if not person.may_invite:
            raise NotAllowedError(ONLY_MEMBERS)
        return person

    def author_of(person: Person, message: Mapping[str, Any]) -> Person | None:
        """Who wrote the message; None where that is an app, or Slack cannot say."""
        if not message.get("user"):
            return None
        try:
            return services.directory.person(person.workspace_id, UserId(message["user"]))
        except (NotFoundError, DeliveryError):
            return None

    app.command(any_of({*ids.COMMANDS, command_name}))(invite)
    app.global_shortcut(ids.INVITE_SHORTCUT)(shortcut)
    app.message_shortcut(ids.MESSAGE_SHORTCUT)(message_shortcut)
