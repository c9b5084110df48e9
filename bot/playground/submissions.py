"""Submitting and closing modals, and what the app may answer."""

from __future__ import annotations

from typing import Any

from bot.playground import payloads
from bot.playground.app_link import Answer, AppLink, NoAnswerError, run_aside
from bot.playground.block_kit import JSON
from bot.playground.inputs import complaints
from bot.playground.refusal import HintError, RefusalError
from bot.playground.story import Story, View
from bot.playground.views import Views

TROUBLE = "We had some trouble connecting. Try again?"
_ACTIONS = {
    "errors": {"response_action", "errors"},
    "update": {"response_action", "view"},
    "push": {"response_action", "view"},
    "clear": {"response_action"},
}


class Submissions:
    """`view_submission` and `view_closed`. Raises HintError with what Slack's client would show."""

    def __init__(self, story: Story, views: Views, app: AppLink) -> None:
        self._story = story
        self._views = views
        self._app = app
        self._under_way: set[str] = set()

    def submit(self, user_id: str, view_id: str) -> None:
        with self._story.lock:
            view = self._own(user_id, view_id)
            if "submit" not in view.body or view.body.get("submit_disabled"):
                raise HintError("This view cannot be submitted.")
            missing = complaints(view.body["blocks"], view.values)
            if missing:
                raise HintError("Some fields need another look.", missing)
            if view_id in self._under_way:
                raise HintError("This is being submitted already.")
            self._under_way.add(view_id)
            payload = payloads.view_submission(view, self._views.new_trigger(user_id, from_modal=True))
        try:
            answer = self._app.interaction(payload)
            self._apply(view, answer)
        except NoAnswerError as error:
            raise HintError(TROUBLE) from error
        finally:
            with self._story.lock:
                self._under_way.discard(view_id)

    def close(self, user_id: str, view_id: str, *, clear: bool) -> None:
        """The person closes a view; the app hears of each that wants to be told."""
        with self._story.lock:
            view = self._own(user_id, view_id)
            clear = clear or bool(view.body.get("clear_on_close"))
            closed = self._views.close(view_id, clear=clear)
        wanted = [payloads.view_closed(one, is_cleared=clear) for one in closed if one.body.get("notify_on_close")]
        if wanted:
            run_aside(lambda: self._tell_closed(wanted))

    def _tell_closed(self, notices: list[JSON]) -> None:
        for notice in notices:
            try:
                self._app.interaction(notice)
            except NoAnswerError as error:
                self._story.report(f"A view_closed was not answered ({error.reason}).")

    def _own(self, user_id: str, view_id: str) -> View:
        view = self._story.views.get(view_id)
        if view is None or view.user_id != user_id or not self._views.is_on_top(view):
            raise HintError("This view is closed.")
        return view

    def _apply(self, view: View, answer: Answer) -> None:
        if not answer.is_ok:
            raise HintError(TROUBLE)
        try:
            body = answer.json()
            if body and view.id in self._story.views:
                self._respond(view, body)
            else:
                self._views.close(view.id)
        except (RefusalError, ValueError) as error:
            self._story.report(f"The answer to a view_submission was refused: {error}")
            raise HintError(TROUBLE) from error

    def _respond(self, view: View, body: JSON) -> None:
        """Raises RefusalError or ValueError where Slack would not take the answer."""
        action = body.get("response_action")
        if action not in _ACTIONS or set(body) != _ACTIONS[action]:
            raise ValueError(f"response_action `{action}` with {sorted(body)}")
        if action == "errors":
            raise HintError("Some fields need another look.", _field_errors(view, body["errors"]))
        if action == "update":
            self._views.update(body["view"], view_id=view.id)
        elif action == "push":
            self._views.push_for(view.user_id, body["view"])
        else:
            self._views.close(view.id, clear=True)


def _field_errors(view: View, errors: Any) -> dict[str, str]:
    """The errors by block_id. Raises ValueError where one is not at an input block: Slack would show nothing."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise ValueError("`errors` names no field")
    astray = sorted(set(errors) - inputs)
    if astray:
        raise ValueError(f"errors at blocks that are no inputs of the view: {', '.join(astray)}")
    if not all(isinstance(text, str) and text for text in errors.values()):
        raise ValueError("an error is a sentence")
    return dict(errors)
