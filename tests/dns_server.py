"""A small DNS server on the loopback interface: answers by UDP, with what it was given, or with nonsense."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver

Fault = Callable[[bytes], bytes | None]
"""What is sent in place of an answer to these bytes; None: nothing at all."""


class DnsServer:
    """`records` are by name and kind, `("_caldavs._tcp.fox.example.", "SRV")`, in the form of zone files."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.fault: Fault | None = None
        self.asked: list[tuple[str, str]] = []
        self.port = 0

    def resolver(self) -> Resolver:
        """One that asks this server alone."""
        made = Resolver(configure=False)
        made.nameservers, made.port = ["127.0.0.1"], self.port
        return made

    def answer(self, question: bytes) -> bytes | None:
        asked = dns.message.from_wire(question)
        [one] = asked.question
        name, kind = one.name.to_text().lower(), one.rdtype.name
        self.asked.append((name, kind))
        if self.fault is not None:
            return self.fault(question)
        answer = dns.message.make_response(asked, recursion_available=True)
        found = self.records.get((name, kind))
        if found:
            answer.answer.append(dns.rrset.from_text(one.name, 60, "IN", kind, *found))
        elif not any(known == name for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


@contextmanager
def dns_server() -> Iterator[DnsServer]:
    server = DnsServer()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            question, sock = self.request
            if (reply := server.answer(question)) is not None:
                sock.sendto(reply, self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        server.port = listener.server_address[1]
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


def refuse(code: dns.rcode.Rcode) -> Fault:
    def answer(question: bytes) -> bytes:
        reply = dns.message.make_response(dns.message.from_wire(question))
        reply.set_rcode(code)
        return reply.to_wire()

    return answer


def cut(question: bytes) -> bytes:
    """The header, and half a question."""
    return question[:2] + b"\x81\x80" + question[4:16]


def garbage(question: bytes) -> bytes:
    return question[:2] + b"\xff" * 40


def silence(_question: bytes) -> None:
    return None


def another_answer(question: bytes) -> bytes:
    """To a question that nobody has asked."""
    asked = dns.message.make_query("elsewhere.example.", "SRV", id=int.from_bytes(question[:2], "big"))
    reply = dns.message.make_response(asked, recursion_available=True)
    reply.answer.append(dns.rrset.from_text("elsewhere.example.", 60, "IN", "SRV", "0 1 443 evil.example."))
    return reply.to_wire()
