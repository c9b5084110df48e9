"""Mail handed to an SMTP server (RFC 5321)."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from urllib.parse import unquote, urlsplit

from bot.errors import DeliveryError, SettingsError

TIMEOUT_S = 20.0
_SMTPS_PORT = 465
_SUBMISSION_PORT = 587
_RELAY_PORT = 25


class SmtpMailer:
    """Sends each message over a connection of its own: STARTTLS where the server offers it, TLS with `smtps://`.

    Server certificates are verified. Raises SettingsError for an `SMTP_URL` or `MAIL_FROM` of no use.
    """

    def __init__(
        self, url: str, mail_from: str, *, timeout_s: float = TIMEOUT_S, tls: ssl.SSLContext | None = None
    ) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as exc:
            raise SettingsError("SMTP_URL is not an address: use smtp://user:password@host:587.") from exc
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise SettingsError("SMTP_URL must look like smtp://user:password@host:587 or smtps://….")
        self._sender = parseaddr(mail_from)[1]
        if "@" not in self._sender:
            raise SettingsError("MAIL_FROM must be an email address.")
        self._host = parts.hostname
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._is_tls = parts.scheme == "smtps"
        default_port = _SMTPS_PORT if self._is_tls else _SUBMISSION_PORT if self._user else _RELAY_PORT
        self._port = port or default_port
        self._timeout_s = timeout_s
        self._tls = tls

    def send(self, message: EmailMessage) -> None:
        """Raises DeliveryError: `permanent` where the recipient or the message itself was refused for good."""
        recipients = [address for _, address in getaddresses(message.get_all("To", []))]
        try:
            with self._connect() as smtp:
                smtp.send_message(message, from_addr=self._sender, to_addrs=recipients)
        except (smtplib.SMTPException, OSError) as exc:
            raise _translated(exc) from exc

    def check(self) -> None:
        """Connect and log in as for a message, and send none. Raises DeliveryError."""
        try:
            with self._connect() as smtp:
                smtp.noop()
        except (smtplib.SMTPException, OSError) as exc:
            raise _translated(exc) from exc

    def _connect(self) -> smtplib.SMTP:
        tls = self._tls or ssl.create_default_context()
        smtp: smtplib.SMTP
        if self._is_tls:
            smtp = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout_s, context=tls)
        else:
            smtp = smtplib.SMTP(self._host, self._port, timeout=self._timeout_s)
        try:
            smtp.ehlo_or_helo_if_needed()
            if not self._is_tls and smtp.has_extn("starttls"):
                smtp.starttls(context=tls)
            if self._user:
                smtp.login(self._user, self._password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _is_final(exc: Exception) -> bool:
    """A 5xx reply (RFC 5321 section 4.2.1): the server will not change its mind about this message."""
    return isinstance(exc, smtplib.SMTPResponseException) and exc.smtp_code >= 500


def _all_refused_for_good(exc: Exception) -> bool:
    return isinstance(exc, smtplib.SMTPRecipientsRefused) and all(code >= 500 for code, _ in exc.recipients.values())


# Most specific first: what the server or the network did, whether it is final, and what a person reads.
# A refused sender or login is the installation's mistake, which an operator can mend within the day.
_TRANSLATIONS: tuple[tuple[type[Exception], Callable[[Exception], bool], str], ...] = (
    (smtplib.SMTPRecipientsRefused, _all_refused_for_good, "The mail server did not accept the recipient's address."),
    (smtplib.SMTPNotSupportedError, lambda _: True, "The mail server cannot deliver to this kind of address."),
    (smtplib.SMTPAuthenticationError, lambda _: False, "The mail server refused the login in SMTP_URL."),
    (smtplib.SMTPSenderRefused, lambda _: False, "The mail server refused the sender in MAIL_FROM."),
    (smtplib.SMTPDataError, _is_final, "The mail server did not accept the message."),
    (smtplib.SMTPException, lambda _: False, "The mail server did not answer, or broke off the conversation."),
    (ssl.SSLError, lambda _: False, "No secure connection to the mail server was possible."),
    (TimeoutError, lambda _: False, "The mail server did not answer in time."),
    (OSError, lambda _: False, "The mail server could not be reached."),
)


def _translated(exc: Exception) -> DeliveryError:
    text, permanent = next((text, final(exc)) for kind, final, text in _TRANSLATIONS if isinstance(exc, kind))
    return DeliveryError(text, permanent=permanent)
