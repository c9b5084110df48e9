"""What a step of the wizard shows that takes time to find out: at once where it is at hand, else within a patience."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, wait

from blocks.live_count import Count, Counting, Uncountable
from bot.domain.invitation import Draft, DraftStep
from bot.domain.on_behalf import OfferPage
from bot.errors import InviteOnceError
from bot.services import Services

PATIENCE_S = 1.8
"""How long a view may wait for its count: Slack gives up after 3 s, and a trigger id lives as long."""

Shown = Count | OfferPage
"""The count, or, on behalf, a page of slots."""


class Counts:
    """`threads` run the counts that somebody has to be asked for."""

    def __init__(self, services: Services, threads: Executor, patience_s: float = PATIENCE_S) -> None:
        self._services = services
        self._threads = threads
        self._patience_s = patience_s

    def of(self, draft: Draft) -> Iterator[Shown]:
        """The count, after `Counting` where it does not come within our patience. Steps without one: `Counting`.

        With the busy times at hand it is made here: a second thread would be waited for longer than that takes.
        """
        known = self.at_hand(draft)
        return iter([known]) if known else self.asked(draft)

    def at_hand(self, draft: Draft) -> Count | None:
        """The count of the newest draft in step 2 or 3, where nobody need be asked for it."""
        if draft.step not in (DraftStep.TIME_FRAME, DraftStep.LETTER):
            return None
        try:
            return self._services.steps.count_at_hand(draft)
        except InviteOnceError as error:
            return Uncountable(str(error))

    def asked(self, draft: Draft) -> Iterator[Shown]:
        """What `of` gives where somebody has to be asked."""
        counting = {DraftStep.TIME_FRAME: self.count, DraftStep.SLOT: self.offers}.get(draft.step)
        if counting is None:
            yield Counting()
            return
        pending = self._threads.submit(counting, draft)
        done, _ = wait([pending], timeout=self._patience_s)
        if not done:
            yield Counting()
        yield pending.result()

    def count(self, draft: Draft) -> Count:
        """The count, however long it takes, or why there is none."""
        try:
            return self._services.steps.count(draft)
        except InviteOnceError as error:
            return Uncountable(str(error))

    def offers(self, draft: Draft) -> OfferPage | Uncountable:
        """On behalf: the slots of the Draft's page, or why there are none to show."""
        try:
            person = self._services.directory.person(draft.workspace_id, draft.owner_id)
            return self._services.on_behalf.page(person, draft)
        except InviteOnceError as error:
            return Uncountable(str(error))
