"""The services, put together over one world of adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from bot.domain.delivery import DeliveryKind
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
from bot.services.checkups import Checkups
from bot.services.conferences import Conferences
from bot.services.connection_news import ConnectionCarrier
from bot.services.connections import Connections
from bot.services.customer_moves import CustomerMoves
from bot.services.delivery import Deliveries
from bot.services.departures import Departures
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
from bot.services.steps import Steps
from bot.services.substitutes import Substitutes
from bot.services.templates import Templates


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
    read_back_pool: Executor
    signing_keys: Sequence[bytes]
    public_url: str
    sign_in: Sequence[SignInProvider] = ()
    password: Sequence[PasswordProvider] = ()
    conferences: Mapping[str, ConferenceProvider] = field(default_factory=dict)
    command: str = "/invite"


def assemble(world: World) -> Services:
    """The services over one world: the real one, or a test's."""
    unit_of_work, directory, clock = world.unit_of_work, world.directory, world.clock
    readings = Readings(unit_of_work, world.providers, clock, world.calendar_pool)
    availability = Availability(unit_of_work, directory, readings, clock, world.read_ahead_pool)
    nonces = Nonces(world.signing_keys)
    events = Events(unit_of_work, directory, world.providers, world.public_url)
    reconcile = Reconcile(unit_of_work, events, world.providers, clock, world.read_back_pool)
    pushes = Pushes(unit_of_work, world.providers, reconcile, clock, world.public_url, world.read_back_pool)
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
    drafts = Drafts(unit_of_work, templates, beginnings, clock)
    steps = Steps(unit_of_work, directory, drafts, explanations, seating, conferences, clock)
    setup = Setup(unit_of_work, directory, connections, clock, world.command)
    activity = Activity(unit_of_work, directory, availability, connections, drafts, setup, clock)
    meetings = Meetings(unit_of_work, activity, clock)
    own_events = OwnEvents(unit_of_work, world.providers, world.calendar_pool, clock)
    substitutes = Substitutes(unit_of_work, directory, availability, own_events, clock)
    rescheduling = Rescheduling(unit_of_work, availability, own_events, clock)
    booking = Booking(unit_of_work, directory, availability, events, nonces, clock)
    mail = MailCarrier(unit_of_work, directory, world.mailer, world.renderer, events, clock, world.public_url)
    copies = EventCarrier(unit_of_work, directory, world.providers, events, reconcile, mail, world.clock)
    slack = SlackCarrier(
        unit_of_work, directory, world.notifier, activity, steps, mail, world.renderer, substitutes, clock
    )
    return Services(
        drafts=drafts,
        steps=steps,
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
        checkups=Checkups(unit_of_work, directory, availability, connections, clock),
        event_calendars=event_calendars,
        sign_ins=SignIns(
            unit_of_work, directory, connections, nonces, clock, world.public_url, world.sign_in, world.password
        ),
        broken_connections=BrokenConnections(unit_of_work, clock),
        departures=Departures(unit_of_work, directory, clock),
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
