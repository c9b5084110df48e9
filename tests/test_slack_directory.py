"""The directory, against a Web API over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.domain import fields
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.people import Person
from bot.errors import DeliveryError, FormError, NotFoundError
from bot.slack.directory import SlackDirectory, person_from
from bot.slack.recent import Recent
from tests.cast import NOW, WORKSPACE, ManualClock
from tests.servers import DEADLINE_S
from tests.slack_web_api import WebApi, web_api
from tests.world import AtOnce

DANA = UserId("U1")
SALES = ChannelId("C1")


def user(**changes: Any) -> dict[str, Any]:
    """Dana, as users.info describes her."""
    return {
        "id": "U1",
        "team_id": WORKSPACE,
        "name": "dana",
        "deleted": False,
        "real_name": "Dana Fox",
        "tz": "America/New_York",
        "profile": {"real_name": "Dana Fox", "display_name": "dana (she)", "email": "dana@northwind.example"},
        "is_admin": True,
        "is_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": False,
        "locale": "en-GB",
        **changes,
    }


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def api() -> Iterator[WebApi]:
    with web_api() as api:
        api.knows("users.info", "U1", {"user": user()})
        yield api


@pytest.fixture
def directory(api: WebApi, clock: ManualClock) -> SlackDirectory:
    return SlackDirectory(api.client, clock, AtOnce())


def test_a_person_has_the_real_name_address_zone_and_locale(directory: SlackDirectory, api: WebApi) -> None:
    assert directory.person(WORKSPACE, DANA) == Person(
        WORKSPACE, DANA, "Dana Fox", "dana@northwind.example", "America/New_York", "en-GB", is_admin=True
    )
    assert api.calls == [("users.info", {"user": "U1", "include_locale": "1"})]
    assert api.tokens == [f"Bearer xoxb-{WORKSPACE}"]


@pytest.mark.parametrize(
    ("told", "trait"),
    [
        ({"is_restricted": True}, "is_guest"),
        ({"is_ultra_restricted": True}, "is_guest"),
        ({"is_stranger": True}, "is_external"),
        ({"team_id": "T0OTHER"}, "is_external"),
        ({"deleted": True}, "is_deactivated"),
        ({"is_bot": True}, "is_bot"),
        ({"id": "USLACKBOT"}, "is_bot"),
        ({"is_owner": True, "is_admin": False}, "is_admin"),
    ],
)
def test_traits_follow_slacks_flags(told: dict[str, Any], trait: str) -> None:
    assert getattr(person_from(WORKSPACE, user(**told)), trait)
    plain = person_from(WORKSPACE, user(is_admin=False))
    assert not getattr(plain, trait)


def test_a_colleague_of_the_same_enterprise_organisation_is_not_external() -> None:
    told = user(team_id="T0OTHER", enterprise_user={"teams": ["T0OTHER", str(WORKSPACE)]})
    assert not person_from(WORKSPACE, told).is_external


@pytest.mark.parametrize("zone", [None, "", "Not/AZone", "../etc/passwd"])
def test_an_unknown_time_zone_is_utc(zone: str | None) -> None:
    assert person_from(WORKSPACE, user(tz=zone)).time_zone == "UTC"


def test_what_slack_leaves_out_is_filled_in() -> None:
    bare = person_from(WORKSPACE, {"id": "U9", "name": "bare", "profile": {"real_name": "  "}})
    assert bare.name == "bare"
    bare = person_from(WORKSPACE, {"id": "U9", "name": "bare", "profile": None})
    assert (bare.name, bare.email, bare.time_zone, bare.locale) == ("bare", "", "UTC", "en-US")
    assert bare.may_invite


def test_a_person_is_asked_for_once_in_five_minutes(directory: SlackDirectory, api: WebApi, clock: ManualClock) -> None:
    directory.person(WORKSPACE, DANA)
    clock.advance(timedelta(minutes=4, seconds=59))
    directory.person(WORKSPACE, DANA)
    assert len(api.calls) == 1
    clock.advance(timedelta(seconds=1))
    directory.person(WORKSPACE, DANA)
    assert len(api.calls) == 2


def test_workspaces_are_kept_apart(directory: SlackDirectory, api: WebApi) -> None:
    directory.person(WORKSPACE, DANA)
    assert directory.person(WorkspaceId("T0OTHER"), DANA).is_external
    assert len(api.calls) == 2


def test_people_come_in_the_order_asked_each_asked_for_once(directory: SlackDirectory, api: WebApi) -> None:
    api.knows("users.info", "U2", {"user": user(id="U2", profile={"real_name": "Priya Raman"})})
    people = directory.people(WORKSPACE, [UserId("U2"), DANA, UserId("U2")])
    assert [person.name for person in people] == ["Priya Raman", "Dana Fox", "Priya Raman"]
    assert len(api.calls) == 2


def test_strangers_are_asked_for_at_the_same_time(api: WebApi, clock: ManualClock) -> None:
    together = Barrier(3, timeout=DEADLINE_S)

    def client_once_all_three_are_here(_: WorkspaceId) -> WebClient:
        together.wait()
        return api.client()

    directory = SlackDirectory(client_once_all_three_are_here, clock, AtOnce())
    everybody = [UserId(f"U{n}") for n in (1, 2, 3)]
    for user_id in everybody:
        api.knows("users.info", user_id, {"user": user(id=user_id)})
    assert [person.user_id for person in directory.people(WORKSPACE, everybody)] == everybody


def test_nobody_is_nobody(directory: SlackDirectory) -> None:
    assert directory.people(WORKSPACE, []) == ()


@pytest.mark.parametrize("code", ["user_not_found", "user_not_visible"])
def test_an_unknown_person_is_not_found_and_not_remembered(directory: SlackDirectory, api: WebApi, code: str) -> None:
    api.refuses("users.info", code)
    with pytest.raises(NotFoundError, match="not in this Slack workspace"):
        directory.person(WORKSPACE, DANA)
    assert directory.person(WORKSPACE, DANA).name == "Dana Fox"


def test_whoever_slack_does_not_know_any_more_has_a_stand_in_among_the_others(
    directory: SlackDirectory, api: WebApi
) -> None:
    directory.person(WORKSPACE, DANA)
    for _ in range(2):
        api.refuses("users.info", "user_not_visible")
    dana, gone = directory.named(WORKSPACE, [DANA, UserId("U0GONE")])
    assert (dana.name, gone.name) == ("Dana Fox", "Somebody who has left Slack")
    assert (gone.user_id, gone.email, gone.may_be_member) == ("U0GONE", "", False)


def test_a_rate_limit_says_when_to_come_back(directory: SlackDirectory, api: WebApi) -> None:
    api.will_answer("users.info", {"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "7"})
    with pytest.raises(DeliveryError) as caught:
        directory.person(WORKSPACE, DANA)
    assert caught.value.retry_at == NOW + timedelta(seconds=7)
    assert not caught.value.permanent
    assert len(api.calls) == 1, "trying again is not this caller's to wait for"


def test_a_channel_the_app_is_in_is_no_problem(directory: SlackDirectory, api: WebApi) -> None:
    api.knows("conversations.info", SALES, {"channel": {"id": SALES, "name": "sales", "is_member": True}})
    directory.check_channel(WORKSPACE, SALES)


def test_slack_is_not_asked_about_a_channel_that_nobody_chose(directory: SlackDirectory, api: WebApi) -> None:
    directory.check_channel(WORKSPACE, None)
    assert api.calls == []


@pytest.mark.parametrize(
    ("channel", "sentence"),
    [
        ({"name": "general", "is_member": False}, "InviteOnce is not in #general yet. Mention @InviteOnce there"),
        ({"name": "old", "is_member": True, "is_archived": True}, "#old is archived. Choose another channel."),
        ({"is_im": True}, "Choose a channel."),
        ({"name": "mpdm-dana--ben-1", "is_mpim": True, "is_member": True}, "Choose a channel."),
    ],
)
def test_a_channel_where_the_app_cannot_post_is_an_error_at_the_field(
    directory: SlackDirectory, api: WebApi, channel: dict[str, Any], sentence: str
) -> None:
    api.knows("conversations.info", SALES, {"channel": {"id": SALES, **channel}})
    with pytest.raises(FormError) as caught:
        directory.check_channel(WORKSPACE, SALES)
    assert caught.value.fields[fields.CHANNEL].startswith(sentence)


def test_a_private_channel_without_the_app_says_how_to_add_it(directory: SlackDirectory, api: WebApi) -> None:
    api.refuses("conversations.info", "channel_not_found")
    with pytest.raises(FormError) as caught:
        directory.check_channel(WORKSPACE, SALES)
    assert "Mention @InviteOnce there and add it" in caught.value.fields[fields.CHANNEL]


def test_adding_the_app_helps_at_once(directory: SlackDirectory, api: WebApi) -> None:
    for is_member in (False, True):
        body = {"ok": True, "channel": {"id": SALES, "name": "sales", "is_member": is_member}}
        api.will_answer("conversations.info", body)
    with pytest.raises(FormError):
        directory.check_channel(WORKSPACE, SALES)
    directory.check_channel(WORKSPACE, SALES)


def test_slack_that_cannot_be_asked_is_no_answer_about_the_channel(directory: SlackDirectory, api: WebApi) -> None:
    api.will_answer("conversations.info", "<html>Bad gateway</html>", 502)
    with pytest.raises(DeliveryError, match="could not be reached"):
        directory.check_channel(WORKSPACE, SALES)


def test_the_oldest_answer_makes_room(clock: ManualClock) -> None:
    recent: Recent[int, str] = Recent(clock, timedelta(minutes=5), size=2)
    for key in (1, 2, 1, 3):
        recent.put(key, f"answer {key}")
    assert [recent.get(key) for key in (1, 2, 3)] == ["answer 1", None, "answer 3"]
    assert len(recent) == 2


def test_whoever_is_at_hand_need_not_be_asked_for(directory: SlackDirectory, clock: ManualClock, api: WebApi) -> None:
    dana, stranger = directory.person(WORKSPACE, DANA), UserId("U2")
    assert directory.at_hand(WORKSPACE, [stranger, DANA, DANA]) == {DANA: dana}
    assert directory.at_hand(WorkspaceId("T2"), [DANA]) == {}
    clock.advance(timedelta(minutes=5))
    assert directory.at_hand(WORKSPACE, [DANA]) == {}
    assert len(api.asked("users.info")) == 1


def test_everybody_is_listed_page_by_page_by_name_and_asked_for_once(directory: SlackDirectory, api: WebApi) -> None:
    first = {"members": [{"id": "U2", "real_name": "Zoë"}], "response_metadata": {"next_cursor": "more"}}
    api.will_answer("users.list", {"ok": True, **first})
    api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": "anna", "deleted": True}]})
    for _ in range(2):
        assert [person.name for person in directory.everybody(WORKSPACE)] == ["anna", "Zoë"]
    assert [asked.get("cursor") for asked in api.asked("users.list")] == ["", "more"]
    assert directory.person(WORKSPACE, UserId("U1")).is_deactivated
    assert not api.asked("users.info")


def test_the_former_list_is_good_while_a_newer_one_is_fetched(api: WebApi, clock: ManualClock) -> None:
    begun: list[Callable[[], object]] = []

    class Later(Executor):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            begun.append(lambda: fn(*args, **kwargs))
            return Future()

    directory = SlackDirectory(api.client, clock, Later())

    def names() -> list[str]:
        return [person.name for person in directory.everybody(WORKSPACE)]

    for name in ("Anna", "Ben"):
        api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": name}]})
    assert names() == ["Anna"]
    clock.advance(timedelta(minutes=5))
    assert names() == names() == ["Anna"]
    [renew] = begun
    assert len(api.asked("users.list")) == 1, "nobody waits for it"
    renew()
    assert names() == ["Ben"]
    clock.advance(timedelta(days=1))
    api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": "Cleo"}]})
    assert names() == ["Cleo"], "one of yesterday is good no more"


def test_a_list_that_cannot_be_renewed_stays(
    directory: SlackDirectory, api: WebApi, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": "Anna"}]})
    everybody = directory.everybody(WORKSPACE)
    clock.advance(timedelta(minutes=5))
    api.will_answer("users.list", {"ok": False, "error": "internal_error"})
    assert directory.everybody(WORKSPACE) == directory.everybody(WORKSPACE) == everybody
    assert "could not be read" in caplog.text
    clock.advance(timedelta(minutes=5))
    api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": "Ben"}]})
    directory.everybody(WORKSPACE)
    assert [person.name for person in directory.everybody(WORKSPACE)] == ["Ben"]


def test_list_that_was_read_ahead_is_at_hand(directory: SlackDirectory, api: WebApi) -> None:
    api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": "Anna"}]})
    directory.warm(WORKSPACE)
    directory.warm(WORKSPACE)
    assert [person.name for person in directory.everybody(WORKSPACE)] == ["Anna"]
    assert len(api.asked("users.list")) == 1


def test_list_that_cannot_be_read_ahead_is_read_when_it_is_wanted(
    directory: SlackDirectory, api: WebApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.will_answer("users.list", {"ok": False, "error": "internal_error"})
    directory.warm(WORKSPACE)
    assert "could not be read" in caplog.text
    api.will_answer("users.list", {"ok": True, "members": [{"id": "U1", "real_name": "Anna"}]})
    assert [person.name for person in directory.everybody(WORKSPACE)] == ["Anna"]
