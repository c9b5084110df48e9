"""Column types: domain values go in, the same values come out, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import is_
from typing import Any
from weakref import WeakKeyDictionary

from cryptography.fernet import InvalidToken, MultiFernet
from pydantic import TypeAdapter
from sqlalchemy import DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator

from bot.domain.cells import BusyIndex
from bot.errors import SettingsError


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, UTC out. SQLite keeps it as text without a zone, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("an instant needs a UTC offset")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        # Not `process_result_value`: a reading of calendars has thousands of these, and it takes five times as long.
        return _from_text if dialect.name == "sqlite" else _from_instant


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


def _from_instant(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class Seconds(TypeDecorator[timedelta]):
    """A duration of whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        seconds, rest = divmod(value, timedelta(seconds=1))
        if rest:
            raise ValueError("a stored duration has whole seconds")
        return seconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(seconds=value)


class Choice(TypeDecorator[StrEnum]):
    """A member of a closed set, kept as its value."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.members(value)


class Document(TypeDecorator[Any]):
    """A value with an inside (a dataclass, a tuple, a mapping), kept as JSON text; its instants come out in UTC.

    `remembered` is how many texts of that column are read only once as long as they stay the same: for values that
    nobody can change, and that are read again and again.
    """

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any, remembered: int = 0) -> None:
        super().__init__()
        self.shape = shape
        self.remembered = remembered
        self._adapter = TypeAdapter[Any](shape)
        self._holds_instants = "'type': 'datetime'" in str(self._adapter.core_schema)
        self._value = lru_cache(remembered)(self._read) if remembered else self._read

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self._adapter.dump_json(value, warnings="error").decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self._value(value)

    def _read(self, text: str) -> Any:
        inside = self._adapter.validate_json(text)
        return _in_utc(inside) if self._holds_instants else inside


class BusyTimes(TypeDecorator[BusyIndex]):
    """Busy times as the slot engine's index: they are read with every count, so they are neither rows nor JSON."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: BusyIndex | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.to_bytes()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> BusyIndex | None:
        return None if value is None else BusyIndex.from_bytes(value)


class EncryptedText(TypeDecorator[str]):
    """A secret: Fernet-encrypted with the newest key of the engine that writes it, read with any of its keys.

    The keys belong to an engine, not to the process (see `use_keys`).
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _KEYS[dialect].encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return _KEYS[dialect].decrypt(value)
        except InvalidToken as error:
            raise SettingsError(
                "ENCRYPTION_KEYS: a stored secret cannot be read. The key it was encrypted with must stay in the list."
            ) from error


class _Secrets:
    """Texts under an engine's keys. The latest are kept as they were read: every page and booking reads the same ones
    again, and whoever can read our memory has the keys in it, too."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys
        self.decrypt = lru_cache(_SECRETS_KEPT)(self._read)

    def encrypt(self, secret: str) -> str:
        return self._keys.encrypt(secret.encode()).decode()

    def _read(self, encrypted: str) -> str:
        """Raises InvalidToken."""
        return self._keys.decrypt(encrypted).decode()


_SECRETS_KEPT = 1000
_KEYS: WeakKeyDictionary[Dialect, _Secrets] = WeakKeyDictionary()


def use_keys(dialect: Dialect, keys: MultiFernet) -> None:
    """From now on an engine with this dialect object reads and writes `EncryptedText` with these keys."""
    _KEYS[dialect] = _Secrets(keys)


def _in_utc(value: Any) -> Any:
    """The value with every instant in `datetime.UTC`, where the JSON reader has a zone class of its own.

    What holds no instant comes back as it is, not as a copy.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, tuple):
        items = tuple(map(_in_utc, value))
        return value if all(map(is_, items, value)) else items
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inside = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        changed = {name: new for name, old in inside.items() if (new := _in_utc(old)) is not old}
        return dataclasses.replace(value, **changed) if changed else value
    return value
