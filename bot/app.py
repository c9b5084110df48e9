"""The composition root: from settings to a Bolt app, an ASGI app and a worker. Only here everything is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import listeners
from bot.domain.ids import WorkspaceId
from bot.mail.messages import Messages
from bot.mail.smtp import SmtpMailer
from bot.outages import Outages
from bot.ports import (
    Clock,
    Mailer,
    UnitOfWorkFactory,
)
from bot.services import Services
from bot.services.assembly import World, assemble
from bot.services.credentials import StoredCredentials
from bot.settings import Settings, SlackSettings
from bot.slack.bolt import bolt_app
from bot.slack.client import KeptClient
from bot.slack.directory import SlackDirectory
from bot.slack.notifier import SlackNotifier
from bot.slack.turns import Elsewhere, Turns
from bot.systems import CalendarSystems, calendar_systems, conference_systems
from bot.threads import WarmThreads
from bot.web.app import web_app
from bot.web.slack import slack_endpoint
from storage.database import Database, open_database

if TYPE_CHECKING:
    from bot.worker import Worker

_LISTENERS = 32
_CALENDARS = 32
_REQUESTS = 200
"""The calendars of 20 people at once who want ten each: a system answers after 300 ms or so, and they want to see how
many times there are within a second."""
_READ_AHEAD = 8
_READ_BACK = 16
_OFFERING = 2


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Threads:
    """A pool for each kind of work: none waits for a thread that its own kind holds further up."""

    calendars: WarmThreads
    """Reads calendars while somebody waits."""
    requests: WarmThreads
    """The requests that one such reading consists of."""
    read_ahead: WarmThreads
    read_back: WarmThreads
    """Reads events again: calendars that hang then keep nobody from being counted."""
    listeners: WarmThreads
    counting: WarmThreads
    offering: WarmThreads

    @classmethod
    def of_our_sizes(cls) -> Threads:
        return cls(
            calendars=WarmThreads(_CALENDARS, "calendars"),
            requests=WarmThreads(_REQUESTS, "requests"),
            read_ahead=WarmThreads(_READ_AHEAD, "read-ahead"),
            read_back=WarmThreads(_READ_BACK, "read-back"),
            listeners=WarmThreads(_LISTENERS, "listeners"),
            counting=WarmThreads(_LISTENERS, "counting"),
            offering=WarmThreads(_OFFERING, "offering"),
        )

    def close(self) -> None:
        """Wait for what has begun, and drop the rest."""
        background = (self.read_ahead, self.read_back)
        for pool in (self.calendars, *background, self.listeners, self.counting, self.requests, self.offering):
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Product:
    """One composed product. `close()` it in the end."""

    settings: Settings
    database: Database
    services: Services
    slack: App
    client: KeptClient
    turns: Turns
    threads: Threads
    clock: Clock

    def web(self, routes: Sequence[BaseRoute] = ()) -> Starlette:
        """The ASGI app; `routes` come beside its own."""
        return web_app(
            booking=self.services.booking,
            slack_endpoint=slack_endpoint(self.slack, self.turns),
            readiness=self._missing,
            clock=self.clock,
            extra_routes=routes,
            sign_ins=self.services.sign_ins,
            member_links=self.services.member_links,
            customer_moves=self.services.customer_moves,
            pushes=self.services.pushes,
            public_url=self.settings.web.public_url,
        )

    def worker(self) -> Worker:
        from bot.worker import Worker  # a web process needs neither it nor its scheduler

        return Worker(self.services, Outages(self.database.is_current, self.clock))

    def _missing(self) -> Sequence[str]:
        if self.database.is_current():
            return ()
        return ("The database cannot be reached, or its schema is not current. Run: python -m bot migrate",)

    def hurry(self) -> None:
        """The process is to stop: wait for no transaction longer than some seconds. Fit for a signal handler."""
        self.database.hurry()

    def close(self) -> None:
        self.threads.close()
        self.client.close()
        self.database.close()


def compose(
    settings: Settings,
    slack: SlackSettings,
    *,
    mailer: Mailer | None = None,
    calendars: Callable[[UnitOfWorkFactory], CalendarSystems] | None = None,
    clock: Clock = utc_now,
) -> Product:
    """Everything put together; opens the database, calls nobody yet.

    `mailer` takes the place of the settings' mail server, `calendars` of their calendar systems.
    """
    database = open_database(
        settings.database.url.get_secret_value(),
        [key.get_secret_value() for key in settings.database.encryption_keys],
    )
    unit_of_work = database.unit_of_work
    threads = Threads.of_our_sizes()
    turns = Turns(threads.listeners)
    client = KeptClient(slack.bot_token.get_secret_value(), slack.api_url, before_waiting=turns.over)

    def client_of(_workspace_id: WorkspaceId) -> WebClient:
        return client

    directory = SlackDirectory(client_of, clock, threads.read_ahead)
    systems = (
        calendars(unit_of_work)
        if calendars
        else calendar_systems(settings, StoredCredentials(unit_of_work, clock), clock, threads.requests)
    )
    if mailer is None:
        assert settings.mail.smtp_url is not None, "settings require SMTP_URL outside the playground"
        mailer = SmtpMailer(settings.mail.smtp_url.get_secret_value(), settings.mail.sender)

    services = assemble(
        World(
            unit_of_work=unit_of_work,
            directory=directory,
            notifier=SlackNotifier(client_of, clock),
            providers=systems.providers,
            mailer=mailer,
            renderer=Messages(settings.mail.sender),
            clock=clock,
            calendar_pool=threads.calendars,
            read_ahead_pool=threads.read_ahead,
            read_back_pool=threads.read_back,
            signing_keys=[key.get_secret_value().encode() for key in settings.database.encryption_keys],
            public_url=settings.web.public_url,
            sign_in=systems.sign_in,
            password=systems.password,
            conferences=conference_systems(settings, clock),
            command=settings.command,
        )
    )
    bolt = bolt_app(client, slack.signing_secret.get_secret_value())
    counting = Elsewhere(threads.counting, turns)
    listeners.register(bolt, services, clock, counting, threads.offering, command=settings.command)
    return Product(settings, database, services, bolt, client, turns, threads, clock)
