"""Rooms from the directory: looked up once, searched while they are chosen, added like pasted ones."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from bot.domain.calendar import Connection, ConnectionState
from bot.domain.ids import ConnectionId
from bot.domain.room_directory import ListedRoom
from bot.errors import (
    CalendarUnreadableError,
    ConsentNeededError,
    InviteOnceError,
    NoRoomDirectoryError,
    NotAllowedError,
    NotConnectedError,
    StaleStateError,
)
from bot.ports import UnitOfWorkFactory
from bot.services.room_directory import LIFETIME, RoomDirectory
from bot.services.rooms import Failure, Rooms
from tests.cast import BEN, CHARLIE, DANA, GUEST
from tests.fakes import FakeCalendar
from tests.world import Stage

ATLAS = ListedRoom("atlas@rooms.northwind.example", "Atlas", 8, "Screen", "2nd floor")
NOVA = ListedRoom("nova@rooms.northwind.example", "Nova", None, "", "Annex")
SECRET = ListedRoom("secret@rooms.northwind.example", "Secret")


class Listing(FakeCalendar):
    """A calendar system with these rooms in its directory, all shared but the secret one."""

    def __init__(self, *rooms: ListedRoom) -> None:
        super().__init__()
        self.listed_rooms, self.refusal = rooms, None
        self.shared = {room.address for room in rooms if room != SECRET}


class Refusing(FakeCalendar):
    def __init__(self, refusal: InviteOnceError) -> None:
        super().__init__()
        self.refusal = refusal


@pytest.fixture
def stage(unit_of_work: UnitOfWorkFactory) -> Stage:
    stage = Stage(unit_of_work)
    connect(stage, "google", "dana@google.example")
    return stage


def connect(stage: Stage, provider: str, account: str, **changes: object) -> None:
    connection = Connection(ConnectionId(f"{provider}-{account}"), DANA.workspace_id, DANA.user_id, provider, account)
    with stage.unit_of_work(write=True) as unit:
        unit.connections.put(dataclasses.replace(connection, **changes))
        unit.commit()


def directory_over(stage: Stage, **providers: FakeCalendar) -> tuple[RoomDirectory, Rooms]:
    known = (stage.unit_of_work, providers, stage.clock)
    return RoomDirectory(*known), Rooms(*known)


def test_rooms_are_found_searched_and_added_with_what_is_known_of_them(stage: Stage) -> None:
    directory, rooms = directory_over(stage, google=Listing(NOVA, ATLAS))
    lookup = directory.look_up(DANA)
    assert (lookup.known, lookup.new, lookup.unlisted) == (2, 2, ())
    assert directory.search(DANA, lookup.token, "") == [ATLAS, NOVA]
    assert directory.search(DANA, lookup.token, "2nd screen") == [ATLAS]
    chosen = directory.chosen(DANA, lookup.token, [ATLAS.key, "never heard of"])
    (added,), failures = rooms.add(DANA, "", chosen)
    assert failures == ()
    assert (added.name, added.address, added.capacity, added.equipment) == ("Atlas", ATLAS.address, 8, "Screen")
    assert added.connection_id == "google-dana@google.example"


def test_rooms_in_the_list_already_are_left_out(stage: Stage) -> None:
    directory, rooms = directory_over(stage, google=Listing(ATLAS, NOVA))
    before = directory.look_up(DANA)
    rooms.add(DANA, ATLAS.address)
    assert directory.search(DANA, before.token, "") == [NOVA]
    rooms.add(DANA, NOVA.address)
    after = directory.look_up(DANA)
    assert (after.token, after.known, after.new) == ("", 2, 0)
    _, failures = rooms.add(DANA, "", directory.chosen(DANA, before.token, [NOVA.key]))
    assert failures == (Failure(f"Nova ({NOVA.address})", "It is in the list already."),)


def test_listed_room_that_cannot_be_read_is_not_added(stage: Stage) -> None:
    directory, rooms = directory_over(stage, google=Listing(ATLAS, SECRET))
    token = directory.look_up(DANA).token
    added, failures = rooms.add(DANA, "", directory.chosen(DANA, token, [SECRET.key, ATLAS.key]))
    assert [room.name for room in added] == ["Atlas"]
    assert [failure.text for failure in failures] == [f"Secret ({SECRET.address})"]
    assert "cannot be read through dana@google.example" in failures[0].reason


def test_chosen_and_pasted_ones_are_added_together_each_once(stage: Stage) -> None:
    directory, rooms = directory_over(stage, google=Listing(ATLAS, NOVA))
    chosen = directory.chosen(DANA, directory.look_up(DANA).token, [ATLAS.key])
    added, failures = rooms.add(DANA, f'"Another name" <{ATLAS.address}>, {NOVA.address}', chosen)
    assert [(room.name, room.capacity) for room in added] == [("Atlas", 8), ("Nova", None)]
    assert failures == ()


def test_each_connection_is_asked_and_whoever_has_no_list_says_why(stage: Stage) -> None:
    connect(stage, "microsoft", "dana@fox.example")
    connect(stage, "caldav", "dana@dav.example")
    connect(stage, "broken", "dana@broken.example", state=ConnectionState.BROKEN)
    directory, _ = directory_over(
        stage,
        google=Listing(ATLAS),
        microsoft=Refusing(ConsentNeededError("It shows its list to nobody.")),
        caldav=Refusing(NoRoomDirectoryError("It has none.")),
        broken=Listing(NOVA),
    )
    lookup = directory.look_up(DANA)
    assert (lookup.known, lookup.new) == (1, 1)
    assert {(one.account, one.reason, one.connection_id) for one in lookup.unlisted} == {
        ("dana@fox.example", "It shows its list to nobody.", "microsoft-dana@fox.example"),
        ("dana@dav.example", "It has none.", ""),
    }


def test_failure_is_said_and_is_no_empty_list(stage: Stage) -> None:
    directory, _ = directory_over(stage, google=Refusing(CalendarUnreadableError("Google has a problem.")))
    lookup = directory.look_up(DANA)
    assert (lookup.token, lookup.known) == ("", 0)
    assert [(one.reason, one.connection_id) for one in lookup.unlisted] == [("Google has a problem.", "")]


def test_nobody_looks_without_a_calendar_or_as_a_guest(stage: Stage) -> None:
    directory, _ = directory_over(stage, google=Listing(ATLAS))
    with pytest.raises(NotConnectedError):
        directory.look_up(CHARLIE)
    with pytest.raises(NotAllowedError):
        directory.look_up(dataclasses.replace(GUEST, workspace_id=DANA.workspace_id))


def test_list_is_ones_own_and_good_for_an_hour(stage: Stage) -> None:
    directory, _ = directory_over(stage, google=Listing(ATLAS))
    token = directory.look_up(DANA).token
    for person, stolen in ((BEN, token), (DANA, "another"), (DANA, "")):
        with pytest.raises(StaleStateError, match="too old"):
            directory.search(person, stolen, "")
    stage.clock.advance(LIFETIME - timedelta(seconds=1))
    assert directory.chosen(DANA, token, [ATLAS.key]) == [ATLAS]
    stage.clock.advance(timedelta(seconds=1))
    with pytest.raises(StaleStateError):
        directory.chosen(DANA, token, [ATLAS.key])
