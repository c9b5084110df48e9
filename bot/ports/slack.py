"""Slack, as the services see it: who is who, and telling people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.activity import HomeState, InvitationItem, MeetingItem, Page
from bot.domain.calendar import Connection
from bot.domain.delivery import ConnectionNews, News
from bot.domain.ids import (
    ChannelId,
    UserId,
    WorkspaceId,
)
from bot.domain.invitation import Draft, MessageRef
from bot.domain.people import Person


class Directory(Protocol):
    """Who is who in a workspace; answers may be some minutes old."""

    def person(self, workspace_id: WorkspaceId, user_id: UserId) -> Person:
        """Raises NotFoundError for an unknown user, DeliveryError where Slack cannot be asked."""

    def people(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        """In the order asked. Raises as `person`."""

    def named(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        """As `people`, with a stand-in for whom Slack does not know any more. Raises DeliveryError."""

    def at_hand(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Person]:
        """Those of them for whom Slack need not be asked."""

    def workspace_name(self, workspace_id: WorkspaceId) -> str:
        """As people know it. Raises DeliveryError where Slack cannot be asked."""

    def everybody(self, workspace_id: WorkspaceId) -> tuple[Person, ...]:
        """All people whom Slack lists, bots and deactivated ones too, by name. Raises DeliveryError."""

    def warm(self, workspace_id: WorkspaceId) -> None:
        """Read in the background what `everybody` will want to know, where that has not been read yet."""

    def check_channel(self, workspace_id: WorkspaceId, channel_id: ChannelId | None) -> None:
        """Raises FormError (field `channel`) where a channel was chosen and the app is not in it, or cannot post."""


class Notifier(Protocol):
    """Sends what people read in Slack. Every method raises DeliveryError.

    `delivery_id` becomes the message metadata's id, by which a repeat is recognised.
    """

    def draft_card(self, draft: Draft, count: int | None) -> MessageRef:
        """Post the draft's card, or update the one it has."""

    def discard_card(self, workspace_id: WorkspaceId, card: MessageRef) -> None: ...

    def invitation_card(self, item: InvitationItem, delivery_id: str) -> MessageRef:
        """Post the Invitation's card to the inviter, or update the one it has."""

    def invitation_details(self, item: InvitationItem, card: MessageRef, delivery_id: str) -> None:
        """Post what was sent into the card's thread."""

    def news(
        self, to: UserId, news: News, item: InvitationItem | MeetingItem, delivery_id: str, text: str = ""
    ) -> MessageRef:
        """A new DM. `text` is what the news carries (what to paste, why a mail failed)."""

    def channel_note(self, channel_id: ChannelId, news: News, item: MeetingItem, delivery_id: str) -> None: ...

    def connection_news(
        self, to: UserId, news: ConnectionNews, connection: Connection, system: str, delivery_id: str
    ) -> MessageRef:
        """A new DM about a connection; `system` is the calendar system's name."""

    def home(self, to: Person, state: HomeState, page: Page) -> None:
        """Publish App Home."""
