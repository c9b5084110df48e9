"""The calendars of an account: collections that hold events, whose they are, and in which zone they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from urllib.parse import unquote, urlsplit

import icalendar

from bot.calendars.caldav import errors
from bot.calendars.caldav.errors import CalDavError
from bot.calendars.caldav.multistatus import CALDAV, CALENDAR_SERVER, DAV, Resource
from bot.calendars.caldav.objects import MALFORMED
from bot.calendars.caldav.session import Session
from bot.calendars.caldav.zones import Place, defined_zone, known_zone

_TYPE = f"{DAV}resourcetype"
_PROPERTIES = (
    _TYPE,
    f"{DAV}displayname",
    f"{DAV}owner",
    f"{DAV}current-user-privilege-set",
    f"{CALDAV}supported-calendar-component-set",
    f"{CALDAV}calendar-timezone",
    f"{CALDAV}calendar-timezone-id",
)
_GONE = frozenset({404, 410})
_WRITING = frozenset(f"{DAV}{privilege}" for privilege in ("all", "write", "write-content", "bind"))


@dataclass(frozen=True, slots=True)
class Collection:
    """One calendar. `url` is as the server gives it, absolute; `place` is where its all-day events are meant.
    `may_keep_free_busy`: VFREEBUSY objects, beside the events."""

    url: str
    name: str
    is_owned: bool
    can_write: bool
    place: Place
    may_keep_free_busy: bool


def collections(session: Session, homes: Sequence[str], principal: str) -> Sequence[Collection]:
    """Every calendar in these homes, the account's own first. Raises CalDavError; to find none is an error, and so is
    one of which the server does not say whether it is a calendar: left out it would be free."""
    listed = [resource for home in homes for resource in session.propfind(home, _PROPERTIES, depth=1)]
    for resource in listed:
        status = resource.withheld.get(_TYPE, 0) if resource.status < 400 else resource.status
        if status >= 400 and status not in _GONE:
            raise errors.refusal(status)
        if status < 400 and _TYPE not in resource.properties:
            raise CalDavError(errors.NOT_CALDAV)
    found = [_collection(resource, principal) for resource in listed if _is_calendar(resource)]
    if not found:
        raise CalDavError(errors.NO_CALENDAR)
    return sorted(found, key=lambda collection: not collection.is_owned)


def collection(session: Session, url: str, principal: str) -> Collection:
    """The calendar at that URL. Raises CalDavError where there is none: any other folder would look empty."""
    for resource in session.propfind(url, _PROPERTIES, depth=0):
        if resource.status >= 400:
            raise errors.refusal(resource.status)
        if _is_calendar(resource):
            return _collection(resource, principal)
    raise CalDavError("there is no calendar at this address", permanent=True)


def is_same(one: str, other: str) -> bool:
    """Whether two URLs are the same resource's: servers differ in ports, escapes and slashes at the end."""
    return normal(one) == normal(other)


def normal(url: str) -> tuple[str, str | None, int | None, str]:
    """Of a URL what names its resource."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, unquote(parts.path).rstrip("/")


def _is_calendar(resource: Resource) -> bool:
    return f"{CALDAV}calendar" in resource.kinds(_TYPE) and _may_keep(resource, "VEVENT")


def _may_keep(resource: Resource, kind: str) -> bool:
    listed = resource.properties.get(f"{CALDAV}supported-calendar-component-set")
    supported = {component.get("name", "").upper() for component in listed} if listed is not None else set()
    # Without the property, everything is (RFC 4791 section 5.2.3); an empty one says nothing, either.
    return not supported or kind in supported


def _collection(resource: Resource, principal: str) -> Collection:
    owners = resource.hrefs(f"{DAV}owner")
    is_shared_with_us = f"{CALENDAR_SERVER}shared" in resource.kinds(_TYPE)
    privileges = resource.kinds(f"{DAV}current-user-privilege-set")
    return Collection(
        url=resource.url,
        name=resource.text(f"{DAV}displayname") or unquote(urlsplit(resource.url).path.rstrip("/").rpartition("/")[2]),
        is_owned=not is_shared_with_us
        and (not owners or not principal or any(is_same(owner, principal) for owner in owners)),
        can_write=not privileges or bool(privileges & _WRITING),
        place=Place(_zone(resource)),
        may_keep_free_busy=_may_keep(resource, "VFREEBUSY"),
    )


def _zone(resource: Resource) -> tzinfo | None:
    """By RFC 7809 or RFC 4791; None where the server has not been told, or nothing can be made of it."""
    if name := resource.text(f"{CALDAV}calendar-timezone-id"):
        return known_zone(name)
    text = resource.text(f"{CALDAV}calendar-timezone")
    if not text:
        return None
    try:
        definition = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")[0]
    except MALFORMED:
        return None
    assert isinstance(definition, icalendar.Timezone)
    return known_zone(str(definition.get("TZID", ""))) or defined_zone(definition)
