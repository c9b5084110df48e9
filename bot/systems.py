"""The calendar systems that the settings ask for. Each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field

from bot.ports import CalendarProvider, Clock, Credentials, PasswordProvider, SignInProvider, UnitOfWorkFactory
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class CalendarSystems:
    """`providers` read and write calendars by their key; the others are the ways to connect one."""

    providers: Mapping[str, CalendarProvider]
    sign_in: tuple[SignInProvider, ...] = field(default=())
    password: tuple[PasswordProvider, ...] = field(default=())


def builtin_calendar(unit_of_work: UnitOfWorkFactory) -> CalendarSystems:
    """The playground's only one."""
    from bot.calendars.builtin import BuiltinCalendar

    return CalendarSystems({BuiltinCalendar.key: BuiltinCalendar(unit_of_work)})


def calendar_systems(settings: Settings, credentials: Credentials, clock: Clock, executor: Executor) -> CalendarSystems:
    """CalDAV, which needs no setting, and those whose client is set. `executor` carries their requests: nobody who
    waits for a provider may run in it."""
    from bot.calendars.caldav.network import Guard, guarded_pools
    from bot.calendars.caldav.provider import CalDavCalendar
    from bot.calendars.caldav.server import Server

    caldav = CalDavCalendar(
        Server(guarded_pools(Guard(settings.caldav.allowed_networks)), clock), credentials, executor
    )
    return CalendarSystems({caldav.key: caldav}, password=(caldav,))
