"""Drafts as this process saved them last."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from bot.domain.ids import DraftId
from bot.domain.invitation import Draft

_MOST = 500


class LatestDrafts:
    """Another process may have saved one since, or thrown it away: for whoever saves it next, and is refused then.

    Safe between threads.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._drafts: OrderedDict[DraftId, Draft] = OrderedDict()
        self._lock = Lock()

    def get(self, draft_id: DraftId) -> Draft | None:
        return self._drafts.get(draft_id)

    def put(self, draft: Draft) -> None:
        """The one that was saved longest ago makes room."""
        with self._lock:
            known = self._drafts.pop(draft.id, draft)
            self._drafts[draft.id] = max(known, draft, key=lambda one: one.revision)
            if len(self._drafts) > self._most:
                self._drafts.popitem(last=False)
