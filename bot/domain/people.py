"""People of a workspace, as Slack knows them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.ids import ResourceId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Person:
    """A Slack user. `name` is the real name; `time_zone` an IANA name; `locale` like `en-US`."""

    workspace_id: WorkspaceId
    user_id: UserId
    name: str
    email: str
    time_zone: str
    locale: str = "en-US"
    is_admin: bool = False
    is_bot: bool = False
    is_guest: bool = False
    is_external: bool = False
    is_deactivated: bool = False

    @property
    def resource_id(self) -> ResourceId:
        return ResourceId(self.user_id)

    @property
    def may_invite(self) -> bool:
        return not (self.is_bot or self.is_guest or self.is_external or self.is_deactivated)

    @property
    def may_be_member(self) -> bool:
        """Bots and deactivated people cannot be Team members; guests can."""
        return not (self.is_bot or self.is_deactivated)


def departed(workspace_id: WorkspaceId, user_id: UserId) -> Person:
    """Stands in for somebody whom Slack does not know any more, wherever the others have to be named."""
    name = "Somebody who has left Slack"
    return Person(workspace_id, user_id, name, email="", time_zone="UTC", is_deactivated=True)
