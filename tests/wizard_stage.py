"""The wizard's listeners on a real Bolt app and a real Web API client, with fake services behind them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from slack_bolt import App

from bot import listeners
from bot.domain import fields as f
from bot.domain import wizard as rules
from bot.domain.calendar_choice import CalendarChoice
from bot.domain.ids import DraftId, InvitationId, ResourceId, TemplateId, TrackingId, WorkspaceId
from bot.domain.invitation import ConferencingKind, Details, Draft, DraftStep, Invitation, InvitationStatus
from bot.domain.people import Person
from bot.domain.preferences import Preferences
from bot.domain.relaxations import Change, relaxed
from bot.domain.report import Restriction, SlotReport
from bot.domain.seating import Candidate, Roster
from bot.domain.slots import SlotSearch
from bot.domain.templates import Template
from bot.domain.timeframe import WORKDAYS, TimeFrame, TimeRange
from bot.errors import FormError, NotAllowedError, NotFoundError, StaleStateError
from bot.services import Services
from bot.services.beginnings import Beginning
from bot.services.conferences import ALWAYS
from bot.services.seating import check_members
from bot.services.templates import Listed
from tests.cast import BEN, NOW, ManualClock
from tests.fakes import FakeDirectory
from tests.servers import DEADLINE_S, eventually
from tests.slack_modal import Modal, command, patient
from tests.slack_web_api import Answer, WebApi, web_api

NEXT = {
    DraftStep.PARTICIPANT: DraftStep.DETAILS,
    DraftStep.DETAILS: DraftStep.TIME_FRAME,
    DraftStep.TIME_FRAME: DraftStep.LETTER,
}


def report(count: int, **changes: Any) -> SlotReport:
    """`count` slots, eight a day from 09:00 in New York, from Tuesday 1 December 2026 on."""
    nine = datetime(2026, 12, 1, 14, tzinfo=UTC)
    frame = TimeFrame(
        date(2026, 12, 1),
        date(2026, 12, 31),
        WORKDAYS,
        (TimeRange(nine.time(), nine.time()),),
        changes.pop("zone", "America/New_York"),
    )
    search = SlotSearch(frame, timedelta(minutes=30), timedelta(minutes=30), ((ResourceId("U0DANA"),),))
    starts = tuple(nine + timedelta(days=n // 8, minutes=30 * (n % 8)) for n in range(count))
    return replace(SlotReport(search, starts, (), (), NOW), **changes)


class FakeDrafts:
    """Drafts in memory. `counting` is asked for every count that is not `at_hand`; `refusals` are raised by submitting
    that step."""

    def __init__(self) -> None:
        self.stored: dict[str, Draft] = {}
        self.carded: list[str] = []
        self.refusals: dict[DraftStep, Exception] = {}
        self.counting: Callable[[Draft], SlotReport] = lambda draft: report(34)
        self.at_hand: SlotReport | None = None
        self.turns: dict[str, str] = {"Sales": BEN.name}
        self.told: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def begin(self, person: Person, prefill: Mapping[str, Any], beginning: Beginning | None = None) -> Draft:
        if not person.may_invite:
            raise NotAllowedError("Only members of this workspace can send invitations.")
        with self._lock:
            draft = Draft(
                DraftId(f"draft{len(self.stored) + 1}"),
                person.workspace_id,
                person.user_id,
                DraftStep.PARTICIPANT,
                {**rules.defaults(person, NOW), **prefill},
                NOW,
                NOW,
            )
            self.stored[draft.id] = draft
        return draft

    def use_template(self, person: Person, draft: Draft, template_id: str | None, shown: Mapping[str, Any]) -> Draft:
        filled_in = {f.SUBJECT: f"From template {template_id}", f.TEMPLATE: template_id}
        return self.save(draft, {**shown, **filled_in}, regenerate=True)

    def find(self, workspace_id: str, user_id: str, draft_id: str) -> Draft:
        draft = self.stored.get(draft_id)
        if draft is None or draft.owner_id != user_id:
            raise NotFoundError("This draft is not there any more.")
        return draft

    latest = find

    def open_drafts(self, workspace_id: str, user_id: str) -> tuple[Draft, ...]:
        mine = [d for d in self.stored.values() if d.owner_id == user_id]
        return tuple(d for d in reversed(mine) if d.fields.get(f.PARTICIPANT_NAME) or d.fields.get(f.EMAIL))

    def save(
        self, draft: Draft, fields: Mapping[str, Any], *, step: DraftStep | None = None, regenerate: bool = False
    ) -> Draft:
        with self._lock:
            present = self.stored[draft.id]
            saved = replace(
                present,
                fields={**present.fields, **fields},
                step=step or present.step,
                revision=present.revision + 1,
                generation=present.generation + regenerate,
            )
            self.stored[draft.id] = saved
        return saved

    def follow(
        self, draft: Draft, shown: Mapping[str, Any], acted_at: float, *, own: Mapping[str, Any] | None = None
    ) -> Draft:
        with self._lock:
            latest = self.stored[draft.id].fields.get(f.ACTED_AT, 0)
        if acted_at < latest and not own:
            raise StaleStateError("A later change has been saved already.")
        shown = {} if acted_at < latest else shown
        fields = {**shown, **(own or {}), f.ACTED_AT: max(acted_at, latest)}
        return self.save(draft, fields, regenerate=bool(own))

    def is_newest(self, draft: Draft) -> bool:
        stored = self.stored.get(draft.id)
        return stored is not None and stored.revision == draft.revision

    def submit(self, person: Person, draft: Draft, step: DraftStep, fields: Mapping[str, Any]) -> Draft:
        draft = self.save(draft, fields)
        if refusal := self.refusals.get(step):
            raise refusal
        return self.save(draft, {}, step=NEXT[step], regenerate=True)

    def count(self, draft: Draft, *, fresh: bool = False) -> SlotReport:
        return self.counting(draft)

    def count_at_hand(self, draft: Draft) -> SlotReport | None:
        return self.at_hand

    def relaxed(self, draft: Draft, change: Change, value: str) -> dict[str, Any]:
        return relaxed(draft.fields, change, value)

    def renew_turns(self, person: Person, draft: Draft) -> tuple[Draft, SlotReport, Mapping[str, str]]:
        return self.save(draft, {f.TURNS: {"p1": "U0BEN"}}, regenerate=True), report(5), self.turns

    def warnings(self, person: Person, draft: Draft) -> tuple[str, ...]:
        return self.told

    def show_card(self, draft: Draft) -> None:
        self.carded.append(draft.id)

    def discard(self, workspace_id: str, user_id: str, draft_id: str) -> None:
        self.stored.pop(draft_id, None)


class FakeInvitations:
    """Sends nothing, and keeps the fields it should have sent."""

    def __init__(self, drafts: FakeDrafts) -> None:
        self.drafts = drafts
        self.sent: list[Mapping[str, Any]] = []
        self.refusal: Exception | None = None
        self.before_answer: Callable[[], object] = lambda: None

    def send(self, person: Person, draft: Draft, fields: Mapping[str, Any]) -> Invitation:
        self.before_answer()
        if self.refusal:
            raise self.refusal
        every = {**draft.fields, **fields}
        self.sent.append(every)
        self.drafts.stored.pop(draft.id)
        return Invitation(
            id=InvitationId("i1"),
            workspace_id=draft.workspace_id,
            tracking_id=TrackingId("K7D2M9QX"),
            inviter_id=draft.owner_id,
            participant=rules.participant(every),
            details=rules.details(every),
            rules=rules.rules(every, NOW),
            letter=rules.letter(every),
            status=InvitationStatus.ACTIVE,
            token="secret",
            created_at=NOW,
            expires_at=NOW,
        )

    def preview(self, person: Person, draft: Draft, fields: Mapping[str, Any]) -> str:
        return f"Hello {draft.fields[f.PARTICIPANT_NAME]},\n\n{draft.fields[f.MESSAGE]}"

    def link(self, viewer: Person, invitation_id: str) -> str:
        return "https://meet.example/i/secret"


class FakeSeating:
    """People of the directory; the pools of `pools` and the rooms of `room_names`, by value."""

    def __init__(self, directory: FakeDirectory) -> None:
        self.directory = directory
        self.pools: dict[str, str] = {}
        self.room_names: dict[str, str] = {}
        self.changeable: frozenset[str] = frozenset()

    def roster(self, workspace_id: str, fields: Mapping[str, Any]) -> Roster:
        names = {person.user_id: person.name for person in self.directory.known.values()}
        by_hand = fields.get(f.CHOSEN) or {}
        notes = {pool: f"next in line: {by_hand.get(pool.removeprefix('pool:'), 'Ana')}" for pool in self.pools}
        return Roster({**names, **self.pools, **self.room_names}, notes, self.changeable)

    def details(self, workspace_id: str, fields: Mapping[str, Any]) -> Details:
        return rules.details(fields)

    def check_alternatives(self, workspace_id: str, values: Sequence[str]) -> None:
        check_members({f.MEMBERS: values}, partial(self.directory.person, WorkspaceId(workspace_id)))

    def people(self, workspace_id: str, query: str) -> tuple[Candidate, ...]:
        known = [Candidate(person.user_id, person.name) for person in self.directory.known.values()]
        return tuple(each for each in known if query.lower() in each.name.lower())

    def members(self, workspace_id: str, query: str) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        return self.people(workspace_id, query), tuple(Candidate(*pool) for pool in self.pools.items())

    def rooms(self, workspace_id: str, query: str) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...]]:
        return tuple(Candidate(*room) for room in self.room_names.items()), ()

    def pool_members(self, workspace_id: str, pool_value: str, query: str) -> tuple[Candidate, ...]:
        return self.people(workspace_id, query) if pool_value in self.pools else ()


class FakeEventCalendars:
    """Nobody has a calendar to choose."""

    def warm(self, person: Person) -> None:
        return

    def choice(self, person: Person, fields: Mapping[str, Any], details: object) -> CalendarChoice:
        return CalendarChoice()


class FakeTemplates:
    """`listed` are everybody's."""

    def __init__(self) -> None:
        self.listed: list[Listed] = []
        self.saved: list[tuple[str, bool, str | None]] = []
        self.marked: list[tuple[str, str]] = []

    def list(self, person: Person) -> tuple[Listed, ...]:
        return tuple(self.listed)

    def save(
        self, person: Person, name: str, fields: Mapping[str, Any], *, is_shared: bool, overwrite: str | None
    ) -> Template:
        if not name:
            raise FormError({"name": "Give the template a name."})
        self.saved.append((name, is_shared, overwrite))
        return Template(TemplateId("t1"), person.workspace_id, person.user_id, name, fields, 0, 14, is_shared)

    def set_favourite(self, person: Person, template_id: str, favourite: bool) -> None:
        self.marked.append(("favourite", template_id))

    def set_default(self, person: Person, template_id: str | None) -> None:
        self.marked.append(("default", template_id or ""))


@dataclass
class FakeConnections:
    """`connected` is everybody's answer."""

    systems: tuple[str, ...] = ("Playground calendar",)
    connected: bool = True
    missing_text: str = "No calendar system is set up for this workspace yet. Set GOOGLE_CLIENT_ID."


@dataclass
class FakeBeginnings:
    """What the other fakes hold."""

    drafts: FakeDrafts
    connections: FakeConnections
    templates: FakeTemplates

    def read(self, person: Person, *, with_drafts: bool = True) -> Beginning:
        drafts = self.drafts.open_drafts(person.workspace_id, person.user_id) if with_drafts else ()
        return Beginning(Preferences(), self.templates.list(person), self.connections.connected, drafts)


class FakeConferences:
    """Nothing is connected that makes conferences."""

    def offered(self, person: Person, fields: Mapping[str, Any]) -> tuple[ConferencingKind, ...]:
        return ALWAYS


class Screens:
    """Slack's side of `views.*`: one view with a hash that changes at each drawing.

    `at_update` is called before an update is applied, with the view that comes: where a test lets things wait.
    """

    def __init__(self, api: WebApi) -> None:
        self.api = api
        self.drawn: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.pushed: list[dict[str, Any]] = []
        self.hash = "h0"
        self.is_open = True
        self._drawings = 0
        self.at_update: Callable[[dict[str, Any]], None] = lambda view: None
        self._lock = threading.Lock()
        self._other = api.answer
        api.answer = self.answer  # type: ignore[method-assign]  # the server asks this attribute at each request

    def answer(self, method: str, parameters: dict[str, Any], token: str) -> Answer:
        answer = self._other(method, parameters, token)
        if not method.startswith("views.") or answer.body != {"ok": True}:
            return answer
        view = parameters["view"]
        view = view if isinstance(view, dict) else json.loads(view)
        if method == "views.update":
            self.at_update(view)
        with self._lock:
            if method == "views.push":
                self.pushed.append(view)
                return Answer({"ok": True, "view": {**view, "id": "V9", "hash": "p"}})
            if method == "views.open":
                self.opened.append(view)
                return Answer({"ok": True, "view": {**view, "id": "V1", "hash": self.hash}})
            if not self.is_open:
                return Answer({"ok": False, "error": "not_found"})
            if parameters.get("hash") not in (None, self.hash):
                return Answer({"ok": False, "error": "hash_conflict"})
            self.drawn.append(view)
            self._drawings += 1
            self.hash = f"h{self._drawings}"
            return Answer({"ok": True, "view": {**view, "id": "V1", "hash": self.hash}})


class Counting(ThreadPoolExecutor):
    """Where counts are made: all there is by the time somebody asks for it, until the test says that they are slow.

    So that a patience of 0 s is a matter of what the test says, and not of how busy the machine is.
    """

    is_slow = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future = super().submit(fn, *args, **named)
        if not self.is_slow:
            wait([future])
        return future


@dataclass
class WizardStage:
    """Everything the wizard needs, and what it did to Slack's screens."""

    api: WebApi
    screens: Screens
    app: App
    drafts: FakeDrafts
    invitations: FakeInvitations
    connections: FakeConnections
    directory: FakeDirectory
    seating: FakeSeating
    templates: FakeTemplates
    offering: ThreadPoolExecutor
    counting: Counting
    clock: ManualClock = field(default_factory=ManualClock)
    sees_no_defaults: bool = False
    """The way to step 3 is not waited for when a view opens with all filled in."""

    def invite(self, text: str = "") -> Modal:
        """Type `/invite …`; the modal that opens."""
        before = len(self.screens.opened)
        assert command(self.app, text).status == 200
        eventually(lambda: len(self.screens.opened) > before, "a view is opened")
        modal = Modal(self.app, self.screens.opened[-1])
        draft = self.drafts.stored[modal.view["private_metadata"]]
        if self.connections.connected and rules.is_filled_in(draft.fields, NOW) and not self.sees_no_defaults:
            self.drawn(modal)
            self.screens.drawn.clear()
        return modal

    def finish(self) -> None:
        """Let all that was begun come to its end; nothing can begin afterwards."""
        self.app.listener_runner.listener_executor.shutdown(wait=True)
        self.offering.shutdown(wait=True)

    def at_step_2(self) -> Modal:
        modal = self.invite("Anna Ruiz anna@acme.com Roadmap review")
        modal.submit()
        modal.submit()
        assert modal.view["callback_id"] == "wizard_time_frame"
        return modal

    def at_step_3(self) -> Modal:
        modal = self.at_step_2()
        self.only_draft(fields={f.EMAIL_SUBJECT: "Roadmap review: pick a time", f.PROMOTED: ["2026-12-01T14:00:00Z"]})
        modal.submit()
        assert modal.view["callback_id"] == "wizard_letter"
        return modal

    def only_draft(self, *, fields: Mapping[str, Any] | None = None) -> Draft:
        [draft] = self.drafts.stored.values()
        if fields:
            draft = replace(draft, fields={**draft.fields, **fields})
            self.drafts.stored[draft.id] = draft
        return draft

    def drawn(self, modal: Modal, count: int = 1) -> dict[str, Any]:
        """Wait for that many drawings in all; the latest is shown in the modal."""
        eventually(lambda: len(self.screens.drawn) >= count, f"{count} drawings, not {len(self.screens.drawn)}")
        modal.show(self.screens.drawn[-1])
        modal.hash = self.screens.hash
        return self.screens.drawn[-1]


@contextmanager
def wizard_stage(patience_s: float = DEADLINE_S) -> Iterator[WizardStage]:
    drafts, connections, directory, clock = FakeDrafts(), FakeConnections(), FakeDirectory(), ManualClock()
    invitations, seating = FakeInvitations(drafts), FakeSeating(directory)
    templates = FakeTemplates()
    services = SimpleNamespace(
        drafts=drafts,
        steps=drafts,
        beginnings=FakeBeginnings(drafts, connections, templates),
        invitations=invitations,
        connections=connections,
        directory=directory,
        seating=seating,
        conferences=FakeConferences(),
        event_calendars=FakeEventCalendars(),
        templates=templates,
        activity=None,
        **dict.fromkeys(
            (
                "on_behalf",
                "setup",
                "rooms",
                "pools",
                "preferences",
                "reassigning",
                "no_shows",
                "room_directory",
                "moves",
            )
        ),
    )
    with (
        web_api() as api,
        Counting(8) as counting,
        ThreadPoolExecutor(2) as offering,
        ThreadPoolExecutor(8) as pool,
    ):
        api.knows("auth.test", "", {})
        app = App(
            client=api.client(), signing_secret="s3cret", token_verification_enabled=False, listener_executor=pool
        )
        listeners.register(app, cast(Services, services), clock, counting, offering, patience_s)
        patient(app)
        yield WizardStage(
            api,
            Screens(api),
            app,
            drafts,
            invitations,
            connections,
            directory,
            seating,
            templates,
            offering,
            counting,
            clock,
        )


def restricted(*pairs: tuple[str, int]) -> Sequence[Restriction]:
    return tuple(Restriction(name, costs) for name, costs in pairs)
