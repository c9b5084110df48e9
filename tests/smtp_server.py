"""A mail server on the loopback interface that keeps what it is given, or refuses it as told (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.servers import DEADLINE_S, eventually


@dataclass(frozen=True)
class Envelope:
    """One accepted mail: the envelope's addresses, and the message within."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


class SmtpServer(socketserver.ThreadingTCPServer):
    """Accepts everything but what has a reply of its own, by command; `CONNECT` and `.` are before and after the rest.

    With `tls` it offers STARTTLS, or speaks TLS from the first byte.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, replies: Mapping[str, str] | None = None, *, tls: ssl.SSLContext | None = None, tls_at_once: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.replies = replies or {}
        self.tls = tls
        self.tls_at_once = tls_at_once
        self.secured = 0
        self.lines: list[str] = []
        """Every command as it came, refused or not."""
        self.envelopes: list[Envelope] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle is part of some tests."""

    def wait_for(self, count: int) -> list[Envelope]:
        """The accepted mails, once there are that many."""
        eventually(lambda: len(self.envelopes) >= count, f"{count} mails")
        return list(self.envelopes)


@contextmanager
def smtp_server(server: SmtpServer | None = None) -> Iterator[SmtpServer]:
    """A server that listens while the block runs."""
    with server or SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Session(socketserver.StreamRequestHandler):
    server: SmtpServer
    timeout = DEADLINE_S

    def handle(self) -> None:
        if self.server.tls is not None and self.server.tls_at_once:
            self._secure()
        self._say(self._reply_to("CONNECT", "220 mail.example ESMTP"))
        sender, recipients = "", list[str]()
        while line := self.rfile.readline().decode(errors="replace").strip():
            self.server.lines.append(line)
            command = line.split(maxsplit=1)[0].upper()
            match command:
                case "QUIT":
                    self._say("221 Bye")
                    return
                case "EHLO" | "HELO":
                    offers = ["mail.example", "8BITMIME", "AUTH PLAIN", *self._offer_of_tls()]
                    reply = "".join(f"250-{offer}\r\n" for offer in offers) + "250 SMTPUTF8"
                case "STARTTLS":
                    self._say("220 Go on")
                    self._secure()
                    continue
                case "AUTH":
                    reply = self._reply_to("AUTH", "235 Welcome")
                case "MAIL":
                    sender, recipients = _address(line), []
                    reply = self._reply_to("MAIL", "250 OK")
                case "RCPT":
                    reply = self._reply_to("RCPT", "250 OK")
                    if reply.startswith("2"):
                        recipients.append(_address(line))
                case "DATA":
                    self._say("354 Go on")
                    content = self._content()
                    reply = self._reply_to(".", "250 Kept")
                    if reply.startswith("2"):
                        self.server.envelopes.append(Envelope(sender, tuple(recipients), content))
                case "RSET" | "NOOP":
                    reply = "250 OK"
                case _:
                    reply = "502 Not known here"
            self._say(reply)

    def finish(self) -> None:
        super().finish()
        self.request.close()  # what TLS has been put around

    def _reply_to(self, command: str, otherwise: str) -> str:
        return self.server.replies.get(command, otherwise)

    def _offer_of_tls(self) -> list[str]:
        return ["STARTTLS"] if self.server.tls is not None and not isinstance(self.request, ssl.SSLSocket) else []

    def _secure(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.server.secured += 1
        self.setup()

    def _content(self) -> bytes:
        """The text up to the lonely dot, its doubled dots made single again."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
