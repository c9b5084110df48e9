"""The rooms and the equipment of a Google Workspace (Admin SDK, Directory API), for an account that may see them.

developers.google.com/workspace/admin/directory/reference/rest/v1/resources.calendars; features, which the discovery
document calls "any", are of the shape in its guide "Manage calendar resources".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from bot.calendars.google.faults import INCOMPLETE, NOT_UNDERSTOOD, Fault, GoogleError
from bot.domain.room_directory import ListedRoom, in_order, listed_room
from bot.errors import ConsentNeededError, NoRoomDirectoryError

Request = Callable[[Any], Any]
Ask = Callable[[Request], Mapping[str, Any]]

_KIND = "admin#directory#resources#calendars#calendarResourcesList"
_A_PAGE = 500
_MOST_PAGES = 20

NEEDS_CONSENT = "Google shows its list of rooms only to who has been allowed to read it."
NEEDS_ADMINISTRATOR = (
    "Google does not let this account read its organisation’s list of rooms. An administrator of Google Workspace can "
    "allow it; a personal Google account has none. Until then, paste the rooms’ addresses."
)
_API_OFF = (
    "The Admin SDK API is switched off for this installation. Whoever runs InviteOnce can enable it in the Google "
    "Cloud console. Until then, paste the rooms’ addresses."
)
_NONE = "Google Workspace lists no rooms in your organisation. An administrator adds them; or paste their addresses."


def rooms(ask: Ask) -> Sequence[ListedRoom]:
    """Raises ConsentNeededError, NoRoomDirectoryError, and GoogleError; never gives a part of them."""
    try:
        entries = list(_entries(ask))
    except GoogleError as error:
        if error.fault is Fault.NO_PERMISSION:
            raise ConsentNeededError(NEEDS_CONSENT) from error
        if error.fault is Fault.API_OFF:
            raise NoRoomDirectoryError(_API_OFF) from error
        if error.fault in (Fault.FORBIDDEN, Fault.NOT_THERE):
            raise NoRoomDirectoryError(NEEDS_ADMINISTRATOR) from error
        raise
    if not entries:
        raise NoRoomDirectoryError(_NONE)
    found = in_order(room for room in map(_room, entries) if room is not None)
    if not found:  # not one can be reserved: that is no directory as documented
        raise GoogleError(NOT_UNDERSTOOD)
    return found


def _entries(ask: Ask) -> Iterator[Mapping[str, Any]]:
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = ask(partial(_page, token))
        items = answer.get("items", [])
        if answer.get("kind") != _KIND or not isinstance(items, list):
            raise GoogleError(NOT_UNDERSTOOD)
        yield from items
        token = answer.get("nextPageToken")
        if not token:
            return
    raise GoogleError(INCOMPLETE)


def _page(token: str | None, api: Any) -> Any:
    return api.resources().calendars().list(customer="my_customer", maxResults=_A_PAGE, pageToken=token)


def _room(entry: object) -> ListedRoom | None:
    """Its own name where it has one: the generated one tells the building, the floor and the seats once more."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("resourceEmail"), str):
        raise GoogleError(NOT_UNDERSTOOD)
    given: Mapping[str, Any] = entry
    return listed_room(
        given["resourceEmail"],
        given.get("resourceName") or given.get("generatedResourceName"),
        given.get("capacity"),
        equipment=(*_features(given.get("featureInstances")), given.get("resourceType")),
        place=(given.get("buildingId"), given.get("floorName"), given.get("floorSection")),
    )


def _features(instances: object) -> Iterator[object]:
    """Their names; one of another shape is no reason to be without the room."""
    for instance in instances if isinstance(instances, list) else ():
        feature = instance.get("feature") if isinstance(instance, Mapping) else None
        if isinstance(feature, Mapping):
            yield feature.get("name")
