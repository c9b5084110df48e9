"""The mailbox keeps what would have gone over the wire."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from bot.errors import DeliveryError
from bot.mail.headers import WholeWords
from bot.playground.mailbox import Mailbox, details, html_part, summary
from bot.ports import Mailer


def message(text: str = "Hello", subject: str = "Subject") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@example.com", "b@example.com", subject
    made.set_content(text)
    return made


def test_it_is_a_mailer() -> None:
    mailer: Mailer = Mailbox()
    mailer.send(message())


def test_a_mail_survives_the_wire() -> None:
    mailbox = Mailbox()
    mailbox.send(message("Grüße 🎉 " + "x" * 2000, "Zoë שלום " * 20))
    (kept,) = mailbox.messages
    assert kept["Subject"].strip() == ("Zoë שלום " * 20).strip()
    assert kept.get_content().strip() == "Grüße 🎉 " + "x" * 2000
    assert all(len(line) <= 998 for line in mailbox.mails[0].raw.splitlines())
    assert mailbox.mails[0].raw.isascii()


def test_a_mail_that_nobody_would_take_is_refused_for_good() -> None:
    unaddressed = message()
    del unaddressed["To"]
    with pytest.raises(DeliveryError) as refused:
        Mailbox().send(unaddressed)
    assert refused.value.permanent


def test_it_tells_of_each_mail() -> None:
    told: list[int] = []
    mailbox = Mailbox(lambda: told.append(1))
    mailbox.send(message())
    mailbox.send(message())
    assert len(told) == len(mailbox.mails) == 2
    assert mailbox.find("2") is mailbox.mails[1]
    assert mailbox.find("3") is None


def test_a_mail_without_html_has_none() -> None:
    mailbox = Mailbox()
    mailbox.send(message())
    assert html_part(mailbox.mails[0]) == ""
    assert details(mailbox.mails[0])["ics"] == ""


def test_it_is_the_same_after_a_restart() -> None:
    before, after = Mailbox(), Mailbox()
    before.send(message("Grüße"))
    after.restore(before.to_json())
    after.send(message())
    assert [mail.id for mail in after.mails] == ["1", "2"]
    assert after.messages[0].get_content() == "Grüße\n"


def test_a_long_name_is_shown_as_it_was_written() -> None:
    name = "Bartholomäus Maximilian von und zu Wolkenstein-Trostburg-Rodenegg 🎉 شركة الأمل 1"
    mailbox, mail = Mailbox(), EmailMessage(policy=WholeWords(linesep="\r\n"))
    mail["From"], mail["To"] = "a@example.com", Address(name, addr_spec="b@example.com")
    mailbox.send(mail)
    assert summary(mailbox.mails[0], read=False)["to"] == f"{name} <b@example.com>"
    assert ["To", f"{name} <b@example.com>"] in details(mailbox.mails[0])["headers"]
