"""A directory of rooms in the faulty CalDAV server, kept as Apple's Calendar Server does, or as Nextcloud does."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.faulty_caldav import PROPERTIES, Exchange, Fault, FaultyCalDav

DAV, CALDAV, NEXTCLOUD = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "http://nextcloud.com/ns"
SEARCHED = "/principals/"
ROOMS_OF_NEXTCLOUD = "/principals/calendar-rooms/"
_CALENDAR = "<resourcetype><collection/><C:calendar/></resourcetype><displayname>{}</displayname>"


@dataclass(frozen=True)
class RoomPrincipal:
    """`facts` is what else the server says of it, as XML."""

    slug: str
    name: str
    kind: str = "ROOM"
    facts: str = ""

    @property
    def home(self) -> str:
        return f"/rooms/{self.slug}/"

    @property
    def calendar(self) -> str:
        return f"{self.home}calendar/"

    def response(self, place: str) -> str:
        home = f"<C:calendar-home-set><href>{self.home}</href></C:calendar-home-set>"
        name = f"<displayname>{escape(self.name)}</displayname>"
        kind = f"<C:calendar-user-type>{self.kind}</C:calendar-user-type>"
        return PROPERTIES.format(f"{place}{self.slug}/", home + name + kind + self.facts)


def searchable(server: FaultyCalDav, *rooms: RoomPrincipal) -> None:
    """Found by DAV:principal-property-search (RFC 3744, 9.4), as its text is: a part of the property is enough."""
    _calendars(server, SEARCHED, rooms)

    def search(exchange: Exchange) -> None:
        asked = ET.fromstring(exchange.body)  # noqa: S314 - our own
        assert asked.tag == f"{DAV}principal-property-search"
        assert exchange.headers["Depth"] == "0"
        [condition] = asked.findall(f"{DAV}property-search")
        assert [one.tag for one in condition.findall(f"{DAV}prop/*")] == [f"{CALDAV}calendar-user-type"]
        wanted = (condition.findtext(f"{DAV}match") or "").casefold()
        exchange.multistatus("".join(one.response(SEARCHED) for one in rooms if wanted in one.kind.casefold()))

    server.pages["REPORT", SEARCHED] = search


def in_a_collection(server: FaultyCalDav, *rooms: RoomPrincipal) -> None:
    """Listed by PROPFIND, and found by no search."""
    _calendars(server, ROOMS_OF_NEXTCLOUD, rooms)

    def members(exchange: Exchange) -> None:
        assert exchange.headers["Depth"] == "1"
        exchange.multistatus(
            PROPERTIES.format(ROOMS_OF_NEXTCLOUD, "<resourcetype><collection/></resourcetype>")
            + "".join(one.response(ROOMS_OF_NEXTCLOUD) for one in rooms)
        )

    server.pages["PROPFIND", ROOMS_OF_NEXTCLOUD] = members
    server.pages["REPORT", ROOMS_OF_NEXTCLOUD] = lambda exchange: exchange.multistatus("")


def _calendars(server: FaultyCalDav, place: str, rooms: tuple[RoomPrincipal, ...]) -> None:
    server.properties_of_folders = f"<principal-collection-set><href>{place}</href></principal-collection-set>"
    for room in rooms:
        server.pages["PROPFIND", room.home] = _shown(
            PROPERTIES.format(room.home, "<resourcetype><collection/></resourcetype>"),
            PROPERTIES.format(room.calendar, _CALENDAR.format(escape(room.name))),
        )
        server.pages["PROPFIND", room.calendar] = _shown(
            PROPERTIES.format(room.calendar, _CALENDAR.format(escape(room.name)))
        )


def _shown(*responses: str) -> Fault:
    return lambda exchange: exchange.multistatus("".join(responses))
