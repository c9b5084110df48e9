"""What is right and wrong with this installation, in sentences: `python -m bot doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http.client import HTTPException
from json import JSONDecodeError

from bot.errors import DeliveryError, SettingsError
from bot.mail.smtp import SmtpMailer
from bot.ports import Clock
from bot.settings import Settings, SlackSettings
from storage.database import Database, open_database

PATIENCE_S = 10
_LATE = timedelta(minutes=2)
"""A worker takes what is due within a second; what a killed one held, within two minutes."""
_EVERY_REMINDER = timedelta(days=8)
"""Whoever has a broken connection is reminded of it at least once within that time."""
_MOST_COUNTED = 1000


class Verdict(StrEnum):
    FINE = "ok"
    NOTE = "note"
    """Not wrong, but good to know."""
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.verdict:<5}  {self.subject}: {self.text}"


def examine(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Everything that can be looked at from here; changes nothing. Asks Slack and the mail server."""
    database = open_database(
        settings.database.url.get_secret_value(),
        [key.get_secret_value() for key in settings.database.encryption_keys],
    )
    try:
        yield from _web(settings)
        yield from _database(database, clock)
    finally:
        database.close()
    if settings.slack is None:
        yield Finding(Verdict.NOTE, "Slack", "no settings: python -m bot run starts the playground")
    else:
        yield _slack(settings.slack)
        yield _mail(settings)
        yield from _calendars(settings)


def _web(settings: Settings) -> Iterator[Finding]:
    url = settings.web.public_url
    if settings.playground or url.startswith("https://"):
        yield Finding(Verdict.FINE, "Address", url)
    else:
        yield Finding(Verdict.NOTE, "Address", f"PUBLIC_URL is {url}; Google, Microsoft and browsers want https://")


def _database(database: Database, clock: Clock) -> Iterator[Finding]:
    if not database.is_current():
        text = "it cannot be reached, or its schema is not current. Run: python -m bot migrate"
        yield Finding(Verdict.WRONG, "Database", text)
        return
    yield Finding(Verdict.FINE, "Database", "reachable, with the newest schema")
    now = clock()
    with database.unit_of_work() as unit:
        oldest = unit.outbox.oldest_due(now)
        try:
            # Reading them decrypts them too.
            broken = len(unit.connections.due_to_remind(now + _EVERY_REMINDER, _MOST_COUNTED))
        except SettingsError as error:
            yield Finding(Verdict.WRONG, "Encryption", str(error))
            return
    if oldest is not None and now - oldest > _LATE:
        minutes = int((now - oldest).total_seconds()) // 60
        text = f"the oldest one has been due for {minutes} minutes. Is a worker running? (python -m bot worker)"
        yield Finding(Verdict.WRONG, "Deliveries", text)
    else:
        yield Finding(Verdict.FINE, "Deliveries", "none is late")
    if broken:
        owners = "Its owner has" if broken == 1 else "Their owners have"
        text = f"{broken} broken. {owners} been told, and will be reminded."
        yield Finding(Verdict.WRONG, "Connections", text)
    else:
        yield Finding(Verdict.FINE, "Connections", "none is broken")


def _slack(slack: SlackSettings) -> Finding:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    client = WebClient(token=slack.bot_token.get_secret_value(), base_url=slack.api_url, timeout=PATIENCE_S)
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        return Finding(Verdict.WRONG, "Slack", f"it refused SLACK_BOT_TOKEN ({error.response.get('error')})")
    except (OSError, HTTPException, JSONDecodeError) as error:
        return Finding(Verdict.WRONG, "Slack", f"{slack.api_url} could not be reached ({type(error).__name__})")
    return Finding(Verdict.FINE, "Slack", f"connected to the workspace {answer.get('team')}")


def _mail(settings: Settings) -> Finding:
    if settings.mail.smtp_url is None:
        return Finding(Verdict.FINE, "Mail", "kept in the playground's mailbox")
    try:
        SmtpMailer(settings.mail.smtp_url.get_secret_value(), settings.mail.sender, timeout_s=PATIENCE_S).check()
    except DeliveryError as error:
        return Finding(Verdict.WRONG, "Mail", str(error))
    return Finding(Verdict.FINE, "Mail", "the mail server answers, and accepts the login if there is one")


def _calendars(settings: Settings) -> Iterator[Finding]:
    yield Finding(Verdict.FINE, "CalDAV", "offered (iCloud, Fastmail, Nextcloud and others); it needs no setting")
    callback = f"{settings.web.public_url}/connect/callback"
    for name, key, variable, client, rooms in (
        ("Google", "google", "GOOGLE", settings.google, "the Admin SDK API enabled"),
        ("Microsoft 365", "microsoft", "MICROSOFT", settings.microsoft, "an administrator’s consent to Place.Read.All"),
    ):
        if client is None:
            text = f"not offered: set {variable}_CLIENT_ID and {variable}_CLIENT_SECRET"
            yield Finding(Verdict.NOTE, name, text)
        else:
            text = f"offered; its redirect address is {callback}/{key}. To find rooms in its directory it wants {rooms}"
            yield Finding(Verdict.FINE, name, text)
    if settings.zoom is None:
        text = "not offered: set ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET"
        yield Finding(Verdict.NOTE, "Zoom", text)
    else:
        yield Finding(Verdict.FINE, "Zoom", "offered")
