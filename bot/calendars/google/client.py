"""What Google knows this installation by, and where Google is."""

from __future__ import annotations

from dataclasses import dataclass, field

API_URL = "https://www.googleapis.com"
AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.freebusy",
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
)
"""When people and rooms are busy; our events in the calendars that the account owns; which calendars it has."""

_CALENDAR_PATH = "/calendar/v3"


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
    def revoke_url(self) -> str:
        """Beside the token endpoint, as at Google."""
        return f"{self.token_url.rpartition('/')[0]}/revoke"
