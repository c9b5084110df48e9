"""What people press in App Home and on cards, dispatched through Bolt against a Web API over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from blocks import ids
from bot.domain.activity import HomeState, MeetingItem, Page, Tab
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.people import Person
from bot.errors import InviteOnceError, NotFoundError, StaleStateError
from bot.listeners import attention, cards, connections, failures, home
from bot.listeners.wizard import Wizard
from bot.services import Services
from tests.activity_cast import NASTY, invitation_item, meeting_item, page
from tests.block_kit import assert_within_limits, shown
from tests.cast import DANA, PRIYA, WORKSPACE
from tests.fakes import FakeDirectory
from tests.listening import TRIGGER, Watched, bolt, in_message, pressed, send
from tests.slack_modal import patient
from tests.slack_web_api import WebApi


@dataclass
class FakeServices:
    """Every service at once: what it was told is a line in `told`; `refusal` is raised instead, once."""

    told: list[tuple[Any, ...]] = field(default_factory=list)
    refusal: InviteOnceError | None = None
    systems: tuple[str, ...] = ("Playground calendar",)
    is_one_click: bool = True
    missing_text: str = "No calendar system is set up: set GOOGLE_CLIENT_ID."
    opened_before: bool = True
    directory: FakeDirectory = field(default_factory=FakeDirectory)
    state: HomeState = field(default_factory=HomeState)
    page: Page = field(default_factory=lambda: page([invitation_item()]))
    while_it_is_drawn: Callable[[], object] = lambda: None

    @property
    def drafts(self) -> FakeDrafts:
        return FakeDrafts(self)

    @property
    def invitations(self) -> FakeInvitations:
        return FakeInvitations(self)

    @property
    def meetings(self) -> FakeMeetings:
        return FakeMeetings(self)

    @property
    def attention(self) -> FakeAttention:
        return FakeAttention(self)

    @property
    def activity(self) -> FakeServices:
        return self

    @property
    def connections(self) -> FakeServices:
        return self

    def tell(self, *what: Any) -> None:
        if self.refusal:
            refusal, self.refusal = self.refusal, None
            raise refusal
        self.told.append(what)

    def home(self, person: Person, state: HomeState | None) -> tuple[HomeState, Page]:
        shown = self.state = state or self.state
        self.while_it_is_drawn()
        return shown, self.page

    def is_at(self, person: Person, state: HomeState) -> bool:
        return self.state == state

    def has_home(self, person: Person) -> bool:
        return self.opened_before

    def connect_builtin(self, person: Person) -> None:
        self.tell("connected", person.user_id)


@dataclass
class FakeDrafts:
    services: FakeServices

    def discard(self, workspace_id: WorkspaceId, user_id: UserId, draft_id: str) -> None:
        self.services.tell("discarded", user_id, draft_id)


@dataclass
class FakeInvitations:
    services: FakeServices

    def resend(self, viewer: Person, invitation_id: str) -> None:
        self.services.tell("resent", viewer.user_id, invitation_id)

    def cancel(self, viewer: Person, invitation_id: str) -> None:
        self.services.tell("invitation cancelled", viewer.user_id, invitation_id)

    def link(self, viewer: Person, invitation_id: str) -> str:
        self.services.tell("link", viewer.user_id, invitation_id)
        return "https://invite.example/i/token_with_underscores_"


@dataclass
class FakeMeetings:
    services: FakeServices

    def item(self, viewer: Person, meeting_id: str) -> MeetingItem:
        self.services.tell("looked at", viewer.user_id, meeting_id)
        return meeting_item()

    def cancel(self, viewer: Person, meeting_id: str, reason: str) -> None:
        self.services.tell("meeting cancelled", viewer.user_id, meeting_id, reason)


@dataclass
class FakeWizard:
    services: FakeServices

    def start(self, client: WebClient, trigger_id: str, person: Person, prefill: Mapping[str, Any]) -> None:
        self.services.tell("wizard started", trigger_id, person.user_id, prefill)

    def resume(self, client: WebClient, trigger_id: str, person: Person, draft_id: str) -> None:
        self.services.tell("wizard resumed", trigger_id, person.user_id, draft_id)

    def refresh(self, client: WebClient, view: Mapping[str, Any], person: Person) -> None:
        self.services.tell("wizard refreshed", view["id"], person.user_id)


@dataclass
class FakeAttention:
    services: FakeServices

    def write_again(self, viewer: Person, meeting_id: str) -> None:
        self.services.tell("written again", viewer.user_id, meeting_id)

    def keep(self, viewer: Person, meeting_id: str) -> None:
        self.services.tell("kept", viewer.user_id, meeting_id)


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def app(api: WebApi, services: FakeServices) -> Iterator[App]:
    with Watched(4) as pool:
        app = bolt(api, pool)
        failures.register(app)
        home.register(app, cast(Services, services), cast(Wizard, FakeWizard(services)))
        connections.register(app, cast(Services, services), cast(Wizard, FakeWizard(services)))
        cards.register(app, cast(Services, services), cast(Wizard, FakeWizard(services)))
        attention.register(app, cast(Services, services))
        yield patient(app)


def opened(tab: str) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "event": {"type": "app_home_opened", "user": DANA.user_id, "tab": tab, "channel": "D0CARDS"},
    }


IN_MODAL: dict[str, Any] = {
    "view": {"id": "V0WIZARD", "type": "modal", "callback_id": ids.PARTICIPANT_VIEW, "private_metadata": "d1"}
}


# ---------------------------------------------------------------- App Home


def test_opening_home_publishes_it(app: App, api: WebApi) -> None:
    assert send(app, opened("home")).status == 200
    [published] = api.asked("views.publish")
    assert published["user_id"] == DANA.user_id
    assert "Tracking ID K7D2M9QX" in shown(published["view"]["blocks"])


def test_opening_the_messages_tab_does_nothing(app: App, api: WebApi) -> None:
    assert send(app, opened("messages")).status == 200
    assert api.calls == []


@pytest.mark.parametrize(
    ("action_id", "value", "leads_to"),
    [
        (ids.TAB_MEETINGS, None, HomeState(Tab.MEETINGS)),
        (ids.TAB_INVITATIONS, None, HomeState(Tab.INVITATIONS)),
        (ids.NEXT_PAGE, "meetings:3", HomeState(Tab.MEETINGS, 3)),
        (ids.PREVIOUS_PAGE, "invitations:0", HomeState()),
        (ids.NEXT_PAGE, "nonsense", HomeState()),
    ],
)
def test_tabs_and_pages_are_turned(
    app: App, api: WebApi, services: FakeServices, action_id: str, value: str | None, leads_to: HomeState
) -> None:
    services.state = HomeState(Tab.MEETINGS, 9)
    assert send(app, pressed(action_id, value)).status == 200
    assert services.state == leads_to
    assert len(api.asked("views.publish")) == 1


def test_home_is_not_drawn_over_a_tab_that_was_turned_to_meanwhile(
    app: App, api: WebApi, services: FakeServices
) -> None:
    """Counting what is left of each invitation may take a while, and the tab that was pressed then is there first."""

    def turn() -> None:
        services.state = HomeState(Tab.SETUP)

    services.while_it_is_drawn = turn
    send(app, opened("home"))
    assert api.asked("views.publish") == []


def test_invite_opens_the_wizard(app: App, services: FakeServices) -> None:
    send(app, pressed(ids.INVITE))
    assert services.told == [("wizard started", TRIGGER, DANA.user_id, {"mode": "invite"})]


def test_schedule_on_behalf_opens_the_wizard_in_which_the_user_picks_the_time(app: App, services: FakeServices) -> None:
    send(app, pressed(ids.SCHEDULE_ON_BEHALF))
    assert services.told == [("wizard started", TRIGGER, DANA.user_id, {"mode": "on_behalf"})]


# ---------------------------------------------------------------- connect


def test_connecting_in_home_brings_home_up_to_date(app: App, api: WebApi, services: FakeServices) -> None:
    send(app, pressed(ids.CONNECT_CALENDAR, person=PRIYA))
    assert services.told == [("connected", PRIYA.user_id)]
    assert [method for method, _ in api.calls] == ["views.publish"]


def test_connecting_in_the_wizard_goes_on_there(app: App, api: WebApi, services: FakeServices) -> None:
    services.opened_before = False
    send(app, pressed(ids.CONNECT_CALENDAR, **IN_MODAL))
    assert services.told == [("connected", DANA.user_id), ("wizard refreshed", "V0WIZARD", DANA.user_id)]
    assert api.calls == [], "App Home of somebody who never opened it is left alone"


def test_connecting_from_a_message_says_so(app: App, api: WebApi) -> None:
    send(app, pressed(ids.CONNECT_CALENDAR, **in_message(api)))
    [said] = api.asked("response_url")
    assert said["text"] == "Your calendar is connected."
    assert said["replace_original"] is False


@pytest.mark.parametrize(("where", "method"), [({}, "views.open"), (IN_MODAL, "views.push")])
def test_without_a_calendar_system_the_settings_are_named(
    app: App, api: WebApi, services: FakeServices, where: dict[str, Any], method: str
) -> None:
    services.systems = ()
    send(app, pressed(ids.CONNECT_CALENDAR, **where))
    [opened_view] = api.asked(method)
    assert "GOOGLE_CLIENT_ID" in shown(opened_view["view"])
    assert services.told == []


# ---------------------------------------------------------------- drafts


def test_resume_opens_the_wizard_where_it_was_left(app: App, services: FakeServices) -> None:
    send(app, pressed(ids.RESUME_DRAFT, "draft1"))
    assert services.told == [("wizard resumed", TRIGGER, DANA.user_id, "draft1")]


def test_resume_of_a_draft_that_is_gone_says_so(app: App, api: WebApi, services: FakeServices) -> None:
    services.refusal = NotFoundError("This draft is not there any more.")
    assert send(app, pressed(ids.RESUME_DRAFT, "draft1")).status == 200
    [notice] = api.asked("views.open")
    assert "This draft is not there any more." in shown(notice["view"])


def test_discard_on_a_card_removes_the_card_even_where_the_draft_was_gone(
    app: App, api: WebApi, services: FakeServices
) -> None:
    send(app, pressed(ids.DISCARD_DRAFT, "draft1", **in_message(api)))
    assert services.told == [("discarded", DANA.user_id, "draft1")]
    [answer] = api.asked("response_url")
    assert answer["delete_original"] is True


def test_discard_in_home_shows_home_again(app: App, api: WebApi, services: FakeServices) -> None:
    send(app, pressed(ids.DISCARD_DRAFT, "draft1"))
    assert [method for method, _ in api.calls] == ["views.publish"]


# ---------------------------------------------------------------- invitations


def test_resend_from_a_card_is_confirmed_beside_it(app: App, api: WebApi, services: FakeServices) -> None:
    send(app, pressed(ids.RESEND_INVITATION, "inv1", **in_message(api)))
    assert services.told == [("resent", DANA.user_id, "inv1")]
    assert [said["text"] for said in api.asked("response_url")] == ["The invitation is on its way again."]


def test_resend_in_home_is_confirmed_in_a_modal(app: App, api: WebApi) -> None:
    send(app, pressed(ids.RESEND_INVITATION, "inv1"))
    [notice] = api.asked("views.open")
    assert notice["trigger_id"] == TRIGGER
    assert "The invitation is on its way again." in shown(notice["view"])


def test_copy_link_shows_the_link_exactly(app: App, api: WebApi) -> None:
    send(app, pressed(ids.COPY_LINK, "inv1", **in_message(api)))
    [modal] = api.asked("views.open")
    [text] = [
        block["elements"][0]["elements"][0]["text"] for block in modal["view"]["blocks"] if block["type"] == "rich_text"
    ]
    assert text == "https://invite.example/i/token_with_underscores_"
    assert "Anyone who has it can book" in shown(modal["view"])


def test_cancelling_an_invitation_shows_home_again(app: App, api: WebApi, services: FakeServices) -> None:
    send(app, pressed(ids.CANCEL_INVITATION, "inv1"))
    assert services.told == [("invitation cancelled", DANA.user_id, "inv1")]
    assert [method for method, _ in api.calls] == ["views.publish"]


@pytest.mark.parametrize("action_id", [ids.RESEND_INVITATION, ids.COPY_LINK, ids.CANCEL_INVITATION])
def test_a_card_that_is_out_of_date_says_what_has_happened(
    app: App, api: WebApi, services: FakeServices, action_id: str
) -> None:
    services.refusal = StaleStateError("Anna Ruiz has picked a time in the meantime.")
    assert send(app, pressed(action_id, "inv1")).status == 200
    [notice] = api.asked("views.open")
    assert "Anna Ruiz has picked a time in the meantime." in shown(notice["view"])


# ---------------------------------------------------------------- meetings


def cancellation(reason: str | None, person: Person = DANA) -> dict[str, Any]:
    """The small modal, submitted."""
    state = {ids.CANCEL_REASON: {ids.CANCEL_REASON: {"type": "plain_text_input", "value": reason}}}
    return {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": person.user_id, "team_id": WORKSPACE},
        "trigger_id": TRIGGER,
        "view": {
            "id": "V0CANCEL",
            "type": "modal",
            "callback_id": ids.CANCEL_MEETING_VIEW,
            "private_metadata": "meet1",
            "state": {"values": state},
        },
    }


def test_cancel_on_a_meeting_asks_for_a_reason(app: App, api: WebApi) -> None:
    send(app, pressed(ids.CANCEL_MEETING, "meet1"))
    [asked] = api.asked("views.open")
    view = asked["view"]
    assert view["private_metadata"] == "meet1"
    assert view["submit"]["text"] == "Cancel meeting"
    [reason] = [block for block in view["blocks"] if block["type"] == "input"]
    assert reason["optional"]
    assert_within_limits([block for block in view["blocks"] if block["type"] != "input"], 100)


@pytest.mark.parametrize(("typed", "told"), [(None, ""), ("  ", ""), (" I am ill. ", "I am ill."), (NASTY, NASTY)])
def test_a_meeting_is_cancelled_with_the_reason(
    app: App, api: WebApi, services: FakeServices, typed: str | None, told: str
) -> None:
    answer = send(app, cancellation(typed))
    assert (answer.status, answer.body) == (200, ""), "the modal closes"
    assert services.told == [("meeting cancelled", DANA.user_id, "meet1", told)]
    assert [method for method, _ in api.calls] == ["views.publish"]


def test_a_meeting_that_has_begun_is_not_cancelled_and_the_modal_says_so(
    app: App, api: WebApi, services: FakeServices
) -> None:
    services.refusal = StaleStateError("This meeting has begun already.")
    answer = json.loads(send(app, cancellation("late")).body)
    assert answer["response_action"] == "push"
    assert "This meeting has begun already." in json.dumps(answer["view"])
    assert api.calls == []


def test_a_stranger_gets_no_more_than_that_there_is_no_such_thing(
    app: App, api: WebApi, services: FakeServices
) -> None:
    services.refusal = NotFoundError("There is no such meeting, or it is not yours to see.")
    send(app, pressed(ids.CANCEL_MEETING, "meet1", person=PRIYA))
    [notice] = api.asked("views.open")
    assert "no such meeting" in shown(notice["view"])
    assert "Anna" not in shown(notice["view"])


# ---------------------------------------------------------------- what needs somebody


@pytest.mark.parametrize(("action_id", "told"), [(ids.WRITE_EVENT_AGAIN, "written again"), (ids.KEEP_EVENT, "kept")])
def test_decisions_about_an_event_are_made_in_a_message_or_in_home(
    app: App, api: WebApi, services: FakeServices, action_id: str, told: str
) -> None:
    send(app, pressed(action_id, "meet1", **in_message(api)))
    send(app, pressed(action_id, "meet1"))
    assert services.told == [(told, DANA.user_id, "meet1")] * 2
    assert len(api.asked("views.open")) == 1
    assert len(api.asked("views.publish")) == 2


def test_nothing_left_to_decide_is_said(app: App, api: WebApi, services: FakeServices) -> None:
    services.refusal = StaleStateError("Everything is in order by now: there is nothing left to decide.")
    send(app, pressed(ids.KEEP_EVENT, "meet1"))
    [opened_view] = api.asked("views.open")
    assert "Everything is in order by now" in shown(opened_view["view"]["blocks"])
