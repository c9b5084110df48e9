"""Invitations, and who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.domain.ids import InvitationId, UserId, WorkspaceId, token_hash
from bot.domain.invitation import Invitation, InvitationStatus, MessageRef
from bot.domain.pools import Pool
from storage.prepared import Prepared, PreparedWrite
from storage.records import Records, table_of
from storage.tables import InvitationMemberRow, InvitationPoolRow, InvitationRow

INVITATIONS = Records(Invitation, InvitationRow)
_ROW = INVITATIONS.table.c
_MEMBERS, _POOLS = table_of(InvitationMemberRow), table_of(InvitationPoolRow)
_BY_TOKEN = Prepared(INVITATIONS.select().where(_ROW.token_hash == bindparam("hash")))
_BY_ID = Prepared(INVITATIONS.select().where(_ROW.id == bindparam("which")))
_TRANSITION = PreparedWrite(
    update(INVITATIONS.table)
    .where(_ROW.id == bindparam("which"), _ROW.status == bindparam("before"))
    .values(status=bindparam("after"))
)
_BOOK = PreparedWrite(
    update(INVITATIONS.table)
    .where(
        _ROW.id == bindparam("which"),
        _ROW.status == InvitationStatus.ACTIVE,
        _ROW.revision == bindparam("read"),
    )
    .values(status=InvitationStatus.SCHEDULED)
)
_MARK_OPENED = PreparedWrite(
    update(INVITATIONS.table)
    .where(_ROW.id == bindparam("which"), _ROW.opened_at.is_(None))
    .values(opened_at=bindparam("at"))
)
_NEWEST_FIRST = (_ROW.created_at.desc(), _ROW.id)


class Invitations:
    """`bot.ports.InvitationRepository`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, invitation: Invitation) -> None:
        row = INVITATIONS.parameters(invitation)
        row |= {"token_hash": token_hash(invitation.token), "email": invitation.participant.email.casefold()}
        self._connection.execute(insert(INVITATIONS.table), row)
        self._add_members(invitation, invitation.member_ids)
        if pools := [{"invitation_id": invitation.id, "pool_id": pool_id} for pool_id in invitation.details.pool_ids]:
            self._connection.execute(insert(_POOLS), pools)

    def get(self, invitation_id: InvitationId) -> Invitation | None:
        return INVITATIONS.one(self._connection, _BY_ID, which=invitation_id)

    def by_token(self, token: str) -> Invitation | None:
        return INVITATIONS.one(self._connection, _BY_TOKEN, hash=token_hash(token))

    def by_tracking_id(self, workspace_id: WorkspaceId, tracking_id: str) -> Invitation | None:
        return self._find(and_(_ROW.workspace_id == workspace_id, _ROW.tracking_id == tracking_id))

    def transition(self, invitation_id: InvitationId, before: InvitationStatus, after: InvitationStatus) -> bool:
        given = {"which": invitation_id, "before": before, "after": after}
        return _TRANSITION.run(self._connection, given) == 1

    def book(self, invitation: Invitation) -> bool:
        return _BOOK.run(self._connection, {"which": invitation.id, "read": invitation.revision}) == 1

    def mark_sent(self, invitation_id: InvitationId, at: datetime) -> None:
        self._change(_ROW.id == invitation_id, sent_at=func.coalesce(_ROW.sent_at, at), bounced_reason="")

    def mark_opened(self, invitation_id: InvitationId, at: datetime) -> bool:
        return _MARK_OPENED.run(self._connection, {"which": invitation_id, "at": at}) == 1

    def mark_bounced(self, invitation_id: InvitationId, reason: str) -> None:
        self._change(_ROW.id == invitation_id, bounced_reason=reason)

    def set_card(self, invitation_id: InvitationId, card: MessageRef | None) -> None:
        self._change(_ROW.id == invitation_id, card=card)

    def with_card(self, workspace_id: WorkspaceId, card: MessageRef) -> Invitation | None:
        return self._find(and_(_ROW.workspace_id == workspace_id, _ROW.card == card))

    def active_for(self, workspace_id: WorkspaceId, email: str, *, visible_to: UserId | None) -> Sequence[Invitation]:
        wanted = (
            _ROW.workspace_id == workspace_id,
            _ROW.email == email.casefold(),
            _ROW.status == InvitationStatus.ACTIVE,
            *_visible(workspace_id, visible_to),
        )
        return INVITATIONS.all(self._connection, INVITATIONS.select().where(*wanted).order_by(*_NEWEST_FIRST))

    def waiting_for(self, pool: Pool) -> Sequence[Invitation]:
        with_seat = select(_POOLS.c.invitation_id).where(_POOLS.c.pool_id == pool.id)
        # In one order everywhere, so that the changes of two pools do not wait for each other.
        statement = (
            INVITATIONS.select()
            .where(
                _ROW.workspace_id == pool.workspace_id,
                _ROW.status == InvitationStatus.ACTIVE,
                _ROW.id.in_(with_seat),
            )
            .order_by(_ROW.id)
            .with_for_update(key_share=True)
        )
        return INVITATIONS.all(self._connection, statement)

    def reseat(self, invitation: Invitation) -> bool:
        still = and_(_ROW.id == invitation.id, _ROW.status == InvitationStatus.ACTIVE)
        if not self._change(still, details=invitation.details, revision=_ROW.revision + 1):
            return False
        is_its = _MEMBERS.c.invitation_id == invitation.id
        before = set(self._connection.scalars(select(_MEMBERS.c.user_id).where(is_its)))
        if gone := before.difference(invitation.member_ids):
            self._connection.execute(delete(_MEMBERS).where(is_its, _MEMBERS.c.user_id.in_(gone)))
        self._add_members(invitation, [user_id for user_id in invitation.member_ids if user_id not in before])
        return True

    def active(self, *, after: InvitationId | None, limit: int) -> Sequence[Invitation]:
        statement = INVITATIONS.select().where(_ROW.status == InvitationStatus.ACTIVE)
        if after is not None:
            statement = statement.where(_ROW.id > after)
        return INVITATIONS.all(self._connection, statement.order_by(_ROW.id).limit(limit))

    def due_to_expire(self, now: datetime, limit: int) -> Sequence[Invitation]:
        statement = (
            INVITATIONS.select()
            .where(_ROW.status == InvitationStatus.ACTIVE, _ROW.expires_at <= now)
            .order_by(_ROW.expires_at, _ROW.id)
        )
        return INVITATIONS.all(self._connection, statement.limit(limit))

    def page(
        self,
        workspace_id: WorkspaceId,
        *,
        visible_to: UserId | None,
        statuses: Sequence[InvitationStatus],
        offset: int,
        limit: int,
    ) -> tuple[Sequence[Invitation], int]:
        wanted = (
            _ROW.workspace_id == workspace_id,
            _ROW.status.in_(statuses),
            *_visible(workspace_id, visible_to),
        )
        total = self._connection.scalar(select(func.count()).select_from(INVITATIONS.table).where(*wanted)) or 0
        statement = INVITATIONS.select().where(*wanted).order_by(*_NEWEST_FIRST).offset(offset).limit(limit)
        return INVITATIONS.all(self._connection, statement), total

    def _add_members(self, invitation: Invitation, user_ids: Sequence[UserId]) -> None:
        members = [{"invitation_id": invitation.id, "user_id": user_id} for user_id in user_ids]
        if members:
            self._connection.execute(insert(_MEMBERS), members)

    def _find(self, condition: ColumnElement[bool]) -> Invitation | None:
        return INVITATIONS.one(self._connection, INVITATIONS.select().where(condition))

    def _change(self, condition: ColumnElement[bool], **values: object) -> bool:
        return self._connection.execute(update(INVITATIONS.table).where(condition).values(values)).rowcount == 1


def _visible(workspace_id: WorkspaceId, user_id: UserId | None) -> tuple[ColumnElement[bool], ...]:
    """What narrows Invitations to those this user created or may be assigned to; nothing for None."""
    if user_id is None:
        return ()
    as_member = select(_MEMBERS.c.invitation_id).where(_MEMBERS.c.user_id == user_id)
    return (or_(_ROW.inviter_id == user_id, _ROW.id.in_(as_member)),)
