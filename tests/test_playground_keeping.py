"""A restart keeps the story; a file that cannot be read costs nothing but the story."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.playground.cast import DANA, GENERAL, SALES
from bot.playground.keeper import Keeper
from tests.pretend_app import Doors, field_of, home, modal, section, typing, workplace
from tests.servers import eventually


def test_the_story_goes_on_after_a_restart(doors: Doors, tmp_path: Path) -> None:
    file = tmp_path / "kept" / "playground.json"
    with workplace(doors, save_to=file) as place:
        card = place.slack.chat_postMessage(channel=DANA.id, text="Card", blocks=[section()])
        place.slack.views_publish(user_id=DANA.id, view=home(section()))
        view = place.open(modal(field_of(typing())))
        place.act("input", view_id=view["id"], block_id="b", action_id="a", value={"value": "typed"})
        place.act("add_app", channel=GENERAL.id)
        place.act("read", channel=SALES.id)
        mail = EmailMessage()
        mail["From"], mail["To"] = "a@example.com", "b@example.com"
        place.playground.mailbox.send(mail)
        before = place.state()
    with workplace(doors, save_to=file) as place:
        after = place.state()
        assert after.pop("version") > before.pop("version")
        assert after == before
        assert place.slack.chat_update(channel=card["channel"], ts=card["ts"], text="Updated")["ok"]
        assert place.slack.views_update(view_id=view["id"], hash=view["hash"], view=modal(field_of(typing())))["ok"]
        assert place.state()["modals"][0]["values"]["b"]["a"]["value"] == "typed"
        assert float(place.slack.chat_postMessage(channel=DANA.id, text="New")["ts"]) > float(card["ts"])


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"story": {}}', '{"story": 3, "mailbox": {}}', "\xff"])
def test_a_file_of_something_else_starts_a_new_story(doors: Doors, tmp_path: Path, text: str) -> None:
    file = tmp_path / "playground.json"
    file.write_bytes(text.encode("latin-1"))
    with workplace(doors, save_to=file) as place:
        assert place.state()["messages"][SALES.id]
        assert place.slack.chat_postMessage(channel=DANA.id, text="x")["ok"]
    assert json.loads(file.read_text(encoding="utf-8"))["story"]["messages"]


def test_changes_are_written_soon_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    keeper = Keeper(file, lambda: {"n": 1})
    keeper.changed()
    keeper.changed()
    eventually(file.exists, "the file is written")
    assert json.loads(file.read_text()) == {"n": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_place_that_cannot_be_written_is_no_disaster(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    Keeper(blocked / "state.json", dict).save()
    assert Keeper(blocked / "state.json", dict).load() is None


def test_without_a_file_nothing_is_kept() -> None:
    keeper = Keeper(None, dict)
    keeper.changed()
    keeper.save()
    assert keeper.load() is None
