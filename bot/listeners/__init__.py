"""What people do in Slack, as listeners of the Bolt app: ack, parse, one service call, build, send."""

from __future__ import annotations

from concurrent.futures import Executor

from slack_bolt import App

from blocks import ids
from bot.listeners import (
    attention,
    cards,
    connections,
    failures,
    home,
    invite,
    moving,
    no_shows,
    on_behalf,
    options,
    pools,
    reassign,
    redelivery,
    room_directory,
    rooms,
    sending,
    setup,
    setup_templates,
    steps,
    team,
    templates,
)
from bot.listeners.counts import PATIENCE_S, Counts
from bot.listeners.first_views import FirstViews
from bot.listeners.wizard import Wizard
from bot.ports import Clock
from bot.services import Services


def register(
    app: App,
    services: Services,
    clock: Clock,
    counting: Executor,
    offering: Executor,
    patience_s: float = PATIENCE_S,
    *,
    command: str = ids.COMMANDS[0],
) -> None:
    """Add every listener. `counting` runs the wizard's counts: one slower than `patience_s` is shown afterwards;
    `offering` works out what views that are open offer beside what was asked for. `command` is the one that people
    are told."""
    wizard = Wizard(services, clock, Counts(services, counting, patience_s), FirstViews(offering))
    redelivery.register(app)
    failures.register(app)
    invite.register(app, services, wizard, command)
    steps.register(app, services, wizard, clock)
    team.register(app, services, wizard)
    templates.register(app, services, wizard)
    sending.register(app, services, wizard, counting, patience_s)
    on_behalf.register(app, services, wizard, counting, patience_s)
    options.register(app, services, clock)
    setup.register(app, services, clock)
    rooms.register(app, services, counting, patience_s)
    room_directory.register(app, services)
    pools.register(app, services)
    setup_templates.register(app, services)
    home.register(app, services, wizard)
    connections.register(app, services, wizard)
    cards.register(app, services, wizard)
    moving.register(app, services, counting, patience_s)
    attention.register(app, services)
    reassign.register(app, services, counting, patience_s)
    no_shows.register(app, services)
