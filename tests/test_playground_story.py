"""The playground end to end, over real HTTP on both sides: from a command to a message and a Home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.playground.cast import DANA, PRIYA, SALES
from tests.pretend_app import Got, Workplace, field_of, home, modal, open_doors, plain, section, typing, workplace


@pytest.fixture
def place() -> Iterator[Workplace]:
    with open_doors() as doors, workplace(doors) as running:
        yield running


def test_from_a_command_to_a_message_and_a_home(place: Workplace) -> None:
    def on_command(got: Got) -> None:
        view = modal(field_of(typing(), "name"), notify_on_close=True, private_metadata="draft")
        place.slack.views_open(trigger_id=got.payload["trigger_id"], view=view)

    def on_submission(got: Got) -> dict[str, object]:
        name = got.payload["view"]["state"]["values"]["name"]["a"]["value"]
        place.slack.chat_postMessage(channel=DANA.id, text=f"Sent to {name}", blocks=[section(name)])
        place.slack.views_publish(user_id=DANA.id, view=home(section(f"Invited: {name}")))
        return {"response_action": "update", "view": modal(section("Done"), submit=plain("OK"))}

    place.app.answers = {"command": on_command, "view_submission": on_submission}
    assert place.act("command", channel=SALES.id, text="/invite Anna Ruiz anna@acme.com") == {"ok": True}
    command = place.app.of_kind("command")[0]
    assert command["text"] == "Anna Ruiz anna@acme.com"
    assert (command["user_id"], command["channel_name"]) == (DANA.id, "sales")

    (view,) = place.state()["modals"]
    assert view["values"] == {"name": {"a": {"type": "plain_text_input", "value": None}}}
    typed = {"view_id": view["id"], "block_id": "name", "action_id": "a"}
    assert place.act("input", **typed, value={"value": "Anna"})["ok"]
    assert place.act("submit", view_id=view["id"])["ok"]

    state = place.state()
    (updated,) = state["modals"]
    assert updated["id"] == view["id"]
    assert updated["hash"] != view["hash"]
    (message,) = state["messages"][state["dm"]["id"]]
    assert (message["text"], message["name"]) == ("Sent to Anna", "InviteOnce")
    assert state["dm"]["unread"] == 1
    assert state["home"]["blocks"][0]["text"]["text"] == "Invited: Anna"
    assert place.state(PRIYA.id)["home"] is None
    assert all(got.is_signed for got in place.app.got)
    assert place.playground.problems == ()
