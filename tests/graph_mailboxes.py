"""Mailboxes as Exchange Online keeps them: what the pretend Microsoft Graph serves (tests/graph_server.py)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WINDOWS_ZONES = {
    "UTC": "UTC",
    "Eastern Standard Time": "America/New_York",
    "W. Europe Standard Time": "Europe/Berlin",
    "GMT Standard Time": "Europe/London",
}
BLOB = "\n________________\nMicrosoft Teams meeting\nJoin: "
_numbers = itertools.count(1)


@dataclass
class Item:
    """An event in a calendar. All-day ones are kept as midnights without a zone, like dates."""

    calendar: str
    organizer: str
    start: datetime
    end: datetime
    subject: str = ""
    show_as: str = "busy"
    sensitivity: str = "normal"
    all_day: bool = False
    zone: str = "UTC"
    cancelled: bool = False
    content: str = ""
    location: str = ""
    attendees: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    transaction: str | None = None
    online: bool = False
    join_url: str | None = None
    id: str = field(default_factory=lambda: f"AAMkAD{next(_numbers):04d}+/=")
    uid: str = field(default_factory=lambda: f"040000008200E{next(_numbers):04d}")

    def instants(self) -> tuple[datetime, datetime]:
        """When it really is: an all-day event over its owner's day."""
        if not self.all_day:
            return self.start, self.end
        zone = ZoneInfo(WINDOWS_ZONES[self.zone])
        begin, end = (moment.replace(tzinfo=zone).astimezone(UTC) for moment in (self.start, self.end))
        return begin, end

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """As Graph lists them: all-day events by their date in UTC."""
        mine = [moment.replace(tzinfo=UTC) if self.all_day else moment for moment in (self.start, self.end)]
        return mine[0] < end and start < mine[1]


@dataclass
class Calendar:
    id: str
    name: str
    owner: str
    is_default: bool = False
    can_edit: bool = True
    can_share: bool = True


@dataclass
class MailboxState:
    """One account. `shares`: it lets others see its free/busy; `view_only`: without the single items;
    `shares_details`: with their subjects."""

    address: str
    name: str
    zone: str = "UTC"
    is_room: bool = False
    has_mailbox: bool = True
    shares: bool = True
    view_only: bool = False
    shares_details: bool = False
    calendars: dict[str, Calendar] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    used_transactions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.add_calendar("Calendar", is_default=True)

    @property
    def default(self) -> str:
        return next(calendar.id for calendar in self.calendars.values() if calendar.is_default)

    def add_calendar(self, name: str, *, owner: str = "", is_default: bool = False) -> str:
        own = not owner
        calendar = Calendar(
            f"AQMkAG{next(_numbers):04d}+/=", name, owner or self.address, is_default, can_edit=own, can_share=own
        )
        self.calendars[calendar.id] = calendar
        return calendar.id

    def add(self, start: datetime, end: datetime, *, calendar: str = "", **facts: Any) -> Item:
        """Somebody puts an event into it by hand."""
        item = Item(calendar or self.default, self.address, start, end, **facts)
        self.items.append(item)
        return item

    def add_day(self, first: datetime, days: int = 1, **facts: Any) -> Item:
        """An all-day event, in the owner's zone; `first` is a midnight without a zone."""
        return self.add(first, first + timedelta(days=days), all_day=True, **{"zone": self.zone, **facts})

    def of_uid(self, uid: str) -> Item:
        """Our event, by the uid that we have added."""
        return next(item for item in self.items if uid in item.properties.values())

    def in_calendar(self, calendar: str) -> Iterator[Item]:
        return (item for item in self.items if item.calendar == calendar)


@dataclass
class Exchange:
    """All mailboxes of an organisation. `sent` are the mails that the attendees got: to whom, and what about."""

    mailboxes: dict[str, MailboxState] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)

    def mailbox(self, address: str, name: str = "", **facts: Any) -> MailboxState:
        known = self.mailboxes.get(address.casefold())
        if known is None:
            known = self.mailboxes[address.casefold()] = MailboxState(address, name or address.split("@")[0], **facts)
        return known

    def deliver(self, item: Item, what: str) -> None:
        """Tell the attendees, and put the copies into the calendars of this organisation. A free room accepts."""
        for attendee in item.attendees:
            address = attendee["emailAddress"]["address"]
            self.sent.append((address, what))
            theirs = self.mailboxes.get(address.casefold())
            if theirs is None:
                continue
            taken = any(
                one.uid != item.uid and not one.cancelled and one.start < item.end and item.start < one.end
                for one in theirs.items
            )
            theirs.items = [one for one in theirs.items if one.uid != item.uid]
            if what != "cancelled" and not (theirs.is_room and taken):
                copy = Item(
                    theirs.default, item.organizer, item.start, item.end, item.subject, "tentative", uid=item.uid
                )
                copy.show_as = "busy" if theirs.is_room else "tentative"
                theirs.items.append(copy)
            if theirs.is_room:
                attendee["status"] = {"response": "declined" if taken else "accepted", "time": "2026-11-30T08:00:00Z"}
