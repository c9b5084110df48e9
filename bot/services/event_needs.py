"""Where an event can lie: refused early, with what would fit, where a conference or a Room needs another calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain import fields as f
from bot.domain.calendar import Connection, ConnectionState
from bot.domain.event_needs import Need, needs, possible_holders
from bot.domain.event_planning import preferred
from bot.domain.ids import ResourceId, UserId, WorkspaceId, is_room
from bot.domain.invitation import ConferencingKind, Details
from bot.domain.wording import joined
from bot.errors import DeliveryError, FormError, NotFoundError
from bot.ports import Directory, UnitOfWorkFactory
from bot.services.events import Events

NAMES = {ConferencingKind.MEET: "Google Meet", ConferencingKind.TEAMS: "Microsoft Teams", ConferencingKind.ZOOM: "Zoom"}
CALENDAR_NAMES = {"google": "Google", "microsoft": "Microsoft 365"}


@dataclass(frozen=True, slots=True)
class _Look:
    """What an event of these details needs, and whose calendar it may come to lie in."""

    needs: tuple[Need, ...]
    holders: tuple[UserId, ...]
    connections: Mapping[UserId, Sequence[Connection]]

    def misfit(self, need: Need) -> UserId | None:
        """The first whose calendar it may be, of another system than needed."""
        return next((user for user in self.holders if self._provider(user, need) != need.provider), None)

    def fits_by_default(self, need: Need) -> bool:
        return bool(self.holders) and self.misfit(need) is None

    def accounts(self, user: UserId, need: Need) -> list[str]:
        """Their accounts that it could be put into."""
        working = (one for one in self.connections.get(user, ()) if one.state is ConnectionState.OK)
        return [one.account for one in working if one.provider == need.provider]

    def _provider(self, user: UserId, need: Need) -> str:
        return preferred(self.connections[user], need.provider).provider


class EventNeeds:
    def __init__(self, unit_of_work: UnitOfWorkFactory, directory: Directory, events: Events) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._events = events

    def check(self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details) -> None:
        """Step 1: whether there is a calendar that the event could lie in, the default one or one that the inviter can
        choose. Raises FormError at the conference or the Rooms."""
        look = self._look(workspace_id, inviter_id, details)
        _refuse_two_systems(look.needs, f.ROOMS)
        for need in look.needs:
            if not look.fits_by_default(need) and not look.accounts(inviter_id, need):
                name = CALENDAR_NAMES[need.provider]
                whose = self._whose(workspace_id, inviter_id, look.misfit(need))
                way_out = "Choose another room." if need.room else "Choose another way to meet."
                raise FormError(
                    {
                        _field(
                            need
                        ): f"{_what(need)} needs a {name} calendar, and the meeting goes into {whose}. {way_out}"
                    }
                )

    def check_calendar(
        self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details, chosen: Connection | None
    ) -> None:
        """At the end: whether the event fits into the calendar that it goes to, the chosen one or (None) the default.

        Raises FormError at the calendar, with what fits.
        """
        look = self._look(workspace_id, inviter_id, details)
        _refuse_two_systems(look.needs, f.CALENDAR)
        for need in look.needs:
            if chosen.provider == need.provider if chosen else look.fits_by_default(need):
                continue
            said = f"{_what(need)} needs a {CALENDAR_NAMES[need.provider]} calendar"
            if chosen is None:
                said += f", and by default it would be {self._whose(workspace_id, inviter_id, look.misfit(need))}"
            fitting = look.accounts(inviter_id, need)
            ways = [f"choose one of {joined(fitting)}"] if fitting else []
            ways += ["choose the default"] if chosen and look.fits_by_default(need) else []
            way_out = " or ".join(ways) or f"go back and choose another {'room' if need.room else 'way to meet'}"
            raise FormError({f.CALENDAR: f"{said}. {way_out[0].upper()}{way_out[1:]}."})

    def _look(self, workspace_id: WorkspaceId, inviter_id: UserId, details: Details) -> _Look:
        people = [UserId(who) for seat in details.seats for who in seat.candidates if not is_room(who)]
        rooms = [ResourceId(what) for seat in details.seats for what in seat.candidates if is_room(what)]
        with self._unit_of_work() as unit:
            connections = self._events.usable(unit, workspace_id, list(dict.fromkeys((inviter_id, *people))))
            invited = self._events.invited_rooms(unit, list(dict.fromkeys(rooms)))
        holders = possible_holders(inviter_id, details, lambda user: bool(connections.get(user)))
        return _Look(needs(details.conferencing.kind, invited), holders, connections)

    def _whose(self, workspace_id: WorkspaceId, inviter_id: UserId, holder: UserId | None) -> str:
        """Whose calendar it is, which is not the one that is needed."""
        if holder is None:
            return "nobody’s calendar yet"
        if holder == inviter_id:
            return "your calendar, which is another one"
        try:
            return f"{self._directory.person(workspace_id, holder).name}’s calendar, which is another one"
        except (NotFoundError, DeliveryError):
            return "a Team member’s calendar, which is another one"


def _refuse_two_systems(found: Sequence[Need], field: str) -> None:
    """Raises FormError where nothing fits both: an event lies in one system."""
    for other in found:
        if other.provider != found[0].provider:
            one, another = (f"{_what(need)} needs a {CALENDAR_NAMES[need.provider]}" for need in (found[0], other))
            raise FormError({field: f"{one} calendar, and {another} one: one meeting cannot have both."})


def _field(need: Need) -> str:
    return f.ROOMS if need.room else f.CONFERENCING


def _what(need: Need) -> str:
    return need.room.name if need.room else NAMES[need.kind or ConferencingKind.NONE]
