"""Asking a vendor's service: one deadline for everything, pauses where they are asked for, whole or not at all."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.rest import MAX_BYTES, Reply, Rest, RestError
from tests.cast import NOW, ManualClock
from tests.servers import DEADLINE_S
from tests.test_patience import dripping
from tests.vendor_server import HALF, STALL, Request, Response, VendorServer, vendor_server


class Service:
    """Answers `{"ok": true}` with a server behind it, and remembers the pauses that were made."""

    def __init__(self, server: VendorServer) -> None:
        self.server = server
        self.pauses: list[float] = []
        self.rest = Rest("Acme", clock=ManualClock(), pause=self.pauses.append, jitter=lambda: 0.5)

    def ask(self, method: str = "GET", *, seconds: float = DEADLINE_S, repeatable: bool = True) -> Reply:
        deadline = self.rest.deadline(seconds)
        return self.rest.ask(method, f"{self.server.url}/it", deadline, repeatable=repeatable)

    def reason(self, **how: object) -> str:
        with pytest.raises(RestError) as caught:
            self.ask(**how)  # type: ignore[arg-type]  # the tests know its parameters
        return str(caught.value)

    def tries(self) -> int:
        return len(self.server.exchanges)


def fine(_: Request) -> Response:
    return Response(200, {"ok": True})


@pytest.fixture
def service() -> Iterator[Service]:
    with vendor_server(fine) as server:
        yield Service(server)


def test_an_answer_of_any_status_is_an_answer(service: Service) -> None:
    assert service.ask().json() == {"ok": True}
    service.server.will_answer("", "/it", Response(404, {"error": "x"}))
    assert service.ask().status == 404


def test_what_is_compressed_is_unpacked(service: Service) -> None:
    packed = Response(200, gzip.compress(b'{"packed": 1}'), {"Content-Encoding": "gzip"})
    service.server.will_answer("", "/it", packed)
    assert service.ask().json() == {"packed": 1}


def test_a_redirect_is_not_followed(service: Service) -> None:
    service.server.will_answer("", "/it", Response(302, None, {"Location": "/elsewhere"}))
    assert service.ask().status == 302
    assert service.tries() == 1


def test_a_server_that_never_stops_is_cut_off() -> None:
    rest = Rest("Acme", clock=ManualClock())
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * MAX_BYTES
    with dripping(head, b"x") as address, pytest.raises(RestError, match="too large"):
        rest.ask("GET", f"http://{address}/", rest.deadline(DEADLINE_S))


def test_silence_ends_with_the_deadline(service: Service) -> None:
    service.server.will_answer("", "/it", STALL)
    assert service.reason(seconds=0.3) == "Acme did not answer in time"
    assert service.reason(seconds=0) == "Acme did not answer in time"


def test_half_an_answer_is_asked_for_again_where_that_is_harmless(service: Service) -> None:
    service.server.will_answer("", "/it", HALF, times=2)
    assert service.ask().json() == {"ok": True}
    assert service.tries() == 3


def test_half_an_answer_is_not_asked_for_again_where_something_may_have_been_done(service: Service) -> None:
    service.server.will_answer("", "/it", HALF)
    assert "broke off" in service.reason(method="POST", repeatable=False)
    assert service.tries() == 1


def test_half_an_answer_does_not_spoil_the_next_one(service: Service) -> None:
    service.server.will_answer("", "/it", HALF, times=1)
    service.reason(repeatable=False)
    assert service.ask(repeatable=False).json() == {"ok": True}


@pytest.mark.parametrize(
    ("status", "repeatable", "tries"), [(500, True, 4), (500, False, 1), (429, False, 4), (503, False, 4)]
)
def test_trouble_is_tried_again_a_few_times(service: Service, status: int, repeatable: bool, tries: int) -> None:
    service.server.will_answer("", "/it", Response(status))
    assert service.ask(repeatable=repeatable).status == status
    assert service.tries() == tries
    assert service.pauses == sorted(service.pauses)


def test_no_pause_is_made_that_outlasts_the_deadline(service: Service) -> None:
    service.server.will_answer("", "/it", Response(429, None, {"Retry-After": "61"}))
    assert service.ask(seconds=60).status == 429
    assert (service.tries(), service.pauses) == (1, [])


@pytest.mark.parametrize(
    ("wish", "wait"),
    [
        ("7", timedelta(seconds=7)),
        ("0", timedelta()),
        ("Mon, 30 Nov 2026 08:00:20 GMT", timedelta(seconds=20)),
        ("2026-11-30T08:01:00Z", timedelta(minutes=1)),
        ("2026-11-30T08:01:00", timedelta(minutes=1)),
        ("Mon, 30 Nov 2026 07:00:00 GMT", timedelta()),
        ("99999999999999999999", timedelta(days=1)),
        ("9" * 5000, timedelta(days=1)),
        ("9999-12-31T23:59:59Z", timedelta(days=1)),
        ("soon", timedelta(seconds=30)),
        ("-5", timedelta(seconds=30)),
        ("²", timedelta(seconds=30)),
        ("", timedelta(seconds=30)),
    ],
)
def test_every_way_to_ask_for_a_pause_is_understood(wish: str, wait: timedelta) -> None:
    assert Reply("Acme", 429, {"retry-after": wish}, b"").retry_at(NOW) == NOW + wait


def test_nobody_who_does_not_ask_for_a_pause_gets_one() -> None:
    assert Reply("Acme", 500, {}, b"").retry_at(datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("status", [400, 422])
def test_a_request_at_fault_is_final(status: int) -> None:
    error = RestError("Acme did not accept it", status=status).as_delivery_error()
    assert (str(error), error.permanent) == ("Acme did not accept it.", True)
    assert not RestError("Acme is away", status=503).as_delivery_error().permanent


def test_nobody_there_is_said_so() -> None:
    rest = Rest("Acme", clock=ManualClock())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "http://nobody.invalid/"):
        with pytest.raises(RestError, match=r"^Acme could not be reached$"):
            rest.ask("GET", url, rest.deadline(DEADLINE_S))
