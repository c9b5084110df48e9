"""The acknowledgement that Slack waits for, sent on at the moment it is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, BoltResponse


class KeptAck(Ack):
    """An acknowledgement that cannot be taken back. `on_given` is told the response, once, in the thread that gives it.

    Bolt sets it to None when the listener fails after it. Where that comes before Bolt has looked (it looks every
    10 ms), Slack would wait for an answer in vain.
    """

    def __init__(self, on_given: Callable[[BoltResponse], object] = lambda _: None) -> None:
        self._on_given = on_given
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt has not annotated it

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "response":
            super().__setattr__(name, value)
        elif self.__dict__.get("response") is None:
            super().__setattr__(name, value)
            if value is not None:
                self._on_given(value)
