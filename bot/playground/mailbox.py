"""The mailbox: every mail the product sends, as it would have gone over the wire."""

from __future__ import annotations

import email
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from bot.errors import DeliveryError
from bot.playground.block_kit import JSON

_KEPT = 500
_PREVIEW_LENGTH = 140
_ON_THE_WIRE: Mapping[str, Any] = {"linesep": "\r\n", "cte_type": "7bit", "max_line_length": 76}


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. `raw` is its wire format (RFC 5322), ASCII."""

    id: str
    raw: str

    @property
    def message(self) -> EmailMessage:
        parsed: Any = email.message_from_string(self.raw, policy=SMTP)
        if not isinstance(parsed, EmailMessage):
            raise TypeError("the policy makes EmailMessages")
        return parsed

    @property
    def headers(self) -> Mapping[str, str]:
        """Decoded as RFC 2047 section 6.2 says: the parser of `message` puts a blank between two encoded words."""
        lines = {name: "".join(value.splitlines()) for name, value in email.message_from_string(self.raw).items()}
        return {name: str(make_header(decode_header(line))) for name, line in lines.items()}


class Mailbox:
    """Satisfies `bot.ports.Mailer`. Nothing leaves this machine."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self.on_change = on_change
        self._lock = threading.Lock()
        self._mails: list[Mail] = []
        self._next = 1

    def send(self, message: EmailMessage) -> None:
        """Keep a message. Raises DeliveryError for one that no mail server would take."""
        if not message["From"] or not message["To"]:
            raise DeliveryError("The mail has no sender or no recipient.", permanent=True)
        try:
            raw = message.as_bytes(policy=message.policy.clone(**_ON_THE_WIRE)).decode("ascii")
        except (UnicodeError, ValueError) as error:
            raise DeliveryError("The mail cannot be written down for the wire.", permanent=True) from error
        with self._lock:
            self._mails = [*self._mails, Mail(str(self._next), raw)][-_KEPT:]
            self._next += 1
        self.on_change()

    @property
    def mails(self) -> Sequence[Mail]:
        """Oldest first."""
        return tuple(self._mails)

    @property
    def messages(self) -> Sequence[EmailMessage]:
        """Oldest first, parsed from what went over the wire."""
        return tuple(mail.message for mail in self._mails)

    def find(self, mail_id: str) -> Mail | None:
        return next((mail for mail in self._mails if mail.id == mail_id), None)

    def to_json(self) -> JSON:
        with self._lock:
            return {"next": self._next, "mails": [{"id": mail.id, "raw": mail.raw} for mail in self._mails]}

    def restore(self, kept: Any) -> None:
        """Raises KeyError, TypeError or ValueError where `kept` is something else."""
        mails, following = [Mail(**one) for one in kept["mails"]], int(kept["next"])
        with self._lock:
            self._mails, self._next = mails, following


def summary(mail: Mail, *, read: bool) -> JSON:
    """A line of the mailbox."""
    headers = mail.headers
    words = " ".join(_text(mail.message, "plain").split())
    return {
        "id": mail.id,
        "to": headers["To"],
        "from": headers["From"],
        "subject": headers.get("Subject", ""),
        "date": headers.get("Date", ""),
        "preview": words[:_PREVIEW_LENGTH],
        "read": read,
    }


def details(mail: Mail) -> JSON:
    """The opened mail: headers, both texts, the calendar part, attachments by name and size."""
    message = mail.message
    calendar = next((p for p in message.walk() if p.get_content_type() == "text/calendar"), None)
    return {
        "id": mail.id,
        "headers": [[name, value] for name, value in mail.headers.items()],
        "text": _text(message, "plain"),
        "html": _text(message, "html"),
        "attachments": [
            {
                "name": part.get_filename() or "",
                "type": part.get_content_type(),
                "size": len(part.get_payload(decode=True) or b""),
            }
            for part in message.iter_attachments()
        ],
        "ics": calendar.get_content() if isinstance(calendar, EmailMessage) else "",
    }


def html_part(mail: Mail) -> str:
    """The HTML part, so that its links open beside the mailbox and not inside it; empty: there is none."""
    html = _text(mail.message, "html")
    base = '<base target="_blank">'
    return html.replace("<head>", f"<head>{base}", 1) if "<head>" in html else base + html if html else ""


def _text(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if part is not None else ""
