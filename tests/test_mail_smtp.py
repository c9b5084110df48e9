"""Mail over a real socket: what is sent, and what each refusal means."""

from __future__ import annotations

import base64
import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.errors import DeliveryError, SettingsError
from bot.mail.messages import Messages
from bot.mail.smtp import SmtpMailer
from bot.ports import Mailer
from tests import customer_cast as cast
from tests.smtp_server import SmtpServer, smtp_server

SENDER = "InviteOnce <invites@inviteonce.example>"


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS context for `localhost`, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem: Path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=str(pem))
    return server, client


def mail() -> EmailMessage:
    return Messages(SENDER).confirmation(cast.mail_context(), cast.meeting(), cast.event())


def refusal(server: SmtpServer, url: str = "smtp://127.0.0.1:{port}") -> DeliveryError:
    with smtp_server(server), pytest.raises(DeliveryError) as caught:
        SmtpMailer(url.format(port=server.port), SENDER, timeout_s=60).send(mail())
    return caught.value


def test_message_arrives_as_it_was_rendered() -> None:
    with smtp_server() as server:
        mailer: Mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)
        mailer.send(mail())
    (received,) = server.envelopes
    assert (received.sender, received.recipients) == ("invites@inviteonce.example", ("anna@acme.com",))
    assert b"Message-ID: <d1@inviteonce.example>" in received.content
    assert b"multipart/mixed" in received.content


def test_starttls_is_used_where_offered(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server_tls, client_tls = contexts
    with smtp_server(SmtpServer(tls=server_tls)) as server:
        SmtpMailer(f"smtp://localhost:{server.port}", SENDER, tls=client_tls).send(mail())
    assert server.secured == 1
    assert len(server.envelopes) == 1


def test_smtps_speaks_tls_from_the_first_byte(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server_tls, client_tls = contexts
    with smtp_server(SmtpServer(tls=server_tls, tls_at_once=True)) as server:
        SmtpMailer(f"smtps://localhost:{server.port}", SENDER, tls=client_tls).send(mail())
    assert server.secured == 1
    assert len(server.envelopes) == 1


def test_certificate_of_somebody_else_gets_no_mail(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    error = refusal(SmtpServer(tls=contexts[0]), "smtp://localhost:{port}")
    assert not error.permanent
    assert "secure connection" in str(error)


def test_user_and_password_are_percent_decoded() -> None:
    with smtp_server(SmtpServer({"AUTH": "235 welcome"})) as server:
        SmtpMailer(f"smtp://dana%40fox:p%3Aw%2Fd@127.0.0.1:{server.port}", SENDER).send(mail())
    (login,) = [command for command in server.lines if command.startswith("AUTH")]
    assert base64.b64decode(login.split()[-1]) == b"\0dana@fox\0p:w/d"


@pytest.mark.parametrize(
    ("replies", "permanent"),
    [
        ({"RCPT": "550 no such user"}, True),
        ({"RCPT": "451 greylisted, come back"}, False),
        ({"RCPT": "421 closing"}, False),
        ({".": "554 looks like spam"}, True),
        ({".": "452 disk full"}, False),
        ({"MAIL": "550 sender unknown"}, False),
        ({"MAIL": "451 later"}, False),
        ({"CONNECT": "554 not you"}, False),
        ({"CONNECT": "421 too busy"}, False),
    ],
)
def test_only_a_refusal_of_recipient_or_message_is_final(replies: dict[str, str], permanent: bool) -> None:
    error = refusal(SmtpServer(replies))
    assert error.permanent is permanent
    assert "anna" not in str(error)


def test_refused_login_can_be_mended_within_the_day() -> None:
    error = refusal(SmtpServer({"AUTH": "535 wrong"}), "smtp://u:secret@127.0.0.1:{port}")
    assert not error.permanent
    assert "SMTP_URL" in str(error)
    assert "secret" not in str(error)


def test_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(DeliveryError) as caught:
        SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(mail())
    assert not caught.value.permanent


def test_silent_server_is_left_after_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(DeliveryError) as caught:
            SmtpMailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}", SENDER, timeout_s=0.2).send(mail())
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("url", "sender", "variable"),
    [
        ("http://mail.example.com", SENDER, "SMTP_URL"),
        ("smtp://", SENDER, "SMTP_URL"),
        ("smtp://host:abc", SENDER, "SMTP_URL"),
        ("smtp://[host", SENDER, "SMTP_URL"),
        ("smtp://host", "nobody", "MAIL_FROM"),
    ],
)
def test_useless_settings_are_named(url: str, sender: str, variable: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        SmtpMailer(url, sender)
