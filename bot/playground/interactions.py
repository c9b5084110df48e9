"""What a person does at the page, told to the app as Slack would tell it."""

from __future__ import annotations

from bot.playground import payloads
from bot.playground.app_link import Answer, AppLink, Events, NoAnswerError
from bot.playground.block_kit import JSON, elements_of
from bot.playground.cast import CHANNELS
from bot.playground.conversations import Conversations
from bot.playground.inputs import Values, chosen_options, entry_of, initial_values
from bot.playground.installation import Installation
from bot.playground.payloads import Surface
from bot.playground.refusal import HintError, RefusalError
from bot.playground.responses import Responses
from bot.playground.story import Story
from bot.playground.submissions import TROUBLE
from bot.playground.views import Views, view_json


class Interactions:
    """Commands, shortcuts, block actions, messages and Home. Raises HintError with a text for the person."""

    def __init__(
        self,
        story: Story,
        views: Views,
        conversations: Conversations,
        responses: Responses,
        app: AppLink,
        events: Events,
        installation: Installation,
    ) -> None:
        self._story = story
        self._views = views
        self._conversations = conversations
        self._responses = responses
        self._app = app
        self._events = events
        self._installation = installation
        self._on_messages: dict[tuple[str, str, str], tuple[Values, dict[str, list[JSON]]]] = {}
        """What people have entered in messages: by user, channel and ts."""

    def command(self, user_id: str, channel_id: str, text: str) -> None:
        """Whatever begins with `/`. Slack never shows it to anybody else."""
        name, _, rest = text.strip().partition(" ")
        channel_id = self._present(user_id, channel_id)
        command = self._installation.commands.get(name)
        if command is None:
            self._conversations.tell(user_id, channel_id, f"{name} is not a valid command here.")
            return
        trigger_id = self._views.new_trigger(user_id, conversation_id=channel_id)
        url = self._responses.new_url(user_id, channel_id)
        fields = payloads.command(command, rest.strip(), user_id, channel_id, trigger_id, url)
        try:
            answer = self._app.command(fields)
        except NoAnswerError as error:
            failure = "operation_timeout" if error.reason == "http_timeout" else "dispatch_failed"
            self._conversations.tell(user_id, channel_id, f"{name} failed with the error “{failure}”")
            return
        if not answer.is_ok:
            failed = f"{name} failed with the error “dispatch_failed” (HTTP {answer.status})"
            self._conversations.tell(user_id, channel_id, failed)
        elif answer.body.strip():
            self._answer_command(user_id, channel_id, answer)

    def _answer_command(self, user_id: str, channel_id: str, answer: Answer) -> None:
        try:
            body = answer.json() if answer.content_type.startswith("application/json") else {"text": answer.body}
            if body:
                self._responses.answer(user_id, channel_id, None, body)
        except (RefusalError, ValueError) as error:
            self._story.report(f"The answer to a command was refused: {error}")

    def shortcut(self, user_id: str, callback_id: str) -> None:
        shortcut = self._installation.shortcuts.get(callback_id)
        if shortcut is None or shortcut.kind != "global":
            raise HintError("There is no such shortcut.")
        trigger_id = self._views.new_trigger(user_id)
        self._tell_app(payloads.shortcut(shortcut, user_id, trigger_id, self._story.new_ts()))

    def message_shortcut(self, user_id: str, callback_id: str, channel_id: str, ts: str) -> None:
        shortcut = self._installation.shortcuts.get(callback_id)
        message = self._story.message(self._present(user_id, channel_id), ts)
        if shortcut is None or shortcut.kind != "message" or message is None or message.seen_by is not None:
            raise HintError("That message has no such shortcut.")
        trigger_id = self._views.new_trigger(user_id, conversation_id=message.channel_id)
        url = self._responses.new_url(user_id, message.channel_id, ts)
        action_ts = self._story.new_ts()
        self._tell_app(payloads.message_action(shortcut, user_id, message, trigger_id, action_ts, url))

    def say(self, user_id: str, channel_id: str, text: str, thread_ts: str | None) -> str:
        """The new message's ts."""
        channel_id = self._present(user_id, channel_id)
        if not text.strip():
            raise HintError("Type something first.")
        if thread_ts and self._story.message(channel_id, thread_ts) is None:
            raise HintError("That thread is gone.")
        message = self._conversations.say(user_id, channel_id, text, thread_ts)
        event = {
            "type": "message",
            "user": user_id,
            "text": message.text,
            "ts": message.ts,
            "channel": channel_id,
            "event_ts": message.ts,
        }
        if thread_ts:
            event["thread_ts"] = thread_ts
        if channel_id not in CHANNELS:
            self._events.send("message.im", {**event, "channel_type": "im"})
        elif channel_id in self._story.joined:
            self._events.send("message.channels", {**event, "channel_type": "channel"})
        return message.ts

    def open_home(self, user_id: str, tab: str) -> None:
        if tab not in {"home", "messages"}:
            raise HintError("There are two tabs: home and messages.")
        event: JSON = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": self._story.dm_of(user_id),
            "tab": tab,
            "event_ts": self._story.new_ts(),
        }
        home = self._story.views.get(self._story.homes.get(user_id, ""))
        if tab == "home" and home is not None:
            event["view"] = view_json(home)
        self._events.send("app_home_opened", event)

    def add_app(self, user_id: str, channel_id: str) -> None:
        """Make the app a member of a channel, as `/invite @InviteOnce` does in Slack."""
        if self._present(user_id, channel_id) not in CHANNELS:
            raise HintError("The app can be added to channels only.")
        with self._story.lock:
            self._story.joined.add(channel_id)
            self._story.touch_all()

    # ---- blocks

    def surface(self, user_id: str, where: JSON) -> Surface:
        """The view or message with these blocks, for this person. Raises HintError where it is gone."""
        if "view_id" in where:
            view = self._story.views.get(str(where["view_id"]))
            if view is None or view.user_id != user_id:
                raise HintError("This view is closed.")
            return Surface(user_id, view.body["blocks"], view.values, view.offered, view=view)
        channel_id = self._present(user_id, str(where.get("channel")))
        message = self._story.message(channel_id, str(where.get("ts")))
        if message is None or not message.is_visible_to(user_id):
            raise HintError("This message is gone.")
        key = (user_id, channel_id, message.ts)
        kept, offered = self._on_messages.get(key, ({}, {}))
        values = initial_values(message.blocks, kept=kept, conversation_id=channel_id)
        self._on_messages[key] = values, offered
        return Surface(user_id, message.blocks, values, offered, message=message)

    def enter(self, user_id: str, where: JSON, block_id: str, action_id: str, value: JSON) -> None:
        """Keep what was typed or chosen; the app hears of it with the next request."""
        with self._story.lock:
            surface = self.surface(user_id, where)
            _, element = element_in(surface.blocks, block_id, action_id)
            self._enter(surface, block_id, element, value)

    def act(self, user_id: str, where: JSON, block_id: str, action_id: str, value: JSON) -> None:
        """Keep it, and send `block_actions`."""
        with self._story.lock:
            surface = self.surface(user_id, where)
            block, element = element_in(surface.blocks, block_id, action_id)
            if block["type"] == "input" and not block.get("dispatch_action"):
                raise HintError("This field tells the app nothing before the form is submitted.")
            action = self._action(surface, block_id, element, value)
            message = surface.message
            url = self._responses.new_url(user_id, message.channel_id, message.ts) if message else None
            trigger_id = self._views.new_trigger(
                user_id,
                from_modal=surface.view is not None and surface.view.body["type"] == "modal",
                conversation_id=message.channel_id if message else None,
            )
            payload = payloads.block_actions(surface, action, trigger_id, url)
        self._tell_app(payload)

    def _action(self, surface: Surface, block_id: str, element: JSON, value: JSON) -> JSON:
        action: JSON = {
            "type": element["type"],
            "block_id": block_id,
            "action_id": element["action_id"],
            "action_ts": self._story.new_ts(),
        }
        if element["type"] == "button":
            return action | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        if element["type"] == "overflow":
            chosen = value.get("selected_option") or {}
            options = [option for option in element["options"] if option["value"] == chosen.get("value")]
            if not options:
                raise HintError("That option is not offered.")
            return action | {"selected_option": options[0]}
        return action | self._enter(surface, block_id, element, value)

    def _enter(self, surface: Surface, block_id: str, element: JSON, value: JSON) -> JSON:
        key = f"{block_id} {element['action_id']}"
        # What is chosen already, preset by the app or not, may stay among several.
        offered = [*surface.offered.get(key, ()), *chosen_options(surface.values[block_id][element["action_id"]])]
        try:
            entry = entry_of(element, _part(value), offered)
        except (KeyError, ValueError) as error:
            raise HintError(str(error)) from error
        surface.values[block_id][element["action_id"]] = entry
        if surface.view is not None:
            self._story.touch(surface.user_id)
        return entry

    def _tell_app(self, payload: JSON) -> None:
        try:
            answer = self._app.interaction(payload)
        except NoAnswerError as error:
            raise HintError(TROUBLE) from error
        if not answer.is_ok:
            raise HintError(TROUBLE)

    def _present(self, user_id: str, channel_id: str) -> str:
        """The conversation, if this person is in it."""
        if channel_id in CHANNELS or self._story.dm_of(user_id) == channel_id:
            return channel_id
        raise HintError("There is no such conversation.")


def _part(value: JSON) -> JSON:
    """What the page entered, without what only names the element."""
    return {key: part for key, part in value.items() if key not in {"type", "block_id", "action_id", "action_ts"}}


def element_in(blocks: list[JSON], block_id: str, action_id: str) -> tuple[JSON, JSON]:
    """The block and its element. Raises HintError where they are gone."""
    for block in blocks:
        if block["block_id"] == block_id:
            for element, _ in elements_of(block):
                if element.get("action_id") == action_id:
                    return block, element
    raise HintError("This has changed in the meantime.")
