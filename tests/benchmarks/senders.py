"""Signed requests over many connections at once, sent by one thread that does next to nothing else.

With a thread for each connection the senders would be measured: a server that does nothing at all answers a hundred of
those 1,300 times a second, and these 10,000 times.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.benchmarks.product import SIGNING_SECRET

_PATIENCE_S = 30


def signed(fields: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A form as Slack sends it, and its headers."""
    body, timestamp = urlencode(fields), str(int(time.time()))
    signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=timestamp, body=body)
    return body, {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
    }


def whole(fields: Mapping[str, str]) -> bytes:
    """A signed request down to the bytes."""
    body, headers = signed(fields)
    headers |= {"Host": "127.0.0.1", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /slack/events HTTP/1.1\r\n{head}\r\n{body}".encode()


class Sender:
    """One connection, over which one request after the other is sent as soon as the last is answered."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.took_ms: list[float] = []
        self._requests = iter(requests)
        self._sent = 0.0
        self._heard = b""

    def send(self) -> bool:
        """False where all is sent."""
        request = next(self._requests, None)
        if request is None:
            return False
        self._sent = time.perf_counter()
        self.connection.sendall(request)
        return True

    def hear(self) -> bool:
        """True once the answer is there."""
        self._heard += self.connection.recv(1 << 16)
        head, end, body = self._heard.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if not end or len(body) < int(length):
            return False
        assert head.startswith(b"HTTP/1.1 200"), self._heard
        self.took_ms.append((time.perf_counter() - self._sent) * 1000)
        self._heard = b""
        return True


def deliver(port: int, requests: Sequence[Sequence[bytes]]) -> list[float]:
    """Send each sequence over a connection of its own, all at once; how many milliseconds each request took."""
    with ExitStack() as open_ones, selectors.DefaultSelector() as selector:
        senders = [Sender(port, each) for each in requests]
        for sender in senders:
            open_ones.enter_context(sender.connection)
            selector.register(sender.connection, selectors.EVENT_READ, sender)
        for sender in senders:
            sender.send()
        while selector.get_map():
            ready = selector.select(_PATIENCE_S)
            assert ready, "no answer"
            for key, _ in ready:
                if key.data.hear() and not key.data.send():
                    selector.unregister(key.fileobj)
    return [ms for sender in senders for ms in sender.took_ms]
