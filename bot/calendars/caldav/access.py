"""What a CalDAV connection remembers, as kept in `Connection.credentials`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from bot.calendars.caldav import errors
from bot.calendars.caldav.errors import CalDavError
from bot.calendars.caldav.server import Login


@dataclass(frozen=True, slots=True)
class Access:
    """The sign-in, and what was found with it; all URLs are absolute.

    `host` is the one that the password is for. `default_calendar` stays the one that events are written to, in
    whichever order the server lists them later. `addresses` are the account's own, in small letters.
    """

    host: str
    user: str
    password: str = field(repr=False)
    principal: str
    homes: tuple[str, ...]
    default_calendar: str
    addresses: tuple[str, ...] = ()

    @property
    def login(self) -> Login:
        return Login(self.host, self.user, self.password)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Access:
        """Raises CalDavError where it is something else; only connecting again helps then."""
        try:
            values = json.loads(text)
            return cls(**values | {name: tuple(values[name]) for name in ("homes", "addresses")})
        except (ValueError, TypeError, KeyError) as error:
            raise CalDavError(errors.REJECTED, permanent=True) from error
