"""bot.mail.headers: what is read out of a header is what was written into it."""

from __future__ import annotations

import email
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.headers import WholeWords

POLICY = WholeWords(linesep="\r\n", max_line_length=78)
WORDS = ("Booked:", "naïve", "日本", "–", "🚀", "für", "شركة", "1:00", "(Acme)", '"Bob"', "O'Neil", "Inc.,", "x" * 40)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=20).map(" ".join)


def written(header: str, value: str | Address | tuple[Address, ...]) -> tuple[bytes, str]:
    """The lines on the wire, and the header unfolded by a parser that knows nothing of encoded words."""
    message = EmailMessage(policy=POLICY)
    message[header] = value
    raw = message.as_bytes()
    return raw, str(email.message_from_bytes(raw)[header]).replace("\r\n", "")


def decoded(text: str) -> str:
    return str(make_header(decode_header(text)))


@given(texts)
def test_subject_keeps_every_blank(text: str) -> None:
    raw, subject = written("Subject", text)
    assert decoded(subject) == text
    assert all(len(line) <= 78 for line in raw.split(b"\r\n"))


@given(st.lists(texts, min_size=1, max_size=3))
def test_names_keep_every_blank(names: list[str]) -> None:
    addresses = tuple(Address(name, addr_spec=f"someone{n}@acme.com") for n, name in enumerate(names))
    _, line = written("To", addresses)
    read = [(decoded(name), address) for name, address in getaddresses([line])]
    assert read == [(one.display_name, one.addr_spec) for one in addresses]


def test_blank_that_python_loses_between_two_lines() -> None:
    text = "Booked: Q1 <b>review</b> & *plans* – naïve 日本 🚀 " + "x" * 60 + ", Tuesday, 1:00 AM (UTC+09:00)"
    _, subject = written("Subject", text)
    assert decoded(subject) == text


@pytest.mark.parametrize("header", ["References", "In-Reply-To"])
def test_id_of_another_message_stays_as_it_is_however_long(header: str) -> None:
    other = f"<{'0123456789abcdef' * 2}@{'invitations.' * 6}northwind.example>"
    raw, _ = written(header, other)
    assert raw.startswith(f"{header}: {other}\r\n".encode())
    assert written(header, "<d1@northwind.example>")[0].startswith(f"{header}: <d1@northwind.example>\r\n".encode())


@pytest.mark.parametrize("policy", [POLICY.clone(cte_type="7bit"), POLICY.clone(utf8=True)])
def test_reads_the_same_however_it_is_sent(policy: WholeWords) -> None:
    message = EmailMessage(policy=POLICY)
    message["To"], message["Subject"] = Address("Zoë Ruiz", addr_spec="zoe@acme.com"), "Zoë’s roadmap"
    read = email.message_from_bytes(message.as_bytes(policy=policy), policy=SMTP)
    assert (read["To"], read["Subject"]) == ("Zoë Ruiz <zoe@acme.com>", "Zoë’s roadmap")


@given(st.lists(st.sampled_from(("Booked:", "Roadmap", "review,", "1:00", "x" * 40)), min_size=1, max_size=20))
def test_ascii_stays_as_it_is_and_begins_on_the_first_line(words: list[str]) -> None:
    text = " ".join(words)
    raw, subject = written("Subject", text)
    assert subject == text
    assert raw.startswith(f"Subject: {words[0]}".encode())
    assert email.message_from_bytes(raw, policy=SMTP)["Subject"] == text
