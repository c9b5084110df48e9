"""The wire to the app: requests signed exactly as Slack signs them."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bot.playground.block_kit import JSON
from bot.playground.cast import APP_ID, BOT_USER_ID, TEAM_ID
from bot.playground.story import Story

ANSWER_WITHIN_S = 3.0
VERIFICATION_TOKEN = "playground-verification-token"  # noqa: S105  deprecated by Slack, proves nothing
RETRY_PAUSES_S = (0.0, 60.0, 300.0)
"""Before each redelivery of an event, as Slack does it."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: str

    @property
    def is_ok(self) -> bool:
        return self.status == http.client.OK

    def json(self) -> JSON:
        """The body as an object. Raises ValueError where it is none."""
        value = json.loads(self.body) if self.body.strip() else {}
        if not isinstance(value, dict):
            raise ValueError("the answer is not a JSON object")
        return value


class NoAnswerError(Exception):
    """The app could not be reached or did not answer in time; `reason` is Slack's X-Slack-Retry-Reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def signature(signing_secret: str, timestamp: str, body: str) -> str:
    """Slack's `v0` request signature."""
    digest = hmac.new(signing_secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return f"v0={digest}"


class AppLink:
    """Posts to the app's one request URL."""

    def __init__(self, app_url: str, signing_secret: str, *, answer_within_s: float = ANSWER_WITHIN_S) -> None:
        parts = urlsplit(app_url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._path = parts.path.rstrip("/") + "/slack/events"
        self._secret = signing_secret
        self.answer_within_s = answer_within_s

    def command(self, fields: Mapping[str, str]) -> Answer:
        return self._post(urlencode(fields), "application/x-www-form-urlencoded")

    def interaction(self, payload: JSON) -> Answer:
        body = urlencode({"payload": json.dumps(payload, ensure_ascii=False)})
        return self._post(body, "application/x-www-form-urlencoded")

    def event(self, envelope: JSON, retry_num: int = 0, retry_reason: str = "") -> Answer:
        retry = {"X-Slack-Retry-Num": str(retry_num), "X-Slack-Retry-Reason": retry_reason} if retry_num else {}
        return self._post(json.dumps(envelope, ensure_ascii=False), "application/json", retry)

    def _post(self, body: str, content_type: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The app's answer. Raises NoAnswerError."""
        # The app checks the signature's age by the machine's clock, so this one moment is not injected.
        timestamp = str(int(time.time()))
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self.answer_within_s)
        try:
            connection.request(
                "POST",
                self._path,
                body.encode(),
                {
                    "Content-Type": content_type,
                    "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                    "X-Slack-Request-Timestamp": timestamp,
                    "X-Slack-Signature": signature(self._secret, timestamp, body),
                    **(headers or {}),
                },
            )
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except TimeoutError as error:
            raise NoAnswerError("http_timeout") from error
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswerError("connection_failed") from error
        finally:
            connection.close()
        return Answer(response.status, response.getheader("Content-Type", ""), text)


def run_aside(task: Callable[[], None], after_s: float = 0.0) -> None:
    """Run on a thread of its own, which never keeps the process alive."""
    timer = threading.Timer(after_s, task)
    timer.daemon = True
    timer.start()


class Events:
    """The Events API: sends what the app subscribed to, again where it does not answer 200."""

    def __init__(
        self, story: Story, app: AppLink, subscribed: frozenset[str], retry_pauses_s: Sequence[float] = RETRY_PAUSES_S
    ) -> None:
        self._story = story
        self._app = app
        self._subscribed = subscribed
        self._pauses = tuple(retry_pauses_s)

    def send(self, subscription: str, event: JSON) -> None:
        """Send in the background, if the manifest subscribes to it."""
        if subscription not in self._subscribed:
            return
        envelope = {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM_ID,
            "context_team_id": TEAM_ID,
            "context_enterprise_id": None,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": self._story.new_id("Ev"),
            "event_time": int(self._story.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM_ID,
                    "user_id": BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": self._story.new_id("4-"),
        }
        run_aside(lambda: self._deliver(envelope, 0, ""))

    def _deliver(self, envelope: JSON, retry_num: int, reason: str) -> None:
        try:
            answer = self._app.event(envelope, retry_num, reason)
            failure = "" if answer.is_ok else "http_error"
        except NoAnswerError as error:
            failure = error.reason
        if not failure:
            return
        if retry_num < len(self._pauses):
            run_aside(lambda: self._deliver(envelope, retry_num + 1, failure), self._pauses[retry_num])
        else:
            self._story.report(f"The event {envelope['event']['type']} was never answered with 200 ({failure}).")
