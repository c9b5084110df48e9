"""bot.settings: what a start needs, and the one line it gets otherwise."""

from __future__ import annotations

import base64
import stat
import threading
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.keyfile import kept_key
from bot.settings import Settings, load

KEY = base64.urlsafe_b64encode(b"a key of the tests, 32 bytes it is"[:32]).decode()
OLD_KEY = base64.urlsafe_b64encode(b"another key of the tests, 32 too."[:32]).decode()
SLACK = {"SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5", "SLACK_BOT_TOKEN": "xoxb-1-2-three"}
REAL = {
    **SLACK,
    "PUBLIC_URL": "https://invite.acme.com",
    "ENCRYPTION_KEYS": KEY,
    "SMTP_URL": "smtp://mailer:pa%40ss@mail.acme.com:587",
    "MAIL_FROM": "Acme <invites@acme.com>",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: empty, and nobody else's."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def real(**changed: str) -> Settings:
    """A real workspace's settings with some variables changed; an empty one is a missing one."""
    return load({**REAL, **changed})


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load(environ)
    assert "\n" not in str(refused.value)
    return str(refused.value)


# ---------------------------------------------------------------- the playground


def test_nothing_at_all_is_the_playground_with_its_defaults() -> None:
    settings = load({})
    assert settings.playground
    assert (settings.web.host, settings.web.port, settings.web.public_url) == (
        "127.0.0.1",
        3000,
        "http://127.0.0.1:3000",
    )
    assert settings.database.url.get_secret_value() == "sqlite:///inviteonce.db"
    assert settings.command == "/invite"
    assert settings.mail.smtp_url is None
    assert (settings.log.level, settings.log.format) == ("INFO", "text")


def test_the_playgrounds_key_is_made_once_and_is_its_owners_alone(folder: Path) -> None:
    first = load({}).database.encryption_keys
    assert load({}).database.encryption_keys == first
    key_file = folder / "inviteonce.key"
    assert key_file.read_text().strip() == first[0].get_secret_value()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["inviteonce.key"]


def test_the_key_lies_beside_the_database(folder: Path) -> None:
    (folder / "data").mkdir()
    load({"DATABASE_URL": f"sqlite:///{folder}/data/story.db"})
    load({"DATABASE_URL": "sqlite:///data/story.db"})
    assert [path.name for path in folder.rglob("*.key")] == ["inviteonce.key"]
    assert (folder / "data" / "inviteonce.key").exists()


def test_with_a_database_server_the_key_lies_in_the_working_directory(folder: Path) -> None:
    load({"DATABASE_URL": "postgresql://localhost/inviteonce"})
    assert (folder / "inviteonce.key").exists()


def test_processes_that_start_at_once_agree_on_the_key(folder: Path) -> None:
    keys: list[str] = []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        keys.append(kept_key(folder / "inviteonce.key"))

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_damaged_key_file_is_never_overwritten(folder: Path) -> None:
    (folder / "inviteonce.key").write_text("half a k")
    text = refusal({})
    assert "ENCRYPTION_KEYS" in text
    assert "inviteonce.key" in text
    assert (folder / "inviteonce.key").read_text() == "half a k"


def test_a_refused_start_leaves_no_key_behind(folder: Path) -> None:
    for wrong in ({"PORT": "no"}, {"LOG_LEVEL": "no"}, {"SLACK_COMMAND": "no"}, {"MAIL_FROM": "a@b.c"}, {"HOST": "::"}):
        refusal(wrong)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "public_url"),
    [
        ("localhost", "http://127.0.0.1:3000"),
        ("127.0.0.2", "http://127.0.0.2:3000"),
        ("::1", "http://[::1]:3000"),
    ],
)
def test_the_playground_can_be_reached_where_it_says(host: str, public_url: str) -> None:
    assert load({"HOST": host}).web.public_url == public_url


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", "127.0.0.1.example.com"])
def test_the_playground_is_for_this_machine_only(host: str) -> None:
    assert refusal({"HOST": host}).startswith("HOST ")


def test_the_playground_may_send_real_mail() -> None:
    settings = load({"SMTP_URL": "smtp://127.0.0.1:2525", "MAIL_FROM": "me@acme.com"})
    assert settings.playground
    assert settings.mail.smtp_url is not None


def test_the_commands_name_alone_is_still_the_playground() -> None:
    settings = load({"SLACK_COMMAND": "/inviteonce"})
    assert settings.playground
    assert settings.command == "/inviteonce"


# ---------------------------------------------------------------- a real workspace


def test_a_real_workspace() -> None:
    settings = real()
    assert not settings.playground
    assert settings.slack is not None
    assert settings.slack.bot_token.get_secret_value() == "xoxb-1-2-three"
    assert settings.slack.api_url == "https://slack.com/api/"
    assert settings.web.public_url == "https://invite.acme.com"
    assert settings.mail.sender == "Acme <invites@acme.com>"


def test_a_real_workspace_leaves_no_key_file(folder: Path) -> None:
    real()
    assert list(folder.iterdir()) == []


def test_a_real_workspace_may_listen_everywhere() -> None:
    assert real(HOST="0.0.0.0").web.host == "0.0.0.0"
    assert real(HOST="::").web.host == "::"


@pytest.mark.parametrize("name", sorted(REAL))
def test_each_required_variable_is_named_when_it_is_missing(name: str) -> None:
    assert refusal({**REAL, name: ""}).startswith(f"{name} is missing")


def test_keys_come_newest_first() -> None:
    keys = real(ENCRYPTION_KEYS=f"{KEY}, {OLD_KEY}").database.encryption_keys
    assert [key.get_secret_value() for key in keys] == [KEY, OLD_KEY]


def test_no_secret_is_in_the_repr() -> None:
    shown = repr(real(DATABASE_URL="postgresql://dana:hunter2@db/inviteonce"))
    for secret in (KEY, "hunter2", "pa%40ss", SLACK["SLACK_BOT_TOKEN"], SLACK["SLACK_SIGNING_SECRET"]):
        assert secret not in shown


# ---------------------------------------------------------------- where values come from


def test_the_environment_beats_the_file(folder: Path) -> None:
    (folder / ".env").write_text("PORT=4000\nLOG_FORMAT=json\n")
    settings = load({"PORT": "5000"}, folder / ".env")
    assert (settings.web.port, settings.log.format) == (5000, "json")


def test_an_empty_value_is_a_missing_one(folder: Path) -> None:
    (folder / ".env").write_text("PORT=4000\nLOG_FORMAT=\n")
    settings = load({"PORT": "", "SLACK_BOT_TOKEN": "  "}, folder / ".env")
    assert settings.web.port == 4000
    assert settings.playground


def test_a_file_that_is_not_there_says_nothing(folder: Path) -> None:
    assert load({}, folder / ".env").playground


def test_space_around_a_value_does_not_count() -> None:
    assert real(SLACK_SIGNING_SECRET=" abc\n").slack == real(SLACK_SIGNING_SECRET="abc").slack


# ---------------------------------------------------------------- half given


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SLACK_SIGNING_SECRET": "abc"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_API_URL": "https://slack-gov.com/api/"}, "SLACK_SIGNING_SECRET"),
        ({**SLACK, "SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_SECRET"),
        ({**SLACK, "SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_ID"),
        ({"SMTP_URL": "smtp://mail.acme.com"}, "MAIL_FROM"),
        ({"MAIL_FROM": "invites@acme.com"}, "SMTP_URL"),
    ],
)
def test_half_a_combination_names_the_other_half(given: dict[str, str], named: str) -> None:
    assert refusal(given).startswith(f"{named} is missing")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SLACK_APP_TOKEN": "xapp-1", "SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({**SLACK, "SLACK_APP_TOKEN": "xapp-1"}, "SLACK_APP_TOKEN"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s", "SLACK_SIGNING_SECRET": "abc"}, "SLACK_CLIENT_ID"),
        ({"SLACK_CLIENT_SECRET": "s"}, "SLACK_CLIENT_SECRET"),
    ],
)
def test_ways_that_do_not_exist_yet_are_not_taken_for_the_playground(given: dict[str, str], named: str) -> None:
    text = refusal(given)
    assert text.startswith(named)
    assert "not available yet" in text


# ---------------------------------------------------------------- wrong


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("PORT", port) for port in ("0", "65536", "-1", "3000.0", "3_000", "٣٠٠٠", "http", "99999999999")),
        *(("HOST", host) for host in ("http://0.0.0.0", "a b", "0.0.0.0:80", "-x")),
        *(
            ("PUBLIC_URL", url)
            for url in (
                "invite.acme.com",
                "ftp://acme.com",
                "https://",
                "https://acme.com/app",
                "https://acme.com/?x=1",
                "https://acme.com#x",
                "https://u:p@acme.com",
                "https://acme.com:http",
                "https://acme.com:0",
                "https://ac me.com",
                "https://[::1",
                "https://acme.com\r\nX: y",
            )
        ),
        *(
            ("DATABASE_URL", url)
            for url in (
                "inviteonce.db",
                "mysql://localhost/x",
                "sqlite://",
                "sqlite:///",
                "sqlite:///:memory:",
                "sqlite:////nowhere/at/all.db",
                "sqlite:////tmp",
                "postgresql://db:port/x",
            )
        ),
        *(("ENCRYPTION_KEYS", keys) for keys in ("secret", f"{KEY},", f"{KEY},x", KEY[:-2], f"{KEY} {KEY}", "ключ")),
        *(("SLACK_SIGNING_SECRET", secret) for secret in ("two words", "schlüssel")),
        *(("SLACK_BOT_TOKEN", token) for token in ("xoxp-1-2", "xapp-1", "token", "xoxb-1 2", "xoxb-1\n2")),
        *(("SLACK_API_URL", url) for url in ("slack.com/api", "https://slack.com/api/?x", "file:///etc/passwd")),
        *(("SLACK_COMMAND", command) for command in ("invite", "/", "/Invite", "/in vite", "/" + "x" * 32)),
        *(
            ("SMTP_URL", url)
            for url in (
                "mail.acme.com:587",
                "http://mail.acme.com",
                "smtp://",
                "smtp://user@mail.acme.com",
                "smtp://mail.acme.com:smtp",
                "smtp://mail.acme.com/path",
                "smtp://mail.acme.com?x=1",
            )
        ),
        *(
            ("MAIL_FROM", sender)
            for sender in (
                "acme.com",
                "@acme.com",
                "a@",
                "a@b@c.com",
                "a@b.com, c@d.com",
                "Acme <a b@c.com>",
                "Acme <>",
                "a@b.com\r\nBcc: c@d.com",
            )
        ),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", "NOTSET"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(name: str, value: str) -> None:
    assert name in refusal({**REAL, name: value})


def test_what_was_wrong_with_a_secret_is_not_repeated() -> None:
    assert "hunter2" not in refusal({**REAL, "ENCRYPTION_KEYS": "hunter2"})
    assert "hunter2" not in refusal({**REAL, "SMTP_URL": "smtp://hunter2@mail.acme.com"})
    assert "hunter2" not in refusal({**REAL, "DATABASE_URL": "postgresql://dana:hunter2@db:x/y"})


# ---------------------------------------------------------------- made uniform


def test_postgres_is_called_postgresql() -> None:
    url = real(DATABASE_URL="postgres://dana:pw@db.acme.com:5432/inviteonce?sslmode=require").database.url
    assert url.get_secret_value() == "postgresql://dana:pw@db.acme.com:5432/inviteonce?sslmode=require"


@pytest.mark.parametrize("written", ["https://slack-gov.com/api", "https://slack-gov.com/api/"])
def test_slacks_address_ends_with_one_slash(written: str) -> None:
    slack = real(SLACK_API_URL=written).slack
    assert slack is not None
    assert slack.api_url == "https://slack-gov.com/api/"


def test_a_pretend_slack_may_hand_out_other_tokens() -> None:
    assert real(SLACK_API_URL="http://127.0.0.1:9/api/", SLACK_BOT_TOKEN="test-token").slack is not None


def test_the_public_address_loses_its_last_slash() -> None:
    assert real(PUBLIC_URL="https://invite.acme.com:8443/").web.public_url == "https://invite.acme.com:8443"


def test_names_of_log_settings_are_taken_in_any_case_of_letters() -> None:
    log = real(LOG_LEVEL="debug", LOG_FORMAT="JSON").log
    assert (log.level, log.format) == ("DEBUG", "json")


# ---------------------------------------------------------------- CalDAV


def test_caldav_servers_are_on_the_public_internet_only_unless_networks_are_listed() -> None:
    assert real().caldav.allowed_networks == ()
    listed = real(CALDAV_ALLOWED_NETWORKS="10.20.0.0/16, fd00:20::/64,127.0.0.1,").caldav.allowed_networks
    assert [str(network) for network in listed] == ["10.20.0.0/16", "fd00:20::/64", "127.0.0.1/32"]


def test_caldav_servers_may_be_anywhere_in_the_playground() -> None:
    assert [str(network) for network in load({}).caldav.allowed_networks] == ["0.0.0.0/0", "::/0"]


@pytest.mark.parametrize("written", ["everywhere", "10.20.0.1/16", "10.0.0.0/33", "10.0.0.0/8 192.168.0.0/16"])
def test_network_that_is_none_is_named(written: str) -> None:
    assert refusal({**REAL, "CALDAV_ALLOWED_NETWORKS": written}).startswith("CALDAV_ALLOWED_NETWORKS: ")
