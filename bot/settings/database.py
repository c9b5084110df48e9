"""The database, and the keys that its secrets are encrypted with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.errors import SettingsError
from bot.keyfile import is_fernet_key, kept_key
from bot.variables import split_url

NEW_KEY_COMMAND = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`url` is `sqlite:///…` or `postgresql://…`; `encryption_keys` are Fernet keys, newest first, at least one."""

    url: SecretStr
    encryption_keys: tuple[SecretStr, ...]


def database_settings(values: Mapping[str, str], *, playground: bool) -> DatabaseSettings:
    url = _database_url(values)
    if "ENCRYPTION_KEYS" in values:
        keys = _encryption_keys(values["ENCRYPTION_KEYS"])
    elif playground:
        folder = _sqlite_path(url).parent if url.startswith("sqlite:") else Path()
        keys = (kept_key(folder / "inviteonce.key"),)
    else:
        raise SettingsError(f"ENCRYPTION_KEYS is missing. Make a key with: {NEW_KEY_COMMAND}")
    return DatabaseSettings(SecretStr(url), tuple(SecretStr(key) for key in keys))


def _database_url(values: Mapping[str, str]) -> str:
    url = values.get("DATABASE_URL", "sqlite:///inviteonce.db")
    scheme, _, rest = url.partition("://")
    if scheme in ("postgresql", "postgres"):
        split_url("DATABASE_URL", url)
        return f"postgresql://{rest}"  # Heroku still hands out postgres://, which SQLAlchemy refuses
    if scheme != "sqlite":
        raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    path = _sqlite_path(url)
    if path.is_dir() or not path.parent.is_dir():
        raise SettingsError(f"DATABASE_URL: {path} cannot be a database file; is its folder there?")
    return url


def _sqlite_path(url: str) -> Path:
    """The database's file: relative after three slashes, absolute after four."""
    name = url.removeprefix("sqlite:///").partition("?")[0]
    if name in ("", ":memory:") or name.startswith("sqlite:"):
        raise SettingsError("DATABASE_URL must name a file, as sqlite:///inviteonce.db: memory is not shared.")
    return Path(name)


def _encryption_keys(written: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in written.split(","))
    for number, key in enumerate(keys, start=1):
        if not is_fernet_key(key):
            raise SettingsError(
                f"ENCRYPTION_KEYS: number {number} is not a Fernet key. Make one with: {NEW_KEY_COMMAND}"
            )
    return keys
