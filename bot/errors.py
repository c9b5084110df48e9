"""Errors raised on purpose. Their text may be shown to a person; details go to the log.

Everything else that is raised is a defect, and is shown with a reference id only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime


class InviteOnceError(Exception):
    """The root: `str(error)` is one or two sentences that say what to do next."""


class SettingsError(InviteOnceError):
    """A setting is missing, wrong or half given. The text names the variable."""


class DatabaseError(InviteOnceError):
    """The database cannot be reached, or is not one that this version can work with."""


class FormError(InviteOnceError):
    """What a person typed cannot be used. `fields` maps a field's name to its sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class NotFoundError(InviteOnceError):
    """There is no such thing, or this person may not know of it: the text is the same for both."""


class NotAllowedError(InviteOnceError):
    """The person may see the thing, but not do this with it."""


class StaleStateError(InviteOnceError):
    """The thing has moved on (booked, cancelled, expired) since the person looked at it."""


class InvitationChangedError(InviteOnceError):
    """The Invitation is not as it was read: no longer open, or its seats are filled anew. Nothing has been changed."""


class NameTakenError(InviteOnceError):
    """Another thing of its kind has this name, or this address, in the workspace already."""


class TurnMovedError(InviteOnceError):
    """Somebody else is next in line of a pool by now. Nothing has been changed.

    `pool` and `person` are names; `resource_id` is whose turn it is.
    """

    def __init__(self, pool: str, resource_id: str, person: str = "somebody else") -> None:
        super().__init__(f"In {pool} it is {person}’s turn by now. Look at the new count, then press Invite once more.")
        self.pool = pool
        self.resource_id = resource_id
        self.person = person


class NotConnectedError(InviteOnceError):
    """The person has no calendar connected (or the workspace has no calendar system set up)."""


class ConnectionBrokenError(InviteOnceError):
    """The calendar's credentials are no longer accepted: only connecting it again helps."""


class ConnectionRefusedByProviderError(InviteOnceError):
    """Signing in did not work. The text says what to change."""


class ServerToConfirmError(ConnectionRefusedByProviderError):
    """The account's domain names a server that is not its own. `server` is its URL; it has been told nothing yet."""

    def __init__(self, text: str, server: str) -> None:
        super().__init__(text)
        self.server = server


class NoSlotsError(InviteOnceError):
    """Not one time slot is available, so the Invitation was not sent."""


class SlotTakenError(InviteOnceError):
    """The chosen slot is gone. Nothing has been changed."""


class NotFreeError(InviteOnceError):
    """Somebody, or a Room, cannot take a place in a Meeting: the text says who and why. Nothing has been changed."""


class CalendarUnreadableError(InviteOnceError):
    """Calendars needed for the answer could not be read. `names` are the owners' names."""

    def __init__(self, text: str, names: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.names = tuple(names)


class NoRoomDirectoryError(InviteOnceError):
    """There is no directory of rooms to be looked into, or no room in it. The text says what to do instead."""


class ConsentNeededError(InviteOnceError):
    """The account has not allowed this yet, and can be asked to. The text says what for."""


class ClaimRefusedError(InviteOnceError):
    """The database refused an overlapping claim of a person or room."""


class DeliveryError(InviteOnceError):
    """A mail, event or Slack message was not accepted.

    `permanent` means that trying again cannot help; `retry_at` is the other side's wish, if it said one.
    """

    def __init__(self, text: str, *, permanent: bool = False, retry_at: datetime | None = None) -> None:
        super().__init__(text)
        self.permanent = permanent
        self.retry_at = retry_at
