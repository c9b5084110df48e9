"""`python -m bot …` as an operator starts it: wrong settings end it with status 2 and one line."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.servers import bare_environ, free_port

REAL = {
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_BOT_TOKEN": "xoxb-1-2-three",
    "PUBLIC_URL": "https://invite.acme.com",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SMTP_URL": "smtp://127.0.0.1:2525",
    "MAIL_FROM": "invites@acme.com",
}


def start(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env={**bare_environ(), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.parametrize("command", ["run", "web", "worker", "migrate", "rotate-keys"])
def test_a_wrong_setting_ends_every_command_with_one_line(tmp_path: Path, command: str) -> None:
    ended = start(tmp_path, command, **{**REAL, "DATABASE_URL": "mysql://dana:hunter2@localhost/x"})
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert "DATABASE_URL" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("missing", sorted(REAL))
def test_a_real_start_does_not_fall_back_to_the_playground(tmp_path: Path, missing: str) -> None:
    ended = start(tmp_path, "run", **{**REAL, missing: ""})
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert missing in line
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_on_the_machine_may_read_the_database(tmp_path: Path) -> None:
    assert start(tmp_path, "migrate", **REAL).returncode == 0
    assert [path.stat().st_mode & 0o077 for path in tmp_path.glob("inviteonce.db*")] == [0]


@pytest.mark.parametrize("command", ["web", "worker"])
def test_only_run_starts_the_playground(tmp_path: Path, command: str) -> None:
    ended = start(tmp_path, command, PORT=str(free_port()))
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "SLACK_SIGNING_SECRET" in line


@pytest.mark.parametrize("command", ["run", "migrate", "rotate-keys"])
def test_an_unreachable_database_is_one_line(tmp_path: Path, command: str) -> None:
    url = f"postgresql://dana:hunter2@127.0.0.1:{free_port()}/x"
    ended = start(tmp_path, command, **{**REAL, "PORT": str(free_port()), "DATABASE_URL": url})
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "DATABASE_URL" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(("command", "settings"), [("run", REAL), ("web", REAL), ("run", {})])
def test_a_taken_port_is_one_line_and_no_promise(tmp_path: Path, command: str, settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = start(tmp_path, command, **settings, PORT=str(other.getsockname()[1]))
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert "PORT" in line
    assert not list(tmp_path.glob("*.db"))


def test_a_host_of_another_machine_is_one_line(tmp_path: Path) -> None:
    ended = start(tmp_path, "web", **REAL, HOST="192.0.2.1", PORT=str(free_port()))
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "HOST" in line


def test_whoever_has_read_enough_answers_ends_slots_quietly(tmp_path: Path) -> None:
    (tmp_path / "scenarios.jsonl").write_text("{}\n" * 3)
    reader, writer = os.pipe()
    os.close(reader)
    with (tmp_path / "scenarios.jsonl").open("rb") as scenarios:
        ended = subprocess.run(
            [sys.executable, "-m", "bot", "slots"],
            cwd=tmp_path,
            env=bare_environ(),
            stdin=scenarios,
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=200,
            check=False,
        )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_the_file_is_read_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=99999\n")
    ended = start(tmp_path, "run")
    assert ended.returncode == 2
    assert "PORT" in ended.stderr
