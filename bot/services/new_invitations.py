"""The Invitation that a draft becomes, whoever picks the time: the Customer, or the User on their behalf."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain import wizard
from bot.domain.ids import InvitationId, TrackingId, WorkspaceId, new_id, new_link_token, new_tracking_id
from bot.domain.invitation import Details, Draft, Invitation, InvitationStatus, Letter, SlotRules
from bot.domain.slots import last_start
from bot.ports import UnitOfWork


def invitation_of(
    draft: Draft, details: Details, rules: SlotRules, letter: Letter, status: InvitationStatus, now: datetime
) -> Invitation:
    """A new one with a link of its own. Raises FormError where the draft does not say who is invited."""
    invitation = Invitation(
        id=InvitationId(new_id()),
        workspace_id=draft.workspace_id,
        tracking_id=new_tracking_id(),
        inviter_id=draft.owner_id,
        participant=wizard.participant(draft.fields),
        details=details,
        rules=rules,
        letter=letter,
        status=status,
        token=new_link_token(),
        created_at=now,
        expires_at=now,
    )
    last = last_start(invitation.search)
    return replace(invitation, expires_at=last - rules.notice if last else now)


def free_tracking_id(unit: UnitOfWork, workspace_id: WorkspaceId) -> TrackingId:
    """A new one that nothing in the workspace has."""
    while unit.invitations.by_tracking_id(workspace_id, candidate := new_tracking_id()):
        continue
    return candidate
