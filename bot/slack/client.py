"""Slack's Web API over connections that are kept.

slack_sdk opens a connection for each call: to Slack that is TCP's and TLS's handshakes, about 100 ms of the three
seconds that a trigger id lives, and everywhere most of the call's work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from http.client import HTTPMessage
from io import BytesIO
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request

import urllib3
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError, ReadTimeoutError
from urllib3.exceptions import HTTPError as TransportError

_CONNECTIONS = 64
"""As many as threads may call Slack at once; further ones are closed after use."""
VIEW_TIMEOUT_S = 3.0
"""How long Slack may take to show a view: a trigger id is over by then, and whoever waits longer for a hanging Slack
holds a thread that others need."""


class KeptClient(WebClient):
    """slack_sdk's client, with its retries and errors; only how bytes get to Slack and back is ours.

    Safe between threads. Through a proxy it does as slack_sdk does. `before_waiting` is told that the thread is about
    to wait for Slack.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        timeout_s: int = 30,
        view_timeout_s: float = VIEW_TIMEOUT_S,
        before_waiting: Callable[[], object] = lambda: None,
    ) -> None:
        retry = ConnectionErrorRetryHandler(max_retry_count=1)
        super().__init__(
            token=token, base_url=base_url, timeout=timeout_s, retry_handlers=[retry], logger=_discreet_log()
        )
        self._before_waiting = before_waiting
        self._timeout = urllib3.Timeout(connect=timeout_s, read=timeout_s)
        self._view_timeout = urllib3.Timeout(total=view_timeout_s)
        self._connections = urllib3.PoolManager(maxsize=_CONNECTIONS, retries=False)

    def close(self) -> None:
        self._connections.clear()

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        """slack_sdk's one way out: its callers know urllib's errors, and decide what is tried again."""
        self._before_waiting()
        if self.proxy:
            return super()._perform_urllib_http_request_internal(url, req)
        assert req.data is None or isinstance(req.data, bytes), "slack_sdk writes the whole body down before it is sent"
        patience = self._view_timeout if "/views." in url else self._timeout
        try:
            answer = self._connections.request(
                "POST", url, body=req.data, headers=req.headers, redirect=False, timeout=patience
            )
        except ProtocolError as error:  # http.client's own error is in it
            raise next((each for each in error.args if isinstance(each, Exception)), URLError(error)) from error
        except NewConnectionError as error:  # urllib3 takes it for a kind of timeout
            raise URLError(str(error)) from error
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            raise TimeoutError("Slack did not answer in time") from error
        except TransportError as error:
            raise URLError(str(error)) from error
        if not 200 <= answer.status < 300:
            raise HTTPError(url, answer.status, str(answer.reason), _message(answer), BytesIO(answer.data))
        return {"status": answer.status, "headers": answer.headers, "body": answer.data.decode("utf-8", "replace")}


def _discreet_log() -> logging.Logger:
    """slack_sdk writes every call down for a log whose own level is not set, views with all that people typed in them,
    whether anybody listens or not."""
    log = logging.getLogger(__name__)
    log.setLevel(logging.INFO)
    return log


def _message(answer: urllib3.BaseHTTPResponse) -> HTTPMessage:
    message = HTTPMessage()
    for name, value in answer.headers.items():
        message[name] = value
    return message
