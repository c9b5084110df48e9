"""The Bolt app: one workspace, one thread for each request, connections to Slack that are kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.listener_matcher import ListenerMatcher
from slack_bolt.listener_matcher.builtins import BuiltinListenerMatcher
from slack_bolt.middleware import Middleware
from slack_sdk import WebClient

_BOLTS_OWN = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_VERIFICATION_TOKEN")
"""What Bolt reads from the environment by itself, beside what it is given."""


def bolt_app(client: WebClient, signing_secret: str) -> App:
    """An app whose listeners run in the thread that dispatches, and call Slack through this very client.

    Whoever dispatches sends a `KeptAck`'s response on when it is given: the listener goes on after it.
    """
    with _without_environment(_BOLTS_OWN):  # the settings have read it
        return QuickApp(
            client=client,
            signing_secret=signing_secret,
            token_verification_enabled=False,
            attaching_function_token_enabled=False,  # it would change the client that all requests share
            listener_executor=SameThread(),
        )


class QuickApp(App):
    """Bolt's app, whose listeners are found by the body alone, and which calls Slack through one client.

    Bolt would gather all that a listener may ask for, before it asks each of more than a hundred whether the request is
    theirs. And it makes a client for each request, which would open a connection of its own for each call.
    """

    def _init_context(self, req: BoltRequest) -> None:
        req.context.update(self._given)

    @cached_property
    def _given(self) -> Mapping[str, Any]:
        """What Bolt gives to every request alike."""
        request = BoltRequest(body="")
        before = set(request.context)
        super()._init_context(request)
        return {name: value for name, value in request.context.items() if name not in before} | {"client": self.client}

    def _register_listener(
        self,
        functions: Sequence[Callable[..., Any]],
        primary_matcher: ListenerMatcher,
        matchers: Sequence[Callable[..., bool]] | None,
        middleware: Sequence[Callable[..., Any] | Middleware] | None,
        auto_acknowledgement: bool = False,
        ack_timeout: int = 3,
    ) -> Callable[..., Any] | None:
        assert isinstance(primary_matcher, BuiltinListenerMatcher)
        quick = BodyMatcher(primary_matcher)
        return super()._register_listener(functions, quick, matchers, middleware, auto_acknowledgement, ack_timeout)


class BodyMatcher(ListenerMatcher):
    """Answers as Bolt's own does, which asks for nothing but the body."""

    def __init__(self, bolts_own: BuiltinListenerMatcher) -> None:
        assert list(bolts_own.arg_names) == ["body"], bolts_own.arg_names
        self._is_for = bolts_own.func

    def matches(self, req: BoltRequest, resp: BoltResponse) -> bool:
        return bool(self._is_for(req.body))


class SameThread(Executor):
    """Runs what it is given at once. Bolt then finds the acknowledgement given, and does not look again and again."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@contextmanager
def _without_environment(names: tuple[str, ...]) -> Iterator[None]:
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
