"""`python -m bot doctor`: what it finds, asked of real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.doctor import Finding, Verdict, examine
from bot.domain.calendar import ConnectionState
from bot.settings import load
from storage.database import Database
from tests.cast import NOW
from tests.databases import KEYS
from tests.servers import free_port
from tests.slack_web_api import WebApi, web_api
from tests.smtp_server import SmtpServer, smtp_server
from tests.storage_cast import a_connection, a_delivery
from tests.test_start import start

Examine = Callable[..., dict[str, Finding]]


@pytest.fixture
def servers() -> Iterator[tuple[WebApi, SmtpServer]]:
    with ExitStack() as stack:
        api, smtp = stack.enter_context(web_api()), stack.enter_context(smtp_server())
        api.knows("auth.test", "", {})
        yield api, smtp


@pytest.fixture
def settings(servers: tuple[WebApi, SmtpServer], sqlite_url: str) -> dict[str, str]:
    """Those of an installation in which all is well."""
    api, smtp = servers
    for _ in range(3):
        api.will_answer("auth.test", {"ok": True, "team": "Northwind"})
    return {
        "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
        "SLACK_BOT_TOKEN": "xoxb-1-2-three",
        "SLACK_API_URL": f"{api.url}/api/",
        "PUBLIC_URL": "https://invite.acme.example",
        "ENCRYPTION_KEYS": KEYS[0],
        "DATABASE_URL": sqlite_url,
        "SMTP_URL": smtp.url,
        "MAIL_FROM": "invites@acme.example",
    }


def found(environ: dict[str, str]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine(load(environ), lambda: NOW)}


def wrong(environ: dict[str, str]) -> list[str]:
    return [subject for subject, finding in found(environ).items() if finding.verdict is Verdict.WRONG]


def test_all_is_well(settings: dict[str, str]) -> None:
    findings = found(settings)
    notes = {"Google", "Microsoft 365", "Zoom"}
    assert wrong(settings) == []
    assert {subject for subject, finding in findings.items() if finding.verdict is Verdict.NOTE} == notes
    assert findings["Slack"].text == "connected to the workspace Northwind"
    assert "GOOGLE_CLIENT_ID" in findings["Google"].text
    assert "MICROSOFT_CLIENT_ID" in findings["Microsoft 365"].text
    assert "ZOOM_ACCOUNT_ID" in findings["Zoom"].text


def test_zoom_that_is_set_is_offered(settings: dict[str, str]) -> None:
    zoom = {"ZOOM_ACCOUNT_ID": "account", "ZOOM_CLIENT_ID": "id", "ZOOM_CLIENT_SECRET": "secret"}
    assert found(settings | zoom)["Zoom"].verdict is Verdict.FINE


def test_calendar_client_that_is_set_names_its_redirect_address(settings: dict[str, str]) -> None:
    for name, key in (("Google", "google"), ("Microsoft 365", "microsoft")):
        client = {f"{key.upper()}_CLIENT_ID": "id", f"{key.upper()}_CLIENT_SECRET": "secret"}
        finding = found(settings | client)[name]
        assert finding.verdict is Verdict.FINE
        assert f"https://invite.acme.example/connect/callback/{key}" in finding.text
        assert {"google": "Admin SDK API", "microsoft": "Place.Read.All"}[key] in finding.text


def test_schema_that_is_not_current_is_wrong(settings: dict[str, str], tmp_path: Path) -> None:
    findings = found(settings | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"})
    assert findings["Database"].verdict is Verdict.WRONG
    assert "python -m bot migrate" in findings["Database"].text


def test_token_that_slack_refuses_is_wrong(settings: dict[str, str], servers: tuple[WebApi, SmtpServer]) -> None:
    servers[0].next_answers["auth.test"].clear()
    servers[0].refuses("auth.test", "invalid_auth")
    assert "invalid_auth" in found(settings)["Slack"].text


@pytest.mark.parametrize(
    ("name", "subject"), [("SLACK_API_URL", "Slack"), ("SMTP_URL", "Mail")], ids=["Slack", "mail server"]
)
def test_server_that_is_away_is_wrong(settings: dict[str, str], name: str, subject: str) -> None:
    scheme = "smtp" if name == "SMTP_URL" else "http"
    assert wrong(settings | {name: f"{scheme}://127.0.0.1:{free_port()}/"}) == [subject]


def test_mail_is_not_sent(settings: dict[str, str], servers: tuple[WebApi, SmtpServer]) -> None:
    found(settings)
    assert [line.split()[0].upper() for line in servers[1].lines] == ["EHLO", "NOOP", "QUIT"]
    assert servers[1].envelopes == []


def test_delivery_that_nobody_takes_is_wrong(settings: dict[str, str], sqlite_database: Database) -> None:
    with sqlite_database.unit_of_work(write=True) as unit:
        unit.outbox.add(a_delivery(created_at=NOW - timedelta(minutes=5), due_at=NOW - timedelta(minutes=5)))
        unit.commit()
    deliveries = found(settings)["Deliveries"]
    assert deliveries.verdict is Verdict.WRONG
    assert "due for 5 minutes" in deliveries.text


def test_delivery_that_waits_for_its_time_is_not_late(settings: dict[str, str], sqlite_database: Database) -> None:
    with sqlite_database.unit_of_work(write=True) as unit:
        unit.outbox.add(a_delivery(created_at=NOW, due_at=NOW + timedelta(hours=2)))
        unit.outbox.add(a_delivery(created_at=NOW, due_at=NOW))
        unit.commit()
    assert wrong(settings) == []


def test_broken_connections_are_counted_and_nobody_is_named(
    settings: dict[str, str], sqlite_database: Database
) -> None:
    broken = a_connection(state=ConnectionState.BROKEN, remind_at=NOW + timedelta(days=7))
    with sqlite_database.unit_of_work(write=True) as unit:
        unit.connections.put(broken)
        unit.connections.put(a_connection())
        unit.commit()
    findings = found(settings)
    assert findings["Connections"].text.startswith("1 broken. Its owner has been told")
    assert broken.account not in "".join(map(str, findings.values()))


def test_key_that_does_not_fit_is_wrong(settings: dict[str, str], sqlite_database: Database) -> None:
    broken = a_connection(state=ConnectionState.BROKEN, remind_at=NOW)
    with sqlite_database.unit_of_work(write=True) as unit:
        unit.connections.put(replace(broken, credentials="secret"))
        unit.commit()
    findings = found(settings | {"ENCRYPTION_KEYS": Fernet.generate_key().decode()})
    assert findings["Encryption"].verdict is Verdict.WRONG


def test_secrets_are_not_printed(settings: dict[str, str]) -> None:
    text = "".join(map(str, found(settings).values()))
    for name in ("SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "ENCRYPTION_KEYS"):
        assert settings[name] not in text


def test_command_says_it_line_by_line_with_its_status(settings: dict[str, str], tmp_path: Path) -> None:
    well = start(tmp_path, "doctor", **settings)
    assert (well.returncode, well.stderr) == (0, "")
    assert "ok     Database: reachable" in well.stdout
    ill = start(tmp_path, "doctor", **settings | {"SMTP_URL": f"smtp://127.0.0.1:{free_port()}"})
    assert ill.returncode == 1
    assert "WRONG  Mail: The mail server could not be reached." in ill.stdout


def test_playground_needs_neither_slack_nor_mail(tmp_path: Path) -> None:
    ended = start(tmp_path, "doctor", DATABASE_URL=f"sqlite:///{tmp_path}/new.db")
    assert ended.returncode == 1, "its database is made by the first run"
    assert "python -m bot run starts the playground" in ended.stdout
