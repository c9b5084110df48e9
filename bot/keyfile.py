"""The playground's encryption key, kept in a file of its own so that its database can be read again tomorrow."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from bot.errors import SettingsError


def kept_key(path: Path) -> str:
    """The Fernet key in the file, which is made on the first call, readable by its owner alone.

    Of several processes that make it at once, one wins and all get its key. Raises SettingsError.
    """
    try:
        if not path.exists():
            _publish(Fernet.generate_key(), path)
        key = path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as exc:
        raise SettingsError(f"ENCRYPTION_KEYS is missing, and {path} cannot be used: {exc.strerror}.") from exc
    if not is_fernet_key(key):
        raise SettingsError(f"ENCRYPTION_KEYS is missing, and {path} holds no key: put the right one back.")
    return key


def is_fernet_key(text: str) -> bool:
    """Whether it is 32 bytes in URL-safe base64. `Fernet` itself overlooks what follows the padding."""
    return re.fullmatch(r"[A-Za-z0-9_-]{43}=", text) is not None


def _publish(key: bytes, path: Path) -> None:
    """Write beside the place and link into it: nobody ever sees half a key, and a faster process is not overruled."""
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key + b"\n")
        os.link(name, path)
    except FileExistsError:
        return
    finally:
        os.unlink(name)
