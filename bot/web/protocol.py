"""HTTP as uvicorn speaks it with httptools, but for its patience: there a request's head may go on without end, and so
may what follows the last chunk of its body."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """Answers 400 to a head, or trailers, that go on after so much of them."""

    _bytes = 0
    """Those that came since the last one of a body."""

    def data_received(self, data: bytes) -> None:
        if self._bytes > HEAD_BYTES:
            self.send_400_response("The head of the request is too long.")
            return
        self._bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._bytes = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._bytes = 0
        super().on_body(body)

    def on_headers_complete(self) -> None:
        self._bytes = 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._bytes = 0
        super().on_message_complete()
