"""The rooms of an organisation (learn.microsoft.com/graph/api/place-list), for an account that may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.calendars.microsoft.errors import NONSENSE, SERVICE, TOO_MANY_ROOMS
from bot.calendars.microsoft.graph import Session
from bot.domain.calendar import ExtraAccess
from bot.domain.room_directory import ListedRoom, in_order, listed_room
from bot.errors import ConsentNeededError, NoRoomDirectoryError
from bot.rest import RestError

_PATH = "/places/microsoft.graph.room"
_DEVICES = ("audioDeviceName", "videoDeviceName", "displayDeviceName")
_FIELDS = ("emailAddress", "displayName", "capacity", "building", "floorLabel", "tags", *_DEVICES)
_A_PAGE = 100

NEEDS_CONSENT = f"{SERVICE} shows its list of rooms only to who has been allowed to read it."
NEEDS_ADMINISTRATOR = (
    f"An administrator of {SERVICE} has to allow InviteOnce to read the list of rooms (Place.Read.All). "
    "Until then, paste the rooms’ addresses."
)
_PERSONAL = (
    "A personal Microsoft account belongs to no organisation, so it has no list of rooms. Paste their addresses."
)
_NONE = f"{SERVICE} lists no rooms in your organisation. An administrator adds them; or paste their addresses."


def rooms(session: Session) -> Sequence[ListedRoom]:
    """Raises ConsentNeededError, NoRoomDirectoryError, and RestError; never gives a part of them."""
    if session.is_personal:
        raise NoRoomDirectoryError(_PERSONAL)
    if not session.may(ExtraAccess.ROOM_DIRECTORY):
        raise ConsentNeededError(NEEDS_CONSENT)
    try:
        entries = list(
            session.pages(_PATH, {"$select": ",".join(_FIELDS), "$top": str(_A_PAGE)}, beyond=TOO_MANY_ROOMS)
        )
    except RestError as error:
        if error.status == 403:
            raise NoRoomDirectoryError(NEEDS_ADMINISTRATOR) from error
        raise
    if not entries:
        raise NoRoomDirectoryError(_NONE)
    found = in_order(room for room in map(_room, entries) if room is not None)
    if not found:  # not one can be reserved: that is no directory as documented
        raise RestError(NONSENSE)
    return found


def _room(entry: object) -> ListedRoom | None:
    """One whose mailbox has no address cannot be reserved."""
    if not isinstance(entry, Mapping) or "emailAddress" not in entry:
        raise RestError(NONSENSE)
    given: Mapping[str, Any] = entry
    address, tags = given["emailAddress"], given.get("tags") or ()
    if not isinstance(address, str | None) or not isinstance(tags, Sequence) or isinstance(tags, str):
        raise RestError(NONSENSE)
    return listed_room(
        address or "",
        given.get("displayName"),
        given.get("capacity"),
        equipment=(*(given.get(device) for device in _DEVICES), *tags),
        place=(given.get("building"), given.get("floorLabel")),
    )
