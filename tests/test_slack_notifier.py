"""The notifier, against a Web API over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blocks import messages
from blocks.thread import invitation_details
from bot.domain.activity import HomeState, Tab
from bot.domain.delivery import News
from bot.domain.ids import ChannelId
from bot.domain.invitation import MessageRef
from bot.errors import DeliveryError
from bot.ports import Directory, Notifier
from bot.slack.directory import SlackDirectory
from bot.slack.errors import PASSING, PERMANENT
from bot.slack.notifier import SlackNotifier
from tests.activity_cast import CARD, DRAFT, INVITATION, cancelled_by_anna, invitation_item, meeting_item, page
from tests.cast import DANA, NOW, PRIYA, SALES, WORKSPACE, ManualClock
from tests.slack_web_api import WebApi, web_api
from tests.world import AtOnce

POSTED = MessageRef(ChannelId("D0POSTED"), "1700000000.000100")
SHOWN_DRAFT = replace(DRAFT, card=CARD)
SHOWN = invitation_item(card=CARD)


@pytest.fixture
def api() -> Iterator[WebApi]:
    with web_api() as api:
        yield api


@pytest.fixture
def notifier(api: WebApi) -> SlackNotifier:
    return SlackNotifier(api.client, ManualClock())


def test_the_adapters_are_the_ports() -> None:
    """Checked by mypy, line by line."""
    clock = ManualClock()
    with web_api() as api:
        ports: tuple[Notifier, Directory] = (
            SlackNotifier(api.client, clock),
            SlackDirectory(api.client, clock, AtOnce()),
        )
    assert ports


# ---------------------------------------------------------------- cards


def test_a_first_card_is_posted_to_the_owner(api: WebApi, notifier: SlackNotifier) -> None:
    assert notifier.draft_card(DRAFT, 34) == POSTED
    [(method, sent)] = api.calls
    message = messages.draft_card(DRAFT, 34)
    assert method == "chat.postMessage"
    assert sent == {
        "channel": DANA.user_id,
        "text": message.text,
        "blocks": message.block_dicts(),
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": "inviteonce", "event_payload": {"id": "draft-draft1"}},
    }
    assert api.tokens == [f"Bearer xoxb-{WORKSPACE}"]


def test_details_go_into_the_cards_thread(api: WebApi, notifier: SlackNotifier) -> None:
    notifier.invitation_details(SHOWN, CARD, "delivery1")
    [(method, sent)] = api.calls
    assert method == "chat.postMessage"
    assert (sent["channel"], sent["thread_ts"]) == (CARD.channel_id, CARD.ts)
    assert sent["blocks"] == invitation_details(SHOWN).block_dicts()
    assert sent["metadata"]["event_payload"] == {"id": "delivery1"}


def test_a_card_that_is_there_is_updated_in_place(api: WebApi, notifier: SlackNotifier) -> None:
    assert notifier.invitation_card(SHOWN, "delivery1") == CARD
    [(method, sent)] = api.calls
    assert method == "chat.update"
    assert (sent["channel"], sent["ts"]) == (CARD.channel_id, CARD.ts)
    assert sent["metadata"]["event_payload"] == {"id": "delivery1"}
    assert sent["text"]


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message"])
def test_a_card_that_is_gone_is_posted_anew(api: WebApi, notifier: SlackNotifier, code: str) -> None:
    api.refuses("chat.update", code)
    assert notifier.invitation_card(SHOWN, "delivery1") == POSTED
    assert [method for method, _ in api.calls] == ["chat.update", "chat.postMessage"]
    assert api.calls[1][1]["channel"] == DANA.user_id


def test_another_refusal_of_an_update_posts_nothing(api: WebApi, notifier: SlackNotifier) -> None:
    api.refuses("chat.update", "is_archived")
    with pytest.raises(DeliveryError):
        notifier.invitation_card(SHOWN, "delivery1")
    assert [method for method, _ in api.calls] == ["chat.update"]


def test_a_discarded_draft_takes_its_card_along(api: WebApi, notifier: SlackNotifier) -> None:
    notifier.discard_card(DRAFT.workspace_id, CARD)
    assert api.calls == [("chat.delete", {"channel": CARD.channel_id, "ts": CARD.ts})]


def test_discarding_what_is_not_there_is_done(api: WebApi, notifier: SlackNotifier) -> None:
    api.refuses("chat.delete", "message_not_found")
    notifier.discard_card(DRAFT.workspace_id, CARD)
    assert [method for method, _ in api.calls] == ["chat.delete"]


# ---------------------------------------------------------------- news, notes, Home


def test_news_are_new_messages(api: WebApi, notifier: SlackNotifier) -> None:
    assert notifier.news(PRIYA.user_id, News.BOOKED, meeting_item(INVITATION), "delivery2") == POSTED
    [(method, sent)] = api.calls
    assert (method, sent["channel"]) == ("chat.postMessage", PRIYA.user_id)
    assert sent["text"].startswith("Anna Ruiz booked *Roadmap review*")
    assert sent["metadata"]["event_payload"] == {"id": "delivery2"}


def test_a_repeat_carries_the_same_id(api: WebApi, notifier: SlackNotifier) -> None:
    for _ in range(2):
        notifier.news(DANA.user_id, News.EXPIRED, invitation_item(), "delivery3")
    ids = {sent["metadata"]["event_payload"]["id"] for sent in api.asked("chat.postMessage")}
    assert ids == {"delivery3"}


def test_a_channel_note_goes_to_the_channel(api: WebApi, notifier: SlackNotifier) -> None:
    notifier.channel_note(SALES, News.CANCELED, meeting_item(**cancelled_by_anna("private")), "delivery4")
    [sent] = api.asked("chat.postMessage")
    assert sent["channel"] == SALES
    assert sent["unfurl_links"] is False
    assert "private" not in str(sent)


def test_home_is_published_for_one_person(api: WebApi, notifier: SlackNotifier) -> None:
    notifier.home(PRIYA, HomeState(Tab.MEETINGS), page([meeting_item()]))
    [(method, sent)] = api.calls
    assert (method, sent["user_id"], sent["view"]["type"]) == ("views.publish", PRIYA.user_id, "home")


# ---------------------------------------------------------------- refusals

SENDING: dict[str, Callable[[SlackNotifier], Any]] = {
    "chat.postMessage": lambda notifier: notifier.news(DANA.user_id, News.EXPIRED, invitation_item(), "d"),
    "chat.update": lambda notifier: notifier.draft_card(SHOWN_DRAFT, None),
    "chat.delete": lambda notifier: notifier.discard_card(DRAFT.workspace_id, CARD),
    "views.publish": lambda notifier: notifier.home(DANA, HomeState(), page()),
}


def refused(notifier: SlackNotifier, method: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        SENDING[method](notifier)
    return caught.value


@pytest.mark.parametrize("method", SENDING)
@pytest.mark.parametrize("code", sorted(PERMANENT))
def test_what_cannot_be_mended_is_given_up(api: WebApi, notifier: SlackNotifier, method: str, code: str) -> None:
    api.refuses(method, code)
    error = refused(notifier, method)
    assert error.permanent
    assert error.retry_at is None
    assert code in str(error)
    assert "xoxb" not in str(error)


@pytest.mark.parametrize("code", [*sorted(PASSING), "internal_error", "service_unavailable", "fatal_error", "new_one"])
def test_what_may_pass_is_tried_again(api: WebApi, notifier: SlackNotifier, code: str) -> None:
    api.refuses("chat.postMessage", code)
    error = refused(notifier, "chat.postMessage")
    assert not error.permanent
    assert code in str(error)


@pytest.mark.parametrize("method", SENDING)
@pytest.mark.parametrize(("header", "pause_s"), [({"Retry-After": "7"}, 7), ({"retry-after": "120"}, 120), ({}, 30)])
def test_a_rate_limit_is_left_to_the_outbox(
    api: WebApi, notifier: SlackNotifier, method: str, header: dict[str, str], pause_s: int
) -> None:
    api.will_answer(method, {"ok": False, "error": "ratelimited"}, 429, header)
    error = refused(notifier, method)
    assert error.retry_at == NOW + timedelta(seconds=pause_s)
    assert "Try again in a minute" in str(error), "a person may read it"
    assert not error.permanent
    assert len(api.calls) == 1, "the worker does not sleep on it"


@pytest.mark.parametrize(
    ("status", "body"), [(502, "<html>Bad gateway</html>"), (503, ""), (200, "<html>A login page</html>"), (200, "{x")]
)
def test_an_answer_that_is_not_slacks_is_tried_again(
    api: WebApi, notifier: SlackNotifier, status: int, body: str
) -> None:
    api.will_answer("chat.postMessage", body, status)
    error = refused(notifier, "chat.postMessage")
    assert not error.permanent
    assert "html" not in str(error)


def test_an_unreachable_slack_is_tried_again() -> None:
    with web_api() as api:
        gone = api.client
    error = refused(SlackNotifier(gone, ManualClock()), "chat.postMessage")
    assert str(error) == "Slack could not be reached. Try again in a minute."
    assert not error.permanent
