"""Who is acting."""

from __future__ import annotations

from slack_bolt import BoltContext

from bot.domain.ids import UserId, WorkspaceId
from bot.domain.people import Person
from bot.services import Services


def person_of(services: Services, context: BoltContext) -> Person:
    """The Slack user behind a request. Raises NotFoundError, DeliveryError."""
    assert context.team_id and context.user_id, "every request that listeners take names its user"
    return services.directory.person(WorkspaceId(context.team_id), UserId(context.user_id))
