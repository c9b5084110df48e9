"""Which calendar systems an installation offers, by its settings."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.ports import Credentials
from bot.services.credentials import StoredCredentials
from bot.settings import load
from bot.systems import CalendarSystems, builtin_calendar, calendar_systems, conference_systems
from storage.database import Database
from tests.servers import bare_environ
from tests.test_start import REAL

GOOGLE = {"GOOGLE_CLIENT_ID": "client", "GOOGLE_CLIENT_SECRET": "secret"}


@pytest.fixture
def credentials(sqlite_database: Database) -> Credentials:
    return StoredCredentials(sqlite_database.unit_of_work, lambda: datetime.now(UTC))


def systems(credentials: Credentials, folder: Path, **environ: str) -> CalendarSystems:
    settings = load({**REAL, "DATABASE_URL": f"sqlite:///{folder}/x.db", **environ})
    with ThreadPoolExecutor(1) as pool:
        return calendar_systems(settings, credentials, lambda: datetime.now(UTC), pool)


def names(found: CalendarSystems) -> list[str]:
    return [one.name for one in (*found.sign_in, *found.password)]


def test_caldav_needs_no_setting(credentials: Credentials, tmp_path: Path) -> None:
    found = systems(credentials, tmp_path)
    assert (list(found.providers), names(found)) == (["caldav"], ["CalDAV"])


def test_google_is_offered_where_its_client_is_set(credentials: Credentials, tmp_path: Path) -> None:
    found = systems(credentials, tmp_path, **GOOGLE)
    assert (sorted(found.providers), names(found)) == (["caldav", "google"], ["Google", "CalDAV"])


def test_microsoft_is_offered_where_its_client_is_set(credentials: Credentials, tmp_path: Path) -> None:
    microsoft = {"MICROSOFT_CLIENT_ID": "client", "MICROSOFT_CLIENT_SECRET": "secret"}
    found = systems(credentials, tmp_path, **GOOGLE, **microsoft)
    assert sorted(found.providers) == ["caldav", "google", "microsoft"]
    assert names(found) == ["Google", "Microsoft 365", "CalDAV"]


def test_sign_in_begins_at_the_address_of_the_settings(credentials: Credentials, tmp_path: Path) -> None:
    [google] = systems(credentials, tmp_path, **GOOGLE, GOOGLE_AUTH_URL="https://google.acme.example/auth").sign_in
    url = google.begin("a-state", "https://invite.acme.com/connect/callback/google", "dana@acme.com").url
    assert url.startswith("https://google.acme.example/auth?")
    assert "a-state" in url


def test_playground_has_its_own_calendar_and_no_other(sqlite_database: Database) -> None:
    found = builtin_calendar(sqlite_database.unit_of_work)
    assert (list(found.providers), found.sign_in, found.password) == (["builtin"], (), ())


def test_zoom_is_offered_where_its_app_is_set(tmp_path: Path) -> None:
    zoom = {"ZOOM_ACCOUNT_ID": "account", "ZOOM_CLIENT_ID": "client", "ZOOM_CLIENT_SECRET": "secret"}

    def offered(**more: str) -> list[str]:
        settings = load({**REAL, "DATABASE_URL": f"sqlite:///{tmp_path}/x.db", **more})
        return [one.name for one in conference_systems(settings, lambda: datetime.now(UTC)).values()]

    assert (offered(), offered(**zoom)) == ([], ["Zoom"])


def test_no_vendors_library_is_loaded_before_it_is_needed() -> None:
    program = "import sys, bot.systems; sys.exit(' '.join({'msal', 'requests', 'googleapiclient'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=bare_environ(), capture_output=True, text=True, check=False
    )
    assert done.stderr == "\n", "what sys.exit writes: nothing"
