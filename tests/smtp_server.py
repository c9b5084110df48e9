"""A mail server on the loopback interface that keeps what it is given, or refuses it as told (RFC 5321)."""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.servers import eventually


@dataclass(frozen=True)
class Envelope:
    """One accepted mail: the envelope's addresses, and the message within."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class SmtpServer(socketserver.ThreadingTCPServer):
    """Accepts everything, until told otherwise with `answer`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.envelopes: list[Envelope] = []
        self.commands: Counter[str] = Counter()
        """How often each command came, refused or not."""
        self._answers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def answer(self, command: str, reply: str | None) -> None:
        """From now on reply so to the command (`RCPT`, `DATA` after the text as `.`); None: accept again."""
        self._answers[command] = reply or ""

    def reply_to(self, command: str, otherwise: str) -> str:
        self.commands[command] += 1
        return self._answers.get(command) or otherwise

    def wait_for(self, count: int) -> list[Envelope]:
        """The accepted mails, once there are that many."""
        eventually(lambda: len(self.envelopes) >= count, f"{count} mails")
        return list(self.envelopes)


@contextmanager
def smtp_server() -> Iterator[SmtpServer]:
    """A server that listens while the block runs."""
    with SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Session(socketserver.StreamRequestHandler):
    server: SmtpServer
    timeout = 20

    def handle(self) -> None:
        self._say(self.server.reply_to("CONNECT", "220 mail.example ESMTP"))
        sender, recipients = "", list[str]()
        while line := self.rfile.readline().decode(errors="replace").strip():
            command = line.split(maxsplit=1)[0].upper()
            if command == "QUIT":
                self._say("221 Bye")
                return
            match command:
                case "EHLO" | "HELO":
                    reply = self.server.reply_to("EHLO", "250-mail.example\r\n250-8BITMIME\r\n250 SMTPUTF8")
                case "MAIL":
                    sender, recipients = _address(line), []
                    reply = self.server.reply_to("MAIL", "250 OK")
                case "RCPT":
                    reply = self.server.reply_to("RCPT", "250 OK")
                    if reply.startswith("2"):
                        recipients.append(_address(line))
                case "DATA":
                    reply = self.server.reply_to("DATA", "354 Go on")
                    if reply.startswith("3"):
                        self._say(reply)
                        content = self._content()
                        reply = self.server.reply_to(".", "250 Kept")
                        if reply.startswith("2"):
                            self.server.envelopes.append(Envelope(sender, tuple(recipients), content))
                case "RSET" | "NOOP":
                    reply = "250 OK"
                case _:
                    reply = self.server.reply_to(command, "502 Not known here")
            self._say(reply)

    def _content(self) -> EmailMessage:
        """The text up to the lonely dot, its doubled dots made single again."""
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def _say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
