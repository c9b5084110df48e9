"""Rooms are added by pasting addresses: those whose calendar can be read, the others with the reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest

from bot.calendars.builtin import BuiltinCalendar
from bot.domain.calendar import Connection, ConnectionState, FreeBusy
from bot.domain.ids import ConnectionId, ResourceId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.pools import Cycle, PoolKind, PoolMethod
from bot.domain.rooms import Room
from bot.errors import FormError, NotAllowedError, NotConnectedError, NotFoundError, NotFreeError
from bot.ports import UnitOfWorkFactory
from bot.services.rescheduling import Mover
from bot.services.rooms import Failure, Rooms
from tests.cast import CHARLIE, DANA, GUEST, NOW, PRIYA
from tests.fakes import FakeCalendar
from tests.storage_cast import an_event
from tests.test_services_reassigning import a_room, at_google
from tests.town import Town
from tests.world import Stage

ATLAS, NOVA = "atlas@rooms.northwind.example", "nova@rooms.northwind.example"
BOARD = "https://dav.example/cal/board/"
HOUR = timedelta(hours=1)


class Sharing(FakeCalendar):
    """A calendar system in which some calendars are shared with everybody. `asked` is who asked for what."""

    def __init__(self, *shared: str) -> None:
        super().__init__()
        self.shared = shared
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def free_busy_of(
        self, reader: Connection, addresses: Sequence[str], window: Interval, *, timeout_s: float
    ) -> Mapping[str, FreeBusy]:
        self.asked.append((reader.account, tuple(addresses)))
        answers = {address: FreeBusy() for address in addresses if address in self.shared}
        return {
            address: FreeBusy(unreadable="it is not shared") for address in addresses if "silent" not in address
        } | answers


def rooms_over(stage: Stage, **providers: FakeCalendar) -> Rooms:
    return Rooms(stage.unit_of_work, providers, stage.clock)


def connect(stage: Stage, provider: str, account: str, **changes: object) -> None:
    connection = Connection(ConnectionId(f"{provider}-{account}"), DANA.workspace_id, DANA.user_id, provider, account)
    with stage.unit_of_work(write=True) as unit:
        unit.connections.put(dataclasses.replace(connection, **changes))
        unit.commit()


def test_readable_rooms_are_added_and_the_others_listed_with_reasons(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS, NOVA))
    added, failures = rooms.add(DANA, f'"Atlas" <{ATLAS}>, {NOVA}; secret@rooms.northwind.example nonsense')
    assert [(room.name, room.address, room.connection_id) for room in added] == [
        ("Atlas", ATLAS, "builtin-U0DANA"),
        ("Nova", NOVA, "builtin-U0DANA"),
    ]
    assert failures == (
        Failure("nonsense", "This is neither an email address nor a calendar’s URL."),
        Failure(
            "secret@rooms.northwind.example",
            "Its calendar cannot be read through dana@northwind.example: it is not shared.",
        ),
    )
    assert rooms.list(DANA.workspace_id) == added
    assert rooms.get(DANA.workspace_id, added[0].id) == added[0]
    assert added[0].id.startswith("room:")


def test_room_that_the_answer_leaves_out_is_not_added(stage: Stage) -> None:
    added, failures = rooms_over(stage, builtin=Sharing()).add(DANA, "silent@rooms.northwind.example")
    assert added == ()
    assert "did not say anything" in failures[0].reason


def test_room_in_the_list_is_not_added_again(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    rooms.add(DANA, ATLAS)
    added, failures = rooms.add(PRIYA, ATLAS.upper())
    assert (added, failures) == ((), (Failure(ATLAS, "It is in the list already."),))


def test_next_connection_is_asked_for_what_the_first_cannot_read(stage: Stage) -> None:
    own, other, dav = Sharing(ATLAS), Sharing(NOVA), Sharing(BOARD)
    connect(stage, "google", "dana@gmail.example")
    connect(stage, "caldav", "dana@dav.example")
    rooms = rooms_over(stage, builtin=own, google=other, caldav=dav)
    added, failures = rooms.add(DANA, f"{ATLAS} {NOVA} {BOARD} nowhere@rooms.example")
    assert {room.address: room.connection_id for room in added} == {
        ATLAS: "builtin-U0DANA",
        NOVA: "google-dana@gmail.example",
        BOARD: "caldav-dana@dav.example",
    }
    assert [failure.text for failure in failures] == ["nowhere@rooms.example"]
    assert all(BOARD not in asked for provider in (own, other) for _, asked in provider.asked)
    assert all(ATLAS not in asked for _, asked in [*other.asked[1:], *dav.asked[1:]])


class Guarded(Sharing):
    """Some of what is shared may only be read."""

    def __init__(self, *shared: str, closed: Sequence[str]) -> None:
        super().__init__(*shared)
        self.closed = closed

    def read_only(self, connection: Connection, calendars: Sequence[str], *, timeout_s: float) -> Sequence[str]:
        return [calendar for calendar in calendars if calendar in self.closed]


def test_room_that_may_only_be_read_is_not_added(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Guarded(ATLAS, NOVA, closed=[ATLAS]))
    added, failures = rooms.add(DANA, f"{ATLAS} {NOVA}")
    assert [room.address for room in added] == [NOVA]
    assert failures == (
        Failure(
            ATLAS,
            "Its calendar can be read through dana@northwind.example, but not written, so no meeting could reserve it. "
            "Ask whoever owns it to let that account write.",
        ),
    )


def test_next_connection_is_asked_for_what_the_first_may_only_read(stage: Stage) -> None:
    connect(stage, "caldav", "dana@dav.example")
    rooms = rooms_over(stage, builtin=Guarded(ATLAS, closed=[ATLAS]), caldav=Guarded(ATLAS, closed=[]))
    added, failures = rooms.add(DANA, ATLAS)
    assert [room.connection_id for room in added] == ["caldav-dana@dav.example"]
    assert failures == ()


def test_url_needs_a_caldav_account(stage: Stage) -> None:
    _, failures = rooms_over(stage, builtin=Sharing(BOARD)).add(DANA, BOARD)
    assert "CalDAV" in failures[0].reason


def test_rooms_need_a_working_connection(stage: Stage) -> None:
    rooms = rooms_over(stage, google=Sharing(ATLAS))
    connect(stage, "google", "dana@gmail.example", state=ConnectionState.BROKEN)
    for person in (DANA, CHARLIE):
        with pytest.raises(NotConnectedError, match="Connect a calendar"):
            rooms.add(person, ATLAS)


def test_nothing_pasted_and_too_much_are_field_errors(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing())
    for text in (" ,; ", " ".join(f"r{number}@rooms.example" for number in range(101))):
        with pytest.raises(FormError) as refused:
            rooms.add(DANA, text)
        assert set(refused.value.fields) == {"addresses"}


def test_guests_change_no_rooms(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    ((atlas,), _) = rooms.add(PRIYA, ATLAS)
    guest = dataclasses.replace(GUEST, workspace_id=DANA.workspace_id)
    for attempt in (
        lambda: rooms.add(guest, NOVA),
        lambda: rooms.change(guest, atlas.id, name="Mine"),
        lambda: rooms.remove(guest, atlas.id),
    ):
        with pytest.raises(NotAllowedError):
            attempt()


def test_name_capacity_and_equipment_change(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    ((atlas,), _) = rooms.add(DANA, ATLAS)
    changed = rooms.change(PRIYA, atlas.id, name=" Board\nroom ", capacity="12", equipment="Screen")
    assert (changed.name, changed.capacity, changed.equipment) == ("Board room", 12, "Screen")
    assert rooms.list(DANA.workspace_id) == (changed,)
    assert rooms.change(DANA, atlas.id, name="Atlas").capacity is None


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("capacity", "0"),
        ("capacity", "-1"),
        ("capacity", "many"),
        ("capacity", "10001"),
        ("capacity", "²"),
        ("equipment", "x" * 201),
    ],
)
def test_what_cannot_be_is_a_field_error(stage: Stage, field: str, typed: str) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    ((atlas,), _) = rooms.add(DANA, ATLAS)
    with pytest.raises(FormError) as refused:
        rooms.change(DANA, atlas.id, **{"name": "Atlas", field: typed})
    assert set(refused.value.fields) == {field}


def test_removed_room_is_gone_from_the_list_and_from_every_pool(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS, NOVA))
    ((atlas, nova), _) = rooms.add(DANA, f"{ATLAS} {NOVA}")
    pool = stage.services.pools.create(
        DANA,
        name="Meeting rooms",
        kind=PoolKind.ROOMS,
        method=PoolMethod.POOLED,
        cycle=Cycle.CONTINUOUS,
        members=[atlas.id, nova.id],
    )
    rooms.remove(PRIYA, atlas.id)
    rooms.remove(PRIYA, atlas.id)
    assert rooms.list(DANA.workspace_id) == (nova,)
    assert stage.services.pools.get(DANA.workspace_id, pool.id).active == (nova.id,)


def test_other_workspaces_rooms_are_not_there(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    ((atlas,), _) = rooms.add(DANA, ATLAS)
    stranger = dataclasses.replace(DANA, workspace_id=WorkspaceId("T0ELSE"))
    assert rooms.list(stranger.workspace_id) == ()
    with pytest.raises(NotFoundError):
        rooms.change(stranger, atlas.id, name="Mine")
    rooms.remove(stranger, atlas.id)
    assert rooms.get(DANA.workspace_id, atlas.id) == atlas
    with pytest.raises(NotFoundError):
        rooms.get(DANA.workspace_id, ResourceId("room:unknown"))


def test_playgrounds_rooms_are_open_to_their_house_and_can_be_reserved(stage: Stage) -> None:
    builtin = BuiltinCalendar(stage.unit_of_work)
    with stage.unit_of_work() as unit:
        (danas,) = unit.connections.of_user(DANA.workspace_id, DANA.user_id)
    week = Interval(NOW, NOW + 24 * 7 * HOUR)
    ((atlas,), failures) = Rooms(stage.unit_of_work, {"builtin": builtin}, stage.clock).add(
        DANA, f"{ATLAS} atlas@rooms.elsewhere.example ben@northwind.example"
    )
    assert atlas.address == ATLAS
    assert [failure.text for failure in failures] == ["atlas@rooms.elsewhere.example", "ben@northwind.example"]

    event = an_event(start=NOW + HOUR)
    builtin.write(danas, event, calendar=ATLAS)
    assert builtin.read(danas, event.uid, calendar=ATLAS) == event
    assert builtin.read(danas, event.uid) is None
    reserved = builtin.free_busy_of(danas, [ATLAS], week, timeout_s=60)[ATLAS]
    assert reserved.busy == (Interval(event.start, event.end),)
    builtin.cancel(danas, dataclasses.replace(event, sequence=1), calendar=ATLAS)
    assert builtin.free_busy_of(danas, [ATLAS], week, timeout_s=60)[ATLAS] == FreeBusy()


# ---------------------------------------------------------------- removed, and still reserved


def in_atlas(town: Town) -> tuple[Invitation, Room]:
    """A Meeting of Dana's in Atlas, and then nobody finds the Room in the list any more."""
    invitation, _meeting = at_google(town, DANA, rooms=[a_room(town, "atlas", 8).id])
    [room] = town.stage.services.rooms.list(DANA.workspace_id)
    town.stage.services.rooms.remove(DANA, room.id)
    return invitation, room


def test_meeting_keeps_its_removed_room_and_moves_with_it(unit_of_work: UnitOfWorkFactory) -> None:
    town = Town(unit_of_work)
    invitation, atlas = in_atlas(town)
    start = town.meeting(invitation).start + timedelta(hours=1)
    mover = Mover(by_id=DANA.user_id)
    town.stage.services.rescheduling.move(town.meeting(invitation), invitation, start, mover)
    town.stage.deliver()
    moved = town.meeting(invitation)
    assert (moved.start, moved.assigned) == (start, (DANA.resource_id, atlas.id))
    assert town.stage.services.activity.meeting_item(moved, invitation).rooms == ("Atlas",)
    [event] = town.google.events.values()
    assert atlas.address in [one.email for one in event.attendees]


def test_removed_room_is_nobody_elses_and_is_named(unit_of_work: UnitOfWorkFactory) -> None:
    town = Town(unit_of_work)
    town.stage.connect(DANA, provider="google")
    atlas, cedar = a_room(town, "atlas"), a_room(town, "cedar")
    invitation = town.stage.invite(members=[DANA.user_id], rooms=[atlas.id])
    town.stage.services.rooms.remove(DANA, atlas.id)
    item = town.stage.services.activity.invitation_item(invitation)
    assert (item.slots_left, item.unreadable) == (0, ("Atlas",))
    _, meeting = at_google(town, DANA, email="bob@acme.com", rooms=[cedar.id])
    with pytest.raises(NotFreeError, match="Atlas is not known here any more"):
        town.stage.services.reassigning.reassign(DANA, meeting.id, cedar.id, atlas.id)


def test_removed_room_does_not_come_into_a_pool(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    ((atlas,), _) = rooms.add(DANA, ATLAS)
    rooms.remove(DANA, atlas.id)
    with pytest.raises(FormError):
        stage.services.pools.create(
            DANA,
            name="Meeting rooms",
            kind=PoolKind.ROOMS,
            method=PoolMethod.POOLED,
            cycle=Cycle.CONTINUOUS,
            members=[atlas.id],
        )


def test_removed_room_that_is_added_again_is_the_same_one(stage: Stage) -> None:
    rooms = rooms_over(stage, builtin=Sharing(ATLAS))
    ((atlas,), _) = rooms.add(DANA, ATLAS)
    rooms.remove(DANA, atlas.id)
    with pytest.raises(NotFoundError):
        rooms.get(DANA.workspace_id, atlas.id)
    ((again,), failures) = rooms.add(PRIYA, ATLAS)
    assert (again.id, again.is_removed, failures) == (atlas.id, False, ())
    assert rooms.list(DANA.workspace_id) == (again,)
