"""How the pretend Slack says no: under Slack's own error names."""

from __future__ import annotations

from collections.abc import Sequence


class RefusalError(Exception):
    """A Web API call is refused. `code` is Slack's error name, `messages` its `response_metadata.messages`."""

    def __init__(self, code: str, messages: Sequence[str] = (), **details: str) -> None:
        super().__init__(" ".join((code, *messages)))
        self.code = code
        self.messages = tuple(messages)
        self.details = details


class HintError(Exception):
    """The person at the page cannot do that; the text is for them, `fields` by block id."""

    def __init__(self, text: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.fields = fields or {}
