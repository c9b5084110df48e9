"""A Web API over real HTTP that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from slack_sdk import WebClient

from tests.servers import DEADLINE_S


@dataclass(frozen=True)
class Answer:
    """`body` a dict becomes JSON; text is sent as HTML, as a proxy in between would."""

    body: Mapping[str, Any] | str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


OK = {
    "chat.postMessage": {"ok": True, "channel": "D0POSTED", "ts": "1700000000.000100"},
    "chat.update": {"ok": True, "channel": "D0POSTED", "ts": "1700000000.000100"},
}


class WebApi:
    """Answers from `next_answers` first, then from `lasting`, then with a plain OK."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.tokens: list[str] = []
        self.next_answers: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self.lasting: dict[tuple[str, str], Answer] = {}
        self._lock = threading.Lock()

    def client(self, workspace_id: str = "T0NORTH") -> WebClient:
        return WebClient(token=f"xoxb-{workspace_id}", base_url=f"{self.url}/api/", timeout=DEADLINE_S)

    def will_answer(
        self, method: str, body: Mapping[str, Any] | str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """The next call of this method gets this, once."""
        self.next_answers[method].append(Answer(body, status, headers or {}))

    def refuses(self, method: str, error: str) -> None:
        self.will_answer(method, {"ok": False, "error": error})

    def knows(self, method: str, key: str, body: Mapping[str, Any]) -> None:
        """Every call of this method whose parameters hold `key` as a value gets this."""
        self.lasting[method, key] = Answer({"ok": True, **body})

    def asked(self, method: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == method]

    def answer(self, method: str, parameters: dict[str, Any], token: str) -> Answer:
        with self._lock:
            self.calls.append((method, parameters))
            self.tokens.append(token)
            if self.next_answers[method]:
                return self.next_answers[method].popleft()
        for (name, key), answer in self.lasting.items():
            if name == method and key in parameters.values():
                return answer
        return Answer(OK.get(method, {"ok": True}))


@contextmanager
def web_api() -> Iterator[WebApi]:
    """A Web API on a loopback port of its own, until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            is_json = self.headers.get_content_type() == "application/json"
            parameters = json.loads(body or "{}") if is_json else dict(parse_qsl(body, keep_blank_values=True))
            answer = api.answer(self.path.removeprefix("/api/"), parameters, self.headers.get("Authorization", ""))
            is_text = isinstance(answer.body, str)
            content = str(answer.body).encode() if is_text else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "text/html" if is_text else "application/json")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet: the test's own assertions say what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api = WebApi(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
