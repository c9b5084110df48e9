"""The Web API's methods that an app like ours uses, each with Slack's arguments, scopes and answers."""

from __future__ import annotations

from collections.abc import Mapping

from bot.playground.block_kit import JSON
from bot.playground.cast import (
    ACTORS,
    BOT_ID,
    BOT_USER_ID,
    CAST,
    CHANNELS,
    TEAM_ID,
    TEAM_NAME,
    Actor,
)
from bot.playground.conversations import Conversations, message_json
from bot.playground.descriptions import channel_json, dm_json, page_of, user_json
from bot.playground.installation import Installation
from bot.playground.refusal import RefusalError
from bot.playground.story import Story
from bot.playground.views import Views, view_json
from bot.playground.web_api import Arguments, Method


class Methods:
    """Everything by method name in `table`."""

    def __init__(
        self, story: Story, views: Views, conversations: Conversations, installation: Installation, base_url: str
    ) -> None:
        self._story = story
        self._views = views
        self._conversations = conversations
        self._installation = installation
        self._base_url = base_url.rstrip("/")

    @property
    def table(self) -> Mapping[str, Method]:
        return {
            "api.test": lambda _: {},
            "auth.test": self._auth_test,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
            "chat.postMessage": self._post_message,
            "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update_message,
            "chat.delete": self._delete_message,
            "chat.getPermalink": self._permalink,
            "users.info": self._user,
            "users.list": self._users,
            "users.conversations": self._own_conversations,
            "conversations.info": self._conversation,
            "conversations.list": self._all_conversations,
            "conversations.open": self._open_dm,
            "conversations.members": self._members,
        }

    def _auth_test(self, _: Arguments) -> JSON:
        return {
            "url": f"{self._base_url}/",
            "team": TEAM_NAME,
            "user": ACTORS[BOT_USER_ID].name,
            "team_id": TEAM_ID,
            "user_id": BOT_USER_ID,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    # ---- views

    def _views_open(self, given: Arguments) -> JSON:
        return {"view": view_json(self._views.open(given.text("trigger_id"), given.json("view")))}

    def _views_push(self, given: Arguments) -> JSON:
        return {"view": view_json(self._views.push(given.text("trigger_id"), given.json("view")))}

    def _views_update(self, given: Arguments) -> JSON:
        view_id, external_id = given.maybe("view_id"), given.maybe("external_id")
        if not view_id and not external_id:
            raise RefusalError("invalid_arguments", ["[ERROR] missing required field: view_id"])
        view = self._views.update(
            given.json("view"), view_id=view_id, external_id=external_id, known_hash=given.maybe("hash")
        )
        return {"view": view_json(view)}

    def _views_publish(self, given: Arguments) -> JSON:
        if not self._installation.has_home:
            raise RefusalError("not_enabled")
        view = self._views.publish(given.text("user_id"), given.json("view"), given.maybe("hash"))
        return {"view": view_json(view)}

    # ---- messages

    def _post_message(self, given: Arguments) -> JSON:
        self._installation.require("chat:write")
        channel = given.text("channel")
        if not self._installation.has_messages_tab and channel not in CHANNELS:
            raise RefusalError("messages_tab_disabled")
        message = self._conversations.post(
            channel,
            text=given.maybe("text") or "",
            blocks=given.json("blocks"),
            thread_ts=given.maybe("thread_ts"),
            metadata=given.json("metadata"),
        )
        return {"channel": message.channel_id, "ts": message.ts, "message": message_json(message)}

    def _post_ephemeral(self, given: Arguments) -> JSON:
        self._installation.require("chat:write")
        message = self._conversations.post(
            given.text("channel"),
            text=given.maybe("text") or "",
            blocks=given.json("blocks"),
            thread_ts=given.maybe("thread_ts"),
            seen_by=given.text("user"),
        )
        return {"message_ts": message.ts}

    def _update_message(self, given: Arguments) -> JSON:
        self._installation.require("chat:write")
        message = self._conversations.update(
            given.text("channel"),
            given.text("ts"),
            text=given.maybe("text"),
            blocks=given.json("blocks"),
            metadata=given.json("metadata"),
        )
        return {
            "channel": message.channel_id,
            "ts": message.ts,
            "text": message.text,
            "message": message_json(message),
        }

    def _delete_message(self, given: Arguments) -> JSON:
        self._installation.require("chat:write")
        channel, ts = given.text("channel"), given.text("ts")
        self._conversations.delete(channel, ts)
        return {"channel": self._conversations.find(channel), "ts": ts}

    def _permalink(self, given: Arguments) -> JSON:
        channel_id, ts = self._conversations.find(given.text("channel")), given.text("message_ts")
        if self._story.message(channel_id, ts) is None:
            raise RefusalError("message_not_found")
        permalink = f"{self._base_url}/archives/{channel_id}/p{ts.replace('.', '')}"
        return {"channel": channel_id, "permalink": permalink}

    # ---- people and conversations

    def _user(self, given: Arguments) -> JSON:
        self._installation.require("users:read")
        actor = ACTORS.get(given.text("user"))
        if actor is None:
            raise RefusalError("user_not_found")
        return {"user": self._user_json(actor, with_locale=given.flag("include_locale"))}

    def _users(self, given: Arguments) -> JSON:
        self._installation.require("users:read")
        page, cursor = page_of(CAST, given)
        members = [self._user_json(actor, with_locale=given.flag("include_locale")) for actor in page]
        return {"members": members, "response_metadata": {"next_cursor": cursor}}

    def _conversation(self, given: Arguments) -> JSON:
        channel_id = given.text("channel")
        if channel_id in ACTORS:
            raise RefusalError("channel_not_found")
        return {"channel": self._readable(self._conversations.find(channel_id))}

    def _all_conversations(self, given: Arguments) -> JSON:
        types = (given.maybe("types") or "public_channel").split(",")
        ids: list[str] = []
        if "public_channel" in types:
            self._installation.require("channels:read")
            ids += [c.id for c in CHANNELS.values() if not c.is_private]
        if "private_channel" in types:
            self._installation.require("groups:read")
            ids += [c.id for c in CHANNELS.values() if c.is_private and c.id in self._story.joined]
        if "im" in types:
            self._installation.require("im:read")
            ids += self._story.dms.values()
        page, cursor = page_of(ids, given)
        channels = [self._conversation_json(channel_id) for channel_id in page]
        return {"channels": channels, "response_metadata": {"next_cursor": cursor}}

    def _own_conversations(self, given: Arguments) -> JSON:
        found = self._all_conversations(given)
        if given.maybe("user") in (None, "", BOT_USER_ID):
            mine = self._story.joined | set(self._story.dms.values())
            found["channels"] = [channel for channel in found["channels"] if channel["id"] in mine]
        return found

    def _open_dm(self, given: Arguments) -> JSON:
        self._installation.require("im:write")
        users = [user for user in given.text("users").split(",") if user]
        if len(users) != 1:
            raise RefusalError(
                "missing_scope", needed="mpim:write", provided=",".join(sorted(self._installation.scopes))
            )
        if users[0] not in ACTORS:
            raise RefusalError("user_not_found")
        known = users[0] in self._story.dms
        channel_id = self._conversations.find(users[0])
        channel = self._conversation_json(channel_id) if given.flag("return_im") else {"id": channel_id}
        return {"channel": channel} | ({"no_op": True, "already_open": True} if known else {})

    def _members(self, given: Arguments) -> JSON:
        channel_id = self._conversations.find(given.text("channel"))
        self._readable(channel_id)
        people = list(self._story.readers_of(channel_id))
        app_is_there = channel_id not in CHANNELS or channel_id in self._story.joined
        page, cursor = page_of([*people, *([BOT_USER_ID] if app_is_there else [])], given)
        return {"members": list(page), "response_metadata": {"next_cursor": cursor}}

    def _readable(self, channel_id: str) -> JSON:
        """The conversation, where the scopes let the app see it."""
        if channel_id not in CHANNELS:
            self._installation.require("im:read")
        elif CHANNELS[channel_id].is_private:
            self._installation.require("groups:read")
            if channel_id not in self._story.joined:
                raise RefusalError("channel_not_found")
        else:
            self._installation.require("channels:read")
        return self._conversation_json(channel_id)

    def _conversation_json(self, channel_id: str) -> JSON:
        if channel_id in CHANNELS:
            return channel_json(CHANNELS[channel_id], is_member=channel_id in self._story.joined)
        return dm_json(channel_id, self._story.dm_owner(channel_id))

    def _user_json(self, actor: Actor, *, with_locale: bool) -> JSON:
        may_read_email = "users:read.email" in self._installation.scopes
        return user_json(actor, self._story.now(), with_locale=with_locale, with_email=may_read_email)
