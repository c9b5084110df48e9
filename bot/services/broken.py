"""Connections that break or are removed: said at once to everybody whom it concerns; to the owner of a broken one again
until it is mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.delivery import ConnectionNews, Delivery, DeliveryKind, News
from bot.domain.ids import ResourceId
from bot.domain.invitation import Invitation, InvitationStatus
from bot.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.services import invitation_rows

FIRST_REMINDER = timedelta(hours=24)
LATER_REMINDERS = timedelta(days=7)
_BATCH = 100


def mark_broken(unit: UnitOfWork, connection: Connection, now: datetime) -> None:
    """Store that the connection is BROKEN, and tell its owner and the inviters who wait for it; once."""
    if connection.state is ConnectionState.BROKEN:
        return
    unit.connections.put(replace(connection, state=ConnectionState.BROKEN, remind_at=now + FIRST_REMINDER))
    waiting = waiting_invitations(unit, connection)
    forget_readings(unit, connection, waiting)
    unit.outbox.add(told(connection, ConnectionNews.BROKEN, now), *refreshed(connection, waiting, now))
    by_others = [invitation for invitation in waiting if invitation.inviter_id != connection.user_id]
    unit.outbox.add(*_inviters_told(by_others, News.BROKEN_CALENDAR, now))  # the owner has a message that says more


def note_removal(unit: UnitOfWork, connection: Connection, now: datetime) -> None:
    """Tell the inviters who wait for a connection that is being removed on purpose, unless they have been told that it
    is broken. Whoever removes it hears of their own Invitations too: nothing else says what becomes of them."""
    waiting = waiting_invitations(unit, connection)
    forget_readings(unit, connection, waiting)
    unit.outbox.add(*refreshed(connection, waiting, now))
    if connection.state is not ConnectionState.BROKEN:
        unit.outbox.add(*_inviters_told(waiting, News.REMOVED_CALENDAR, now))


def waiting_invitations(unit: UnitOfWork, connection: Connection) -> tuple[Invitation, ...]:
    """Open Invitations that offer no time, or fewer, while what is read through it is unreadable; newest first."""
    resources = frozenset(_read_through(unit, connection))
    has_rooms = len(resources) > 1
    found: list[Invitation] = []
    while True:
        page, total = unit.invitations.page(
            connection.workspace_id,
            visible_to=None if has_rooms else connection.user_id,
            statuses=(InvitationStatus.ACTIVE,),
            offset=len(found),
            limit=_BATCH,
        )
        found.extend(page)
        if not page or len(found) >= total:
            break
    colleagues = _colleagues(unit, connection, found)
    return tuple(
        invitation
        for invitation in found
        if _needs(invitation, resources)
        or (invitation.inviter_id == connection.user_id and _needs(invitation, colleagues))
    )


def forget_readings(unit: UnitOfWork, connection: Connection, waiting: Sequence[Invitation]) -> None:
    """Of everybody and everything read through it: they are to be read anew. `waiting` are its waiting Invitations."""
    colleagues = _colleagues(unit, connection, waiting)
    unit.busy_cache.forget(connection.workspace_id, [*_read_through(unit, connection), *colleagues])


def _needs(invitation: Invitation, resources: frozenset[ResourceId]) -> bool:
    return any(not resources.isdisjoint(candidates) for candidates in invitation.details.requirements)


def _colleagues(unit: UnitOfWork, connection: Connection, among: Sequence[Invitation]) -> frozenset[ResourceId]:
    """Who has connected no calendar, and is read through its owner's in the Invitations that they have sent."""
    sent = (invitation for invitation in among if invitation.inviter_id == connection.user_id)
    members = sorted({user_id for invitation in sent for user_id in invitation.member_ids})
    own = unit.connections.of_users(connection.workspace_id, members) if members else {}
    return frozenset(ResourceId(user_id) for user_id in members if not own[user_id])


def _read_through(unit: UnitOfWork, connection: Connection) -> tuple[ResourceId, ...]:
    """Whose times are known by the connection: its owner's, and those of the Rooms that they have added with it."""
    rooms = unit.rooms.of_workspace(connection.workspace_id)
    return (
        ResourceId(connection.user_id),
        *(room.id for room in rooms if room.connection_id == connection.id),
    )


def _inviters_told(waiting: Sequence[Invitation], news: News, now: datetime) -> Iterator[Delivery]:
    """One DM for each inviter, about the newest of their Invitations; `waiting` begins with the newest."""
    newest_of = {invitation.inviter_id: invitation for invitation in reversed(waiting)}
    for invitation in newest_of.values():
        yield invitation_rows.news(invitation, news, now)


def told(connection: Connection, news: ConnectionNews, now: datetime) -> Delivery:
    """A DM about the connection to its owner."""
    kind = DeliveryKind.SLACK_CONNECTION
    return Delivery.at_once(connection.workspace_id, kind, connection.id, connection.user_id, now, about=news)


def refreshed(connection: Connection, waiting: tuple[Invitation, ...], now: datetime) -> Iterator[Delivery]:
    """The owner's App Home, and the cards whose count changes with the connection."""
    workspace_id, owner_id = connection.workspace_id, connection.user_id
    yield Delivery.at_once(workspace_id, DeliveryKind.SLACK_HOME, connection.id, owner_id, now)
    for invitation in waiting:
        yield invitation_rows.card(invitation, now)


class BrokenConnections:
    """Reminds the owners: a day after it broke, then once a week."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def remind(self) -> int:
        """One batch; returns how many owners are reminded."""
        now, reminded = self._clock(), 0
        with self._unit_of_work() as unit:
            due = unit.connections.due_to_remind(now, _BATCH)
        for one in due:
            with self._unit_of_work(write=True) as unit:
                connection = unit.connections.get(one.id, lock=True)
                if connection is None or connection.remind_at != one.remind_at:
                    continue  # mended, removed, or reminded by another worker
                unit.connections.put(replace(connection, remind_at=now + LATER_REMINDERS))
                unit.outbox.add(told(connection, ConnectionNews.BROKEN, now))
                unit.commit()
                reminded += 1
        return reminded
