"""Mixed fleets: a booking ends well, in one event for each calendar, or is refused early where somebody can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.calendar import Connection
from bot.domain.ids import POOL_PREFIX, ConnectionId, ResourceId
from bot.domain.invitation import ConferencingKind
from bot.domain.people import Person
from bot.domain.pools import PoolKind, PoolMember, PoolMethod
from bot.domain.rooms import Room
from bot.errors import FormError
from tests.cast import BEN, DANA, PRIYA, WORKSPACE
from tests.pool_cast import FOUNDED, SALES, a_pool
from tests.town import Town, ids

ROOMS = {"google": "atlas@resource.example", "microsoft": "lab@fox.example", "caldav": "https://dav.example/booth/"}
NAMES = {"google": "Atlas", "microsoft": "Lab", "caldav": "Booth"}


def connect(town: Town, person: Person, provider: str, account: str) -> None:
    """One more account of theirs."""
    connection = Connection(ConnectionId(f"{provider}-{account}"), WORKSPACE, person.user_id, provider, account)
    with town.stage.unit_of_work(write=True) as unit:
        unit.connections.put(connection)
        unit.commit()


def room(town: Town, provider: str) -> str:
    """A Room that Ben has added through an account of that system; he takes no part."""
    keeper = Connection(ConnectionId(f"{provider}-keeper"), WORKSPACE, BEN.user_id, provider, f"rooms@{provider}")
    added = Room(ResourceId(f"room:{provider}"), WORKSPACE, NAMES[provider], ROOMS[provider], keeper.id)
    with town.stage.unit_of_work(write=True) as unit:
        unit.connections.put(keeper)
        unit.rooms.put(added)
        unit.commit()
    {"google": town.google, "microsoft": town.microsoft, "caldav": town.caldav}[provider].shared.add(ROOMS[provider])
    return added.id


@dataclass(frozen=True)
class Fleet:
    """Whose calendar is where, and what comes of it: `refused` is the field in step 1; else the places of the event. A
    `*` marks one in which nobody is named."""

    dana: str
    priya: str = ""
    room: str = ""
    kind: str = "none"
    refused: str = ""
    places: tuple[str, ...] = ()


D, P = DANA.email, PRIYA.email
FLEETS = {
    "Google, Google": Fleet("google", "google", places=(f"google {D}",)),
    "Microsoft, Microsoft": Fleet("microsoft", "microsoft", places=(f"microsoft {D}",)),
    "CalDAV, CalDAV": Fleet("caldav", "caldav", places=(f"caldav {D}", f"caldav {P}")),
    "Google organiser, Microsoft member": Fleet("google", "microsoft", places=(f"google {D}",)),
    "Google organiser, CalDAV member": Fleet("google", "caldav", places=(f"google {D}",)),
    "Microsoft organiser, Google member": Fleet("microsoft", "google", places=(f"microsoft {D}",)),
    "CalDAV organiser, Google member": Fleet("caldav", "google", places=(f"caldav {D}", f"google {P}*")),
    "CalDAV organiser, Microsoft member": Fleet("caldav", "microsoft", places=(f"caldav {D}", f"microsoft {P}*")),
    "Google organiser and room": Fleet("google", room="google", places=(f"google {D}",)),
    "Microsoft organiser and room": Fleet("microsoft", room="microsoft", places=(f"microsoft {D}",)),
    "CalDAV organiser and room": Fleet("caldav", room="caldav", places=(f"caldav {D}", f"caldav {ROOMS['caldav']}")),
    "Google organiser, CalDAV room": Fleet(
        "google", room="caldav", places=(f"caldav {ROOMS['caldav']}", f"google {D}")
    ),
    "Microsoft organiser, CalDAV room": Fleet(
        "microsoft", room="caldav", places=(f"caldav {ROOMS['caldav']}", f"microsoft {D}")
    ),
    "Google organiser, Microsoft room": Fleet("google", room="microsoft", refused=f.ROOMS),
    "CalDAV organiser, Microsoft room": Fleet("caldav", room="microsoft", refused=f.ROOMS),
    "Microsoft organiser, Google room": Fleet("microsoft", room="google", refused=f.ROOMS),
    "CalDAV organiser, Google room": Fleet("caldav", room="google", refused=f.ROOMS),
    "CalDAV organiser, Google member, Google room": Fleet("caldav", "google", "google", refused=f.ROOMS),
    "Google organiser, Teams": Fleet("google", kind="teams", refused=f.CONFERENCING),
    "Microsoft organiser, Meet": Fleet("microsoft", kind="meet", refused=f.CONFERENCING),
    "CalDAV organiser, Google member, Meet": Fleet("caldav", "google", kind="meet", refused=f.CONFERENCING),
    "Google organiser, Meet, Microsoft room": Fleet("google", "", "microsoft", "meet", refused=f.ROOMS),
    "Google organiser, Meet, CalDAV room": Fleet(
        "google", "", "caldav", "meet", places=(f"caldav {ROOMS['caldav']}", f"google {D}")
    ),
}


@pytest.mark.parametrize("name", FLEETS)
def test_mixed_fleet_ends_well_or_is_refused_at_its_field(town: Town, name: str) -> None:
    fleet = FLEETS[name]
    town.stage.connect(DANA, provider=fleet.dana)
    members = [DANA]
    if fleet.priya:
        town.stage.connect(PRIYA, provider=fleet.priya)
        members.append(PRIYA)
    fields: dict[str, Any] = {"members": ids(*members), "conferencing": fleet.kind}
    if fleet.room:
        fields["rooms"] = [room(town, fleet.room)]
    if fleet.refused:
        with pytest.raises(FormError) as refused:
            town.stage.draft(**fields)
        assert list(refused.value.fields) == [fleet.refused]
        return
    invitation = town.book(**fields)
    found = [
        f"{system.key} {place}{'' if event.attendees else '*'}"
        for system in (town.caldav, town.google, town.microsoft)
        for (place, _), event in system.events.items()
    ]
    assert sorted(found) == sorted(fleet.places)
    assert town.attention(invitation) == []
    assert town.news("needs_attention") == []
    town.cancel(invitation)
    events = [event for system in (town.caldav, town.google, town.microsoft) for event in system.events.values()]
    assert {event.status for event in events} == {"cancelled"}


# ---------------------------------------------------------------- what is said, and what helps


def refusal(town: Town, **fields: Any) -> str:
    with pytest.raises(FormError) as refused:
        town.stage.draft(**fields)
    return str(refused.value)


def test_room_of_another_system_says_what_it_needs(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    assert refusal(town, rooms=[room(town, "microsoft")]) == (
        "Lab needs a Microsoft 365 calendar, and the meeting goes into your calendar, which is another one. "
        "Choose another room."
    )


def test_what_no_event_can_have_together_is_said(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    connect(town, DANA, "microsoft", "dana@fox.example")
    assert refusal(town, rooms=[room(town, "google"), room(town, "microsoft")]) == (
        "Atlas needs a Google calendar, and Lab needs a Microsoft 365 one: one meeting cannot have both."
    )
    assert "one meeting cannot have both" in refusal(town, rooms=["room:microsoft"], conferencing="meet")


def test_a_room_made_by_somebody_is_written_into(town: Town) -> None:
    """A calendar made for the purpose: its owner's account can write there."""
    town.stage.connect(DANA, provider="caldav")
    own = room(town, "google")
    with town.stage.unit_of_work(write=True) as unit:
        known = unit.rooms.get(ResourceId(own))
        assert known
        unit.rooms.put(Room(known.id, WORKSPACE, "Projector", "own-projector@group.example", known.connection_id))
        unit.commit()
    town.google.shared.add("own-projector@group.example")
    town.book(rooms=[own])
    assert [place for place, _ in town.google.events] == ["own-projector@group.example"]


def test_who_has_accounts_at_several_systems_keeps_the_event_where_it_fits(town: Town) -> None:
    """Whichever was connected first."""
    connect(town, DANA, "caldav", "a@dav.example")
    connect(town, DANA, "microsoft", "dana@fox.example")
    town.book(rooms=[room(town, "microsoft")], conferencing="teams")
    [((place, _), event)] = town.microsoft.events.items()
    assert (place, event.organizer.email, event.conference) == ("dana@fox.example", "dana@fox.example", "teams")
    assert town.caldav.events == {}
    town.book(email="second@acme.com")
    assert [place for place, _ in town.caldav.events] == ["a@dav.example"], "where nothing is needed, the first one"


# ---------------------------------------------------------------- the choice in step 3


def test_inviter_may_choose_the_calendar_that_the_default_is_not(town: Town) -> None:
    town.stage.connect(PRIYA, provider="caldav")
    town.stage.connect(DANA, provider="google")
    draft = town.stage.draft(members=ids(PRIYA), conferencing="meet")
    with pytest.raises(FormError) as refused:
        town.stage.services.invitations.send(DANA, draft, {})
    assert refused.value.fields == {
        f.CALENDAR: "Google Meet needs a Google calendar, and by default it would be Priya Raman’s calendar, which is "
        f"another one. Choose one of {DANA.email}."
    }
    offers = town.stage.services.event_calendars.choice(DANA, draft.fields, None).offers
    [offer] = [one for one in offers if one.account == DANA.email]
    invitation = town.stage.services.invitations.send(DANA, draft, {f.CALENDAR: offer.value})
    town.stage.book(invitation)
    town.stage.deliver()
    [event] = town.google.events.values()
    assert (event.conference, town.meeting(invitation).join_url) == ("meet", "https://google.example/join")
    assert town.attention(invitation) == []


def test_calendar_that_does_not_fit_is_refused_with_the_one_that_does(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    connect(town, DANA, "caldav", "dana@dav.example")
    draft = town.stage.draft(conferencing="meet")
    offers = town.stage.services.event_calendars.choice(DANA, draft.fields, None).offers
    [wrong] = [one.value for one in offers if one.account == "dana@dav.example"]
    with pytest.raises(FormError) as refused:
        town.stage.services.invitations.send(DANA, draft, {f.CALENDAR: wrong})
    assert refused.value.fields == {
        f.CALENDAR: f"Google Meet needs a Google calendar. Choose one of {DANA.email} or choose the default."
    }


def test_what_fitted_in_step_1_and_is_gone_since_leads_back(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    draft = town.stage.draft(conferencing="meet")
    town.disconnect(DANA, "google")
    town.stage.connect(DANA, provider="caldav")
    with pytest.raises(FormError, match="Go back and choose another way to meet"):
        town.stage.services.invitations.send(DANA, draft, {})


def test_pool_counts_as_fitting_only_if_everybody_in_it_does(town: Town) -> None:
    town.stage.connect(DANA, PRIYA, provider="google")
    town.stage.connect(BEN, provider="caldav")
    with town.stage.unit_of_work(write=True) as unit:
        unit.pools.put(a_pool(PRIYA, BEN, method=PoolMethod.POOLED, workspace_id=WORKSPACE))
        unit.commit()
    draft = town.stage.draft(members=[f"{POOL_PREFIX}{SALES}"], conferencing="meet")
    with pytest.raises(FormError, match="by default it would be Ben Okafor’s"):
        town.stage.services.invitations.send(DANA, draft, {})
    town.disconnect(BEN, "caldav")
    town.stage.connect(BEN, provider="google")
    assert town.stage.services.invitations.send(DANA, draft, {})


def test_every_room_that_may_be_assigned_has_to_fit(town: Town) -> None:
    town.stage.connect(DANA, provider="google")
    first, other = room(town, "google"), room(town, "microsoft")
    with pytest.raises(FormError) as refused:
        town.stage.draft(rooms=[first], alternatives={first: [other]})
    assert list(refused.value.fields) == [f.ROOMS]
    with town.stage.unit_of_work(write=True) as unit:
        among = (PoolMember(ResourceId(other), FOUNDED),)
        pool = a_pool(kind=PoolKind.ROOMS, method=PoolMethod.POOLED, workspace_id=WORKSPACE, members=among)
        unit.pools.put(pool)
        unit.commit()
    assert "Lab needs a Microsoft 365 calendar" in refusal(town, rooms=[f"{POOL_PREFIX}{pool.id}"])


def test_offered_is_what_anybody_named_has_connected(town: Town) -> None:
    offered = town.stage.services.conferences.offered
    town.stage.connect(DANA, provider="caldav")
    town.stage.connect(PRIYA, provider="google")
    assert ConferencingKind.MEET not in offered(DANA, {f.MEMBERS: ids(DANA)})
    assert ConferencingKind.MEET in offered(DANA, {f.MEMBERS: ids(PRIYA)})
    assert ConferencingKind.MEET in offered(DANA, {f.MEMBERS: ids(DANA), f.ALTERNATIVES: {DANA.user_id: ids(PRIYA)}})
    with town.stage.unit_of_work(write=True) as unit:
        unit.pools.put(a_pool(PRIYA, workspace_id=WORKSPACE))
        unit.commit()
    assert ConferencingKind.MEET in offered(DANA, {f.MEMBERS: [f"{POOL_PREFIX}{SALES}"]})
