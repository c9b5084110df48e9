"""Connecting a calendar: where somebody stands on the way from Slack through the browser and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from bot.domain.calendar import Connection, ExtraAccess
from bot.domain.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class CalendarSystem:
    """One that people can connect here. `needs_password`: by a form, not by signing in at the provider."""

    key: str
    name: str
    needs_password: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionItem:
    """A connection as its owner sees it. `read_at` is when its calendars last answered, `unreadable` why they
    did not; both belong to all of the owner's calendars together."""

    connection: Connection
    system: str
    read_at: datetime | None = None
    unreadable: str | None = None


class VisitStage(StrEnum):
    CHOOSE = "choose"
    """Which calendar? `provider` and `account`, where given, are those to connect again."""
    CONFIRM = "confirm"
    """Signed in, with an address that is not the one in Slack: really?"""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Visit:
    """One page on the way, kept encrypted behind a one-time token; each step leads to a new one."""

    workspace_id: WorkspaceId
    user_id: UserId
    stage: VisitStage = VisitStage.CHOOSE
    provider: str = ""
    account: str = ""
    credentials: str = field(default="", repr=False)
    problem: str = ""
    """What went wrong in the step before, and what to do."""
    server: str = ""
    user: str = ""
    """What was typed into the form before; never the password."""
    tries: int = 0
    extra: ExtraAccess | None = None
    """What is asked for beyond connecting; `provider` and `account` are whose."""

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """What `dump` wrote."""
        values = json.loads(text)
        extra = ExtraAccess(values["extra"]) if values.get("extra") else None
        return cls(**{**values, "stage": VisitStage(values["stage"]), "extra": extra})
