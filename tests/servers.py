"""Real servers on the loopback interface for tests: our processes, an ASGI app in a thread, ports."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

ROOT = Path(__file__).resolve().parent.parent
DEADLINE_S = 60.0
"""How long anything may take to come up, to go down or to happen; far more than it needs on a busy machine."""
_PORTS = range(20_000, 32_000)
"""Below those that a system gives to outgoing connections, which would come between choosing one and using it."""
_taken: list[socket.socket] = []


def free_port() -> int:
    """A loopback TCP port that nobody listens on, and that no other test on this machine is given while we run."""
    for port in random.sample(_PORTS, 1000):
        sign, probe = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        try:
            sign.bind(("127.0.0.1", port))  # the same number in UDP says to the other processes' tests: taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
        except OSError:
            sign.close()
            continue
        finally:
            probe.close()
        _taken.append(sign)
        return port
    raise AssertionError("no port is free")


def eventually(holds: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Return as soon as it holds; an AssertionError that says `what` if it does not by the deadline."""
    end = time.monotonic() + deadline_s
    while not holds():
        assert time.monotonic() < end, f"not within {deadline_s:.0f} s: {what}"
        time.sleep(0.02)


def answers(url: str) -> bool:
    """Whether a GET of the URL gets a status below 400."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own server
            return int(response.status) < 400
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


@dataclass(frozen=True)
class Running:
    """One `python -m bot …`, as an operator would see it."""

    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def log(self) -> str:
        """All it has written so far, both streams."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def wait_for(self, text: str, deadline_s: float = DEADLINE_S) -> None:
        """Until the text is in the log."""
        eventually(lambda: text in self.log or not self.is_alive, f"{text!r} in the log", deadline_s)
        assert text in self.log, f"the process ended with {self.process.returncode}:\n{self.log}"

    def kill(self) -> None:
        """SIGKILL: it gets no chance to tidy up."""
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def stop(self) -> int:
        """SIGTERM, as a deployment does; its exit status."""
        if self.is_alive:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)


@contextmanager
def running(
    *arguments: str, folder: Path, environ: Mapping[str, str], ready_url: str | None = None, name: str = ""
) -> Iterator[Running]:
    """`python -m bot` with these arguments, in this folder and with these settings only.

    Yields once `ready_url` answers (at once without one). The process is gone when the block is left.
    """
    log_file = folder / f"{name or '-'.join(arguments)}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            cwd=folder,
            env={**bare_environ(), **environ},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Running(process, log_file)
    try:
        if ready_url is not None:
            eventually(lambda: answers(ready_url) or not server.is_alive, f"an answer from {ready_url}")
            assert server.is_alive, f"the process ended with {process.returncode}:\n{server.log}"
        yield server
    finally:
        if server.is_alive:
            process.terminate()
            try:
                process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                server.kill()


def bare_environ() -> dict[str, str]:
    """What a process needs to find Python and this checkout, and no setting of the product."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TZ", "TMPDIR") if name in os.environ}
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}


@contextmanager
def serving(app: Any, **options: Any) -> Iterator[str]:
    """An ASGI app on a loopback port of its own, run by uvicorn in a thread; yields its URL without a slash."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2, **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive(), "the ASGI app listens")
        assert server.started, "the ASGI app did not start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE_S)
        listener.close()
