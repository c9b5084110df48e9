"""The server that requests arrive at: a socket, and uvicorn behind it."""

from __future__ import annotations

import errno
import gc
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from bot.errors import SettingsError
from bot.web.one_core import keep_together
from bot.web.protocol import BoundedProtocol

log = logging.getLogger("bot")

_BACKLOG = 2048

_NEW_OBJECTS = 20_000
"""So many are made between two looks for garbage. Hardly any of a request's is left to be found when it ends."""


def listen(host: str, port: int) -> socket.socket:
    """The socket for requests, taken before anything else is done or promised. Raises SettingsError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family = min(found, key=lambda info: info[0] != socket.AF_INET)[0]  # localhost is 127.0.0.1, as in PUBLIC_URL
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except PermissionError as error:
        raise SettingsError(f"PORT: only the system may listen on {port}; choose one from 1024 on.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            taken = f"PORT: another program listens on {port} already; stop it, or choose another port."
            raise SettingsError(taken) from error
        raise SettingsError(f"HOST: {host} is not an address of this machine.") from error


def serve(app: Starlette, listener: socket.socket, on_exit: Callable[[], None] = lambda: None) -> None:
    """Answer requests until SIGTERM or Ctrl-C, and return; `on_exit` is told first, to end answers without end."""

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            on_exit()
            super().handle_exit(sig, frame)

    def leave(*_: object) -> None:
        raise SystemExit(0)

    _keep_what_is_here()
    keep_together()
    signal.signal(signal.SIGTERM, leave)  # uvicorn finishes its requests first, and raises the signal again
    config = uvicorn.Config(app, http=BoundedProtocol, log_config=None, access_log=False, server_header=False)
    try:
        Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        log.info("Stopped.")


def _keep_what_is_here() -> None:
    """What the start has made is needed to the end. Every look through all of it for garbage would stop all requests
    for 150 ms, once in a thousand of them."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
