"""Where the copies of an event go: one a calendar, whoever of the people and Rooms shares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.event_copies import CopyChange, CopyRole, EventCopy
from bot.domain.event_planning import plan_copies, replanned
from bot.domain.ids import ConnectionId, ResourceId, UserId
from bot.domain.rooms import Room
from tests.storage_cast import BEN, DANA, PRIYA, a_connection, a_meeting, an_invitation

ATLAS = ResourceId("room:atlas")
TEAM = "https://dav.example/team/"


@dataclass(frozen=True)
class Systems:
    """CalDAV does not deliver, the others do, and their Rooms have to be invited."""

    accounts: Mapping[ConnectionId, Connection]

    def delivers(self, provider: str) -> bool:
        return provider != "caldav"

    def place(self, copy: EventCopy) -> str:
        if copy.connection_id is None:
            return copy.holder
        return f"{copy.provider} {copy.calendar or self.accounts[copy.connection_id].account}".rstrip("/").lower()

    def must_be_invited(self, room: Room, through: Connection) -> bool:
        return through.provider != "caldav"


def one(user: UserId, provider: str = "caldav", account: str = "", calendar: str = "") -> Connection:
    account = account or f"{user.lower()}@fox.example"
    return a_connection(
        user,
        id=ConnectionId(f"{provider} {account} of {user}"),
        provider=provider,
        account=account,
        write_calendar=calendar,
    )


def planned(
    *connections: Connection,
    members: tuple[str, ...] = (DANA, PRIYA),
    room: tuple[str, Connection] | None = None,
    chosen: Connection | None = None,
) -> list[tuple[str, str]]:
    """Each copy's holder and role, in order."""
    own: dict[UserId, list[Connection]] = {}
    for connection in connections:
        own.setdefault(connection.user_id, []).append(connection)
    invitation = an_invitation(*members, *([ATLAS] if room else []))
    rooms = {}
    if room:
        address, through = room
        rooms[ATLAS] = (Room(ATLAS, invitation.workspace_id, "Atlas", address, through.id), through)
    accounts = {one.id: one for one in (*connections, *filter(None, (chosen, room and room[1])))}
    copies = plan_copies(a_meeting(invitation), invitation, own, rooms, Systems(accounts), chosen)
    assert len({copy.token for copy in copies}) == len(copies)
    return [(copy.holder, copy.role) for copy in copies]


COPY, EVENT, MAIL = CopyRole.COPY, CopyRole.EVENT, CopyRole.MAIL


def test_each_calendar_has_a_copy() -> None:
    assert planned(one(DANA), one(PRIYA)) == [(DANA, COPY), (PRIYA, COPY)]


@pytest.mark.parametrize(
    "shared",
    [
        (one(DANA, account="team@fox.example"), one(PRIYA, account="team@fox.example")),
        (one(DANA, calendar=TEAM), one(PRIYA, calendar=TEAM.rstrip("/").upper())),
    ],
    ids=["account", "collection"],
)
def test_two_members_of_one_calendar_have_one_copy(shared: tuple[Connection, Connection]) -> None:
    assert planned(*shared) == [(DANA, COPY)]
    assert planned(*shared, one(BEN), members=(DANA, PRIYA, BEN)) == [(DANA, COPY), (BEN, COPY)]


def test_inviter_and_member_of_one_calendar_have_one_copy() -> None:
    """The inviter takes no part, and has chosen the calendar."""
    chosen = one(DANA, calendar=TEAM)
    assert planned(one(PRIYA, calendar=TEAM), members=(PRIYA,), chosen=chosen) == [(DANA, COPY)]


def test_room_whose_calendar_is_a_members_own_has_none_beside_it() -> None:
    assert planned(one(DANA, calendar=TEAM), members=(DANA,), room=(TEAM, one(BEN))) == [(DANA, COPY)]
    assert planned(one(DANA), members=(DANA,), room=(TEAM, one(BEN))) == [(DANA, COPY), (ATLAS, COPY)]


def test_two_members_of_one_account_at_another_system_have_one_copy() -> None:
    google = (one(PRIYA, "google", "team@fox.example"), one(BEN, "google", "team@fox.example"))
    assert planned(one(DANA), *google, members=(DANA, PRIYA, BEN)) == [(DANA, COPY), (PRIYA, COPY)]


def test_the_same_name_in_two_systems_is_two_calendars() -> None:
    same = (one(DANA, "caldav", "team@fox.example"), one(PRIYA, "google", "team@fox.example"))
    assert planned(*same) == [(DANA, COPY), (PRIYA, COPY)]


def test_members_without_a_calendar_are_each_mailed() -> None:
    assert planned(one(DANA), members=(DANA, PRIYA, BEN)) == [(DANA, COPY), (PRIYA, MAIL), (BEN, MAIL)]


def test_event_lies_in_the_account_that_its_room_needs() -> None:
    google, microsoft = one(DANA, "google"), one(DANA, "microsoft")
    lab = ("lab@fox.example", one(BEN, "microsoft"))
    assert planned(google, microsoft, members=(DANA,), room=lab) == [(DANA, EVENT)], "which invites the room"
    broken = one(DANA, "microsoft")
    broken = a_connection(DANA, id=broken.id, provider="microsoft", state=ConnectionState.BROKEN)
    assert planned(google, broken, members=(DANA,), room=lab) == [(DANA, EVENT), (ATLAS, COPY)], "it works, at least"


# ---------------------------------------------------------------- somebody else takes a place


def changed(before: tuple[Connection, ...], leaves: str, comes: Connection) -> CopyChange:
    """Dana's and Priya's meeting, once somebody has left their place to somebody else."""
    invitation = an_invitation(DANA, PRIYA)
    meeting = a_meeting(invitation)
    accounts = {one.id: one for one in (*before, comes)}
    systems = Systems(accounts)
    copies = plan_copies(meeting, invitation, {one.user_id: [one] for one in before}, {}, systems)
    assigned = tuple(ResourceId(comes.user_id) if who == leaves else who for who in meeting.assigned)
    now_there = {one.user_id: [one] for one in (*before, comes) if one.user_id != leaves}
    return replanned(copies, replace(meeting, assigned=assigned), invitation, now_there, {}, systems)


def holders(copies: tuple[EventCopy, ...]) -> list[str]:
    return [copy.holder for copy in copies]


def test_calendar_that_somebody_else_in_the_meeting_uses_too_keeps_its_copy() -> None:
    """To cancel it there would take it from both."""
    shared = (one(DANA, account="team@fox.example"), one(PRIYA, account="team@fox.example"))
    change = changed(shared, DANA, one(BEN))
    assert (holders(change.kept), holders(change.added), change.withdrawn) == ([DANA], [BEN], ())


@pytest.mark.parametrize("provider", ["caldav", "google"])
def test_whoever_comes_with_a_calendar_that_has_a_copy_gets_no_other(provider: str) -> None:
    before = (one(DANA, provider, "team@fox.example"), one(PRIYA, provider))
    change = changed(before, PRIYA, one(BEN, provider, "team@fox.example"))
    assert (holders(change.kept), holders(change.added)) == ([DANA], [])


def test_one_event_stays_in_a_calendar_that_somebody_else_uses_too() -> None:
    shared = (one(DANA, "google", "team@fox.example"), one(PRIYA, "google", "team@fox.example"))
    change = changed(shared, DANA, one(BEN, "google"))
    assert (holders(change.kept), change.added, change.withdrawn, change.is_elsewhere) == ([DANA], (), (), False)
