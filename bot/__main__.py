"""The command line: `python -m bot run | web | worker | migrate | manifest | slots | doctor | rotate-keys`."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import InviteOnceError, SettingsError

if TYPE_CHECKING:
    from socket import socket

    from starlette.applications import Starlette

    from bot.app import Product
    from bot.settings import Settings
    from storage.database import Database

log = logging.getLogger("bot")

DOTENV = Path(".env")
_NEW_OBJECTS = 50_000
"""So many are made between two looks for garbage: what is imported stays, and looking through it takes time."""
PLAYGROUND_FILE = "inviteonce-playground.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. What a command needs is imported when it runs."""
    options = _parser().parse_args(arguments)
    gc.set_threshold(_NEW_OBJECTS)
    os.umask(0o077)  # a database file holds names and addresses, which are nobody else's on this machine
    try:
        status: int = options.run(options)
    except SettingsError as error:
        print(f"inviteonce: {error}", file=sys.stderr)
        return 2
    except InviteOnceError as error:
        print(f"inviteonce: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="InviteOnce for Slack")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    command("run", _run, "web and worker in one process; with no Slack settings: the playground")
    command("web", _web, "the web process")
    command("worker", _worker, "the worker process")
    command("migrate", _migrate, "bring the database's schema up to date")
    manifest = command("manifest", _manifest, "print the Slack manifest for this installation")
    manifest.add_argument("--command", help="the slash command (default: SLACK_COMMAND, or /invite)")
    manifest.add_argument("--url", help="the public address (default: PUBLIC_URL)")
    slots = command("slots", _slots, "answer scenarios, one JSON object a line, from standard input")
    slots.add_argument("--explain", action="store_true", help="say also what each resource costs")
    command("doctor", _doctor, "say what is right and wrong with this installation; status 1 if anything is wrong")
    command("rotate-keys", _rotate_keys, "encrypt every secret again with the newest key")
    return parser


def _settings() -> Settings:
    """The settings, and the log as they want it."""
    from bot.logs import configure_logging
    from bot.settings import load

    settings = load(os.environ, DOTENV)
    configure_logging(settings.log.level, settings.log.format)
    return settings


def _compose(settings: Settings) -> Product:
    from bot.app import compose

    if settings.slack is None:
        raise SettingsError(
            "SLACK_SIGNING_SECRET and SLACK_BOT_TOKEN are missing; the playground is started by: python -m bot run"
        )
    return compose(settings, settings.slack)


def _database(settings: Settings) -> Database:
    from storage.database import open_database

    keys = [key.get_secret_value() for key in settings.database.encryption_keys]
    return open_database(settings.database.url.get_secret_value(), keys)


# ---------------------------------------------------------------- processes


def _run(_options: argparse.Namespace) -> int:
    from bot.web.server import listen

    settings = _settings()
    if settings.playground:
        return _run_playground(settings)
    listener = listen(settings.web.host, settings.web.port)
    _bring_up_to_date(settings)
    product = _compose(settings)
    return _serve_with_worker(product, product.web(), listener)


def _run_playground(settings: Settings) -> int:
    """The real product in a pretend Slack, both behind one address."""
    import secrets
    from functools import partial

    from pydantic import SecretStr

    from bot.app import compose, utc_now
    from bot.calendars.builtin import BuiltinCalendar
    from bot.manifest import manifest
    from bot.playground.belongings import LISTED
    from bot.playground.playground import Playground
    from bot.playground.seed import seed
    from bot.settings import SlackSettings
    from bot.systems import builtin_calendar
    from bot.web.server import listen

    listener = listen(settings.web.host, settings.web.port)
    url = settings.web.public_url
    signing_secret, bot_token = secrets.token_hex(16), f"xoxb-playground-{secrets.token_hex(16)}"
    database = _database(settings)
    database.migrate()
    calendar = BuiltinCalendar(database.unit_of_work)
    playground = Playground(
        app_url=url,
        own_url=url,
        signing_secret=signing_secret,
        bot_token=bot_token,
        manifest=manifest(settings.command),
        clock=utc_now,
        events_of=lambda account, window: calendar.events(playground.workspace_id, account, window),
        save_to=Path(PLAYGROUND_FILE),
    )
    seed(database.unit_of_work, playground.workspace_id, playground.cast, utc_now())
    slack = SlackSettings(SecretStr(signing_secret), SecretStr(bot_token), playground.api_url)
    calendars = partial(builtin_calendar, listed_rooms=LISTED)
    product = compose(settings, slack, mailer=playground.mailbox, calendars=calendars)
    print(f"InviteOnce is running. Open {url} and press Enter.", flush=True)
    try:
        return _serve_with_worker(product, product.web(playground.routes), listener, playground.end_streams)
    finally:
        playground.close()
        database.close()


def _web(_options: argparse.Namespace) -> int:
    from bot.web.server import listen, serve

    settings = _settings()
    listener = listen(settings.web.host, settings.web.port)
    product = _compose(settings)
    log.info("The web process listens on http://%s:%d", settings.web.host, settings.web.port)
    try:
        serve(product.web(), listener, product.hurry)
    finally:
        product.close()
    return 0


def _worker(_options: argparse.Namespace) -> int:
    product = _compose(_settings())
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    worker = product.worker()
    worker.start()
    log.info("The worker is running.")
    stopped.wait()
    product.hurry()
    worker.stop()
    product.close()
    return 0


def _serve_with_worker(
    product: Product, app: Starlette, listener: socket, on_exit: Callable[[], None] = lambda: None
) -> int:
    from bot.web.server import serve

    def hurry() -> None:
        on_exit()
        product.hurry()

    worker = product.worker()
    worker.start()
    try:
        serve(app, listener, hurry)
    finally:
        worker.stop()
        product.close()
    return 0


# ---------------------------------------------------------------- operations


def _migrate(_options: argparse.Namespace) -> int:
    _bring_up_to_date(_settings())
    return 0


def _bring_up_to_date(settings: Settings) -> None:
    database = _database(settings)
    try:
        database.migrate()
    finally:
        database.close()


def _rotate_keys(_options: argparse.Namespace) -> int:
    database = _database(_settings())
    print(f"{database.rotate_keys()} secrets are encrypted with the newest key now.")
    database.close()
    return 0


def _doctor(_options: argparse.Namespace) -> int:
    from bot.app import utc_now
    from bot.doctor import Verdict, examine

    findings = []
    for finding in examine(_settings(), utc_now):
        print(finding, flush=True)
        findings.append(finding)
    return 1 if any(finding.verdict is Verdict.WRONG for finding in findings) else 0


def _manifest(options: argparse.Namespace) -> int:
    from bot import manifest
    from bot.variables import given

    values = given(os.environ, DOTENV)
    command = options.command or values.get("SLACK_COMMAND", "/invite")
    url = options.url or values.get("PUBLIC_URL", manifest.PLACEHOLDER_URL)
    print(manifest.render(command, url), end="")
    return 0


def _slots(options: argparse.Namespace) -> int:
    from bot.domain.scenarios import run

    all_understood = True
    try:
        for answer in run(sys.stdin.buffer, explain=options.explain):
            print(answer.text, flush=True)
            all_understood = all_understood and answer.ok
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again while it ends
        return 1
    return 0 if all_understood else 1


if __name__ == "__main__":
    sys.exit(main())
