"""A tiny Slack app that uses everything the playground's page can draw, and the playground around it, served."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import uvicorn
from slack_bolt import Ack, App
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot.domain.calendar import Event
from bot.domain.intervals import Interval
from bot.playground.playground import Playground
from bot.slack.turns import Turns
from bot.web.slack import slack_endpoint
from tests.servers import DEADLINE_S, eventually

_SECRET, _TOKEN = "shh", "xoxb-showcase"
Json = dict[str, Any]

MANIFEST: Json = {
    "features": {
        "slash_commands": [{"command": "/invite", "description": "Show it"}],
        "shortcuts": [
            {"callback_id": "global", "name": "Invite to self-schedule", "type": "global", "description": "-"},
            {"callback_id": "message", "name": "Invite to a meeting", "type": "message", "description": "-"},
        ],
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "users:read", "im:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
}


@dataclass
class Showcase:
    """What the tests look at: the page's address, the mailbox, and what the app was told, in order."""

    url: str
    playground: Playground
    told: list[Json] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    slow: threading.Event = field(default_factory=threading.Event)
    """Cleared: the app takes its time with submissions."""

    def actions(self, action_id: str) -> list[Json]:
        """The block actions of that element."""
        return [action for body in self.told for action in body.get("actions", ()) if action["action_id"] == action_id]

    def submissions(self) -> list[Json]:
        return [body["view"]["state"]["values"] for body in self.told if body["type"] == "view_submission"]


@contextmanager
def showcase() -> Iterator[Showcase]:
    """The app and the playground on one loopback port, as the product runs them."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    shown: Showcase

    def events_of(account: str, window: Interval) -> Sequence[Event]:
        return [event for event in shown.events if event.end > window.start and event.start < window.end]

    playground = Playground(
        app_url=url,
        own_url=url,
        signing_secret=_SECRET,
        bot_token=_TOKEN,
        manifest=MANIFEST,
        clock=lambda: datetime.now(UTC),
        events_of=events_of,
        answer_within_s=DEADLINE_S,
    )
    shown = Showcase(url, playground)
    shown.slow.set()
    threads = ThreadPoolExecutor(8)
    routes = [Route("/slack/events", slack_endpoint(_app(shown), Turns(threads)), methods=["POST"]), *playground.routes]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started, "the showcase listens")
        yield shown
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)
        threads.shutdown()
        listener.close()


def _app(shown: Showcase) -> App:
    client = WebClient(token=_TOKEN, base_url=shown.playground.api_url)
    app = App(client=client, signing_secret=_SECRET, token_verification_enabled=False)

    @app.middleware
    def remember(body: Json, next: Any) -> None:
        if "type" in body:
            shown.told.append(body)
        next()

    @app.command("/invite")
    def invite(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        if body.get("text") == "help":
            client.chat_postEphemeral(channel=body["channel_id"], user=body["user_id"], text="*Help* is near.")
        else:
            client.views_open(trigger_id=body["trigger_id"], view=form("Counting the available times…"))

    @app.shortcut("global")
    @app.shortcut("message")
    def shortcut(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form("From a shortcut"))

    @app.action("push")
    def push(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=_note("On top"))

    @app.action(re.compile(".*"))
    def changed(ack: Ack, body: Json, client: WebClient) -> None:
        ack()
        view = body.get("view")
        if view and view["type"] == "modal" and view["callback_id"] == "form":
            count = f"{30 + len(shown.told)} available time slots"
            client.views_update(view_id=view["id"], view=form(count))

    @app.options("time_zone")
    def zones(ack: Ack, body: Json) -> None:
        names = ["America/New_York", "Europe/Berlin", "Europe/London", "Asia/Kathmandu"]
        ack(options=[_option(name) for name in names if body["value"].lower() in name.lower()])

    @app.options("times")
    def times(ack: Ack) -> None:
        ack(options=[_option("Wed 10:00"), _option("Thu 10:00")])

    @app.view("form")
    def submitted(ack: Ack, body: Json, client: WebClient) -> None:
        shown.slow.wait(DEADLINE_S)
        values = body["view"]["state"]["values"]
        name = values["name"]["name"]["value"]
        if name == "Nobody":
            ack(response_action="errors", errors={"name": "Nobody cannot be invited.", "email": "Nor mailed."})
            return
        ack(response_action="update", view=_note(f"Invited {name}"))
        client.chat_postMessage(channel=body["user"]["id"], text=f"Sent to {name}", blocks=card(name))
        client.chat_postMessage(channel="C0SALES001", text=f"{name} booked *Roadmap review*")
        shown.playground.mailbox.send(letter(name))

    @app.event("app_home_opened")
    def home(body: Json, event: Json, client: WebClient) -> None:
        if event["tab"] == "home":
            client.views_publish(user_id=event["user"], view={"type": "home", "blocks": card("Home")})

    return app


def form(count: str) -> Json:
    """Every input in one modal; the count is the only thing that an update changes."""
    clock = datetime.now(UTC).date() + timedelta(days=7)
    return {
        "type": "modal",
        "callback_id": "form",
        "notify_on_close": True,
        "title": _plain("Invite to self-schedule"),
        "submit": _plain("Next"),
        "close": _plain("Cancel"),
        "blocks": [
            {"type": "header", "text": _plain("Set your meeting time frame")},
            {"type": "section", "block_id": "count", "text": _words(f"*{count}*")},
            {"type": "context", "elements": [_words("Times in *New York*. `Tue 1 Dec` ▇▇▇▇▇ 12")]},
            {"type": "alert", "level": "warning", "text": _words("Mateo Silva's calendar cannot be read.")},
            _input("name", "Participant name", _text("name")),
            _input("email", "Email address", {"type": "email_text_input", "action_id": "email"}),
            _input("company", "Company", _text("company"), optional=True, hint="Never guessed."),
            _input("duration", "Duration", _durations(), dispatch=True),
            _input("members", "Team members", _people()),
            _input("date", "Start date", _date(clock.isoformat()), dispatch=True),
            _input("from", "From", {"type": "timepicker", "action_id": "from", "initial_time": "09:00"}),
            _input("days", "Days", _boxes("days", "Mon", "Tue", "Wed", chosen=2)),
            _input("hours", "Respect working hours", _boxes("hours", "Of every Team member", chosen=1), optional=True),
            _input("delivery", "Delivery", _radios("delivery", "Send the email", "Give me the link")),
            _input("time_zone", "Time zone", _zone(), optional=True),
            _input("times", "Times to promote", _times(), optional=True),
            _input("channel", "Notification channel", _channel(), optional=True),
            _input("subject", "Subject", _eager("subject"), dispatch=True, optional=True),
            _input("message", "Personal message", _text("message", multiline=True), optional=True),
            {
                "type": "actions",
                "block_id": "buttons",
                "elements": [
                    _button("back", "Back"),
                    _button("discard", "Discard", style="danger", confirm=_confirm()),
                    _button("push", "More"),
                    _button("link", "Open page", url="https://example.com/"),
                ],
            },
        ],
    }


def card(name: str) -> list[Json]:
    """A message's blocks: text in every style, dates, a button, an overflow menu."""
    now = int(datetime.now(UTC).timestamp())
    return [
        {
            "type": "section",
            "text": _words(
                f"*{name}* · <@U0PRIYARM1> _soon_ ~never~ `code` :tada: <https://example.com|page> &lt;b&gt;\n"
                f"<!date^{now}^{{date_short_pretty}} at {{time}}|fallback>\n> quoted\n• listed"
            ),
            "accessory": {
                "type": "overflow",
                "action_id": "more",
                "options": [_option("Copy link"), _option("Resend")],
            },
        },
        {"type": "divider"},
        {"type": "section", "fields": [_words("*Tracking ID*\nK7D2M9QX"), _words("*Status*\nActive")]},
        {"type": "actions", "elements": [_button("resend", "Resend"), _button("open", "Resume", style="primary")]},
    ]


def letter(name: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Dana Fox via InviteOnce <invites@northwind.example>"
    message["To"] = f"{name} <anna@acme.com>"
    message["Reply-To"] = "dana.fox@northwind.example"
    message["Subject"] = "Dana Fox would like to meet: Roadmap review"
    message["Date"] = datetime.now(UTC)
    message.set_content(f"Hello {name},\n\npick a time: https://example.com/i/abc\n")
    message.add_alternative(
        f"<!doctype html><html><head><title>x</title><script>document.title='ran'</script></head>"
        f"<body><p>Hello <b>{name}</b></p><a href='https://example.com/i/abc'>Tue 1 Dec, 15:00</a></body></html>",
        subtype="html",
    )
    message.add_attachment("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar", filename="invite.ics")
    return message


def _note(text: str) -> Json:
    return {
        "type": "modal",
        "callback_id": "note",
        "title": _plain("Invite to self-schedule"),
        "close": _plain("Done"),
        "blocks": [{"type": "section", "text": _words(text)}],
    }


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def _words(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def _option(text: str) -> Json:
    return {"text": _plain(text), "value": text}


def _input(
    name: str, label: str, element: Json, *, dispatch: bool = False, optional: bool = False, **more: str
) -> Json:
    block = {"type": "input", "block_id": name, "label": _plain(label), "element": element, "optional": optional}
    hint = {"hint": _plain(more["hint"])} if "hint" in more else {}
    return {**block, **hint, "dispatch_action": dispatch}


def _text(name: str, *, multiline: bool = False) -> Json:
    return {"type": "plain_text_input", "action_id": name, "multiline": multiline}


def _eager(name: str) -> Json:
    return {**_text(name), "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}}


def _durations() -> Json:
    common, others = ["30 minutes", "60 minutes"], ["15 minutes", "45 minutes"]
    groups = [("Common", common), ("All", others)]
    return {
        "type": "static_select",
        "action_id": "duration",
        "initial_option": _option("30 minutes"),
        "option_groups": [
            {"label": _plain(name), "options": [_option(o) for o in members]} for name, members in groups
        ],
    }


def _people() -> Json:
    return {
        "type": "multi_users_select",
        "action_id": "members",
        "initial_users": ["U0DANAFOX1"],
        "max_selected_items": 3,
        "placeholder": _plain("Choose people"),
    }


def _date(date: str) -> Json:
    return {"type": "datepicker", "action_id": "date", "initial_date": date}


def _zone() -> Json:
    return {"type": "external_select", "action_id": "time_zone", "min_query_length": 2}


def _times() -> Json:
    return {
        "type": "multi_external_select",
        "action_id": "times",
        "min_query_length": 0,
        "initial_options": [_option("Mon 10:00"), _option("Tue 10:00")],
    }


def _channel() -> Json:
    return {"type": "conversations_select", "action_id": "channel", "filter": {"include": ["public", "private"]}}


def _boxes(name: str, *texts: str, chosen: int) -> Json:
    options = [_option(text) for text in texts]
    return {"type": "checkboxes", "action_id": name, "options": options, "initial_options": options[:chosen]}


def _radios(name: str, *texts: str) -> Json:
    options = [_option(text) for text in texts]
    return {"type": "radio_buttons", "action_id": name, "options": options, "initial_option": options[0]}


def _button(name: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": name, "text": _plain(text), "value": name, **more}


def _confirm() -> Json:
    return {
        "title": _plain("Discard it?"),
        "text": _words("*Nothing* is sent."),
        "confirm": _plain("Discard it"),
        "deny": _plain("Keep it"),
    }
