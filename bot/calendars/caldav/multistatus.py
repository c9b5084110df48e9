"""WebDAV's XML: questions built, answers of 207 Multi-Status understood whole (RFC 4918 section 13)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.calendars.caldav import errors
from bot.calendars.caldav.errors import CalDavError, refusal
from bot.calendars.caldav.server import Answer, joined

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDAR_SERVER = "{http://calendarserver.org/ns/}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an answer. `url` is absolute; `properties` are those that the server gave (status 200),
    `withheld` the statuses of the others."""

    url: str
    status: int
    properties: Mapping[str, ET.Element]
    withheld: Mapping[str, int]

    def text(self, name: str) -> str:
        element = self.properties.get(name)
        return (element.text or "").strip() if element is not None else ""

    def hrefs(self, name: str) -> tuple[str, ...]:
        """The URLs within a property, absolute."""
        element = self.properties.get(name)
        found = [] if element is None else element.iter(f"{DAV}href")
        return tuple(joined(self.url, href.text.strip()) for href in found if href.text and href.text.strip())

    def kinds(self, name: str) -> frozenset[str]:
        """The names of a property's elements at any depth, as `resourcetype` and the privileges have them."""
        element = self.properties.get(name)
        return frozenset() if element is None else frozenset(inner.tag for inner in element.iter())


def resources(answer: Answer) -> Sequence[Resource]:
    """Every resource in the answer. Raises CalDavError where it is anything but a whole 207."""
    if answer.status != 207:
        raise CalDavError(errors.NOT_CALDAV) if answer.status < 300 else refusal(answer.status)
    if not re.fullmatch(r"(application|text)/([a-z.-]+\+)?xml", answer.media_type):
        raise CalDavError(errors.NOT_CALDAV)
    root = parsed(answer.body)
    if root.tag != f"{DAV}multistatus":
        raise CalDavError(errors.NOT_CALDAV)
    return [_resource(element, answer.url) for element in root.findall(f"{DAV}response")]


def parsed(body: bytes) -> ET.Element:
    """Raises CalDavError where it is no XML, or half of it."""
    try:
        return ET.fromstring(body, ET.XMLParser(target=_NoDoctype()))  # noqa: S314
    except (ET.ParseError, ValueError, LookupError) as error:
        raise CalDavError(errors.NOT_CALDAV) from error


class _NoDoctype(ET.TreeBuilder):
    """WebDAV needs no document type, and only there can entities be defined that explode or fetch something."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("a document type in WebDAV's XML")


def question(tag: str, *content: ET.Element) -> bytes:
    """An XML document with that root."""
    root = ET.Element(tag)
    root.extend(content)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def element(tag: str, *content: ET.Element, text: str = "", **attributes: str) -> ET.Element:
    made = ET.Element(tag, {name.replace("_", "-"): value for name, value in attributes.items()})
    made.text = text or None
    made.extend(content)
    return made


def _resource(response: ET.Element, base: str) -> Resource:
    href = response.findtext(f"{DAV}href")
    if not href:
        raise CalDavError(errors.NOT_CALDAV)
    given: dict[str, ET.Element] = {}
    withheld: dict[str, int] = {}
    for propstat in response.findall(f"{DAV}propstat"):
        status = _status(propstat.findtext(f"{DAV}status"))
        asked = {inner.tag: inner for prop in propstat.findall(f"{DAV}prop") for inner in prop}
        if status == 200:
            given |= asked
        else:
            withheld |= dict.fromkeys(asked, status)
    own = response.findtext(f"{DAV}status")
    return Resource(joined(base, href.strip()), _status(own) if own else 200, given, withheld)


def _status(line: str | None) -> int:
    """The code in `HTTP/1.1 200 OK`."""
    found = re.match(r"\s*HTTP/[0-9.]+\s+([0-9]{3})\b", line or "")
    if found is None:
        raise CalDavError(errors.NOT_CALDAV)
    return int(found[1])
