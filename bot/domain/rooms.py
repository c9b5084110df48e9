"""Rooms: resource calendars, a room or equipment; and how people paste their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from bot.domain.addresses import is_address
from bot.domain.ids import ConnectionId, ResourceId, WorkspaceId
from bot.domain.typed import line

MAX_NAME = 80
MAX_CAPACITY = 10_000
MAX_EQUIPMENT = 200
_USUAL_PORTS = {"http": 80, "https": 443}
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
UNKNOWN_ROOM = "a room that is not known any more"


@dataclass(frozen=True, slots=True)
class Room:
    """`address` is its mail address, or for CalDAV its collection's URL; it is read and reserved through the
    connection of whoever added it. `id` is a `ResourceId`, `room:…`.

    `is_removed`: out of the list. Meetings that have reserved it keep it, and nobody else gets it.
    """

    id: ResourceId
    workspace_id: WorkspaceId
    name: str
    address: str
    connection_id: ConnectionId
    capacity: int | None = None
    equipment: str = ""
    is_removed: bool = False

    def may_stand_in_for(self, other: Room) -> bool:
        """Whether it holds as many, and has all that the other one has. Where nobody has said how many that holds, any
        will do; one of which nobody has said so only stands in for such a Room."""
        holds_as_many = other.capacity is None or (self.capacity is not None and self.capacity >= other.capacity)
        return holds_as_many and _things(other.equipment) <= _things(self.equipment)


@dataclass(frozen=True, slots=True)
class WantedRoom:
    """An address as it is compared and kept, and the name that was beside it, or is made from it.

    `is_listed`: chosen from a directory, which knows more of it.
    """

    address: str
    name: str
    capacity: int | None = None
    equipment: str = ""
    is_listed: bool = False

    @property
    def is_url(self) -> bool:
        return "://" in self.address

    @property
    def label(self) -> str:
        """As whoever adds it knows it: a directory's addresses are seldom made to be read."""
        return f"{self.name} ({self.address})" if self.is_listed else self.address


_PIECE = re.compile(
    r"""
      ["“„](?P<quoted>[^"“”]*)["”]     # "Room name"
    | <(?P<angle>[^<>]*)>               # <address>
    | (?P<separator>[,;\n])
    | (?P<word>[^\s,;<>"“”„]+)
    """,
    re.VERBOSE,
)


def pasted_rooms(text: str) -> tuple[tuple[WantedRoom, ...], tuple[str, ...]]:
    """The addresses in a text, each once, and the pieces that are none.

    They are separated by comma, semicolon, space or newline; `"Room name" <address>` gives a name, and so do words
    without quotes before `<address>`.
    """
    found: dict[str, WantedRoom] = {}
    rejected: list[str] = []
    for name, address in _entries(text.replace("\r", "\n"), rejected):
        kept = kept_address(address)
        if kept is None:
            rejected.append(address)
        else:
            found.setdefault(kept, WantedRoom(kept, line(name)[:MAX_NAME] or _name_from(kept)))
    return tuple(found.values()), tuple(dict.fromkeys(filter(None, rejected)))


def kept_address(text: str) -> str | None:
    """As it is kept: mail addresses in lower case, URLs in one spelling; None where it is neither.

    Slack writes what it takes for a link as `<mailto:address|address>` and `<url|text>`.
    """
    text = text.partition("|")[0].strip().removeprefix("mailto:")
    if is_address(text):
        return text.lower()
    try:
        parts = urlsplit(text)
        return _spelled(parts) if parts.scheme in _USUAL_PORTS and parts.hostname else None
    except ValueError:
        return None


def _entries(text: str, rejected: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a name (or none) and something that should be an address; words that lead nowhere are rejected."""
    words: list[str] = []
    for piece in _PIECE.finditer(text):
        kind, value = piece.lastgroup, piece[piece.lastgroup or 0]
        if kind == "angle":
            yield " ".join(words), value
            words = []
        elif kind == "separator":
            rejected.extend(words)
            words = []
        elif kept_address(value) is not None:
            rejected.extend(words)
            words = []
            yield "", value
        else:
            words.append(value)
    rejected.extend(words)


def _spelled(parts: SplitResult) -> str:
    """One spelling for all that name the same collection (RFC 3986 6.2; RFC 4918 5.2 on the slash at its end), for a
    room that is in the list twice could be reserved twice. Raises ValueError where the port is no number."""
    user, at, host = parts.netloc.rpartition("@")
    if parts.port is None or parts.port == _USUAL_PORTS[parts.scheme]:
        host = re.sub(r":\d*$", "", host)
    path = _ESCAPE.sub(_unescaped, parts.path).rstrip("/") + "/"
    return parts._replace(netloc=f"{user}{at}{host.lower()}", path=path, fragment="").geturl()


def _unescaped(escape: re.Match[str]) -> str:
    """`%7e` as `~`, which needs no escape, and `%c3` as `%C3`."""
    character = chr(int(escape[1], 16))
    return character if character.isascii() and (character.isalnum() or character in "-._~") else escape[0].upper()


def _name_from(address: str) -> str:
    """`board.room-2@…` → `Board room 2`; of a URL its last part."""
    last = urlsplit(address).path.rstrip("/").rpartition("/")[2] if "://" in address else address.partition("@")[0]
    words = line(re.sub(r"[._+-]+", " ", unquote(last))) or address
    return (words[0].upper() + words[1:])[:MAX_NAME]


def _things(equipment: str) -> frozenset[str]:
    """`Screen, whiteboard` → each by itself, however it is written."""
    return frozenset(" ".join(thing.split()).casefold() for thing in re.split(r"[,;\n]", equipment) if thing.strip())
