"""Who is who in a workspace: Slack's users and channels as values."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk import WebClient

from bot.domain import fields
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.people import Person, departed
from bot.errors import DeliveryError, FormError, NotFoundError
from bot.ports import Clock
from bot.slack.errors import translated
from bot.slack.recent import Recent

ClientOf = Callable[[WorkspaceId], WebClient]
"""The Web API client that holds a workspace's token."""

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=5)
_FORMER_LIFETIME = timedelta(days=1)
_PEOPLE_KEPT = 5_000
_WORKSPACES_KEPT = 50
_PAGE = 1_000
_PARALLEL_CALLS = 8


class SlackDirectory:
    """`bot.ports.Directory` over users.info, users.list and conversations.info. People are kept for five minutes.

    The list of everybody is fetched by `background`, ahead and anew, and the former one, at most a day old, is good
    meanwhile: of a large workspace that takes longer than Slack waits for a search.
    """

    def __init__(self, client_of: ClientOf, clock: Clock, background: Executor) -> None:
        self._client_of = client_of
        self._clock = clock
        self._background = background
        self._everybody: Recent[WorkspaceId, tuple[Person, ...]] = Recent(clock, LIFETIME, _WORKSPACES_KEPT)
        self._former: Recent[WorkspaceId, tuple[Person, ...]] = Recent(clock, _FORMER_LIFETIME, _WORKSPACES_KEPT)
        self._listing = Lock()
        self._people: defaultdict[WorkspaceId, Recent[UserId, Person]] = defaultdict(
            lambda: Recent(clock, LIFETIME, _PEOPLE_KEPT)
        )
        self._workspaces: Recent[WorkspaceId, str] = Recent(clock, LIFETIME, _WORKSPACES_KEPT)

    def person(self, workspace_id: WorkspaceId, user_id: UserId) -> Person:
        known = self._people[workspace_id].get(user_id)
        if known is not None:
            return known
        stranger = NotFoundError("This person is not in this Slack workspace. Choose somebody else.")
        unknown = dict.fromkeys(("user_not_found", "users_not_found", "user_not_visible"), stranger)
        with translated(self._clock, unknown):
            answer = self._client_of(workspace_id).users_info(user=user_id, include_locale=True)
        person = person_from(workspace_id, answer["user"])
        self._people[workspace_id].put(user_id, person)
        return person

    def people(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        found: dict[UserId, Person] = {**self.at_hand(workspace_id, user_ids)}
        strangers = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in found]
        if len(strangers) > 1:
            # Ten strangers one after the other would cost a second of the three that Slack grants.
            with ThreadPoolExecutor(min(len(strangers), _PARALLEL_CALLS), "directory") as calls:
                answers = calls.map(lambda user_id: self.person(workspace_id, user_id), strangers)
                found.update(zip(strangers, answers, strict=True))
        return tuple(found.get(user_id) or self.person(workspace_id, user_id) for user_id in user_ids)

    def named(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> tuple[Person, ...]:
        try:
            return self.people(workspace_id, user_ids)
        except NotFoundError:
            return tuple(self._known_or_departed(workspace_id, user_id) for user_id in user_ids)

    def _known_or_departed(self, workspace_id: WorkspaceId, user_id: UserId) -> Person:
        try:
            return self.person(workspace_id, user_id)
        except NotFoundError:
            return departed(workspace_id, user_id)

    def at_hand(self, workspace_id: WorkspaceId, user_ids: Sequence[UserId]) -> Mapping[UserId, Person]:
        return self._people[workspace_id].several(user_ids)

    def workspace_name(self, workspace_id: WorkspaceId) -> str:
        known = self._workspaces.get(workspace_id)
        if known is not None:
            return known
        with translated(self._clock):
            # Needs no scope, as `team.info` would.
            answer = self._client_of(workspace_id).auth_test()
        name = " ".join(str(answer.get("team") or workspace_id).split())
        self._workspaces.put(workspace_id, name)
        return name

    def everybody(self, workspace_id: WorkspaceId) -> tuple[Person, ...]:
        known = self._everybody.get(workspace_id)
        if known is not None:
            return known
        former = self._former.get(workspace_id)
        if former is not None:
            self._everybody.put(workspace_id, former)  # nobody else need fetch it as well
            self._background.submit(self._quietly, self._fetched, workspace_id)
            return former
        with self._listing:  # people type quickly: whoever asks meanwhile waits for this answer
            return self._everybody.get(workspace_id) or self._fetched(workspace_id)

    def warm(self, workspace_id: WorkspaceId) -> None:
        if self._former.get(workspace_id) is None and not self._listing.locked():
            self._background.submit(self._quietly, self.everybody, workspace_id)

    def _quietly(self, fetch: Callable[[WorkspaceId], object], workspace_id: WorkspaceId) -> None:
        try:
            fetch(workspace_id)
        except DeliveryError as error:
            log.warning("The list of a workspace's people could not be read: %s", error)

    def _fetched(self, workspace_id: WorkspaceId) -> tuple[Person, ...]:
        found = tuple(sorted(self._listed(workspace_id), key=lambda person: person.name.casefold()))
        self._everybody.put(workspace_id, found)
        self._former.put(workspace_id, found)
        return found

    def _listed(self, workspace_id: WorkspaceId) -> Iterator[Person]:
        cursor = ""
        while True:
            with translated(self._clock, {}):
                answer = self._client_of(workspace_id).users_list(limit=_PAGE, cursor=cursor, include_locale=True)
            for user in answer["members"]:
                person = person_from(workspace_id, user)
                self._people[workspace_id].put(person.user_id, person)
                yield person
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def check_channel(self, workspace_id: WorkspaceId, channel_id: ChannelId | None) -> None:
        if channel_id is None:
            return
        # Not remembered: people come back here to see whether adding the app has helped.
        hidden = _not_a_member("this channel")
        with translated(self._clock, {"channel_not_found": hidden, "method_not_supported_for_channel_type": hidden}):
            answer = self._client_of(workspace_id).conversations_info(channel=channel_id)
        _require_postable(answer["channel"])


def person_from(workspace_id: WorkspaceId, user: Mapping[str, Any]) -> Person:
    """Slack's user object as a Person. Slack leaves out, nulls or empties what it does not know."""
    profile = user.get("profile") or {}
    names = (profile.get("real_name"), user.get("real_name"), user.get("name"), user["id"])
    return Person(
        workspace_id=workspace_id,
        user_id=UserId(user["id"]),
        name=next(name for given in names if (name := " ".join(str(given or "").split()))),
        email=profile.get("email") or "",
        time_zone=_known_zone(user.get("tz")),
        locale=user.get("locale") or "en-US",
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
        is_bot=bool(user.get("is_bot") or user["id"] == "USLACKBOT"),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_external=bool(user.get("is_stranger") or _is_of_another_workspace(workspace_id, user)),
        is_deactivated=bool(user.get("deleted")),
    )


def _is_of_another_workspace(workspace_id: WorkspaceId, user: Mapping[str, Any]) -> bool:
    """Whether a shared channel brought the person here. In an Enterprise organisation people have several homes."""
    homes = {user.get("team_id") or workspace_id, *(user.get("enterprise_user") or {}).get("teams", ())}
    return workspace_id not in homes


def _known_zone(name: str | None) -> str:
    """Slack still sends a few names that the tz database has never had; those become UTC."""
    try:
        return ZoneInfo(name or "UTC").key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def _require_postable(channel: Mapping[str, Any]) -> None:
    name = str(channel.get("name") or "")
    if channel.get("is_im") or channel.get("is_mpim") or not name:
        raise FormError({fields.CHANNEL: "Choose a channel. The note cannot go to a direct message."})
    if channel.get("is_archived"):
        raise FormError({fields.CHANNEL: f"#{name} is archived. Choose another channel."})
    if not channel.get("is_member"):
        raise _not_a_member(f"#{name}")


def _not_a_member(channel: str) -> FormError:
    # Mentioning works everywhere; Slack's own "/invite @app" does not where "/invite" is this app's command.
    return FormError(
        {fields.CHANNEL: f"InviteOnce is not in {channel} yet. Mention @InviteOnce there and add it, then try again."}
    )
