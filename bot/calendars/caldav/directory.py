"""Rooms and equipment among a server's principals (RFC 3744 section 9.4, RFC 6638 section 2.4.2).

Nextcloud cannot search its principals by their type, but keeps rooms and resources in collections of their own, with
facts in its own namespace (Nextcloud's `OCP\\Calendar\\Room\\IRoomMetadata`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from urllib.parse import unquote, urlsplit

from bot.calendars.caldav import errors
from bot.calendars.caldav.errors import CalDavError
from bot.calendars.caldav.listing import collections
from bot.calendars.caldav.multistatus import CALDAV, DAV, Resource, element, resources
from bot.calendars.caldav.session import Session
from bot.domain.room_directory import ListedRoom, in_order, listed_room
from bot.errors import NoRoomDirectoryError

_PLACES = f"{DAV}principal-collection-set"
_TYPE = f"{CALDAV}calendar-user-type"
_HOME = f"{CALDAV}calendar-home-set"
_NAME = f"{DAV}displayname"
_NEXTCLOUD = "{http://nextcloud.com/ns}"
_SEATS = f"{_NEXTCLOUD}room-seating-capacity"
_FEATURES = f"{_NEXTCLOUD}room-features"
_WHERE = (f"{_NEXTCLOUD}room-building-address", f"{_NEXTCLOUD}room-building-story")
_FACTS = (_NAME, _TYPE, _HOME, _SEATS, _FEATURES, *_WHERE)
_BOOKABLE = ("ROOM", "RESOURCE")
_OF_THEIR_OWN = frozenset({"calendar-rooms", "calendar-resources"})
_MOST = 500
_UNSUPPORTED = frozenset({400, 403, 404, 405, 501})
_TRUNCATED = 507
_BEYOND_LIMITS = b"number-of-matches-within-limits"

_NONE = (
    "This CalDAV server has no directory of rooms, or lists none in it for this account. "
    "Paste the addresses (URLs) of their calendars instead."
)


def rooms(session: Session, principal: str, executor: Executor) -> Sequence[ListedRoom]:
    """By name, each with its calendar's URL. Raises NoRoomDirectoryError and CalDavError; never gives a part of them.

    `executor` looks for the calendars; whoever calls must not be one of its threads.
    """
    found = {one.url: one for place in _places(session, principal) for one in _bookable(session, place)}
    if not found:
        raise NoRoomDirectoryError(_NONE)
    if len(found) > _MOST:
        raise CalDavError(errors.TOO_MANY_ROOMS)
    asked = [executor.submit(_room, session, one) for one in found.values()]
    try:
        listed = [one.result() for one in asked]
    finally:
        for one in asked:
            one.cancel()
    return in_order(room for room in listed if room is not None)


def _places(session: Session, principal: str) -> Sequence[str]:
    """The collections in which the server keeps its principals (RFC 3744 section 5.8)."""
    if not principal:  # connected by a calendar's own URL
        raise NoRoomDirectoryError(_NONE)
    asked = session.propfind(principal, [_PLACES], depth=0)
    return list(dict.fromkeys(place for resource in asked for place in resource.hrefs(_PLACES)))


def _bookable(session: Session, place: str) -> Iterator[Resource]:
    if _last_part(place) in _OF_THEIR_OWN:
        found = _unless_unsupported(partial(session.propfind, place, _FACTS, depth=1))
    else:
        found = [one for kind in _BOOKABLE for one in _unless_unsupported(partial(_search, session, place, kind))]
    for one in found:
        if one.status == _TRUNCATED:
            raise CalDavError(errors.TOO_MANY_ROOMS)
        # The search was for a part of the word only.
        if one.status < 400 and one.text(_TYPE).upper() in _BOOKABLE:
            yield one


def _search(session: Session, place: str, kind: str) -> Sequence[Resource]:
    wanted = element(f"{DAV}prop", *(element(name) for name in _FACTS))
    condition = element(
        f"{DAV}property-search", element(f"{DAV}prop", element(_TYPE)), element(f"{DAV}match", text=kind)
    )
    answer = session.report(place, f"{DAV}principal-property-search", condition, wanted, depth=0)
    if answer.status >= 400 and _BEYOND_LIMITS in answer.body:
        raise CalDavError(errors.TOO_MANY_ROOMS)
    return resources(answer)


def _unless_unsupported(ask: Callable[[], Sequence[Resource]]) -> Sequence[Resource]:
    """Nothing where the server has no such search, or no such collection."""
    try:
        return ask()
    except CalDavError as error:
        if error.status in _UNSUPPORTED:
            return ()
        raise


def _room(session: Session, found: Resource) -> ListedRoom | None:
    seats = found.text(_SEATS)
    return listed_room(
        _calendar(session, found),
        found.text(_NAME) or _last_part(found.url),
        int(seats) if seats.isdecimal() else None,
        equipment=found.text(_FEATURES).split(","),
        place=[found.text(name) for name in _WHERE],
    )


def _calendar(session: Session, found: Resource) -> str:
    """The room's first calendar. Where none is shown, what we know of it: it is listed, and refused when chosen."""
    homes = found.hrefs(_HOME)
    if not homes:
        return found.url
    try:
        return collections(session, homes, found.url)[0].url
    except CalDavError as error:
        if error.status in _UNSUPPORTED or str(error) == errors.NO_CALENDAR:
            return homes[0]
        raise


def _last_part(url: str) -> str:
    return unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
