"""A person in front of a modal: what Slack's client does with a view, as far as the app can tell.

Fields are named by their labels, as people see them.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Mapping
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from tests.cast import DANA
from tests.servers import DEADLINE_S

_EMPTY: Mapping[str, dict[str, Any]] = {
    "plain_text_input": {"value": None},
    "email_text_input": {"value": None},
    "number_input": {"value": None},
    "static_select": {"selected_option": None},
    "external_select": {"selected_option": None},
    "radio_buttons": {"selected_option": None},
    "multi_static_select": {"selected_options": []},
    "multi_external_select": {"selected_options": []},
    "checkboxes": {"selected_options": []},
    "multi_users_select": {"selected_users": []},
    "conversations_select": {"selected_conversation": None},
    "datepicker": {"selected_date": None},
    "timepicker": {"selected_time": None},
}


def initial_values(view: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """`state.values` of a view that nobody has touched."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state = {"type": element["type"], **copy.deepcopy(_EMPTY[element["type"]])}
            for key in [key for key in element if key.startswith("initial_")]:
                part = key.removeprefix("initial_")
                state["value" if part == "value" else f"selected_{part}"] = copy.deepcopy(element[key])
            values[block["block_id"]] = {element["action_id"]: state}
    return values


class Modal:
    """One open view, drawn by the app, filled in by a person."""

    def __init__(self, app: App, view: Mapping[str, Any], user_id: str = DANA.user_id) -> None:
        self.app = app
        self.user_id = user_id
        self.typed: dict[str, dict[str, Any]] = {}
        self.hash = "h0"
        self.below: str | None = None
        self.view: dict[str, Any] = {}
        self.show(view)

    def show(self, view: Mapping[str, Any]) -> None:
        self.view = dict(view)

    # ------------------------------------------------------------ look

    def block(self, label: str) -> dict[str, Any]:
        found = [b for b in self.view["blocks"] if b["type"] == "input" and b["label"]["text"] == label]
        assert len(found) == 1, f"{label}: {[b['label']['text'] for b in self.view['blocks'] if b['type'] == 'input']}"
        return dict(found[0])

    @property
    def text(self) -> str:
        """Everything that can be read in it."""
        return json.dumps(self.view["blocks"], ensure_ascii=False)

    @property
    def buttons(self) -> list[str]:
        elements = [e for b in self.view["blocks"] for e in [*b.get("elements", []), b.get("accessory") or {}]]
        return [e["text"]["text"] for e in elements if e.get("type") == "button"]

    @property
    def values(self) -> dict[str, Any]:
        """Slack keeps what was typed while block and action ids stay."""
        values = initial_values(self.view)
        for block_id, actions in self.typed.items():
            if block_id in values and set(values[block_id]) == set(actions):
                values[block_id] = actions
        return values

    # ------------------------------------------------------------ act

    def type(self, label: str, value: str) -> None:
        self._put(label, "value", value)

    def choose(self, label: str, key: str, value: Any, *, action_ts: str = "1796000000.000100") -> BoltResponse:
        """Pick in an element that tells of it: `key` is that of the state, `selected_date`, say."""
        block = self._put(label, key, value)
        assert block["dispatch_action"]
        element = block["element"]
        action = {"type": element["type"], "block_id": block["block_id"], "action_id": element["action_id"]}
        action |= {key: value, "action_ts": action_ts}
        return self._send({"type": "block_actions", "trigger_id": "t1", "actions": [action]})

    def press(self, text: str) -> BoltResponse:
        for block in self.view["blocks"]:
            for element in [*block.get("elements", []), block.get("accessory") or {}]:
                if element.get("type") == "button" and element["text"]["text"] == text:
                    action = {
                        "type": "button",
                        "block_id": block.get("block_id", "b"),
                        "action_id": element["action_id"],
                        "value": element.get("value"),
                    }
                    return self._send({"type": "block_actions", "trigger_id": "t1", "actions": [action]})
        raise AssertionError(f"no button {text}: {self.buttons}")

    def open_menu(self, beside: str) -> list[str]:
        """The entries of the overflow menu beside a line that holds this text."""
        return [option["text"]["text"] for option in self._menu(beside)[1]["options"]]

    def pick(self, entry: str, *, beside: str) -> BoltResponse:
        """An entry of that menu."""
        block, menu = self._menu(beside)
        [option] = [option for option in menu["options"] if option["text"]["text"] == entry]
        action = {"type": "overflow", "block_id": block["block_id"], "action_id": menu["action_id"]}
        action |= {"selected_option": option, "action_ts": f"{time.time():.6f}"}
        return self._send({"type": "block_actions", "trigger_id": "t1", "actions": [action]})

    def _menu(self, beside: str) -> tuple[dict[str, Any], dict[str, Any]]:
        menus = [
            (block, block["accessory"])
            for block in self.view["blocks"]
            if (block.get("accessory") or {}).get("type") == "overflow" and beside in block["text"]["text"]
        ]
        assert len(menus) == 1, f"{beside}: {self.text}"
        return menus[0]

    def submit(self) -> dict[str, Any]:
        """What the app answers; an update is shown."""
        assert "submit" in self.view
        response = self._send({"type": "view_submission", "trigger_id": "t1", "response_urls": []})
        assert response.status == 200
        answer: dict[str, Any] = json.loads(response.body) if response.body else {}
        if answer.get("response_action") == "update":
            self.typed = {}
            self.show(answer["view"])
        return answer

    def close(self) -> BoltResponse:
        return self._send({"type": "view_closed", "is_cleared": False})

    def suggest(self, label: str, query: str) -> dict[str, Any]:
        block = self.block(label)
        response = self._send(
            {
                "type": "block_suggestion",
                "action_id": block["element"]["action_id"],
                "block_id": block["block_id"],
                "value": query,
            }
        )
        answer: dict[str, Any] = json.loads(response.body)
        return answer

    def _put(self, label: str, key: str, value: Any) -> dict[str, Any]:
        block = self.block(label)
        element = block["element"]
        self.typed[block["block_id"]] = {element["action_id"]: {"type": element["type"], key: value}}
        return block

    def _send(self, payload: Mapping[str, Any]) -> BoltResponse:
        view = {
            "root_view_id": "V1",
            "previous_view_id": self.below,
            **self.view,
            "id": "V1",
            "hash": self.hash,
            "state": {"values": copy.deepcopy(self.values)},
        }
        return dispatch(self.app, {**payload, "view": view}, self.user_id)


def patient(app: App) -> App:
    """The app, whose acknowledgements are waited for as long as a busy machine takes: Bolt gives up after 3 s."""
    for listener in app._listeners:
        listener.ack_timeout = int(DEADLINE_S)
    return app


def dispatch(app: App, payload: Mapping[str, Any], user_id: str = DANA.user_id) -> BoltResponse:
    """Hand a whole payload to the app, as Socket Mode does: without a signature."""
    who = {"team": {"id": DANA.workspace_id, "domain": "northwind"}, "user": {"id": user_id, "name": "x"}}
    return app.dispatch(BoltRequest(body={**who, "api_app_id": "A1", "token": "t", **payload}, mode="socket_mode"))


def command(
    app: App,
    text: str,
    user_id: str = DANA.user_id,
    *,
    name: str = "/invite",
    response_url: str = "http://127.0.0.1:9/never",
) -> BoltResponse:
    body = {
        "command": name,
        "text": text,
        "team_id": DANA.workspace_id,
        "user_id": user_id,
        "channel_id": "C1",
        "trigger_id": f"t{time.monotonic_ns()}",
        "response_url": response_url,
        "api_app_id": "A1",
    }
    return app.dispatch(BoltRequest(body=body, mode="socket_mode"))
