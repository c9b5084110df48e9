"""The playground, put together: a workspace to run the real app in, with no account anywhere."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.domain.ids import WorkspaceId
from bot.playground.acts import Acts
from bot.playground.app_link import ANSWER_WITHIN_S, RETRY_PAUSES_S, AppLink, Events
from bot.playground.calendar_view import EventsOf
from bot.playground.cast import CAST, TEAM_ID, Actor
from bot.playground.conversations import Conversations
from bot.playground.installation import Installation
from bot.playground.interactions import Interactions
from bot.playground.keeper import Keeper
from bot.playground.mailbox import Mailbox
from bot.playground.methods import Methods
from bot.playground.opening import open_story
from bot.playground.responses import Responses
from bot.playground.routes import Routes
from bot.playground.screen import Screen
from bot.playground.story import Story
from bot.playground.submissions import Submissions
from bot.playground.suggestions import Suggestions
from bot.playground.views import Views
from bot.playground.web_api import WebApi
from bot.ports import Clock

API_PATH = "/playground/api/"
"""Where the pretend Slack's Web API is, below the playground's own address: the app's SLACK_API_URL."""

log = logging.getLogger(__name__)


class Playground:
    """`app_url` is where the app's `/slack/events` is, `own_url` where these routes are mounted.

    The app is installed as its `manifest` says. With `save_to` the story survives a restart; `close` writes
    the last of it.
    """

    def __init__(
        self,
        *,
        app_url: str,
        own_url: str,
        signing_secret: str,
        bot_token: str,
        manifest: Mapping[str, Any],
        clock: Clock,
        events_of: EventsOf,
        save_to: Path | None = None,
        answer_within_s: float = ANSWER_WITHIN_S,
        retry_pauses_s: Sequence[float] = RETRY_PAUSES_S,
    ) -> None:
        base_url = own_url.rstrip("/") + "/playground"
        installation = Installation.of(manifest)
        story = Story(clock)
        views = Views(story)
        conversations = Conversations(story)
        responses = Responses(story, conversations, f"{base_url}/hooks")
        self.app = app = AppLink(app_url, signing_secret, answer_within_s=answer_within_s)
        events = Events(story, app, installation.events, retry_pauses_s)
        interactions = Interactions(story, views, conversations, responses, app, events, installation)
        self.mailbox = Mailbox(story.touch_all)
        self.workspace_id = WorkspaceId(TEAM_ID)
        self.cast: tuple[Actor, ...] = CAST
        self.api_url = own_url.rstrip("/") + API_PATH
        self._story = story
        self._keeper = Keeper(save_to, self._snapshot)
        if not self._restore(self._keeper.load()):
            open_story(conversations)
        story.on_change = self._keeper.changed
        self.routes: list[BaseRoute] = Routes(
            story,
            Screen(story, self.mailbox, installation),
            Acts(story, interactions, Submissions(story, views, app), Suggestions(story, app)),
            WebApi(bot_token, Methods(story, views, conversations, installation, base_url).table),
            responses,
            self.mailbox,
            events_of,
            ",".join(sorted(installation.scopes)),
        ).all

    @property
    def asgi(self) -> Starlette:
        """The playground as an application of its own."""
        return Starlette(routes=self.routes)

    @property
    def problems(self) -> Sequence[str]:
        """What the app did that Slack would not take, as the page shows it."""
        return tuple(problem["text"] for problem in self._story.problems)

    def end_streams(self) -> None:
        """Let go of the open pages, for whom a server that stops would wait. Fit for a signal handler."""
        self._story.end()

    def close(self) -> None:
        """Write the last of the story down."""
        self.end_streams()
        self._keeper.save()

    def _snapshot(self) -> Any:
        return {"story": self._story.to_json(), "mailbox": self.mailbox.to_json()}

    def _restore(self, kept: Any) -> bool:
        """Whether there was a story to go on with."""
        if kept is None:
            return False
        try:
            self.mailbox.restore(kept["mailbox"])
            self._story.restore(kept["story"])
        except (KeyError, TypeError, ValueError, ArithmeticError):
            log.warning("The playground's saved state is of another version; starting afresh.")
            return False
        return True
