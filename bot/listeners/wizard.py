"""The wizard on people's screens: opened, resumed, drawn again. Only the newest draft is ever drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View

from blocks.details import details_view
from blocks.letter import letter_view
from blocks.live_count import Counting
from blocks.on_behalf import confirmation_view, lost_view, method_view, slot_view
from blocks.participant import participant_view, unconnected_view
from blocks.time_frame import time_frame_view
from bot.domain import fields as f
from bot.domain.calendar_choice import CalendarChoice
from bot.domain.invitation import Draft, DraftStep
from bot.domain.on_behalf import OfferPage
from bot.domain.people import Person
from bot.domain.preferences import DefaultMethod
from bot.domain.report import SlotReport
from bot.domain.wizard import is_filled_in
from bot.errors import InviteOnceError, NotFoundError
from bot.listeners.counts import Counts, Shown
from bot.listeners.first_views import FirstViews
from bot.listeners.screen import Screen
from bot.ports import Clock
from bot.services import Services
from bot.services.beginnings import Beginning, says_who


class Wizard:
    """What command, shortcut, App Home and cards call."""

    def __init__(self, services: Services, clock: Clock, counts: Counts, first_views: FirstViews) -> None:
        self._first_views = first_views
        self._services = services
        self._drafts = services.drafts
        self._clock = clock
        self.counts = counts

    # ------------------------------------------------------------ open

    def start(
        self,
        client: WebClient,
        trigger_id: str,
        person: Person,
        prefill: Mapping[str, Any] | None = None,
        hints: Sequence[str] = (),
    ) -> None:
        """Open the first view of a new Draft. Raises NotAllowedError."""
        with self._first_views.opening():
            fields = prefill or {}
            beginning = self._services.beginnings.read(person, with_drafts=not says_who(fields))
            draft = self._drafts.begin(person, fields, beginning)
            view: View
            if draft.fields.get(f.MODE) == DefaultMethod.ASK:
                view = method_view(draft, hints)
            else:
                view = self._participant_view(person, draft, hints, None, beginning)
            try:
                answer = client.views_open(trigger_id=trigger_id, view=view)
            except SlackApiError:
                self._drafts.discard(person.workspace_id, person.user_id, draft.id)
                raise
        self._services.directory.warm(person.workspace_id)  # the next step looks for people
        self.offer_defaults(Screen(client, answer["view"]), person, draft, hints)

    def resume(self, client: WebClient, trigger_id: str, person: Person, draft_id: str) -> None:
        """Open the view at which the Draft was left, with all it holds. Raises NotFoundError."""
        draft = self._drafts.find(person.workspace_id, person.user_id, draft_id)
        counts = self.counts.of(draft)
        answer = client.views_open(trigger_id=trigger_id, view=self.view(person, draft, next(counts)))
        screen = Screen(client, answer["view"])
        for count in counts:
            self._draw(screen, person, draft, count)

    # ------------------------------------------------------------ draw

    def show(self, screen: Screen, person: Person, draft: Draft, hints: Sequence[str] = ()) -> None:
        """Draw the Draft's step in place of what is on the screen, unless a later save exists."""
        known = self.counts.at_hand(draft)
        if isinstance(known, SlotReport):  # it has just been looked whether this is the newest
            self._draw_newest(screen, person, draft, known, hints)
            return
        for count in [known] if known else self.counts.asked(draft):
            self._draw(screen, person, draft, count, hints)

    def refresh(self, client: WebClient, view: Mapping[str, Any], person: Person) -> None:
        """Draw a wizard's view again, for example once a calendar is connected. `view` is Slack's view object."""
        draft = self._drafts.find(person.workspace_id, person.user_id, view["private_metadata"])
        self.show(Screen(client, view), person, draft)

    def finish(self, screen: Screen, person: Person, draft: Draft, counts: Iterator[Shown]) -> None:
        """Draw what is still to come of `counts` after an acknowledgement that has drawn the first one."""
        for count in counts:
            for _ in screen.until_acknowledged():
                if not self._drafts.is_newest(draft):
                    return
                if not screen.draw(self.view(person, draft, count)):
                    self._draw_over(screen, person, draft, count)
                    break

    def view(self, person: Person, draft: Draft, count: Shown | None = None, hints: Sequence[str] = ()) -> View:
        """The view of the Draft's step. `count` is for steps 2 and 3, and for the way to step 3 in the first view."""
        match draft.step:
            case DraftStep.PARTICIPANT:
                return self._participant_view(person, draft, hints, count)
            case DraftStep.DETAILS:
                self._services.event_calendars.warm(person)
                roster = self._services.seating.roster(draft.workspace_id, draft.fields)
                conferencing = self._services.conferences.offered(person, draft.fields)
                warnings = [*hints, *self._services.steps.warnings(person, draft)]
                return details_view(draft, warnings=warnings, roster=roster, conferencing=conferencing)
            case DraftStep.TIME_FRAME:
                number = Counting() if isinstance(count, OfferPage | None) else count
                return time_frame_view(draft, number, self._clock(), warnings=hints)
            case DraftStep.LETTER:
                calendars = self._calendars(person, draft)
                known = count if isinstance(count, SlotReport) else None
                return letter_view(draft, self._preview(person, draft), known, calendars=calendars, warnings=hints)
            case DraftStep.SLOT:
                return slot_view(draft, Counting() if isinstance(count, SlotReport | None) else count, warnings=hints)
            case DraftStep.CONFIRMATION:
                return self._confirmation_view(person, draft, hints)

    def offer_defaults(self, screen: Screen, person: Person, draft: Draft, hints: Sequence[str] = ()) -> None:
        """Once the first view is open: where all is filled in, count, and show the way to step 3 if there is any.

        Calendars are read meanwhile, so that step 2 finds them at hand.
        """
        picks_it_themselves = draft.fields.get(f.MODE) in (None, DefaultMethod.INVITE)
        if draft.step is not DraftStep.PARTICIPANT or not picks_it_themselves:
            return
        if is_filled_in(draft.fields, self._clock()):
            self._first_views.afterwards(lambda: self._offer_defaults(screen, person, draft, hints))

    def _offer_defaults(self, screen: Screen, person: Person, draft: Draft, hints: Sequence[str]) -> None:
        count = self.counts.count(draft)
        if not isinstance(count, SlotReport) or not count.count or not self._drafts.is_newest(draft):
            return
        # Not drawn over anything: whoever has gone on in the meantime needs no shortcut.
        screen.draw(self.view(person, draft, count, hints))

    def _draw(self, screen: Screen, person: Person, draft: Draft, count: Shown, hints: Sequence[str] = ()) -> None:
        if self._drafts.is_newest(draft):
            self._draw_newest(screen, person, draft, count, hints)

    def _draw_newest(
        self, screen: Screen, person: Person, draft: Draft, count: Shown, hints: Sequence[str] = ()
    ) -> None:
        if not screen.draw(self.view(person, draft, count, hints)):
            self._draw_over(screen, person, draft, count, hints)

    def _draw_over(self, screen: Screen, person: Person, draft: Draft, count: Shown, hints: Sequence[str] = ()) -> None:
        """The view has changed since we knew it. Without a hash two of us could pass each other on the way,
        so whoever finds afterwards that a later save exists draws that one again."""
        if not self._drafts.is_newest(draft):
            return
        screen.draw_over(self.view(person, draft, count, hints))
        if not self._drafts.is_newest(draft):
            try:
                latest = self._drafts.find(draft.workspace_id, draft.owner_id, draft.id)
            except NotFoundError:
                return
            self.show(screen, person, latest)

    def _confirmation_view(self, person: Person, draft: Draft, hints: Sequence[str]) -> View:
        try:
            picked = self._services.on_behalf.picked(person, draft)
        except InviteOnceError as error:
            return lost_view(draft, str(error))
        calendars = self._services.event_calendars.choice(person, draft.fields, picked.details)
        return confirmation_view(draft, picked, person, calendars=calendars, warnings=hints)

    def _calendars(self, person: Person, draft: Draft) -> CalendarChoice:
        try:
            details = self._services.seating.details(draft.workspace_id, draft.fields)
        except InviteOnceError:
            details = None
        return self._services.event_calendars.choice(person, draft.fields, details)

    def _participant_view(
        self,
        person: Person,
        draft: Draft,
        hints: Sequence[str],
        count: Shown | None,
        beginning: Beginning | None = None,
    ) -> View:
        known = beginning or self._services.beginnings.read(person, with_drafts=not says_who(draft.fields))
        if not known.is_connected:
            connections = self._services.connections
            return unconnected_view(draft, None if connections.systems else connections.missing_text)
        templates = [listed.template for listed in known.templates]
        number = count if isinstance(count, SlotReport) else None
        return participant_view(
            draft, self._clock(), drafts=known.drafts, hints=hints, count=number, templates=templates
        )

    def _preview(self, person: Person, draft: Draft) -> str:
        try:
            return self._services.invitations.preview(person, draft, {})
        except InviteOnceError as error:
            return f"There is no preview yet. {error}"
