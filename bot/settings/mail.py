"""The mail server, and the address that invitations are sent from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses

from pydantic import SecretStr

from bot.errors import SettingsError
from bot.variables import single_line, split_url

PLAYGROUND_MAIL_FROM = "invitations@inviteonce.example"

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?"


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`smtp_url` None is the playground's mailbox. `sender` is an address, perhaps with a name: `Name <a@b>`."""

    smtp_url: SecretStr | None
    sender: str


def mail_settings(values: Mapping[str, str], *, playground: bool) -> MailSettings:
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
