"""The manifest agrees with the listeners, with Slack's own type, and with the committed file."""

from __future__ import annotations

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest

from blocks import ids
from bot.errors import SettingsError
from bot.listeners import register
from bot.manifest import EVENTS, PLACEHOLDER_URL, SCOPES, manifest, render
from bot.services import Services
from tests.cast import ManualClock
from tests.npm import installed
from tests.servers import ROOT

ENDPOINTS = (
    ("features", "slash_commands", 0, "url"),
    ("settings", "event_subscriptions", "request_url"),
    ("settings", "interactivity", "request_url"),
    ("settings", "interactivity", "message_menu_options_url"),
)
COMMITTED = ROOT / "manifest.yaml"


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_the_committed_file_is_what_the_command_prints() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == render()


def test_an_installation_gets_its_own_command_and_address() -> None:
    own = manifest("/inviteonce", "https://invite.acme.com/")
    assert at(own, ("features", "slash_commands", 0, "command")) == "/inviteonce"
    assert {at(own, path) for path in ENDPOINTS} == {"https://invite.acme.com/slack/events"}
    assert PLACEHOLDER_URL not in render("/inviteonce", "https://invite.acme.com")


@pytest.mark.parametrize("command", ["invite", "/Invite", "/in vite", "/", "/" + "x" * 32, '/x"y'])
def test_a_command_that_slack_would_refuse_names_the_setting(command: str) -> None:
    with pytest.raises(SettingsError, match="SLACK_COMMAND"):
        manifest(command)


@pytest.mark.parametrize(
    "url",
    ["http://invite.acme.com", "invite.acme.com", "https://", "https://a b", "https://a/path", 'https://a"\nb: c'],
)
def test_an_address_that_slack_cannot_call_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        manifest(url=url)


def test_each_permission_has_its_reason_beside_it() -> None:
    lines = render().splitlines()
    for name, reason in {**SCOPES, **EVENTS}.items():
        assert any(line.strip() == f'- "{name}"  # {reason}' for line in lines)


def test_the_app_cannot_read_messages() -> None:
    assert not [scope for scope in SCOPES if "history" in scope or scope == "app_mentions:read"]
    assert not [event for event in EVENTS if event.startswith("message")]


def test_slacks_own_limits_are_kept() -> None:
    whole = manifest()
    information, shortcuts, [command] = (
        whole["display_information"],
        whole["features"]["shortcuts"],
        whole["features"]["slash_commands"],
    )
    assert len(information["name"]) <= 35
    assert len(information["description"]) <= 140
    assert all(len(shortcut["name"]) <= 24 for shortcut in shortcuts)
    assert all(len(shortcut["description"]) <= 150 for shortcut in shortcuts)
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


# ---------------------------------------------------------------- listeners


@pytest.fixture(scope="module")
def app() -> App:
    """The app with every listener; nothing is called, so nothing stands behind the services."""

    class Nothing:
        def __getattr__(self, name: str) -> Nothing:
            return self

    app = App(
        signing_secret="secret",
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1"),
        token_verification_enabled=False,
    )
    register(app, cast(Services, Nothing()), ManualClock(), ThreadPoolExecutor(1), ThreadPoolExecutor(1))
    return app


def answered(app: App, body: dict[str, Any]) -> bool:
    """Whether some listener takes this request. None is run."""
    request = BoltRequest(body=json.dumps(body), mode="socket_mode")
    response: Any = None
    return any(listener.matches(req=request, resp=response) for listener in app._listeners)


def action(action_id: str) -> dict[str, Any]:
    return {"type": "block_actions", "actions": [{"type": "button", "action_id": action_id, "block_id": "b"}]}


def named(prefix: str = "", suffix: str = "") -> list[str]:
    """Ids in blocks/ids.py whose constant's name begins and ends like this."""
    return [
        value
        for name, value in vars(ids).items()
        if isinstance(value, str) and name.isupper() and name.startswith(prefix) and name.endswith(suffix)
    ]


def test_what_the_manifest_announces_is_answered(app: App) -> None:
    whole = manifest()
    for command in whole["features"]["slash_commands"]:
        assert answered(app, {"command": command["command"]})
    for shortcut in whole["features"]["shortcuts"]:
        kind = {"global": "shortcut", "message": "message_action"}[shortcut["type"]]
        assert answered(app, {"type": kind, "callback_id": shortcut["callback_id"]})
    for event in whole["settings"]["event_subscriptions"]["bot_events"]:
        assert answered(app, {"type": "event_callback", "event": {"type": event}})


def test_both_names_of_the_command_are_answered_and_others_are_not(app: App) -> None:
    assert manifest()["features"]["slash_commands"][0]["command"] in ids.COMMANDS
    assert [answered(app, {"command": name}) for name in (*ids.COMMANDS, "/other")] == [True, True, False]


NOT_PRESSED = {
    ids.INVITE_SHORTCUT,
    ids.MESSAGE_SHORTCUT,
    ids.CANCEL_REASON,
    ids.MOVE_NOTE,
    ids.ALTERNATIVE_MEMBERS,
    ids.ALTERNATIVE_ROOMS,
    ids.POOL_MEMBER,
    *(ids.REASSIGN_CAME, ids.REASSIGN_PERSON, ids.REASSIGN_ROOM),
    *named(prefix="TEMPLATE_"),
    ids.BUSY_CALENDARS,
    ids.WRITE_CALENDAR,
    *named(suffix="_VIEW"),
}
"""Shortcuts, fields, and views: everything else in blocks/ids.py is pressed."""
NOT_SUBMITTED = {
    *(ids.NOTICE_VIEW, ids.METHOD_VIEW, ids.SLOT_VIEW, ids.MOVE_SLOT_VIEW),
    *(ids.ROOMS_VIEW, ids.POOLS_VIEW, ids.POOL_VIEW, ids.TEMPLATES_VIEW, ids.ALLOW_DIRECTORY_VIEW),
}
"""Views that only show something, or have nothing but buttons."""


@pytest.mark.parametrize("action_id", sorted(set(named()) - NOT_PRESSED))
def test_every_button_is_answered(app: App, action_id: str) -> None:
    assert answered(app, action(action_id))


def test_a_button_that_is_not_ours_is_not_answered(app: App) -> None:
    assert not answered(app, action("somebody_elses"))


@pytest.mark.parametrize("callback_id", sorted(set(named(suffix="_VIEW")) - NOT_SUBMITTED))
def test_every_view_that_submits_is_answered(app: App, callback_id: str) -> None:
    assert answered(app, {"type": "view_submission", "view": {"type": "modal", "callback_id": callback_id}})


def test_ids_are_unique() -> None:
    assert len(set(named())) == len(named())


# ---------------------------------------------------------------- Slack's own type


def complaints(tmp_path: Path, text: str) -> str:
    """What the compiler has against the manifest; nothing is good."""
    folder = installed(ROOT / "tests" / "manifest_check")
    (tmp_path / "manifest.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(folder / "node_modules")
    translate = ["node", folder / "check.mjs", "manifest.yaml", "manifest.ts"]
    subprocess.run(translate, cwd=tmp_path, check=True, timeout=100)
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", ""]
    command = ["node", folder / "node_modules" / "typescript" / "bin" / "tsc", *options, "manifest.ts"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


def test_the_manifest_is_of_slacks_own_type(tmp_path: Path) -> None:
    assert complaints(tmp_path, COMMITTED.read_text(encoding="utf-8")) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('type: "global"', 'type: "everywhere"'),
        ('- "chat:write"', '- "chat:shout"'),
        ("home_tab_enabled", "home_tab_enabledd"),
        ('- "app_home_opened"', '- "app_home_slammed"'),
        ('  name: "InviteOnce"', '  nickname: "InviteOnce"'),
    ],
)
def test_the_check_finds_mistakes(tmp_path: Path, right: str, wrong: str) -> None:
    """What Slack would refuse, the compiler refuses."""
    text = COMMITTED.read_text(encoding="utf-8")
    assert re.search(re.escape(right), text)
    assert "manifest.ts" in complaints(tmp_path, text.replace(right, wrong))
