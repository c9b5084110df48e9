"""The product's web process for benchmarks: real settings but for a built-in calendar, so that no network is measured.

`python -m tests.benchmarks.product PORT SLACK_API_URL FOLDER PEOPLE`
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import uvicorn
from cryptography.fernet import Fernet

from bot.app import Product, compose, utc_now
from bot.domain.calendar import Attendee, Connection, Event
from bot.domain.ids import ConnectionId, UserId, WorkspaceId
from bot.settings import load

SIGNING_SECRET = "benchmark"
TEAM_ID = "T0BENCH"
BUSY_TIMES = 300


def user_id(number: int) -> str:
    return f"U0BENCH{number:02}"


def main() -> None:
    port, api_url, folder, people = sys.argv[1:]
    settings = load(
        {
            "PORT": port,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.db'}",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_API_URL": api_url,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "MAIL_FROM": "bench@northwind.example",
        }
    )
    assert settings.slack is not None
    product = compose(settings, settings.slack, with_builtin_calendar=True)
    product.database.migrate()
    for number in range(int(people)):
        fill(product, UserId(user_id(number)))
    uvicorn.run(product.web(), host="127.0.0.1", port=int(port), log_config=None, access_log=False)


def fill(product: Product, user: UserId) -> None:
    """Connect the user's calendar, with busy times all over the next weeks."""
    workspace, account, now = WorkspaceId(TEAM_ID), f"{user}@bench.example".lower(), utc_now()
    day = now.replace(minute=0, second=0, microsecond=0)
    with product.database.unit_of_work(write=True) as unit:
        unit.connections.put(Connection(ConnectionId(f"builtin-{user}"), workspace, user, "builtin", account))
        for number in range(BUSY_TIMES):
            start = day + timedelta(hours=3 * number)
            owner = Attendee(user, account)
            event = Event(f"{user}-{number}", 0, start, start + timedelta(minutes=45), "Busy", owner, ())
            unit.builtin_events.put(workspace, account, event)
        unit.commit()


if __name__ == "__main__":
    main()
