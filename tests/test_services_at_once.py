"""Two who change the same thing at the same moment: whichever comes first, nothing is lost, and nobody sees an error
that is not meant for them. On both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.activity import HomeState, Tab
from bot.domain.calendar import Conference
from bot.domain.event_copies import EventCopy, Finding, Trouble
from bot.domain.ids import ChannelId
from bot.domain.invitation import InvitationStatus, MessageRef
from bot.domain.pools import Pool, PoolKind, PoolMethod
from bot.domain.preferences import DefaultMethod, Preferences
from bot.errors import FormError, NotFoundError
from bot.services import Services
from bot.services.new_meetings import store_meeting
from tests.at_once import at_once, meanwhile
from tests.cast import BEN, DANA, PRIYA, SALES, WORKSPACE
from tests.pool_cast import ANA, DAY, DEV, EVE, RAJ, connect_everybody, create, ids, send
from tests.storage_cast import a_meeting
from tests.test_services_followers import confirming, rooms_of, stored
from tests.town import Town
from tests.world import ANNA, Stage

CARD = MessageRef(ChannelId("D0CARDS"), "7.000")
ROUNDS = 15


# ---------------------------------------------------------------- what is one's own


def test_settings_changed_on_two_devices_are_all_kept(stage: Stage) -> None:
    preferences = stage.services.preferences
    for number in range(ROUNDS):
        person = (DANA, PRIYA, BEN)[number % 3]
        zone, language = (("Asia/Kathmandu", "en"), (None, None))[number // 3 % 2]
        method = (DefaultMethod.ASK, DefaultMethod.INVITE)[number // 3 % 2]
        channel = (SALES, None)[number // 3 % 2]
        at_once(
            lambda person=person, zone=zone: preferences.set_time_zone(person, zone),
            lambda person=person, language=language: preferences.set_language(person, language),
            lambda person=person, method=method: preferences.set_method(person, method),
            lambda person=person, channel=channel: preferences.set_channel(person, channel),
        )
        assert preferences.get(person) == Preferences(None, zone, method, channel, language)


def test_favourites_and_the_default_marked_at_once_are_all_kept(stage: Stage) -> None:
    templates = stage.services.templates
    saved = [templates.save(DANA, f"Number {n}", stage.draft().fields, is_shared=True) for n in range(4)]
    for number in range(ROUNDS):
        person, is_first = (DANA, PRIYA, BEN)[number % 3], number // 3 % 2 == 0
        default = saved[0].id if is_first else None
        at_once(
            lambda person=person, default=default: templates.set_default(person, default),
            *(
                lambda person=person, one=one, is_first=is_first: templates.set_favourite(person, one.id, is_first)
                for one in saved
            ),
        )
        listed = templates.list(person)
        assert {one.is_favourite for one in listed} == {is_first}
        assert [one.template.id for one in listed if one.is_default] == ([default] if default else [])


def test_templates_of_one_name_saved_at_once_are_one(stage: Stage) -> None:
    templates, fields = stage.services.templates, stage.draft().fields
    for number in range(ROUNDS):
        names = (f"Demo {number}", f"DEMO {number}", f"demo {number}")
        outcomes = at_once(*(lambda name=name: templates.save(DANA, name, fields) for name in names))
        assert sorted(isinstance(one, FormError) for one in outcomes) == [False, True, True]
    assert len(templates.list(DANA)) == ROUNDS


def test_template_deleted_while_it_is_renamed_stays_deleted(stage: Stage) -> None:
    templates, fields = stage.services.templates, stage.draft().fields
    for number in range(ROUNDS):
        saved = templates.save(DANA, "Demo", fields)
        renamed, overwritten, _ = at_once(
            lambda saved=saved, number=number: templates.change(DANA, saved.id, name=f"{number}", is_shared=False),
            lambda saved=saved: templates.save(DANA, "Demo", fields, overwrite=saved.id),
            lambda saved=saved: templates.delete(DANA, saved.id),
        )
        assert templates.list(DANA) == ()
        for outcome in (renamed, overwritten):
            assert outcome.id == saved.id if not isinstance(outcome, Exception) else isinstance(outcome, NotFoundError)


def test_home_that_is_published_does_not_turn_the_page_back(stage: Stage, database_url: str) -> None:
    activity = stage.services.activity
    activity.home(DANA, HomeState(Tab.INVITATIONS))
    with stage.unit_of_work(write=True) as unit:
        unit.homes.put(WORKSPACE, DANA.user_id, HomeState(Tab.SETUP))
        with meanwhile(lambda: activity.home(DANA, None), database_url) as published:
            unit.commit()
            published.result()
    assert activity.state(DANA).tab is Tab.SETUP


# ---------------------------------------------------------------- Rooms and pools


def test_room_removed_while_it_is_renamed_stays_removed(stage: Stage) -> None:
    rooms, (atlas, _) = stage.services.rooms, rooms_of(stage)
    for number in range(ROUNDS):
        changed, _ = at_once(
            lambda number=number: rooms.change(DANA, atlas.id, name=f"Atlas {number}"),
            lambda: rooms.remove(PRIYA, atlas.id),
        )
        assert not isinstance(changed, Exception) or isinstance(changed, NotFoundError)
        with stage.unit_of_work(write=True) as unit:
            found = unit.rooms.get(atlas.id)
            assert found is not None
            assert found.is_removed
            assert found.name == (atlas.name if isinstance(changed, Exception) else changed.name)
            unit.rooms.put(atlas)
            unit.commit()


def test_room_removed_while_it_comes_into_pools_is_in_none(stage: Stage) -> None:
    atlas, borealis = rooms_of(stage)
    house = create(stage, name="House", kind=PoolKind.ROOMS, method=PoolMethod.POOLED, members=[borealis.id])
    pools = stage.services.pools
    for number in range(ROUNDS):
        added, created, _ = at_once(
            lambda: pools.add_members(DANA, house.id, [atlas.id]),
            lambda number=number: create(
                stage, name=f"{number}", kind=PoolKind.ROOMS, method=PoolMethod.POOLED, members=[borealis.id, atlas.id]
            ),
            lambda: stage.services.rooms.remove(DANA, atlas.id),
        )
        for outcome in (added, created):
            assert isinstance(outcome, Pool | FormError)
        assert {member.resource_id for pool in pools.list(WORKSPACE) for member in pool.members} == {borealis.id}
        with stage.unit_of_work(write=True) as unit:
            unit.rooms.put(atlas)
            unit.commit()


def test_pool_deleted_while_it_is_changed_is_gone_and_says_so(stage: Stage) -> None:
    connect_everybody(stage)
    pools = stage.services.pools
    for _ in range(ROUNDS):
        pool = create(stage)
        *changed, _ = at_once(
            lambda pool=pool: pools.rename(DANA, pool.id, "Vendors"),
            lambda pool=pool: pools.add_members(DANA, pool.id, [EVE.resource_id]),
            lambda pool=pool: pools.set_active(DANA, pool.id, ANA.resource_id, False),
            lambda pool=pool: pools.delete(DANA, pool.id),
        )
        assert {type(one) for one in changed} <= {Pool, NotFoundError}
        assert pools.list(WORKSPACE) == ()


@pytest.mark.parametrize("method", PoolMethod)
def test_pool_deleted_while_customers_book_and_colleagues_send(stage: Stage, method: PoolMethod) -> None:
    """All of it is done, in either order: who comes is whom the pool gave before."""
    connect_everybody(stage)
    pools = stage.services.pools
    for number in range(ROUNDS):
        two = [create(stage, name=name, method=method, members=who) for name, who in _TWO]
        seats = [pools.seat(WORKSPACE, pool.id) for pool in two]
        waiting = send(stage, *seats)
        seats = [pools.seat(WORKSPACE, pool.id) for pool in two]
        booked, sent, *_ = at_once(
            confirming(stage, waiting, number),
            lambda seats=seats: send(stage, *seats),
            *(lambda pool=pool: pools.delete(DANA, pool.id) for pool in two),
        )
        assert stored(stage, waiting).status is InvitationStatus.SCHEDULED
        assert set(booked.meeting.assigned) <= set(ids([ANA, RAJ, DEV, EVE]))
        assert stored(stage, sent).details.requirements == tuple(seat.candidates for seat in seats)


_TWO = (("First", ids([ANA, RAJ])), ("Second", ids([DEV, EVE])))


def test_pool_deleted_while_a_turn_of_it_is_booked_waits_for_the_booking(stage: Stage, database_url: str) -> None:
    connect_everybody(stage)
    pool = create(stage, method=PoolMethod.POOLED, members=ids([ANA, RAJ]))
    invitation = send(stage, stage.services.pools.seat(WORKSPACE, pool.id))
    meeting = a_meeting(invitation, stage.clock() + DAY)
    with stage.unit_of_work(write=True) as unit:
        unit.invitations.book(invitation)
        store_meeting(unit, meeting, invitation, (), stage.clock())
        with meanwhile(lambda: stage.services.pools.delete(DANA, pool.id), database_url):
            unit.commit()
    assert stage.services.pools.list(WORKSPACE) == ()
    with stage.unit_of_work() as unit:
        assert unit.meetings.get(meeting.id) == meeting


# ---------------------------------------------------------------- people and the worker


def test_card_posted_while_its_draft_is_discarded_goes_with_it(stage: Stage, database_url: str) -> None:
    drafts = stage.services.drafts
    draft = drafts.begin(DANA, ANNA)
    with stage.unit_of_work(write=True) as unit:
        unit.drafts.set_card(draft.id, CARD)
        with meanwhile(lambda: drafts.discard(WORKSPACE, DANA.user_id, draft.id), database_url):
            unit.commit()
    stage.deliver()
    assert stage.notifier.told == [("discarded", CARD)]


def test_card_posted_while_its_draft_is_sent_becomes_the_invitations(stage: Stage, database_url: str) -> None:
    draft = stage.draft()
    with stage.unit_of_work(write=True) as unit:
        unit.drafts.set_card(draft.id, CARD)
        with meanwhile(lambda: stage.services.invitations.send(DANA, draft, {}), database_url) as sent:
            unit.commit()
    assert stored(stage, sent.result()).card == CARD


def test_event_written_while_somebody_is_replaced_stays_written(town: Town, database_url: str) -> None:
    """Else whoever is gone hears as the first thing of a meeting that it is cancelled."""
    town.stage.connect(DANA, PRIYA, provider="google")
    invitation = town.book(members=[DANA.user_id])
    meeting = town.meeting(invitation)

    def replace_dana() -> None:
        town.stage.services.reassigning.reassign(DANA, meeting.id, DANA.user_id, PRIYA.user_id)

    with town.stage.unit_of_work(write=True) as unit:
        [copy] = unit.event_copies.of_meeting(meeting.id)
        unit.event_copies.put(replace(copy, written=7))
        with meanwhile(replace_dana, database_url):
            unit.commit()
    with town.stage.unit_of_work() as unit:
        kept = unit.event_copies.get(meeting.id, copy.holder)
    assert kept is not None
    assert (kept.written, kept.is_withdrawn) == (7, True)


@pytest.mark.parametrize(
    "act",
    [
        lambda services, copy: services.attention.keep(DANA, copy.meeting_id),
        lambda services, copy: services.reconcile.read(copy),
    ],
    ids=["kept", "read"],
)
def test_deciding_about_an_event_and_changing_the_meeting_do_not_wait_for_each_other(
    town: Town, database_url: str, act: Callable[[Services, EventCopy], None]
) -> None:
    """Whoever changes a meeting locks it first, and what lies in calendars then; so does whoever keeps the event, and
    the worker that has read it."""
    town.stage.connect(DANA, provider="google")
    invitation = town.book(members=[DANA.user_id], conferencing="meet")
    meeting = town.meeting(invitation)
    with town.stage.unit_of_work(write=True) as unit:
        [copy] = unit.event_copies.of_meeting(meeting.id)
        copy = replace(copy, finding=Finding(Trouble.MISSING))
        unit.event_copies.put(copy)
        unit.meetings.set_conference(meeting.id, Conference("", ""), is_change=False)
        unit.meetings.set_conference_problem(meeting.id, "There is none yet.")
        unit.commit()
    with town.stage.unit_of_work(write=True) as unit:
        unit.meetings.get(meeting.id, lock=True)
        with meanwhile(lambda: act(town.stage.services, copy), database_url) as done:
            unit.event_copies.get(meeting.id, copy.holder, lock=True)
            unit.commit()
            done.result()
    assert town.attention(invitation) == []
