"""One account's requests: signed in, and done by a deadline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bot.calendars.caldav.multistatus import DAV, Resource, element, question, resources
from bot.calendars.caldav.server import Answer, Login, Server

_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Session:
    """`deadline` is a reading of `time.monotonic`. Every method raises CalDavError."""

    server: Server
    login: Login | None
    deadline: float

    def send(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        return self.server.send(method, url, login=self.login, deadline=self.deadline, headers=headers, body=body)

    def propfind(self, url: str, names: Sequence[str], *, depth: int) -> Sequence[Resource]:
        """The named properties of the resource, and of its members with `depth` 1."""
        body = question(f"{DAV}propfind", element(f"{DAV}prop", *(element(name) for name in names)))
        return resources(self.send("PROPFIND", url, {"Content-Type": _XML, "Depth": str(depth)}, body))

    def report(self, url: str, tag: str, *content: Element, depth: int = 1) -> Answer:
        """A REPORT on the collection's members. Without the Depth of 1 most would be about none of them."""
        return self.send("REPORT", url, {"Content-Type": _XML, "Depth": str(depth)}, question(tag, *content))
