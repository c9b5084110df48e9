"""The product's rules at work: each service owns its transactions and knows the world only through ports."""

from __future__ import annotations

from dataclasses import dataclass

from bot.ports import Directory
from bot.services.activity import Activity
from bot.services.attention import AttentionDesk
from bot.services.beginnings import Beginnings
from bot.services.booking import Booking
from bot.services.broken import BrokenConnections
from bot.services.checkups import Checkups
from bot.services.conferences import Conferences
from bot.services.connections import Connections
from bot.services.customer_moves import CustomerMoves
from bot.services.delivery import Deliveries
from bot.services.departures import Departures
from bot.services.drafts import Drafts
from bot.services.event_calendars import EventCalendars
from bot.services.followups import Followups
from bot.services.invitations import Invitations
from bot.services.meetings import Meetings
from bot.services.member_links import MemberLinks
from bot.services.moves import MoveDesk
from bot.services.no_shows import NoShows
from bot.services.on_behalf import OnBehalf
from bot.services.pools import Pools
from bot.services.preferences import PersonalPreferences
from bot.services.pushes import Pushes
from bot.services.reassigning import Reassigning
from bot.services.reconcile import Reconcile
from bot.services.rescheduling import Rescheduling
from bot.services.room_directory import RoomDirectory
from bot.services.rooms import Rooms
from bot.services.seating import Seating
from bot.services.setup import Setup
from bot.services.sign_ins import SignIns
from bot.services.steps import Steps
from bot.services.templates import Templates


@dataclass(frozen=True, slots=True)
class Services:
    """What entry points call."""

    drafts: Drafts
    steps: Steps
    beginnings: Beginnings
    invitations: Invitations
    meetings: Meetings
    attention: AttentionDesk
    reassigning: Reassigning
    no_shows: NoShows
    member_links: MemberLinks
    conferences: Conferences
    rescheduling: Rescheduling
    moves: MoveDesk
    reconcile: Reconcile
    pushes: Pushes
    activity: Activity
    booking: Booking
    customer_moves: CustomerMoves
    connections: Connections
    checkups: Checkups
    event_calendars: EventCalendars
    sign_ins: SignIns
    broken_connections: BrokenConnections
    departures: Departures
    deliveries: Deliveries
    followups: Followups
    on_behalf: OnBehalf
    pools: Pools
    seating: Seating
    rooms: Rooms
    room_directory: RoomDirectory
    templates: Templates
    preferences: PersonalPreferences
    setup: Setup
    directory: Directory
