"""Pushes: made where there is something to read, renewed in time, believed only by their secret, and never as data."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.calendar import Connection, ConnectionState, Event, PartStat
from bot.domain.ids import ConnectionId
from bot.domain.invitation import Invitation
from bot.domain.meeting import Attendance
from bot.domain.pushes import Notice, Push, Subscription
from bot.errors import DeliveryError
from bot.ports import Clock, UnitOfWorkFactory
from bot.services.pushes import Knock, Pushes
from tests.at_once import meanwhile
from tests.cast import DANA, PRIYA
from tests.fakes import FakeCalendar
from tests.town import Town, ids
from tests.world import AtOnce

LIFE = timedelta(days=2)
MINUTE = timedelta(minutes=1)
CONNECTION = ConnectionId(f"google-{DANA.user_id}")


class PushingFake(FakeCalendar):
    """A calendar system that pushes. `live` are its subscriptions, `addresses` where it was told to push to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("google", delivers=True)
        self.watches_all = False
        self.watched: list[str] = []
        self.clock = clock
        self.live: dict[str, str] = {}
        self.addresses: list[str] = []
        self.refusals: list[DeliveryError] = []
        self.calls: list[str] = []
        self.before_watch: Callable[[str], object] = lambda secret: None
        self.after_read: Callable[[], object] = lambda: None

    def watch(self, connection: Connection, address: str, secret: str) -> Subscription:
        self._call("watch")
        self.before_watch(secret)
        self.addresses.append(address)
        self.watched.append(connection.write_calendar)
        made = f"subscription-{len(self.addresses)}"
        self.live[made] = secret
        return Subscription(made, self.clock() + LIFE)

    def renewed(self, connection: Connection, subscription: Subscription, address: str, secret: str) -> Subscription:
        self._call("renew")
        if subscription.id not in self.live:
            return self.watch(connection, address, secret)
        return replace(subscription, expires_at=self.clock() + LIFE)

    def unwatch(self, connection: Connection, subscription: Subscription) -> None:
        self._call("unwatch")
        self.live.pop(subscription.id, None)

    def read(self, connection: Connection, uid: str, *, calendar: str = "") -> Event | None:
        found = super().read(connection, uid, calendar=calendar)
        self.after_read()
        return found

    def _call(self, what: str) -> None:
        self.calls.append(what)
        if self.refusals:
            raise self.refusals.pop(0)


class PushingTown(Town):
    """Dana and Priya work with Google, which pushes."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        super().__init__(unit_of_work)
        self.google = self.system = PushingFake(self.stage.clock)
        self.stage = replace(self.stage, systems={"google": self.system})
        self.stage.connect(DANA, PRIYA, provider="google")

    @property
    def pushes(self) -> Pushes:
        return self.stage.services.pushes

    def push(self, calendar: str = "") -> Push:
        with self.stage.unit_of_work() as unit:
            push = unit.pushes.get(CONNECTION, calendar)
        assert push is not None
        return push

    def connection(self) -> Connection:
        with self.stage.unit_of_work() as unit:
            found = unit.connections.get(CONNECTION)
        assert found is not None
        return found

    def change(self, **changes: object) -> None:
        connection = replace(self.connection(), **changes)  # type: ignore[arg-type]  # each test names its own
        with self.stage.unit_of_work(write=True) as unit:
            unit.connections.put(connection)
            unit.commit()

    def booked(self) -> Invitation:
        """Read twice, and not due for a while."""
        invitation = self.book(members=ids(DANA, PRIYA))
        self.stage.clock.advance(MINUTE)
        self.stage.services.reconcile.read_due()
        return invitation

    def dana(self, invitation: Invitation) -> Attendance:
        with self.stage.unit_of_work() as unit:
            return unit.meetings.attendance(self.meeting(invitation).id)[DANA.user_id]

    def answer(self, invitation: Invitation) -> None:
        self.system.answer(DANA.email, self.meeting(invitation).uid, DANA.email, PartStat.ACCEPTED)

    def due_at(self) -> datetime:
        return self.push().due_at


@pytest.fixture
def town(unit_of_work: UnitOfWorkFactory) -> PushingTown:
    return PushingTown(unit_of_work)


# ---------------------------------------------------------------- subscriptions


def test_nobody_is_watched_before_there_is_something_to_read(town: PushingTown) -> None:
    assert town.pushes.keep_up() == 0
    assert town.system.calls == []


def test_calendar_with_an_event_is_watched_once(town: PushingTown) -> None:
    town.booked()
    assert (town.pushes.keep_up(), town.pushes.keep_up()) == (1, 0)
    assert town.system.addresses == ["https://meet.example/hooks/google"]
    assert town.system.live == {"subscription-1": town.push().secret}
    assert len(town.push().secret) >= 43


@pytest.mark.parametrize("public_url", ["http://meet.example", "https://127.0.0.1:3000", "https://localhost"])
def test_nothing_is_asked_where_nobody_could_push_to(town: PushingTown, public_url: str) -> None:
    town.booked()
    stage = town.stage
    pushes = Pushes(
        stage.unit_of_work, {"google": town.system}, stage.services.reconcile, stage.clock, public_url, AtOnce()
    )
    assert (pushes.systems, pushes.keep_up(), town.system.calls) == ((), 0, [])


def test_calendar_that_cannot_push_is_left_alone(unit_of_work: UnitOfWorkFactory) -> None:
    plain = Town(unit_of_work)
    plain.stage.connect(DANA, provider="caldav")
    plain.book(members=ids(DANA))
    assert (plain.stage.services.pushes.systems, plain.stage.services.pushes.keep_up()) == ((), 0)


def test_it_is_renewed_before_it_ends(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    ends_at = town.push().subscription
    assert ends_at is not None
    while town.stage.clock() < ends_at.expires_at - 2 * MINUTE and town.system.calls == ["watch"]:
        town.stage.clock.advance(timedelta(hours=1))
        town.pushes.keep_up()
    assert town.system.calls == ["watch", "renew"]
    renewed = town.push().subscription
    assert renewed is not None
    assert (renewed.id, renewed.expires_at) == (ends_at.id, town.stage.clock() + LIFE)


def test_it_is_made_again_where_it_is_gone(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    town.system.live.clear()
    town.stage.clock.advance(LIFE)
    town.pushes.keep_up()
    assert town.system.live == {"subscription-2": town.push().secret}


def test_every_calendar_with_an_event_is_watched_and_pushes_for_itself(town: PushingTown) -> None:
    first = town.booked()
    town.pushes.keep_up()
    town.change(write_calendar="projects")
    assert town.pushes.keep_up() == 0, "nothing lies there yet"
    second = town.book(members=ids(DANA, PRIYA), email="second@acme.com")
    town.stage.clock.advance(MINUTE)
    town.stage.services.reconcile.read_due()
    assert (town.pushes.keep_up(), town.pushes.keep_up()) == (1, 0)
    assert town.system.watched == ["", "projects"]
    secrets = {town.push().secret, town.push("projects").secret}
    assert (set(town.system.live.values()), len(secrets)) == (secrets, 2)
    for invitation, calendar, place in ((first, "", DANA.email), (second, "projects", "projects")):
        town.system.answer(place, town.meeting(invitation).uid, DANA.email, PartStat.ACCEPTED)
        assert town.pushes.received("google", [Knock(town.push(calendar).secret, Notice.CHANGED)])
        town.stage.services.reconcile.read_due()
        assert town.dana(invitation) is Attendance.CONFIRMED


def test_one_is_enough_where_the_system_watches_all(town: PushingTown) -> None:
    town.system.watches_all = True
    town.stage = replace(town.stage)
    town.booked()
    town.change(write_calendar="projects")
    town.book(members=ids(DANA, PRIYA), email="second@acme.com")
    assert (town.pushes.keep_up(), town.pushes.keep_up()) == (1, 0)
    assert town.system.watched == [""]


@pytest.mark.parametrize("watches_all", [False, True])
def test_it_ends_when_there_is_nothing_to_read_any_more(town: PushingTown, watches_all: bool) -> None:
    town.system.watches_all = watches_all
    town.stage = replace(town.stage)
    invitation = town.booked()
    town.pushes.keep_up()
    secret = town.push().secret
    town.cancel(invitation)
    town.stage.clock.advance(MINUTE)
    for _ in range(2):
        town.stage.services.reconcile.read_due()
        town.pushes.keep_up()
    assert (town.system.calls, town.system.live) == (["watch", "unwatch"], {})
    assert not town.pushes.received("google", [Knock(secret, Notice.CHANGED)])
    town.book(members=ids(DANA, PRIYA), email="second@acme.com")
    assert town.pushes.keep_up() == 1, "and begins again"


def test_refusal_is_no_news_to_people_and_tried_again_with_growing_pauses(town: PushingTown) -> None:
    town.booked()
    town.stage.notifier.told.clear()
    pauses = []
    for _ in range(4):
        town.system.refusals.append(DeliveryError("Google refused the request."))
        assert town.pushes.keep_up() == 1
        assert town.pushes.keep_up() == 0
        pauses.append(town.due_at() - town.stage.clock())
        town.stage.clock.now = town.due_at()
    assert pauses == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE]
    town.pushes.keep_up()
    assert (town.push().failures, len(town.system.live)) == (0, 1)
    assert town.stage.notifier.told == []


def test_a_wish_for_a_longer_pause_is_respected(town: PushingTown) -> None:
    town.booked()
    wish = town.stage.clock() + timedelta(hours=3)
    town.system.refusals.append(DeliveryError("Later.", retry_at=wish))
    town.pushes.keep_up()
    assert town.due_at() == wish


def test_without_pushes_answers_are_polled(town: PushingTown) -> None:
    invitation = town.booked()
    town.system.refusals.append(DeliveryError("No."))
    town.pushes.keep_up()
    town.answer(invitation)
    town.stage.clock.advance(timedelta(hours=1))
    town.stage.services.reconcile.read_due()
    assert town.dana(invitation) is Attendance.CONFIRMED


def test_several_workers_make_one(town: PushingTown) -> None:
    town.booked()
    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda _: town.pushes.keep_up(), range(8)))
    assert (sum(tried), town.system.calls) == (1, ["watch"])


def test_what_a_killed_worker_began_is_tried_again(town: PushingTown) -> None:
    class Killed(BaseException):
        """The end of the process."""

    def kill(_secret: str) -> None:
        raise Killed

    town.booked()
    town.system.before_watch = kill
    with pytest.raises(Killed):
        town.pushes.keep_up()
    town.system.before_watch = lambda secret: None
    assert town.pushes.keep_up() == 0
    town.stage.clock.advance(5 * MINUTE)
    assert town.pushes.keep_up() == 1
    assert len(town.system.live) == 1


def test_disconnecting_ends_it(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    secret = town.push().secret
    town.stage.services.connections.disconnect(DANA, CONNECTION)
    assert (town.system.calls, town.system.live) == (["watch", "unwatch"], {})
    assert not town.pushes.received("google", [Knock(secret, Notice.CHANGED)])


def test_disconnecting_works_where_ending_does_not(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    town.system.refusals.append(DeliveryError("Google has a problem at the moment."))
    town.stage.services.connections.disconnect(DANA, CONNECTION)
    assert not town.stage.services.connections.items(DANA)


def test_broken_connection_is_asked_nothing(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    town.change(state=ConnectionState.BROKEN)
    town.stage.clock.advance(LIFE)
    assert town.pushes.keep_up() == 0
    town.stage.services.connections.disconnect(DANA, CONNECTION)
    assert town.system.calls == ["watch"]


def test_connection_that_goes_while_it_is_made_leaves_nothing(town: PushingTown) -> None:
    town.booked()
    town.system.before_watch = lambda secret: town.disconnect(DANA, "google")
    assert town.pushes.keep_up() == 1
    with town.stage.unit_of_work() as unit:
        assert unit.pushes.of_connection(CONNECTION) == ()


# ---------------------------------------------------------------- what comes in


def test_push_makes_the_reading_come_now(town: PushingTown) -> None:
    invitation = town.booked()
    town.pushes.keep_up()
    town.answer(invitation)
    assert town.stage.services.reconcile.read_due() == 0
    assert town.dana(invitation) is Attendance.INVITED
    assert town.pushes.received("google", [Knock(town.push().secret, Notice.CHANGED)])
    assert town.dana(invitation) is Attendance.INVITED, "a push is no data"
    assert town.stage.services.reconcile.read_due() == 1
    assert town.dana(invitation) is Attendance.CONFIRMED


def test_push_that_comes_while_we_read_is_not_lost(town: PushingTown) -> None:
    invitation = town.booked()
    town.pushes.keep_up()
    knock = Knock(town.push().secret, Notice.CHANGED)

    def answer_meanwhile() -> None:
        town.system.after_read = lambda: None
        town.answer(invitation)
        town.pushes.received("google", [knock])

    town.system.after_read = answer_meanwhile
    town.pushes.received("google", [knock])
    assert [town.stage.services.reconcile.read_due() for _ in range(3)] == [1, 1, 0]
    assert town.dana(invitation) is Attendance.CONFIRMED


def test_push_may_come_before_the_answer_to_the_wish(town: PushingTown) -> None:
    town.booked()
    heard: list[bool] = []
    town.system.before_watch = lambda secret: heard.append(
        town.pushes.received("google", [Knock(secret, Notice.BEGUN)])
    )
    town.pushes.keep_up()
    assert heard == [True]


@pytest.mark.parametrize("secret", ["", "guessed", "subscription-1"])
def test_noise_has_no_effect(town: PushingTown, secret: str) -> None:
    town.booked()
    town.pushes.keep_up()
    before = town.push()
    knocks = [Knock(secret, notice, "subscription-1") for notice in Notice]
    assert not town.pushes.received("google", knocks)
    assert town.stage.services.reconcile.read_due() == 0
    assert town.push() == before


def test_secret_of_one_system_opens_no_other(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    assert not town.pushes.received("microsoft", [Knock(town.push().secret, Notice.CHANGED)])
    assert town.stage.services.reconcile.read_due() == 0


def test_beginning_is_no_change(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    assert town.pushes.received("google", [Knock(town.push().secret, Notice.BEGUN)])
    assert town.stage.services.reconcile.read_due() == 0


@pytest.mark.parametrize("notice", [Notice.RENEW, Notice.ENDED])
def test_lifecycle_news_bring_the_renewal_forward(town: PushingTown, notice: Notice) -> None:
    town.booked()
    town.pushes.keep_up()
    assert town.pushes.received("google", [Knock(town.push().secret, notice, "subscription-1")])
    assert town.pushes.keep_up() == 1
    assert town.system.calls == ["watch", "renew"]


def test_the_end_of_a_former_subscription_is_no_news(town: PushingTown) -> None:
    town.booked()
    town.pushes.keep_up()
    assert town.pushes.received("google", [Knock(town.push().secret, Notice.ENDED, "subscription-0")])
    assert town.pushes.keep_up() == 0


def test_calendar_disconnected_while_a_subscription_is_begun_is_let_be(
    unit_of_work: UnitOfWorkFactory, database_url: str
) -> None:
    town = PushingTown(unit_of_work)
    town.booked()
    with unit_of_work(write=True) as unit:
        unit.connections.delete(CONNECTION)
        with meanwhile(town.pushes.keep_up, database_url) as kept_up:
            unit.commit()
            assert kept_up.result() == 0
    assert town.system.calls == []
