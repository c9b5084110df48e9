"""Somebody else, or another Room, takes a place: claims, turns, event, news and receipt, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.activity import MeetingItem
from bot.domain.calendar import EventStatus, PartStat
from bot.domain.event_copies import CopyRole, Trouble
from bot.domain.ids import POOL_PREFIX, ConnectionId, ResourceId, UserId, WorkspaceId
from bot.domain.intervals import Interval
from bot.domain.invitation import Invitation
from bot.domain.meeting import Attendance, Meeting
from bot.domain.people import Person
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMethod
from bot.domain.rooms import Room
from bot.errors import DeliveryError, NotFoundError, NotFreeError, StaleStateError
from bot.systems import builtin_calendar
from storage.database import Database
from tests.cast import BEN, CHARLIE, DANA, GONE, PRIYA, WORKSPACE, ManualClock
from tests.town import Town, ids
from tests.world import Stage

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def at_google(town: Town, *members: Person, **fields: Any) -> tuple[Invitation, Meeting]:
    town.stage.connect(DANA, PRIYA, BEN, CHARLIE, provider="google")
    invitation = town.book(members=ids(*members or (DANA, PRIYA)), **fields)
    return invitation, town.meeting(invitation)


def reassign(town: Town, meeting: Meeting, out: Person, came: Person, by: Person = DANA) -> None:
    town.stage.services.reassigning.reassign(by, meeting.id, out.user_id, came.user_id)
    town.stage.deliver()


def sales(town: Town, method: PoolMethod, *people: Person) -> Pool:
    return town.stage.services.pools.create(
        DANA,
        name="Sales",
        kind=PoolKind.PEOPLE,
        method=method,
        cycle=Cycle.CONTINUOUS,
        members=[person.resource_id for person in people],
    )


def counts(town: Town, pool: Pool) -> dict[str, tuple[int, int]]:
    """Each member's turns: received, removed."""
    ledger = town.stage.services.pools.ledger(WORKSPACE, pool.id)
    return {one.resource_id.removeprefix("U0"): (one.received, one.removed) for one in ledger.standings}


def claimed(town: Town, meeting: Meeting, *people: Person) -> list[bool]:
    """Whether each of them is claimed at the Meeting's time."""
    resources = [person.resource_id for person in people]
    with town.stage.unit_of_work() as unit:
        found = unit.claims.busy(WORKSPACE, resources, Interval(meeting.start, meeting.end))
    return [bool(found[resource]) for resource in resources]


def a_room(town: Town, slug: str, capacity: int | None = None, owner: Person = DANA, provider: str = "google") -> Room:
    room = Room(
        ResourceId(f"room:{slug}"),
        WORKSPACE,
        slug.title(),
        f"{slug}@rooms.example",
        ConnectionId(f"{provider}-{owner.user_id}"),
        capacity,
    )
    with town.stage.unit_of_work(write=True) as unit:
        unit.rooms.put(room)
        unit.commit()
    town.google.shared.add(room.address)
    town.caldav.shared.add(room.address)
    return room


def mails_to(town: Town, address: str) -> list[EmailMessage]:
    return [mail for mail in town.stage.mailer.sent if mail["To"].addresses[0].addr_spec == address]


def method_of(mail: EmailMessage) -> str | None:
    parts = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    return next((str(part.get_param("method")) for part in parts), None)


# ---------------------------------------------------------------- people


def test_new_person_is_claimed_the_old_one_free_and_the_event_says_so(town: Town) -> None:
    invitation, meeting = at_google(town)
    reassign(town, meeting, PRIYA, BEN)
    after = town.meeting(invitation)
    assert (after.assigned, after.sequence) == ((DANA.resource_id, BEN.resource_id), meeting.sequence + 1)
    assert claimed(town, after, DANA, PRIYA, BEN) == [True, False, True]
    [event] = town.google.events.values()
    assert [one.email for one in event.attendees] == [DANA.email, BEN.email, "anna@acme.com"]
    assert event.sequence == after.sequence


def test_everybody_concerned_is_told_and_the_customer_reads_who_comes(town: Town) -> None:
    _, meeting = at_google(town)
    before = len(town.stage.mailer.sent)
    reassign(town, meeting, PRIYA, BEN)
    assert dict(town.news("reassigned")) == {
        DANA.user_id: "Ben Okafor takes the place of Priya Raman",
        PRIYA.user_id: "Ben Okafor takes your place",
        BEN.user_id: "You take the place of Priya Raman",
    }
    [mail] = town.stage.mailer.sent[before:]
    assert mail["To"].addresses[0].addr_spec == "anna@acme.com"
    assert mail["Subject"].startswith("Ben Okafor will meet you: Roadmap review")
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Ben Okafor will be at your meeting in place of Priya Raman" in body.get_content()
    assert method_of(mail) is None, "Google sends the new event itself"


def test_our_mail_carries_the_event_where_no_calendar_invites(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="caldav")
    invitation = town.book(members=ids(DANA, PRIYA))
    reassign(town, town.meeting(invitation), PRIYA, BEN)
    assert [method_of(mail) for mail in mails_to(town, "anna@acme.com")] == ["REQUEST", "REQUEST"]
    uid = town.meeting(invitation).uid
    states = {place: town.caldav.events[place, uid].status for place, _ in town.caldav.events}
    assert states == {
        DANA.email: EventStatus.CONFIRMED,
        PRIYA.email: EventStatus.CANCELLED,
        BEN.email: EventStatus.CONFIRMED,
    }
    assert BEN.email in [one.email for one in town.caldav.events[DANA.email, uid].attendees]
    assert town.caldav.events[PRIYA.email, uid].transparent, "her time is free again"


def test_members_without_a_calendar_get_and_lose_it_by_mail(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    town.caldav.shared |= {PRIYA.email, BEN.email}
    invitation = town.book(members=ids(DANA, PRIYA))
    reassign(town, town.meeting(invitation), PRIYA, BEN)
    assert [method_of(mail) for mail in mails_to(town, PRIYA.email)] == ["REQUEST", "CANCEL"]
    assert [method_of(mail) for mail in mails_to(town, BEN.email)] == ["REQUEST"]
    body = mails_to(town, PRIYA.email)[-1].get_body(("plain",))
    assert body is not None
    assert "takes place without you now, and the time is yours again" in " ".join(body.get_content().split())


def test_event_moves_out_of_the_calendar_of_whoever_is_replaced(town: Town) -> None:
    _, meeting = at_google(town, PRIYA, BEN)
    assert [place for place, _ in town.google.events] == [PRIYA.email]
    reassign(town, meeting, PRIYA, CHARLIE)
    assert town.google.events[PRIYA.email, meeting.uid].status is EventStatus.CANCELLED
    event = town.google.events[CHARLIE.email, meeting.uid]
    assert event.status is EventStatus.CONFIRMED
    assert [one.email for one in event.attendees] == [CHARLIE.email, BEN.email, "anna@acme.com"]
    reassign(town, meeting, CHARLIE, PRIYA)
    assert town.google.events[PRIYA.email, meeting.uid].status is EventStatus.CONFIRMED
    assert town.google.events[CHARLIE.email, meeting.uid].status is EventStatus.CANCELLED
    with town.stage.unit_of_work() as unit:
        [copy] = unit.event_copies.of_meeting(meeting.id)
    assert (copy.holder, copy.role) == (PRIYA.resource_id, CopyRole.EVENT)


def test_conference_of_the_old_calendar_goes_with_the_event_and_the_new_link_is_told(town: Town) -> None:
    invitation, meeting = at_google(town, PRIYA, BEN, **{f.CONFERENCING: "meet"})
    assert town.meeting(invitation).join_url == town.google.link
    town.google.link = "https://google.example/another"
    reassign(town, meeting, PRIYA, CHARLIE)
    assert town.meeting(invitation).join_url == "https://google.example/another"
    assert "another" in mails_to(town, "anna@acme.com")[-1].as_string()


def test_conference_that_the_new_calendar_cannot_make_is_put_to_the_inviter(town: Town) -> None:
    town.stage.connect(PRIYA, BEN, provider="google")
    town.stage.connect(DANA, CHARLIE, provider="caldav")
    invitation = town.book(members=ids(PRIYA), **{f.CONFERENCING: "meet"})
    reassign(town, town.meeting(invitation), PRIYA, CHARLIE)
    assert [one.trouble for one in town.attention(invitation)] == [Trouble.NO_CONFERENCE]
    assert town.meeting(invitation).join_url == ""


def test_link_in_the_event_of_whoever_is_gone_leads_nowhere(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="caldav")
    invitation = town.book(members=ids(DANA, PRIYA))
    link = town.caldav.events[PRIYA.email, town.meeting(invitation).uid].url
    token = link.rpartition("/")[2]
    town.stage.services.member_links.look(token)
    reassign(town, town.meeting(invitation), PRIYA, BEN)
    with pytest.raises(NotFoundError):
        town.stage.services.member_links.look(token)


def test_status_of_the_old_one_is_removed_and_the_new_one_is_invited(town: Town) -> None:
    invitation, meeting = at_google(town)
    town.google.answer(DANA.email, meeting.uid, PRIYA.email, PartStat.DECLINED)
    town.stage.clock.advance(MINUTE)
    town.stage.services.reconcile.read_due()
    reassign(town, meeting, PRIYA, BEN)
    item = town.stage.services.activity.meeting_item(town.meeting(invitation), invitation)
    assert [(person.name, status) for person, status in item.members] == [
        (DANA.name, Attendance.INVITED),
        (BEN.name, Attendance.INVITED),
    ]
    assert item.former == (PRIYA,)
    with pytest.raises(NotFoundError):
        town.stage.services.meetings.item(PRIYA, meeting.id)
    assert town.stage.services.meetings.item(BEN, meeting.id)


def test_receipt_says_who_was_replaced_and_who_chose(town: Town) -> None:
    invitation, meeting = at_google(town)
    reassign(town, meeting, PRIYA, BEN)
    assert [(one.resource_id, one.reason) for one in town.meeting(invitation).receipts] == [
        (BEN.resource_id, "chosen by Dana Fox, in place of Priya Raman")
    ]


def body_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_who_comes_after_a_move_does_not_read_that_it_has_moved(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    town.caldav.shared |= {PRIYA.email, BEN.email, CHARLIE.email}
    invitation = town.book(members=ids(DANA, PRIYA, CHARLIE), working_hours=False)
    meeting = town.meeting(invitation)
    town.stage.services.moves.move(DANA, meeting.id, meeting.start + HOUR, meeting.start, "")
    town.stage.deliver()
    assert "has moved to this time" in body_of(mails_to(town, CHARLIE.email)[-1])
    reassign(town, town.meeting(invitation), PRIYA, BEN)
    assert "you are in it" in body_of(mails_to(town, BEN.email)[-1])
    assert "has changed" in body_of(mails_to(town, CHARLIE.email)[-1])
    assert "has moved" not in body_of(mails_to(town, CHARLIE.email)[-1])


def test_shared_link_of_whoever_is_gone_leads_nowhere_and_the_others_have_a_new_one(town: Town) -> None:
    invitation, meeting = at_google(town, **{f.INCLUDE_CUSTOMER: False})
    links = town.stage.services.member_links
    [event] = town.google.events.values()
    token = event.url.rpartition("/")[2]
    assert links.look(token)
    reassign(town, meeting, PRIYA, BEN)
    with pytest.raises(NotFoundError):
        links.look(token)
    [event] = town.google.events.values()
    assert links.look(event.url.rpartition("/")[2]).meeting == town.meeting(invitation)


def test_customer_reads_nothing_of_somebody_who_came_and_went_before_the_mail(town: Town) -> None:
    _, meeting = at_google(town)
    reassigning = town.stage.services.reassigning
    reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    reassigning.reassign(DANA, meeting.id, BEN.user_id, CHARLIE.user_id)
    town.stage.deliver()
    told = [body_of(mail) for mail in mails_to(town, "anna@acme.com")[1:]]
    assert [line for line in told if "Ben" in line] == []
    assert "Charlie Moss will be at your meeting in place of Priya Raman" in told[-1]


def test_customer_reads_once_of_somebody_who_came_went_and_came_again(town: Town) -> None:
    _, meeting = at_google(town)
    reassigning = town.stage.services.reassigning
    reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    reassigning.reassign(DANA, meeting.id, BEN.user_id, CHARLIE.user_id)
    reassigning.reassign(DANA, meeting.id, CHARLIE.user_id, BEN.user_id)
    town.stage.deliver()
    [told] = [body_of(mail) for mail in mails_to(town, "anna@acme.com")[1:]]
    assert "Ben Okafor will be at your meeting in place of Priya Raman" in told


def test_customer_does_not_read_that_somebody_is_missing_who_is_back(town: Town) -> None:
    _, meeting = at_google(town, DANA, PRIYA, BEN)
    reassigning = town.stage.services.reassigning
    reassigning.do_without(DANA, meeting.id, PRIYA.user_id)
    reassigning.reassign(DANA, meeting.id, BEN.user_id, PRIYA.user_id)
    town.stage.deliver()
    told = [body_of(mail) for mail in mails_to(town, "anna@acme.com")[1:]]
    assert [line for line in told if "Priya Raman will not be at your meeting" in line] == []
    assert "Priya Raman will be at your meeting in place of Ben Okafor" in told[-1]


# ---------------------------------------------------------------- refusals


def busy_at(town: Town, person: Person, meeting: Meeting) -> None:
    town.google.busy[person.email] = (Interval(meeting.start, meeting.end),)


def unreadable(town: Town, person: Person, meeting: Meeting) -> None:
    town.google.unreadable[person.email] = "no answer"


def unconnected(town: Town, person: Person, meeting: Meeting) -> None:
    town.disconnect(person, "google")


def asleep(town: Town, person: Person, meeting: Meeting) -> None:
    town.stage.directory.known[WORKSPACE, person.user_id] = replace(person, time_zone="Asia/Tokyo")


def elsewhere(town: Town, person: Person, meeting: Meeting) -> None:
    invitation = town.stage.invite(members=ids(person))
    town.stage.book(invitation, meeting.start)


@pytest.mark.parametrize(
    ("hinder", "words"),
    [
        (busy_at, "Ben Okafor is busy then."),
        (unreadable, "Ben Okafor has a calendar that cannot be read just now."),
        (unconnected, "Ben Okafor has not connected a calendar, so nobody knows when they are free."),
        (asleep, "Ben Okafor is not at work then."),
        (elsewhere, "Ben Okafor has another meeting then."),
    ],
)
def test_whoever_is_not_free_is_refused_by_name_and_nothing_changes(town: Town, hinder: Any, words: str) -> None:
    invitation, meeting = at_google(town)
    hinder(town, BEN, meeting)
    with pytest.raises(NotFreeError, match=words.replace(".", r"\.")):
        reassign(town, meeting, PRIYA, BEN)
    assert town.meeting(invitation) == meeting
    assert claimed(town, meeting, DANA, PRIYA) == [True, True]


def test_nobody_is_seated_twice_and_bots_and_those_who_are_gone_are_refused(town: Town) -> None:
    _, meeting = at_google(town)
    with pytest.raises(NotFreeError, match="Dana Fox is in this meeting already"):
        reassign(town, meeting, PRIYA, DANA)
    town.google.shared.add(GONE.email)
    with pytest.raises(NotFreeError, match="Gone Gary cannot be in a meeting: bots and deactivated people cannot"):
        reassign(town, meeting, PRIYA, GONE)
    with pytest.raises(StaleStateError, match="not in this meeting any more"):
        reassign(town, meeting, CHARLIE, BEN)


def test_strangers_cannot_and_neither_can_anybody_once_it_has_begun(town: Town) -> None:
    _, meeting = at_google(town)
    with pytest.raises(NotFoundError):
        reassign(town, meeting, PRIYA, BEN, by=CHARLIE)
    town.stage.clock.now = meeting.start
    with pytest.raises(StaleStateError, match="begun already"):
        reassign(town, meeting, PRIYA, BEN)


# ---------------------------------------------------------------- pools


@pytest.mark.parametrize("method", [PoolMethod.STRICT, PoolMethod.FLEXIBLE, PoolMethod.POOLED])
def test_turn_goes_from_one_member_to_the_other(town: Town, method: PoolMethod) -> None:
    town.stage.connect(DANA, PRIYA, BEN, CHARLIE, provider="google")
    pool = sales(town, method, PRIYA, BEN, CHARLIE)
    invitation = town.book(members=[f"{POOL_PREFIX}{pool.id}"])
    meeting = town.meeting(invitation)
    assert counts(town, pool) == {"PRIYA": (1, 0), "BEN": (0, 0), "CHARLIE": (0, 0)}
    town.stage.clock.advance(MINUTE)
    page = town.stage.services.reassigning.substitutes(DANA, meeting.id, PRIYA.user_id)
    assert [(one.name, one.note, one.is_free) for one in page.substitutes] == [
        ("Ben Okafor", "next in Sales", True),
        ("Charlie Moss", "also in Sales", True),
    ]
    reassign(town, meeting, PRIYA, BEN)
    assert counts(town, pool) == {"PRIYA": (1, 1), "BEN": (1, 0), "CHARLIE": (0, 0)}
    [receipt] = town.meeting(invitation).receipts
    assert receipt.reason.endswith(", in place of Priya Raman")
    assert "chosen by" not in receipt.reason
    town.cancel(invitation)
    assert counts(town, pool) == {"PRIYA": (1, 1), "BEN": (1, 1), "CHARLIE": (0, 0)}


def test_somebody_from_outside_the_pool_takes_no_turn(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, CHARLIE, provider="google")
    pool = sales(town, PoolMethod.STRICT, PRIYA, BEN)
    invitation = town.book(members=[f"{POOL_PREFIX}{pool.id}"])
    reassign(town, town.meeting(invitation), PRIYA, CHARLIE)
    assert counts(town, pool) == {"PRIYA": (1, 1), "BEN": (0, 0)}


def test_who_comes_to_mind_are_alternatives_and_optional_members_the_free_ones_first(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, CHARLIE, provider="google")
    fields = {f.ALTERNATIVES: {PRIYA.user_id: ids(BEN)}, f.OPTIONAL_MEMBERS: ids(CHARLIE)}
    invitation = town.book(members=ids(DANA, PRIYA), **fields)
    meeting = town.meeting(invitation)
    busy_at(town, BEN, meeting)
    page = town.stage.services.reassigning.substitutes(DANA, meeting.id, PRIYA.user_id)
    assert [(one.name, one.note, one.obstacle) for one in page.substitutes] == [
        ("Charlie Moss", "so far optional", ""),
        ("Ben Okafor", "an alternative", "is busy then"),
    ]
    assert [name for _, name in page.places] == ["Dana Fox", "Priya Raman"]


# ---------------------------------------------------------------- without


def test_meeting_goes_on_without_one_and_the_place_can_still_be_told_apart(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, CHARLIE, provider="google")
    pool = sales(town, PoolMethod.STRICT, BEN, CHARLIE)
    invitation = town.book(members=[PRIYA.user_id, f"{POOL_PREFIX}{pool.id}"])
    meeting = town.meeting(invitation)
    town.stage.services.reassigning.do_without(DANA, meeting.id, PRIYA.user_id)
    town.stage.deliver()
    after = town.meeting(invitation)
    assert (after.assigned, after.vacant) == ((BEN.resource_id,), (0,))
    assert claimed(town, after, PRIYA, BEN) == [False, True]
    told = dict(town.news("reassigned"))
    assert told[PRIYA.user_id] == "It takes place without you"
    assert told[DANA.user_id] == "It takes place without Priya Raman"
    assert mails_to(town, "anna@acme.com")[-1]["Subject"].startswith("A change in who will meet you")
    reassign(town, after, BEN, CHARLIE)
    assert counts(town, pool) == {"BEN": (1, 1), "CHARLIE": (1, 0)}
    with pytest.raises(NotFreeError, match="Somebody of your side has to be there"):
        town.stage.services.reassigning.do_without(DANA, meeting.id, CHARLIE.user_id)


# ---------------------------------------------------------------- rooms


def with_room(town: Town, provider: str = "google", **fields: Any) -> tuple[Invitation, Meeting]:
    town.stage.connect(DANA, PRIYA, provider=provider)
    atlas = a_room(town, "atlas", 8, provider=provider)
    invitation = town.book(members=ids(DANA, PRIYA), **{f.ROOMS: [atlas.id], **fields})
    return invitation, town.meeting(invitation)


def test_room_changes_in_claims_event_and_news(town: Town) -> None:
    invitation, meeting = with_room(town)
    cedar = a_room(town, "cedar", 12)
    before = len(town.stage.mailer.sent)
    town.stage.services.reassigning.reassign(DANA, meeting.id, "room:atlas", cedar.id)
    town.stage.deliver()
    assert town.meeting(invitation).assigned == (DANA.resource_id, PRIYA.resource_id, cedar.id)
    [event] = town.google.events.values()
    assert [one.email for one in event.attendees if one.is_room] == [cedar.address]
    assert event.location == "Cedar"
    assert dict(town.news("reassigned")) == {
        DANA.user_id: "Cedar in place of Atlas",
        PRIYA.user_id: "Cedar in place of Atlas",
    }
    assert len(town.stage.mailer.sent) == before, "Google tells the customer, and no mail of ours has named a room"


def test_room_with_a_calendar_of_its_own_loses_its_copy_and_the_customers_event_moves(town: Town) -> None:
    _, meeting = with_room(town, "caldav")
    cedar = a_room(town, "cedar", 12, provider="caldav")
    town.stage.services.reassigning.reassign(DANA, meeting.id, "room:atlas", cedar.id)
    town.stage.deliver()
    assert town.caldav.events["atlas@rooms.example", meeting.uid].status is EventStatus.CANCELLED
    assert town.caldav.events[cedar.address, meeting.uid].status is EventStatus.CONFIRMED
    mail = mails_to(town, "anna@acme.com")[-1]
    assert mail["Subject"].startswith("New place: Roadmap review")
    assert method_of(mail) == "REQUEST"


def test_rooms_that_come_to_mind_are_alternatives_then_the_smallest_that_is_large_enough(town: Town) -> None:
    for slug, capacity in (("booth", 2), ("cedar", 12), ("dome", 20), ("elm", None), ("forum", 8)):
        a_room(town, slug, capacity)
    _, meeting = with_room(town, **{f.ALTERNATIVES: {"room:atlas": ["room:booth"]}})
    town.google.shared.discard("forum@rooms.example")
    page = town.stage.services.reassigning.substitutes(DANA, meeting.id, "room:atlas")
    assert [(one.name, one.note, one.obstacle) for one in page.substitutes] == [
        ("Booth", "for 2", ""),
        ("Cedar", "for 12", ""),
        ("Dome", "for 20", ""),
        ("Forum", "for 8", "has a calendar that cannot be read just now"),
    ]


def test_further_ones_are_asked_only_where_none_of_the_first_is_free(town: Town) -> None:
    rooms = [a_room(town, f"room{number:02}", 8) for number in range(60)]
    _, meeting = with_room(town)
    page = town.stage.services.reassigning.substitutes(DANA, meeting.id, "room:atlas")
    assert [one.name for one in page.substitutes] == [f"Room{number:02}" for number in range(25)]
    for room in rooms[:59]:
        town.google.shared.discard(room.address)
    page = town.stage.services.reassigning.substitutes(DANA, meeting.id, "room:atlas")
    assert [one.name for one in page.substitutes if one.is_free] == ["Room59"]
    assert len(page.substitutes) == 60


def test_room_proposed_has_the_same_equipment(town: Town) -> None:
    _, meeting = with_room(town)
    atlas, cedar, dome = (
        town.stage.services.rooms.get(WORKSPACE, "room:atlas"),
        a_room(town, "cedar", 12),
        a_room(town, "dome", 20),
    )
    with town.stage.unit_of_work(write=True) as unit:
        unit.rooms.put(replace(atlas, equipment="Video conference"))
        unit.rooms.put(replace(cedar, equipment="Whiteboard"))
        unit.rooms.put(replace(dome, equipment="Whiteboard, video  conference"))
        unit.commit()
    page = town.stage.services.reassigning.substitutes(DANA, meeting.id, "room:atlas")
    assert [(one.name, one.note) for one in page.substitutes] == [("Dome", "for 20 · Whiteboard, video  conference")]


def test_somebody_free_is_found_however_far_behind_in_the_pool(town: Town) -> None:
    crowd = [replace(BEN, user_id=UserId(f"U{n:03}"), name=f"N{n}", email=f"n{n}@northwind.example") for n in range(80)]
    for person in crowd:
        town.stage.directory.known[WORKSPACE, person.user_id] = person
    pool = sales(town, PoolMethod.POOLED, PRIYA, *crowd)
    town.stage.connect(DANA, PRIYA, *crowd, provider="google")
    invitation = town.book(members=[DANA.user_id, f"{POOL_PREFIX}{pool.id}"])
    meeting = town.meeting(invitation)
    for person in crowd[:79]:
        busy_at(town, person, meeting)
    out = next(who for who in meeting.assigned if who != DANA.resource_id)
    found = town.stage.services.reassigning.substitutes(DANA, meeting.id, out).substitutes
    assert [one.name for one in found if one.is_free] == ["N79"]


def test_room_of_another_workspace_is_not_known_here(town: Town) -> None:
    _, meeting = with_room(town)
    elsewhere = replace(a_room(town, "cedar", 12), workspace_id=WorkspaceId("T0OTHER"))
    with town.stage.unit_of_work(write=True) as unit:
        unit.rooms.put(elsewhere)
        unit.commit()
    with pytest.raises(NotFreeError, match="is not known here any more"):
        town.stage.services.reassigning.reassign(DANA, meeting.id, "room:atlas", elsewhere.id)


def test_person_cannot_take_a_rooms_place(town: Town) -> None:
    _, meeting = with_room(town)
    with pytest.raises(NotFreeError, match="cannot take"):
        town.stage.services.reassigning.reassign(DANA, meeting.id, "room:atlas", BEN.user_id)


def test_rooms_are_free_again_once_replaced_or_cancelled(town: Town) -> None:
    invitation, meeting = with_room(town)
    cedar = a_room(town, "cedar", 12)
    rooms = [ResourceId("room:atlas"), cedar.id]

    def reserved() -> list[bool]:
        with town.stage.unit_of_work() as unit:
            found = unit.claims.busy(WORKSPACE, rooms, Interval(meeting.start, meeting.end))
        return [bool(found[room]) for room in rooms]

    assert reserved() == [True, False]
    town.stage.services.reassigning.reassign(DANA, meeting.id, "room:atlas", cedar.id)
    assert reserved() == [False, True]
    town.cancel(invitation)
    assert reserved() == [False, False]


def test_meeting_goes_on_without_its_room(town: Town) -> None:
    invitation, meeting = with_room(town)
    town.stage.services.reassigning.do_without(DANA, meeting.id, "room:atlas")
    town.stage.deliver()
    [event] = town.google.events.values()
    assert event.location == ""
    assert town.meeting(invitation).vacant == (2,)


def declined(town: Town, meeting: Meeting) -> None:
    """The room says no, and says so still a minute later."""
    for _ in range(2):
        town.google.answer(DANA.email, meeting.uid, "atlas@rooms.example", PartStat.DECLINED)
        town.stage.clock.advance(MINUTE)
        town.stage.services.reconcile.read_due()
    town.stage.clock.advance(MINUTE)
    town.stage.services.reconcile.read_due()
    town.stage.deliver()


def test_room_that_declines_is_reported_with_a_free_one_in_its_place(town: Town) -> None:
    cedar = a_room(town, "cedar", 12)
    a_room(town, "booth", 2)
    invitation, meeting = with_room(town)
    declined(town, meeting)
    assert [one.trouble for one in town.attention(invitation)] == [Trouble.ROOM_DECLINED]
    told = town.stage.notifier.items[-1]
    assert isinstance(told, MeetingItem)
    [offer] = told.room_offers
    assert (offer.name, offer.instead and offer.instead.resource_id) == ("Atlas", cedar.id)
    town.stage.services.reassigning.reassign(DANA, meeting.id, offer.out, cedar.id)
    town.stage.deliver()
    assert town.attention(invitation) == []


def test_room_that_declines_with_no_other_free_is_reported_as_such(town: Town) -> None:
    a_room(town, "booth", 2)
    _, meeting = with_room(town)
    declined(town, meeting)
    told = town.stage.notifier.items[-1]
    assert isinstance(told, MeetingItem)
    assert [(offer.name, offer.instead) for offer in told.room_offers] == [("Atlas", None)]


# ---------------------------------------------------------------- deliveries that fail


def test_copy_that_cannot_be_taken_out_is_reported_and_tried_again(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="caldav")
    invitation = town.book(members=ids(DANA, PRIYA))
    meeting = town.meeting(invitation)
    town.stage.services.reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    town.caldav.failures = [DeliveryError("Gone for good.", permanent=True)]
    town.stage.deliver()
    assert [one.trouble for one in town.attention(invitation)] == [Trouble.NOT_REMOVED]
    assert town.caldav.events[PRIYA.email, meeting.uid].status is EventStatus.CONFIRMED
    town.stage.services.attention.write_again(DANA, meeting.id)
    town.stage.deliver()
    assert town.attention(invitation) == []
    assert town.caldav.events[PRIYA.email, meeting.uid].status is EventStatus.CANCELLED


def test_withdrawn_copies_are_cancelled_once_and_read_no_more(town: Town) -> None:
    town.stage.connect(DANA, provider="caldav")
    town.caldav.shared |= {PRIYA.email, BEN.email}
    invitation = town.book(members=ids(DANA, PRIYA))
    reassign(town, town.meeting(invitation), PRIYA, BEN)
    town.cancel(invitation)
    assert [method_of(mail) for mail in mails_to(town, PRIYA.email)] == ["REQUEST", "CANCEL"]
    assert [method_of(mail) for mail in mails_to(town, BEN.email)] == ["REQUEST", "CANCEL"]


def test_who_comes_back_before_the_calendar_was_told_stays_in_it(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, BEN, provider="caldav")
    invitation = town.book(members=ids(DANA, PRIYA))
    meeting = town.meeting(invitation)
    reassigning = town.stage.services.reassigning
    reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    reassigning.reassign(DANA, meeting.id, BEN.user_id, PRIYA.user_id)
    town.stage.deliver()
    states = {place: event.status for (place, _), event in town.caldav.events.items()}
    assert states[PRIYA.email] is EventStatus.CONFIRMED
    assert states.get(BEN.email) in (None, EventStatus.CANCELLED)
    assert claimed(town, meeting, DANA, PRIYA, BEN) == [True, True, False]
    assert (BEN.user_id, "You take the place of Priya Raman") not in town.news("reassigned"), "void by then"


# ---------------------------------------------------------------- whoever has the event already


def test_optional_member_is_not_busy_by_the_very_event(sqlite_database: Database) -> None:
    """In a calendar that holds our own copy, the built-in one, as it is in the playground."""
    unit_of_work = sqlite_database.unit_of_work
    stage = Stage(unit_of_work, systems=dict(builtin_calendar(unit_of_work).providers))
    stage.connect(DANA, PRIYA, BEN)
    invitation = stage.invite(members=ids(DANA, PRIYA), optional_members=ids(BEN))
    stage.book(invitation)
    stage.deliver()
    with unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    item = stage.services.reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    assert [person.name for person, _ in item.members] == ["Dana Fox", "Ben Okafor"]
    assert item.optional == ()


# ---------------------------------------------------------------- a cancellation at the same moment


class Interrupted(ManualClock):
    """What somebody else does happens when the clock is looked at the next time."""

    then: Callable[[], object] | None = None

    def __call__(self) -> datetime:
        then, self.then = self.then, None
        if then:
            then()
        return self.now


def by_slack(stage: Stage, invitation: Invitation, meeting: Meeting) -> None:
    stage.services.meetings.cancel(DANA, meeting.id, "")


def by_customer(stage: Stage, invitation: Invitation, meeting: Meeting) -> None:
    booking = stage.services.booking
    booking.cancel(invitation.token, booking.nonce(invitation.token), "")


def by_link(stage: Stage, invitation: Invitation, meeting: Meeting) -> None:
    [event] = [one for (place, _), one in stage.calendar.events.items() if place == DANA.email]
    token, links = event.url.rpartition("/")[2], stage.services.member_links
    links.cancel(token, links.nonce(token), "")


@pytest.mark.parametrize("cancel", [by_slack, by_customer, by_link])
def test_who_has_just_come_hears_of_the_cancellation_too(
    sqlite_database: Database, cancel: Callable[[Stage, Invitation, Meeting], None]
) -> None:
    clock = Interrupted()
    stage = Stage(sqlite_database.unit_of_work, clock=clock)
    stage.connect()
    invitation = stage.invite(members=ids(DANA, PRIYA))
    stage.book(invitation)
    stage.deliver()
    with stage.unit_of_work() as unit:
        meeting = unit.meetings.of_invitation(invitation.id)
    assert meeting is not None
    clock.then = lambda: stage.services.reassigning.reassign(DANA, meeting.id, PRIYA.user_id, BEN.user_id)
    cancel(stage, invitation, meeting)
    stage.deliver()
    told = {line[1] for line in stage.notifier.told if line[0] == "news" and line[2] == "canceled"}
    assert told == {DANA.user_id, BEN.user_id}
