"""The calendar systems and conferences that the settings ask for. Vendors' libraries are imported at first use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from bot.calendars.builtin import BuiltinCalendar
from bot.calendars.caldav.network import Guard, guarded_pools
from bot.calendars.caldav.provider import CalDavCalendar
from bot.calendars.caldav.records import DnsServices
from bot.calendars.caldav.server import Server
from bot.calendars.google.client import GoogleClient
from bot.calendars.google.provider import GoogleCalendar
from bot.calendars.google.sign_in import GoogleSignIn
from bot.calendars.microsoft.provider import MicrosoftCalendar
from bot.calendars.microsoft.sign_in import MicrosoftSignIn
from bot.conferencing.zoom import ZoomConferences
from bot.domain.room_directory import ListedRoom
from bot.ports import (
    CalendarProvider,
    Clock,
    ConferenceProvider,
    Credentials,
    PasswordProvider,
    SignInProvider,
    UnitOfWorkFactory,
)
from bot.rest import Rest
from bot.settings import GoogleSettings, MicrosoftSettings, Settings


@dataclass(frozen=True, slots=True)
class CalendarSystems:
    """`providers` read and write calendars by their key; the others are the ways to connect one."""

    providers: Mapping[str, CalendarProvider]
    sign_in: tuple[SignInProvider, ...] = field(default=())
    password: tuple[PasswordProvider, ...] = field(default=())


def builtin_calendar(unit_of_work: UnitOfWorkFactory, listed_rooms: Sequence[ListedRoom] = ()) -> CalendarSystems:
    """The playground's only one, with the rooms in its directory."""
    return CalendarSystems({BuiltinCalendar.key: BuiltinCalendar(unit_of_work, listed_rooms)})


def calendar_systems(settings: Settings, credentials: Credentials, clock: Clock, executor: Executor) -> CalendarSystems:
    """CalDAV, which needs no setting, and those whose client is set. `executor` carries their requests: nobody who
    waits for a provider may run in it."""
    found: list[CalendarProvider] = []
    sign_in: list[SignInProvider] = []
    if settings.google:
        client = _google_client(settings.google)
        sign_in.append(GoogleSignIn(client, clock))
        found.append(GoogleCalendar(client, credentials, clock, executor))
    if settings.microsoft:
        rest = Rest(MicrosoftSignIn.name, clock=clock)
        microsoft = _microsoft_sign_in(settings.microsoft, clock, rest)
        sign_in.append(microsoft)
        found.append(MicrosoftCalendar(microsoft, credentials, clock, rest, graph_url=settings.microsoft.graph_url))
    networks = settings.caldav.allowed_networks
    caldav = CalDavCalendar(
        Server(guarded_pools(Guard(networks)), clock), credentials, executor, DnsServices(plain=bool(networks))
    )
    return CalendarSystems({one.key: one for one in (*found, caldav)}, tuple(sign_in), (caldav,))


def conference_systems(settings: Settings, clock: Clock) -> Mapping[str, ConferenceProvider]:
    """Those that make conferences beside the event, by their key."""
    zoom = settings.zoom
    if zoom is None:
        return {}
    conferences = ZoomConferences(
        zoom.account_id,
        zoom.client_id,
        zoom.client_secret.get_secret_value(),
        clock,
        Rest(ZoomConferences.name, clock=clock),
        api_url=zoom.api_url,
        token_url=zoom.token_url,
    )
    return {conferences.key: conferences}


def _microsoft_sign_in(microsoft: MicrosoftSettings, clock: Clock, rest: Rest) -> MicrosoftSignIn:
    return MicrosoftSignIn(
        microsoft.client_id,
        microsoft.client_secret.get_secret_value(),
        clock,
        rest,
        authority=microsoft.authority,
        graph_url=microsoft.graph_url,
    )


def _google_client(google: GoogleSettings) -> GoogleClient:
    return GoogleClient(
        google.client_id,
        google.client_secret.get_secret_value(),
        api_url=google.api_url,
        auth_url=google.auth_url,
        token_url=google.token_url,
    )
