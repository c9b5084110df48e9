"""Whom a message is about: the first address wherever it stands, and the name beside it."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from bot.domain import fields as f
from bot.domain.message import prefill
from bot.domain.wizard import MAX_SUBJECT
from tests.cast import PRIYA


def of(message: dict[str, Any], author: Any = None) -> tuple[str | None, str | None]:
    found = prefill(message, author)
    return found.get(f.PARTICIPANT_NAME), found.get(f.EMAIL)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna Ruiz <mailto:anna@acme.com|anna@acme.com>", "Anna Ruiz"),
        ("please invite Anna Ruiz <anna@acme.com>", "Anna Ruiz"),
        ("please invite Anna Ruiz (<mailto:anna@acme.com|anna@acme.com>) for next week", "Anna Ruiz"),
        ("Can you talk to Anna de la Ruiz, anna@acme.com?", "Anna de la Ruiz"),
        ('From: "Anna Ruiz" <anna@acme.com>', "Anna Ruiz"),
        ("*Anna Ruiz* anna@acme.com", "Anna Ruiz"),
        ("Anna Ruiz – anna@acme.com", "Anna Ruiz"),
        ("anna@acme.com (Anna Ruiz)", "Anna Ruiz"),
        ("write to <mailto:anna@acme.com|anna@acme.com> [Anna Ruiz]", "Anna Ruiz"),
        ("talk to <mailto:anna@acme.com|Anna Ruiz> next week", "Anna Ruiz"),
        ("Boris asks: <mailto:anna@acme.com?subject=Hi|Anna Ruiz>", "Anna Ruiz"),
        ("Anna Ruiz <mailto:anna@acme.com|write>", "Anna Ruiz"),
        ("New lead\nName: Anna Ruiz\nCompany: Acme\nEmail: anna@acme.com", "Anna Ruiz"),
        ("O’Brien & Sons: Anna Ruiz <anna@acme.com>", "Anna Ruiz"),
        ("ענת לוי anna@acme.com", "ענת לוי"),
        ("Zoë Žižek anna@acme.com", "Zoë Žižek"),
        ("Please contact anna@acme.com", "Anna"),
        ("Email: anna@acme.com", "Anna"),
        ("Hi! anna@acme.com wants a demo", "Anna"),
        ("the roadmap call with anna@acme.com", "Anna"),
        ("anna@acme.com (asap)", "Anna"),
        ("Talk to her.\nanna@acme.com", "Anna"),
        ('From: "Ruiz, Anna" <mailto:anna@acme.com|anna@acme.com>', "Anna Ruiz"),
        ("To: “de Souza, Ana María” (anna@acme.com)", "Ana María de Souza"),
        ('He said "well, no" anna@acme.com', "Anna"),
    ],
)
def test_the_name_is_what_is_written_beside_the_address(text: str, name: str) -> None:
    assert of({"text": text}) == (name, "anna@acme.com")


def test_a_name_is_made_from_the_local_part_where_none_is_written() -> None:
    assert of({"text": "anna.ruiz+crm@acme.com?"}) == ("Anna Ruiz", "anna.ruiz+crm@acme.com")


def test_the_author_is_meant_only_where_the_address_is_theirs() -> None:
    assert of({"text": f"mail me: {PRIYA.email.upper()}"}, PRIYA)[0] == "Priya Raman"
    assert of({"text": "mail me: pr@elsewhere.example"}, PRIYA)[0] == "Pr"


def test_the_first_address_is_found_in_text_then_blocks_then_attachments() -> None:
    rich = {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Lead: Boris Berg "},
                    {"type": "link", "url": "mailto:boris@acme.com", "text": "boris@acme.com"},
                ],
            }
        ],
    }
    section = {"type": "section", "fields": [{"type": "mrkdwn", "text": "Cleo Cruz <mailto:cleo@acme.com|mail>"}]}
    attachment = {"text": "Dora Dahl dora@acme.com", "fallback": "x"}
    message: dict[str, Any] = {"text": "New lead", "blocks": [rich, section], "attachments": [attachment]}
    assert of(message) == ("Boris Berg", "boris@acme.com")
    assert of({**message, "blocks": [section]}) == ("Cleo Cruz", "cleo@acme.com")
    assert of({**message, "blocks": []}) == ("Dora Dahl", "dora@acme.com")
    assert of({**message, "text": "Ed Ek ed@acme.com"}) == ("Ed Ek", "ed@acme.com")
    nested = {"attachments": [{"blocks": [rich]}, {"fields": [{"title": "Mail", "value": "eve@acme.com"}]}]}
    assert of(nested) == ("Boris Berg", "boris@acme.com")
    shared = {"attachments": [{"message_blocks": [{"team": "T0ACME", "message": {"blocks": [rich]}}]}]}
    assert of(shared) == ("Boris Berg", "boris@acme.com")
    form = {"fields": [{"title": "Name", "value": "Dora Dahl"}, {"title": "Email", "value": "dora@acme.com"}]}
    assert of({"text": "New lead", "attachments": [form]}) == ("Dora Dahl", "dora@acme.com")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("*Roadmap review*\nwith anna@acme.com", "Roadmap review"),
        ("Roadmap with <mailto:anna@acme.com|Anna Ruiz> of Acme", "Roadmap with Anna Ruiz of Acme"),
        ("\n\n  Demo for <https://acme.com|Acme> &amp; friends\nmore", "Demo for Acme & friends"),
        ("<@U0PRIYA> snake_case is kept", "snake_case is kept"),
        ("x" * 300, "x" * MAX_SUBJECT),
    ],
)
def test_the_first_line_is_the_subject(text: str, subject: str) -> None:
    assert prefill({"text": text}, None)[f.SUBJECT] == subject


def test_nothing_is_made_of_nothing() -> None:
    assert prefill({}, None) == {}
    assert prefill({"text": "", "blocks": None, "attachments": None}, PRIYA) == {}
    assert prefill({"text": "not@an address"}, None) == {f.SUBJECT: "not@an address"}
    assert f.EMAIL not in prefill({"blocks": [{"type": "image"}, "odd", 3]}, None)


def test_the_subject_is_the_first_line_as_people_read_it() -> None:
    text = "Anna Ruiz &lt;<mailto:anna@acme.com|anna@acme.com>&gt; from Acme  would like a call.\nThanks!"
    assert prefill({"text": text}, None)[f.SUBJECT] == "Anna Ruiz <anna@acme.com> from Acme would like a call."


@pytest.mark.parametrize("text", ["{}", "Bob {}", "<mailto:{0}|{0}>", "({})", "'{}'", "'Bob' <{}>", "mail='{}'"])
def test_an_apostrophe_belongs_to_the_address(text: str) -> None:
    assert of({"text": text.format("bob.o'neil@acme.com")})[1] == "bob.o'neil@acme.com"


def test_a_quoted_address_is_found_without_its_quotes() -> None:
    assert of({"text": "mail='anna@acme.com'"})[1] == "anna@acme.com"


def test_a_message_of_the_greatest_length_without_a_space_is_read_at_once() -> None:
    begun = process_time()
    assert of({"text": "x" * 40_000})[1] is None
    for quoted in ('"' + " " * 39_000, '"' * 39_000, '"a, b" ' * 5_000, '"' + "a," * 19_000):
        assert of({"text": f"{quoted} anna@acme.com"})[1] == "anna@acme.com"
    assert of({"text": "o'" * 19_990 + " anna@acme.com"})[1] == "anna@acme.com"
    for opened in ("<@", "<https:", "<mailto:", "<mailto:a"):
        prefill({"text": opened * (40_000 // len(opened))}, None)
        prefill({"text": opened + "x" * 39_000}, None)
    assert process_time() - begun < 2
