"""All that the services need of the world, as protocols. Adapters implement them; tests fake them.

Each docstring fixes returns and errors.
"""

from __future__ import annotations

from bot.ports.calendars import (
    CalendarProvider,
    ConferenceProvider,
    Credentials,
    GuardedCalendar,
    ItemisedCalendar,
    PasswordProvider,
    PushingCalendar,
    SignInProvider,
    TitledCalendar,
)
from bot.ports.clock import (
    Clock,
)
from bot.ports.connections import (
    BuiltinEventRepository,
    BusyCacheRepository,
    BusyReading,
    ConnectionRepository,
    EventCopyRepository,
    OneTimeRepository,
    PushRepository,
    VersionRepository,
)
from bot.ports.invitations import (
    ClaimRepository,
    DraftRepository,
    HomeRepository,
    InvitationRepository,
    MeetingRepository,
    NonceRepository,
)
from bot.ports.mail import (
    MailContext,
    Mailer,
    MessageRenderer,
)
from bot.ports.slack import (
    Directory,
    Notifier,
)
from bot.ports.storage import OutboxRepository, UnitOfWork, UnitOfWorkFactory, reading_in
from bot.ports.teams import PoolRepository, PreferencesRepository, RoomRepository, TemplateRepository

__all__ = [
    "BuiltinEventRepository",
    "BusyCacheRepository",
    "BusyReading",
    "CalendarProvider",
    "ClaimRepository",
    "Clock",
    "ConferenceProvider",
    "ConnectionRepository",
    "Credentials",
    "Directory",
    "DraftRepository",
    "EventCopyRepository",
    "GuardedCalendar",
    "HomeRepository",
    "InvitationRepository",
    "ItemisedCalendar",
    "MailContext",
    "Mailer",
    "MeetingRepository",
    "MessageRenderer",
    "NonceRepository",
    "Notifier",
    "OneTimeRepository",
    "OutboxRepository",
    "PasswordProvider",
    "PoolRepository",
    "PreferencesRepository",
    "PushRepository",
    "PushingCalendar",
    "RoomRepository",
    "SignInProvider",
    "TemplateRepository",
    "TitledCalendar",
    "UnitOfWork",
    "UnitOfWorkFactory",
    "VersionRepository",
    "reading_in",
]
