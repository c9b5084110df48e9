"""A product as an operator installs it: a workspace of its own, a mail server, and the settings for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.fernet import Fernet

from bot.manifest import manifest
from bot.playground.playground import Playground
from tests.pretend_app import Door
from tests.servers import DEADLINE_S, bare_environ, free_port, serving
from tests.smtp_server import SmtpServer, smtp_server


@dataclass(frozen=True)
class Surroundings:
    """`slack` is the workspace's address, `url` the one where the product is to run with `environ`."""

    slack: str
    url: str
    mail: SmtpServer
    environ: Mapping[str, str]


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Everything but the product, which is not started, and calendars."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        mail, door = stack.enter_context(smtp_server()), Door()
        slack = stack.enter_context(serving(door))
        playground = Playground(
            app_url=url,
            own_url=slack,
            signing_secret="a-signing-secret",
            bot_token="xoxb-a-token",
            manifest=manifest("/invite"),
            clock=lambda: datetime.now(UTC),
            events_of=lambda account, window: (),
            answer_within_s=DEADLINE_S,
        )
        stack.callback(playground.close)
        door.behind = playground.asgi
        environ = {
            **bare_environ(),
            "PORT": str(port),
            "PUBLIC_URL": url,
            "SLACK_SIGNING_SECRET": "a-signing-secret",
            "SLACK_BOT_TOKEN": "xoxb-a-token",
            "SLACK_API_URL": playground.api_url,
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SMTP_URL": mail.url,
            "MAIL_FROM": "invites@fox.example",
        }
        yield Surroundings(slack, url, mail, environ)
