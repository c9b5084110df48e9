"""The rows of the outbox about drafts and Invitations, written in the transaction that causes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.delivery import Delivery, DeliveryKind, News
from bot.domain.ids import DeliveryId, UserId
from bot.domain.invitation import DeliveryMethod, Draft, Invitation


def draft_card(draft: Draft, now: datetime) -> Delivery:
    return Delivery.at_once(draft.workspace_id, DeliveryKind.SLACK_DRAFT, draft.id, draft.owner_id, now)


def draft_gone(draft: Draft, now: datetime) -> Iterator[Delivery]:
    """Its card goes with it, if it has one."""
    if draft.card:
        yield replace(draft_card(draft, now), details={"channel": draft.card.channel_id, "ts": draft.card.ts})


def card(invitation: Invitation, now: datetime) -> Delivery:
    return _row(invitation, DeliveryKind.SLACK_CARD, invitation.inviter_id, now)


def changed(invitation: Invitation, now: datetime, *, besides: Iterable[UserId] = ()) -> Iterator[Delivery]:
    """The card in place, and App Home of everybody who sees the Invitation, `besides` among them."""
    yield card(invitation, now)
    for user in dict.fromkeys((invitation.inviter_id, *invitation.member_ids, *besides)):
        yield _row(invitation, DeliveryKind.SLACK_HOME, user, now)


def sent(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    """The first letter is called like the Invitation: every later mail refers to it."""
    yield replace(letter(invitation, now), id=DeliveryId(invitation.id))
    yield from changed(invitation, now)
    yield _row(invitation, DeliveryKind.SLACK_THREAD, invitation.inviter_id, now)


def letter(invitation: Invitation, now: datetime) -> Delivery:
    """To the Customer, or to the inviter what to paste."""
    if invitation.letter.delivery is DeliveryMethod.EMAIL:
        return _row(invitation, DeliveryKind.MAIL_INVITATION, invitation.participant.email, now)
    return news(invitation, News.READY_TO_PASTE, now)


def expired(invitation: Invitation, now: datetime) -> Iterator[Delivery]:
    yield from changed(invitation, now)
    yield news(invitation, News.EXPIRED, now)


def mail_failed(invitation: Invitation, reason: str, now: datetime) -> Iterator[Delivery]:
    yield from changed(invitation, now)
    yield news(invitation, News.FAILED_MAIL, now, {"text": reason})


def news(invitation: Invitation, what: News, now: datetime, details: Mapping[str, str] | None = None) -> Delivery:
    """A DM to the inviter."""
    return _row(invitation, DeliveryKind.SLACK_DM, invitation.inviter_id, now, what, details)


def _row(
    invitation: Invitation,
    kind: DeliveryKind,
    recipient: str,
    now: datetime,
    about: str = "",
    details: Mapping[str, str] | None = None,
) -> Delivery:
    return Delivery.at_once(invitation.workspace_id, kind, invitation.id, recipient, now, about=about, details=details)
