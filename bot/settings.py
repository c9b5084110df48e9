"""What the environment and `.env` say, checked once at the start. Every error is one line that names its variable."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.calendars.google.client import API_URL, AUTH_URL, TOKEN_URL
from bot.calendars.microsoft.sign_in import AUTHORITY, GRAPH_URL
from bot.conferencing import zoom
from bot.errors import SettingsError
from bot.keyfile import is_fernet_key, kept_key
from bot.variables import ANYWHERE, Network, absolute_url, given, networks, one_of, one_word, single_line, split_url

SLACK_API_URL = "https://slack.com/api/"
PLAYGROUND_MAIL_FROM = "invitations@inviteonce.example"
NEW_KEY_COMMAND = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the web process listens, and what the world calls it. `public_url` has no slash at its end."""

    host: str
    port: int
    public_url: str


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`url` is `sqlite:///…` or `postgresql://…`; `encryption_keys` are Fernet keys, newest first, at least one."""

    url: SecretStr
    encryption_keys: tuple[SecretStr, ...]


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """One workspace over HTTP. `api_url` ends with a slash."""

    signing_secret: SecretStr
    bot_token: SecretStr
    api_url: str = SLACK_API_URL


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`smtp_url` None is the playground's mailbox. `sender` is an address, perhaps with a name: `Name <a@b>`."""

    smtp_url: SecretStr | None
    sender: str


@dataclass(frozen=True, slots=True)
class CalDavSettings:
    """Where CalDAV servers may be besides the public internet; there plain http is allowed too."""

    allowed_networks: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """The OAuth client, and where Google is. No address ends with a slash."""

    client_id: str
    client_secret: SecretStr
    api_url: str
    auth_url: str
    token_url: str


@dataclass(frozen=True, slots=True)
class MicrosoftSettings:
    """The app registration, and where Microsoft is. `authority` ends with the tenant. No address ends with a slash."""

    client_id: str
    client_secret: SecretStr
    authority: str
    graph_url: str


@dataclass(frozen=True, slots=True)
class ZoomSettings:
    """A server-to-server OAuth app, and where Zoom is. No address ends with a slash."""

    account_id: str
    client_id: str
    client_secret: SecretStr
    api_url: str
    token_url: str


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
    slack = _slack(values)
    playground = slack is None
    web = _web(values, playground=playground)
    mail = _mail(values, playground=playground)
    command = _command(values)
    log = LogSettings(
        level=one_of(values, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL")),
        format=one_of(values, "LOG_FORMAT", ("text", "json")),
    )
    caldav = CalDavSettings(networks(values, "CALDAV_ALLOWED_NETWORKS") or (ANYWHERE if playground else ()))
    google, microsoft, zoom = _google(values), _microsoft(values), _zoom(values)
    database = _database(values, playground=playground)  # last, so that only a good start leaves a key behind
    return Settings(web, database, slack, command, mail, log, caldav, google, microsoft, zoom)


# ---------------------------------------------------------------- calendars and conferences


def _google(values: Mapping[str, str]) -> GoogleSettings | None:
    """None where nothing was said about Google."""
    addresses = {"GOOGLE_API_URL": API_URL, "GOOGLE_AUTH_URL": AUTH_URL, "GOOGLE_TOKEN_URL": TOKEN_URL}
    given_ones = _all_or_none(values, "Google", ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"), addresses)
    if given_ones is None:
        return None
    client_id, secret = given_ones
    api_url, auth_url, token_url = (_address(values, name, usual) for name, usual in addresses.items())
    return GoogleSettings(client_id, SecretStr(secret), api_url, auth_url, token_url)


def _microsoft(values: Mapping[str, str]) -> MicrosoftSettings | None:
    """None where nothing was said about Microsoft."""
    addresses = {"MICROSOFT_AUTHORITY": AUTHORITY, "MICROSOFT_GRAPH_URL": GRAPH_URL}
    pair = ("MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET")
    given_ones = _all_or_none(values, "Microsoft 365", pair, addresses)
    if given_ones is None:
        return None
    client_id, secret = given_ones
    authority, graph_url = (_address(values, name, usual) for name, usual in addresses.items())
    if not authority.startswith("https://") or len(urlsplit(authority).path.split("/")) != 2:
        raise SettingsError(f"MICROSOFT_AUTHORITY must be an https:// address with one tenant, as {AUTHORITY}.")
    return MicrosoftSettings(client_id, SecretStr(secret), authority, graph_url)


def _zoom(values: Mapping[str, str]) -> ZoomSettings | None:
    """None where nothing was said about Zoom."""
    addresses = {"ZOOM_API_URL": zoom.API_URL, "ZOOM_TOKEN_URL": zoom.TOKEN_URL}
    names = ("ZOOM_ACCOUNT_ID", "ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET")
    given_ones = _all_or_none(values, "Zoom", names, addresses)
    if given_ones is None:
        return None
    account_id, client_id, secret = given_ones
    api_url, token_url = (_address(values, name, usual) for name, usual in addresses.items())
    return ZoomSettings(account_id, client_id, SecretStr(secret), api_url, token_url)


def _all_or_none(
    values: Mapping[str, str], vendor: str, names: tuple[str, ...], beside: Collection[str]
) -> tuple[str, ...] | None:
    """What the `names` say, or None where nothing was said, also about what may stand `beside` them."""
    said = next((name for name in (*names, *beside) if name in values), None)
    if said is None:
        return None
    missing = next((name for name in names if name not in values), None)
    if missing is not None:
        all_of_them, none = ("both", "neither") if len(names) == 2 else (f"all {len(names)}", "none")
        raise SettingsError(
            f"{missing} is missing, and {said} is set: give {all_of_them}, or {none} to do without {vendor}."
        )
    return tuple(one_word(name, values[name]) for name in names)


def _address(values: Mapping[str, str], name: str, usual: str) -> str:
    return absolute_url(name, values.get(name, usual))


# ---------------------------------------------------------------- Slack


def _slack(values: Mapping[str, str]) -> SlackSettings | None:
    """One workspace's settings, or None where nothing was said about Slack but the command's name."""
    secret, token = values.get("SLACK_SIGNING_SECRET"), values.get("SLACK_BOT_TOKEN")
    if secret and token:
        api_url = absolute_url("SLACK_API_URL", values.get("SLACK_API_URL", SLACK_API_URL)) + "/"
        if api_url == SLACK_API_URL and not token.startswith("xoxb-"):
            raise SettingsError("SLACK_BOT_TOKEN must be the bot token, which begins with xoxb-.")
        return SlackSettings(
            SecretStr(one_word("SLACK_SIGNING_SECRET", secret)), SecretStr(one_word("SLACK_BOT_TOKEN", token)), api_url
        )

    pair = "set SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN to serve one workspace"
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        if name in values:
            raise SettingsError(f"{name}: installing into many workspaces is not available yet; {pair}.")
    if "SLACK_APP_TOKEN" in values:
        raise SettingsError(f"SLACK_APP_TOKEN: Socket Mode is not available yet; {pair}.")
    half_given = {"SLACK_SIGNING_SECRET": secret, "SLACK_BOT_TOKEN": token}
    for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_API_URL"):
        if name in values:
            missing = next(other for other, value in half_given.items() if not value)
            raise SettingsError(f"{missing} is missing, and {name} is set: give both, or neither for the playground.")
    return None


def _command(values: Mapping[str, str]) -> str:
    command = values.get("SLACK_COMMAND", "/invite")
    if not re.fullmatch(r"/[a-z0-9_-]{1,31}", command):
        raise SettingsError("SLACK_COMMAND must be a slash and up to 31 small letters, digits, - or _, as /inviteonce.")
    return command


# ---------------------------------------------------------------- web


def _web(values: Mapping[str, str], *, playground: bool) -> WebSettings:
    host, port = _host(values, playground=playground), _port(values)
    if "PUBLIC_URL" in values:
        public_url = absolute_url("PUBLIC_URL", values["PUBLIC_URL"])
        if urlsplit(public_url).path:
            raise SettingsError("PUBLIC_URL must end with the host or port: the product does not live under a path.")
    elif playground:
        public_url = f"http://{_in_url(host)}:{port}"
    else:
        raise SettingsError("PUBLIC_URL is missing: the https:// address under which customers reach this server.")
    return WebSettings(host, port, public_url)


def _in_url(loopback: str) -> str:
    if loopback == "localhost":
        return "127.0.0.1"
    return f"[{loopback}]" if ":" in loopback else loopback


def _port(values: Mapping[str, str]) -> int:
    port = values.get("PORT", "3000")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise SettingsError("PORT must be a number from 1 to 65535.")
    return int(port)


def _host(values: Mapping[str, str], *, playground: bool) -> str:
    host = values.get("HOST", "127.0.0.1")
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host):
            raise SettingsError("HOST must be an address of this machine, such as 127.0.0.1 or 0.0.0.0.") from None
        is_loopback = host == "localhost"
    if playground and not is_loopback:
        raise SettingsError(
            "HOST must be 127.0.0.1 in the playground, where anybody may be anybody;"
            " for a real workspace set SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN."
        )
    return host


# ---------------------------------------------------------------- database


def _database(values: Mapping[str, str], *, playground: bool) -> DatabaseSettings:
    url = _database_url(values)
    if "ENCRYPTION_KEYS" in values:
        keys = _encryption_keys(values["ENCRYPTION_KEYS"])
    elif playground:
        folder = _sqlite_path(url).parent if url.startswith("sqlite:") else Path()
        keys = (kept_key(folder / "inviteonce.key"),)
    else:
        raise SettingsError(f"ENCRYPTION_KEYS is missing. Make a key with: {NEW_KEY_COMMAND}")
    return DatabaseSettings(SecretStr(url), tuple(SecretStr(key) for key in keys))


def _database_url(values: Mapping[str, str]) -> str:
    url = values.get("DATABASE_URL", "sqlite:///inviteonce.db")
    scheme, _, rest = url.partition("://")
    if scheme in ("postgresql", "postgres"):
        split_url("DATABASE_URL", url)
        return f"postgresql://{rest}"  # Heroku still hands out postgres://, which SQLAlchemy refuses
    if scheme != "sqlite":
        raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    path = _sqlite_path(url)
    if path.is_dir() or not path.parent.is_dir():
        raise SettingsError(f"DATABASE_URL: {path} cannot be a database file; is its folder there?")
    return url


def _sqlite_path(url: str) -> Path:
    """The database's file: relative after three slashes, absolute after four."""
    name = url.removeprefix("sqlite:///").partition("?")[0]
    if name in ("", ":memory:") or name.startswith("sqlite:"):
        raise SettingsError("DATABASE_URL must name a file, as sqlite:///inviteonce.db: memory is not shared.")
    return Path(name)


def _encryption_keys(written: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in written.split(","))
    for number, key in enumerate(keys, start=1):
        if not is_fernet_key(key):
            raise SettingsError(
                f"ENCRYPTION_KEYS: number {number} is not a Fernet key. Make one with: {NEW_KEY_COMMAND}"
            )
    return keys


# ---------------------------------------------------------------- mail


def _mail(values: Mapping[str, str], *, playground: bool) -> MailSettings:
    smtp_url, sender = values.get("SMTP_URL"), values.get("MAIL_FROM")
    if smtp_url is None:
        if not playground:
            raise SettingsError("SMTP_URL is missing: the mail server, as smtp://user:password@host:587.")
        if sender is not None:
            raise SettingsError("SMTP_URL is missing, and MAIL_FROM is set: give both, or neither for the mailbox.")
        return MailSettings(None, PLAYGROUND_MAIL_FROM)
    parts = split_url("SMTP_URL", smtp_url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError("SMTP_URL must read smtp://user:password@host:587 or smtps://user:password@host:465.")
    if (parts.username is None) != (parts.password is None):
        raise SettingsError("SMTP_URL must give the user and the password, or neither; write @ within them as %40.")
    if sender is None:
        raise SettingsError("MAIL_FROM is missing, and SMTP_URL is set: the address that invitations are sent from.")
    return MailSettings(SecretStr(smtp_url), _sender(sender))


def _sender(written: str) -> str:
    addresses = getaddresses([single_line("MAIL_FROM", written)])
    if len(addresses) != 1 or not re.fullmatch(_ADDRESS, addresses[0][1]):
        raise SettingsError("MAIL_FROM must be one email address, as invites@acme.com or Acme <invites@acme.com>.")
    return written
