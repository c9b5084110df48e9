"""bot.listeners.buttons: what is said where, and that nobody is told of what failed as if it were done."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from slack_bolt import App

from bot.domain.activity import HomeState
from bot.domain.people import Person
from bot.errors import StaleStateError
from bot.listeners import failures
from bot.listeners.buttons import on_press
from storage.database import Database
from tests.block_kit import shown
from tests.cast import DANA, PRIYA
from tests.listening import Watched, bolt, in_message, pressed, send
from tests.slack_web_api import WebApi
from tests.world import Stage

WATER = "water_flower"


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return Stage(sqlite_database.unit_of_work)


@pytest.fixture
def app(api: WebApi) -> Iterator[App]:
    """Without a listener."""
    with Watched(2) as pool:
        app = bolt(api, pool)
        failures.register(app)
        yield app


def watering(said: str | None) -> tuple[list[tuple[str, str]], Callable[[Person, str], str | None]]:
    watered: list[tuple[str, str]] = []

    def water(person: Person, flower: str) -> str | None:
        watered.append((person.user_id, flower))
        return said

    return watered, water


def test_a_button_acts_for_who_pressed_it_on_what_its_value_names(app: App, stage: Stage) -> None:
    watered, water = watering(None)
    on_press(app, stage.services, WATER, water)
    assert send(app, pressed(WATER, "rose", PRIYA)).status == 200
    assert watered == [(PRIYA.user_id, "rose")]


def test_in_a_message_it_is_said_beside_it_and_in_home_in_a_modal(app: App, api: WebApi, stage: Stage) -> None:
    on_press(app, stage.services, WATER, watering("Watered.")[1])
    send(app, pressed(WATER, "rose", **in_message(api)))
    assert [said["text"] for said in api.asked("response_url")] == ["Watered."]
    send(app, pressed(WATER, "rose"))
    [modal] = api.asked("views.open")
    assert "Watered." in shown(modal["view"])


def test_names_in_what_is_said_mention_nobody_and_are_shown_as_they_are(app: App, api: WebApi, stage: Stage) -> None:
    on_press(app, stage.services, WATER, watering("<!channel> has watered Tom & Jerry.")[1])
    safe = "&lt;!channel&gt; has watered Tom &amp; Jerry."
    send(app, pressed(WATER, "rose", **in_message(api)))
    assert [said["text"] for said in api.asked("response_url")] == [safe]
    send(app, pressed(WATER, "rose"))
    assert safe in shown(api.asked("views.open")[0]["view"])


def test_where_home_shows_it_by_itself_only_a_message_is_answered(app: App, api: WebApi, stage: Stage) -> None:
    on_press(app, stage.services, WATER, watering("Watered.")[1], speaks_in_home=False)
    send(app, pressed(WATER, "rose"))
    assert api.asked("views.open") == []
    send(app, pressed(WATER, "rose", **in_message(api)))
    assert len(api.asked("response_url")) == 1


def test_home_is_brought_up_to_date_for_those_who_have_ever_looked_at_it(app: App, api: WebApi, stage: Stage) -> None:
    on_press(app, stage.services, WATER, watering(None)[1])
    send(app, pressed(WATER, "rose"))
    assert api.asked("views.publish") == []
    stage.services.activity.home(DANA, HomeState())
    send(app, pressed(WATER, "rose"))
    assert [published["user_id"] for published in api.asked("views.publish")] == [DANA.user_id]


def test_a_refusal_is_all_that_is_said(app: App, api: WebApi, stage: Stage) -> None:
    def wither(person: Person, flower: str) -> str:
        raise StaleStateError("It has withered.")

    on_press(app, stage.services, WATER, wither)
    send(app, pressed(WATER, "rose", **in_message(api)))
    [(_, told)] = api.calls
    assert "It has withered." in shown(told)
