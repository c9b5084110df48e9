"""The composition root: from settings to a Bolt app, an ASGI app and a worker. Only here everything is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from slack_bolt import App
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot import listeners
from bot.domain.delivery import DeliveryKind
from bot.domain.ids import WorkspaceId
from bot.domain.room_directory import ListedRoom
from bot.mail.messages import Messages
from bot.mail.smtp import SmtpMailer
from bot.outages import Outages
from bot.ports import (
    CalendarProvider,
    Clock,
    ConferenceProvider,
    Directory,
    Mailer,
    MessageRenderer,
    Notifier,
    PasswordProvider,
    SignInProvider,
    UnitOfWorkFactory,
)
from bot.services import Services
from bot.services.activity import Activity
from bot.services.agendas import Agendas
from bot.services.attention import AttentionDesk
from bot.services.availability import Availability
from bot.services.beginnings import Beginnings
from bot.services.booking import Booking
from bot.services.broken import BrokenConnections
from bot.services.carriers import carriers
from bot.services.conferences import Conferences
from bot.services.connection_news import ConnectionCarrier
from bot.services.connections import Connections
from bot.services.credentials import StoredCredentials
from bot.services.customer_moves import CustomerMoves
from bot.services.delivery import Deliveries
from bot.services.drafts import Drafts
from bot.services.event_calendars import EventCalendars
from bot.services.event_carrier import EventCarrier
from bot.services.event_needs import EventNeeds
from bot.services.events import Events
from bot.services.explanations import Explanations
from bot.services.followups import Followups
from bot.services.invitations import Invitations
from bot.services.mail_carrier import MailCarrier
from bot.services.meetings import Meetings
from bot.services.member_links import MemberLinks
from bot.services.moves import MoveDesk
from bot.services.no_shows import NoShows
from bot.services.nonces import Nonces
from bot.services.on_behalf import OnBehalf
from bot.services.own_events import OwnEvents
from bot.services.pools import Pools
from bot.services.preferences import PersonalPreferences
from bot.services.pushes import Pushes
from bot.services.readings import Readings
from bot.services.reassigning import Reassigning
from bot.services.reconcile import Reconcile
from bot.services.rescheduling import Rescheduling
from bot.services.room_directory import RoomDirectory
from bot.services.rooms import Rooms
from bot.services.seating import Seating
from bot.services.setup import Setup
from bot.services.sign_ins import SignIns
from bot.services.slack_carrier import SlackCarrier
from bot.services.substitutes import Substitutes
from bot.services.templates import Templates
from bot.settings import Settings, SlackSettings
from bot.slack.bolt import bolt_app
from bot.slack.client import KeptClient
from bot.slack.directory import SlackDirectory
from bot.slack.notifier import SlackNotifier
from bot.systems import builtin_calendar, calendar_systems, conference_systems
from bot.web.app import web_app
from bot.web.slack import slack_endpoint
from bot.worker import Worker
from storage.database import Database, open_database

_LISTENERS = 32
_CALENDARS = 32
_READ_AHEAD = 8
_OFFERS = 2


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Product:
    """One composed product. `close()` it in the end."""

    settings: Settings
    database: Database
    services: Services
    slack: App
    client: KeptClient
    pools: tuple[ThreadPoolExecutor, ...]
    clock: Clock

    def web(self, routes: Sequence[BaseRoute] = ()) -> Starlette:
        """The ASGI app; `routes` come beside its own."""
        return web_app(
            booking=self.services.booking,
            slack_endpoint=slack_endpoint(self.slack, self.pools[2]),
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
        return Worker(self.services, Outages(self.database.is_current, self.clock))

    def _missing(self) -> Sequence[str]:
        if self.database.is_current():
            return ()
        return ("The database cannot be reached, or its schema is not current. Run: python -m bot migrate",)

    def close(self) -> None:
        for pool in self.pools:
            pool.shutdown(wait=True, cancel_futures=True)
        self.client.close()
        self.database.close()


def compose(
    settings: Settings,
    slack: SlackSettings,
    *,
    mailer: Mailer | None = None,
    with_builtin_calendar: bool = False,
    listed_rooms: Sequence[ListedRoom] = (),
    clock: Clock = utc_now,
) -> Product:
    """Everything put together; opens the database, calls nobody yet.

    `mailer` takes the place of the settings' mail server; the built-in calendar, with the rooms in its directory, is
    the playground's.
    """
    database = open_database(
        settings.database.url.get_secret_value(),
        [key.get_secret_value() for key in settings.database.encryption_keys],
    )
    unit_of_work = database.unit_of_work
    pools = (
        ThreadPoolExecutor(_CALENDARS, thread_name_prefix="calendars"),
        ThreadPoolExecutor(_READ_AHEAD, thread_name_prefix="read-ahead"),
        ThreadPoolExecutor(_LISTENERS, thread_name_prefix="listeners"),
        ThreadPoolExecutor(_LISTENERS, thread_name_prefix="counting"),
        ThreadPoolExecutor(_CALENDARS, thread_name_prefix="requests"),
        ThreadPoolExecutor(_OFFERS, thread_name_prefix="offers"),
    )
    client = KeptClient(slack.bot_token.get_secret_value(), slack.api_url)

    def client_of(_workspace_id: WorkspaceId) -> WebClient:
        return client

    directory = SlackDirectory(client_of, clock)
    systems = (
        builtin_calendar(unit_of_work, listed_rooms)
        if with_builtin_calendar
        else calendar_systems(settings, StoredCredentials(unit_of_work, clock), clock, pools[4])
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
            calendar_pool=pools[0],
            read_ahead_pool=pools[1],
            signing_keys=[key.get_secret_value().encode() for key in settings.database.encryption_keys],
            public_url=settings.web.public_url,
            sign_in=systems.sign_in,
            password=systems.password,
            conferences=conference_systems(settings, clock),
        )
    )
    bolt = bolt_app(client, slack.signing_secret.get_secret_value())
    listeners.register(bolt, services, clock, pools[3], pools[5])
    return Product(settings, database, services, bolt, client, pools, clock)


@dataclass(frozen=True, slots=True)
class World:
    """Every port's adapter, and what else the services need."""

    unit_of_work: UnitOfWorkFactory
    directory: Directory
    notifier: Notifier
    providers: Mapping[str, CalendarProvider]
    mailer: Mailer
    renderer: MessageRenderer
    clock: Clock
    calendar_pool: Executor
    read_ahead_pool: Executor
    signing_keys: Sequence[bytes]
    public_url: str
    sign_in: Sequence[SignInProvider] = ()
    password: Sequence[PasswordProvider] = ()
    conferences: Mapping[str, ConferenceProvider] = field(default_factory=dict)


def assemble(world: World) -> Services:
    """The services over one world: the real one, or a test's."""
    unit_of_work, directory, clock = world.unit_of_work, world.directory, world.clock
    readings = Readings(unit_of_work, world.providers, clock, world.calendar_pool)
    availability = Availability(unit_of_work, directory, readings, clock, world.read_ahead_pool)
    nonces = Nonces(world.signing_keys)
    events = Events(unit_of_work, directory, world.providers, world.public_url)
    reconcile = Reconcile(unit_of_work, events, world.providers, clock, world.calendar_pool)
    pushes = Pushes(unit_of_work, world.providers, reconcile, clock, world.public_url, world.calendar_pool)
    connections = Connections(unit_of_work, world.providers, clock, world.sign_in, world.password, pushes.end)
    connection_news = ConnectionCarrier(unit_of_work, world.notifier, connections)
    event_needs = EventNeeds(unit_of_work, directory, events)
    event_calendars = EventCalendars(unit_of_work, directory, world.providers, clock, world.calendar_pool, event_needs)
    explanations = Explanations(unit_of_work, availability, clock)
    pools = Pools(unit_of_work, directory, clock)
    seating = Seating(unit_of_work, directory, pools)
    templates = Templates(unit_of_work, clock)
    conferences = Conferences(unit_of_work, directory, world.conferences, event_needs, clock)
    beginnings = Beginnings(unit_of_work, clock)
    drafts = Drafts(
        unit_of_work, directory, world.notifier, explanations, seating, templates, beginnings, conferences, clock
    )
    setup = Setup(unit_of_work, directory, connections, clock)
    activity = Activity(unit_of_work, directory, availability, connections, drafts, setup, clock)
    meetings = Meetings(unit_of_work, activity, clock)
    own_events = OwnEvents(unit_of_work, world.providers, world.calendar_pool)
    substitutes = Substitutes(unit_of_work, directory, availability, own_events, clock)
    rescheduling = Rescheduling(unit_of_work, availability, own_events, clock)
    booking = Booking(unit_of_work, directory, availability, events, nonces, clock)
    mail = MailCarrier(unit_of_work, directory, world.mailer, world.renderer, events, clock, world.public_url)
    copies = EventCarrier(unit_of_work, directory, world.providers, events, reconcile, mail)
    slack = SlackCarrier(unit_of_work, directory, world.notifier, activity, drafts, mail, world.renderer, substitutes)
    return Services(
        drafts=drafts,
        beginnings=beginnings,
        invitations=Invitations(
            unit_of_work,
            directory,
            availability,
            explanations,
            seating,
            activity,
            connections,
            event_calendars,
            world.renderer,
            clock,
            world.public_url,
        ),
        meetings=meetings,
        attention=AttentionDesk(unit_of_work, meetings, events, clock),
        reassigning=Reassigning(unit_of_work, activity, meetings, substitutes, events, clock),
        no_shows=NoShows(unit_of_work, meetings, clock),
        member_links=MemberLinks(unit_of_work, activity, rescheduling, nonces, clock),
        conferences=conferences,
        rescheduling=rescheduling,
        moves=MoveDesk(meetings, activity, rescheduling),
        reconcile=reconcile,
        pushes=pushes,
        activity=activity,
        booking=booking,
        customer_moves=CustomerMoves(booking, rescheduling, nonces),
        connections=connections,
        event_calendars=event_calendars,
        sign_ins=SignIns(
            unit_of_work, directory, connections, nonces, clock, world.public_url, world.sign_in, world.password
        ),
        broken_connections=BrokenConnections(unit_of_work, clock),
        deliveries=Deliveries(
            unit_of_work,
            carriers(mail, copies, conferences, slack) | {DeliveryKind.SLACK_CONNECTION: connection_news.news},
            clock,
        ),
        followups=Followups(unit_of_work, clock),
        on_behalf=OnBehalf(
            unit_of_work,
            directory,
            availability,
            activity,
            connections,
            event_calendars,
            events,
            seating,
            Agendas(unit_of_work, world.providers, world.calendar_pool),
            clock,
        ),
        pools=pools,
        seating=seating,
        rooms=Rooms(unit_of_work, world.providers, clock),
        room_directory=RoomDirectory(unit_of_work, world.providers, clock),
        templates=templates,
        preferences=PersonalPreferences(unit_of_work, directory),
        setup=setup,
        directory=directory,
    )
