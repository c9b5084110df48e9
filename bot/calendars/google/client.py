"""What Google knows this installation by, and where Google is."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.calendar import ExtraAccess

API_URL = "https://www.googleapis.com"
AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.freebusy",
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
)
"""When people and rooms are busy; our events in the calendars that the account owns; which calendars it has."""
EXTRA_SCOPES = {
    ExtraAccess.ROOM_DIRECTORY: "https://www.googleapis.com/auth/admin.directory.resource.calendar.readonly"
}
"""Asked for when somebody wants what they are for."""

_CALENDAR_PATH = "/calendar/v3"
_DIRECTORY_URL = "https://admin.googleapis.com"


@dataclass(frozen=True, slots=True)
class GoogleClient:
    """An OAuth client of the type "Web application". No address ends with a slash."""

    client_id: str
    client_secret: str = field(repr=False)
    api_url: str = API_URL
    auth_url: str = AUTH_URL
    token_url: str = TOKEN_URL

    @property
    def calendar_url(self) -> str:
        """Where the Calendar API is, with a slash at its end; `api_url` may name it already."""
        return f"{self.api_url.removesuffix(_CALENDAR_PATH)}{_CALENDAR_PATH}/"

    @property
    def directory_url(self) -> str:
        """Where the Directory API is, with a slash at its end: at Google on a host of its own."""
        base = self.api_url.removesuffix(_CALENDAR_PATH)
        return f"{_DIRECTORY_URL if base == API_URL else base}/"

    @property
    def revoke_url(self) -> str:
        """Beside the token endpoint, as at Google."""
        return f"{self.token_url.rpartition('/')[0]}/revoke"
