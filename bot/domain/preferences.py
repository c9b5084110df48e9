"""What a User has set in *Setup*."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ids import ChannelId
from bot.domain.working_hours import WorkingHours


class DefaultMethod(StrEnum):
    """What the buttons of Home begin with."""

    INVITE = "invite"
    ON_BEHALF = "on_behalf"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Preferences:
    """None: as Slack or the product has it."""

    working_hours: WorkingHours | None = None
    time_zone: str | None = None
    method: DefaultMethod = DefaultMethod.INVITE
    channel_id: ChannelId | None = None
    language: str | None = None
