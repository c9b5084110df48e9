"""What the pretend workspace has set up for all: rooms with their bookings, resource pools, templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain import fields as f
from bot.domain.calendar import Attendee, Event, EventStatus
from bot.domain.ids import ROOM_PREFIX, ConnectionId, PoolId, ResourceId, TemplateId, UserId, WorkspaceId
from bot.domain.pools import Cycle, Pool, PoolKind, PoolMember, PoolMethod
from bot.domain.room_directory import ListedRoom
from bot.domain.rooms import Room
from bot.domain.templates import Template
from bot.playground.cast import DANA, MATEO, PRIYA, TEAM_DOMAIN, Actor

_JOINED = timedelta(days=40)
"""How long the pools have existed when the playground is seen first."""


@dataclass(frozen=True, slots=True)
class Place:
    """A room or a thing. `taken` are weekdays, wall-clock time in New York and minutes, every week."""

    slug: str
    name: str
    capacity: int | None
    equipment: str = ""
    taken: tuple[tuple[int, time, int], ...] = ()
    where: str = ""

    @property
    def id(self) -> ResourceId:
        return ResourceId(f"{ROOM_PREFIX}{self.slug}")

    @property
    def address(self) -> str:
        return f"{self.slug}@rooms.{TEAM_DOMAIN}.example"

    def room(self, workspace_id: WorkspaceId, connection_id: ConnectionId) -> Room:
        return Room(self.id, workspace_id, self.name, self.address, connection_id, self.capacity, self.equipment)

    def listed(self) -> ListedRoom:
        return ListedRoom(self.address, self.name, self.capacity, self.equipment, self.where)

    def events_on(self, day: date) -> list[Event]:
        """The same on every call."""
        zone = ZoneInfo(DANA.time_zone)
        found = []
        for weekday, begins, minutes in self.taken:
            if day.weekday() == weekday:
                start = datetime.combine(day, begins, zone).astimezone(ZoneInfo("UTC"))
                found.append(
                    Event(
                        uid=f"{self.slug}-{day.isoformat()}-{begins:%H%M}@{TEAM_DOMAIN}.example",
                        sequence=0,
                        start=start,
                        end=start + timedelta(minutes=minutes),
                        summary="Reserved",
                        organizer=Attendee(self.name, self.address, is_room=True),
                        attendees=(),
                        status=EventStatus.CONFIRMED,
                    )
                )
        return found


ATLAS = Place("atlas", "Atlas", 8, "Screen, whiteboard", tuple((day, time(9), 120) for day in range(5)))
BOREALIS = Place("borealis", "Borealis", 4, "Screen", ((0, time(13), 90), (2, time(10), 120), (4, time(14), 60)))
CEDAR = Place("cedar", "Cedar", 12, "Screen, camera, whiteboard", ((1, time(9), 240), (3, time(13), 180)))
PROJECTOR = Place("projector", "Projector", None, "With its own screen")
PLACES = (ATLAS, BOREALIS, CEDAR, PROJECTOR)
DAHLIA = Place("dahlia", "Dahlia", 6, "Screen", ((0, time(10), 60), (3, time(15), 90)), "Annex, 1st floor")
ELDER = Place("elder", "Elder", 20, "Screen, camera, stage", ((2, time(9), 180),), "Annex, ground floor")
EASEL = Place("easel", "Easel", None, "With paper and pens", where="Annex")
IN_DIRECTORY = (DAHLIA, ELDER, EASEL)
"""Nobody has added these yet."""
LISTED = tuple(place.listed() for place in (*PLACES, *IN_DIRECTORY))


def pools(workspace_id: WorkspaceId, now: datetime) -> tuple[Pool, ...]:
    """One of each method, and the rooms."""
    joined = now - _JOINED

    def member(resource: ResourceId, days: int, active: bool = True) -> PoolMember:
        return PoolMember(resource, joined + timedelta(days=days), active)

    def pool(slug: str, name: str, method: PoolMethod, *members: PoolMember, kind: PoolKind = PoolKind.PEOPLE) -> Pool:
        pool_id = PoolId(f"{TEAM_DOMAIN}-{slug}")
        return Pool(pool_id, workspace_id, name, kind, method, Cycle.MONTHLY, members, joined)

    dana, priya, mateo = (_person(actor) for actor in (DANA, PRIYA, MATEO))
    rooms = (member(place.id, 0) for place in (ATLAS, BOREALIS, CEDAR))
    return (
        pool("sales", "Sales", PoolMethod.STRICT, member(dana, 0), member(priya, 2), member(mateo, 5, active=False)),
        pool("onboarding", "Onboarding", PoolMethod.FLEXIBLE, member(priya, 0), member(dana, 9)),
        pool("solutions", "Solutions", PoolMethod.POOLED, member(priya, 0), member(dana, 1)),
        pool("rooms", "Meeting rooms", PoolMethod.POOLED, *rooms, kind=PoolKind.ROOMS),
    )


def templates(workspace_id: WorkspaceId) -> tuple[Template, ...]:
    def template(slug: str, name: str, days: int, fields: dict[str, Any], *, is_shared: bool = False) -> Template:
        template_id = TemplateId(f"{TEAM_DOMAIN}-{slug}")
        return Template(template_id, workspace_id, UserId(DANA.id), name, fields, 1, days, is_shared)

    demo = {
        f.SUBJECT: "Product demo",
        f.DURATION: "45",
        f.MEMBERS: [DANA.id, PRIYA.id],
        f.DESCRIPTION: "A tour of what has changed since we last spoke, with time for your questions.",
        f.BUFFER_AFTER: "15",
        f.MESSAGE: "I would love to show you around. Which of these times suits you?",
    }
    intro = {f.SUBJECT: "Getting to know each other", f.DURATION: "15", f.SPACING: "15", f.MEMBERS: [DANA.id]}
    return (
        template("demo", "Product demo", 14, demo, is_shared=True),
        template("intro", "Intro call", 7, intro),
    )


def _person(actor: Actor) -> ResourceId:
    return ResourceId(actor.id)
