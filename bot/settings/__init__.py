"""What the environment and `.env` say, checked once at the start. Every error is one line that names its variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.settings.database import DatabaseSettings, database_settings
from bot.settings.mail import MailSettings, mail_settings
from bot.settings.slack import SlackSettings, slack_command, slack_settings
from bot.settings.vendors import (
    CalDavSettings,
    GoogleSettings,
    MicrosoftSettings,
    ZoomSettings,
    google_settings,
    microsoft_settings,
    zoom_settings,
)
from bot.settings.web import WebSettings, web_settings
from bot.variables import ANYWHERE, given, networks, one_of

__all__ = [
    "CalDavSettings",
    "DatabaseSettings",
    "GoogleSettings",
    "LogSettings",
    "MailSettings",
    "MicrosoftSettings",
    "Settings",
    "SlackSettings",
    "WebSettings",
    "ZoomSettings",
    "load",
]


@dataclass(frozen=True, slots=True)
class LogSettings:
    level: str
    """A name that `logging` knows."""
    format: str
    """`text` or `json`."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All there is to know before anything starts. `slack` None means the playground.

    `command` is the slash command that people are told; the app answers `/inviteonce` and `/invite` anyway.
    """

    web: WebSettings
    database: DatabaseSettings
    slack: SlackSettings | None
    command: str
    mail: MailSettings
    log: LogSettings
    caldav: CalDavSettings
    google: GoogleSettings | None = None
    """None: Google Calendar is not offered."""
    microsoft: MicrosoftSettings | None = None
    """None: Microsoft 365 is not offered."""
    zoom: ZoomSettings | None = None
    """None: Zoom is not offered."""

    @property
    def playground(self) -> bool:
        return self.slack is None


def load(environ: Mapping[str, str], dotenv: Path | None = None) -> Settings:
    """The settings; the environment beats the file `dotenv`, and an empty value is a missing one.

    In the playground a key is made on the first start and kept in `inviteonce.key`. Raises SettingsError.
    """
    values = given(environ, dotenv)
    slack = slack_settings(values)
    playground = slack is None
    web = web_settings(values, playground=playground)
    mail = mail_settings(values, playground=playground)
    command = slack_command(values)
    log = LogSettings(
        level=one_of(values, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")),
        format=one_of(values, "LOG_FORMAT", ("text", "json")),
    )
    caldav = CalDavSettings(networks(values, "CALDAV_ALLOWED_NETWORKS") or (ANYWHERE if playground else ()))
    google, microsoft, zoom = google_settings(values), microsoft_settings(values), zoom_settings(values)
    database = database_settings(values, playground=playground)  # last, so that only a good start leaves a key behind
    return Settings(web, database, slack, command, mail, log, caldav, google, microsoft, zoom)
