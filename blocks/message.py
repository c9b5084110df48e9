"""What is posted: a text, and the blocks that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import Block


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. `text` is read out, and shown where blocks are not: in notifications and search."""

    text: str
    blocks: tuple[Block, ...]

    def block_dicts(self) -> list[dict[str, Any]]:
        """The blocks as JSON, checked against Slack's limits."""
        return [block.to_dict() for block in self.blocks]
