"""What *Setup* shows: a person's own settings, and what the workspace shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.connecting import ConnectionItem
from bot.domain.ids import ResourceId
from bot.domain.ledger import Ledger
from bot.domain.preferences import Preferences
from bot.domain.rooms import Room
from bot.domain.templates import Template
from bot.domain.working_hours import WorkingHours


@dataclass(frozen=True, slots=True)
class PoolItem:
    """A pool with its ledger. `names` are of those members who are shown; nobody asks Slack for five hundred."""

    ledger: Ledger
    names: Mapping[ResourceId, str]

    def name(self, resource: ResourceId) -> str:
        return self.names.get(resource, "Somebody who is gone")


@dataclass(frozen=True, slots=True)
class TemplateItem:
    """A template as one person sees it. `owner` is a name; `may_change`: their own, or they are an Administrator."""

    template: Template
    owner: str
    is_own: bool
    may_change: bool
    is_favourite: bool = False
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class SetupPage:
    """`hours`, `time_zone` and `language` are those that count: the person's own, or the usual ones and Slack's.

    `pools` are the first of `pool_count`, by name.
    """

    now: datetime
    connections: tuple[ConnectionItem, ...]
    is_one_click: bool
    preferences: Preferences
    hours: WorkingHours
    time_zone: str
    language: str
    rooms: tuple[Room, ...]
    pools: tuple[PoolItem, ...]
    pool_count: int
    templates: tuple[TemplateItem, ...]
    command: str = "/invite"
    """The slash command that people are told."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is right and wrong for one person, by a reading of this moment.

    `missing_text` says what is needed where no calendar system is set up at all, `channel_problem` why the channel
    chosen for notes gets none.
    """

    now: datetime
    connections: tuple[ConnectionItem, ...]
    missing_text: str | None
    hours: WorkingHours
    preferences: Preferences
    channel_problem: str | None = None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some members of a pool, in the order in which they are next; the inactive ones last. `number` counts from 0."""

    item: PoolItem
    members: tuple[ResourceId, ...]
    number: int
    pages: int
    may_change: bool
