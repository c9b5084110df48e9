"""What people read in Slack: cards, news, channel notes and App Home, sent through the Web API."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata

from blocks import connection_news as connection_messages
from blocks import home, messages
from blocks.message import Message
from blocks.thread import invitation_details
from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page
from bot.domain.calendar import Connection
from bot.domain.delivery import ConnectionNews, News
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.invitation import Draft, MessageRef
from bot.domain.people import Person
from bot.ports import Clock
from bot.slack.directory import ClientOf
from bot.slack.errors import error_code, translated

METADATA_TYPE = "inviteonce"
_GONE = frozenset({"message_not_found", "cant_update_message"})
"""The card was deleted, or belongs to an earlier installation of the app: a new one takes its place."""


class SlackNotifier:
    """`bot.ports.Notifier` over chat.* and views.publish. Sends once per call; trying again is the outbox's."""

    def __init__(self, client_of: ClientOf, clock: Clock) -> None:
        self._client_of = client_of
        self._clock = clock

    def draft_card(self, draft: Draft, count: int | None) -> MessageRef:
        message = messages.draft_card(draft, count)
        return self._show(draft.workspace_id, draft.owner_id, draft.card, message, f"draft-{draft.id}")

    def discard_card(self, workspace_id: WorkspaceId, card: MessageRef) -> None:
        with translated(self._clock):
            try:
                self._client_of(workspace_id).chat_delete(channel=card.channel_id, ts=card.ts)
            except SlackApiError as exc:
                if error_code(exc) != "message_not_found":
                    raise

    def invitation_card(self, item: InvitationItem, delivery_id: str) -> MessageRef:
        invitation = item.invitation
        message = messages.invitation_card(item)
        return self._show(invitation.workspace_id, invitation.inviter_id, invitation.card, message, delivery_id)

    def invitation_details(self, item: InvitationItem, card: MessageRef, delivery_id: str) -> None:
        message = invitation_details(item)
        with translated(self._clock):
            self._post(item.invitation.workspace_id, card.channel_id, message, delivery_id, thread_ts=card.ts)

    def news(
        self, to: UserId, news: News, item: InvitationItem | MeetingItem, delivery_id: str, text: str = ""
    ) -> MessageRef:
        message = messages.news(to, news, item, text)
        with translated(self._clock):
            return self._post(item.invitation.workspace_id, to, message, delivery_id)

    def channel_note(self, channel_id: ChannelId, news: News, item: MeetingItem, delivery_id: str) -> None:
        message = messages.channel_note(news, item)
        with translated(self._clock):
            self._post(item.invitation.workspace_id, channel_id, message, delivery_id)

    def connection_news(
        self, to: UserId, news: ConnectionNews, connection: Connection, system: str, delivery_id: str
    ) -> MessageRef:
        message = connection_messages.connection_news(news, connection, system)
        with translated(self._clock):
            return self._post(connection.workspace_id, to, message, delivery_id)

    def home(self, to: Person, state: HomeState, page: Page) -> None:
        view = home.home_view(to, state, page)
        with translated(self._clock):
            self._client_of(to.workspace_id).views_publish(user_id=to.user_id, view=view.to_dict())

    def _show(
        self, workspace_id: WorkspaceId, owner_id: UserId, card: MessageRef | None, message: Message, delivery_id: str
    ) -> MessageRef:
        with translated(self._clock):
            if card is not None and self._update(workspace_id, card, message, delivery_id):
                return card
            return self._post(workspace_id, owner_id, message, delivery_id)

    def _update(self, workspace_id: WorkspaceId, card: MessageRef, message: Message, delivery_id: str) -> bool:
        """False where there is no such message any more."""
        try:
            self._client_of(workspace_id).chat_update(
                channel=card.channel_id,
                ts=card.ts,
                text=message.text,
                blocks=message.block_dicts(),
                metadata=_metadata(delivery_id),
            )
        except SlackApiError as exc:
            if error_code(exc) in _GONE:
                return False
            raise
        return True

    def _post(
        self,
        workspace_id: WorkspaceId,
        to: UserId | ChannelId,
        message: Message,
        delivery_id: str,
        *,
        thread_ts: str | None = None,
    ) -> MessageRef:
        """Post to a channel or one of its threads, or to a person's direct messages with the app."""
        answer = self._client_of(workspace_id).chat_postMessage(
            channel=to,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.block_dicts(),
            unfurl_links=False,
            unfurl_media=False,
            metadata=_metadata(delivery_id),
        )
        return MessageRef(ChannelId(str(answer["channel"])), str(answer["ts"]))


def _metadata(delivery_id: str) -> Metadata:
    """What a repeat is recognised by."""
    return Metadata(event_type=METADATA_TYPE, event_payload={"id": delivery_id})
