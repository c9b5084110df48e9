"""Who is in the pretend workspace, and its channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

TEAM_ID = "T0PLAYGRND"
TEAM_NAME = "Northwind"
TEAM_DOMAIN = "northwind"
APP_ID = "A0INVONCE1"
BOT_ID = "B0INVONCE1"
BOT_USER_ID = "U0INVONCE1"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who appears in the workspace. `real_name` is how people call them; `name` is the handle."""

    id: str
    name: str
    real_name: str
    title: str
    time_zone: str
    color: str
    email: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    is_guest: bool = False
    is_deleted: bool = False
    has_calendar: bool = True

    @property
    def can_be_played(self) -> bool:
        """Whether the visitor may sit down in this chair."""
        return not (self.is_bot or self.is_deleted)

    def utc_offset_s(self, now: datetime) -> int:
        offset = now.astimezone(ZoneInfo(self.time_zone)).utcoffset()
        return int(offset.total_seconds()) if offset is not None else 0


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    name: str
    topic: str
    is_private: bool = False
    app_is_member: bool = False


DANA = Actor(
    "U0DANAFOX1",
    "dana",
    "Dana Fox",
    "Head of Customer Success",
    "America/New_York",
    "4a6fa5",
    "dana.fox@northwind.example",
    is_admin=True,
    is_owner=True,
)
PRIYA = Actor(
    "U0PRIYARM1",
    "priya",
    "Priya Raman",
    "Solutions Engineer",
    "Europe/London",
    "b5546b",
    "priya.raman@northwind.example",
)
MATEO = Actor(
    "U0MATEOSV1",
    "mateo",
    "Mateo Silva",
    "Account Executive",
    "America/Los_Angeles",
    "3f8f6b",
    "mateo.silva@northwind.example",
    has_calendar=False,
)
GUEST = Actor(
    "U0GRETAGH1",
    "greta",
    "Greta Holm",
    "Consultant (guest)",
    "Europe/Stockholm",
    "8a6d3b",
    "greta@holm-advice.example",
    is_guest=True,
    has_calendar=False,
)
DEACTIVATED = Actor(
    "U0OLIVERB1",
    "oliver",
    "Oliver Banks",
    "Former colleague",
    "America/Chicago",
    "777777",
    "oliver.banks@northwind.example",
    is_deleted=True,
    has_calendar=False,
)
OTHER_BOT = Actor("U0STANDUP1", "standup", "Standup Bot", "", "Etc/UTC", "5b5b8c", is_bot=True, has_calendar=False)
APP = Actor(BOT_USER_ID, "inviteonce", "InviteOnce", "", "Etc/UTC", "e8743b", is_bot=True, has_calendar=False)

CAST = (DANA, PRIYA, MATEO, GUEST, DEACTIVATED, OTHER_BOT, APP)
ACTORS = {actor.id: actor for actor in CAST}

SALES = Channel("C0SALES001", "sales", "Deals, demos and who is on which call", app_is_member=True)
GENERAL = Channel("C0GENERAL1", "general", "Company-wide announcements")
CHANNELS = {channel.id: channel for channel in (SALES, GENERAL)}
