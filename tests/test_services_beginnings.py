"""bot.services.beginnings: what a wizard begins with, as the person has it now."""

from __future__ import annotations

from datetime import timedelta

from bot.domain import fields as f
from bot.domain.preferences import DefaultMethod
from tests.cast import BEN, DANA
from tests.world import ANNA, Stage


def test_whoever_is_new_begins_with_nothing(stage: Stage) -> None:
    beginning = stage.services.beginnings.read(BEN)
    assert (beginning.templates, beginning.template, beginning.drafts) == ((), None, ())
    assert beginning.preferences.method is DefaultMethod.INVITE


def test_a_connected_calendar_is_known(stage: Stage) -> None:
    connections, beginnings = stage.services.connections, stage.services.beginnings
    before = beginnings.read(DANA).is_connected
    assert before == connections.is_connected(DANA.workspace_id, DANA.user_id)
    for connection in connections.items(DANA):
        connections.disconnect(DANA, connection.connection.id)
    assert not beginnings.read(DANA).is_connected
    assert not connections.is_connected(DANA.workspace_id, DANA.user_id)


def test_preferences_and_the_default_template_are_those_of_now(stage: Stage) -> None:
    services = stage.services
    services.preferences.set_method(DANA, DefaultMethod.ASK)
    template = services.templates.save(DANA, "Demo", stage.draft().fields)
    services.templates.set_default(DANA, template.id)
    beginning = services.beginnings.read(DANA)
    assert (beginning.preferences.method, beginning.template) == (DefaultMethod.ASK, template)
    assert services.beginnings.read(BEN).template is None


def test_drafts_of_seven_days_that_say_who_is_invited_newest_first(stage: Stage) -> None:
    drafts, beginnings = stage.services.drafts, stage.services.beginnings
    drafts.begin(DANA, {})
    older = drafts.begin(DANA, ANNA)
    stage.clock.advance(timedelta(days=1))
    newer = drafts.begin(DANA, {f.EMAIL: "boris@acme.com"})
    assert beginnings.read(DANA).drafts == (newer, older)
    assert beginnings.read(DANA, with_drafts=False).drafts == ()
    assert beginnings.read(BEN).drafts == ()
    stage.clock.advance(timedelta(days=6, seconds=1))
    assert beginnings.read(DANA).drafts == (newer,)
